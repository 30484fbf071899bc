"""How much a look-up may burden its service: so many questions at once, and a rest after many failures."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lookups.views import LookUpFailed

AT_ONCE = 4
FAILURES = 5
WITHIN_S = 60.0
REST_S = 30.0


class Restraint:
    """Of one look-up in one process. `clock` counts seconds from anywhere."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._failures: deque[float] = deque(maxlen=FAILURES)

    @property
    def is_resting(self) -> bool:
        """Five failures within a minute, the newest less than half a minute ago."""
        if len(self._failures) < FAILURES:
            return False
        oldest, newest = self._failures[0], self._failures[-1]
        return newest - oldest <= WITHIN_S and self._clock() - newest < REST_S

    def failed(self) -> None:
        self._failures.append(self._clock())

    def succeeded(self) -> None:
        self._failures.clear()

    @asynccontextmanager
    async def place(self, *, within_s: float) -> AsyncIterator[None]:
        """One of the places at the service. Raises LookUpFailed where none gets free in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._places.acquire()
        except TimeoutError:
            raise LookUpFailed("busy", "Too many customers asked this at once.") from None
        try:
            yield
        finally:
            self._places.release()
