"""What a turn does beside talking: repeat, change the language, show a form, follow a click, bring people."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_rasa import Answer, Asked
from sqlalchemy import select, update
from world import World

from assistant.models import Turn
from chat.models import Conversation, CustomerIdentity, Inbox, Message, WordingText
from handoff import queries
from server.db import new_id
from tickets.models import Ticket
from tickets.service import create_ticket

SOURCE = {"article_id": "a1", "version": 1, "title": "Late parcels", "url": "/help/en/late"}
ARTICLE = {
    "text_key": "utter_article",
    "vars": {"passage": "Look at the link."},
    "kind": "article",
    "sources": [SOURCE],
}
DONT_KNOW = {"text_key": "utter_dont_know", "abstained": True}


def scripted(answers: dict[str, Answer]) -> Callable[[Asked], Answer]:
    return lambda asked: answers[asked.said]


async def says(world: World, talk: str, *texts: str) -> Message:
    """Write, let the turn run; the assistant's last message."""
    for text in texts:
        await world.says("alice", talk, text)
    await world.runs_turn(talk)
    return (await world.messages(talk, "bot"))[-1]


async def clicks(world: World, talk: str, message: Message, value: str | dict[str, Any]) -> Message:
    await world.clicks("alice", talk, message, value)
    await world.runs_turn(talk)
    return (await world.messages(talk, "bot"))[-1]


async def evidence(world: World, talk: str) -> dict[str, Any]:
    return (await world.turns(talk))[-1].evidence


def values(message: Message) -> list[str]:
    return [button["value"] for button in message.payload.get("buttons", [])]


class TestRepeat:
    async def test_the_last_words_with_buttons_and_sources(self, world: World) -> None:
        both = {"messages": [ARTICLE, DONT_KNOW]}
        again = {"commands": [{"command": "repeat"}], "intent": {"name": "repeat", "confidence": 0.9}}
        world.rasa.answer = scripted({"Where is my parcel?": both, "say that again": again})
        talk = await world.opens("alice")
        first = await says(world, talk, "Where is my parcel?")
        for _ in range(4):  # asked for: as often as it is asked for
            repeated = await says(world, talk, "say that again")
            assert (repeated.text, repeated.kind) == (first.text, first.kind)
            assert repeated.payload["buttons"] == first.payload["buttons"]
            assert repeated.payload["sources"] == [SOURCE]

    async def test_before_anything_was_said(self, world: World) -> None:
        world.rasa.answer = lambda asked: {"commands": [{"command": "repeat"}]}
        talk = await world.opens("alice")
        assert "haven't said anything" in (await says(world, talk, "what did you say?")).text


class TestLanguage:
    async def test_a_wish_pins_it_and_this_very_reply_follows(self, world: World) -> None:
        world.rasa.answer = lambda asked: {
            "messages": [{"text_key": "utter_greet"}],
            "commands": [{"command": "set_language", "language": "zh"}],
        }
        talk = await world.opens("alice")
        assert "智能助手" in (await says(world, talk, "speak chinese please")).text
        row = await world.row(talk)
        assert (row.language, row.language_pinned) == ("zh", True)
        world.rasa.answer = lambda asked: {"messages": [DONT_KNOW]}
        assert "帮助文章" in (await says(world, talk, "where is my parcel then")).text
        assert world.rasa.asked[-1].metadata["language"] == "zh"

    async def test_one_that_the_inbox_does_not_have(self, world: World) -> None:
        async with world.db.write() as session:
            await session.execute(update(Inbox).values(languages=["en"]))
        world.rasa.answer = lambda asked: {
            "messages": [{"text_key": "utter_greet"}],
            "commands": [{"command": "set_language", "language": "zh"}],
        }
        talk = await world.opens("alice")
        assert "can't write in that language" in (await says(world, talk, "speak chinese")).text
        assert not (await world.row(talk)).language_pinned


class TestClicks:
    async def test_dynamic_buttons_come_first_in_one_row_of_four(self, world: World) -> None:
        title = "How to return a kettle that has been used more than once and is not clean"
        choices = [
            {"value": "article:a1", "label": "Late parcels"},
            {"value": "article:a2", "label": title},
            {"value": "article:a1", "label": "The same again"},
            {"value": "none_of_these"},
            {"value": "no_words_for_this"},
        ]
        world.rasa.answer = lambda asked: {"messages": [{**DONT_KNOW, "choices": choices}]}
        talk = await world.opens("alice")
        buttons = (await says(world, talk, "parcel")).payload["buttons"]
        assert [button["value"] for button in buttons] == [
            "article:a1", "article:a2", "none_of_these", "open_ticket",
        ]  # fmt: skip
        assert [button["label"] for button in buttons[::2]] == ["Late parcels", "None of these"]
        assert len(buttons[1]["label"]) <= 60

    async def test_an_article_is_chosen_by_its_id(self, world: World) -> None:
        choices = [{"value": "article:a1", "label": "Late parcels"}, {"value": "none_of_these"}]
        world.rasa.answer = lambda asked: {"messages": [{**DONT_KNOW, "choices": choices}]}
        talk = await world.opens("alice")
        offered = await says(world, talk, "parcel")
        world.rasa.answer = lambda asked: {"messages": [ARTICLE], "intent": {"name": asked.intent}}
        reply = await clicks(world, talk, offered, "article:a1")
        assert reply.payload["sources"] == [SOURCE]
        asked = world.rasa.asked[-1]
        assert (asked.intent, asked.entities) == ("choose_article", {"article_id": "a1"})
        assert (await evidence(world, talk))["chose"] is True
        await clicks(world, talk, offered, "none_of_these")
        assert (world.rasa.asked[-1].intent, world.rasa.asked[-1].entities) == ("none_of_these", {})

    async def test_yes_and_no_belong_to_one_question(self, world: World) -> None:
        read_back = {
            "text_key": "utter_ticket_read_back_no_order",
            "vars": {"description": "It leaks", "email": "a@shop.example"},
        }
        world.rasa.answer = lambda asked: {"messages": [DONT_KNOW, read_back]}
        talk = await world.opens("alice")
        assert values(await says(world, talk, "hi")) == ["affirm", "deny"]

    async def test_words_before_a_click_are_heard_too(self, world: World) -> None:
        world.rasa.answer = lambda asked: {"messages": [DONT_KNOW]}
        talk = await world.opens("alice")
        offered = await says(world, talk, "parcel")
        world.rasa.asked.clear()
        world.rasa.answer = lambda asked: {"messages": [{"text": f"heard: {asked.said}"}]}
        await world.says("alice", talk, "and my kettle leaks")
        await world.says("alice", talk, "from the bottom")
        reply = await clicks(world, talk, offered, "open_ticket")
        assert reply.text == "heard: and my kettle leaks\nfrom the bottom\n\nheard: /open_ticket"
        turns = [asked.turn_id for asked in world.rasa.asked]
        assert turns[1] == f"{turns[0]}.1"


class TestForm:
    async def test_a_button_opens_it_with_what_is_known(self, world: World) -> None:
        world.rasa.answer = lambda asked: {
            "messages": [{**DONT_KNOW, "choices": [{"value": "ticket_form"}]}],
            "slots": {
                "ticket_description": "The lid is cracked",
                "order_number": "HH-204817",
                "language": "en",
            },
        }
        talk = await world.opens("alice")
        row = await world.row(talk)
        async with world.db.write() as session:
            session.add(
                CustomerIdentity(customer_id=row.customer_id, channel="email", value="alice@shop.example")
            )
        offered = await says(world, talk, "my lid is cracked")
        asked_before = len(world.rasa.asked)
        form = await clicks(world, talk, offered, "ticket_form")
        assert len(world.rasa.asked) == asked_before
        assert form.kind == "form"
        assert [field.get("value") for field in form.payload["form"]["fields"]] == [
            "The lid is cracked", "HH-204817", "alice@shop.example",
        ]  # fmt: skip

    async def test_a_stuck_form_is_one_with_a_person_beside_it(self, world: World) -> None:
        world.rasa.answer = lambda asked: {
            "messages": [{"text_key": "utter_invalid_email"}],
            "commands": [{"command": "form_stuck", "form": "ticket_form"}],
            "slots": {"ticket_description": "The lid is cracked"},
        }
        talk = await world.opens("alice")
        reply = await says(world, talk, "alice at shop")
        assert values(reply) == ["ask_person"]
        fields = reply.payload["form"]["fields"]
        assert fields[0]["value"] == "The lid is cracked"
        assert "value" not in fields[2]
        assert (await evidence(world, talk))["offer"]["why"] == "form_failed"

        filled = {"what": "The lid is cracked", "email": "alice@shop.example"}
        await world.clicks("alice", talk, reply, filled)
        await world.runs_turn(talk)
        row = await world.row(talk)
        assert (row.slots, row.tracker_turns, row.tracker_no) == ({}, 0, 1), "Rasa's own form does not go on"
        async with world.db.read() as session:
            (ticket,) = (await session.scalars(select(Ticket))).all()
        assert ticket.description == "The lid is cracked"


class TestPeople:
    async def offered(self, world: World) -> str:
        world.rasa.answer = lambda asked: {"messages": [DONT_KNOW], "intent": {"name": "nlu_fallback"}}
        talk = await world.opens("alice")
        for text in ("do you sell ships?", "and planes?"):
            reply = await says(world, talk, text)
        assert reply.payload["abstained"] is True
        assert values(reply) == ["open_ticket", "ask_person"]
        assert reply.text.startswith("I don't know that either")
        turn = await evidence(world, talk)
        assert turn["offer"] == {"why": "abstained", "because": [1, 3]}
        assert turn["outcome"] == "abstained"
        world.rasa.answer = lambda asked: {
            "messages": [{"text_key": "utter_nothing_to_confirm"}],
            "intent": {"name": "affirm"},
        }
        return talk

    async def test_a_yes_to_an_offer_where_people_are(self, world: World) -> None:
        talk = await self.offered(world)
        await world.online("bob")
        await says(world, talk, "yes please")
        assert (await world.row(talk)).owner == "queue"
        assert await world.notices(talk) == ["queued"]
        async with world.db.read() as session:
            packet = await queries.latest_packet(session, talk)
        assert packet is not None
        assert [reason["code"] for reason in packet["reasons"]] == ["asked_for_person"]

    async def test_a_yes_to_an_offer_where_nobody_is(self, world: World) -> None:
        talk = await self.offered(world)
        reply = await says(world, talk, "yes please")
        assert reply.kind == "form"
        assert (await world.row(talk)).owner == "bot"
        assert await world.notices(talk) == []
        assert (await evidence(world, talk))["nobody_there"] is True

    async def test_a_grumble_that_rasa_took_for_a_complaint_is_an_offer(self, world: World) -> None:
        await world.online("bob")
        world.rasa.answer = lambda asked: {
            "commands": [{"command": "hand_off", "reason": "complaint"}],
            "intent": {"name": "complain"},
        }
        talk = await world.opens("alice")
        reply = await says(world, talk, "this takes far too long")
        assert values(reply) == ["ask_person", "open_ticket"]
        assert (await world.row(talk)).owner == "bot"
        other = await world.opens("dora")
        await world.says("dora", other, "I want to make a complaint")
        await world.runs_turn(other)
        assert (await world.row(other)).owner == "queue"

    async def test_an_open_ticket_on_the_same_matter(self, world: World) -> None:
        from tickets.events import Actor
        from tickets.intake import TicketDraft

        world.rasa.answer = lambda asked: {"messages": [DONT_KNOW], "intent": {"name": "nlu_fallback"}}
        talk = await world.opens("alice")
        row = await world.row(talk)
        async with world.db.write() as session:
            draft = TicketDraft(
                key=new_id(),
                by=Actor(type="customer", id=row.customer_id),
                description="The lid of my kettle is cracked",
                email="alice@shop.example",
                language="en",
                conversation_id=talk,
                customer_id=row.customer_id,
                inbox="default",
            )
            ticket, _ = await create_ticket(session, draft)
        reply = await says(world, talk, "the cracked lid of the kettle got worse, what now")
        assert ticket.shown_number in reply.text
        assert values(reply) == ["add_to_ticket", "ask_person"]
        assert (await evidence(world, talk))["offer"]["why"] == "complex_open_ticket"


class TestWhatRasaIsTold:
    async def test_who_the_customer_is_and_what_words_mean_here(self, world: World) -> None:
        talk = await world.opens("alice")
        await says(world, talk, "hello there, my kettle leaks")
        told = world.rasa.asked[-1].metadata
        assert told["customer"] == {"level": "anonymous"}
        assert told["entities"]["order_pattern"] == r"HH-\d{6}|55000\d{11}"
        assert [product["name"] for product in told["entities"]["products"]] == ["Ember Kettle"]
        row = await world.row(talk)
        async with world.db.write() as session:
            session.add(
                CustomerIdentity(
                    customer_id=row.customer_id, channel="email", value="alice@shop.example", level="email"
                )
            )
        await says(world, talk, "it still leaks")
        assert world.rasa.asked[-1].metadata["customer"] == {"email": "alice@shop.example", "level": "email"}

    @pytest.mark.parametrize(
        ("text", "intent"), [("👍", "thanks"), ("🙏😊", "thanks"), ("👎", None), ("...", None)]
    )
    async def test_a_friendly_emoji_is_a_thank_you(self, world: World, text: str, intent: str | None) -> None:
        talk = await world.opens("alice")
        await says(world, talk, text)
        assert world.rasa.asked[-1].intent == intent


async def test_an_emoji_after_a_question_takes_nothing_away(world: World) -> None:
    talk = await world.opens("alice")
    reply = await says(world, talk, "my kettle leaks", "🙏")
    assert reply.text == "heard: my kettle leaks"


async def test_an_inbox_speaks_in_its_own_words(world: World) -> None:
    async with world.db.write() as session:
        session.add(
            WordingText(key="utter_greet", locale="en", inbox_key="default", text="Welcome to the brand.")
        )
    world.rasa.answer = lambda asked: {"messages": [{"text_key": "utter_greet"}]}
    talk = await world.opens("alice")
    assert (await says(world, talk, "hello")).text == "Welcome to the brand."


class TestPacket:
    async def packet(self, world: World, talk: str) -> dict[str, Any]:
        await world.online("bob")
        await says(world, talk, "I want to talk to a person")
        async with world.db.read() as session:
            packet = await queries.latest_packet(session, talk)
        assert packet is not None
        return packet

    async def test_what_an_abandoned_form_has_collected(self, world: World) -> None:
        slots = {
            "ticket_description": "The lid is cracked",
            "order_number": "HH-204817",
            "ticket_read_back": "x",
        }
        world.rasa.answer = lambda asked: {
            "messages": [{"text_key": "utter_ask_ticket_form_email"}],
            "active_form": "ticket_form",
            "slots": slots,
        }
        talk = await world.opens("alice")
        await says(world, talk, "HH-204817")
        packet = await self.packet(world, talk)
        assert packet["slots"] == {"ticket_description": "The lid is cracked", "order_number": "HH-204817"}

    @pytest.mark.parametrize(
        ("key", "intent", "helped"),
        [
            ("utter_helpful", "helpful", True),
            ("utter_helpful", "affirm", True),
            ("utter_unhelpful", "unhelpful", False),
            ("utter_unhelpful", "deny", False),
            ("utter_thanks", "thanks", None),
        ],
    )
    async def test_what_was_said_of_the_articles(
        self, world: World, key: str, intent: str, helped: bool | None
    ) -> None:
        other = {**ARTICLE, "sources": [{**SOURCE, "article_id": "a2"}]}
        reaction = {"messages": [{"text_key": key}], "intent": {"name": intent}}
        world.rasa.answer = scripted(
            {"Where is it?": {"messages": [ARTICLE]}, "so so": reaction, "And now?": {"messages": [other]}}
        )
        talk = await world.opens("alice")
        for text in ("Where is it?", "so so", "And now?"):
            await says(world, talk, text)
        packet = await self.packet(world, talk)
        assert [(one["article_id"], one["helped"]) for one in packet["tried"]] == [
            ("a1", helped),
            ("a2", None),
        ]


async def test_the_evidence_of_every_turn_can_be_read_back(world: World) -> None:
    world.rasa.answer = lambda asked: {"messages": [ARTICLE], "intent": {"name": "nlu_fallback"}}
    talk = await world.opens("alice")
    for number in range(3):
        await says(world, talk, f"Where is parcel {number}?")
    async with world.db.read() as session:
        turns = (
            await session.scalars(select(Turn).where(Turn.conversation_id == talk).order_by(Turn.to_seq))
        ).all()
        assert await session.get(Conversation, talk)
    assert [turn.evidence["tokens"] for turn in turns] == [["article:a1"]] * 2 + [["utter_already_said"]]
    assert turns[2].evidence["offer"] == {"why": "repeated", "because": [5]}
    assert turns[2].evidence["used_up"] == ["article:a1"]
    assert [turn.evidence["seq"] for turn in turns] == [1, 3, 5]


class TestNoPersonWanted:
    @pytest.mark.parametrize(
        ("text", "asked"),
        [
            ("I don't need to talk to a human, just tell me how to reset my password",
             "just tell me how to reset my password"),
            ("How do I reset it? Don't transfer me to an agent.", "How do I reset it?"),
            ("不用转人工，怎么重设密码", "怎么重设密码"),
            ("I don't want a person", "I don't want a person"),
        ],
    )  # fmt: skip
    async def test_what_else_is_said_is_asked(self, world: World, text: str, asked: str) -> None:
        talk = await world.opens("alice")
        await says(world, talk, text)
        assert world.rasa.asked[-1].text == asked

    async def test_nobody_is_brought_against_a_customers_word(self, world: World) -> None:
        await world.online("bob")
        world.rasa.answer = lambda asked: {
            "commands": [{"command": "hand_off", "reason": "asked_for_person"}],
            "intent": {"name": "ask_person"},
        }
        talk = await world.opens("alice")
        assert "Go on asking" in (await says(world, talk, "I don't want a person")).text
        assert (await world.row(talk)).owner == "bot"
        assert (await evidence(world, talk))["declined"] is True
