"""Answering a question, asking what is meant, a ticket's state, languages, and asking for a person."""

from pathlib import Path

import pytest
import yaml

from actions.answer import OFFERED
from actions.language import wanted_language
from actions.question import looks_like_a_question

ROOT = Path(__file__).parents[2]


async def test_a_question_is_answered_with_a_passage_and_its_source(conversation, desk):
    conversation.heard("how long does delivery take?")
    [said] = await conversation.run("action_answer_question")
    assert said["text_key"] == "utter_article"
    assert said["kind"] == "article"
    assert said["vars"] == {
        "title": "Delivery times",
        "passage": "Delivery takes two to four working days.",
        "url": "/help/delivery-times",
        "date": "2026-03-01",
    }
    [source] = said["sources"]
    assert (source["article_id"], source["version"], source["locale"]) == ("id-delivery-times", 3, "en")
    assert (source["slug"], source["title"], source["score"]) == ("delivery-times", "Delivery times", 0.91)
    assert source["passage"] == said["vars"]["passage"]
    assert desk.searched == [("conv7", "how long does delivery take?", "en")]


async def test_the_search_is_told_the_language(conversation, desk):
    conversation.slots["language"] = "zh"
    conversation.heard("快递还没到")
    await conversation.run("action_answer_question")
    assert desk.searched == [("conv7", "快递还没到", "zh")]


async def test_what_no_article_answers_gets_an_honest_answer(conversation):
    conversation.heard("what is the boiling point of water")
    assert await conversation.run("action_answer_question") == [
        {"text_key": "utter_dont_know", "vars": {}, "abstained": True}
    ]


@pytest.mark.parametrize("typed", ["🙃", "???", "…", ""])
async def test_signs_alone_are_asked_for_in_words(conversation, desk, typed):
    conversation.heard(typed)
    assert await conversation.run("action_answer_question") == [
        {"text_key": "utter_ask_rephrase", "vars": {}}
    ]
    assert desk.searched == []


async def test_what_may_be_meant_is_offered_likeliest_first(conversation):
    conversation.heard("the filter thing, buzzing")
    conversation.message["intent_ranking"] = [
        {"name": "complain", "confidence": 0.4},
        {"name": "ticket_status", "confidence": 0.28},
        {"name": "open_ticket", "confidence": 0.26},
        {"name": "order_status", "confidence": 0.1},
    ]
    [said] = await conversation.run("action_answer_question")
    assert said == {
        "text_key": "utter_did_you_mean",
        "vars": {},
        "choices": [{"value": "article:id-filters", "label": "Filters"}, {"value": "ticket_status"}],
    }


async def test_what_is_too_far_away_is_not_offered(conversation):
    conversation.heard("it is buzzing")
    [said] = await conversation.run("action_answer_question")
    assert (said["text_key"], said["abstained"]) == ("utter_dont_know", True)


async def test_it_is_not_asked_twice_running_what_is_meant(conversation):
    conversation.heard("the filter thing")
    await conversation.run("action_answer_question")
    conversation.heard("the filter stuff", turn_id="turn-2")
    [said] = await conversation.run("action_answer_question")
    assert said["text_key"] == "utter_dont_know"
    conversation.heard("the filter, you know", turn_id="turn-3")
    [said] = await conversation.run("action_answer_question")
    assert said["text_key"] == "utter_did_you_mean"


async def test_a_chosen_article_is_said_with_the_passage_nearest_to_the_question(conversation, desk):
    conversation.heard("the filter thing")
    await conversation.run("action_answer_question")
    conversation.heard("", intent="choose_article", turn_id="turn-2", article_id="id-filters")
    [said] = await conversation.run("action_choose_article")
    assert (said["text_key"], said["sources"][0]["score"]) == ("utter_article", 0.3)
    assert desk.searched[-1] == ("conv7", "the filter thing", "en")


@pytest.mark.parametrize("article_id", ["id-gone", ""])
async def test_an_article_that_is_no_longer_there(conversation, article_id):
    conversation.heard("", intent="choose_article", article_id=article_id)
    [said] = await conversation.run("action_choose_article")
    assert (said["text_key"], said["abstained"]) == ("utter_dont_know", True)


@pytest.mark.parametrize(
    ("action", "heard"),
    [
        ("action_none_of_these", {"text": "", "intent": "none_of_these"}),
        ("action_decline", {"text": "no", "intent": "deny"}),
        ("action_unhelpful", {"text": "thanks for nothing", "intent": "unhelpful"}),
    ],
)
async def test_none_of_what_was_offered(conversation, action, heard):
    keys = []
    for turn in range(2):
        conversation.heard("the filter thing", turn_id=f"ask-{turn}")
        conversation.said("utter_did_you_mean")
        conversation.heard(**heard, turn_id=f"none-{turn}")
        keys += [said["text_key"] for said in await conversation.run(action)]
    assert keys == ["utter_ask_rephrase", "utter_dont_know"]
    conversation.heard("how long does delivery take?", turn_id="answered")
    await conversation.run("action_answer_question")
    conversation.heard("the filter thing", turn_id="ask-9")
    conversation.said("utter_did_you_mean")
    conversation.heard(**heard, turn_id="none-9")
    assert [said["text_key"] for said in await conversation.run(action)] == ["utter_ask_rephrase"]


@pytest.mark.parametrize(
    ("action", "intent"), [("action_unhelpful", "unhelpful"), ("action_decline", "deny")]
)
async def test_the_next_best_article_is_tried_once(conversation, action, intent):
    conversation.heard("where does the courier have my parcel, near delivery")
    [said] = await conversation.run("action_answer_question")
    first = said["sources"][0]["article_id"]
    conversation.heard("no", intent=intent, turn_id="turn-2")
    lead, second = await conversation.run(action)
    assert (lead["text_key"], second["text_key"]) == ("utter_try_another", "utter_article")
    assert second["sources"][0]["article_id"] != first
    conversation.heard("no", intent=intent, turn_id="turn-3")
    [said] = await conversation.run(action)
    assert said["text_key"] == "utter_unhelpful"


async def test_where_no_other_article_is_near_people_are_offered(conversation):
    conversation.heard("how do I descale it")
    await conversation.run("action_answer_question")
    conversation.heard("great, wrong again", intent="unhelpful", turn_id="turn-2")
    assert [said["text_key"] for said in await conversation.run("action_unhelpful")] == ["utter_unhelpful"]
    conversation.heard("thanks for nothing", intent="unhelpful", turn_id="turn-3")
    assert [said["text_key"] for said in await conversation.run("action_unhelpful")] == ["utter_unhelpful"]


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("说中文", "zh"),
        ("can you speak Chinese", "zh"),
        ("中文", "zh"),
        ("Mandarin please", "zh"),
        ("English please", "en"),
        ("英文", "en"),
        ("请说英语", "en"),
        ("I don't understand Chinese", "en"),
        ("not in Chinese please, in English", "en"),
        ("switch from English to Chinese", "zh"),
        ("我不懂英文", "zh"),
        ("看不懂中文，请说英文", "en"),
        ("auf Deutsch bitte", None),
        ("do you speak Spanish", None),
        ("另一种语言", None),
        ("I don't speak English, French please", None),
        ("", None),
    ],
)
def test_which_language_is_wanted(typed, language):
    assert wanted_language(typed) == language


def test_every_service_that_is_offered_has_a_label():
    for language in ("en", "zh"):
        wording = yaml.safe_load((ROOT / f"assistant/wording/{language}.yml").read_text(encoding="utf-8"))
        assert {f"choice_{name}" for name in OFFERED} - wording.keys() == set()


async def test_the_state_of_a_named_ticket(conversation, desk):
    desk.add_ticket("conv7", "T-1042", stage="in_work")
    conversation.heard("what about T-1042?", intent="ticket_status", ticket_number="T-1042")
    assert await conversation.run("action_ticket_status") == [
        {
            "text_key": "utter_ticket_status",
            "vars": {"number": "T-1042", "stage": "in_work", "updated": "2026-11-23T06:00:00+00:00"},
        }
    ]


async def test_somebody_elses_ticket_reads_like_none(conversation, desk):
    desk.add_ticket("another", "T-1042")
    conversation.heard("T-1042", intent="ticket_status", ticket_number="T-1042")
    theirs = await conversation.run("action_ticket_status")
    conversation.heard("T-9999", intent="ticket_status", ticket_number="T-9999")
    missing = await conversation.run("action_ticket_status")
    assert theirs == [{"text_key": "utter_ticket_unknown", "vars": {"number": "T-1042"}}]
    assert missing == [{"text_key": "utter_ticket_unknown", "vars": {"number": "T-9999"}}]


async def test_without_a_number_the_latest_ticket_is_meant(conversation, desk):
    desk.add_ticket("conv7", "T-1001")
    desk.add_ticket("conv7", "T-1002")
    conversation.heard("any news on my ticket", intent="ticket_status")
    [said] = await conversation.run("action_ticket_status")
    assert said["vars"]["number"] == "T-1002"
    assert conversation.slots["ticket_number"] == "T-1002"


async def test_without_a_number_the_ticket_last_spoken_of_is_meant(conversation, desk):
    desk.add_ticket("conv7", "T-1001")
    desk.add_ticket("conv7", "T-1002")
    conversation.slots["ticket_number"] = "T-1001"
    conversation.heard("any news on my ticket", intent="ticket_status")
    [said] = await conversation.run("action_ticket_status")
    assert said["vars"]["number"] == "T-1001"


async def test_without_any_ticket_the_number_is_asked_and_a_bare_number_answers(conversation, desk):
    conversation.heard("any news on my ticket", intent="ticket_status")
    assert await conversation.run("action_ticket_status") == [
        {"text_key": "utter_ask_ticket_number", "vars": {}}
    ]
    desk.add_ticket("conv7", "T-1042")
    conversation.heard("1042", turn_id="turn-2", ticket_number="T-1042")
    [said] = await conversation.run("action_answer_question")
    assert (said["text_key"], said["vars"]["number"]) == ("utter_ticket_status", "T-1042")


async def test_a_bare_number_out_of_the_blue_is_searched(conversation, desk):
    conversation.heard("1042", ticket_number="T-1042")
    await conversation.run("action_answer_question")
    assert len(desk.searched) == 1


@pytest.mark.parametrize(
    ("intent", "reason"), [("ask_person", "asked_for_person"), ("complain", "complaint")]
)
async def test_a_person_is_a_command(conversation, intent, reason):
    conversation.heard("…", intent=intent)
    assert await conversation.run("action_hand_off") == [{"command": "hand_off", "reason": reason}]


@pytest.mark.parametrize(
    ("typed", "asks"),
    [
        ("how long does delivery take?", True),
        ("How much is shipping", True),
        ("what is the return policy", True),
        ("can I return an opened item", True),
        ("but wait, how long does delivery take", True),
        ("hi, do you ship abroad?", True),
        ("怎么退货", True),
        ("快递要多久", True),
        ("你们周日营业吗?", True),
        ("when I press the button it leaks", False),
        ("what happened is that it broke", False),
        ("how it happened: it was dropped", False),
        ("It leaks. What can I do?", False),
        ("水壶漏水,怎么办?", False),
        ("is leaking from the bottom", False),
        ("the lid cracked after a week", False),
        ("水壶盖子裂了", False),
        ("what " * 100, False),
    ],
)
def test_a_question_in_between(typed, asks):
    assert looks_like_a_question(typed) is asks
