"""Adding to a ticket: what a sentence adds, to which ticket, and once."""

import time

import pytest

from actions.addition import comment_of_request

ADDED = {"text_key": "utter_ticket_comment_added", "vars": {"number": "T-1042"}}


@pytest.mark.parametrize(
    ("sentence", "added"),
    [
        ("please add to T-1042 that the lid is cracked too", "the lid is cracked too"),
        ("Please add that the lid is cracked too to my ticket", "the lid is cracked too"),
        ("add to my ticket: the lid is cracked", "the lid is cracked"),
        ("can you add this to ticket 1042: it also smells", "it also smells"),
        ("I'd like to add a note to my ticket, the serial number is 12 B", "the serial number is 12 B"),
        (
            "could you update my ticket with my new phone number 030 1234567",
            "my new phone number 030 1234567",
        ),
        ("one more thing for ticket T-1042: it is red", "it is red"),
        ("note on T-1042 that I am away in May", "I am away in May"),
        ("请在工单T-1042里补充：盖子也裂了", "盖子也裂了"),
        ("帮我在工单里补充一下,盖子也裂了", "盖子也裂了"),
        ("给T-1042补充说明：底座也漏水", "底座也漏水"),
        ("补充到工单1042：底座漏水", "底座漏水"),
        ("add something to my ticket", None),
        ("please add this to T-1042", None),
        ("I want to add a comment to ticket 1042", None),
        ("我想补充一下工单", None),
        ("the lid is cracked", None),
        ("", None),
    ],
)
def test_what_a_sentence_adds(sentence, added):
    assert comment_of_request(sentence) == added


def test_long_and_odd_texts_take_no_time():
    began = time.monotonic()
    for odd in (
        "add" + " " * 1990,
        "please " * 280,
        "add a note " * 180,
        "add to " + "my " * 600,
        "补充" * 900,
    ):
        comment_of_request(odd)
        comment_of_request(odd + "x" * 20_000)
    assert time.monotonic() - began < 1


async def test_it_is_added_at_once_where_all_is_said(conversation, desk):
    desk.add_ticket("conv7", "T-1042")
    typed = "please add to T-1042 that the lid is cracked too"
    conversation.heard(typed, intent="add_to_ticket", ticket_number="T-1042")
    for _ in range(2):  # the turn may be run again
        assert await conversation.run("action_add_to_ticket") == [ADDED]
    assert desk.comments == {
        "turn-1:action_add_to_ticket:0": {
            "conversation_id": "conv7",
            "number": "T-1042",
            "text": "the lid is cracked too",
        }
    }


async def test_the_ticket_last_spoken_of_is_meant_and_else_the_latest_open_one(conversation, desk):
    for number, stage in (("T-1001", "in_work"), ("T-1002", "received"), ("T-1003", "solved")):
        desk.add_ticket("conv7", number, stage=stage)
    conversation.heard("add to my ticket: it is red", intent="add_to_ticket")
    [said] = await conversation.run("action_add_to_ticket")
    assert said["vars"] == {"number": "T-1002"}
    conversation.slots["ticket_number"] = "T-1001"
    [said] = await conversation.run("action_add_to_ticket")
    assert said["vars"] == {"number": "T-1001"}


async def test_somebody_elses_ticket_reads_like_none(conversation, desk):
    desk.add_ticket("another", "T-1042")
    said = []
    for number in ("T-1042", "T-9999"):
        typed = f"add to {number}: it is red"
        conversation.heard(typed, intent="add_to_ticket", ticket_number=number)
        said.append(await conversation.run("action_add_to_ticket"))
        assert (conversation.slots["comment_ticket"], conversation.slots["comment_text"]) == (
            None,
            "it is red",
        )
    assert said == [
        [{"text_key": "utter_ticket_unknown", "vars": {"number": number}}] for number in ("T-1042", "T-9999")
    ]
    assert desk.comments == {}


async def test_the_form_asks_for_the_rest(conversation, desk):
    desk.add_ticket("conv7", "T-1042")
    form = "ticket_comment_form"
    [said] = await conversation.fill("comment_ticket", "T-9999", form=form, ticket_number="T-9999")
    assert said["text_key"] == "utter_ticket_not_here"
    [said] = await conversation.fill("comment_ticket", "the blue one", form=form)
    assert said["text_key"] == "utter_invalid_ticket_number"
    assert await conversation.fill("comment_ticket", "1042", form=form, ticket_number="T-1042") == []
    [said] = await conversation.fill("comment_text", "!!!", form=form)
    assert said["text_key"] == "utter_invalid_comment"
    assert await conversation.fill("comment_text", "it is red", form=form, turn_id="turn-9") == []
    assert await conversation.run("action_finish_comment") == [ADDED]
    assert list(desk.comments) == ["turn-9:action_add_to_ticket:0"]


async def test_the_form_is_left_after_three_misses_or_a_no(conversation, desk):
    form = "ticket_comment_form"
    for _ in range(2):
        await conversation.fill("comment_text", "!!!", form=form)
    assert await conversation.fill("comment_text", "!!!", form=form) == [
        {"command": "form_stuck", "form": form, "slot": "comment_text"}
    ]
    assert await conversation.run("action_finish_comment") == []
    [said] = await conversation.fill("comment_text", "never mind", form=form, intent="cancel")
    assert said["text_key"] == "utter_ticket_comment_cancelled"
    assert await conversation.fill("comment_text", "agent please", form=form, intent="ask_person") == [
        {"command": "hand_off", "reason": "asked_for_person"}
    ]
    assert desk.comments == {}
