"""Making tickets: once for each key, with ever rising numbers, however many are made at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from chat.models import Message
from server.db import Database, new_id
from server.errors import Conflict
from tickets.events import Actor, TicketCreated
from tickets.intake import TicketDraft
from tickets.models import Ticket, TicketEvent
from tickets.service import create_ticket

if TYPE_CHECKING:
    from tests.tickets.conftest import Cast


BOT = Actor("bot")


def draft(cast: Cast, **more: Any) -> TicketDraft:
    fields = {
        "key": f"{new_id()}:create_ticket:0",
        "by": BOT,
        "description": "The kettle leaks.\nSince Monday.",
        "conversation_id": cast.alice.ids["conversation"],
        **more,
    }
    return TicketDraft(**fields)


async def test_a_ticket_of_the_bot(cast: Cast, db: Database, happened: list[Any]) -> None:
    async with db.write() as session:
        ticket, created = await create_ticket(session, draft(cast, email="alice@mail.example"))
    assert created
    assert ticket.number >= 1001
    assert (ticket.customer_id, ticket.inbox_id) == (cast.alice.id, cast.inbox_id)
    assert ticket.subject == "The kettle leaks."
    assert isinstance(happened[-1], TicketCreated)


async def test_twenty_at_once_with_one_key_make_one_ticket(cast: Cast, db: Database) -> None:
    same = draft(cast)

    async def once() -> tuple[str, bool]:
        async with db.write() as session:
            ticket, created = await create_ticket(session, same)
            return ticket.id, created

    results = await asyncio.gather(*(once() for _ in range(20)))
    assert len({id_ for id_, _ in results}) == 1
    assert sum(created for _, created in results) == 1
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1
        notices = select(func.count()).where(Message.kind == "notice")
        assert await session.scalar(notices) == 1


async def test_twenty_at_once_over_http_with_one_client_id_make_one_ticket(cast: Cast) -> None:
    body = {"client_id": new_id(), "description": "Broken", "customer_id": cast.alice.id}
    answers = await asyncio.gather(*(cast.bob.post("/api/tickets", **body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["number"] for answer in answers}) == 1


async def test_fifty_at_once_get_fifty_numbers(cast: Cast) -> None:
    async def make(number: int) -> int:
        talk = {"conversation_id": cast.alice.ids["conversation"]} if number % 2 else {}
        answer = await cast.bob.post("/api/tickets", description=f"Matter {number}", **talk)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["number"].removeprefix("T-"))

    numbers = await asyncio.gather(*(make(number) for number in range(50)))
    assert len(set(numbers)) == 50
    assert min(numbers) == 1001
    later = await make(51)
    assert later > max(numbers)


async def test_a_number_rises_even_after_the_newest_ticket_is_erased(cast: Cast, db: Database) -> None:
    async with db.write() as session:
        ticket, _ = await create_ticket(session, draft(cast))
    async with db.write() as session:
        await session.execute(delete(TicketEvent).where(TicketEvent.ticket_id == ticket.id))
        await session.execute(delete(Ticket).where(Ticket.id == ticket.id))
    async with db.write() as session:
        again, _ = await create_ticket(session, draft(cast))
    assert again.number > ticket.number


async def test_a_rolled_back_ticket_leaves_neither_row_nor_notice(cast: Cast, db: Database) -> None:
    async def fail() -> None:
        async with db.write() as session:
            await create_ticket(session, draft(cast, email="alice@mail.example"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 0
        assert await session.scalar(select(func.count()).select_from(Message)) == 0


async def test_ten_comments_at_once_with_one_client_id_are_one(cast: Cast) -> None:
    made = await cast.bob.post("/api/tickets", description="Broken", customer_id=cast.alice.id)
    path = f"/api/visitor/tickets/{made.json()['number']}/comments"
    body = {"client_id": new_id(), "text": "It also leaks."}
    different = [{"text": f"Fact {n}"} for n in range(10)]
    answers = await asyncio.gather(*(cast.alice.post(path, **one) for one in [body] * 10 + different))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201] * 11
    seen = (await cast.alice.get(path.removesuffix("/comments"))).json()
    assert len(seen["comments"]) == 11


async def test_crossing_merges_make_no_circle(cast: Cast) -> None:
    async def made() -> str:
        answer = await cast.bob.post("/api/tickets", description="Broken", customer_id=cast.alice.id)
        return str(answer.json()["number"])

    for _ in range(10):
        one, two = await made(), await made()
        answers = await asyncio.gather(
            cast.bob.post(f"/api/tickets/{one}/merge", into=two),
            cast.bob.post(f"/api/tickets/{two}/merge", into=one),
            cast.alice.post(f"/api/visitor/tickets/{one}/comments", text="Any news?"),
            cast.alice.post(f"/api/visitor/tickets/{two}/comments", text="Any news?"),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 201, 201, 409]


async def test_two_changes_of_one_version_and_one_wins(cast: Cast) -> None:
    made = await cast.bob.post("/api/tickets", description="Broken", customer_id=cast.alice.id)
    path = f"/api/tickets/{made.json()['number']}"
    wanted = ["low", "high", "urgent"]
    answers = await asyncio.gather(*(cast.bob.patch(path, priority=p, version=1) for p in wanted))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


async def test_a_key_is_for_one_matter(cast: Cast, db: Database) -> None:
    first = draft(cast)
    async with db.write() as session:
        await create_ticket(session, first)
    async with db.write() as session:
        with pytest.raises(Conflict) as refused:
            await create_ticket(session, draft(cast, key=first.key, description="Something else"))
    assert refused.value.type == "client-id-reused"
