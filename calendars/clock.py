"""The business clock: passed in where business time counts; tests move it by a row that all processes read.

Leases and due times of jobs compare with the database's clock instead (`server.db.db_now`).
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Protocol, Self

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field, model_validator
from sqlalchemy import delete, select

from server.db import ReadSession, SharedState, WriteSession, Writing
from server.errors import Forbidden
from server.jobs import WORK
from server.settings import Settings

CLOCK = "clock"
"""Row of the shared state: `{offset_s}`."""

TEN_YEARS_S = 10 * 366 * 24 * 3600


class Clock(Protocol):
    async def now(self, session: ReadSession) -> datetime:
        """The business time, in UTC."""
        ...


class SystemClock:
    """The time it is."""

    async def now(self, session: ReadSession) -> datetime:
        return datetime.now(UTC)


class OffsetClock:
    """The time it is, moved by the offset that a test has set; read anew each time, so nobody lags behind."""

    async def now(self, session: ReadSession) -> datetime:
        return await business_now(session)


async def business_now(session: ReadSession) -> datetime:
    """The business time for code that has a session but was given no clock; one look at a row."""
    value = await session.scalar(select(SharedState.value).where(SharedState.name == CLOCK))
    return datetime.now(UTC) + timedelta(seconds=(value or {}).get("offset_s", 0.0))


async def forget_offset(session: WriteSession) -> None:
    """At the start of an installation that is no test: whatever time a test had set here is over."""
    await session.execute(delete(SharedState).where(SharedState.name == CLOCK))


def make_clock(settings: Settings) -> Clock:
    return OffsetClock() if settings.deskhand_test_clock else SystemClock()


def _app_clock(request: Request) -> Clock:
    found: Clock = request.app.state.clock
    return found


BusinessClock = Annotated[Clock, Depends(_app_clock)]
"""The clock in `app.state.clock`, for endpoints."""


class ClockIn(BaseModel):
    """Either a step in seconds, back or forth, or a moment to set the clock to; it goes on from there."""

    advance_s: float | None = Field(None, ge=-TEN_YEARS_S, le=TEN_YEARS_S, allow_inf_nan=False)
    set: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.advance_s is None) == (self.set is None):
            raise ValueError("give either advance_s or set")
        return self


class ClockOut(BaseModel):
    now: datetime
    offset_s: float


async def move_clock(session: WriteSession, wanted: ClockIn) -> ClockOut:
    row = await session.get(SharedState, CLOCK, with_for_update=True)
    if row is None:
        row = SharedState(name=CLOCK, value={"offset_s": 0.0}, version=0)
        session.add(row)
    now = datetime.now(UTC)
    if wanted.set is not None:
        offset = (wanted.set - now).total_seconds()
    else:
        offset = float(row.value["offset_s"]) + (wanted.advance_s or 0.0)
    row.value = {"offset_s": offset}
    row.version += 1
    await session.flush()
    session.announce(WORK, {})  # what has just become due should not wait for the poll
    return ClockOut(now=now + timedelta(seconds=offset), offset_s=offset)


def clock_router(settings: Settings) -> APIRouter:
    """`POST /internal/clock`, for the internal port of a test installation only."""
    router = APIRouter()

    @router.post("/internal/clock")
    async def _move(wanted: ClockIn, session: Writing) -> ClockOut:
        if not settings.deskhand_test_clock:
            raise Forbidden("The clock can only be moved with DESKHAND_TEST_CLOCK=1 in a test installation.")
        return await move_clock(session, wanted)

    return router
