"""Cutting a text into its wishes: which texts have several, and that nothing of a text is lost."""

from __future__ import annotations

import random
from typing import List

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from bot.parts import LONGEST, MOST_WISHES, Parsed, Part, cut, split
from bot.typed_text import neutralise


async def _parts(agent: Agent, text: str) -> List[Part]:
    async def parse(piece: str) -> Parsed:
        parsed: Parsed = await agent.processor.parse_message(UserMessage(neutralise(piece)))
        return parsed

    return await split(text, parse)


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("How long does delivery take? And can I return an opened item?", 2),
        ("how long does delivery take and how do I return an item", 2),
        ("Do you ship to China? Also, which payment methods do you take?", 2),
        ("How much is shipping; also can I pay by invoice?", 2),
        ("Hi! How long does delivery take? And can you tell me how to return an item? Thanks!", 2),
        ("What about ticket T-1042? And what about ticket T-1043?", 2),
        ("how long does delivery take\ncan I pay with paypal", 2),
        ("快递要多久？另外，水壶怎么除垢？", 2),
        ("送货要几天，还有怎么申请退货", 2),
        ("My promo code doesn't work. Also, how do I reset my password?", 2),
        ("我的优惠码用不了。还有，怎么重设密码？", 2),
        ("请问可以开发票吗？顺便问一下，你们周日营业吗？", 2),
    ],
)
async def test_two_wishes(loaded_agent: Agent, text: str, wishes: int) -> None:
    parts = await _parts(loaded_agent, text)
    assert len(parts) == wishes, parts
    assert "".join(part.text for part in parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "My kettle leaks. I bought it in May. What can I do?",
        "how long does delivery take?",
        "The lid of my kettle is cracked. It happened yesterday. Now it leaks.",
        "If I return it, will I get a refund?",
        "Where is my parcel? Where is my parcel??",
        "我五月买的水壶漏水，底座也湿了，怎么办？",
        "请问，快递多久到？",
        "Can I put the air fryer basket\ninto the dishwasher?",
        "My kettle leaks. Also, the lid is cracked. What can I do?",
        "I bought a kettle in May. By the way, it leaks. What now?",
        "hello\nmy kettle leaks\nfrom the bottom",
        "Is it ok to use version 3.5 or no. 4 of the app?",
        "🙃",
        "",
    ],
)
async def test_one_wish(loaded_agent: Agent, text: str) -> None:
    assert [part.text for part in await _parts(loaded_agent, text)] == [text]


async def test_what_is_told_goes_with_the_question_that_follows(loaded_agent: Agent) -> None:
    text = "My kettle leaks from the bottom. What can I do about it? And how long does delivery take?"
    first, second = await _parts(loaded_agent, text)
    assert first.text.startswith("My kettle leaks")
    assert first.text.rstrip().endswith("about it?")
    assert second.text == "And how long does delivery take?"


async def test_what_is_told_last_goes_with_the_question_before(loaded_agent: Agent) -> None:
    text = "How long does delivery take? And can I return an opened item? I bought it in May."
    _, second = await _parts(loaded_agent, text)
    assert second.text.endswith("I bought it in May.")


async def test_a_ticket_is_begun_last(loaded_agent: Agent) -> None:
    parts = await _parts(loaded_agent, "I want to report a broken kettle. Which payment methods do you take?")
    assert [part.parsed and part.parsed["intent"]["name"] for part in parts] == [
        "nlu_fallback",
        "open_ticket",
    ]


async def test_small_talk_melts_away_beside_one_wish(loaded_agent: Agent) -> None:
    [part] = await _parts(loaded_agent, "Thank you! How long does delivery take to Berlin?")
    assert part.parsed is not None
    assert part.parsed["intent"]["name"] == "nlu_fallback"


async def test_codes_of_a_part_are_its_own(loaded_agent: Agent) -> None:
    parts = await _parts(loaded_agent, "What about ticket T-1042? How do I return order HH-204817 please?")
    codes = [[e["value"] for e in part.parsed["entities"]] for part in parts if part.parsed]
    assert codes == [["T-1042"], ["HH-204817"]]


async def test_at_most_three_and_nothing_lost(loaded_agent: Agent) -> None:
    questions = [
        "How long does delivery take?",
        "Can I return an opened item?",
        "Which payment methods do you take?",
        "Do you ship to China?",
        "How do I descale the kettle?",
    ]
    text = " ".join(questions)
    parts = await _parts(loaded_agent, text)
    assert len(parts) == MOST_WISHES
    assert "".join(part.text for part in parts) == text


async def test_any_text_is_put_together_again(loaded_agent: Agent) -> None:
    pieces = [
        "How long does delivery take?", "and", "can I", "HH-204817.", "a@b.example", "\n", "，", "另外",
        "水壶漏水", "怎么办？", "thanks!", "My kettle leaks.", "3.5", "；", "open a ticket", " ", "🙃", "/",
        "T-1042", "what is", "?!", "还有", "。", "no. 5",
    ]  # fmt: skip
    chance = random.Random(7)
    for _ in range(150):
        text = "".join(chance.choice(pieces) + chance.choice(["", " "]) for _ in range(chance.randint(1, 14)))
        assert "".join(cut(text)) == text
        parts = await _parts(loaded_agent, text)
        assert sorted("".join(part.text for part in parts)) == sorted(text)
        assert 1 <= len(parts) <= MOST_WISHES


async def test_a_letter_is_read_as_one_and_fast(loaded_agent: Agent) -> None:
    for text in (
        "Can I return it? " * 400,
        "and can I " * 2000,
        "，水" * 5000,
        "?" * 20_000,
        "a" + " " * 19_000 + "b",
    ):
        assert len(await _parts(loaded_agent, text)) == 1
    assert LONGEST < 20_000
