"""Whether people are at work now, and when they will be."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calendars.clock import business_now
from calendars.queries import load_hours
from chat.models import Inbox
from server.db import ReadSession

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}


@dataclass(frozen=True, slots=True)
class Opening:
    """`open` now, and if not, when it opens next (None: not in sight)."""

    open: bool
    opens_at: datetime | None = None
    zone: str = "UTC"

    def next_opening_text(self, language: str) -> str:
        """ "Monday 09:00 (Europe/Amsterdam)", in the words of the language; empty if not known."""
        if self.opens_at is None:
            return ""
        local = self.opens_at.astimezone(ZoneInfo(self.zone))
        days = _DAYS.get(language, _DAYS["en"])
        return f"{days[local.weekday()]} {local:%H:%M} ({self.zone})"


async def opening_of(session: ReadSession, inbox: Inbox | None) -> Opening:
    """An inbox without a calendar is always open."""
    if inbox is None or inbox.calendar_id is None:
        return Opening(open=True)
    hours = await load_hours(session, inbox.calendar_id)
    now = await business_now(session)
    if hours.is_open(now):
        return Opening(open=True, zone=str(hours.zone))
    return Opening(open=False, opens_at=hours.next_opening(now), zone=str(hours.zone))
