"""Signing in and out: limits against guessing, server-side sessions that slide, end and are revoked."""

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass

import structlog
from sqlalchemy import ColumnElement, case, insert, update

from accounts import queries
from accounts.emails import fold_email
from accounts.events import ACCESS_TOPIC, AccessChanged
from accounts.models import StaffSession, User
from accounts.passwords import Verdict, verify_password
from accounts.service.audit import SYSTEM, Target, record_audit, staff_actor
from accounts.service.presence import go_offline
from server.bus import Bus
from server.db import Database, WriteSession, db_now, new_id
from server.errors import TooMany, Unauthorized

log = structlog.get_logger(__name__)

SESSION_SLIDES_S = 12 * 3600
SESSION_ENDS_S = 7 * 24 * 3600
SLIDE_AFTER_S = 300

WINDOW_S = 15 * 60
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_NETWORK = 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """A wish to sign in. `ip` is the peer as the server saw it, never a header's word.

    `presented` is the session token that the browser already had, if any.
    """

    email: str
    password: str
    ip: str
    user_agent: str = ""
    presented: str = ""


async def log_in(db: Database, bus: Bus, attempt: Attempt) -> str:
    """Check the password and begin a session; answers its token, which is stored nowhere.

    Raises Unauthorized in the same words, after the same work, for an unknown address, a wrong password
    and a deactivated person; TooMany (429) after too many failures, until the window ends.
    """
    await _count_attempt(bus, attempt)
    async with db.read() as session:
        user = await queries.user_by_email(session, _lookup_email(attempt.email))
    # Slow on purpose, and therefore between two transactions, not inside one.
    verdict = await verify_password(user.password_hash if user else None, attempt.password)
    token = ""
    async with db.write() as session:
        if user and verdict.right and await _still_so(session, user):
            token = await _begin_session(session, user, verdict, attempt)
        else:
            # The typed address is not written down: people type passwords into that field.
            target = Target("user", user.id if user else None)
            await record_audit(session, SYSTEM, "session.refused", target, {"ip": attempt.ip})
    if not token:
        raise Unauthorized("E-mail address or password is wrong.", type="wrong-credentials")
    await _forgive_attempt(bus, attempt)
    return token


async def _still_so(session: WriteSession, seen: User) -> bool:
    """Whether the user is active and the password is the one just verified, now with the row locked."""
    user = await session.get(User, seen.id, with_for_update=True)
    return user is not None and user.active and user.password_hash == seen.password_hash


async def _begin_session(session: WriteSession, user: User, verdict: Verdict, attempt: Attempt) -> str:
    if verdict.rehashed:
        await session.execute(update(User).where(User.id == user.id).values(password_hash=verdict.rehashed))
    if attempt.presented:
        await _revoke(session, StaffSession.token_hash == queries.token_hash(attempt.presented))
    token, session_id = secrets.token_urlsafe(32), new_id()
    await session.execute(
        insert(StaffSession).values(
            id=session_id,
            token_hash=queries.token_hash(token),
            user_id=user.id,
            created_at=db_now(),
            last_seen_at=db_now(),
            expires_at=db_now(SESSION_SLIDES_S),
            ends_at=db_now(SESSION_ENDS_S),
            ip=attempt.ip[:64],
            user_agent="".join(filter(str.isprintable, attempt.user_agent))[:200],
        )
    )
    await record_audit(
        session, staff_actor(user.id), "session.begun", Target("session", session_id), {"ip": attempt.ip}
    )
    return token


async def log_out(session: WriteSession, token: str) -> None:
    """End the session of this token and go offline; an unknown or dead token changes nothing."""
    live = await queries.session_by_token(session, token, slide_after_s=SLIDE_AFTER_S)
    if live is None:
        return
    await _revoke(session, StaffSession.id == live.id)
    await go_offline(session, live.user.id)
    await access_changed(session, live.user.id)
    await record_audit(session, staff_actor(live.user.id), "session.ended", Target("session", live.id))


async def end_sessions(session: WriteSession, user_id: str, *, keep_session_id: str | None = None) -> None:
    """Revoke every session of this person, but for the one that may go on."""
    others = StaffSession.user_id == user_id
    if keep_session_id is not None:
        others &= StaffSession.id != keep_session_id
    await _revoke(session, others)
    await access_changed(session, user_id)


async def extend_session(session: WriteSession, session_id: str) -> None:
    """Move a live session's end to a full slide from now, never past its absolute end."""
    slid = db_now(SESSION_SLIDES_S)
    await session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, queries.session_alive())
        .values(
            last_seen_at=db_now(),
            expires_at=case((slid < StaffSession.ends_at, slid), else_=StaffSession.ends_at),
        )
    )


async def access_changed(session: WriteSession, user_id: str) -> None:
    """Say, within this transaction and after it, that open sockets of this person must look again."""
    session.announce(ACCESS_TOPIC, {"user_id": user_id})
    await session.emit(AccessChanged(user_id))


async def _revoke(session: WriteSession, which: ColumnElement[bool]) -> None:
    await session.execute(
        update(StaffSession).where(which, StaffSession.revoked_at.is_(None)).values(revoked_at=db_now())
    )


async def _count_attempt(bus: Bus, attempt: Attempt) -> None:
    """Raise TooMany when there were too many failures from this address or for this account.

    Counted before the password is looked at, so that a hundred attempts at once do not all slip through.
    The bus only counts up, so for the network successes are counted beside the attempts, each attempt once
    in both: the difference is what was forgiven.
    """
    network = _network(attempt.ip)
    attempts = await bus.count(f"login:attempts:{network}", WINDOW_S)
    forgiven = await bus.count(f"login:forgiven:{network}", WINDOW_S) - attempts
    if attempts - forgiven > FAILURES_PER_NETWORK:
        raise _too_many("network")
    if await bus.count(_account_key(attempt), WINDOW_S) > FAILURES_PER_ACCOUNT:
        raise _too_many("account")


async def _forgive_attempt(bus: Bus, attempt: Attempt) -> None:
    await bus.count(f"login:forgiven:{_network(attempt.ip)}", WINDOW_S)
    await bus.forget(_account_key(attempt))


def _too_many(what: str) -> TooMany:
    log.warning("sign_in_limited", by=what)
    minutes = WINDOW_S // 60
    return TooMany(
        f"Too many failed sign-ins. Please try again in {minutes} minutes.",
        headers={"Retry-After": str(WINDOW_S)},
    )


def _lookup_email(typed: str) -> str:
    """The typed address as it would be stored; one that no address looks like finds nobody."""
    folded = fold_email(typed)
    return folded if folded.isprintable() else ""


def _account_key(attempt: Attempt) -> str:
    """Counts by what was typed, known or not, so that a limit does not tell who exists; hashed, so that the
    counter's store holds no addresses."""
    return f"login:account:{hashlib.sha256(_lookup_email(attempt.email).encode()).hexdigest()}"


def _network(ip: str) -> str:
    """The address, or for IPv6 the /64 that one customer of a provider has to himself."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
