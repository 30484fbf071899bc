"""How a page of the help centre is put together: whose it is, its language, its frame, its headers."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from accounts.queries import workplace_name
from calendars.clock import business_now
from knowledge_base import help_texts, queries
from server.db import ReadSession
from server.settings import Settings

HERE = Path(__file__).parent
STYLE = HERE / "static" / "help.css"

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Site:
    """What every page shows: whose help centre it is, the languages it has articles in, and this page's."""

    company: str
    origin: str
    locales: Sequence[str]
    locale: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Language:
    """An entry of the language switch; `alternate`: the very same page in that language."""

    locale: str
    name: str
    url: str
    alternate: bool


async def site_for(request: Request, session: ReadSession, asked: str | None) -> Site:
    """In the language that was asked for, else the one the browser wants, else English, else any."""
    settings: Settings = request.app.state.settings
    now = await business_now(session)
    locales = await queries.public_locales(session, now)
    wanted = [asked or "", *_accepted(request.headers.get("accept-language", ""))]
    return Site(await workplace_name(session), settings.origin, locales, _first_spoken(wanted, locales), now)


def language_switch(
    site: Site, url_in: Callable[[str], str | None], *, alternates: bool = True
) -> list[Language]:
    """This page in each language; a language without it leads to its first page."""
    found = []
    for locale in site.locales:
        url = url_in(locale)
        name = help_texts.language_name(locale)
        found.append(Language(locale, name, url or f"/help/{locale}", alternates and url is not None))
    return found


def page(
    site: Site, template: str, *, languages: Sequence[Language], status: int = 200, **values: Any
) -> HTMLResponse:
    """Everything in `values` is escaped where it is shown; only rendered article bodies are markup."""
    text = (
        templates()
        .get_template(template)
        .render(
            t=help_texts.texts(site.locale),
            company=site.company,
            locale=site.locale,
            origin=site.origin,
            languages=languages,
            style_version=_style_version(STYLE.stat().st_mtime),
            **values,
        )
    )
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-cache",
        "Content-Language": site.locale,
    }
    return HTMLResponse(text, status, headers)


@cache
def templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _style_version(changed: float) -> str:
    return hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]


def _accepted(header: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first."""
    weighted = []
    for part in header[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weighted.append((-float(quality or 1), tag))
        except ValueError:
            continue
    return [tag for _, tag in sorted(weighted, key=lambda pair: pair[0])]


def _first_spoken(wanted: Iterable[str], locales: Sequence[str]) -> str:
    for tag in wanted:
        for locale in locales:
            if tag.lower() == locale.lower():
                return locale
        for locale in locales:
            if tag.split("-")[0].lower() == locale.split("-")[0].lower():
                return locale
    return "en" if "en" in locales or not locales else locales[0]
