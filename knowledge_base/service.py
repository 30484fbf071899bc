"""What changes an article: made, revised, published, withdrawn, imported; nobody overwrites anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.exc import IntegrityError

from accounts.service import Actor, Target, record_audit
from knowledge_base import queries
from knowledge_base.drafts import Content, Draft
from knowledge_base.encoder import LazyEncoder
from knowledge_base.events import ArticlePublished, ArticleWithdrawn
from knowledge_base.models import Article, ArticleVersion, Passage
from knowledge_base.publishing import VERSION, Prepared, drop_passages, prepare, store_passages
from server.db import Database, ReadSession, WriteSession, bump, new_id, utc_now
from server.errors import Conflict, Forbidden, Malformed

CONTENT = tuple(Content.model_fields)
"""Fields that a version holds; the others belong to the article itself."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes something; a name is kept with each version, for people come and go."""

    id: str | None
    name: str
    may_publish: bool

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.id) if self.id else Actor("system")


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields to change, given the newest version the editor has seen."""

    seen: int
    fields: Mapping[str, Any]
    note: str = ""


async def create_article(
    session: WriteSession, draft: Draft, *, by: Editor, client_id: str | None = None, note: str = ""
) -> tuple[Article, bool]:
    """A new draft; the same `client_id` again gives the same article (and False).

    Raises Conflict `slug-taken`, or `client-id-reused` for the same id with another content.
    """
    key = f"{by.id}:{client_id}" if client_id else None
    if key and (existing := await queries.by_client_id(session, key)):
        return await _same(session, existing, draft), False
    article = Article(id=new_id(), client_id=key)
    _set(article, draft)
    try:
        async with session.begin_nested():
            session.add(article)
            await session.flush()
            session.add(_wording(article.id, 1, draft, by, note))
            await session.flush()
    except IntegrityError:
        if key and (existing := await queries.by_client_id(session, key)):
            return await _same(session, existing, draft), False
        raise Conflict(
            f"There is an article with the address {draft.locale}/{draft.slug} already.", type="slug-taken"
        ) from None
    return article, True


async def revise(session: WriteSession, article_id: str, changes: Changes, *, by: Editor) -> Article:
    """A new version with these fields changed; a published article answers from its published one meanwhile.

    What is not part of the wording (category, tags, audience, validity, status) counts at once, so on a
    published article it takes the right to publish. Raises NotFound, Forbidden, Conflict `article-changed`
    or `article-published`.
    """
    article = await queries.article(session, article_id)
    was_published = article.published_version
    _check(article, changes, by)
    old = await queries.version_of_article(session, article.id, await _claim(session, article, changes.seen))
    wording = {name: changes.fields.get(name, getattr(old, name)) for name in CONTENT}
    new = _wording(article.id, article.version, Content.model_validate(wording), by, changes.note)
    session.add(new)
    await session.flush()
    same_wording = all(getattr(new, name) == getattr(old, name) for name in CONTENT)
    for name, value in changes.fields.items():
        if name not in CONTENT and name != "status":
            setattr(article, name, value)
    if article.valid_from and article.valid_until and article.valid_from >= article.valid_until:
        raise Malformed("valid_until must be after valid_from.")
    article.title = new.title
    if not same_wording:
        article.updated_at = utc_now()
    if "status" in changes.fields:
        await _move(session, article, str(changes.fields["status"]), by)
    elif was_published is not None:
        if same_wording and was_published == old.version:
            await _carry_over(session, article, was_published)
        await bump(session, VERSION)
    await session.flush()
    return article


async def publish(
    db: Database, encoder: LazyEncoder, article_id: str, *, version: int, by: Editor
) -> Article:
    """Answer from this version from now on. It is encoded before anything is locked.

    Raises NotFound, Conflict `article-changed` where `version` is not the newest one.
    """
    async with db.read() as session:
        article = await queries.article(session, article_id)
        if article.version != version:
            raise await _changed(session, article)
        row = await queries.version_of_article(session, article_id, version)
        stored = (await queries.passages(session, [article_id])).get(article_id, [])
        titles = {
            one: (await queries.version_of_article(session, article_id, one)).title
            for one in {passage.version for passage in stored}
        }
    known = {
        queries.meaning_of(passage, titles[passage.version]): passage.vector
        for passage in stored
        if passage.vector is not None and passage.encoder == encoder.id
    }
    content = Content(title=row.title, body=row.body, questions=row.questions, codes=row.codes)
    [prepared] = await prepare(encoder, [(content, article.locale)], known)
    async with db.write() as session:
        article = await queries.article(session, article_id)
        claimed = await _where_version(
            session, article, version, status="published", published_version=version
        )
        if not claimed:
            raise await _changed(session, article)
        await store_passages(session, article_id, version, prepared)
        await session.refresh(article)
        await record_audit(
            session, by.actor, "article.published", Target("article", article_id), {"version": version}
        )
        await session.emit(ArticlePublished(article, version))
    return article


async def unpublish(session: WriteSession, article_id: str, *, by: Editor) -> Article:
    """Answer nobody from it any more; it is a draft again. Raises NotFound."""
    article = await queries.article(session, article_id)
    if article.published_version is not None:
        await _withdraw(session, article, "draft", by)
    return article


async def put_imported(session: WriteSession, draft: Draft, prepared: Prepared, *, author: str) -> bool:
    """Make or update the article of a source's slug and locale, and publish it; whether it is new."""
    by = Editor(None, author, may_publish=True)
    article = await queries.by_address(session, draft.slug, draft.locale)
    is_new = article is None
    if article is None:
        article, _ = await create_article(session, draft, by=by, note="imported")
    else:
        article.version += 1
        _set(article, draft)
        session.add(_wording(article.id, article.version, draft, by, "imported again"))
    article.status, article.published_version = "published", article.version
    article.source_hash = draft.digest
    await session.flush()
    await store_passages(session, article.id, article.version, prepared)
    await session.emit(ArticlePublished(article, article.version))
    return is_new


def _set(article: Article, draft: Draft) -> None:
    for name in ("slug", "locale", "category", "tags", "audience", "valid_from", "valid_until", "title"):
        setattr(article, name, getattr(draft, name))
    article.updated_at = draft.updated or utc_now()


def _wording(article_id: str, version: int, content: Content, by: Editor, note: str) -> ArticleVersion:
    return ArticleVersion(
        article_id=article_id,
        version=version,
        title=content.title,
        body=content.body,
        questions=list(content.questions),
        codes=list(content.codes),
        author=by.name,
        author_id=by.id,
        note=note,
    )


async def _same(session: WriteSession, existing: Article, draft: Draft) -> Article:
    first = await queries.version_of_article(session, existing.id, 1)
    if (existing.slug, existing.locale, first.title, first.body) != (
        draft.slug,
        draft.locale,
        draft.title,
        draft.body,
    ):
        raise Conflict("This client_id was used for another article.", type="client-id-reused")
    return existing


def _check(article: Article, changes: Changes, by: Editor) -> None:
    if article.published_version is None:
        return
    if changes.fields.keys() - set(CONTENT) and not by.may_publish:
        raise Forbidden("What counts for customers at once takes the right to publish.")
    if changes.fields.get("status", "archived") != "archived":
        raise Conflict("It is published. Withdraw it first.", type="article-published")


async def _claim(session: WriteSession, article: Article, seen: int) -> int:
    """Raise the version, if it is still the one that was seen: that one."""
    if not await _where_version(session, article, seen, version=seen + 1):
        raise await _changed(session, article)
    await session.refresh(article)
    return seen


async def _where_version(session: WriteSession, article: Article, seen: int, **values: Any) -> bool:
    result = await session.execute(
        update(Article).where(Article.id == article.id, Article.version == seen).values(**values)
    )
    return isinstance(result, CursorResult) and result.rowcount == 1


async def _changed(session: ReadSession, article: Article) -> Conflict:
    await session.refresh(article)
    newest = await queries.version_of_article(session, article.id, article.version)
    return Conflict(
        f"{newest.author} has changed this article in the meantime. Please look at it again.",
        type="article-changed",
        version=article.version,
        changed_by=newest.author,
    )


async def _carry_over(session: WriteSession, article: Article, was: int) -> None:
    """The wording is the published one still: its passages now belong to the new version."""
    await session.execute(
        update(Passage)
        .where(Passage.article_id == article.id, Passage.version == was)
        .values(version=article.version)
        .execution_options(synchronize_session=False)
    )
    article.published_version = article.version


async def _move(session: WriteSession, article: Article, status: str, by: Editor) -> None:
    if article.published_version is not None:
        await _withdraw(session, article, status, by)
    else:
        article.status = status


async def _withdraw(session: WriteSession, article: Article, status: str, by: Editor) -> None:
    version = article.published_version or article.version
    article.status, article.published_version = status, None
    await session.flush()
    await drop_passages(session, article.id)
    await record_audit(
        session, by.actor, "article.withdrawn", Target("article", article.id), {"version": version}
    )
    await session.emit(ArticleWithdrawn(article, version))
