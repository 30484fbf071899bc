"""What the assistant does with tickets on real databases: finds the latest open one, adds to one, once."""

import pytest
from sqlalchemy import select

from server.services import DeskServices
from tickets.models import Ticket, TicketComment


@pytest.fixture
async def desk(world):
    return DeskServices(world.db, search=None)


async def make(desk, talk, n):
    made = await desk.create_ticket(
        talk,
        key=f"made-{n}",
        subject="Kettle",
        description="The lid is cracked.",
        order_number=None,
        email=None,
        locale="en",
    )
    return made.number


async def comments(world):
    async with world.db.read() as session:
        return list(await session.scalars(select(TicketComment).order_by(TicketComment.created_at)))


async def test_a_comment_is_the_customers_public_and_made_once(world, desk):
    talk = await world.opens("alice")
    await world.says("alice", talk, "hello")
    number = await make(desk, talk, 1)
    for _ in range(3):  # a turn may be run again
        view = await desk.add_to_ticket(
            talk, key="turn-9:action_add_to_ticket:0", number=number, text="It is red."
        )
        assert view is not None
        assert view.number == number
    [comment] = await comments(world)
    assert (comment.text, comment.public, comment.author_type) == ("It is red.", True, "customer")
    assert comment.author_id == (await world.row(talk)).customer_id


async def test_nobody_adds_to_anothers_ticket(world, desk):
    talk, charlies = await world.opens("alice"), await world.opens("charlie")
    await world.says("alice", talk, "hello")
    await world.says("charlie", charlies, "hello")
    number = await make(desk, talk, 1)
    for wanted in (number, "T-999999", "nonsense"):
        assert await desk.add_to_ticket(charlies, key="k", number=wanted, text="It is red.") is None
    assert await comments(world) == []


async def test_the_latest_open_ticket(world, desk):
    talk = await world.opens("alice")
    await world.says("alice", talk, "hello")
    assert await desk.latest_ticket(talk, open_only=True) is None
    first, second = await make(desk, talk, 1), await make(desk, talk, 2)
    assert (await desk.latest_ticket(talk, open_only=True)).number == second
    async with world.db.write() as session:
        ticket = await session.scalar(select(Ticket).order_by(Ticket.number.desc()).limit(1))
        ticket.status = "resolved"
    assert (await desk.latest_ticket(talk, open_only=True)).number == first
    assert (await desk.latest_ticket(talk)).number == second
