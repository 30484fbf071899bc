"""Decides whether a message is a request for one of the desk's services; all others are left to be searched.

Questions have no intent of their own. The classifier learns the services and one rejection class of
everything else; a message that falls into that class, or under the threshold of the service it resembles,
gets Rasa's fallback intent, which the rules answer with a search.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.sentence_model import SentenceModel


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
    def get_default_config() -> Dict[str, Any]:
        return {
            "inverse_regularization": 30,
            "tolerance": 0.003,
            "rejection_intent": None,
            "threshold": 0.5,
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
        self._model = SentenceModel.fit(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            inverse_regularization=self._config["inverse_regularization"],
            tolerance=self._config["tolerance"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
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
            return cls(config, model_storage, resource, SentenceModel.load(directory))

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._ranking(message.get(TEXT) or "")
            message.set(INTENT, self._decide(ranking), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str) -> List[Dict[str, Any]]:
        """Service intents with their probabilities, most likely first; none for signs alone."""
        says_something = "#" in text or any(character.isalpha() for character in text)
        probabilities = self._model.probabilities(text) if self._model and says_something else {}
        probabilities.pop(self._config["rejection_intent"], None)
        ordered = sorted(probabilities.items(), key=lambda pair: -pair[1])[: self._config["ranking_length"]]
        return [{"name": name, "confidence": confidence} for name, confidence in ordered]

    def _decide(self, ranking: List[Dict[str, Any]]) -> Dict[str, Any]:
        """The best service if it reaches its threshold, else the fallback with what is left of certainty."""
        best: Dict[str, Any] = ranking[0] if ranking else {"name": "", "confidence": 0.0}
        if best["confidence"] >= self._config["thresholds"].get(best["name"], self._config["threshold"]):
            return dict(best)
        return {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1.0 - best["confidence"]}
