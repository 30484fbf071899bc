"""The classifier by itself, on a small world that is learnt in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import List

import numpy as np
import pytest

from bot.encoder import SentenceEncoder
from bot.features import Speller, has_vector, plain
from bot.sentence_model import Options, SentenceModel
from bot.tests.conftest import ROOT

_WORLD = {
    "order": ["where is my parcel", "was my order sent", "track my package", "我的包裹在哪里", "查我的快递"],
    "human": ["let me talk to a person", "get me an agent", "i want a human", "转人工", "我要找客服"],
    "unclaimed": ["how do i clean a kettle", "what is the delivery cost", "is it new", "洗水壶", "运费多少"],
}  # fmt: skip
_SENTENCES = [sentence for sentences in _WORLD.values() for sentence in sentences]
_LABELS = [label for label, sentences in _WORLD.items() for _ in sentences]
_REJECTING = Options(rejection="unclaimed")


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(ROOT / "models" / "encoder")


@pytest.fixture(scope="module")
def model(encoder: SentenceEncoder) -> SentenceModel:
    return SentenceModel.fit(_SENTENCES, _LABELS, _REJECTING, encoder.encode)


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("where on earth has my delivery got to", "order"),
        ("whre is my pakcage", "order"),
        ("can somebody real speak with me", "human"),
        ("我的快遞在哪裡", "order"),
        ("請轉人工", "human"),
    ],
)
def test_meaning_spelling_and_characters(model: SentenceModel, sentence: str, label: str) -> None:
    assert model.guesses(sentence)[0].label == label


def test_guesses_are_services_from_likely_to_unlikely(model: SentenceModel) -> None:
    guesses = model.guesses("where is my parcel")
    assert {guess.label for guess in guesses} == {"order", "human"}
    assert [guess.confidence for guess in guesses] == sorted((g.confidence for g in guesses), reverse=True)
    assert all(0 <= guess.confidence <= 1 for guess in guesses)


@pytest.mark.parametrize("sentence", ["", "🙂", "…", "\x00", "ﷺ", "x" * 5000])
def test_strange_texts_have_small_confidence(model: SentenceModel, sentence: str) -> None:
    assert all(np.isfinite(guess.confidence) for guess in model.guesses(sentence))


def test_saved_and_loaded_it_says_the_same(
    model: SentenceModel, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    model.save(tmp_path)
    again = SentenceModel.load(tmp_path, encoder.encode)
    for sentence in ("my parcel", "人工", "is it waterproof"):
        for before, after in zip(model.guesses(sentence), again.guesses(sentence), strict=True):
            assert before.label == after.label
            assert before.confidence == pytest.approx(after.confidence, abs=0.01)


def test_the_file_holds_no_code(model: SentenceModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".npz"}
    for file in tmp_path.glob("*.npz"):
        with np.load(file, allow_pickle=False) as numbers:
            assert all(numbers[name].dtype.kind == "f" for name in numbers.files)


@pytest.mark.parametrize("labels", [2, 8])
def test_any_number_of_labels(encoder: SentenceEncoder, labels: int) -> None:
    words: List[str] = ["apple", "bread", "chair", "dog", "engine", "flower", "guitar", "house"][:labels]
    sentences = [f"{frame} {word}" for word in words for frame in ("a", "the", "my")]
    model = SentenceModel.fit(sentences, [w for w in words for _ in range(3)], Options(), encoder.encode)
    assert [model.guesses(f"this {word}")[0].label for word in words] == words


def test_a_label_with_one_example_can_be_learnt(encoder: SentenceEncoder) -> None:
    model = SentenceModel.fit(["good morning", "my lamp is broken"], ["a", "b"], Options(), encoder.encode)
    assert model.guesses("the lamp does not work")[0].label == "b"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("wher is my odrer", "where is my order"),
        ("the kettel", "the kettle"),
        ("where is it", "where is it"),
        ("my zorblax", "my zorblax"),
        ("pls", "pls"),
    ],
)
def test_spelling(written: str, meant: str) -> None:
    assert Speller({"where", "kettle", "pls"}).corrected(written) == meant


def test_plain_text() -> None:
    assert plain("Ｔ－１０４２  Hello") == "t-0 hello"
    assert plain("請轉人工") == plain("请转人工")
    assert has_vector(plain("where is my order"))
    assert not has_vector(plain("我的 order 在哪里"))
