"""People who are signed in but take no chats are no reason to promise a person."""

from sqlalchemy import update

from accounts.models import Agent


async def test_somebody_without_capacity_is_not_there_for_customers(world):
    await world.online("bob")
    async with world.db.write() as session:
        await session.execute(update(Agent).values(capacity=0))
    talk = await world.opens("alice")
    await world.says("alice", talk, "My kettle leaks")
    assert await world.asks_for_person("alice", talk) == "nobody_available"


async def test_somebody_with_all_places_taken_is(world):
    await world.online("bob")
    async with world.db.write() as session:
        await session.execute(update(Agent).values(capacity=1, load=0))
    await world.owned_by("dora", "bob")
    talk = await world.opens("alice")
    await world.says("alice", talk, "My kettle leaks")
    assert await world.asks_for_person("alice", talk) == "queued"
