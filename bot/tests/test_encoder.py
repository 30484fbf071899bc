"""The sentence encoder: what the graph says of sentences, alone and in company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.encoder import FILES, MOST_TOKENS, SentenceEncoder
from bot.tests.conftest import ROOT

_FOLDER = ROOT / "models" / "encoder"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(_FOLDER)


def test_sentences_of_one_meaning_are_near_each_other(encoder: SentenceEncoder) -> None:
    parcel, package, kettle = encoder.encode(
        ["Where is my parcel?", "Has my package been delivered yet?", "How do I descale a kettle?"]
    )
    assert parcel @ package > parcel @ kettle + 0.3


def test_a_sentence_means_the_same_in_any_company(encoder: SentenceEncoder) -> None:
    """Eight-bit products are scaled by what is computed together, so nearly the same."""
    sentences = ["hello", "a much longer sentence about nothing in particular " * 3, "where is it?"]
    together = encoder.encode(sentences)
    alone = np.concatenate([encoder.encode([sentence]) for sentence in sentences])
    assert (together * alone).sum(axis=1).min() > 0.95


@pytest.mark.parametrize("sentence", ["", " ", "\u200d", "🙂", "水壶漏水", "x" * 10_000, "a " * 10_000])
def test_any_text_has_a_vector_of_length_one(encoder: SentenceEncoder, sentence: str) -> None:
    vector = encoder.encode([sentence])[0]
    assert vector.shape == (encoder.width,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_what_is_beyond_the_longest_counts_for_nothing(encoder: SentenceEncoder) -> None:
    long = "kettle " * MOST_TOKENS
    one, other = encoder.encode([long]), encoder.encode([long + "and a parcel"])
    assert (one * other).sum() == pytest.approx(1, abs=1e-3)


def test_no_sentences_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.width)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=FILES[0]):
        SentenceEncoder.load(tmp_path)
