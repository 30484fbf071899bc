"""Two agents click at the same moment: one wins, the other learns the winner's name."""

import asyncio

import pytest
from sqlalchemy import update
from world import CAPACITY, World

from accounts.models import Agent
from chat.models import Conversation
from server.db import Database
from server.errors import Conflict, Malformed

ROUNDS = {"sqlite": 50, "postgresql": 200}


async def waiting(world: World, visitor: str = "alice") -> str:
    """A new conversation in the queue."""
    talk = await world.opens(visitor)
    await world.says(visitor, talk, "I want to talk to a person")
    await world.online("bob", "bea")
    assert await world.asks_for_person(visitor, talk) == "queued"
    return talk


async def test_two_agents_at_once_exactly_one_wins(world: World) -> None:
    other = await world.another_process()
    talks = [await waiting(world) for _ in range(10)]
    epochs = dict.fromkeys(talks, 2)
    for number in range(ROUNDS["sqlite" if world.db.is_sqlite else "postgresql"]):
        talk = talks[number % 10]
        epoch = epochs[talk]
        outcomes = await asyncio.gather(
            world.claims("bob", talk, epoch), other.claims("bea", talk, epoch), return_exceptions=True
        )
        (won,) = [one for one in outcomes if isinstance(one, Conversation)]
        (conflict,) = [one for one in outcomes if isinstance(one, BaseException)]
        winner = "bob" if won.agent_id == world.people["bob"].id else "bea"
        assert isinstance(conflict, Conflict), conflict
        assert conflict.type == "conversation-taken"
        assert conflict.extra["winner"] == {"id": won.agent_id, "name": winner.title()}
        assert winner.title() in conflict.detail
        assert won.owner_epoch == epoch + 1
        await world.gives_to_queue(winner, talk)
        epochs[talk] = epoch + 2
    assert await world.load("bob") == await world.load("bea") == 0


async def test_repeating_a_won_claim_changes_nothing(world: World) -> None:
    talk = await waiting(world)
    epoch = (await world.row(talk)).owner_epoch
    await asyncio.gather(*(world.claims("bob", talk, epoch) for _ in range(5)))
    assert await world.load("bob") == 1
    assert (await world.row(talk)).owner_epoch == epoch + 1
    assert (await world.notices(talk)).count("agent_joined") == 1


async def test_an_old_epoch_does_not_win(world: World) -> None:
    talk = await waiting(world)
    old = (await world.row(talk)).owner_epoch
    await world.claims("bob", talk)
    await world.gives_to_queue("bob", talk)
    with pytest.raises(Conflict) as refused:
        await world.claims("bea", talk, old)
    assert refused.value.type == "conversation-taken"
    assert refused.value.extra["winner"] is None


async def test_what_the_bot_owns_is_not_there_to_be_claimed(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "hello")
    with pytest.raises(Conflict):
        await world.claims("bob", talk)
    assert (await world.row(talk)).owner == "bot"


async def test_a_supervisor_may_take_over_from_the_bot_and_from_an_agent(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "hello")
    await world.claims("sam", talk)
    assert (await world.row(talk)).agent_id == world.people["sam"].id
    other = await world.owned_by("dora", "bob")
    await world.claims("sam", other)
    assert (await world.load("bob"), await world.load("sam")) == (0, 2)
    with pytest.raises(Conflict):
        await world.claims("bob", other)


async def test_capacity_is_never_exceeded(world: World) -> None:
    talks = [await waiting(world, visitor) for visitor in ("alice", "dora", "charlie") for _ in range(3)]
    epochs = [(await world.row(talk)).owner_epoch for talk in talks]
    outcomes = await asyncio.gather(
        *(world.claims("bob", talk, epoch) for talk, epoch in zip(talks, epochs, strict=True)),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert len(talks) - len(refused) == CAPACITY == await world.load("bob") == await world.owned("bob")
    assert {one.type for one in refused if isinstance(one, Conflict)} == {"no-capacity"}
    assert len(refused) == len([one for one in refused if isinstance(one, Conflict)])


async def test_two_agents_who_pass_chats_to_each_other_do_not_wait_for_one_another(world: World) -> None:
    other = await world.another_process()
    hers, his = await world.owned_by("alice", "bob"), await world.owned_by("dora", "bea")
    async with asyncio.timeout(60):
        for _ in range(20):
            await asyncio.gather(world.gives_to("bob", hers, "bea"), other.gives_to("bea", his, "bob"))
            hers, his = his, hers


async def test_agents_and_customers_at_once_never_stand_still(world: World) -> None:
    """Claims, transfers and silence lock the same rows; whoever locks in another order would hang."""
    talks = [await waiting(world, visitor) for visitor in ("alice", "dora", "charlie")]
    second = await world.another_process()

    async def hustle(at: World, agent: str, colleague: str) -> None:
        for talk in talks * 4:
            for act in (at.claims(agent, talk), at.gives_to(agent, talk, colleague)):
                try:
                    await act
                except (Conflict, Malformed):
                    continue
            row = await at.row(talk)
            if row.agent_id == at.people[agent].id:
                await at.gives_to_queue(agent, talk)

    async def vanish() -> None:
        for _ in range(12):
            await world.online("bob", status="offline")
            await world.online("bob")

    async def write() -> None:
        for number in range(8):
            await asyncio.gather(*(world.says(_visitor_of(talks, talk), talk, f"{number}") for talk in talks))

    async with asyncio.timeout(60):
        async with world.working(sweep=True):
            await asyncio.gather(hustle(world, "bob", "bea"), hustle(second, "bea", "bob"), vanish(), write())


def _visitor_of(talks: list[str], talk: str) -> str:
    return ("alice", "dora", "charlie")[talks.index(talk)]


async def test_a_claim_that_finds_no_room_changes_nothing(world: World) -> None:
    talk = await waiting(world)
    await _fill(world.db, world.people["bob"].id)
    before = await world.row(talk)
    with pytest.raises(Conflict) as refused:
        await world.claims("bob", talk)
    assert refused.value.type == "no-capacity"
    after = await world.row(talk)
    assert (after.owner, after.owner_epoch, after.last_event_seq) == (
        "queue",
        before.owner_epoch,
        before.last_event_seq,
    )
    assert [place.state for place in await world.places(talk)] == ["waiting"]


async def _fill(db: Database, agent_id: str) -> None:
    async with db.write() as session:
        await session.execute(update(Agent).where(Agent.user_id == agent_id).values(capacity=0))
