"""How the assistant is: the banner that staff see while Rasa is down, and the probe that ends it."""

from collections.abc import Sequence
from typing import Any

from assistant.decide import Assistant
from server.db import Database, ReadSession, SharedState, WriteSession
from server.jobs import Job

STATE = "assistant"
BANNER_TOPIC = "banner"
BANNER = "assistant_down"
PROBE_S = 2.0


async def is_down(session: ReadSession) -> bool:
    row = await session.get(SharedState, STATE)
    return bool(row and row.value.get("down"))


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
    """Tells staff when the breaker opens, looks every two seconds while it is open, and tells the end."""

    def __init__(self, db: Database, assistant: Assistant) -> None:
        self._db = db
        self._assistant = assistant
        self._told: bool | None = None

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        breaker = self._assistant.breaker
        if not breaker.is_open and self._told is False:
            return [], None
        return [self._look], PROBE_S if breaker.is_open else None

    async def _look(self) -> None:
        breaker = self._assistant.breaker
        if breaker.probe_due() and await self._assistant.gateway.is_ready():
            breaker.close()
        if breaker.is_open != self._told:
            async with self._db.write() as session:
                await tell_staff(session, down=breaker.is_open)
            self._told = breaker.is_open
