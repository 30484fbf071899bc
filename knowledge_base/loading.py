"""Reads the published articles into one index per language; what is unchanged is not read again."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import structlog

from knowledge_base import queries
from knowledge_base.calibration import LEXICAL_ONLY, calibration_for
from knowledge_base.index import Entry, Index, Unit
from knowledge_base.models import Passage
from knowledge_base.publishing import language, wants_vectors
from knowledge_base.words import RULES, terms

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All indexes of one version of the knowledge base; replaced as a whole."""

    version: int
    indexes: Mapping[str, Index] = field(default_factory=dict)
    entries: Mapping[tuple[str, int], Entry] = field(default_factory=dict)


def key_of(one: queries.Readable) -> tuple[str, int]:
    return one.article.id, one.content.version


def is_complete(entry: Entry, encoder: str) -> bool:
    return not wants_vectors(encoder, entry.locale) or all(unit.vector is not None for unit in entry.units)


def entries_of(
    articles: Sequence[queries.Readable],
    known: Mapping[tuple[str, int], tuple[Unit, ...]],
    stored: Mapping[str, Sequence[Passage]],
    encoder: str,
) -> list[Entry]:
    found = []
    for one in articles:
        article, content = one.article, one.content
        rows = [row for row in stored.get(article.id, ()) if row.version == content.version]
        units = known.get(key_of(one)) or tuple(_unit(row, encoder) for row in rows)
        if not units:  # never written by this code; one bad row must not take the search away
            log.error("article_without_passages", article_id=article.id)
            continue
        found.append(
            Entry(
                article_id=article.id,
                version=content.version,
                slug=article.slug,
                locale=article.locale,
                title=content.title,
                category=article.category,
                tags=tuple(article.tags),
                codes=tuple(content.codes),
                audience=article.audience,
                updated_at=article.updated_at,
                valid_from=article.valid_from,
                valid_until=article.valid_until,
                units=units,
            )
        )
    return found


def _unit(row: Passage, encoder: str) -> Unit:
    own = "\n".join(filter(None, (row.heading, row.text)))
    words = row.lexical.split(" ") if row.rules == RULES else terms(own)
    usable = row.vector if row.encoder == encoder else None
    vector = None if usable is None else np.frombuffer(usable, dtype="<f4").astype(np.float32, copy=False)
    return Unit(row.kind, row.text, tuple(map(sys.intern, filter(None, words))), vector)


def build(version: int, entries: Sequence[Entry], encoder: str) -> Loaded:
    by_language: dict[str, list[Entry]] = {}
    for entry in entries:
        by_language.setdefault(language(entry.locale), []).append(entry)
    indexes = {
        code: Index(
            found,
            calibrated=calibration_for(encoder, code),
            words_alone=calibration_for(LEXICAL_ONLY, code),
        )
        for code, found in by_language.items()
    }
    return Loaded(version, indexes, {(entry.article_id, entry.version): entry for entry in entries})
