"""Every SELECT on articles: what staff see, and what readers may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select

from knowledge_base.models import Article, ArticleVersion, Passage
from server.db import ReadSession
from server.errors import NotFound

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What staff may narrow the list by; None means no narrowing."""

    status: str | None = None
    locale: str | None = None
    category: str | None = None
    audience: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Readable:
    """A published article with its published wording."""

    article: Article
    content: ArticleVersion


@dataclass(frozen=True, slots=True)
class Unencoded:
    article_id: str
    version: int
    ordinal: int
    locale: str
    meaning: str


async def article(session: ReadSession, article_id: str) -> Article:
    """For staff. Raises NotFound."""
    found = await session.get(Article, article_id)
    if found is None:
        raise NotFound
    return found


async def articles(
    session: ReadSession, filters: Filters, *, below: str | None, limit: int
) -> tuple[Sequence[Article], str | None]:
    """For staff: newest first, and the cursor of the next page."""
    query = select(Article).order_by(Article.id.desc())
    for column, value in (
        (Article.status, filters.status),
        (Article.locale, filters.locale),
        (Article.category, filters.category),
        (Article.audience, filters.audience),
    ):
        if value is not None:
            query = query.where(column == value)
    if filters.q:
        query = query.where(
            or_(
                Article.title.icontains(filters.q, autoescape=True),
                Article.slug.icontains(filters.q, autoescape=True),
            )
        )
    if below:
        query = query.where(Article.id < below)
    rows = (await session.scalars(query.limit(limit + 1))).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def version_of_article(session: ReadSession, article_id: str, version: int) -> ArticleVersion:
    """Raises NotFound."""
    found = await session.get(ArticleVersion, (article_id, version))
    if found is None:
        raise NotFound
    return found


async def versions(
    session: ReadSession, article_id: str, *, below: int | None, limit: int
) -> tuple[Sequence[ArticleVersion], int | None]:
    """Newest first, and the cursor of the next page."""
    query = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    if below:
        query = query.where(ArticleVersion.version < below)
    query = query.order_by(ArticleVersion.version.desc())
    rows = (await session.scalars(query.limit(limit + 1))).all()
    return rows[:limit], rows[limit - 1].version if len(rows) > limit else None


async def by_address(session: ReadSession, slug: str, locale: str) -> Article | None:
    found: Article | None = await session.scalar(
        select(Article).where(Article.slug == slug, Article.locale == locale)
    )
    return found


async def by_client_id(session: ReadSession, client_id: str) -> Article | None:
    found: Article | None = await session.scalar(select(Article).where(Article.client_id == client_id))
    return found


async def translations(session: ReadSession, slug: str) -> Sequence[Article]:
    """For staff: the articles of one slug in all locales."""
    return (await session.scalars(select(Article).where(Article.slug == slug).order_by(Article.locale))).all()


async def source_hashes(session: ReadSession) -> dict[tuple[str, str], str | None]:
    """By slug and locale: the digest of what was imported last."""
    rows = await session.execute(select(Article.slug, Article.locale, Article.source_hash))
    return {(slug, locale): digest for slug, locale, digest in rows}


def _public(now: datetime) -> Select[Article, ArticleVersion]:
    """What everybody may read now. Every page and answer for visitors starts from here."""
    return (
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            and_(
                ArticleVersion.article_id == Article.id,
                ArticleVersion.version == Article.published_version,
            ),
        )
        .where(
            Article.status == "published",
            Article.audience == "public",
            or_(Article.valid_from.is_(None), Article.valid_from <= now),
            or_(Article.valid_until.is_(None), Article.valid_until >= now),
        )
    )


async def public_articles(
    session: ReadSession, now: datetime, *, locale: str | None = None, slug: str | None = None
) -> list[Readable]:
    """By category and title; those of one locale, those of one slug, or all."""
    query = _public(now)
    if locale is not None:
        query = query.where(Article.locale == locale)
    if slug is not None:
        query = query.where(Article.slug == slug)
    rows = await session.execute(query.order_by(Article.locale, Article.category, ArticleVersion.title))
    return [Readable(found, content) for found, content in rows]


async def public_locales(session: ReadSession, now: datetime) -> list[str]:
    query = _public(now).with_only_columns(Article.locale).distinct().order_by(Article.locale)
    return list(await session.scalars(query))


async def published(session: ReadSession) -> list[Readable]:
    """For the search index: every published article, whoever may read it and whenever."""
    rows = await session.execute(
        select(Article, ArticleVersion)
        .join(
            ArticleVersion,
            and_(
                ArticleVersion.article_id == Article.id,
                ArticleVersion.version == Article.published_version,
            ),
        )
        .where(Article.status == "published")
        .order_by(Article.id)
    )
    return [Readable(found, content) for found, content in rows]


async def passages(session: ReadSession, article_ids: Sequence[str]) -> dict[str, list[Passage]]:
    """By article, in their order."""
    found: dict[str, list[Passage]] = {}
    for start in range(0, len(article_ids), 500):
        rows = await session.scalars(
            select(Passage)
            .where(Passage.article_id.in_(article_ids[start : start + 500]))
            .order_by(Passage.article_id, Passage.ordinal)
        )
        for row in rows:
            found.setdefault(row.article_id, []).append(row)
    return found


async def published_locales(session: ReadSession) -> list[str]:
    query = select(Article.locale).where(Article.status == "published").distinct()
    return list(await session.scalars(query))


async def passages_without_vectors(
    session: ReadSession, encoder: str, locales: Sequence[str], *, limit: int
) -> list[Unencoded]:
    """Passages of these locales that have no vector of this encoder, with the text that is to be encoded."""
    rows = await session.execute(
        select(Passage, ArticleVersion.title, Article.locale)
        .join(Article, Article.id == Passage.article_id)
        .join(
            ArticleVersion,
            and_(ArticleVersion.article_id == Passage.article_id, ArticleVersion.version == Passage.version),
        )
        .where(Article.locale.in_(locales), or_(Passage.encoder.is_(None), Passage.encoder != encoder))
        .order_by(Passage.article_id, Passage.ordinal)
        .limit(limit)
    )
    return [
        Unencoded(row.article_id, row.version, row.ordinal, locale, meaning_of(row, title))
        for row, title, locale in rows
    ]


def meaning_of(row: Passage, title: str) -> str:
    """The text that stands for a stored passage when it is encoded (see `passages.search_texts`)."""
    return "\n".join(filter(None, (title, row.heading, row.text))) if row.kind == "body" else row.text
