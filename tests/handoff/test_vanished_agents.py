"""Agents who vanish: whose chats go back into the line, when, and what a short absence moves."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from world import World

from accounts.models import Agent
from accounts.service import heartbeat
from chat.models import Participant
from handoff import presence
from handoff.presence import PresenceSweep
from server.db import db_now, utc_now


async def sweep(world: World) -> None:
    """What the worker does every three seconds, twice: the first look after a start forgives."""
    source = PresenceSweep(world.db, offline_after_s=45)
    for _ in range(2):
        source._next = 0.0
        jobs, _ = await source.claim(8)
        for job in jobs:
            await job()


async def gone_for(world: World, name: str, seconds: float) -> None:
    async with world.db.write() as session:
        mine = Agent.user_id == world.people[name].id
        await session.execute(
            update(Agent)
            .where(mine)
            .values(seen_until=None, gone_at=db_now(-seconds), chosen_status="online")
        )


async def joined_ago(world: World, talk: str, seconds: float) -> None:
    async with world.db.write() as session:
        await session.execute(
            update(Participant)
            .where(Participant.conversation_id == talk)
            .values(joined_at=utc_now() - timedelta(seconds=seconds))
        )


async def owner(world: World, talk: str) -> str:
    return (await world.row(talk)).owner


async def test_going_offline_gives_back_unanswered_chats_at_once_and_keeps_answered_ones(
    world: World,
) -> None:
    unanswered, answered = await world.owned_by("alice", "bob"), await world.owned_by("dora", "bob")
    await world.writes("bob", answered, "I'll look into it.")
    asked_at = (await world.places(unanswered))[0].requested_at
    async with world.working(sweep=True):
        await world.online("bob", status="offline")
        async with asyncio.timeout(2):  # at once, not at the next sweep
            while await owner(world, unanswered) != "queue":
                await asyncio.sleep(0.01)
    assert await owner(world, answered) == "agent"
    assert (await world.notices(unanswered))[-1] == "agent_lost"
    place = (await world.places(unanswered))[-1]
    assert (place.requested_at, place.priority) == (asked_at, 2)
    assert (await world.load("bob"), await world.owned("bob")) == (1, 1)


async def test_a_stopped_heartbeat_gives_back_unanswered_chats(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await joined_ago(world, talk, 60)
    await world.goes_silent("bob")
    source = PresenceSweep(world.db, offline_after_s=45)
    source._forgiven = True
    await source._sweep()
    assert await owner(world, talk) == "queue"


async def test_after_a_start_nobody_is_lost_before_the_full_time(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.goes_silent("bob")
    await sweep(world)
    assert await owner(world, talk) == "agent"


@pytest.mark.parametrize(("seconds", "then"), [(110, "agent"), (125, "queue")])
async def test_answered_chats_wait_two_minutes_for_the_agent(world: World, seconds: int, then: str) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "I'll look into it.")
    await joined_ago(world, talk, 600)
    await gone_for(world, "bob", seconds)
    await sweep(world)
    assert await owner(world, talk) == then


async def test_a_long_quiet_chat_still_waits_two_minutes(world: World) -> None:
    """The two minutes count from the agent's going, not from the last word."""
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "I'll look into it.")
    await joined_ago(world, talk, 3600)
    await gone_for(world, "bob", 10)
    await sweep(world)
    assert await owner(world, talk) == "agent"


async def test_the_customers_word_to_an_absent_agent_brings_the_chat_back(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "I'll look into it.")
    await joined_ago(world, talk, 600)
    await gone_for(world, "bob", 10)
    await sweep(world)
    await world.says("alice", talk, "Are you there?")
    await sweep(world)
    assert await owner(world, talk) == "queue"


async def test_a_reload_moves_nothing(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.goes_silent("bob")
    async with world.db.write() as session:
        await heartbeat(session, world.people["bob"].id, offline_after_s=45)
    await sweep(world)
    assert await owner(world, talk) == "agent"


async def test_who_claims_though_absent_keeps_the_chat_for_two_minutes(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "I want to talk to a person")
    await world.online("bea")
    await world.asks_for_person("alice", talk)
    await gone_for(world, "bob", 600)
    await world.claims("bob", talk)
    await sweep(world)
    assert await owner(world, talk) == "agent"
    await joined_ago(world, talk, 125)
    await sweep(world)
    assert await owner(world, talk) == "queue"


async def test_two_workers_give_a_chat_back_once(world: World) -> None:
    talks = []
    for name in ("alice", "dora", "charlie"):
        talks.append(await world.owned_by(name, "bob"))
        await joined_ago(world, talks[-1], 60)
    await gone_for(world, "bob", 1)
    await asyncio.gather(*(sweep(world) for _ in range(4)))
    for talk in talks:
        assert (await world.notices(talk)).count("agent_lost") == 1
    assert await world.load("bob") == 0


def test_the_times_are_those_of_the_rules() -> None:
    assert presence.ANSWERED_AFTER_S == 120
    assert presence.SWEEP_EVERY_S <= 5
