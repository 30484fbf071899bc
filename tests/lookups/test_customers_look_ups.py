"""Who a customer is decides what is looked up: proven addresses count, typed ones never."""

import pytest
from declared import orders

from accounts.service import SYSTEM
from chat.models import CustomerIdentity
from lookups.definitions import create
from lookups.schemas import LookUpIn
from server.services import DeskServices

BY_MAIL = {
    "url_template": "http://shop.internal/good/{order_number}?email={email}",
    "inputs": ["order_number", "email"],
    "identity": "email",
}
BY_SUBJECT = {
    "name": "account",
    "intent": "account",
    "url_template": "http://shop.internal/good/{order_number}?who={customer}",
    "inputs": ["order_number", "customer"],
    "identity": "verified",
}


@pytest.fixture
async def desk(world, look_ups, internal):
    async with world.db.write() as session:
        for one in (BY_MAIL, BY_SUBJECT):
            await create(session, LookUpIn.model_validate(orders(**one)), internal=internal, by=SYSTEM)
    return DeskServices(world.db, search=None, look_ups=look_ups)


async def knows(world, talk, channel, value, level):
    row = await world.row(talk)
    async with world.db.write() as session:
        session.add(CustomerIdentity(customer_id=row.customer_id, channel=channel, value=value, level=level))


async def test_a_typed_address_is_never_sent(world, desk, service):
    talk = await world.opens("alice")
    await knows(world, talk, "email", "ann@example.com", "anonymous")  # contact data, proven by nothing
    typed = {"order_number": "HH-204817", "email": "ann@example.com", "customer": "ann"}
    assert (await desk.look_up(talk, "orders", typed, "en")).state == "identity_needed"
    assert (await desk.look_up(talk, "account", typed, "en")).state == "identity_needed"
    assert service.asked == []


async def test_a_proven_address_is_sent_whatever_was_typed(world, desk, service):
    talk = await world.opens("alice")
    await knows(world, talk, "email", "alice@example.com", "email")
    typed = {"order_number": "HH-204817", "email": "ann@example.com", "customer": "ann"}
    assert (await desk.look_up(talk, "orders", typed, "en")).state == "found"
    assert service.asked[0][0] == "/good/HH-204817?email=alice%40example.com"
    assert (await desk.look_up(talk, "account", typed, "en")).state == "identity_needed"
    assert len(service.asked) == 1


async def test_the_host_sites_customer_is_the_subject_of_this_inbox(world, desk, service):
    talk = await world.opens("alice")
    await knows(world, talk, "host:elsewhere", "eve", "verified")
    assert (await desk.look_up(talk, "account", {"order_number": "1"}, "en")).state == "identity_needed"
    await knows(world, talk, "host:default", "customer-7", "verified")
    assert (await desk.look_up(talk, "account", {"order_number": "1"}, "en")).state == "found"
    assert service.asked[0][0] == "/good/1?who=customer-7"
    # Signed in, but by no address: for this one they still have to prove one.
    assert (await desk.look_up(talk, "orders", {"order_number": "1"}, "en")).state == "identity_needed"


async def test_nobody_asks_with_anothers_proof(world, desk, service):
    talk, other = await world.opens("alice"), await world.opens("dora")
    await knows(world, talk, "email", "alice@example.com", "email")
    asked = {"order_number": "HH-204817", "email": "alice@example.com"}
    assert (await desk.look_up(other, "orders", asked, "en")).state == "identity_needed"
    assert service.asked == []


async def test_a_message_finds_its_look_up(world, desk):
    talk = await world.opens("alice")
    found = await desk.look_up_for(talk, intent="order_status", text="where is it", locale="en")
    assert found is not None
    assert (found.name, found.inputs, found.identity) == ("orders", ("order_number", "email"), "email")
    assert await desk.look_up_for(talk, intent="greet", text="hello", locale="en") is None
