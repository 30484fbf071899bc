"""Words and pieces of one sentence, weighed as scikit-learn's TfidfVectorizer does, without its checks.

The vectorizer is made for thousands of texts: for a single one, building and checking its sparse matrices
takes ten times as long as counting. bot/tests/test_ngrams.py proves that the weights are the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

Array = np.ndarray[Any, Any]


class Weighed(NamedTuple):
    """The features that a sentence has, and how much each counts: a vector of length 1, or nothing."""

    columns: Array  # int [features found]
    weights: Array  # float32 [features found]


class Ngrams:
    """A fitted vectorizer (`sublinear_tf`, `norm="l2"`) for one sentence at a time."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self._pieces = vectorizer.build_analyzer()
        self._columns = vectorizer.vocabulary_
        self._rarity = vectorizer.idf_.astype(np.float32)

    @property
    def width(self) -> int:
        return len(self._columns)

    def weigh(self, sentence: str) -> Weighed:
        counts = Counter(piece for piece in self._pieces(sentence) if piece in self._columns)
        columns = np.fromiter((self._columns[piece] for piece in counts), dtype=np.intp, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        weights = (1 + np.log(often)) * self._rarity[columns]
        return Weighed(columns, weights / np.sqrt(weights @ weights) if len(weights) else weights)
