"""Answering a question, telling a ticket's state, and asking for a person."""

import pytest

from actions.question import looks_like_a_question


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
