"""What a message names, by the rules that the desk sends with each turn."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest

from bot.tests.conftest import Desk

_OURS: Dict[str, Any] = {
    "order_pattern": r"HH-\d{6}",
    "ticket_pattern": r"REF-(\d+)",
    "products": [{"name": "Ember Kettle", "aliases": ["电热水壶"]}],
    "region": "NL",
}


def _named(body: Dict[str, Any]) -> List[Any]:
    return [(one["entity"], one["value"]) for one in body["entities"]]


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("my hh204817 is late", [("order_number", "HH-204817")]),
        ("ＲＥＦ－１０４２?", [("ticket_number", "T-1042")]),
        ("the ember kettles leak", [("product", "Ember Kettle")]),
        ("电热水壶坏了，电话0612345678", [("product", "Ember Kettle"), ("phone", "+31612345678")]),
    ],
)
async def test_the_rules_of_a_turn_count_in_that_turn(desk: Desk, typed: str, named: List[Any]) -> None:
    assert _named(await desk.say(typed)) != named
    assert _named(await desk.say(typed, entities=_OURS)) == named
    changed = {**_OURS, "order_pattern": "X", "ticket_pattern": "", "products": [], "region": ""}
    assert _named(await desk.say(typed, entities=changed)) != named


async def test_the_tracker_does_not_keep_the_rules(desk: Desk) -> None:
    await desk.say("my hh204817 is late", entities=_OURS)
    tracker = await desk.agent.tracker_store.retrieve(desk.sender)
    assert tracker is not None
    assert "HH-\\d" not in str([event.as_dict() for event in tracker.events])


async def test_a_catastrophic_pattern_does_not_slow_a_turn(desk: Desk) -> None:
    slow = {**_OURS, "order_pattern": r"(?:a|a)*b", "ticket_pattern": r"\d*\d*\d*\d*x"}
    body = await desk.say("a" * 60 + "!b " + "1" * 5000 + "!x", entities=slow)
    assert body["timing_ms"]["total"] < 1500


@pytest.mark.parametrize(
    "entities", [{"order_pattern": 1}, {"products": ["Kettle"]}, {"products": [{"aliases": []}]}, "x"]
)
async def test_rules_of_another_shape_are_refused(desk: Desk, entities: Any) -> None:
    status, _ = await desk.turn("hello", entities=entities)
    assert status in (400, 422)
