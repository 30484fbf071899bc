"""Rasa silent, failing or gone: always a visible sentence, people if they are there, else a ticket."""

import asyncio
from typing import Any

import pytest
from fake_rasa import FakeRasa
from sqlalchemy import select
from world import World

from assistant import gateway
from assistant.health import BANNER, AssistantHealth, announce_start, is_down, is_starting
from assistant.reply import Line
from chat.models import CustomerIdentity, Message
from server.errors import Malformed
from tickets.models import Ticket

FAILURES = ["refusing", "not_ready", "failing", "hanging", "garbage"]


@pytest.fixture
def rasa(world: World) -> FakeRasa:
    return world.rasa


async def asked(world: World, text: str = "Where is my parcel?") -> str:
    talk = await world.opens("alice")
    await world.says("alice", talk, text)
    await world.runs_turn(talk)
    return talk


async def last(world: World, talk: str, author: str = "bot") -> Message:
    return (await world.messages(talk, author))[-1]


def values(message: Message) -> list[str]:
    return [button["value"] for button in message.payload.get("buttons", [])]


@pytest.fixture
def short_patience(world: World) -> None:
    world.assistant.gateway._timeout_s = 0.2


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("mode", FAILURES)
async def test_with_nobody_there_a_ticket_is_offered(world: World, rasa: FakeRasa, mode: str) -> None:
    rasa.mode = mode
    talk = await asked(world)
    reply = await last(world, talk)
    assert "technical problem" in reply.text
    assert values(reply) == ["open_ticket"]
    assert (await world.row(talk)).owner == "bot"
    assert await world.live_turns(talk) == 0


@pytest.mark.usefixtures("short_patience")
@pytest.mark.parametrize("mode", FAILURES)
async def test_with_somebody_there_the_chat_is_in_the_queue(world: World, rasa: FakeRasa, mode: str) -> None:
    await world.online("bob")
    rasa.mode = mode
    talk = await asked(world)
    assert "asked a colleague" in (await last(world, talk)).text
    assert values(await last(world, talk)) == []
    assert (await world.row(talk)).owner == "queue"
    assert await world.notices(talk) == ["queued"]


async def test_a_fault_of_our_own_is_not_silence(world: World, rasa: FakeRasa) -> None:
    rasa.answer = lambda asked: {"messages": [{"text_key": "utter_greet", "vars": ["no", "mapping"]}]}
    talk = await asked(world)
    assert "technical problem" in (await last(world, talk)).text


async def fill_in(world: World, talk: str, **values: str | None) -> Message:
    form = await last(world, talk)
    assert form.kind == "form"
    filled = {"what": "The kettle's lid is cracked", "email": "alice@shop.example", **values}
    return await world.clicks("alice", talk, form, filled)


async def wants_form(world: World, rasa: FakeRasa) -> str:
    rasa.mode = "refusing"
    talk = await asked(world)
    await world.clicks("alice", talk, await last(world, talk), "open_ticket")
    await world.runs_turn(talk)
    return talk


async def test_a_form_takes_the_ticket_without_rasa(world: World, rasa: FakeRasa) -> None:
    talk = await wants_form(world, rasa)
    form = (await last(world, talk)).payload["form"]
    assert [(field["name"], field["type"], field["required"]) for field in form["fields"]] == [
        ("what", "textarea", True),
        ("order_number", "text", False),
        ("email", "email", True),
    ]
    await fill_in(world, talk, order_number="HH-204817")
    await world.runs_turn(talk)
    async with world.db.read() as session:
        (ticket,) = (await session.scalars(select(Ticket))).all()
        contact = await session.scalar(select(CustomerIdentity.value))
    assert (ticket.description, ticket.order_number) == ("The kettle's lid is cracked", "HH-204817")
    assert (ticket.email, contact) == ("alice@shop.example", "alice@shop.example")
    assert (ticket.conversation_id, ticket.customer_id) == (talk, (await world.row(talk)).customer_id)
    notice = await last(world, talk, "system")
    assert notice.payload["notice"] == "ticket_created"
    assert notice.payload["ticket"] == {"number": ticket.shown_number}


async def test_the_form_is_in_the_customers_language(world: World, rasa: FakeRasa) -> None:
    rasa.mode = "refusing"
    talk = await asked(world, "我的包裹还没到")
    await world.clicks("alice", talk, await last(world, talk), "open_ticket")
    await world.runs_turn(talk)
    labels = [field["label"] for field in (await last(world, talk)).payload["form"]["fields"]]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in label) for label in labels)


async def test_a_form_whose_turn_is_run_twice_makes_one_ticket(
    world: World, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant import turns

    talk = await wants_form(world, rasa)
    await fill_in(world, talk)
    monkeypatch.setattr(turns, "LEASE_S", 0.0)
    await asyncio.gather(*(world.runs_turn(talk) for _ in range(2)))
    await world.runs_turn(talk)
    assert await world.count(Ticket) == 1
    assert (await world.notices(talk)).count("ticket_created") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"email": ""},
        {"what": None},
        {"email": "4111111111111111@shop.example"},
        {"unknown": "x"},
    ],
    ids=str,
)
async def test_a_form_that_is_not_right_is_refused(
    world: World, rasa: FakeRasa, wrong: dict[str, str | None]
) -> None:
    talk = await wants_form(world, rasa)
    before = (await world.row(talk)).last_event_seq
    with pytest.raises(Malformed):
        await fill_in(world, talk, **wrong)
    assert (await world.row(talk)).last_event_seq == before
    assert await world.count(Ticket) == 0


async def test_a_form_of_greatest_length_with_a_secret_makes_a_ticket(world: World, rasa: FakeRasa) -> None:
    """Masking may lengthen a text by a sign; a customer must not be left without a ticket for that."""
    talk = await wants_form(world, rasa)
    secret = "password is abc "
    await fill_in(world, talk, what=secret + "x" * (8000 - len(secret)))
    await world.runs_turn(talk)
    assert await world.count(Ticket) == 1


class TestBreaker:
    async def opened(self, world: World) -> None:
        world.rasa.mode = "refusing"
        for _ in range(4):
            await asked(world)
        assert not world.assistant.breaker.is_open

    async def test_after_five_failures_the_knowledge_base_answers(self, world: World) -> None:
        heard: list[tuple[str, str]] = []

        async def search(query: str, language: str) -> Line | None:
            heard.append((query, language))
            source = {"article_id": "a1", "version": 1, "title": "Parcels"}
            return Line("utter_article_no_rasa", {"passage": "Look at the link."}, "article", [source])

        world.assistant._search = search
        await self.opened(world)
        assert heard == []
        for _ in range(2):
            talk = await asked(world, "Where is my parcel?")
            reply = await last(world, talk)
            assert "Look at the link." in reply.text
            assert reply.kind == "article"
            assert reply.payload["sources"][0]["article_id"] == "a1"
        assert heard == [("Where is my parcel?", "en")] * 2
        assert world.rasa.refused <= 11, "an open breaker asks Rasa no more; one look whether it is ready"

    async def test_what_no_article_answers_is_offered_a_ticket_or_a_person(self, world: World) -> None:
        await self.opened(world)
        talk = await asked(world)
        reply = await last(world, talk)
        assert reply.payload["abstained"] is True
        assert values(reply) == ["open_ticket", "ask_person"]
        assert (await world.row(talk)).owner == "bot"

    async def test_with_somebody_there_it_hands_over(self, world: World) -> None:
        await self.opened(world)
        await world.online("bob")
        talk = await asked(world)
        assert (await world.row(talk)).owner == "queue"

    async def test_thanks_are_no_question(self, world: World) -> None:
        await self.opened(world)
        await asked(world)
        await world.online("bob")
        talk = await asked(world, "thank you!")
        assert (await world.row(talk)).owner == "bot"
        assert "welcome" in (await last(world, talk)).text

    async def test_a_person_can_be_asked_for_all_the_time(self, world: World) -> None:
        await self.opened(world)
        await world.online("bob")
        talk = await asked(world, "I want to talk to a person")
        assert (await world.row(talk)).owner == "queue"

    async def test_failures_at_once_open_it_for_all_of_them(self, world: World) -> None:
        world.rasa.mode = "failing"
        talks = [await world.opens("alice") for _ in range(9)]
        for talk in talks:
            await world.says("alice", talk, "Where is my parcel?")
        await asyncio.gather(*(world.runs_turn(talk) for talk in talks))
        replies = [await last(world, talk) for talk in talks]
        assert sum(reply.payload.get("abstained", False) for reply in replies) >= 5

    async def test_rasa_comes_back(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        await self.opened(world)
        await asked(world)
        assert world.assistant.breaker.is_open
        monkeypatch.setattr(gateway, "PROBE_EVERY_S", 0.0)
        world.rasa.mode = "not_ready"
        await asked(world)
        assert world.assistant.breaker.is_open, "an answer is not enough: it must be ready"
        world.rasa.mode = "up"
        talk = await asked(world)
        assert (await last(world, talk)).text == "heard: Where is my parcel?"
        assert not world.assistant.breaker.is_open


class TestBanner:
    def health(self, world: World) -> AssistantHealth:
        return AssistantHealth(world.db, world.assistant.gateway, world.assistant.breaker)

    async def look(self, health: AssistantHealth) -> None:
        health._next = 0.0
        jobs, _ = await health.claim(8)
        for job in jobs:
            await job()

    async def test_staff_see_one_banner_and_its_end(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[tuple[str, bool]] = []

        def hear(topic: str, payload: dict[str, Any]) -> None:
            if topic == "banner":
                shown.append((payload["code"], payload["active"]))

        health = self.health(world)
        await self.look(health)
        shown.clear()
        world.bus.subscribe(hear)
        world.rasa.mode = "refusing"
        for _ in range(5):
            await asked(world)
        for _ in range(3):
            await self.look(health)
        assert shown == [(BANNER, True)]
        async with world.db.read() as session:
            assert await is_down(session)
        monkeypatch.setattr(gateway, "PROBE_EVERY_S", 0.0)
        world.rasa.mode = "up"
        for _ in range(3):
            await self.look(health)
        assert shown == [(BANNER, True), (BANNER, False)]

    async def test_looking_is_rare(self, world: World) -> None:
        """However often the worker is woken: a source that is due again at once would keep it spinning."""
        world.rasa.mode = "refusing"
        for _ in range(5):
            await asked(world)
        health = self.health(world)
        jobs = [job for _ in range(50) for job in (await health.claim(8))[0]]
        assert len(jobs) <= 2

    async def test_a_planned_start_ends_when_rasa_is_ready(self, world: World) -> None:
        async with world.db.write() as session:
            await announce_start(session)
        world.rasa.mode = "not_ready"
        health = self.health(world)
        await self.look(health)
        async with world.db.read() as session:
            assert await is_starting(session)
        world.rasa.mode = "up"
        await self.look(health)
        async with world.db.read() as session:
            assert not await is_starting(session)
