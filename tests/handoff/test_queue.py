"""The line: who gets a place, what a place survives, and what the waiting customer is told."""

import pytest
from sqlalchemy import select
from world import World

from calendars.models import Calendar
from chat.models import Inbox
from handoff import queries
from handoff.models import Handoff

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


async def position(world: World, talk: str) -> int | None:
    async with world.db.read() as session:
        return await queries.position(session, talk)


async def asks(world: World, name: str, text: str = "I want to talk to a person") -> str:
    talk = await world.opens(name)
    await world.says(name, talk, text)
    await world.runs_turn(talk)
    return talk


async def test_with_somebody_there_the_chat_waits(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    row = await world.row(talk)
    assert (row.owner, row.owner_epoch) == ("queue", 2)
    assert await world.notices(talk) == ["queued"]
    assert await position(world, talk) == 1
    assert world.rasa.asked == [], "whoever asks for a person is not asked by the bot first"


async def test_asking_twice_is_asking_once(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    assert await world.asks_for_person("alice", talk) == "already"
    assert len(await world.places(talk)) == 1
    assert (await world.row(talk)).owner_epoch == 2


@pytest.mark.parametrize("status", [None, "away", "offline"])
async def test_with_nobody_there_a_ticket_is_offered(world: World, status: str | None) -> None:
    if status:
        await world.online("bob", status=status)
    talk = await asks(world, "alice")
    assert (await world.row(talk)).owner == "bot"
    assert await world.notices(talk) == ["nobody_available"]
    (notice,) = await world.messages(talk, "system")
    assert [button["value"] for button in notice.payload["buttons"]] == ["open_ticket"]
    assert await world.places(talk) == []


async def test_an_agent_whose_heartbeat_has_stopped_is_not_there(world: World) -> None:
    await world.online("bob")
    await world.goes_silent("bob")
    talk = await asks(world, "alice")
    assert await world.notices(talk) == ["nobody_available"]


async def test_outside_the_hours_the_next_opening_is_told(world: World) -> None:
    await world.online("bob")
    async with world.db.write() as session:
        closed = Calendar(
            key="never", name="Never", zone="Europe/Amsterdam", weekly={day: [] for day in WEEK}
        )
        session.add(closed)
        await session.flush()
        inbox = await session.scalar(select(Inbox))
        assert inbox is not None
        inbox.calendar_id = closed.id
    talk = await asks(world, "alice")
    assert (await world.row(talk)).owner == "bot"
    assert await world.notices(talk) == ["closed_hours"]


async def test_the_line_is_by_priority_then_by_waiting_time(world: World) -> None:
    await world.online("bob")
    first, second = await asks(world, "alice"), await asks(world, "dora")
    urgent = await asks(world, "charlie", "my kettle caught fire")
    assert [await position(world, talk) for talk in (urgent, first, second)] == [1, 2, 3]
    async with world.db.read() as session:
        listed, _ = await queries.list_for_staff(session, owner="queue")
    assert [one.conversation.id for one in listed] == [urgent, first, second]
    await world.claims("bob", urgent)
    assert [await position(world, talk) for talk in (urgent, first, second)] == [None, 1, 2]


async def test_danger_is_answered_before_anything_else_is_said(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice", "the battery is swollen and there is smoke coming out")
    assert (await world.notices(talk))[:2] == ["safety", "queued"]
    assert (await world.places(talk))[0].priority == 3


async def test_danger_is_answered_even_with_nobody_there(world: World) -> None:
    talk = await asks(world, "alice", "the kettle caught fire")
    assert await world.notices(talk) == ["safety", "nobody_available"]


async def test_the_first_word_in_the_line_is_answered_with_choices_once(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    await world.says("alice", talk, "hello?")
    await world.says("alice", talk, "anybody?")
    offers = [message for message in await world.messages(talk, "system") if message.kind == "buttons"]
    (offer,) = offers
    assert [button["value"] for button in offer.payload["buttons"]] == [
        "keep_waiting",
        "ask_meanwhile",
        "open_ticket",
    ]
    assert await world.runs_turn(talk) is None


async def choose(world: World, talk: str, choice: str) -> None:
    await world.says("alice", talk, "hello?")
    offer = (await world.messages(talk, "system"))[-1]
    await world.clicks("alice", talk, offer, choice)


async def test_who_keeps_waiting_keeps_waiting(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    await choose(world, talk, "keep_waiting")
    assert (await world.row(talk)).owner == "queue"
    assert await world.runs_turn(talk) is None


async def test_asking_the_assistant_meanwhile_keeps_the_place(world: World) -> None:
    await world.online("bob")
    talk, other = await asks(world, "alice"), await asks(world, "dora")
    await choose(world, talk, "ask_meanwhile")
    assert (await world.row(talk)).owner == "bot"
    assert [await position(world, one) for one in (talk, other)] == [1, 2]
    await world.runs_turn(talk)
    await world.says("alice", talk, "How do I descale it?")
    await world.runs_turn(talk)
    assert (await world.texts(talk, "bot"))[-1] == "heard: How do I descale it?"
    await world.claims("bob", talk)
    assert (await world.row(talk)).agent_id == world.people["bob"].id


async def test_asking_for_a_person_again_takes_the_kept_place(world: World) -> None:
    await world.online("bob")
    talk, other = await asks(world, "alice"), await asks(world, "dora")
    await world.leaves_queue(talk, keep_place=True)
    assert await world.asks_for_person("alice", talk) == "queued"
    assert [await position(world, one) for one in (talk, other)] == [1, 2]
    assert len(await world.places(talk)) == 1


async def test_a_kept_place_can_be_given_up(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    await world.leaves_queue(talk, keep_place=True)
    await world.leaves_queue(talk)
    assert await position(world, talk) is None
    assert (await world.notices(talk)).count("assistant_back") == 1


async def test_leaving_for_a_ticket_gives_up_the_place_and_asks_the_assistant(world: World) -> None:
    await world.online("bob")
    talk = await asks(world, "alice")
    await choose(world, talk, "open_ticket")
    row = await world.row(talk)
    assert (row.owner, await position(world, talk)) == ("bot", None)
    await world.runs_turn(talk)
    assert world.rasa.asked[-1].intent == "open_ticket"


async def test_back_in_the_line_the_waiting_time_goes_on(world: World) -> None:
    await world.online("bob")
    first = await asks(world, "alice")
    second = await asks(world, "dora")
    asked_at = (await world.places(first))[0].requested_at
    await world.claims("bob", first)
    await world.gives_to_queue("bob", first)
    assert (await world.places(first))[-1].requested_at == asked_at
    assert [await position(world, one) for one in (first, second)] == [1, 2]


async def test_asking_for_a_person_after_the_end_opens_the_conversation(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.resolves("bob", talk)
    assert await world.asks_for_person("alice", talk) == "queued"
    row = await world.row(talk)
    assert (row.status, row.owner) == ("open", "queue")
    await world.claims("bea", talk)


async def test_the_packet_says_what_was_wanted_and_tried(world: World) -> None:
    await world.online("bob")
    source = {"article_id": "a1", "version": 2, "title": "Leaking kettle", "locale": "en", "score": 0.9}
    world.rasa.answer = lambda asked: {
        "messages": [{"text_key": "utter_article", "vars": {"passage": "Dry it."}, "sources": [source]}],
        "slots": {"order_number": "HH-204817"},
    }
    talk = await world.opens("alice")
    for text in ("hi", "my kettle leaks from the bottom", "get me a real person, card 4111 1111 1111 1111"):
        await world.says("alice", talk, text)
        await world.runs_turn(talk)
    async with world.db.read() as session:
        packet = await queries.latest_packet(session, talk)
    assert packet is not None
    (reason,) = packet["reasons"]
    assert reason["code"] == "asked_for_person"
    assert reason["quote"] == "get me a real person, card ••••"
    assert packet["wants"] == ["my kettle leaks from the bottom"]
    assert packet["tried"][0]["article_id"] == "a1"
    assert packet["slots"] == {"order_number": "HH-204817"}
    assert packet["identity"] == {"level": "anonymous"}
    assert packet["language"] == "en"
    assert set(packet) == {
        *("reasons", "wants", "tried", "slots", "tickets", "mood", "identity", "language", "page_url"),
        *("sla", "history", "promises", "settled"),
    }
    assert await world.count(Handoff) == 1
