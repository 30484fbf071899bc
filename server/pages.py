"""The pages: the demo company's, the widget's frame and the console, each with its own strict CSP."""

import functools
import html
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from sqlalchemy import select

from chat.models import Inbox
from server.db import Reading
from server.errors import NotFound
from server.settings import ROOT, Settings

WIDGET = ROOT / "web" / "widget" / "dist"
CONSOLE = ROOT / "web" / "console" / "dist"

router = APIRouter(include_in_schema=False)

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
    ".map": "application/json",
    ".json": "application/json",
    ".webp": "image/webp",
    ".html": "text/html",
}


def csp(request: Request, *, frame_ancestors: str, inline_styles: bool = False) -> dict[str, str]:
    """The page may load nothing but this host's own, and be framed only by `frame_ancestors`."""
    settings: Settings = request.app.state.settings
    own_socket = settings.origin.replace("http", "ws", 1)
    styles = "'self' 'unsafe-inline'" if inline_styles else "'self'"
    files = f" {settings.files_origin}" if settings.files_origin else ""
    policy = (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:{files}; "
        f"font-src 'self'; connect-src 'self' {own_socket}; frame-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {frame_ancestors}"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}


@functools.lru_cache(maxsize=16)
def _template(path: Path, _changed: float) -> str:
    return path.read_text()


def page(path: Path) -> str:
    if not path.is_file():
        raise NotFound("This page has not been built. Run `make setup`.")
    return _template(path, path.stat().st_mtime)


def asset(folder: Path, name: str) -> FileResponse:
    """A file of a web build. Raises NotFound for anything outside of it."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file() or path.suffix not in _TYPES:
        raise NotFound
    hashed = "assets" in path.parts
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache"}
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=headers)


@router.get("/")
async def demo_page(request: Request) -> HTMLResponse:
    return HTMLResponse(page(WIDGET / "demo" / "index.html"), headers=csp(request, frame_ancestors="'none'"))


@router.get("/demo/{name:path}")
async def demo_asset(name: str) -> FileResponse:
    return asset(WIDGET / "demo", name)


@router.get("/widget/loader.js")
async def widget_loader() -> FileResponse:
    response = asset(WIDGET, "loader.js")
    # The one file that other sites' pages load; they need it whatever their isolation policy is.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@router.get("/widget/assets/{name:path}")
async def widget_asset(name: str) -> FileResponse:
    return asset(WIDGET / "assets", name)


@router.get("/widget/{inbox}")
async def widget_page(request: Request, session: Reading, inbox: str) -> HTMLResponse:
    """Framed only by our own pages and the inbox's allowed sites."""
    found = await session.scalar(select(Inbox).where(Inbox.key == inbox))
    if found is None:
        raise NotFound
    text = page(WIDGET / "index.html").replace("__INBOX__", html.escape(found.key, quote=True))
    sites = " ".join(["'self'", *found.allowed_sites])
    return HTMLResponse(text, headers=csp(request, frame_ancestors=sites))


@router.get("/console")
@router.get("/console/{path:path}")
async def console_page(request: Request, path: str = "") -> Response:
    """The console is one page with routes of its own; only its built files are files."""
    if request.url.path == "/console" and path == "":
        return _console(request)
    if path.startswith("assets/") or Path(path).suffix in _TYPES:
        return asset(CONSOLE, path)
    return _console(request)


def _console(request: Request) -> HTMLResponse:
    headers = csp(request, frame_ancestors="'none'", inline_styles=True)
    return HTMLResponse(page(CONSOLE / "index.html"), headers=headers)


@router.get("/favicon.ico")
async def favicon() -> Response:
    return RedirectResponse("/demo/favicon.svg") if (WIDGET / "demo" / "favicon.svg").exists() else Response()
