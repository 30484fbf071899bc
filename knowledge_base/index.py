"""The search index of one language: exact, in memory, never changed once it is built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import Calibration
from knowledge_base.lexical import Lexical
from knowledge_base.words import code_key, code_keys, terms

Floats = NDArray[np.float32]

HEAD_WEIGHT = 3
"""How often a title's or question's words count beside the same words in the body."""

CODE_LEAD = 3.0
"""What an exact code adds to the rank score, shared among the articles that carry it."""

LEAD_CAP = 4.0

FIRST_PASSAGE = 0.12
"""By how much the first passage is preferred, on the scale of cosine plus share of BM25. On the demo's
questions, what a later passage truly answers leads by more; what only continues the first one, by less."""

SAFETY = "safety"
"""Category of articles that warn: nobody is told the exception before the warning."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A title, an alternative question or a passage of the body, with its terms and its vector."""

    kind: str
    text: str
    terms: tuple[str, ...]
    vector: Floats | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A published article as the index holds it; its units begin with the title."""

    article_id: str
    version: int
    slug: str
    locale: str
    title: str
    category: str
    tags: tuple[str, ...]
    codes: tuple[str, ...]
    audience: str
    updated_at: datetime
    valid_from: datetime | None
    valid_until: datetime | None
    units: tuple[Unit, ...]

    def readable(self, audiences: frozenset[str], now: datetime) -> bool:
        return (
            self.audience in audiences
            and (self.valid_from is None or self.valid_from <= now)
            and (self.valid_until is None or now <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Scored:
    """An article that was found, its best passage, and how likely it is that it answers; 0–1."""

    entry: Entry
    passage: str
    score: float


class Evidence:
    """What a query and the articles have in common: one value per article under each feature's name.

    best: cosine to the nearest unit · whole: cosine to the mean of all units · words: BM25 of the whole
    article, titles and questions weighted · passages, heads: BM25 of the best unit, of the best title or
    question · coverage: idf-weighted share of the query's words that the article holds · known: the same
    share for the whole collection. BM25 is a share of what the query could reach, so all are between 0 and 1.
    """

    def __init__(self, features: dict[str, Floats], cosines: Floats, unit_words: Floats, mass: float) -> None:
        self.features = features
        self.cosines = cosines
        self.unit_words = unit_words
        self.mass = mass
        """Sum of the idf of the query's words: how much there was to go by."""

    def of(self, article: int) -> dict[str, float]:
        return {name: float(values[article]) for name, values in self.features.items()}


class Index:
    """Built from the published articles of one language; `words_alone` decides where there is no vector."""

    def __init__(
        self, entries: Sequence[Entry], *, calibrated: Calibration, words_alone: Calibration
    ) -> None:
        self.entries = tuple(entries)
        self._calibrated = calibrated
        self._words_alone = words_alone
        units = [(place, unit) for place, entry in enumerate(self.entries) for unit in entry.units]
        self._starts = np.cumsum([0, *(len(entry.units) for entry in self.entries)])[:-1]
        self._is_head = np.array([unit.kind != "body" for _, unit in units], dtype=bool)
        self._by_article = Lexical([_article_terms(entry) for entry in self.entries])
        self._by_unit = Lexical([_unit_terms(self.entries[place], unit) for place, unit in units])
        self._codes: dict[str, list[int]] = {}
        for place, entry in enumerate(self.entries):
            for key in {code_key(code) for code in entry.codes} - {""}:
                self._codes.setdefault(key, []).append(place)
        self._vectors = self._stack([unit.vector for _, unit in units]) if calibrated.needs_vectors else None

    def _stack(self, vectors: Sequence[Floats | None]) -> tuple[Floats, Floats] | None:
        """The vectors of all units, and of each article as a whole: the normalised mean of its units.

        None while one is missing: half an index would hide the articles that are not encoded yet.
        """
        complete = [vector for vector in vectors if vector is not None]
        if not complete or len(complete) < len(vectors):
            return None
        units = np.stack(complete)
        whole = np.add.reduceat(units, self._starts, axis=0)
        return units, whole / np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-9)

    @property
    def needs_vectors(self) -> bool:
        """Whether a query has to be encoded: not where the encoder is of no use, or has not finished."""
        return self._vectors is not None

    def calibration(self, vector: Floats | None) -> Calibration:
        return self._words_alone if vector is None and self._calibrated.needs_vectors else self._calibrated

    def evidence(self, query: str, vector: Floats | None) -> Evidence:
        words = terms(query)
        per_unit, _ = self._by_unit.scores(words)
        per_article, coverage = self._by_article.scores(words)
        features = {
            "words": per_article,
            "coverage": coverage,
            "passages": np.maximum.reduceat(per_unit, self._starts),
            "heads": np.maximum.reduceat(np.where(self._is_head, per_unit, np.float32(0)), self._starts),
            "known": np.full_like(per_article, self._by_article.known(words)),
        }
        cosines = np.zeros_like(per_unit)
        if vector is not None and self._vectors is not None:
            units, whole = self._vectors
            cosines = units @ vector
            features["best"] = np.maximum.reduceat(cosines, self._starts)
            features["whole"] = whole @ vector
        return Evidence(features, cosines, per_unit, self._by_article.mass(words))

    def search(
        self,
        query: str,
        vector: Floats | None,
        *,
        now: datetime,
        audiences: frozenset[str] = frozenset({"public"}),
        limit: int = 5,
    ) -> list[Scored]:
        """The articles that this audience may read now, best first, each with its best passage."""
        allowed = [place for place, one in enumerate(self.entries) if one.readable(audiences, now)]
        if not allowed:
            return []
        evidence = self.evidence(query, vector)
        calibration = self.calibration(vector)
        rank = calibration.rank_score(evidence.features)
        certain = self._add_codes(query, rank)
        order = sorted(allowed, key=lambda place: -rank[place])[: max(limit, 2)]
        found: list[Scored] = []
        ceiling = 1.0
        for n, place in enumerate(order[:limit]):
            rival = float(rank[order[1 if n == 0 else 0]]) if len(order) > 1 else 0.0
            seen = answer_features(evidence, place, float(rank[place]), rival)
            score = 0.99 if place in certain else calibration.probability(seen)
            ceiling = min(ceiling, score)
            found.append(Scored(self.entries[place], self._passage(query, place, evidence), ceiling))
        return found

    def related(
        self, article_id: str, *, now: datetime, audiences: frozenset[str] = frozenset({"public"}), limit: int
    ) -> list[Entry]:
        """The articles nearest to one, of those that this audience may read now."""
        at = next((n for n, one in enumerate(self.entries) if one.article_id == article_id), None)
        if at is None:
            return []
        if self._vectors is not None:
            near = self._vectors[1] @ self._vectors[1][at]
        else:
            heads = [term for unit in self.entries[at].units if unit.kind != "body" for term in unit.terms]
            near, _ = self._by_article.scores(heads)
        others = [n for n, one in enumerate(self.entries) if n != at and one.readable(audiences, now)]
        return [self.entries[n] for n in sorted(others, key=lambda n: -near[n])[:limit]]

    def _add_codes(self, query: str, rank: Floats) -> frozenset[int]:
        """Lift the articles that carry a code of the query; one that carries it alone wins outright."""
        certain = set()
        for key in code_keys(query) & self._codes.keys():
            holders = self._codes[key]
            rank[holders] += np.float32(CODE_LEAD / len(holders))
            if len(holders) == 1:
                rank[holders] += np.float32(100)
                certain.add(holders[0])
        return frozenset(certain)

    def _passage(self, query: str, place: int, evidence: Evidence) -> str:
        """The article's passage nearest to the query; an article answers first and explains then."""
        start = int(self._starts[place])
        units = self.entries[place].units
        bodies = [n for n, unit in enumerate(units) if unit.kind == "body"] or [0]
        if self.entries[place].category == SAFETY:
            return units[bodies[0]].text
        wanted = code_keys(query) & {code_key(code) for code in self.entries[place].codes}

        def nearness(n: int) -> float:
            coded = bool(wanted and wanted & code_keys(units[n].text))
            near = float(evidence.cosines[start + n] + evidence.unit_words[start + n])
            return near + FIRST_PASSAGE * (n == bodies[0]) + 10 * coded

        return units[max(bodies, key=nearness)].text


def answer_features(evidence: Evidence, place: int, rank: float, rival: float) -> Mapping[str, float]:
    """What `answerable` is decided by: the article's evidence, and its lead over the next best one.

    evidence (absolute): how much of the query's idf was matched; long and specific questions prove more.
    """
    seen = evidence.of(place)
    lead = rank - rival
    seen["rank"] = rank / 10
    seen["lead"] = max(-LEAD_CAP, min(LEAD_CAP, lead))
    seen["relative_lead"] = max(-1.0, min(1.0, lead / max(rank, 0.5)))
    seen["matched"] = seen["words"] * evidence.mass / 20
    return seen


def _article_terms(entry: Entry) -> list[str]:
    found = [term for tag in entry.tags for term in terms(tag)]
    for unit in entry.units:
        found += unit.terms * (HEAD_WEIGHT if unit.kind != "body" else 1)
    return found


def _unit_terms(entry: Entry, unit: Unit) -> tuple[str, ...]:
    """A passage is read under its title, so the title's words belong to it."""
    return entry.units[0].terms + unit.terms if unit.kind == "body" else unit.terms
