"""The help centre: published articles as plain pages that need no script, for everybody and every machine."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BeforeValidator

from chat.router import client_address, limited
from chat.schemas import clean_text
from knowledge_base import help_texts, queries
from knowledge_base.help_page import STYLE, Site, language_switch, page, site_for, templates
from knowledge_base.passages import plain
from knowledge_base.queries import Readable
from knowledge_base.rendering import summary, to_html
from knowledge_base.search import ArticleSearch, Hit, SearchResult, article_url
from server.db import database
from server.errors import NotFound, TooMany

router = APIRouter(prefix="/help", include_in_schema=False)

SEARCHES_PER_MINUTE = 30
RELATED = 4
SHOWN = 6
LEAST = 0.05
"""Probability below which an article is not worth a reader's look."""

Question = Annotated[str, BeforeValidator(clean_text), Query(max_length=8000)]
Locale = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=35)]
Part = Annotated[str, BeforeValidator(clean_text)]


@router.get("")
async def entrance(request: Request) -> Response:
    """To the language that the browser asks for, among those that have articles."""
    async with database(request).read() as session:
        site = await site_for(request, session, None)
    headers = {"Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return RedirectResponse(f"/help/{site.locale}", status_code=302, headers=headers)


@router.get("/static/help.css")
async def style() -> FileResponse:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}  # its address carries its hash
    return FileResponse(STYLE, media_type="text/css", headers=headers)


@router.get("/search")
async def search(request: Request, q: Question = "", locale: Locale = None) -> HTMLResponse:
    async with database(request).read() as session:
        site = await site_for(request, session, locale)
    words = help_texts.texts(site.locale)
    found, notice, status = SearchResult(answerable=False, threshold=1.0), words["ask"], 200
    if q:
        try:
            await limited(request, f"help-search:{client_address(request)}", SEARCHES_PER_MINUTE, 60)
        except TooMany:
            notice, status = words["too_many"], TooMany.status
        else:
            found = await _search(request).search(q, site.locale, limit=SHOWN)
            notice = "" if found.answerable else f"{words['nothing']} {words['nothing_hint']}"
    best = found.hits[0] if found.answerable else None
    others = [hit for hit in found.hits if hit is not best and hit.score >= LEAST]
    again = f"/help/search?q={quote(q[:500], safe='')}&locale="
    return page(
        site,
        "results.html",
        status=status,
        languages=language_switch(site, lambda code: f"{again}{code}", alternates=False),
        query=q[:500],
        heading=words["results_for"].format(query=summary(q, 80)) if q else words["results"],
        notice=notice,
        best=best,
        hits=[_snippet(hit) for hit in others],
    )


@router.get("/sitemap.xml")
async def sitemap(request: Request) -> Response:
    async with database(request).read() as session:
        site = await site_for(request, session, None)
        articles = await queries.public_articles(session, site.now)
    by_slug: dict[str, list[Readable]] = {}
    for one in articles:
        by_slug.setdefault(one.article.slug, []).append(one)
    pages: list[dict[str, Any]] = [{"url": f"/help/{code}", "languages": ()} for code in site.locales]
    for one in articles:
        translated = [(other.article.locale, _url(other)) for other in by_slug[one.article.slug]]
        updated = one.article.updated_at.date().isoformat()
        pages.append({"url": _url(one), "updated": updated, "languages": translated})
    text = templates().get_template("sitemap.xml").render(pages=pages, origin=site.origin)
    return Response(text, media_type="application/xml", headers={"Cache-Control": "no-cache"})


@router.get("/{locale}")
async def topics(request: Request, locale: Part) -> HTMLResponse:
    async with database(request).read() as session:
        site = await site_for(request, session, locale)
        articles = await queries.public_articles(session, site.now, locale=locale)
    if site.locale != locale:
        return _missing(site)
    by_category: dict[str, list[Readable]] = {}
    for one in articles:
        by_category.setdefault(one.article.category, []).append(one)
    in_order = sorted(by_category.items(), key=lambda item: (not item[0], item[0]))  # without one: last
    return page(
        site,
        "topics.html",
        languages=language_switch(site, lambda code: f"/help/{code}"),
        topics=[_topic(category, group, locale) for category, group in in_order],
    )


@router.get("/{locale}/{slug}")
async def article(request: Request, locale: Part, slug: Part) -> HTMLResponse:
    async with database(request).read() as session:
        site = await site_for(request, session, locale)
        same = await queries.public_articles(session, site.now, slug=slug)
    found = next((one for one in same if one.article.locale == locale), None)
    if found is None:
        return _missing(site)
    urls = {one.article.locale: _url(one) for one in same}
    related = await _search(request).related(found.article.id, locale, limit=RELATED)
    return page(
        site,
        "article.html",
        languages=language_switch(site, urls.get),
        article=_shown(found),
        related=[{"url": article_url(one.locale, one.slug), "title": one.title} for one in related],
    )


@router.get("/{path:path}")
async def elsewhere(request: Request, path: Part) -> HTMLResponse:
    async with database(request).read() as session:
        return _missing(await site_for(request, session, path.split("/")[0]))


def _missing(site: Site) -> HTMLResponse:
    """Not there, not published, not for everybody: the same page."""
    languages = language_switch(site, lambda code: None)
    return page(site, "missing.html", status=NotFound.status, languages=languages)


def _topic(category: str, group: Sequence[Readable], locale: str) -> dict[str, Any]:
    words = help_texts.texts(locale)
    count = words["articles_one"] if len(group) == 1 else words["articles"].format(count=len(group))
    return {
        "id": _topic_id(category),
        "name": help_texts.category_name(category, locale),
        "count": count,
        "articles": [{"url": _url(one), "title": one.content.title} for one in group],
    }


def _shown(one: Readable) -> dict[str, Any]:
    article, content = one.article, one.content
    words, locale, until = help_texts.texts(article.locale), article.locale, article.valid_until
    return {
        "title": content.title,
        "url": _url(one),
        "summary": summary(plain(content.body)),
        "html": to_html(content.body),
        "topic": help_texts.category_name(article.category, locale),
        "topic_id": _topic_id(article.category),
        "updated": words["updated"].format(date=help_texts.day(article.updated_at, locale)),
        "updated_iso": article.updated_at.date().isoformat(),
        "valid_until": until and words["valid_until"].format(date=help_texts.day(until, locale)),
    }


def _snippet(hit: Hit) -> dict[str, str]:
    return {"url": hit.url, "title": hit.title, "passage": summary(hit.passage, 220)}


def _url(one: Readable) -> str:
    return article_url(one.article.locale, one.article.slug)


def _topic_id(category: str) -> str:
    return f"topic-{category.replace(' ', '-')}" if category else "topic"


def _search(request: Request) -> ArticleSearch:
    found: ArticleSearch = request.app.state.search
    return found
