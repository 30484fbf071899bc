"""Messages at the services' level: numbered without gaps, written once, never half."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from world import World

from chat import queries, visitors
from chat.models import Conversation, Message
from chat.schemas import MessageIn
from server.db import new_id, utc_now
from server.errors import Conflict, Malformed, NotFound


async def test_the_same_client_id_ten_times_at_once_is_one_message(world: World) -> None:
    talk, client_id = await world.opens("alice"), new_id()
    sent = await asyncio.gather(*(world.says("alice", talk, "My kettle leaks", client_id) for _ in range(10)))
    assert len({message.id for message in sent}) == 1
    assert await world.texts(talk) == ["My kettle leaks"]
    assert await world.live_turns(talk) == 1


async def test_the_same_client_id_ten_times_at_once_is_one_conversation(world: World) -> None:
    client_id = new_id()
    talks = await asyncio.gather(*(world.opens("alice", client_id) for _ in range(10)))
    assert len(set(talks)) == 1
    assert await world.count(Conversation) == 1


async def test_the_same_client_id_ten_times_at_once_is_one_agents_message(world: World) -> None:
    talk, client_id = await world.owned_by("alice", "bob"), new_id()
    sent = await asyncio.gather(*(world.writes("bob", talk, "Hello Alice", client_id) for _ in range(10)))
    assert len({message.id for message in sent}) == 1
    assert await world.texts(talk, "agent") == ["Hello Alice"]


async def test_the_same_client_id_with_other_content_is_refused(world: World) -> None:
    talk, client_id = await world.owned_by("alice", "bob"), new_id()
    await world.says("alice", talk, "My kettle leaks", client_id)
    await world.writes("bob", talk, "Which one?", client_id)
    for again in (
        world.says("alice", talk, "My kettle leaks!", client_id),
        world.writes("bob", talk, "Which?", client_id),
        world.notes("bob", talk, "Which one?", client_id),
    ):
        with pytest.raises(Conflict) as refused:
            await again
        assert refused.value.type == "client-id-reused"
    assert await world.texts(talk, "agent") == ["Which one?"]


async def test_two_secrets_in_one_place_are_the_same_message(world: World) -> None:
    talk, client_id = await world.opens("alice"), new_id()
    first = await world.says("alice", talk, "card 4111 1111 1111 1111", client_id)
    again = await world.says("alice", talk, "card 5555 5555 5555 4444", client_id)
    assert first.id == again.id
    assert first.text == "card ••••"
    assert first.payload == {"masked": True}
    assert await world.notices(talk) == ["masked"]


async def test_an_order_number_that_passes_luhn_is_kept(world: World) -> None:
    talk = await world.opens("alice")
    assert (await world.says("alice", talk, "order 5500000000000004")).text == "order 5500000000000004"


async def test_writers_at_once_get_numbers_without_gap(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await asyncio.gather(
        *(world.says("alice", talk, f"fact {n}") for n in range(8)),
        *(world.writes("bob", talk, f"answer {n}") for n in range(8)),
        *(world.notes("bea", talk, f"note {n}") for n in range(8)),
    )
    messages = await world.messages(talk)
    shown = [message for message in messages if message.seq is not None]
    assert [message.seq for message in shown] == list(range(1, len(shown) + 1))
    assert len(messages) - len(shown) == 8


async def test_a_note_has_no_number_and_is_shown_to_staff_only(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    note = await world.notes("bea", talk, "She is angry")
    async with world.db.read() as session:
        for_alice = await queries.messages_for_customer(session, talk, after=0, before=None, limit=200)
        for_staff = await queries.messages_for_staff(session, talk, after=0, before=None, limit=200)
    assert note.seq is None
    assert note.payload == {"note": True}
    assert [one.text for one in for_staff if one.payload.get("note")] == ["She is angry"]
    assert "She is angry" not in [one.text for one in for_alice]
    assert all("event_seq" not in one.model_dump() for one in for_alice)


@pytest.mark.parametrize("stranger", ["dora", "charlie"])
async def test_somebody_elses_conversation_is_not_there(world: World, stranger: str) -> None:
    talk = await world.opens("alice")
    await world.opens("dora")
    with pytest.raises(NotFound) as foreign:
        await world.says(stranger, talk, "hello")
    with pytest.raises(NotFound) as unknown:
        await world.says(stranger, new_id(), "hello")
    assert foreign.value.body() == unknown.value.body()
    assert await world.texts(talk) == []


async def test_a_button_says_its_label(world: World) -> None:
    talk = await world.opens("alice")
    assert await world.asks_for_person("alice", talk) == "nobody_available"
    (notice,) = await world.messages(talk, "system")
    clicked = await world.clicks("alice", talk, notice, "open_ticket")
    assert clicked.text == "Leave a ticket"
    assert clicked.payload == {"action": {"message_id": notice.id, "value": "open_ticket"}}


async def test_only_buttons_of_the_conversation_can_be_clicked(world: World) -> None:
    talk, other = await world.opens("alice"), await world.opens("dora")
    await world.asks_for_person("alice", talk)
    await world.says("dora", other, "hello")
    (notice,) = await world.messages(talk, "system")
    with pytest.raises(Malformed):
        await world.clicks("alice", talk, notice, "ask_person")
    with pytest.raises(Malformed):
        await world.clicks("alice", talk, notice, {"what": "a form that nobody offered"})
    with pytest.raises(Malformed):
        await world.clicks("dora", other, notice, "open_ticket")
    assert await world.texts(other) == ["hello"]


class TestAfterTheEnd:
    async def resolved(self, world: World) -> str:
        talk = await world.owned_by("alice", "bob")
        await world.writes("bob", talk, "A new lid is on its way.")
        await world.resolves("bob", talk)
        return talk

    @pytest.mark.parametrize("text", ["thanks!", "好的，谢谢", "👍", "ok bye"])
    async def test_thanks_leave_it_closed(self, world: World, text: str) -> None:
        talk = await self.resolved(world)
        await world.says("alice", talk, text)
        assert (await world.row(talk)).status == "resolved"
        assert await world.runs_turn(talk) is None
        assert await world.live_turns(talk) == 0
        assert world.rasa.asked == []

    @pytest.mark.parametrize("text", ["no, it still leaks", "and the cup is broken too", "👎", "还是不行"])
    async def test_a_new_fact_opens_it_again(self, world: World, text: str) -> None:
        talk = await self.resolved(world)
        await world.says("alice", talk, text)
        row = await world.row(talk)
        assert (row.status, row.owner) == ("open", "bot")
        assert (await world.notices(talk))[-1] == "reopened"
        assert await world.live_turns(talk) == 1

    async def test_a_button_that_asks_for_something_opens_it_again(self, world: World) -> None:
        talk = await world.opens("alice")
        await world.asks_for_person("alice", talk)
        (notice,) = await world.messages(talk, "system")
        await world.resolves("sam", talk)
        await world.clicks("alice", talk, notice, "open_ticket")
        assert (await world.row(talk)).status == "open"
        assert await world.live_turns(talk) == 1

    async def test_within_seven_days_it_is_the_same_case(self, world: World) -> None:
        talk = await self.resolved(world)
        await self.ended(world, talk, days=6.9)
        await world.says("alice", talk, "it leaks again")
        assert (await world.row(talk)).status == "open"

    async def test_after_seven_days_there_is_one_successor(self, world: World) -> None:
        talk = await self.resolved(world)
        await self.ended(world, talk, days=7.1)
        asked = [MessageIn(client_id=new_id(), text=f"it leaks again {n}") for n in range(5)]
        closed = await asyncio.gather(*(world.posts("alice", talk, one) for one in asked))
        assert all(isinstance(one, visitors.Closed) for one in closed)
        (successor,) = {one.successor_id for one in closed if isinstance(one, visitors.Closed)}
        row = await world.row(successor)
        assert (row.previous_id, row.owner, row.status) == (talk, "bot", "open")
        await world.says("alice", successor, "it leaks again")
        assert await world.live_turns(successor) == 1

    async def test_what_was_sent_before_the_end_is_still_the_same_message(self, world: World) -> None:
        talk, client_id = await world.opens("alice"), new_id()
        message = await world.says("alice", talk, "hello", client_id)
        await world.resolves("sam", talk)
        await self.ended(world, talk, days=8)
        assert (await world.says("alice", talk, "hello", client_id)).id == message.id

    async def ended(self, world: World, talk: str, *, days: float) -> None:
        async with world.db.write() as session:
            await session.execute(
                update(Conversation)
                .where(Conversation.id == talk)
                .values(resolved_at=utc_now() - timedelta(days=days))
            )


async def test_a_failing_transaction_leaves_nothing(world: World) -> None:
    talk = await world.opens("alice")
    heard: list[str] = []
    world.bus.subscribe(lambda topic, payload: heard.append(topic))
    visitor = await world.visitor("alice")

    async def post_and_fail() -> None:
        async with world.db.write() as session:
            await visitors.post_message(session, visitor, talk, MessageIn(client_id=new_id(), text="hello"))
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        await post_and_fail()
    assert await world.count(Message) == 0
    assert await world.live_turns() == 0
    assert (await world.row(talk)).last_seq == 0
    assert heard == []
