"""What changes people's accounts: adding them, their password, role and activity."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from accounts import queries
from accounts.emails import normal_email
from accounts.models import Agent, Team, TeamMember, User
from accounts.permissions import Role, permissions_of
from accounts.service.audit import SYSTEM, Doer, Target, record_audit
from accounts.service.presence import go_offline
from accounts.service.sign_in import access_changed, end_sessions
from server.db import SharedState, WriteSession, utc_now
from server.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody to be added. `password_hash` comes from `passwords.hash_password`, made beforehand."""

    email: str
    name: str
    role: Role
    password_hash: str
    languages: Sequence[str] = ("en",)
    skills: Sequence[str] = ()
    capacity: int = 4


async def create_user(session: WriteSession, new: NewUser, *, actor: Doer = SYSTEM) -> User:
    """Add a person; those who may answer customers can also be given work. Raises Conflict: known e-mail."""
    user = User(
        email=normal_email(new.email),
        name=new.name.strip(),
        password_hash=new.password_hash,
        role=new.role,
        languages=list(new.languages),
    )
    try:
        async with session.begin_nested():
            session.add(user)
            await session.flush()
    except IntegrityError:
        raise Conflict("Somebody with this e-mail address is already here.", type="email-taken") from None
    if _answers_customers(new.role):
        session.add(Agent(user_id=user.id, capacity=new.capacity, skills=list(new.skills)))
    await record_audit(session, actor, "user.created", Target("user", user.id), {"role": new.role})
    return user


async def set_password(
    session: WriteSession,
    user_id: str,
    password_hash: str,
    *,
    actor: Doer,
    keep_session_id: str | None = None,
) -> None:
    """Change the password; every other session of this person ends with it."""
    user = await _locked(session, user_id)
    user.password_hash = password_hash
    user.password_changed_at = utc_now()
    await end_sessions(session, user_id, keep_session_id=keep_session_id)
    await record_audit(session, actor, "user.password_changed", Target("user", user_id))


async def change_role(session: WriteSession, user_id: str, role: Role, *, actor: Doer) -> None:
    """Change what somebody may do; it counts from the next request on, and open sockets look again."""
    user = await _locked(session, user_id)
    before, user.role = user.role, role
    if _answers_customers(role) and await queries.agent_of(session, user_id) is None:
        session.add(Agent(user_id=user_id))
    await access_changed(session, user_id)
    await record_audit(
        session, actor, "user.role_changed", Target("user", user_id), {"from": before, "to": role}
    )


async def deactivate(session: WriteSession, user_id: str, *, actor: Doer) -> None:
    """Shut somebody out: no sign-in, no session, no new work."""
    user = await _locked(session, user_id)
    user.active = False
    await end_sessions(session, user_id)
    await go_offline(session, user_id)
    await record_audit(session, actor, "user.deactivated", Target("user", user_id))


async def create_team(
    session: WriteSession, *, key: str, name: str, skills: Sequence[str] = (), member_ids: Sequence[str] = ()
) -> Team:
    team = Team(key=key, name=name, skills=list(skills))
    session.add(team)
    await session.flush()
    await set_members(session, team.id, member_ids)
    return team


async def set_members(session: WriteSession, team_id: str, member_ids: Sequence[str]) -> None:
    await session.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    session.add_all(TeamMember(team_id=team_id, user_id=user_id) for user_id in dict.fromkeys(member_ids))
    await session.flush()


async def name_workplace(session: WriteSession, name: str) -> None:
    """Set the company's name that the console shows."""
    await session.merge(SharedState(name=queries.WORKPLACE, value={"name": name}))
    await session.flush()


def _answers_customers(role: Role) -> bool:
    return "conversations.write" in permissions_of(role)


async def _locked(session: WriteSession, user_id: str) -> User:
    """The user's row, locked: a sign-in under way waits, and then sees what has changed."""
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound()
    return user
