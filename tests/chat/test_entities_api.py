"""Admins keep what is recognised: faults are said in their words, and the next message goes by the change."""

import asyncio
from typing import Any

import pytest
from public_site import Browser, Site
from sqlalchemy import select, update
from world import World

from accounts.models import Audit, User
from chat.models import Inbox

PATH = "/api/entities"
OURS: dict[str, Any] = {
    "order_pattern": r"AB-\d{5}",
    "order_example": "AB-20481",
    "ticket_pattern": r"REF-(\d+)",
    "products": [{"name": "Ember Kettle", "aliases": ["电热水壶", "kettle pro"]}],
    "region": "NL",
}


@pytest.fixture
async def ada(world: World, site: Site) -> Browser:
    """Bea, made an admin."""
    async with world.db.write() as session:
        await session.execute(update(User).where(User.id == world.people["bea"].id).values(role="admin"))
    return site["bea"]


async def saved(ada: Browser, **rules: Any) -> dict[str, Any]:
    now = (await ada.get(PATH)).json()
    answer = await ada.http.put(
        PATH, params={"inbox": "default"}, json=OURS | rules | {"version": now["version"]}
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refused(ada: Browser, **rules: Any) -> dict[str, str]:
    """The faults by field."""
    now = (await ada.get(PATH)).json()
    answer = await ada.http.put(
        PATH, params={"inbox": "default"}, json=OURS | rules | {"version": now["version"]}
    )
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["type"] == "entity-faults", body
    assert (await ada.get(PATH)).json() == now
    return {fault["field"]: fault["message"] for fault in body["faults"]}


async def test_what_was_kept_before_is_read(ada: Browser) -> None:
    assert (await ada.get(PATH, inbox="default")).json() == {
        "inbox": "default",
        "order_pattern": r"HH-\d{6}|55000\d{11}",
        "order_example": "",
        "ticket_pattern": "",
        "products": [{"name": "Ember Kettle", "aliases": []}],
        "region": "",
        "version": 1,
    }
    assert (await ada.get("/api/inboxes")).json() == [
        {"key": "default", "name": "Demo", "languages": ["en", "zh"]}
    ]
    assert (await ada.get(PATH, inbox="none")).status_code == 404


async def test_a_change_is_kept_and_written_down(ada: Browser, world: World) -> None:
    assert await saved(ada) == OURS | {"inbox": "default", "version": 2}
    assert (await ada.get(PATH)).json() == OURS | {"inbox": "default", "version": 2}
    async with world.db.read() as session:
        line = await session.scalar(select(Audit).where(Audit.action == "entities.changed"))
        inbox = await session.scalar(select(Inbox))
    assert line is not None
    assert inbox is not None
    assert (line.actor_id, line.target_id) == (world.people["bea"].id, inbox.id)
    assert line.detail["changed"]["order_pattern"] == {"from": r"HH-\d{6}|55000\d{11}", "to": r"AB-\d{5}"}
    assert line.detail["changed"]["products"] == {"from": 1, "to": 1}


async def test_only_admins_change_and_only_they_and_supervisors_read(ada: Browser, site: Site) -> None:
    before = await site.rows()
    for name, reads in (("bob", 403), ("sam", 200), ("nobody", 401), ("alice", 401)):
        who = site[name]
        assert (await who.get(PATH)).status_code == reads
        assert (await who.get("/api/inboxes")).status_code == reads
        assert (await who.post(f"{PATH}/trial", text="T-1042")).status_code in (reads, 403)
        answer = await who.http.put(PATH, params={"inbox": "default"}, json=OURS | {"version": 1})
        assert answer.status_code in (401, 403)
    assert await site.rows() == before


async def test_two_admins_do_not_overwrite_each_other(ada: Browser) -> None:
    body = OURS | {"version": 1}
    answers = await asyncio.gather(
        *(ada.http.put(PATH, params={"inbox": "default"}, json=body) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json().get("type") for answer in answers if answer.status_code == 409} == {"stale"}


@pytest.mark.parametrize(
    ("rules", "field", "why"),
    [
        ({"order_pattern": r"AB-(\d{5}"}, "order_pattern", "cannot be read"),
        ({"order_pattern": r"(\d+)+x"}, "order_pattern", "same length"),
        ({"order_pattern": r"(?:A|A)*\d"}, "order_pattern", "too long on some messages"),
        ({"order_pattern": r"\w+"}, "order_pattern", "ordinary words"),
        ({"order_pattern": r"\d+"}, "order_pattern", "ordinary words or numbers"),
        ({"order_pattern": r"\d{4}"}, "order_pattern", "“2024”"),
        ({"order_pattern": r"\d*"}, "order_pattern", "empty"),
        ({"order_pattern": r"[A-Z]-?\d{4,6}"}, "order_pattern", "ticket numbers"),
        ({"order_example": ""}, "order_example", "give an example"),
        ({"order_example": "AB-2048"}, "order_example", "does not follow"),
        ({"order_example": "ab20481"}, "order_example", "does not follow"),
        ({"order_pattern": ""}, "order_example", "no pattern"),
        ({"ticket_pattern": r"[a-z]+"}, "ticket_pattern", "ordinary words"),
        ({"ticket_pattern": r"[A-Z]{2}-\d{5}"}, "ticket_pattern", "also fits the order number"),
        ({"region": "XX"}, "region", "not the code"),
        ({"products": [{"name": "A1"}, {"name": "X2", "aliases": ["a1"]}]}, "products.1.aliases", "already"),
        ({"products": [{"name": "Pot", "aliases": [" "]}]}, "products.0.aliases", "needs a name"),
        ({"products": [{"name": "Urn"}, {"name": "urn"}]}, "products.1.name", "already stands for Urn"),
        ({"products": [{"name": "Kettle", "aliases": ["1234"]}]}, "products.0.aliases", "only a number"),
        ({"products": [{"name": "The"}]}, "products.0.name", "ordinary word"),
        ({"products": [{"name": "壶"}]}, "products.0.name", "too short"),
        ({"products": [{"name": f"{n}{'x' * 70}"} for n in range(400)]}, "products", "20000"),
    ],
)  # fmt: skip
async def test_what_would_harm_is_refused_with_its_reason(
    ada: Browser, rules: dict[str, Any], field: str, why: str
) -> None:
    faults = await refused(ada, **rules)
    assert why in faults[field]


async def test_an_empty_set_of_rules_and_one_with_everything_are_fine(ada: Browser) -> None:
    empty = {"order_pattern": "", "order_example": "", "ticket_pattern": "", "products": [], "region": ""}
    assert (await saved(ada, **empty))["version"] == 2
    assert (await saved(ada, order_pattern=r"\d{5}", order_example="20481"))["version"] == 3
    assert (await saved(ada, order_pattern=r"单\d{4,8}", order_example="单20481"))["version"] == 4


async def test_the_next_turn_goes_by_the_change(ada: Browser, site: Site, world: World) -> None:
    talk = await world.opens("alice")
    await world.says("alice", talk, "my AB-20481 is late")
    await world.runs_turn(talk)
    assert world.rasa.asked[-1].metadata["entities"]["order_pattern"] == r"HH-\d{6}|55000\d{11}"
    await saved(ada)
    await world.says("alice", talk, "my AB-20481 is late")
    await world.runs_turn(talk)
    expected = {name: value for name, value in OURS.items() if name != "order_example"}
    assert world.rasa.asked[-1].metadata["entities"] == expected


async def test_the_question_for_the_number_shows_the_admins_example(ada: Browser, world: World) -> None:
    world.rasa.answer = lambda asked: {"messages": [{"text_key": "utter_ask_ticket_form_order_number"}]}
    talk = await world.opens("alice")
    await world.says("alice", talk, "a ticket, please")
    await world.runs_turn(talk)
    asked = "What is the order number? You find it in your confirmation e-mail."
    assert (await world.texts(talk, "bot"))[-1] == asked
    await saved(ada)
    await world.says("alice", talk, "what was the question?")
    await world.runs_turn(talk)
    assert "It looks like AB-20481." in (await world.texts(talk, "bot"))[-1]


async def test_masking_leaves_todays_order_numbers_alone(ada: Browser, world: World) -> None:
    talk = await world.opens("alice")
    card = "5500005555555559"
    await world.says("alice", talk, f"my order {card}")
    assert (await world.texts(talk, "customer"))[-1] == f"my order {card}"
    await saved(ada)
    await world.says("alice", talk, f"my order {card}")
    assert card not in (await world.texts(talk, "customer"))[-1]


async def test_a_pattern_from_before_that_is_slow_does_not_slow_a_message(world: World) -> None:
    async with world.db.write() as session:
        await session.execute(update(Inbox).values(order_pattern=r"(?:\d|\d)*x|(\d+)+y"))
    talk = await world.opens("alice")
    async with asyncio.timeout(5):
        await world.says("alice", talk, "4111 1111 1111 1111 " * 200)
    assert "4111" not in (await world.texts(talk, "customer"))[-1]


async def test_a_trial_shows_what_would_be_recognised(ada: Browser) -> None:
    text = "ＡＢ20481, 电热水壶, ref 1042, 06 12345678"
    found = (await ada.post(f"{PATH}/trial", text=text)).json()
    assert [one["entity"] for one in found["found"]] == []
    draft = (await ada.post(f"{PATH}/trial", text=text, draft=OURS)).json()
    assert draft["text"] == "AB20481, 电热水壶, ref 1042, 06 12345678"
    assert [(one["entity"], one["value"]) for one in draft["found"]] == [
        ("order_number", "AB-20481"),
        ("product", "Ember Kettle"),
        ("ticket_number", "T-1042"),
        ("phone", "+31612345678"),
    ]
    assert draft["faults"] == []
    bad = (await ada.post(f"{PATH}/trial", text=text, draft=OURS | {"order_pattern": "("})).json()
    assert [fault["field"] for fault in bad["faults"]] == ["order_pattern"]
    assert bad["found"][0]["value"] == "AB20481"  # as without a pattern
