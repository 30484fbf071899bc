"""How the assistant is: planned starts that are waited for, the staff's banner, the probe that ends it."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from assistant.gateway import Breaker, RasaGateway
from server.db import Database, ReadSession, SharedState, WriteSession, utc_now
from server.jobs import Job

STATE = "assistant"
STARTING = "assistant.starting"
BANNER_TOPIC = "banner"
BANNER = "assistant_down"
LOOK_EVERY_S = 1.0

LONGEST_START_S = 60.0
"""Rasa needs 12 to 40 s; one that takes longer has failed, and customers are told."""


async def is_down(session: ReadSession) -> bool:
    row = await session.get(SharedState, STATE)
    return bool(row and row.value.get("down"))


async def announce_start(session: WriteSession) -> None:
    """A start that somebody wanted: until Rasa is ready, or for a minute, turns wait instead of failing."""
    until = utc_now() + timedelta(seconds=LONGEST_START_S)
    await session.merge(SharedState(name=STARTING, value={"until": until.isoformat()}, version=1))


async def is_starting(session: ReadSession) -> bool:
    row = await session.get(SharedState, STARTING, populate_existing=True)
    return bool(row and row.value and datetime.fromisoformat(row.value["until"]) > utc_now())


async def tell_staff(session: WriteSession, *, down: bool) -> None:
    """One banner for all staff, raised and taken down once."""
    row = await session.get(SharedState, STATE, with_for_update=True)
    if row is None:
        session.add(SharedState(name=STATE, value={"down": down}, version=1))
    elif row.value.get("down") == down:
        return
    else:
        row.value, row.version = {"down": down}, row.version + 1
    payload: dict[str, Any] = {"code": BANNER, "active": down}
    session.announce(BANNER_TOPIC, payload)


class AssistantHealth:
    """A source of the worker: ends a planned start and an open breaker as soon as Rasa is ready."""

    def __init__(self, db: Database, gateway: RasaGateway, breaker: Breaker) -> None:
        self._db = db
        self._gateway = gateway
        self._breaker = breaker
        self._told: bool | None = None
        self._next = 0.0

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        now = time.monotonic()
        if now < self._next:
            return [], None
        self._next = now + LOOK_EVERY_S
        return [self._look], None

    async def _look(self) -> None:
        async with self._db.read() as session:
            starting = await is_starting(session)
        if starting and await self._gateway.is_ready():
            async with self._db.write() as session:
                await session.merge(SharedState(name=STARTING, value={}, version=1))
        if self._breaker.probe_due() and await self._gateway.is_ready():
            self._breaker.close()
        if self._breaker.is_open != self._told:
            async with self._db.write() as session:
                await tell_staff(session, down=self._breaker.is_open)
            self._told = self._breaker.is_open
