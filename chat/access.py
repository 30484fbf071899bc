"""Who is writing: the visitor behind a bearer token, as a FastAPI dependency and for the socket."""

import hashlib
from dataclasses import dataclass
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Request
from sqlalchemy import select, update

from chat.models import Inbox, VisitorSession
from server.db import Database, ReadSession, database, db_now
from server.errors import Unauthorized

TOKEN_LIFE_S = 90 * 86_400
_RENEW_BELOW_S = TOKEN_LIFE_S - 86_400


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor session that is valid now; `customer_id` is None until the first message."""

    session_id: str
    inbox_id: str
    inbox_key: str
    customer_id: str | None
    locale: str | None


def hash_token(token: str) -> str:
    """Tokens are 256 random bits, so a plain SHA-256 is enough to store them by."""
    return hashlib.sha256(token.encode()).hexdigest()


async def visitor_by_token(session: ReadSession, token: str) -> tuple[Visitor, bool] | None:
    """The visitor of a valid token and whether its life should be prolonged; None for any other token."""
    row = (
        await session.execute(
            select(VisitorSession, Inbox.key, VisitorSession.expires_at < db_now(_RENEW_BELOW_S))
            .join(Inbox, Inbox.id == VisitorSession.inbox_id)
            .where(
                VisitorSession.token_hash == hash_token(token),
                VisitorSession.revoked_at.is_(None),
                VisitorSession.expires_at > db_now(),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    found, inbox_key, renew = row
    return Visitor(found.id, found.inbox_id, inbox_key, found.customer_id, found.locale), bool(renew)


async def authenticate(db: Database, token: str) -> tuple[Visitor, bool] | None:
    """Like `visitor_by_token`, in a session of its own."""
    async with db.read() as session:
        return await visitor_by_token(session, token)


async def prolong(db: Database, visitor: Visitor) -> None:
    """Slide the session's expiry; called at most about once a day for each session."""
    async with db.write() as session:
        await session.execute(
            update(VisitorSession)
            .where(VisitorSession.id == visitor.session_id, VisitorSession.revoked_at.is_(None))
            .values(expires_at=db_now(TOKEN_LIFE_S))
        )


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def current_visitor(request: Request, background: BackgroundTasks) -> Visitor:
    """Raises Unauthorized where there is no valid token."""
    token = bearer(request)
    found = await authenticate(database(request), token) if token else None
    if found is None:
        raise Unauthorized("This chat session is not known or has ended. Please start a new one.")
    visitor, ages = found
    if ages:  # after the answer: the endpoint may hold the only writer of SQLite
        background.add_task(prolong, database(request), visitor)
    return visitor


CurrentVisitor = Annotated[Visitor, Depends(current_visitor)]
