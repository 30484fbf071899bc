"""The knowledge base's endpoints: staff's under /api/kb, the visitor's search under /api/visitor/kb."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator

from accounts.access import Staff, require, staff_router
from chat.access import CurrentVisitor
from chat.router import limited
from chat.schemas import Locale, Page, clean_text
from knowledge_base import queries, service
from knowledge_base.models import Article, ArticleStatus, Audience
from knowledge_base.schemas import (
    ArticleChangeIn,
    ArticleDetailOut,
    ArticleIn,
    ArticleOut,
    ArticleVersionOut,
    PublicationIn,
    SearchOut,
    StaffSearchOut,
)
from knowledge_base.search import EVERYBODY, ArticleSearch
from server.db import Database, Reading, ReadSession, Writing, database

router = staff_router("/api/kb", tags=["kb"])
visitor_router = APIRouter(prefix="/api/visitor/kb", tags=["visitor"])

SEARCHES_PER_MINUTE = 60

# People come before sessions in every signature: who may not come in never holds up the one writer of SQLite.
Reader = Annotated[Staff, Depends(require("kb.read"))]
Writer = Annotated[Staff, Depends(require("kb.write"))]
Publisher = Annotated[Staff, Depends(require("kb.publish"))]
RowCursor = Annotated[str | None, Query(max_length=36, pattern=r"^[A-Za-z0-9-]+$")]
NumberCursor = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=queries.MAX_PAGE)]
Few = Annotated[int, Query(ge=1, le=20)]
Words = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=200)]
Question = Annotated[str, BeforeValidator(clean_text), Query(min_length=1, max_length=8000)]
ArticleId = Annotated[str, BeforeValidator(clean_text)]
Label = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=80)]


def _search(request: Request) -> ArticleSearch:
    found: ArticleSearch = request.app.state.search
    return found


Search = Annotated[ArticleSearch, Depends(_search)]
Db = Annotated[Database, Depends(database)]


def _editor(staff: Staff) -> service.Editor:
    return service.Editor(staff.id, staff.name, may_publish=staff.may("kb.publish"))


async def _detail(session: ReadSession, article: Article) -> ArticleDetailOut:
    newest = await queries.version_of_article(session, article.id, article.version)
    return ArticleDetailOut.with_wording(article, newest, await queries.translations(session, article.slug))


@router.get("/articles")
async def list_articles(
    staff: Reader,
    session: Reading,
    status: ArticleStatus | None = None,
    locale: Locale | None = None,
    category: Label = None,
    audience: Audience | None = None,
    q: Words = None,
    after: RowCursor = None,
    limit: Limit = 50,
) -> Page[ArticleOut]:
    filters = queries.Filters(status=status, locale=locale, category=category, audience=audience, q=q)
    found, cursor = await queries.articles(session, filters, below=after, limit=limit)
    return Page[ArticleOut](items=[ArticleOut.of(one) for one in found], next=cursor)


@router.post("/articles", status_code=201)
async def create_article(
    staff: Writer, session: Writing, response: Response, asked: ArticleIn
) -> ArticleDetailOut:
    """201 with the draft; 200 with the same one where this `client_id` was already sent."""
    article, created = await service.create_article(
        session, asked.draft(), by=_editor(staff), client_id=asked.client_id, note=asked.note
    )
    response.status_code = 201 if created else 200
    return await _detail(session, article)


@router.get("/articles/{article_id}")
async def get_article(staff: Reader, session: Reading, article_id: ArticleId) -> ArticleDetailOut:
    return await _detail(session, await queries.article(session, article_id))


@router.patch("/articles/{article_id}")
async def change_article(
    staff: Writer, session: Writing, article_id: ArticleId, asked: ArticleChangeIn
) -> ArticleDetailOut:
    """409 `article-changed` where somebody else was faster; nothing of theirs is overwritten."""
    changes = service.Changes(asked.version, asked.fields(), asked.note)
    return await _detail(session, await service.revise(session, article_id, changes, by=_editor(staff)))


@router.post("/articles/{article_id}/publication")
async def publish_article(
    staff: Publisher, db: Db, search: Search, article_id: ArticleId, asked: PublicationIn
) -> ArticleDetailOut:
    """Opens its own sessions: the article is encoded between reading and writing it."""
    article = await service.publish(db, search.encoder, article_id, version=asked.version, by=_editor(staff))
    async with db.read() as session:
        return await _detail(session, article)


@router.delete("/articles/{article_id}/publication")
async def withdraw_article(staff: Publisher, session: Writing, article_id: ArticleId) -> ArticleDetailOut:
    return await _detail(session, await service.unpublish(session, article_id, by=_editor(staff)))


@router.get("/articles/{article_id}/versions")
async def list_versions(
    staff: Reader, session: Reading, article_id: ArticleId, after: NumberCursor = None, limit: Limit = 50
) -> Page[ArticleVersionOut]:
    article = await queries.article(session, article_id)
    rows, cursor = await queries.versions(session, article.id, below=after, limit=limit)
    items = [ArticleVersionOut.of(row, article.published_version) for row in rows]
    return Page[ArticleVersionOut](items=items, next=str(cursor) if cursor else None)


@router.get("/search")
async def search_for_staff(
    staff: Reader, search: Search, q: Question, locale: Locale = "en", limit: Few = 5
) -> StaffSearchOut:
    return StaffSearchOut.of(await search.search(q, locale, limit=limit, audiences=EVERYBODY))


@visitor_router.get("/search")
async def search_for_visitor(
    visitor: CurrentVisitor,
    request: Request,
    search: Search,
    q: Question,
    locale: Locale | None = None,
    limit: Few = 5,
) -> SearchOut:
    """Published articles that everybody may read, and nothing else."""
    await limited(request, f"kb-search:{visitor.session_id}", SEARCHES_PER_MINUTE, 60)
    return SearchOut.of(await search.search(q, locale or visitor.locale or "en", limit=limit))
