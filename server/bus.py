"""The bus: what has been committed is announced to every process; nothing durable lives here."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

Subscriber = Callable[[str, dict[str, Any]], None]
"""Called with topic and payload on the event loop; must not block (put it in a queue)."""


@dataclass(frozen=True, slots=True)
class Announcement:
    topic: str
    payload: dict[str, Any]


class Bus(Protocol):
    """Fan-out and small counters. A lost announcement only costs time: readers compare numbers."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]: ...
    async def publish_all(self, announcements: Iterable[Announcement]) -> None: ...
    async def count(self, key: str, window_s: int) -> int:
        """Add one to a counter that vanishes `window_s` seconds after its first use; its new value."""
        ...

    async def forget(self, key: str) -> None: ...


class _Subscribers:
    def __init__(self) -> None:
        self._all: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        self._all.append(subscriber)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._all.remove(subscriber)

        return unsubscribe

    def deliver(self, topic: str, payload: dict[str, Any]) -> None:
        for subscriber in list(self._all):
            try:
                subscriber(topic, payload)
            except Exception:
                log.exception("bus_subscriber_failed", topic=topic)


class LocalBus(_Subscribers):
    """One process: delivered at once."""

    def __init__(self) -> None:
        super().__init__()
        self._counters: dict[str, tuple[int, float]] = {}

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        self._all.clear()

    async def publish_all(self, announcements: Iterable[Announcement]) -> None:
        for one in announcements:
            self.deliver(one.topic, one.payload)

    async def count(self, key: str, window_s: int) -> int:
        now = time.monotonic()
        if len(self._counters) > 50_000:
            self._counters = {k: v for k, v in self._counters.items() if v[1] > now}
        count, ends = self._counters.get(key, (0, 0.0))
        count, ends = (count + 1, ends) if ends > now else (1, now + window_s)
        self._counters[key] = (count, ends)
        return count

    async def forget(self, key: str) -> None:
        self._counters.pop(key, None)


class RedisBus(_Subscribers):
    """Several processes behind one Redis channel; subscribes again after every interruption."""

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        self._redis: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=5)
        self._listening: Redis = Redis.from_url(url, decode_responses=True)
        self._prefix = prefix
        self._channel = f"{prefix}:bus"
        self._task: asyncio.Task[None] | None = None
        self._subscribed = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; waits a moment for Redis, but a Redis that is down does not stop the start."""
        self._task = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._subscribed.wait(), timeout=5)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()
        await self._listening.aclose()

    async def publish_all(self, announcements: Iterable[Announcement]) -> None:
        batch = list(announcements)
        if not batch:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for one in batch:
                    pipe.publish(self._channel, json.dumps([one.topic, one.payload]))
                await pipe.execute()
        except (RedisError, OSError) as error:
            # Committed is committed: the doorbell is lost, the ledger is not.
            log.warning("bus_publish_failed", error=type(error).__name__, lost=len(batch))

    async def count(self, key: str, window_s: int) -> int:
        name = f"{self._prefix}:count:{key}"
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(name)
                pipe.expire(name, window_s, nx=True)
                counted, _ = await pipe.execute()
        except (RedisError, OSError):
            return 1  # limits are a courtesy of Redis; without it, serve
        return int(counted)

    async def forget(self, key: str) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._redis.delete(f"{self._prefix}:count:{key}")

    async def _listen(self) -> None:
        while True:
            try:
                async with self._listening.pubsub() as pubsub:
                    await pubsub.subscribe(self._channel)
                    self._subscribed.set()
                    self.deliver("bus.resubscribed", {})
                    await self._read(pubsub)
            except (RedisError, OSError) as error:
                log.warning("bus_disconnected", error=type(error).__name__)
                await asyncio.sleep(1)

    async def _read(self, pubsub: Any) -> None:
        async for item in pubsub.listen():
            if item["type"] == "message":
                topic, payload = json.loads(item["data"])
                self.deliver(topic, payload)


def make_bus(redis_url: str, prefix: str) -> Bus:
    return RedisBus(redis_url, prefix) if redis_url else LocalBus()
