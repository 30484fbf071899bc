"""Every SELECT of the accounts: sessions, people, agents and how they are doing, teams."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.models import Agent, StaffSession, Team, TeamMember, User, is_online, shown_status
from server.db import ReadSession, SharedState, db_now

Columns = TypeVarTuple("Columns")

WORKPLACE = "workplace"
"""Row of the shared state that holds the company's name."""


def token_hash(token: str) -> str:
    """What is stored of a session's token. Its 256 random bits need neither salt nor slow hashing."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_alive() -> ColumnElement[bool]:
    return StaffSession.revoked_at.is_(None) & (StaffSession.expires_at > db_now())


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that counts right now, and whose it is; `slide` says that its end should be moved."""

    id: str
    user: User
    slide: bool


async def session_by_token(session: ReadSession, token: str, *, slide_after_s: float) -> LiveSession | None:
    """The live session of an active user with this token; `slide` if it was last seen long enough ago."""
    return await _live(session, StaffSession.token_hash == token_hash(token), slide_after_s)


async def session_by_id(session: ReadSession, session_id: str) -> LiveSession | None:
    return await _live(session, StaffSession.id == session_id, 0)


async def _live(session: ReadSession, which: ColumnElement[bool], slide_after_s: float) -> LiveSession | None:
    slide = StaffSession.last_seen_at < db_now(-slide_after_s)
    query = (
        select(StaffSession.id, User, slide)
        .join(User, User.id == StaffSession.user_id)
        .where(which, session_alive(), User.active.is_(True))
        # A socket asks again and again in long sessions: the answer must be today's row, not a kept one.
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).one_or_none()
    return LiveSession(*found) if found else None


async def user_by_email(session: ReadSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email == email))


async def user_by_id(session: ReadSession, user_id: str) -> User | None:
    return await session.get(User, user_id)


async def users_page(session: ReadSession, *, after: str, limit: int) -> Sequence[User]:
    """People in the order in which they were added, deactivated ones too."""
    return (await session.scalars(_page(select(User), User.id, after, limit))).all()


async def teams_page(session: ReadSession, *, after: str, limit: int) -> Sequence[Team]:
    return (await session.scalars(_page(select(Team), Team.id, after, limit))).all()


async def team_by_key(session: ReadSession, key: str) -> Team | None:
    return await session.scalar(select(Team).where(Team.key == key))


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent at this moment: what routing and the transfer menu need to know."""

    id: str
    name: str
    role: str
    status: str
    languages: tuple[str, ...]
    skills: frozenset[str]
    load: int
    capacity: int
    last_assigned_at: datetime | None

    @property
    def free(self) -> int:
        return max(self.capacity - self.load, 0)


def _agents_now() -> Select[User, Agent, str]:
    joined = select(User, Agent, shown_status()).join(Agent, Agent.user_id == User.id)
    return joined.where(User.active.is_(True))


async def _as_agents(session: ReadSession, query: Select[User, Agent, str]) -> list[AgentNow]:
    rows = await session.execute(query.execution_options(populate_existing=True))
    return [
        AgentNow(
            id=user.id,
            name=user.name,
            role=user.role,
            status=status,
            languages=tuple(user.languages),
            skills=frozenset(agent.skills),
            load=agent.load,
            capacity=agent.capacity,
            last_assigned_at=agent.last_assigned_at,
        )
        for user, agent, status in rows
    ]


async def agents_page(session: ReadSession, *, after: str, limit: int) -> list[AgentNow]:
    return await _as_agents(session, _page(_agents_now(), User.id, after, limit))


async def agents_online(session: ReadSession, *, team_id: str | None = None) -> list[AgentNow]:
    """Agents who chose to be online and whose heartbeat lasts, with their load, in a stable order.

    Somebody with a capacity of 0 looks on: no customer may be promised that they answer.
    """
    query = _agents_now().where(is_online(), Agent.capacity > 0).order_by(User.id)
    if team_id is not None:
        query = query.where(exists().where(TeamMember.user_id == User.id, TeamMember.team_id == team_id))
    return await _as_agents(session, query)


async def agent_now(session: ReadSession, user_id: str) -> AgentNow | None:
    found = await _as_agents(session, _agents_now().where(User.id == user_id))
    return found[0] if found else None


async def agent_of(session: ReadSession, user_id: str) -> Agent | None:
    """The agent's own row as it is now: chosen status, load, capacity, skills."""
    return await session.get(Agent, user_id, populate_existing=True)


async def workplace_name(session: ReadSession) -> str:
    value = await session.scalar(select(SharedState.value).where(SharedState.name == WORKPLACE))
    return str((value or {}).get("name", "")) or "Deskhand"


def _page(
    query: Select[*Columns], key: InstrumentedAttribute[str], after: str, limit: int
) -> Select[*Columns]:
    """Rows after the cursor, one more than asked for: the extra one only tells that there is a next page."""
    return query.where(key > after).order_by(key).limit(limit + 1)
