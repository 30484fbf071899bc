"""Every SELECT of the calendars."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from calendars.business_time import BusinessHours
from calendars.models import Calendar
from server.db import ReadSession
from server.errors import NotFound


async def calendar_by_key(session: ReadSession, key: str) -> Calendar | None:
    query = select(Calendar).where(Calendar.key == key).options(selectinload(Calendar.exceptions))
    return await session.scalar(query.execution_options(populate_existing=True))


async def load_hours(session: ReadSession, calendar_id: str) -> BusinessHours:
    """The hours of a calendar, with all exceptions; raises NotFound."""
    query = select(Calendar).where(Calendar.id == calendar_id).options(selectinload(Calendar.exceptions))
    calendar = await session.scalar(query)
    if calendar is None:
        raise NotFound()
    return calendar.hours()
