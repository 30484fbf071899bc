"""BM25 over terms, in numpy: each score is a share of the best that the query could reach."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). K1 and B are the
# best of a small grid on the question sets of bench/calibrate_search.py; nearby values differ by a point.
K1 = 2.0
B = 0.5


class Lexical:
    """BM25 postings of many short texts; terms outside the collection count towards what is missing."""

    def __init__(self, documents: Sequence[Iterable[str]]) -> None:
        counts = [Counter(document) for document in documents]
        self.size = len(counts)
        self._ids = {term: i for i, term in enumerate(dict.fromkeys(chain.from_iterable(counts)))}
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        average = float(lengths.mean()) if self.size and lengths.any() else 1.0
        rows = np.fromiter((i for i, count in enumerate(counts) for _ in count), dtype=np.int32)
        columns = np.fromiter((self._ids[t] for t in chain.from_iterable(counts)), dtype=np.int32)
        frequency = np.fromiter((n for count in counts for n in count.values()), dtype=np.float32)
        order = np.argsort(columns, kind="stable")
        self._rows = rows[order]
        holders = np.bincount(columns, minlength=len(self._ids)).astype(np.int64)
        self._starts = np.concatenate(([0], np.cumsum(holders)))
        self._idf = np.log1p((self.size - holders + 0.5) / (holders + 0.5)).astype(np.float32)
        self._unseen = float(np.log1p((self.size + 0.5) / 0.5)) if self.size else 0.0
        damping = K1 * (1 - B + B * lengths[rows] / average)
        # Divided by K1 + 1, so that one term adds at most its idf and a score is a share of their sum.
        self._weights = (frequency / (frequency + damping))[order].astype(np.float32)

    def idf(self, term: str) -> float:
        found = self._ids.get(term)
        return self._unseen if found is None else float(self._idf[found])

    def mass(self, query: Sequence[str]) -> float:
        """The idf of all of the query's terms together."""
        return sum(self.idf(term) for term in dict.fromkeys(query))

    def known(self, query: Sequence[str]) -> float:
        """The idf-weighted share of the query's terms that occur anywhere in the collection; 0–1."""
        mass = self.mass(query)
        found = sum(self.idf(term) for term in dict.fromkeys(query) if term in self._ids)
        return found / mass if mass else 0.0

    def scores(self, query: Sequence[str]) -> tuple[Floats, Floats]:
        """Per document: its BM25 score and the idf-weighted share of the query's terms that it holds; 0–1."""
        scores = np.zeros(self.size, dtype=np.float32)
        covered = np.zeros(self.size, dtype=np.float32)
        total = 0.0
        for term in dict.fromkeys(query):
            idf = self.idf(term)
            total += idf
            found = self._ids.get(term)
            if found is not None:
                at = slice(self._starts[found], self._starts[found + 1])
                scores[self._rows[at]] += idf * self._weights[at]
                covered[self._rows[at]] += idf
        return (scores / total, covered / total) if total else (scores, covered)
