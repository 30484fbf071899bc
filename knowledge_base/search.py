"""Finds the articles that answer a question, and says whether the best one does."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import structlog

from calendars.clock import business_now
from knowledge_base import queries
from knowledge_base.calibration import LEXICAL_ONLY
from knowledge_base.encoder import LazyEncoder, Vectors
from knowledge_base.index import Entry, Scored
from knowledge_base.loading import Loaded, build, entries_of, is_complete, key_of
from knowledge_base.publishing import VERSION, encode_missing, language
from server.db import Database, version_of

log = structlog.get_logger(__name__)

PUBLIC = frozenset({"public"})
EVERYBODY = frozenset({"public", "customers", "staff"})

LOOK_AGAIN_S = 0.5
"""How often at most the version row is looked at; published changes must answer within a second."""

MAX_QUERY = 1000
"""Characters of a query that count; the rest of a long letter only blurs what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article with its best passage; `score` is the probability that it answers the question."""

    article_id: str
    version: int
    slug: str
    title: str
    passage: str
    score: float
    locale: str
    url: str
    audience: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits, best first, one per article. `answerable`: the first one is above the calibrated `threshold`."""

    answerable: bool
    threshold: float
    hits: Sequence[Hit] = ()
    encoder: str = LEXICAL_ONLY


class ArticleSearch:
    """One process's search: an encoder, and an index per language that follows the database in a second."""

    def __init__(self, db: Database, encoder: str | LazyEncoder) -> None:
        self._db = db
        self.encoder = LazyEncoder(encoder) if isinstance(encoder, str) else encoder
        self._loaded: Loaded | None = None
        self._looked_at = 0.0
        self._loading = asyncio.Lock()
        self._encoding: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Load encoder and index. Raises what loading the encoder raises, and database errors."""
        await self.encoder.ready()
        await self._current()

    @property
    def is_ready(self) -> bool:
        return self._loaded is not None and self.encoder.is_ready

    async def close(self) -> None:
        if self._encoding:
            self._encoding.cancel()
        self.encoder.close()

    async def search(
        self, query: str, locale: str, *, limit: int = 3, audiences: frozenset[str] = PUBLIC
    ) -> SearchResult:
        """The published articles of this language that the audience may read now, best first."""
        query = query[:MAX_QUERY].strip()
        now = await self._now()
        index = (await self._current()).indexes.get(language(locale))
        if index is None or not query:
            return SearchResult(answerable=False, threshold=1.0)
        vector = await self._vector(query) if index.needs_vectors else None
        threshold = index.calibration(vector).threshold
        found = await asyncio.to_thread(
            index.search, query, vector, now=now, audiences=audiences, limit=limit
        )
        hits = [_hit(one) for one in found]
        return SearchResult(
            answerable=bool(hits) and hits[0].score >= threshold,
            threshold=threshold,
            hits=hits,
            encoder=LEXICAL_ONLY if vector is None else self.encoder.id,
        )

    async def article(self, article_id: str, *, audiences: frozenset[str] = PUBLIC) -> Hit | None:
        """One published article by its id, with its first passage; None where this audience may not read it.

        Nothing was asked, so nothing is known of how well it answers: its score is 0.
        """
        now = await self._now()
        entries = [one for index in (await self._current()).indexes.values() for one in index.entries]
        entry = next((one for one in entries if one.article_id == article_id), None)
        if entry is None or not entry.readable(audiences, now):
            return None
        passage = next((unit.text for unit in entry.units if unit.kind == "body"), entry.title)
        return _hit(Scored(entry, passage, 0.0))

    async def related(
        self, article_id: str, locale: str, *, limit: int = 4, audiences: frozenset[str] = PUBLIC
    ) -> list[Entry]:
        """The articles nearest to one, in its language. Needs no encoder: their vectors are stored."""
        index = (await self._current()).indexes.get(language(locale))
        if index is None:
            return []
        return index.related(article_id, now=await self._now(), audiences=audiences, limit=limit)

    async def _now(self) -> datetime:
        async with self._db.read() as session:
            return await business_now(session)

    async def _vector(self, query: str) -> Vectors | None:
        """None where the encoder does not work: then words alone decide, with a calibration of their own."""
        try:
            return await self.encoder.query(query)
        except Exception as error:
            log.error("encoder_failed", encoder=self.encoder.id, error=type(error).__name__)
            return None

    async def _current(self) -> Loaded:
        """The indexes, no older than LOOK_AGAIN_S; whoever comes first reloads, the others wait for it."""
        if self._loaded and time.monotonic() - self._looked_at < LOOK_AGAIN_S:
            return self._loaded
        async with self._loading:
            if self._loaded is None or time.monotonic() - self._looked_at >= LOOK_AGAIN_S:
                began = time.monotonic()
                async with self._db.read() as session:
                    version = await version_of(session, VERSION)
                if self._loaded is None or self._loaded.version != version:
                    self._loaded = await self._load()
                self._looked_at = began
            return self._loaded

    async def _load(self) -> Loaded:
        before = self._loaded or Loaded(version=0)
        began = time.monotonic()
        async with self._db.read() as session:
            if not self._db.is_sqlite:  # there, a read transaction is one snapshot anyway
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            version = await version_of(session, VERSION)
            articles = await queries.published(session)
            # A version never changes, so its units are kept; what is not worded there is read anew.
            known = {
                key: entry.units
                for key, entry in before.entries.items()
                if is_complete(entry, self.encoder.id)
            }
            new = [one.article.id for one in articles if key_of(one) not in known]
            stored = await queries.passages(session, new)
        entries = await asyncio.to_thread(entries_of, articles, known, stored, self.encoder.id)
        loaded = await asyncio.to_thread(build, version, entries, self.encoder.id)
        took = round((time.monotonic() - began) * 1000)
        log.info("kb_loaded", version=version, articles=len(articles), ms=took)
        if not all(is_complete(entry, self.encoder.id) for entry in entries):
            self._encode_the_rest()
        return loaded

    def _encode_the_rest(self) -> None:
        """After a change of the encoder: in the background, one run at a time; its end raises the version."""
        if self._encoding is None or self._encoding.done():
            self._encoding = asyncio.create_task(self._encode_missing())

    async def _encode_missing(self) -> None:
        try:
            count = await encode_missing(self._db, self.encoder)
        except Exception as error:
            log.error("passages_not_encoded", encoder=self.encoder.id, error=type(error).__name__)
        else:
            log.info("passages_encoded", encoder=self.encoder.id, count=count)


def _hit(one: Scored) -> Hit:
    return Hit(
        article_id=one.entry.article_id,
        version=one.entry.version,
        slug=one.entry.slug,
        title=one.entry.title,
        passage=one.passage,
        score=round(one.score, 4),
        locale=one.entry.locale,
        url=article_url(one.entry.locale, one.entry.slug),
        audience=one.entry.audience,
        updated_at=one.entry.updated_at,
    )


def article_url(locale: str, slug: str) -> str:
    """Where readers find the whole article, on this host."""
    return f"/help/{locale}/{quote(slug)}"
