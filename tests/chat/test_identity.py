"""Who a visitor is: signed identity, and joining what was said before it was known."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from pydantic import ValidationError
from sqlalchemy import select
from world import World, fixed_id, token_of

from chat import visitors
from chat.access import visitor_by_token
from chat.models import Conversation, Customer, CustomerIdentity, Inbox, InboxKey, VisitorSession
from chat.schemas import SessionIn
from server.db import utc_now
from server.errors import Unauthorized
from tickets.events import Actor
from tickets.intake import TicketDraft
from tickets.models import Ticket
from tickets.service import create_ticket

SECRET = "a shared secret of the host's site, long enough for HS256"


@pytest.fixture(autouse=True)
async def keys(world: World) -> None:
    async with world.db.write() as session:
        session.add(Inbox(id=fixed_id("other"), key="other", name="Other brand", languages=["en"]))
        await session.flush()
        for kid, inbox, revoked in (
            ("k1", "inbox", False),
            ("old", "inbox", True),
            ("k2", "other", False),
        ):
            session.add(
                InboxKey(
                    kid=kid,
                    inbox_id=fixed_id(inbox),
                    secret=SECRET,
                    revoked_at=utc_now() if revoked else None,
                )
            )


def signed(subject: Any = "alice@host", *, kid: Any = "k1", secret: str = SECRET, **claims: Any) -> str:
    payload = {"sub": subject, "aud": "default", "exp": utc_now() + timedelta(minutes=30), **claims}
    payload = {name: value for name, value in payload.items() if value is not None}
    return jwt.encode(payload, secret, algorithm="HS256", headers={"kid": kid})


async def sign_in(world: World, identity: str, *, bearer: str | None = None, inbox: str = "default") -> str:
    """A new session's token."""
    async with world.db.write() as session:
        found = await visitor_by_token(session, bearer) if bearer else None
        row = await session.scalar(select(Inbox).where(Inbox.key == inbox))
        assert row is not None
        asked = SessionIn(inbox=inbox, identity_token=identity)
        token, _ = await visitors.start_session(session, row, asked, found[0] if found else None)
        return token


async def customer_of(world: World, token: str) -> str | None:
    async with world.db.read() as session:
        found = await visitor_by_token(session, token)
    return found[0].customer_id if found else None


async def test_a_signed_subject_is_the_same_customer_everywhere(world: World) -> None:
    phone, laptop = await sign_in(world, signed()), await sign_in(world, signed())
    other = await sign_in(world, signed("dora@host"))
    assert await customer_of(world, phone) == await customer_of(world, laptop) is not None
    assert await customer_of(world, other) != await customer_of(world, phone)


def _none(payload: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "JWT", "kid": "k1"}, payload]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, ""])


def _hour(hours: float) -> Any:
    return utc_now() + timedelta(hours=hours)


BAD_TOKENS = {
    "another secret": lambda: signed(secret="another secret, which is just as long as it must be"),
    "no key of that name": lambda: signed(kid="k9"),
    "a path as the key's name": lambda: signed(kid="../../etc/passwd"),
    "no key's name": lambda: jwt.encode({"sub": "a", "aud": "default", "exp": _hour(0.5)}, SECRET),
    "a revoked key": lambda: signed(kid="old"),
    "another inbox's key": lambda: signed(kid="k2"),
    "another audience": lambda: signed(aud="other"),
    "several audiences": lambda: signed(aud=["default", "other"]),
    "no audience": lambda: signed(aud=None),
    "expired": lambda: signed(exp=_hour(-0.01)),
    "no expiry": lambda: signed(exp=None),
    "valid for too long": lambda: signed(exp=_hour(1.1)),
    "not yet valid": lambda: signed(nbf=_hour(0.2)),
    "no subject": lambda: signed(None),
    "an empty subject": lambda: signed(""),
    "a number as subject": lambda: signed(5),
    "a long subject": lambda: signed("x" * 255),
    "another algorithm": lambda: jwt.encode(
        {"sub": "a", "aud": "default", "exp": _hour(0.5)},
        SECRET * 2,
        algorithm="HS512",
        headers={"kid": "k1"},
    ),
    "no algorithm": lambda: _none({"sub": "a", "aud": "default", "exp": _hour(0.5).timestamp()}),
    "no token": lambda: "",
    "no token at all": lambda: "a.b.c",
    "a NUL as the key's name": lambda: signed(kid="\x00"),
    "a NUL as subject": lambda: signed("a\x00b"),
}


async def test_a_bad_token_is_refused_and_never_silently_anonymous(world: World) -> None:
    before = await world.count(VisitorSession)
    for what, make in BAD_TOKENS.items():
        with pytest.raises(Unauthorized):
            await sign_in(world, make())
        assert await world.count(VisitorSession) == before, what
    assert await world.count(Customer) == 0


async def test_a_token_that_is_no_text_is_not_even_looked_at() -> None:
    for text in ("\x00", "\ud800", "a b", "令牌", "x" * 4001):
        with pytest.raises(ValidationError):
            SessionIn(identity_token=text)


async def test_what_was_said_anonymously_joins(world: World) -> None:
    known = await customer_of(world, await sign_in(world, signed()))
    talk = await world.opens("alice")
    await world.says("alice", talk, "My kettle leaks")
    anonymous = (await world.row(talk)).customer_id
    number = await _ticket(world, talk)
    await sign_in(world, signed(), bearer=token_of("alice"))
    assert anonymous != known == (await world.row(talk)).customer_id
    async with world.db.read() as session:
        ticket = await session.scalar(select(Ticket).where(Ticket.number == number))
    assert ticket is not None
    assert ticket.customer_id == known, "her ticket goes with her"


async def _ticket(world: World, talk: str) -> int:
    async with world.db.write() as session:
        draft = TicketDraft(
            key="k", by=Actor("customer"), description="The kettle leaks", conversation_id=talk
        )
        ticket, _ = await create_ticket(session, draft)
        return ticket.number


async def test_identifying_ends_the_token_used_before(world: World) -> None:
    closed: list[str] = []
    world.bus.subscribe(
        lambda topic, payload: closed.append(payload["session_id"]) if topic == "visitor.revoked" else None
    )
    await world.opens("alice")
    token = await sign_in(world, signed(), bearer=token_of("alice"))
    assert await customer_of(world, token_of("alice")) is None
    assert await customer_of(world, token) is not None
    assert closed == [fixed_id("alice")], "its sockets are told"


async def test_a_shared_device_hands_nobody_the_conversation_of_another(world: World) -> None:
    talk = await world.opens("alice")
    first = await sign_in(world, signed("alice@host"), bearer=token_of("alice"))
    second = await sign_in(world, signed("dora@host"), bearer=first)
    assert (await world.row(talk)).customer_id == await customer_of(
        world, await sign_in(world, signed("alice@host"))
    )
    assert await customer_of(world, second) != (await world.row(talk)).customer_id


async def test_who_has_proven_an_address_is_somebody_already(world: World) -> None:
    """On a shared device the next one to sign in must not be shown their orders."""
    talk = await world.opens("alice")
    owner = (await world.row(talk)).customer_id
    async with world.db.write() as session:
        session.add(
            CustomerIdentity(customer_id=owner, channel="email", value="a@shop.example", level="email")
        )
    token = await sign_in(world, signed("dora@host"), bearer=token_of("alice"))
    assert (await world.row(talk)).customer_id == owner
    assert await customer_of(world, token) != owner


async def test_an_address_that_was_only_typed_is_no_obstacle(world: World) -> None:
    talk = await world.opens("alice")
    owner = (await world.row(talk)).customer_id
    async with world.db.write() as session:
        session.add(
            CustomerIdentity(customer_id=owner, channel="email", value="a@shop.example", level="anonymous")
        )
    token = await sign_in(world, signed(), bearer=token_of("alice"))
    assert (await world.row(talk)).customer_id == await customer_of(world, token)


async def test_two_identities_at_once_join_one_conversation_to_one_of_them(world: World) -> None:
    talk = await world.opens("alice")
    subjects = [f"person{n}@host" for n in range(6)]
    tokens = await asyncio.gather(
        *(sign_in(world, signed(subject), bearer=token_of("alice")) for subject in subjects)
    )
    customers = [await customer_of(world, token) for token in tokens]
    assert len(set(customers)) == 6
    assert customers.count((await world.row(talk)).customer_id) == 1
    async with world.db.read() as session:
        proven = (await session.scalars(select(CustomerIdentity.customer_id))).all()
    assert len(set(proven)) == len(proven) == 6, "nobody is two people"


async def test_two_tabs_of_somebody_new_are_one_customer(world: World) -> None:
    tokens = await asyncio.gather(*(sign_in(world, signed("new@host")) for _ in range(6)))
    assert len({await customer_of(world, token) for token in tokens}) == 1


async def test_another_brands_visitor_does_not_join(world: World) -> None:
    talk = await world.opens("alice")
    token = await sign_in(world, signed(kid="k2", aud="other"), bearer=token_of("alice"), inbox="other")
    assert await customer_of(world, token) != (await world.row(talk)).customer_id


async def test_the_same_client_id_on_both_sides_is_no_obstacle(world: World) -> None:
    first, second = await world.opens("alice", "same-client-id"), await world.opens("dora", "same-client-id")
    await sign_in(world, signed(), bearer=token_of("alice"))
    await sign_in(world, signed(), bearer=token_of("dora"))
    async with world.db.read() as session:
        owners = (await session.scalars(select(Conversation.customer_id))).all()
    assert first != second
    assert len(owners) == 2
    assert len(set(owners)) == 1
