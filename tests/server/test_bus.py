"""The bus: every process hears what was committed; Redis may go away at any time and costs only time."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text
from world import World

from chat.models import Inbox
from server.bus import Announcement, Bus, LocalBus, RedisBus, make_bus
from server.db import Database

Heard = list[tuple[str, dict[str, Any]]]


def listening(bus: Bus) -> Heard:
    heard: Heard = []
    bus.subscribe(lambda topic, payload: heard.append((topic, payload)))
    return heard


async def hears(heard: Heard, topic: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not (found := [payload for name, payload in heard if name == topic]):
            await asyncio.sleep(0.01)
    return found[-1]


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def bus(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Bus]:
    made = make_bus(redis_url if request.param == "redis" else "", f"test-{secrets.token_hex(4)}")
    await made.start()
    yield made
    await made.stop()


async def test_what_is_announced_is_heard_in_order(bus: Bus) -> None:
    heard = listening(bus)
    await bus.publish_all([Announcement("news", {"n": n, "text": "你好 😀"}) for n in range(50)])
    await bus.publish_all([Announcement("last", {})])
    await hears(heard, "last")
    assert [payload["n"] for topic, payload in heard if topic == "news"] == list(range(50))
    assert heard[0] == ("news", {"n": 0, "text": "你好 😀"})


async def test_who_no_longer_listens_hears_nothing(bus: Bus) -> None:
    heard: Heard = []
    unsubscribe = bus.subscribe(lambda topic, payload: heard.append((topic, payload)))
    others = listening(bus)
    unsubscribe()
    unsubscribe()
    await bus.publish_all([Announcement("news", {})])
    await hears(others, "news")
    assert heard == []


async def test_a_broken_listener_does_not_deafen_the_others(bus: Bus) -> None:
    def broken(topic: str, payload: dict[str, Any]) -> None:
        raise RuntimeError("a listener of ours is broken")

    bus.subscribe(broken)
    heard = listening(bus)
    await bus.publish_all([Announcement("news", {})])
    await hears(heard, "news")


async def test_counters_count_and_vanish(bus: Bus) -> None:
    assert [await bus.count("a", 60) for _ in range(3)] == [1, 2, 3]
    assert await bus.count("b", 60) == 1
    await bus.forget("a")
    assert await bus.count("a", 1) == 1
    await asyncio.sleep(1.1)
    assert await bus.count("a", 1) == 1


async def test_counting_at_once_loses_nothing(bus: Bus) -> None:
    assert sorted(await asyncio.gather(*(bus.count("a", 60) for _ in range(40)))) == list(range(1, 41))


@pytest.mark.redis
async def test_two_processes_hear_each_other_and_nobody_else(redis_url: str) -> None:
    prefix = f"test-{secrets.token_hex(4)}"
    one, two, stranger = (RedisBus(redis_url, name) for name in (prefix, prefix, f"{prefix}-other"))
    for bus in (one, two, stranger):
        await bus.start()
    heard, foreign = listening(two), listening(stranger)
    await one.publish_all([Announcement("news", {"n": 1})])
    assert await hears(heard, "news") == {"n": 1}
    await one.count("a", 60)
    assert await two.count("a", 60) == 2
    assert foreign == []
    for bus in (one, two, stranger):
        await bus.stop()


class Wire:
    """The network to Redis, which can be cut."""

    def __init__(self, redis_url: str) -> None:
        parts = urlsplit(redis_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 6379
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await asyncio.sleep(0)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, far_writer}

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while content := await source.read(65_536):
                    target.write(content)
                    await target.drain()
            target.close()

        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))


@pytest.mark.redis
async def test_a_redis_that_goes_away_costs_only_time(redis_url: str) -> None:
    wire = Wire(redis_url)
    await wire.up()
    bus = RedisBus(f"redis://127.0.0.1:{wire.port}/0", f"test-{secrets.token_hex(4)}")
    await bus.start()
    heard = listening(bus)
    await bus.publish_all([Announcement("before", {})])
    await hears(heard, "before")
    await wire.cut()
    await bus.publish_all([Announcement("lost", {})])
    assert await bus.count("a", 60) == 1, "without Redis nobody is refused"
    await bus.forget("a")
    await wire.up()
    await hears(heard, "bus.resubscribed")
    await bus.publish_all([Announcement("after", {})])
    await hears(heard, "after")
    assert "lost" not in [topic for topic, _ in heard]
    await bus.stop()
    await wire.cut()


@pytest.mark.redis
async def test_a_redis_that_is_not_there_does_not_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = RedisBus("redis://127.0.0.1:15699/0", "test")
    starting = asyncio.create_task(bus.start())
    await bus.publish_all([Announcement("lost", {})])
    async with asyncio.timeout(10):
        await starting
    await bus.stop()


class TestSessions:
    async def test_announcements_follow_the_commit(self, world: World) -> None:
        """Whoever hears of something can read it."""
        seen: list[bool] = []
        reading: list[asyncio.Task[None]] = []

        async def look() -> None:
            async with world.db.read() as session:
                seen.append(await session.scalar(select(Inbox.id).where(Inbox.key == "new")) is not None)

        world.bus.subscribe(lambda topic, payload: reading.append(asyncio.create_task(look())))
        async with world.db.write() as session:
            session.announce("news", {})
            session.add(Inbox(key="new", name="New"))
            await session.flush()
            assert reading == []
        await asyncio.gather(*reading)
        assert seen == [True]

    async def test_a_failing_bus_is_no_failing_request(self, world: World) -> None:
        def broken(topic: str, payload: dict[str, Any]) -> None:
            raise RuntimeError("the bus is broken")

        world.bus.subscribe(broken)
        talk = await world.opens("alice")
        await world.says("alice", talk, "hello")
        assert await world.texts(talk) == ["hello"]

    async def test_a_read_session_writes_nothing(self, world: World) -> None:
        async with world.db.read() as session:
            session.add(Inbox(key="new", name="New"))
            await session.flush()
        async with world.db.read() as session:
            assert await session.scalar(select(Inbox.id).where(Inbox.key == "new")) is None

    async def test_readers_do_not_wait_for_a_writer(self, world: World) -> None:
        async with world.db.write() as session:
            session.add(Inbox(key="new", name="New"))
            await session.flush()
            async with asyncio.timeout(5), world.db.read() as reading:
                assert await reading.scalar(select(Inbox.id).where(Inbox.key == "new")) is None

    async def test_many_writers_all_get_their_turn(self, world: World) -> None:
        async def write(number: int) -> None:
            async with world.db.write() as session:
                session.add(Inbox(key=f"new{number}", name="New"))

        await asyncio.gather(*(write(number) for number in range(60)))
        assert await world.count(Inbox) == 61

    async def test_a_database_that_does_not_answer_is_not_ready(self, world: World) -> None:
        assert await world.db.ping()
        gone = Database("postgresql+psycopg://nobody@127.0.0.1:15698/none", LocalBus())
        assert not await gone.ping()
        await gone.close()

    async def test_foreign_keys_are_enforced(self, world: World) -> None:
        from sqlalchemy.exc import IntegrityError

        async def orphan() -> None:
            async with world.db.write() as session:
                await session.execute(
                    text("INSERT INTO participants VALUES ('nowhere', 'nobody', '2026-01-01 00:00:00', NULL)")
                )

        with pytest.raises(IntegrityError):
            await orphan()
