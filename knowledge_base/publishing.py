"""What makes a version searchable: its passages with terms and vectors, encoded before anything is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import delete, update

from knowledge_base import queries
from knowledge_base.calibration import calibration_for
from knowledge_base.drafts import Content
from knowledge_base.encoder import LazyEncoder
from knowledge_base.models import Passage
from knowledge_base.passages import SearchText, search_texts
from knowledge_base.words import RULES
from server.db import Database, WriteSession, bump

VERSION = "kb"
"""Row of the shared state that rises with every change of what the search may answer."""

MAX_HEADING = 300


@dataclass(frozen=True, slots=True)
class Prepared:
    """The search texts of one version with their vectors; None where the language is found by words alone."""

    encoder: str
    texts: Sequence[SearchText]
    vectors: Sequence[bytes | None]


def wants_vectors(encoder_id: str, locale: str) -> bool:
    return calibration_for(encoder_id, language(locale)).needs_vectors


def language(locale: str) -> str:
    """The language of a locale: `zh` of `zh-TW`."""
    return locale.replace("_", "-").split("-")[0].lower()


async def prepare(
    encoder: LazyEncoder, contents: Sequence[tuple[Content, str]], known: Mapping[str, bytes] | None = None
) -> list[Prepared]:
    """Cut and encode contents, each with its locale; `known` vectors, by the encoded text, are used again."""
    cut = [search_texts(content.title, content.questions, content.body) for content, _ in contents]
    wanted = [wants_vectors(encoder.id, locale) for _, locale in contents]
    vectors = dict(known or {})
    meanings = {text.meaning for texts, want in zip(cut, wanted, strict=True) if want for text in texts}
    missing = sorted(meanings - vectors.keys())
    vectors.update(
        zip(missing, map(to_bytes, await encoder.passages(missing) if missing else ()), strict=True)
    )
    return [
        Prepared(encoder.id, texts, [vectors[text.meaning] if want else None for text in texts])
        for texts, want in zip(cut, wanted, strict=True)
    ]


def to_bytes(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    return np.asarray(vector, dtype="<f4").tobytes()


async def store_passages(session: WriteSession, article_id: str, version: int, prepared: Prepared) -> None:
    """Make these the article's only passages, and tell every process."""
    await drop_passages(session, article_id)
    session.add_all(
        Passage(
            article_id=article_id,
            version=version,
            ordinal=ordinal,
            kind=text.kind,
            heading=text.heading[:MAX_HEADING],
            text=text.text,
            lexical=" ".join(text.terms),
            rules=RULES,
            encoder=prepared.encoder if vector is not None else None,
            vector=vector,
        )
        for ordinal, (text, vector) in enumerate(zip(prepared.texts, prepared.vectors, strict=True))
    )
    await session.flush()
    await bump(session, VERSION)


async def drop_passages(session: WriteSession, article_id: str) -> None:
    await session.execute(delete(Passage).where(Passage.article_id == article_id))
    await bump(session, VERSION)


async def encode_missing(db: Database, encoder: LazyEncoder) -> int:
    """Encode what another encoder, or none, had encoded; how many passages that were.

    After a change of EMBEDDING_MODEL the old vectors say nothing; until this is done words alone decide.
    """
    done = 0
    while True:
        async with db.read() as session:
            locales = await queries.published_locales(session)
            wanted = [locale for locale in locales if wants_vectors(encoder.id, locale)]
            rows = await queries.passages_without_vectors(session, encoder.id, wanted, limit=256)
        if not rows:
            return done
        vectors = await encoder.passages([row.meaning for row in rows])
        async with db.write() as session:
            for row, vector in zip(rows, vectors, strict=True):
                await session.execute(
                    update(Passage)
                    .where(
                        Passage.article_id == row.article_id,
                        Passage.version == row.version,
                        Passage.ordinal == row.ordinal,
                    )
                    .values(encoder=encoder.id, vector=to_bytes(vector))
                )
            await bump(session, VERSION)
        done += len(rows)
