"""Who is asking: the staff member behind a request or a socket, and what they may do.

The threats, and where each is met:
- A stolen database: only the token's hash is stored (`queries.token_hash`).
- Fixation: a token planted in the browser is looked up like any other and found nowhere; signing in
  always makes a new one and ends the one that was presented (`service.log_in`).
- A foreign page that sends requests with the cookie: unsafe methods and sockets need an `Origin` from
  the settings' list. A missing Origin or `null` is refused; browsers send one wherever it matters.
- A role taken away: nothing is kept in memory; each request reads session and user anew.
"""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Depends, Request, Response, WebSocket
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection

from accounts import queries, service
from accounts.permissions import Permission, permissions_of
from server.db import Database, ReadSession
from server.errors import Forbidden, Unauthorized
from server.settings import Settings

log = structlog.get_logger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Staff:
    """A signed-in person, as read from the database for this very request."""

    id: str
    name: str
    email: str
    role: str
    permissions: frozenset[Permission]
    languages: tuple[str, ...]
    session_id: str

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to host, path and HTTPS; plain http, for local use, cannot have it."""
    return "__Host-deskhand" if settings.https else "deskhand"


def set_session_cookie(response: Response, settings: Settings, token: str) -> None:
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=service.SESSION_ENDS_S,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        cookie_name(settings), path="/", secure=settings.https, httponly=True, samesite="lax"
    )


def session_token(connection: HTTPConnection) -> str:
    """The token that the browser presents, or an empty text."""
    return connection.cookies.get(cookie_name(_settings(connection)), "")


def origin_allowed(connection: HTTPConnection) -> bool:
    origins = connection.headers.getlist("origin")
    return len(origins) == 1 and origins[0] in _settings(connection).allowed_origins


async def same_origin(request: Request) -> None:
    """Refuse unsafe requests that do not come from one of our own pages."""
    if request.method not in SAFE_METHODS and not origin_allowed(request):
        raise Forbidden("This request does not come from this desk's own pages.", type="foreign-origin")


async def signed_in(
    request: Request,
    response: Response,
    background: BackgroundTasks,
    _origin: Annotated[None, Depends(same_origin)],
) -> Staff:
    """The person behind the request's cookie; raises Unauthorized (401)."""
    db = _database(request)
    token = session_token(request)
    live = None
    if token:
        # A session of its own, over before the endpoint's begins: no request holds two connections.
        async with db.read() as session:
            live = await queries.session_by_token(session, token, slide_after_s=service.SLIDE_AFTER_S)
    if live is None:
        raise Unauthorized()
    if live.slide:
        background.add_task(_slide, db, live.id)
    response.headers["Cache-Control"] = "no-store"
    return _staff(live)


SignedIn = Annotated[Staff, Depends(signed_in)]


@functools.cache
def require(permission: Permission) -> Callable[[Staff], Awaitable[Staff]]:
    """A dependency that lets only people with this permission pass, else 403.

    `reader: Annotated[Staff, Depends(require("tickets.read"))]`
    """

    async def permitted(staff: SignedIn) -> Staff:
        if not staff.may(permission):
            raise Forbidden("Your role does not include this.")
        return staff

    return permitted


def staff_router(prefix: str = "", *, tags: list[str] | None = None) -> APIRouter:
    """A router all of whose routes are for signed-in people only, checked before anything else is opened."""
    return APIRouter(prefix=prefix, tags=[*(tags or [])], dependencies=[Depends(signed_in)])


async def staff_from_websocket(websocket: WebSocket) -> Staff | None:
    """The person behind a socket's handshake, or None: no live session, or a foreign Origin."""
    token = session_token(websocket)
    if not token or not origin_allowed(websocket):
        return None
    async with _database(websocket).read() as session:
        return await staff_by_token(session, token)


async def staff_by_token(session: ReadSession, token: str) -> Staff | None:
    live = await queries.session_by_token(session, token, slide_after_s=service.SLIDE_AFTER_S)
    return _staff(live) if live else None


async def still_valid(session: ReadSession, session_id: str) -> Staff | None:
    """The person of an open socket as they are now, with today's permissions; None = close the socket."""
    live = await queries.session_by_id(session, session_id)
    return _staff(live) if live else None


def _staff(live: queries.LiveSession) -> Staff:
    user = live.user
    return Staff(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        permissions=permissions_of(user.role),
        languages=tuple(user.languages),
        session_id=live.id,
    )


async def _slide(db: Database, session_id: str) -> None:
    """Move the session's end after the answer is sent; a lost move only costs one more try."""
    try:
        async with db.write() as session:
            await service.extend_session(session, session_id)
    except SQLAlchemyError as error:
        log.warning("session_not_extended", error=type(error).__name__)


def _settings(connection: HTTPConnection) -> Settings:
    found: Settings = connection.app.state.settings
    return found


def _database(connection: HTTPConnection) -> Database:
    found: Database = connection.app.state.db
    return found
