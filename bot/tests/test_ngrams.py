"""One sentence's n-grams weigh what scikit-learn's vectorizer says, and the model's scores stay the same."""

from __future__ import annotations

import numpy as np
import pytest
from rasa.core.agent import Agent

from bot.features import has_vector, plain
from bot.intents import ServiceIntentClassifier
from bot.sentence_model import SentenceModel, _see

_SENTENCES = (
    "hello",
    "Where is my order, where is it? My order 123456 has not come",
    "我的订单在哪里，我要提交工单",
    "我要 cancel 那个 order",
    "helo wrold, cna you hlep",
    "qqqq",
    "日",
)


@pytest.fixture
def sentence_model(loaded_agent: Agent) -> SentenceModel:
    nodes = loaded_agent.processor.graph_runner._instantiated_nodes.values()
    (classifier,) = (n._component for n in nodes if isinstance(n._component, ServiceIntentClassifier))
    assert classifier._model is not None
    return classifier._model


@pytest.mark.parametrize("sentence", _SENTENCES)
def test_weights(sentence_model: SentenceModel, sentence: str) -> None:
    for ours, theirs in zip(
        (sentence_model._words, sentence_model._pieces), sentence_model._vectorizers, strict=True
    ):
        columns, weights = ours.weigh(plain(sentence))
        row = np.zeros(ours.width, np.float32)
        row[columns] = weights
        np.testing.assert_allclose(row, theirs.transform([plain(sentence)]).toarray()[0], atol=1e-6)


@pytest.mark.parametrize("sentence", _SENTENCES)
def test_scores(sentence_model: SentenceModel, sentence: str) -> None:
    written = plain(sentence)
    meant = sentence_model._speller.corrected(written)
    seen = _see([written], [meant], sentence_model._vectorizers, sentence_model._encode)
    ours = sentence_model._scores(written, meant, has_vector(written))
    for found, expected in zip(ours, sentence_model._core.scores(seen), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-4)
