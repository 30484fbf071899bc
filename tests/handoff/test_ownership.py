"""Exactly one owner: who may write, how a chat is passed on, and what becomes of what is unanswered."""

import asyncio

import pytest
from world import World

from assistant.run import TurnRunner
from server.db import new_id
from server.errors import Conflict, Malformed, NotFound


async def test_only_the_owner_writes_to_the_customer(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    for stranger in ("bea", "sam"):
        with pytest.raises(Conflict) as refused:
            await world.writes(stranger, talk, "hello")
        assert refused.value.type == "not-the-owner"
        assert refused.value.extra["owner"] == {"type": "agent", "agent_id": world.people["bob"].id}
    assert await world.texts(talk, "agent") == []


async def test_nobody_writes_to_what_the_bot_or_the_queue_owns(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "hello")
    await world.online("bob")
    for _ in range(2):
        with pytest.raises(Conflict):
            await world.writes("bob", talk, "hello")
        await world.asks_for_person("alice", talk)
    assert (await world.row(talk)).owner == "queue"
    assert await world.texts(talk, "agent") == []


async def test_after_a_transfer_the_new_owner_writes_and_the_old_one_does_not(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "I'll pass you on.")
    await world.gives_to("bob", talk, "bea", note="She wants a new lid")
    await world.writes("bea", talk, "Hello, Bea here.")
    with pytest.raises(Conflict) as refused:
        await world.writes("bob", talk, "One more thing")
    assert refused.value.extra["owner"] == {"type": "agent", "agent_id": world.people["bea"].id}
    assert await world.texts(talk, "agent") == [
        "I'll pass you on.",
        "She wants a new lid",
        "Hello, Bea here.",
    ]
    assert (await world.load("bob"), await world.load("bea")) == (0, 1)
    kinds = [event.type for event in await world.events(talk)]
    assert kinds.count("agent_joined") == 2
    assert kinds.count("agent_left") == 1


async def test_a_message_that_was_sent_before_the_transfer_is_not_sent_again(world: World) -> None:
    talk, client_id = await world.owned_by("alice", "bob"), new_id()
    message = await world.writes("bob", talk, "I'll pass you on.", client_id)
    await world.gives_to("bob", talk, "bea")
    assert (await world.writes("bob", talk, "I'll pass you on.", client_id)).id == message.id


async def test_a_transfer_needs_a_colleague_with_room(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    for _ in range(4):
        await world.owned_by("dora", "bea")
    with pytest.raises(Conflict) as refused:
        await world.gives_to("bob", talk, "bea")
    assert refused.value.type == "no-capacity"
    with pytest.raises(Malformed):
        await world.gives_to("bob", talk, "bob")
    assert (await world.row(talk)).agent_id == world.people["bob"].id


async def test_a_transfer_and_a_message_at_once_leave_no_word_of_the_old_owner(world: World) -> None:
    other = await world.another_process()
    for _ in range(5):
        talk = await world.owned_by("alice", "bob")
        await asyncio.gather(
            world.gives_to("bob", talk, "bea"),
            *(other.writes("bob", talk, f"word {n}") for n in range(4)),
            return_exceptions=True,
        )
        await world.resolves("bea", talk)  # whether a word came too late is what every test checks at its end


async def test_back_to_the_bot_with_an_unanswered_message_queues_a_turn(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.says("alice", talk, "And where is my parcel?")
    assert await world.runs_turn(talk) is None, "a person owns: the bot is silent"
    await world.gives_to_bot("bob", talk, note="Only a delivery question")
    assert (await world.notices(talk))[-1] == "assistant_back"
    assert await world.runs_turn(talk) is not None
    assert (await world.texts(talk, "bot"))[-1].endswith("heard: And where is my parcel?")
    assert await world.load("bob") == 0


async def test_back_to_the_bot_with_everything_answered_queues_nothing(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "A new lid is on its way.")
    await world.gives_to_bot("bob", talk)
    assert await world.runs_turn(talk) is None
    assert await world.texts(talk, "bot") == []


async def test_rasa_gets_the_slots_again_after_each_change_of_owner(world: World) -> None:
    world.rasa.answer = lambda asked: {"messages": [{"text": "ok"}], "slots": {"order_number": "HH-204817"}}
    talk = await world.opens("alice")
    for text in ("my order is HH-204817", "and the lid is broken"):
        await world.says("alice", talk, text)
        await world.runs_turn(talk)
    await world.online("bob")
    await world.asks_for_person("alice", talk)
    await world.claims("bob", talk)
    await world.gives_to_bot("bob", talk)
    await world.says("alice", talk, "hello again")
    await world.runs_turn(talk)
    first, second, third = world.rasa.asked
    assert first.metadata["slots"] == {}
    assert first.sender_id == second.sender_id != third.sender_id
    assert second.metadata["slots"] == {}, "Rasa's own tracker still knows them"
    assert third.metadata["slots"] == {"order_number": "HH-204817"}


async def test_a_late_reply_after_a_takeover_is_refused(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    claimed = await world.claims_turn(talk)
    assert claimed is not None
    await world.claims("sam", talk)
    await world.writes("sam", talk, "I'll look.")
    await TurnRunner(world.db, world.bus, world.assistant).run(claimed)
    assert world.rasa.asked != [], "the bot had an answer"
    assert await world.texts(talk, "bot") == []
    assert [turn.state for turn in await world.turns(talk)] == ["dropped"]


async def test_a_late_reply_after_a_takeover_and_back_is_refused_and_asked_anew(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    claimed = await world.claims_turn(talk)
    assert claimed is not None
    await world.claims("sam", talk)
    await world.gives_to_bot("sam", talk)
    await TurnRunner(world.db, world.bus, world.assistant).run(claimed)
    assert await world.texts(talk, "bot") == [], "the same owner, but another epoch"
    await world.runs_turn(talk)
    assert await world.texts(talk, "bot") == ["heard: Where is my parcel?"]
    assert sorted(turn.state for turn in await world.turns(talk)) == ["answered", "dropped"]


async def test_a_late_reply_to_what_has_been_resolved_is_refused(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    claimed = await world.claims_turn(talk)
    assert claimed is not None
    await world.resolves("sam", talk)
    await TurnRunner(world.db, world.bus, world.assistant).run(claimed)
    assert await world.texts(talk, "bot") == []


async def test_a_late_wish_of_the_bot_does_not_reopen_what_has_been_resolved(world: World) -> None:
    world.rasa.answer = lambda asked: {"commands": [{"command": "hand_off", "reason": "complaint"}]}
    await world.online("bob")
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    claimed = await world.claims_turn(talk)
    assert claimed is not None
    await world.resolves("sam", talk)
    await TurnRunner(world.db, world.bus, world.assistant).run(claimed)
    row = await world.row(talk)
    assert (row.owner, row.status) == ("bot", "resolved")


async def test_the_end_frees_the_agent_and_remembers_who_helped(world: World) -> None:
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "A new lid is on its way.")
    await world.resolves("bob", talk, "solved", note="Sent lid, card 4111 1111 1111 1111")
    row = await world.row(talk)
    assert (row.status, row.owner, row.agent_id) == ("resolved", "bot", None)
    assert row.resolution is not None
    assert (row.resolution["by"], row.resolution["agent_id"]) == ("agent", world.people["bob"].id)
    assert await world.load("bob") == 0
    assert (await world.texts(talk, "agent"))[-1] == "Sent lid, card ••••"
    with pytest.raises(Conflict):
        await world.writes("bob", talk, "One more thing")


async def test_who_comes_back_is_brought_to_people_once(world: World) -> None:
    """The first new word after a person's help goes to people; what follows is the assistant's again."""
    talk = await world.owned_by("alice", "bob")
    await world.writes("bob", talk, "A new lid is on its way.")
    await world.resolves("bob", talk)
    await world.says("alice", talk, "The new lid does not fit")
    await world.runs_turn(talk)
    assert (await world.row(talk)).owner == "queue"
    assert (await world.places(talk))[-1].preferred_agent_id == world.people["bob"].id
    await world.claims("bea", talk)
    await world.writes("bea", talk, "Please turn it around.")
    await world.gives_to_bot("bea", talk)
    await world.says("alice", talk, "How do I descale it?")
    await world.runs_turn(talk)
    assert (await world.row(talk)).owner == "bot"
    assert (await world.texts(talk, "bot"))[-1].endswith("heard: How do I descale it?")


async def test_what_is_not_there_cannot_be_written_to(world: World) -> None:
    with pytest.raises(NotFound):
        await world.writes("bob", new_id(), "hello")
