"""How well the wish for a person is heard on labelled messages: floors a little below what was measured."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from handoff.wishes import beside_declining, declines_person, wants_person

HERE = Path(__file__).parent
NLUPP = HERE.parents[2] / "shared" / "data" / "handoff" / "wants_human_nlupp.jsonl"


def score(rows: list[tuple[str, bool]]) -> tuple[float, float]:
    """Recall and precision."""
    right = sum(wish and bool(wants_person(text)) for text, wish in rows)
    heard = sum(bool(wants_person(text)) for text, _ in rows)
    return right / sum(wish for _, wish in rows), right / heard


def listed(name: str) -> list[tuple[str, bool]]:
    read: Any = yaml.safe_load((HERE / f"wants_person_{name}.yml").read_text())
    messages = read["messages"] if isinstance(read, dict) else read
    return [(row["text"], row["wants_person"]) for row in messages]


@pytest.mark.skipif(not NLUPP.exists(), reason="the labelled messages of NLU++ are not in ../shared/data")
def test_the_english_of_nlu_plus_plus() -> None:
    rows = [json.loads(line) for line in NLUPP.read_text().splitlines()]
    recall, precision = score([(row["text"], bool(int(row["wants_human"]))) for row in rows])
    assert len(rows) == 3080
    assert recall >= 0.97  # 0.976: two of its 83 wishes are none here, a declined transfer and a mere grumble
    assert precision >= 0.95  # 0.976


# What to expect of messages nobody has seen are the first scores, before their misses were worked through:
# a recall of 0.40 at a precision of 1.0 on "fresh", then 0.65 at 0.87 on "fresh_2". The floors are about
# what came of it.
@pytest.mark.parametrize(
    ("name", "least_recall", "least_precision"),
    [("hard_zh", 0.97, 0.97), ("fresh", 0.96, 0.96), ("fresh_2", 0.85, 0.95)],
)
def test_the_lists(name: str, least_recall: float, least_precision: float) -> None:
    recall, precision = score(listed(name))
    assert recall >= least_recall
    assert precision >= least_precision


@pytest.mark.parametrize(
    "text",
    [
        "No, you don't need to transfer me",
        "No, you don't need to transfer me to a real person",
        "please don't transfer me to an agent, I found it",
        "别给我转人工",
        "不用转人工了",
        "本来想转人工的，后来弄好了",
        "no need 转人工，我 OK 了",
    ],
)
def test_who_declines_a_person_gets_none(text: str) -> None:
    assert wants_person(text) is None


@pytest.mark.parametrize(
    "text",
    ["why don't you transfer me to an agent", "怎么还不给我转人工", "再不转人工我就退货", "你不行就换人"],
)
def test_a_reproach_with_not_in_it_is_a_wish(text: str) -> None:
    assert wants_person(text)


def test_what_stands_beside_a_declining_is_kept() -> None:
    assert declines_person("不用转人工了，告诉我运费")
    assert beside_declining("不用转人工了，告诉我运费") == "告诉我运费"


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "talk to ",
            "get me ",
            "not comfortable with ",
            "you don't transfer me ",
            "real live ",
            "the team ",
            "can you ",
        ),
        *("this bot is ", "one of your ", "wanted to talk to ", "until when ", "person to "),
        *(
            "让你们",
            "人 工 ",
            "转！",
            "负责维修",
            "不要再先给我",
            "请麻烦",
            "快递打",
            "客服.",
            "能不能给",
            "跟你们的",
        ),
    ],
)
def test_a_hostile_text_is_read_at_once(unit: str) -> None:
    began = time.process_time()
    wants_person((unit * 20_000)[:20_000])
    assert time.process_time() - began < 0.5
