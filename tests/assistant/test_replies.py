"""From Rasa's text keys to what the customer reads; and what the bot's commands do after the reply."""

import pytest
from fake_rasa import Answer
from world import World

from chat.models import Message
from handoff import queries


async def answered(world: World, answer: Answer, text: str = "Where is my parcel?") -> str:
    world.rasa.answer = lambda asked: answer
    talk = await world.opens("alice")
    await world.says("alice", talk, text)
    await world.runs_turn(talk)
    return talk


async def only_reply(world: World, talk: str) -> Message:
    (reply,) = await world.messages(talk, "bot")
    return reply


async def test_a_burst_of_lines_is_one_message_with_one_row_of_buttons(world: World) -> None:
    lines = [
        {"text_key": "utter_greet"},
        {"text_key": "utter_dont_know", "abstained": True},
        {"text_key": "utter_dont_know"},
    ]
    reply = await only_reply(world, await answered(world, {"messages": lines}))
    first, second = reply.text.split("\n\n")
    assert first.startswith("Hello")
    assert second.startswith("I don't know")
    assert reply.kind == "buttons"
    assert [button["value"] for button in reply.payload["buttons"]] == ["open_ticket", "ask_person"]
    assert reply.payload["abstained"] is True


async def test_an_article_keeps_its_sources(world: World) -> None:
    source = {"article_id": "a1", "version": 3, "locale": "en", "score": 0.83, "title": "Late parcels"}
    line = {
        "text_key": "utter_article",
        "vars": {"passage": "Look at the link."},
        "kind": "article",
        "sources": [source],
    }
    reply = await only_reply(world, await answered(world, {"messages": [line]}))
    assert (reply.kind, reply.text) == ("article", "Look at the link.")
    assert reply.payload["sources"] == [source]


async def test_what_an_article_says_about_cards_is_masked_too(world: World) -> None:
    line = {"text_key": "utter_article", "vars": {"passage": "Use 4111 1111 1111 1111."}}
    reply = await only_reply(world, await answered(world, {"messages": [line]}))
    assert reply.text == "Use ••••."


async def test_the_reply_is_in_the_customers_language(world: World) -> None:
    line = {
        "text_key": "utter_ticket_status",
        "vars": {"number": "T-1042", "stage": "in_work", "updated": ""},
    }
    english = await only_reply(world, await answered(world, {"messages": [line]}))
    chinese = await only_reply(world, await answered(world, {"messages": [line]}, "我的工单怎么样了"))
    assert "T-1042" in english.text
    assert "being worked on" in english.text
    assert "T-1042" in chinese.text
    assert "being" not in chinese.text


async def test_nothing_to_say_is_no_empty_bubble(world: World) -> None:
    talk = await answered(world, {"messages": []})
    assert await world.messages(talk, "bot") == []
    assert (await world.row(talk)).answered_seq == 1


async def test_the_reply_comes_before_the_handoff(world: World) -> None:
    await world.online("bob")
    talk = await answered(
        world,
        {
            "messages": [{"text_key": "utter_helpful"}],
            "commands": [{"command": "hand_off", "reason": "complaint"}],
        },
    )
    kinds = [event.type for event in await world.events(talk)]
    assert kinds == [
        "message_posted",
        "message_posted",
        "turn_ended",
        "packet_written",
        "owner_changed",
        "message_posted",
    ]
    assert [message.author_type for message in await world.messages(talk)] == ["customer", "bot", "system"]
    async with world.db.read() as session:
        packet = await queries.latest_packet(session, talk)
    assert packet is not None
    assert [reason["code"] for reason in packet["reasons"]] == ["complaint"]


async def test_an_offer_has_its_buttons(world: World) -> None:
    answer = {"messages": [], "commands": [{"command": "offer", "what": ["ticket", "person"]}]}
    reply = await only_reply(world, await answered(world, answer))
    assert [button["value"] for button in reply.payload["buttons"]] == ["open_ticket", "ask_person"]


async def test_solved_is_the_end(world: World) -> None:
    answer = {"messages": [{"text_key": "utter_helpful"}], "commands": [{"command": "resolve"}]}
    talk = await answered(world, answer, "it works now")
    row = await world.row(talk)
    assert (row.status, row.owner) == ("resolved", "bot")
    assert row.resolution is not None
    assert row.resolution["by"] == "system"
    assert (await world.notices(talk)) == ["resolved"]


@pytest.mark.parametrize("command", [{"command": "drop_tables"}, {}, {"command": None}])
async def test_an_unknown_command_does_nothing(world: World, command: Answer) -> None:
    talk = await answered(world, {"messages": [{"text": "ok"}], "commands": [command]})
    assert await world.texts(talk, "bot") == ["ok"]


async def test_slots_are_carried_and_scrubbed_in_the_packet(world: World) -> None:
    talk = await answered(world, {"messages": [{"text": "ok"}], "slots": {"order_number": "HH-204817"}})
    assert (await world.row(talk)).slots == {"order_number": "HH-204817"}


async def test_evidence_is_kept_without_the_customers_words(world: World) -> None:
    talk = await answered(world, {"messages": [{"text": "ok"}], "actions": ["action_search"]})
    ended = next(event for event in await world.events(talk) if event.type == "turn_ended")
    assert ended.data["state"] == "answered"
    assert ended.data["path"] == "rasa"
    assert ended.data["actions"] == ["action_search"]
    assert "parcel" not in str(ended.data)
