"""Which words go straight to people, and which only look like it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.escalation import priority_of, straight_to_people
from handoff.models import HIGH, NORMAL, URGENT
from handoff.wishes import wants_person

HERE = Path(__file__).parent
EXAMPLES: list[dict[str, Any]] = [
    row for name in ("en", "zh") for row in yaml.safe_load((HERE / f"wants_person_{name}.yml").read_text())
]
NAMED_BY_THE_RULES = {
    **dict.fromkeys(("转人工", "轉人工", "叫个活人来", "有没有人啊", "agent pls"), True),
    **dict.fromkeys(("人工费", "人工智能音箱", "人造革", "customs agent fee"), False),
}


def codes(text: str) -> list[str]:
    return [reason.code for reason in straight_to_people(text, 1)]


@pytest.mark.parametrize(("text", "wish"), NAMED_BY_THE_RULES.items())
def test_the_examples_of_the_rules(text: str, wish: bool) -> None:
    assert bool(wants_person(text)) is wish


def test_wishes_are_heard() -> None:
    missed = [row["text"] for row in EXAMPLES if row["wants_person"] and not wants_person(row["text"])]
    wanted = sum(row["wants_person"] for row in EXAMPLES)
    assert wanted > 80
    assert len(missed) <= wanted * 0.05, missed


def test_what_only_looks_like_a_wish_is_none() -> None:
    wrong = [row["text"] for row in EXAMPLES if not row["wants_person"] and wants_person(row["text"])]
    others = sum(not row["wants_person"] for row in EXAMPLES)
    assert others > 80
    assert len(wrong) <= others * 0.02, wrong


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("my kettle caught fire", "safety"),
        ("there is smoke coming out of the socket", "safety"),
        ("smoke is coming out of the base", "safety"),
        ("the battery is swollen", "safety"),
        ("I got an electric shock", "safety"),
        ("It burned my hand", "safety"),
        ("水壶冒烟了", "safety"),
        ("水壺冒煙了", "safety"),
        ("充电的时候漏电", "safety"),
        ("I want to kill myself", "self_harm"),
        ("我不想活了", "self_harm"),
        ("my lawyer will write to you", "legal"),
        ("I'll go to the press", "legal"),
        ("then I will contact the regulator", "legal"),
        ("I will take you to court", "legal"),
        ("我要打12315", "legal"),
        ("我要找律师", "legal"),
        ("ｍｙ ｌａｗｙｅｒ", "legal"),
    ],
)
def test_danger_and_law_go_to_people(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "where is the press button of the coffee machine",
        "the temperature regulator of the kettle is loose",
        "I'm a lawyer and need an invoice",
        "order 21231567",
        "订单号4512315",
        "我不想活动结束前没收到",
        "the damn parcel is late again!!!",
        "this shitty kettle",
        "is the kettle fireproof",
        "the lamp does not burn",
    ],
)
def test_the_rest_is_the_assistants(text: str) -> None:
    assert codes(text) == []


def test_the_most_urgent_comes_first() -> None:
    reasons = straight_to_people("The kettle caught fire! Get me a person or I call my lawyer.", 7)
    assert [reason.code for reason in reasons] == ["safety", "legal", "asked_for_person"]
    assert priority_of(reasons) == URGENT
    assert {reason.seq for reason in reasons} == {7}
    assert reasons[0].quote.startswith("The kettle caught fire")
    assert priority_of(reasons[1:]) == HIGH
    assert priority_of(reasons[2:]) == NORMAL == priority_of([])


def test_the_quote_is_short() -> None:
    (reason,) = straight_to_people("so, " * 400 + "agent please.", 1) or [None]
    assert reason is None or len(reason.quote) <= 300


@pytest.mark.parametrize(
    "unit",
    ["talk to ", "get me ", "don't need to ", "someone else ", "一个", "有没有", "a ", "any ", "is there "],
)
def test_a_hostile_text_takes_no_time(unit: str) -> None:
    straight_to_people((unit * 4000)[:8000], 1)
