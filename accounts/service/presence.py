"""Presence: the status that an agent chooses, and the heartbeat that shows they are there."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, or_, update

from accounts.events import PRESENCE_TOPIC, AgentLost, PresenceChanged
from accounts.models import STATUSES, Agent
from server.db import WriteSession, db_now
from server.errors import Forbidden, Malformed

HEARTBEAT_GAIN_S = 15.0


async def set_presence(session: WriteSession, user_id: str, status: str, *, offline_after_s: float) -> None:
    """Choose `online`, `away` or `offline`; choosing is itself a sign of life.

    Raises Forbidden for people who do not answer customers.
    """
    if status not in STATUSES:
        raise Malformed("The status is online, away or offline.")
    if status == "offline":
        times: dict[str, Any] = {"seen_until": None, "gone_at": func.coalesce(Agent.gone_at, db_now())}
    else:
        times = {"seen_until": db_now(offline_after_s), "gone_at": None}
    changed = await session.scalar(
        update(Agent)
        .where(Agent.user_id == user_id)
        .values(chosen_status=status, **times)
        .returning(Agent.user_id)
    )
    if changed is None:
        raise Forbidden("Only people who answer customers have a presence.")
    await _tell(session, user_id, status)


async def go_offline(session: WriteSession, user_id: str) -> None:
    """Take somebody out at once, as logging out does; nothing happens for people without a presence."""
    changed = await session.scalar(
        update(Agent)
        .where(Agent.user_id == user_id, Agent.chosen_status != "offline")
        .values(chosen_status="offline", seen_until=None, gone_at=func.coalesce(Agent.gone_at, db_now()))
        .returning(Agent.user_id)
    )
    if changed is not None:
        await _tell(session, user_id, "offline")


async def heartbeat(session: WriteSession, user_id: str, *, offline_after_s: float) -> bool:
    """Move `seen_until` to a full `offline_after_s` from now; True if it moved.

    Two tabs and a fast client cost no more writes than one: it only moves when that gains 15 s, or a third
    of the time where the setting is shorter than 45 s.
    """
    gain = min(HEARTBEAT_GAIN_S, offline_after_s / 3)
    row = await session.scalar(
        update(Agent)
        .where(
            Agent.user_id == user_id,
            or_(Agent.seen_until.is_(None), Agent.seen_until <= db_now(offline_after_s - gain)),
        )
        .values(
            seen_until=db_now(offline_after_s),
            gone_at=case((Agent.chosen_status == "offline", Agent.gone_at), else_=None),
        )
        .returning(Agent.user_id)
    )
    return row is not None


async def lose_silent(session: WriteSession) -> Sequence[str]:
    """Find those whose heartbeat has stopped, once each: they are now known to be gone.

    Emits AgentLost for each. The chosen status stays, so the next heartbeat brings them back as they were.
    """
    rows = await session.scalars(
        update(Agent)
        .where(Agent.seen_until <= db_now())
        .values(seen_until=None, gone_at=func.coalesce(Agent.gone_at, Agent.seen_until))
        .returning(Agent.user_id)
    )
    lost = sorted(rows)
    for user_id in lost:
        session.announce(PRESENCE_TOPIC, {"user_id": user_id, "status": "offline"})
        await session.emit(AgentLost(user_id))
    return lost


async def forgive_silence(session: WriteSession, *, offline_after_s: float) -> None:
    """After a start of the server: whoever was there before it gets a full time span to come back.

    While nobody could send a heartbeat, silence proves nothing. Those already known to be gone stay gone.
    """
    await session.execute(
        update(Agent)
        .where(Agent.seen_until < db_now(offline_after_s))
        .values(seen_until=db_now(offline_after_s))
    )


async def _tell(session: WriteSession, user_id: str, status: str) -> None:
    session.announce(PRESENCE_TOPIC, {"user_id": user_id, "status": status})
    await session.emit(PresenceChanged(user_id, status))
