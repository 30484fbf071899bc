"""Presence: chosen by the person, shown while the heartbeat lasts, on the database's clock."""

from typing import Any

import pytest
from sqlalchemy import select, update
from staff_browsers import Browsers

from accounts import queries, service
from accounts.events import AgentLost, PresenceChanged
from accounts.models import Agent, shown_status
from server.db import Database, db_now


@pytest.fixture
def happened(db: Database) -> list[Any]:
    """What was emitted within the transactions, in order."""
    seen: list[Any] = []

    async def remember(session: Any, event: Any) -> None:
        seen.append(event)

    db.listeners.append(remember)
    return seen


async def choose(db: Database, user_id: str, status: str) -> None:
    async with db.write() as session:
        await service.set_presence(session, user_id, status, offline_after_s=45)


async def seen_ago(db: Database, user_id: str, seconds: float, *, offline_after_s: float = 45) -> None:
    """As if the last heartbeat had come `seconds` ago."""
    async with db.write() as session:
        await session.execute(
            update(Agent).where(Agent.user_id == user_id).values(seen_until=db_now(offline_after_s - seconds))
        )


async def beat(db: Database, user_id: str, *, offline_after_s: float = 45) -> bool:
    async with db.write() as session:
        return await service.heartbeat(session, user_id, offline_after_s=offline_after_s)


async def shown(db: Database, user_id: str) -> str | None:
    async with db.read() as session:
        return await session.scalar(select(shown_status()).where(Agent.user_id == user_id))


async def lasts_s(db: Database, user_id: str) -> float:
    async with db.read() as session:
        agent = await queries.agent_of(session, user_id)
        now = (await session.execute(select(db_now()))).scalar_one()
    assert agent is not None
    assert agent.seen_until is not None
    return (agent.seen_until - now).total_seconds()


async def test_choosing_shows_at_once_and_is_told(
    people: dict[str, str], db: Database, browsers: Browsers, happened: list[Any]
) -> None:
    rung: list[Any] = []
    db.bus.subscribe(lambda topic, payload: rung.append((topic, payload)))
    bea = await browsers.signed_in("bea")
    for status in ("online", "away", "offline"):
        answer = await bea.http.put("/api/me/presence", json={"status": status})
        assert answer.json() == {"status": status, "load": 0, "capacity": 4}
        assert await shown(db, people["bea"]) == status
        assert happened[-1] == PresenceChanged(people["bea"], status)
        assert rung[-1] == ("accounts.presence", {"user_id": people["bea"], "status": status})
    assert (await bea.http.put("/api/me/presence", json={"status": "lunch"})).status_code == 422


async def test_a_heartbeat_only_writes_when_it_gains_enough(people: dict[str, str], db: Database) -> None:
    bea = people["bea"]
    await choose(db, bea, "online")
    assert not await beat(db, bea), "a second tab, a moment later"
    await seen_ago(db, bea, 14)
    assert not await beat(db, bea)
    await seen_ago(db, bea, 15.5)
    assert await beat(db, bea)
    assert await lasts_s(db, bea) == pytest.approx(45, abs=1)


async def test_heartbeats_hold_the_presence_however_short_the_setting(
    people: dict[str, str], db: Database
) -> None:
    bea = people["bea"]
    await choose(db, bea, "online")
    await seen_ago(db, bea, 1, offline_after_s=2)
    assert await beat(db, bea, offline_after_s=2)


async def test_a_reload_or_twenty_seconds_without_network_move_nothing(
    people: dict[str, str], db: Database, happened: list[Any]
) -> None:
    await choose(db, people["bea"], "online")
    happened.clear()
    await seen_ago(db, people["bea"], 15 + 20)
    async with db.write() as session:
        assert list(await service.lose_silent(session)) == []
    assert await shown(db, people["bea"]) == "online"
    assert happened == []


async def test_the_silent_are_lost_once_and_come_back_as_they_were(
    people: dict[str, str], db: Database, happened: list[Any]
) -> None:
    for name in ("bea", "chen"):
        await choose(db, people[name], "online")
    await seen_ago(db, people["bea"], 46)
    assert await shown(db, people["bea"]) == "offline", "before anybody has looked"
    happened.clear()

    for expected in ([people["bea"]], []):
        async with db.write() as session:
            assert list(await service.lose_silent(session)) == expected
    assert happened == [AgentLost(people["bea"])]
    async with db.read() as session:
        agent = await queries.agent_of(session, people["bea"])
        now = (await session.execute(select(db_now()))).scalar_one()
        assert agent is not None
        assert agent.gone_at is not None
        assert (now - agent.gone_at).total_seconds() == pytest.approx(1, abs=2)

    assert await beat(db, people["bea"])
    assert await shown(db, people["bea"]) == "online"
    async with db.read() as session:
        agent = await queries.agent_of(session, people["bea"])
        assert agent is not None
        assert agent.gone_at is None


async def test_a_heartbeat_does_not_bring_back_who_chose_to_leave(
    people: dict[str, str], db: Database
) -> None:
    await choose(db, people["bea"], "online")
    await choose(db, people["bea"], "offline")
    await beat(db, people["bea"])
    assert await shown(db, people["bea"]) == "offline"
    async with db.read() as session:
        agent = await queries.agent_of(session, people["bea"])
        assert agent is not None
        assert agent.gone_at is not None
        assert await queries.agents_online(session) == []


async def test_after_a_restart_everybody_gets_a_full_span_but_the_gone_stay_gone(
    people: dict[str, str], db: Database
) -> None:
    await choose(db, people["bea"], "online")
    await seen_ago(db, people["bea"], 600)
    await choose(db, people["chen"], "online")
    await choose(db, people["chen"], "offline")
    await choose(db, people["sam"], "online")
    await seen_ago(db, people["sam"], 60)
    async with db.write() as session:
        await session.execute(update(Agent).where(Agent.user_id == people["sam"]).values(seen_until=None))
        await service.forgive_silence(session, offline_after_s=45)
        assert list(await service.lose_silent(session)) == []
    assert await shown(db, people["bea"]) == "online"
    assert await lasts_s(db, people["bea"]) == pytest.approx(45, abs=1)
    assert await shown(db, people["chen"]) == "offline"
    assert await shown(db, people["sam"]) == "offline"


async def test_free_capacity_is_what_is_left(people: dict[str, str], db: Database) -> None:
    await choose(db, people["bea"], "online")
    async with db.write() as session:
        await session.execute(update(Agent).where(Agent.user_id == people["bea"]).values(load=3))
    async with db.read() as session:
        (bea,) = await queries.agents_online(session)
        one = await queries.agent_now(session, people["bea"])
    assert bea.free == 1
    assert bea == one
