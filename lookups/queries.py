"""Every SELECT of the look-ups."""

from collections.abc import Sequence

from sqlalchemy import select

from calendars.models import Calendar
from chat.models import Inbox
from lookups.models import LookUp
from server.db import ReadSession

DEFAULT_ZONE = "UTC"


async def page(session: ReadSession, *, after: str, limit: int) -> Sequence[tuple[LookUp, str | None]]:
    """Look-ups with the key of their inbox, oldest first; one more than `limit` where there are more."""
    query = (
        select(LookUp, Inbox.key)
        .outerjoin(Inbox, Inbox.id == LookUp.inbox_id)
        .where(LookUp.id > after)
        .order_by(LookUp.id)
        .limit(limit + 1)
    )
    return [(row, key) for row, key in await session.execute(query)]


async def with_inbox(session: ReadSession, look_up_id: str) -> tuple[LookUp, str | None] | None:
    query = select(LookUp, Inbox.key).outerjoin(Inbox, Inbox.id == LookUp.inbox_id)
    found = (await session.execute(query.where(LookUp.id == look_up_id))).first()
    return (found[0], found[1]) if found else None


async def by_name(session: ReadSession, name: str, inbox_id: str | None) -> LookUp | None:
    own = LookUp.inbox_id.is_(None) if inbox_id is None else LookUp.inbox_id == inbox_id
    found: LookUp | None = await session.scalar(select(LookUp).where(LookUp.name == name, own))
    return found


async def inbox_id_of(session: ReadSession, key: str) -> str | None:
    found: str | None = await session.scalar(select(Inbox.id).where(Inbox.key == key))
    return found


async def with_zones(session: ReadSession) -> Sequence[tuple[LookUp, str]]:
    """All look-ups, each with the zone in which its customers count days."""
    of_inboxes = select(Inbox.id, Calendar.zone).join(Calendar, Calendar.id == Inbox.calendar_id)
    found = await session.execute(of_inboxes)
    zones: dict[str | None, str] = {inbox_id: zone for inbox_id, zone in found}  # noqa: C416 - rows, for mypy
    company = await session.scalar(select(Calendar.zone).where(Calendar.key == "default")) or DEFAULT_ZONE
    rows = await session.scalars(select(LookUp).order_by(LookUp.id))
    return [(row, zones.get(row.inbox_id, company)) for row in rows]
