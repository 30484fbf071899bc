"""Classifies sentences by meaning vectors and n-grams, with a confidence that means something.

Kernel logistic regression: two sentences are alike as far as their vectors point the same way and as far as
they share words and pieces of words. Where the encoder has nothing to say (Chinese), n-grams decide alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.features import FEATURES, Speller, has_vector, plain
from bot.ngrams import Ngrams

Array = np.ndarray[Any, Any]
Encode = Callable[[Sequence[str]], Array]
"""Sentences → vectors of unit length, float32 [sentences, width]."""

_NAMES = "names.json"
_NUMBERS = "numbers.npz"

# How much n-grams count beside a vector of length 1, and without one. On BANKING77 the accuracy is flat
# between 0.2 and 0.5; vectors alone are 1 percentage point behind, n-grams alone 11.
_BESIDE, _ALONE = 0.3, 0.7
_JITTER = 1e-3  # on the kernel's diagonal, so that equal sentences do not make it singular
_FOLDS = 3
_STRANGERS = 0.25  # share of the labels that a fold has never seen, where no label stands for all else
_STRANGER_WEIGHT = 0.2
_MOST_CALIBRATED_ON = 4000  # examples: four numbers need no more, and the time grows with the square


@dataclass(frozen=True)
class Options:
    """`rejection`: the label of everything that belongs to no other, if there is one."""

    inverse_regularization: float = 100.0
    tolerance: float = 0.01
    rejection: Optional[str] = None


class Guess(NamedTuple):
    """A label, and how probable it is that it is the right one."""

    label: str
    confidence: float


class _Seen(NamedTuple):
    """Some sentences as the model sees them."""

    vectors: Array  # [sentences, width], nought where there is none
    with_vector: Array  # bool [sentences]
    ngrams: csr_matrix  # [sentences, features]


class _Core(NamedTuple):
    """What was learnt: the examples' vectors with a weight a label each, and a weight a label and n-gram."""

    labels: List[str]
    vectors: Array  # [examples that have one, width]
    by_example: Array  # [examples that have a vector, labels]
    by_ngram: Array  # [features, labels]

    def scores(self, seen: _Seen) -> Tuple[Array, Array]:
        """Log odds up to a constant, [sentences, labels]; and the cosine to the nearest example."""
        return self.with_meaning(np.asarray(seen.ngrams @ self.by_ngram), seen.vectors, seen.with_vector)

    def with_meaning(self, scores: Array, vectors: Array, with_vector: Array) -> Tuple[Array, Array]:
        """The scores of n-grams alone and what the vectors add to them; and the nearest cosines."""
        nearest = np.zeros(len(scores), dtype=np.float32)
        rows = np.flatnonzero(with_vector)
        if len(rows) and len(self.vectors):
            cosines = vectors[rows] @ self.vectors.T
            scores[rows] += np.exp(cosines - 1) @ self.by_example
            nearest[rows] = cosines.max(axis=1)
        return scores, nearest


class SentenceModel:
    """Labels for a sentence, most probable first.

    Its file holds names and numbers only, so that a model from elsewhere cannot bring code with it.
    """

    def __init__(
        self,
        vectorizers: Sequence[TfidfVectorizer],
        core: _Core,
        calibration: Dict[str, List[float]],
        rejection: Optional[str],
        encode: Encode,
    ) -> None:
        self._vectorizers = vectorizers
        self._core = core
        self._calibration = calibration
        self._rejection = rejection
        self._encode = encode
        self._words, self._pieces = (Ngrams(vectorizer) for vectorizer in vectorizers)
        self._speller = Speller(vectorizers[0].vocabulary_)

    @property
    def labels(self) -> List[str]:
        return self._core.labels

    @classmethod
    def fit(
        cls, sentences: Sequence[str], labels: Sequence[str], options: Options, encode: Encode
    ) -> SentenceModel:
        """Learn from examples: at least two labels, each with at least one."""
        if options.rejection not in labels:
            options = replace(options, rejection=None)
        plain_sentences = [plain(sentence) for sentence in sentences]
        vectorizers = [
            TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **features).fit(plain_sentences)
            for features in FEATURES
        ]
        seen = _see(plain_sentences, plain_sentences, vectorizers, encode)
        targets = np.array(labels, dtype=object)
        calibration = _calibrate(seen, targets, options)
        core = _learn(seen, targets, options)
        return cls(vectorizers, core, calibration, options.rejection, encode)

    def guesses(self, sentence: str) -> List[Guess]:
        """All labels but the rejection, most probable first. Confidences are of being right, not shares."""
        written = plain(sentence)
        with_vector = has_vector(written)
        scores, nearest = self._scores(written, self._speller.corrected(written), with_vector)
        signals, order, shares = _signals(scores, nearest, self._core.labels, self._rejection)
        kind = _kind(with_vector)
        first = float(_probability(signals, self._calibration[kind])[0])
        top = max(float(shares[0, order[0, 0]]), 1e-9)
        return [
            Guess(self._core.labels[column], first * float(shares[0, column]) / top) for column in order[0]
        ]

    def _scores(self, written: str, meant: str, with_vector: bool) -> Tuple[Array, Array]:
        """The core's scores of one sentence, from the rows that it touches; `_see` tells of the spellings."""
        words, pieces = self._words.weigh(meant), self._pieces.weigh(written)
        columns = np.concatenate([words.columns, pieces.columns + self._words.width])
        weights = np.concatenate([words.weights, pieces.weights]) * (_BESIDE if with_vector else _ALONE)
        scores = (weights.astype(np.float32) @ self._core.by_ngram[columns])[None]
        vectors = self._encode([meant]) if with_vector else np.zeros((1, 1), np.float32)
        return self._core.with_meaning(scores, vectors, np.array([with_vector]))

    def save(self, directory: Path) -> None:
        names = {
            "labels": self._core.labels,
            "rejection": self._rejection,
            "calibration": self._calibration,
            "vocabularies": [list(v.get_feature_names_out()) for v in self._vectorizers],
        }
        (directory / _NAMES).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(
            directory / _NUMBERS,
            vectors=self._core.vectors.astype(np.float16),
            by_example=self._core.by_example,
            by_ngram=self._core.by_ngram,
            **{f"rarity_{i}": v.idf_.astype(np.float32) for i, v in enumerate(self._vectorizers)},
        )

    @classmethod
    def load(cls, directory: Path, encode: Encode) -> SentenceModel:
        names = json.loads((directory / _NAMES).read_text(encoding="utf-8"))
        with np.load(directory / _NUMBERS, allow_pickle=False) as numbers:
            vectorizers = []
            for i, (features, vocabulary) in enumerate(zip(FEATURES, names["vocabularies"], strict=True)):
                vectorizer = TfidfVectorizer(
                    sublinear_tf=True, dtype=np.float32, vocabulary=vocabulary, **features
                )
                vectorizer.idf_ = numbers[f"rarity_{i}"]
                vectorizers.append(vectorizer)
            core = _Core(
                names["labels"],
                numbers["vectors"].astype(np.float32),
                numbers["by_example"],
                numbers["by_ngram"],
            )
        return cls(vectorizers, core, names["calibration"], names["rejection"], encode)


def _see(
    written: Sequence[str], meant: Sequence[str], vectorizers: Sequence[TfidfVectorizer], encode: Encode
) -> _Seen:
    """`written`: plain sentences, of which the pieces are taken; `meant`: the same in right spelling."""
    with_vector = np.array([has_vector(sentence) for sentence in written])
    rows = np.flatnonzero(with_vector)
    found = encode([meant[row] for row in rows]) if len(rows) else np.zeros((0, 1), np.float32)
    vectors = np.zeros((len(written), found.shape[1]), dtype=np.float32)
    vectors[rows] = found
    words, pieces = vectorizers
    ngrams = hstack([words.transform(meant), pieces.transform(written)], format="csr")
    weight = np.where(with_vector, _BESIDE, _ALONE).astype(np.float32)
    return _Seen(vectors, with_vector, diags(weight) @ ngrams)


def _learn(seen: _Seen, labels: Array, options: Options) -> _Core:
    """Multinomial logistic regression in the kernel's own space.

    With K = L·Lᵀ (Cholesky) the rows of L are coordinates whose products are K, so that an ordinary linear
    regression on them is the kernel's; its weights w become weights of the examples by α = L⁻ᵀ·w.
    """
    kernel = (seen.ngrams @ seen.ngrams.T).toarray()
    rows = np.flatnonzero(seen.with_vector)
    vectors = seen.vectors[rows]
    kernel[np.ix_(rows, rows)] += np.exp(vectors @ vectors.T - 1)
    kernel[np.diag_indices_from(kernel)] += _JITTER
    lower = cholesky(kernel, lower=True, overwrite_a=True, check_finite=False)
    names = sorted(set(labels))
    targets = np.searchsorted(names, labels)
    weights = _regression(lower, targets, len(names), options)
    by_example = solve_triangular(lower, weights, trans="T", lower=True, check_finite=False)
    return _Core(
        names,
        vectors,
        by_example[rows],
        np.ascontiguousarray(seen.ngrams.T @ by_example),
    )


def _regression(features: Array, targets: Array, count: int, options: Options) -> Array:
    """Weights [features, labels] of a multinomial logistic regression, each label with the same say.

    No constant: a text of unknown signs must look like nothing, not like the commonest label. Written out
    because scikit-learn's multiplies in double precision, which takes three times as long here.
    """
    rows = np.arange(len(targets))
    weight = (len(targets) / (count * np.bincount(targets, minlength=count)))[targets].astype(np.float32)
    shape = (features.shape[1], count)

    def loss_and_slope(flat: Array) -> Tuple[float, Array]:
        w = flat.astype(np.float32).reshape(shape)
        scores = features @ w
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(axis=1)
        loss = float(weight @ (np.log(sums) - scores[rows, targets]))
        powers *= (weight / sums)[:, None]
        powers[rows, targets] -= weight
        c = options.inverse_regularization
        slope = features.T @ powers + w / c
        return loss + float((w * w).sum()) / (2 * c), slope.astype(np.float64).ravel()

    start = np.zeros(shape[0] * count)
    found = minimize(
        loss_and_slope, start, jac=True, method="L-BFGS-B",
        options={"maxiter": 200, "gtol": options.tolerance, "ftol": 3e-5},
    )  # fmt: skip
    weights: Array = found.x.astype(np.float32).reshape(shape)
    return weights


def _signals(
    scores: Array, nearest: Array, labels: Sequence[str], rejection: Optional[str]
) -> Tuple[Array, Array, Array]:
    """What the confidence of the best label is judged by: its log odds, its lead, the nearest example.

    Returns also the order of the labels without the rejection, and all shares [sentences, labels].
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    allowed = np.array([label != rejection for label in labels])
    order = np.argsort(-np.where(allowed, shares, -1.0), axis=1)[:, : int(allowed.sum())]
    rows = np.arange(len(shares))
    best = shares[rows, order[:, 0]]
    others = shares.copy()
    others[rows, order[:, 0]] = -1.0
    odds = np.log(np.clip(best, 1e-6, 1 - 1e-6) / np.clip(1 - best, 1e-6, 1))
    return np.column_stack([odds, best - others.max(axis=1), nearest]), order, shares


def _calibrate(seen: _Seen, labels: Array, options: Options) -> Dict[str, List[float]]:
    """Weights of the signals, learnt where the truth is known and the model is not: by cross-validation.

    Where no label stands for everything else, each fold leaves out some labels wholly. Their examples are the
    strangers that a confident answer must not be given to; they weigh less, for strangers are the rarer case.
    """
    signals: List[Array] = []
    right: List[Array] = []
    weights: List[Array] = []
    where: List[Array] = []
    if len(labels) > _MOST_CALIBRATED_ON:
        some = np.random.RandomState(1).permutation(len(labels))[:_MOST_CALIBRATED_ON]
        seen, labels = _part(seen, some), labels[some]
    for train, test in _folds(labels, options.rejection):
        if len(set(labels[train])) < 2 or not len(test):
            continue
        core = _learn(_part(seen, train), labels[train], options)
        found, order, _ = _signals(*core.scores(_part(seen, test)), core.labels, options.rejection)
        named = np.array(core.labels, dtype=object)[order[:, 0]]
        known = np.isin(labels[test], core.labels)
        signals.append(found)
        right.append(named == labels[test])
        weights.append(np.where(known, 1.0, _STRANGER_WEIGHT))
        where.append(seen.with_vector[test])
    if not signals:
        return {"vector": [1.0, 0.0, 0.0, 0.0], "ngrams": [1.0, 0.0, 0.0, 0.0]}
    x, y, w = np.concatenate(signals), np.concatenate(right).astype(bool), np.concatenate(weights)
    has = np.concatenate(where)
    everything = _fit_calibration(x, y, w)
    return {
        kind: _fit_calibration(x[rows], y[rows], w[rows]) if _enough(y[rows]) else everything
        for kind, rows in (("vector", has), ("ngrams", ~has))
    }


def _kind(with_vector: bool) -> str:
    return "vector" if with_vector else "ngrams"


def _enough(right: Array) -> bool:
    return len(right) >= 50 and 5 <= right.sum() <= len(right) - 5


def _fit_calibration(signals: Array, right: Array, weights: Array) -> List[float]:
    if right.all() or not right.any():
        return [1.0, 0.0, 0.0, 0.0]
    fitted = LogisticRegression(C=10.0).fit(signals, right, sample_weight=weights)
    return [float(number) for number in (*fitted.coef_[0], fitted.intercept_[0])]


def _probability(signals: Array, calibration: Sequence[float]) -> Array:
    *slopes, constant = calibration
    result: Array = 1 / (1 + np.exp(-(signals @ np.array(slopes) + constant)))
    return result


def _folds(labels: Array, rejection: Optional[str]) -> Iterator[Tuple[Array, Array]]:
    """Indices to learn from and to look at; each label's examples spread evenly over the folds."""
    random = np.random.RandomState(0)
    names = sorted(set(labels))
    fold_of = np.empty(len(labels), dtype=int)
    for name in names:
        rows = random.permutation(np.flatnonzero(labels == name))
        fold_of[rows] = (np.arange(len(rows)) + random.randint(_FOLDS)) % _FOLDS
    strangers = random.permutation(names)
    count = 0 if rejection or len(names) < 2 * _FOLDS else max(1, int(len(names) * _STRANGERS))
    for fold in range(_FOLDS):
        absent = np.isin(labels, strangers[fold * count : (fold + 1) * count])
        mine = fold_of == fold
        yield np.flatnonzero(~mine & ~absent), np.flatnonzero(mine | absent)


def _part(seen: _Seen, rows: Array) -> _Seen:
    return _Seen(seen.vectors[rows], seen.with_vector[rows], seen.ngrams[rows])
