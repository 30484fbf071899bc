"""Turns through the real worker: every message answered once, in order, whoever dies in between."""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from typing import Any

import pytest
from fake_rasa import Answer, Asked
from sqlalchemy import select, update
from world import VISITORS, World

from assistant import turns
from assistant.models import Turn
from assistant.run import TurnRunner
from assistant.turns import ClaimedTurn
from chat.models import Message
from server.bus import Announcement
from server.db import db_now
from server.jobs import WORK

PATIENCE_S = 20.0


def heard(messages: list[Message]) -> list[str]:
    """The customer's messages that the bot's messages answer, in order."""
    lines = [line for message in messages for line in message.text.split("\n") if line]
    return [line.removeprefix("heard: ") for line in lines]


@pytest.mark.usefixtures("quiet_log")
async def test_300_bursts_of_two_messages_are_each_answered(world: World) -> None:
    """Every fifth second message comes while the turn of the first one is with Rasa or being written."""
    chance = random.Random(300)
    gaps = [chance.uniform(0.0, 0.3) for _ in range(300)]
    at_rasa: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def arrived(asked: Asked) -> None:
        at_rasa[asked.said.split()[0]].set()
        await asyncio.sleep(chance.uniform(0.0, 0.1))

    world.rasa.also = arrived
    busy = await world.with_settle(0.1)
    other = await busy.another_process()
    at_once = asyncio.Semaphore(20)

    async def burst(number: int) -> str:
        async with at_once:
            name = VISITORS[number % 3]
            talk = await busy.opens(name)
            await busy.says(name, talk, f"{number} first")
            if number % 5 == 0:
                await at_rasa[f"{number}"].wait()
                await asyncio.sleep(gaps[number] / 3)
            else:
                await asyncio.sleep(gaps[number])
            await other.says(name, talk, f"{number} second")
            return talk

    # SQLite is for one process; on PostgreSQL there are two, with a worker each.
    async with contextlib.AsyncExitStack() as workers:
        for process in {id(one): one for one in (busy, other)}.values():
            await workers.enter_async_context(process.working())
        talks = await asyncio.gather(*(burst(number) for number in range(300)))
        async with asyncio.timeout(60):
            while await busy.live_turns():
                await asyncio.sleep(0.05)
    said = await _messages_by_talk(busy)
    for number, talk in enumerate(talks):
        answers = [message for message in said[talk] if message.author_type == "bot"]
        assert heard(answers) == [f"{number} first", f"{number} second"]
        assert number % 5 or len(answers) == 2
        for message in said[talk]:
            answer = next(one for one in answers if message.text in one.text)
            assert answer.event_seq >= message.event_seq, "no answer before its question"
    turn_ids = [asked.turn_id for asked in world.rasa.asked]
    assert len(set(turn_ids)) == len(turn_ids) == len(_answers(said))


async def _messages_by_talk(world: World) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    async with world.db.read() as session:
        for message in await session.scalars(select(Message).order_by(Message.event_seq)):
            found[message.conversation_id].append(message)
    return found


def _answers(said: dict[str, list[Message]]) -> list[str]:
    return [message.text for talk in said.values() for message in talk if message.author_type == "bot"]


class Slow:
    """A worker that is killed while Rasa has the turn."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        monkeypatch.setattr(turns, "LEASE_S", 0.3)

    async def killed_mid_turn(self) -> str:
        world = self.world
        world.rasa.go_on.clear()
        talk = await world.opens("alice")
        await world.says("alice", talk, "Where is my parcel?")
        working = world.working()
        async with asyncio.timeout(PATIENCE_S), working:
            await world.rasa.arrived.wait()
            await working.kill()
        world.rasa.go_on.set()
        return talk


async def test_a_worker_killed_in_the_middle_costs_no_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await Slow(world, monkeypatch).killed_mid_turn()
    assert await world.texts(talk, "bot") == []
    async with asyncio.timeout(PATIENCE_S), world.working():
        await world.settled(talk)
    assert await world.texts(talk, "bot") == ["heard: Where is my parcel?"]
    assert [asked.turn_id for asked in world.rasa.asked] == [world.rasa.asked[0].turn_id] * 2


async def test_a_worker_killed_after_rasa_answered_gets_the_same_answer_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    with monkeypatch.context() as patch:
        patch.setattr(turns, "LEASE_S", 0.0)
        claimed = await world.claims_turn(talk)
    assert claimed is not None
    await _ask_rasa_only(world, claimed)
    async with asyncio.timeout(PATIENCE_S), world.working():
        await world.settled(talk)
    assert await world.texts(talk, "bot") == ["heard: Where is my parcel?"]
    assert len(world.rasa.asked) == 1, "the dialogue ran once"


async def _ask_rasa_only(world: World, claimed: ClaimedTurn) -> None:
    from assistant.run import read_facts

    async with world.db.read() as session:
        facts = await read_facts(session, claimed)
    await world.assistant.decide(facts)


async def test_a_worker_that_was_only_slow_finds_its_lease_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LEASE_S", 0.0)
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    slow = await world.claims_turn(talk)
    quick = await world.claims_turn(talk)
    assert slow is not None
    assert quick is not None
    assert slow.turn_id == quick.turn_id
    assert slow.lease != quick.lease
    runner = TurnRunner(world.db, world.bus, world.assistant)
    await asyncio.gather(runner.run(slow), runner.run(quick))
    await runner.run(slow)
    assert await world.texts(talk, "bot") == ["heard: Where is my parcel?"]


async def test_a_lease_that_lasts_is_not_taken_over(world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    assert await world.claims_turn(talk) is not None
    assert await world.claims_turn(talk) is None
    assert turns.LEASE_S > 30


async def test_many_workers_claim_a_turn_once(world: World) -> None:
    other = await world.another_process()
    talk = await world.opens("alice")
    for number in range(6):
        await world.says("alice", talk, f"question {number}")
        claimed = await asyncio.gather(*(at.claims_turn(talk) for at in (world, other) * 3))
        (one,) = [found for found in claimed if found]
        await TurnRunner(world.db, world.bus, world.assistant).run(one)
    assert heard(list(await world.messages(talk, "bot"))) == [f"question {number}" for number in range(6)]


async def test_a_turn_whose_workers_keep_dying_ends_with_a_visible_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LEASE_S", 0.0)
    talk = await world.opens("alice")
    await world.says("alice", talk, "Where is my parcel?")
    for _ in range(3):
        assert await world.claims_turn(talk) is not None
    await world.runs_turn(talk)
    assert world.rasa.asked == []
    assert (await world.messages(talk, "bot"))[0].payload["buttons"][0]["value"] == "open_ticket"


async def test_what_arrives_during_a_turn_belongs_to_the_next_one(world: World) -> None:
    talk = await world.opens("alice")
    world.rasa.go_on.clear()
    async with asyncio.timeout(PATIENCE_S), world.working():
        await world.says("alice", talk, "Where is my parcel?")
        await world.rasa.arrived.wait()
        await world.says("alice", talk, "And the kettle leaks")
        await world.says("alice", talk, "from the bottom")
        assert await world.live_turns(talk) == 1
        world.rasa.go_on.set()
        await world.settled(talk)
    assert await world.texts(talk, "bot") == [
        "heard: Where is my parcel?",
        "heard: And the kettle leaks\n\nheard: from the bottom",
    ]


@pytest.mark.parametrize(
    ("burst", "asked"),
    [
        (["hi", "my kettle leaks"], "my kettle leaks"),
        (["my kettle leaks", "thanks!"], "my kettle leaks"),
        (["你好", "我的水壶坏了"], "我的水壶坏了"),
        (["hi", "hello"], "hello"),
        (["where is my parcel", "and the invoice?"], "where is my parcel\nand the invoice?"),
    ],
)
async def test_a_burst_is_one_turn_in_which_greetings_melt_away(
    world: World, burst: list[str], asked: str
) -> None:
    talk = await world.opens("alice")
    for text in burst:
        await world.says("alice", talk, text)
    await world.runs_turn(talk)
    assert [one.text for one in world.rasa.asked] == [asked]
    assert len(await world.messages(talk, "bot")) == 1
    assert await world.live_turns(talk) == 0


class TestWhenATurnStarts:
    async def test_after_the_settle_wait_counted_from_the_last_message(self, world: World) -> None:
        busy = await world.with_settle(0.4)
        talk = await busy.opens("alice")
        async with asyncio.timeout(PATIENCE_S), busy.working():
            await busy.says("alice", talk, "first")
            await asyncio.sleep(0.2)
            wrote = time.monotonic()
            await busy.says("alice", talk, "second")
            await world.rasa.arrived.wait()
            assert time.monotonic() - wrote > 0.39
            await busy.settled(talk)
        assert [one.text for one in world.rasa.asked] == ["first\nsecond"]

    async def test_at_once_for_a_button(self, world: World) -> None:
        busy = await world.with_settle(60)
        talk = await busy.opens("alice")
        await busy.asks_for_person("alice", talk)
        (notice,) = await busy.messages(talk, "system")
        async with asyncio.timeout(PATIENCE_S), busy.working():
            await busy.clicks("alice", talk, notice, "open_ticket")
            await busy.settled(talk)
        assert [one.intent for one in world.rasa.asked] == ["open_ticket"]

    async def test_not_while_the_customer_goes_on_typing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turns, "MOST_SETTLE_S", 60.0)
        busy = await world.with_settle(0.5)
        talk = await busy.opens("alice")
        async with asyncio.timeout(PATIENCE_S), busy.working():
            typing = asyncio.create_task(_type(world, talk))
            await busy.says("alice", talk, "first")
            await asyncio.sleep(1.0)
            assert world.rasa.asked == []
            await busy.says("alice", talk, "second")
            typing.cancel()
            await busy.settled(talk)
        assert [one.text for one in world.rasa.asked] == ["first\nsecond"]

    async def test_at_most_three_seconds_late_though_the_typing_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert turns.MOST_SETTLE_S == 3
        monkeypatch.setattr(turns, "MOST_SETTLE_S", 0.7)
        talk = await world.opens("alice")
        async with asyncio.timeout(PATIENCE_S), world.working():
            wrote = time.monotonic()
            await world.says("alice", talk, "first")
            typing = asyncio.create_task(_type(world, talk))
            await world.rasa.arrived.wait()
            assert time.monotonic() - wrote > 0.65
            typing.cancel()
            await world.settled(talk)

    async def test_the_words_themselves_end_the_typing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turns, "TYPING_ALIVE_S", 3600.0)
        monkeypatch.setattr(turns, "MOST_SETTLE_S", 3600.0)
        talk = await world.opens("alice")
        async with asyncio.timeout(PATIENCE_S), world.working():
            await world.bus.publish_all([_typing(talk, "customer")])
            await world.says("alice", talk, "first")
            await world.settled(talk)
        assert len(world.rasa.asked) == 1

    async def test_an_agents_typing_is_no_reason_to_wait(self, world: World) -> None:
        talk = await world.opens("alice")
        async with asyncio.timeout(PATIENCE_S), world.working():
            await world.says("alice", talk, "first")
            await world.bus.publish_all([_typing(talk, "agent")])
            await world.settled(talk)

    async def test_without_any_doorbell_by_the_poll(self, world: World) -> None:
        talk = await world.opens("alice")
        async with asyncio.timeout(PATIENCE_S), world.working():
            await asyncio.sleep(0.1)  # the worker sleeps; its bus is deaf from here on
            world.bus._all.clear()  # type: ignore[attr-defined]
            await world.says("alice", talk, "first")
            await world.settled(talk)


def _typing(talk: str, author: str) -> Announcement:
    return Announcement("typing", {"conversation_id": talk, "author": author})


async def _type(world: World, talk: str) -> None:
    while True:
        await world.bus.publish_all([_typing(talk, "customer")])
        await asyncio.sleep(0.02)


async def test_the_worker_finishes_what_it_has_begun_before_it_stops(world: World) -> None:
    talk = await world.opens("alice")
    world.rasa.delay = lambda: 0.3
    async with asyncio.timeout(PATIENCE_S), world.working():
        await world.says("alice", talk, "first")
        await world.rasa.arrived.wait()
    assert await world.texts(talk, "bot") == ["heard: first"]


async def test_a_failing_source_does_not_stop_the_worker(world: World) -> None:
    class Broken:
        async def claim(self, limit: int) -> Any:
            raise RuntimeError("a source of ours is broken")

    talk = await world.opens("alice")
    worker = world.worker()
    worker._sources = [Broken(), *worker._sources]
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(PATIENCE_S):
        await world.says("alice", talk, "first")
        await world.settled(talk)
    worker.stop()
    await task
    assert await world.texts(talk, "bot") == ["heard: first"]


async def test_a_job_that_fails_is_tried_again_when_its_lease_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails in the finishing transaction; nothing of it is written, the next attempt answers."""
    monkeypatch.setattr(turns, "LEASE_S", 0.2)
    failures = iter([True])

    async def fail_once(session: Any, happened: Any) -> None:
        if type(happened).__name__ == "TurnEnded" and next(failures, False):
            raise RuntimeError("the disk is full")

    world.db.listeners.append(fail_once)
    talk = await world.opens("alice")
    async with asyncio.timeout(PATIENCE_S), world.working():
        await world.says("alice", talk, "first")
        await world.settled(talk)
    assert await world.texts(talk, "bot") == ["heard: first"]


async def test_a_new_tracker_begins_after_thirty_turns_without_a_form(world: World) -> None:
    form = {"active_form": None}

    def answer(asked: Asked) -> Answer:
        return {"messages": [{"text": "ok"}], "slots": {"n": 1}, **form}

    world.rasa.answer = answer
    talk = await world.opens("alice")
    for number in range(32):
        form["active_form"] = "ticket_form" if number in (29, 30) else None
        await world.says("alice", talk, f"{number}")
        await world.runs_turn(talk)
    senders = [asked.sender_id.rsplit(".", 1)[1] for asked in world.rasa.asked]
    assert senders == ["0"] * 32
    await world.says("alice", talk, "one more")
    await world.runs_turn(talk)
    last = world.rasa.asked[-1]
    assert last.sender_id.endswith(".1")
    assert last.metadata["slots"] == {"n": 1}, "what is known is carried on"


async def test_a_planned_start_of_rasa_is_waited_for(world: World) -> None:
    """The same turn goes on being tried; what arrives meanwhile is answered with it."""
    busy = await world.with_settle(0.0, is_starting=True)
    world.rasa.mode = "refusing"
    talk = await busy.opens("alice")
    await busy.says("alice", talk, "first")
    await busy.runs_turn(talk)
    assert await busy.texts(talk, "bot") == []
    await busy.says("alice", talk, "second")
    world.rasa.mode = "up"
    async with busy.db.write() as session:
        await session.execute(update(Turn).values(run_at=db_now(-1)))
        session.announce(WORK, {})
    await busy.runs_turn(talk)
    assert await busy.texts(talk, "bot") == ["heard: first\n\nheard: second"]
    assert not busy.assistant.breaker.is_open
