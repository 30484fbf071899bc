"""Measures the search on anybody's questions, in memory, without touching the live database."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.calibration import LEXICAL_ONLY, Calibration, calibration_for
from knowledge_base.encoder import Encoder, SentenceEncoder, Vectors
from knowledge_base.index import Entry, Index, Scored, Unit
from knowledge_base.passages import SearchText, search_texts
from knowledge_base.words import language_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
DEPTH = 10

Progress = Callable[[int, int], None]
"""Called with articles done and articles to do."""


@dataclass(frozen=True, slots=True)
class Source:
    """An article as it comes from a file."""

    id: str
    title: str
    text: str
    questions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    relevant: frozenset[str]


def kb_eval(
    articles_path: Path,
    queries_path: Path,
    locale: str | None = None,
    *,
    model: str = "packaged:all-MiniLM-L6-v2",
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """How well the questions of a file find the articles of another.

    ARTICLES are lines `{_id, title, text}`, QUERIES lines `{query, relevant: [_id]}`. Answers p_at_1,
    mrr_at_10, recall_at_5, coverage (share answered at the calibrated threshold), precision (of those, the
    share whose first article is right; null if none was answered), p50_ms and p95_ms of one search with
    its encoding. Raises ValueError, with file and line, for input of another shape.
    """
    sources = [
        Source(str(row["_id"]), str(row["title"]), str(row["text"]))
        for row in _lines(articles_path, ("_id", "title", "text"))
    ]
    asked = [
        Asked(str(row["query"]), frozenset(map(str, row["relevant"])))
        for row in _lines(queries_path, ("query", "relevant"))
    ]
    if not sources or not asked:
        raise ValueError("There is nothing to measure: a file is empty.")
    language = locale or language_of(" ".join(source.title + source.text[:200] for source in sources[:200]))
    encoder = encoder or SentenceEncoder(model)
    code = language.split("-")[0].lower()
    index = build_index(sources, encoder, code, progress=progress)
    return {
        "locale": language,
        "articles": len(sources),
        "queries": len(asked),
        **_measure(index, encoder, asked),
        "encoder": encoder.id,
    }


def build_index(
    sources: Sequence[Source],
    encoder: Encoder,
    language: str,
    calibrated: Calibration | None = None,
    progress: Progress | None = None,
) -> Index:
    """An index of these articles, made as the product makes it, with all texts encoded now."""
    calibrated = calibrated or calibration_for(encoder.id, language)
    entries = []
    for done, source in enumerate(sources, 1):
        texts = search_texts(source.title, source.questions, source.text)
        vectors: Sequence[Vectors | None] = [None] * len(texts)
        if calibrated.needs_vectors:
            vectors = list(encoder.encode([text.meaning for text in texts]))
        entries.append(_entry(source, language, texts, vectors))
        if progress:
            progress(done, len(sources))
    words_alone = calibration_for(LEXICAL_ONLY, language)
    return Index(entries, calibrated=calibrated, words_alone=words_alone)


def _entry(
    source: Source, language: str, texts: Sequence[SearchText], vectors: Sequence[Vectors | None]
) -> Entry:
    return Entry(
        article_id=source.id,
        version=1,
        slug=source.id,
        locale=language,
        title=source.title,
        category="",
        tags=source.tags,
        codes=source.codes,
        audience="public",
        updated_at=LONG_AGO,
        valid_from=None,
        valid_until=None,
        units=tuple(
            Unit(text.kind, text.text, text.terms, vector)
            for text, vector in zip(texts, vectors, strict=True)
        ),
    )


def _measure(index: Index, encoder: Encoder, asked: Sequence[Asked]) -> dict[str, Any]:
    now = datetime.now(UTC)
    _ask(index, encoder, "warm", now)
    ranks: list[int | None] = []
    answered: list[bool] = []
    took: list[float] = []
    for one in asked:
        began = time.perf_counter()
        found, threshold = _ask(index, encoder, one.query, now)
        took.append((time.perf_counter() - began) * 1000)
        ids = [hit.entry.article_id for hit in found]
        ranks.append(next((n for n, id_ in enumerate(ids) if id_ in one.relevant), None))
        answered.append(bool(found) and found[0].score >= threshold)
    right = [rank == 0 for rank, given in zip(ranks, answered, strict=True) if given]
    return {
        "p_at_1": _share(rank == 0 for rank in ranks),
        "mrr_at_10": round(sum(0 if rank is None else 1 / (rank + 1) for rank in ranks) / len(ranks), 4),
        "recall_at_5": _share(rank is not None and rank < 5 for rank in ranks),
        "coverage": _share(answered),
        "precision": _share(right) if right else None,
        "p50_ms": round(float(np.percentile(took, 50)), 2),
        "p95_ms": round(float(np.percentile(took, 95)), 2),
    }


def _ask(index: Index, encoder: Encoder, query: str, now: datetime) -> tuple[list[Scored], float]:
    vector = encoder.encode([query], query=True)[0] if index.needs_vectors else None
    return index.search(query, vector, now=now, limit=DEPTH), index.calibration(vector).threshold


def _share(flags: Iterable[bool]) -> float:
    counted = list(flags)
    return round(sum(counted) / len(counted), 4)


def _lines(path: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number}: not JSON ({error.msg})") from None
        missing = [key for key in keys if not isinstance(row, dict) or key not in row]
        if missing:
            raise ValueError(f"{path}, line {number}: {', '.join(missing)} is missing")
        rows.append(row)
    return rows
