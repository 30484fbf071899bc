"""Calendars are stored as people write them and come back as hours to calculate with."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from calendars.models import Calendar
from calendars.queries import calendar_by_key, load_hours
from calendars.schemas import CalendarIn
from calendars.service import save_calendar
from server.db import Database
from server.errors import NotFound

SERVICE: dict[str, Any] = {
    "name": "Customer service",
    "zone": "Europe/Amsterdam",
    "weekly": {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "sat": [["22:00", "02:00"]]},
    "exceptions": [
        {"date": "2026-12-28", "hours": [], "note": "Stocktaking"},
        {"date": "2026-12-29", "hours": [["10:00", "12:00"]]},
    ],
}


async def save(db: Database, **changed: Any) -> Calendar:
    async with db.write() as session:
        return await save_calendar(session, "service", CalendarIn.model_validate({**SERVICE, **changed}))


async def test_stored_hours_calculate(db: Database) -> None:
    calendar = await save(db)
    async with db.read() as session:
        hours = await load_hours(session, calendar.id)
    assert hours.zone == "Europe/Amsterdam"
    assert hours.is_open(datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 11, 23, 11, 30, tzinfo=UTC)), "lunch"
    assert hours.is_open(datetime(2026, 11, 22, 0, 30, tzinfo=UTC)), "the night of Saturday"
    assert hours.next_opening(datetime(2026, 12, 28, 9, tzinfo=UTC)) == datetime(2026, 12, 29, 9, tzinfo=UTC)


async def test_saving_again_replaces_hours_and_exceptions(db: Database) -> None:
    first = await save(db)
    second = await save(
        db, name="Service", weekly={}, exceptions=[{"date": "2026-12-28", "hours": [["08:00", "09:00"]]}]
    )
    assert first.id == second.id
    async with db.read() as session:
        found = await calendar_by_key(session, "service")
        assert found is not None
        hours = found.hours()
    assert found.name == "Service"
    assert set(hours.exceptions) == {date(2026, 12, 28)}
    assert hours.next_opening(datetime(2026, 11, 23, tzinfo=UTC)) == datetime(2026, 12, 28, 7, tzinfo=UTC)


async def test_an_unknown_calendar_is_not_found(db: Database) -> None:
    async with db.read() as session:
        with pytest.raises(NotFound):
            await load_hours(session, "nothing")


@pytest.mark.parametrize(
    "changed",
    [
        {"zone": "Europe/Atlantis"},
        {"weekly": {"monday": []}},
        {"weekly": {"mon": [["9", "18"]]}},
        {"weekly": {"mon": [["09:00"]]}},
        {"weekly": {"mon": [["09:00", "12:00", "13:00"]]}},
        {"exceptions": [{"date": "2026-13-01", "hours": []}]},
        {"exceptions": [{"date": "2026-12-01", "hours": [["24:00", "25:00"]]}]},
        {"exceptions": [{"date": "2026-12-01", "hours": []}] * 2},
    ],
)
def test_hours_that_make_no_sense_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CalendarIn.model_validate({**SERVICE, **changed})
