"""Decides whether a message is a request for one of the desk's services; all others are left to be searched.

Questions have no intent of their own. The classifier learns the services and one rejection class of
everything else; a message that falls into that class, or under the threshold of the service it resembles,
gets Rasa's fallback intent, which the rules answer with a search.
"""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.encoder import FILES, SentenceEncoder
from bot.features import has_vector, plain
from bot.sentence_model import Guess, Options, SentenceModel

_ENCODER = "encoder"  # the folder within the trained component


class _Encode:
    """Vectors of sentences; the last ones are kept, because a turn looks at its parts and at the whole."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._one = functools.lru_cache(maxsize=64)(self._encode_one)

    def __call__(self, sentences: Sequence[str]) -> np.ndarray[Any, Any]:
        return self._one(sentences[0]) if len(sentences) == 1 else self._encoder.encode(sentences)

    def _encode_one(self, sentence: str) -> np.ndarray[Any, Any]:
        return self._encoder.encode([sentence])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ServiceIntentClassifier(GraphComponent, IntentClassifier):
    """Intents with a rejection class and a threshold each."""

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[SentenceModel] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        return []

    @staticmethod
    def required_packages() -> List[str]:
        return ["onnxruntime", "tokenizers", "sklearn", "opencc", "rjieba"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {
            "encoder": "models/encoder",
            "inverse_regularization": 100,
            "tolerance": 0.01,
            "rejection_intent": None,
            "threshold": 0.5,
            "threshold_by_ngrams": 0.5,
            "thresholds": {},
            "ranking_length": 5,
        }

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ServiceIntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        folder = Path(os.environ.get("SENTENCE_ENCODER") or self._config["encoder"])
        options = Options(
            inverse_regularization=self._config["inverse_regularization"],
            tolerance=self._config["tolerance"],
            rejection=self._config["rejection_intent"],
        )
        self._model = SentenceModel.fit(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            options,
            _Encode(SentenceEncoder.load(folder)),
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
            # The model and its encoder belong together: whoever answers needs nothing but this archive.
            (directory / _ENCODER).mkdir()
            for name in FILES:
                shutil.copy(folder / name, directory / _ENCODER / name)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ServiceIntentClassifier:
        with model_storage.read_from(resource) as directory:
            encode = _Encode(SentenceEncoder.load(directory / _ENCODER))
            loaded = cls(config, model_storage, resource, SentenceModel.load(directory, encode))
        # Dictionaries are read when a first sentence needs them, for more than a second: no customer's.
        loaded._ranking("wramming up, 预热")
        return loaded

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            ranking = self._ranking(text)
            message.set(INTENT, self._decide(ranking, text), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> List[Dict[str, Any]]:
        """Service intents with their probabilities, most likely first; none for signs alone."""
        says_something = "#" in text or any(character.isalpha() for character in text)
        guesses: List[Guess] = self._model.guesses(text) if self._model and says_something else []
        best = guesses[: self._config["ranking_length"]]
        return [{"name": guess.label, "confidence": guess.confidence} for guess in best]

    def _decide(self, ranking: List[Dict[str, Any]], text: str) -> Dict[str, Any]:
        """The best service if it reaches its threshold, else the fallback with what is left of certainty."""
        best: Dict[str, Any] = ranking[0] if ranking else {"name": "", "confidence": 0.0}
        general = self._config["threshold" if has_vector(plain(text)) else "threshold_by_ngrams"]
        if best["confidence"] >= max(general, self._config["thresholds"].get(best["name"], 0.0)):
            return dict(best)
        return {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0 - best["confidence"]}
