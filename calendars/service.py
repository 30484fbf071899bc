"""What changes calendars."""

from calendars.models import Calendar, CalendarException
from calendars.queries import calendar_by_key
from calendars.schemas import CalendarIn
from server.db import WriteSession


async def save_calendar(session: WriteSession, key: str, wanted: CalendarIn) -> Calendar:
    """Make the calendar of this key, or make it what is wanted now, exceptions included."""
    calendar = await calendar_by_key(session, key)
    if calendar is None:
        calendar = Calendar(key=key)
        session.add(calendar)
    calendar.name, calendar.zone, calendar.weekly = wanted.name, wanted.zone, wanted.weekly
    calendar.exceptions = []
    await session.flush()  # the old dates go before the new ones come: they may be the same
    calendar.exceptions = [
        CalendarException(on=one.date, intervals=one.hours, note=one.note) for one in wanted.exceptions
    ]
    await session.flush()
    return calendar
