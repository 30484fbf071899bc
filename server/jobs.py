"""The worker's loop: sources of due work, woken by the bus, with a one-second poll as the net."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import structlog

from server.bus import Bus

log = structlog.get_logger(__name__)

WORK = "work"
"""Topic whose announcements wake every worker."""

POLL_S = 1.0

Job = Callable[[], Awaitable[None]]


class Source(Protocol):
    """A kind of work that falls due: bot turns, timers."""

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        """Claim at most `limit` due jobs; also the seconds until the next one is due, if known."""
        ...


class Worker:
    """Runs due jobs side by side, at most `concurrency` at once, until it is stopped."""

    def __init__(self, bus: Bus, sources: Sequence[Source], *, concurrency: int = 8) -> None:
        self._bus = bus
        self._sources = sources
        self._free = concurrency
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        unsubscribe = self._bus.subscribe(self._on_announcement)
        try:
            while not self._stopping:
                self._wake.clear()
                wait = await self._round()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), timeout=wait)
        finally:
            unsubscribe()
            if self._running:  # started work is finished, not torn: its leases are ours
                await asyncio.wait(self._running, timeout=15)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _round(self) -> float:
        wait = POLL_S
        for source in self._sources:
            if self._free <= 0:
                break
            try:
                jobs, due_in = await source.claim(self._free)
            except Exception:
                log.exception("claim_failed", source=type(source).__name__)
                continue
            for job in jobs:
                self._start(job)
            if due_in is not None:
                wait = min(wait, max(due_in, 0.005))
        return wait

    def _start(self, job: Job) -> None:
        self._free -= 1
        task = asyncio.create_task(self._guarded(job))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._free += 1
        self._wake.set()

    async def _guarded(self, job: Job) -> None:
        try:
            await job()
        except Exception:
            log.exception("job_failed")

    def _on_announcement(self, topic: str, payload: dict[str, Any]) -> None:
        if topic in (WORK, "bus.resubscribed"):
            self._wake.set()
