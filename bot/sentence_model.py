"""A linear classifier of sentences: TF-IDF of words and characters, logistic regression, plain arrays."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

_NAMES = "names.json"
_NUMBERS = "numbers.npz"
_DIGITS = re.compile(r"\d+")
_WORD = r"(?u)\b\w+\b"  # also words of one character

# Words and pairs of words; and within words one to four characters, which serve Chinese and typing errors.
_FEATURES: List[Dict[str, Any]] = [
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": _WORD},
    {"analyzer": "char_wb", "ngram_range": (1, 4)},
]


class SentenceModel:
    """Probabilities of labels for a sentence.

    Its file holds names and numbers only, so that a model from elsewhere cannot bring code with it; a general
    store of scikit-learn objects would take longer to load and save than the training itself.
    """

    def __init__(
        self,
        vectorizers: Sequence[TfidfVectorizer],
        labels: List[str],
        weights: np.ndarray[Any, Any],
    ) -> None:
        self.labels = labels
        self._vectorizers = vectorizers
        self._weights = weights  # labels x features

    @classmethod
    def fit(
        cls,
        sentences: Sequence[str],
        labels: Sequence[str],
        *,
        inverse_regularization: float,
        tolerance: float,
    ) -> SentenceModel:
        plain_sentences = [plain(sentence) for sentence in sentences]
        vectorizers = [TfidfVectorizer(sublinear_tf=True, **features) for features in _FEATURES]
        matrix = hstack([v.fit_transform(plain_sentences) for v in vectorizers]).tocsr()
        # On such data `saga` takes a tenth of the time of scikit-learn's default solver and decides alike.
        regression = LogisticRegression(
            C=inverse_regularization,
            class_weight="balanced",
            # No constant: a text of unknown signs must look like nothing, not like the commonest label.
            fit_intercept=False,
            solver="saga",
            tol=tolerance,
            max_iter=1000,
            random_state=0,
        ).fit(matrix, labels)
        weights = regression.coef_
        if len(regression.classes_) == 2:  # scikit-learn keeps the second of two labels only
            weights = np.vstack([0 * weights, weights])
        names = [str(label) for label in regression.classes_]
        return cls(vectorizers, names, weights.astype(np.float32))

    def probabilities(self, sentence: str) -> Dict[str, float]:
        row: csr_matrix = hstack([v.transform([plain(sentence)]) for v in self._vectorizers]).tocsr()
        # A sentence has some hundred features: look up their columns rather than multiply by all.
        scores = self._weights[:, row.indices] @ row.data
        powers = np.exp(scores - scores.max())
        shares = powers / powers.sum()
        return {label: float(share) for label, share in zip(self.labels, shares, strict=True)}

    def save(self, directory: Path) -> None:
        vocabularies = [list(v.get_feature_names_out()) for v in self._vectorizers]
        names = {"labels": self.labels, "vocabularies": vocabularies}
        (directory / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        rarities = {f"rarity_{i}": v.idf_.astype(np.float32) for i, v in enumerate(self._vectorizers)}
        np.savez_compressed(directory / _NUMBERS, weights=self._weights, **rarities)

    @classmethod
    def load(cls, directory: Path) -> SentenceModel:
        names = json.loads((directory / _NAMES).read_text(encoding="utf-8"))
        with np.load(directory / _NUMBERS, allow_pickle=False) as numbers:
            vectorizers = []
            for i, (features, vocabulary) in enumerate(zip(_FEATURES, names["vocabularies"], strict=True)):
                vectorizer = TfidfVectorizer(sublinear_tf=True, vocabulary=vocabulary, **features)
                vectorizer.idf_ = numbers[f"rarity_{i}"]
                vectorizers.append(vectorizer)
            return cls(vectorizers, names["labels"], numbers["weights"])


def plain(sentence: str) -> str:
    """What the features are made of: lower case, and every number alike."""
    return _DIGITS.sub("0", sentence.lower())
