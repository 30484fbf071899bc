"""Making a ticket: the form's checks, the read-back, one ticket per read-back, and every way out."""

import pytest

from actions.subject import subject_of_description, subject_of_request

FILLED = {
    "ticket_description": "The lid is cracked.",
    "order_number": "HH-204817",
    "email": "ann@example.com",
}


@pytest.mark.parametrize(
    ("sentence", "subject"),
    [
        ("I want to report a broken kettle", "a broken kettle"),
        ("I'd like to report that my iron is broken", "my iron is broken"),
        ("please open a ticket about my coffee machine", "my coffee machine"),
        ("raise a ticket: the fridge is not cooling", "the fridge is not cooling"),
        ("我想报修电饭煲", "电饭煲"),
        ("烤箱坏了,我要报修", "烤箱坏了,我要报修"),
        ("open a ticket", None),
        ("Can you create a support ticket for me?", None),
        ("leave a ticket please", None),
        ("帮我提交个工单", None),
        ("我要报修", None),
        ("", None),
    ],
)
async def test_the_subject_is_in_the_opening_sentence(conversation, sentence, subject):
    conversation.heard(sentence, intent="open_ticket")
    assert await conversation.run("action_start_ticket") == []
    assert conversation.slots.get("ticket_subject") == subject
    assert subject_of_request(sentence) == subject


def test_a_long_subject_is_cut_between_words():
    words = "a kettle with a cracked lid that leaks " * 5
    assert len(subject_of_description(words)) <= 80
    assert subject_of_description(words).endswith(" a…") or subject_of_description(words)[-2] != " "
    assert subject_of_description("水" * 200) == "水" * 79 + "…"
    assert subject_of_description("It leaks. Badly.") == "It leaks"


async def test_an_interrupted_form_goes_on_and_a_new_matter_begins_anew(conversation):
    conversation.slots |= {"ticket_subject": "a kettle", "ticket_description": "The lid is cracked."}
    conversation.heard("open a ticket", intent="open_ticket")
    await conversation.run("action_start_ticket")
    assert conversation.slots["ticket_description"] == "The lid is cracked."
    conversation.slots["email"] = "ann@example.com"
    conversation.heard("I want to report a broken toaster", intent="open_ticket")
    await conversation.run("action_start_ticket")
    assert conversation.slots["ticket_description"] is None
    assert conversation.slots["ticket_subject"] == "a broken toaster"
    assert conversation.slots["email"] == "ann@example.com"


async def test_a_ticket_refused_when_read_back_is_asked_for_anew(conversation):
    conversation.slots |= FILLED
    conversation.heard("", intent="open_ticket")
    await conversation.run("action_start_ticket")
    assert (conversation.slots["ticket_description"], conversation.slots["order_number"]) == (None, None)


@pytest.mark.parametrize(
    "typed", ["The lid is cracked", "it broke", "水壶漏水了", "My kettle leaks. What can I do?"]
)
async def test_a_description_is_taken(conversation, typed):
    assert await conversation.fill("ticket_description", typed) == []
    assert conversation.slots["ticket_description"] == typed


@pytest.mark.parametrize("typed", ["yes", "no", "kettle", "坏了", "!!!", "🙃", "x"])
async def test_a_description_that_says_nothing_is_asked_again(conversation, typed):
    assert await conversation.fill("ticket_description", typed) == [
        {"text_key": "utter_invalid_description", "vars": {}}
    ]
    assert conversation.slots["ticket_description"] is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("HH-204817", "HH-204817"),
        ("hh-204817", "HH-204817"),
        ("HH 204817", "HH204817"),
        ("20231177", "20231177"),
        ("", ""),
        ("no", ""),
        ("No.", ""),
        ("don't have one", ""),
        ("I don't have an order number", ""),
        ("i lost the order number", ""),
        ("没有", ""),
        ("没有订单号", ""),
        ("不记得了", ""),
    ],
)
async def test_an_order_number_or_none(conversation, typed, number):
    assert await conversation.fill("order_number", typed) == []
    assert conversation.slots["order_number"] == number


@pytest.mark.parametrize("typed", ["12345", "HH-1", "the blue one", "没收到货", "HH-204817-99999999999"])
async def test_no_order_number(conversation, typed):
    assert await conversation.fill("order_number", typed) == [
        {"text_key": "utter_invalid_order_number", "vars": {}}
    ]
    assert conversation.slots["order_number"] is None


async def test_an_email_address_in_normal_form(conversation):
    assert await conversation.fill("email", " Ann@Example.COM ") == []
    assert conversation.slots["email"] == "Ann@example.com"


@pytest.mark.parametrize(
    "typed", ["ann", "ann@", "ann@example", "a b@example.com", "x" * 300 + "@example.com", "no"]
)
async def test_no_email_address(conversation, typed):
    assert await conversation.fill("email", typed) == [{"text_key": "utter_invalid_email", "vars": {}}]
    assert conversation.slots["email"] is None


@pytest.mark.parametrize("slot", ["ticket_description", "order_number", "email"])
async def test_a_question_in_between_is_answered_and_the_slot_asked_again(conversation, slot):
    [said] = await conversation.fill(slot, "how long does delivery take?")
    assert said["text_key"] == "utter_article"
    assert conversation.slots[slot] is None


async def test_a_question_that_no_article_answers_is_a_description(conversation):
    assert await conversation.fill("ticket_description", "why is there water in my lamp?") == []
    assert conversation.slots["ticket_description"] == "why is there water in my lamp?"


async def test_a_tickets_state_may_be_asked_in_between(conversation, desk):
    desk.add_ticket("conv7", "T-1042")
    [said] = await conversation.fill(
        "order_number", "and what about T-1042?", intent="ticket_status", ticket_number="T-1042"
    )
    assert said["text_key"] == "utter_ticket_status"


async def test_a_number_in_between_is_no_ticket(conversation):
    [said] = await conversation.fill("order_number", "1042", ticket_number="T-1042")
    assert said["text_key"] == "utter_invalid_order_number"


async def test_what_the_form_did_not_ask_for_is_checked_too(conversation):
    conversation.slots["requested_slot"] = "ticket_description"
    conversation.heard("how long does delivery take?")
    conversation.events.append({"event": "action", "name": "ticket_form"})
    conversation.events.append({"event": "slot", "name": "email", "value": "not an address"})
    assert await conversation.run("validate_ticket_form") == [{"text_key": "utter_invalid_email", "vars": {}}]


async def test_the_read_back(conversation):
    conversation.slots |= FILLED
    conversation.heard("ann@example.com", turn_id="turn-9")
    assert await conversation.run("action_read_back_ticket") == [
        {
            "text_key": "utter_ticket_read_back",
            "vars": {
                "description": "The lid is cracked.",
                "email": "ann@example.com",
                "order_number": "HH-204817",
            },
        }
    ]
    conversation.slots["order_number"] = ""
    [said] = await conversation.run("action_read_back_ticket")
    assert said["text_key"] == "utter_ticket_read_back_no_order"
    assert "order_number" not in said["vars"]


async def _read_back(conversation, **slots):
    conversation.slots |= FILLED | slots
    conversation.heard("ann@example.com", turn_id="turn-read-back")
    await conversation.run("action_read_back_ticket")


async def test_a_yes_makes_the_ticket(conversation, desk):
    await _read_back(conversation, ticket_subject="a broken kettle", order_number="", language="zh")
    conversation.heard("yes", intent="affirm", turn_id="turn-yes")
    assert await conversation.run("action_create_ticket") == [
        {"text_key": "utter_ticket_created", "vars": {"number": "T-1042"}}
    ]
    assert desk.made == {
        "turn-read-back:action_create_ticket:0": {
            "number": "T-1042",
            "conversation_id": "conv7",
            "subject": "a broken kettle",
            "description": "The lid is cracked.",
            "order_number": None,
            "email": "ann@example.com",
            "locale": "zh",
        }
    }
    assert conversation.slots["created_ticket"] == conversation.slots["ticket_number"] == "T-1042"
    assert conversation.slots["ticket_description"] is None
    assert conversation.slots["email"] == "ann@example.com"


async def test_without_an_opening_subject_the_first_sentence_is_it(conversation, desk):
    await _read_back(conversation)
    conversation.heard("yes", intent="affirm")
    await conversation.run("action_create_ticket")
    assert next(iter(desk.made.values()))["subject"] == "The lid is cracked"


async def test_a_second_yes_makes_no_second_ticket(conversation, desk):
    await _read_back(conversation)
    conversation.heard("yes", intent="affirm", turn_id="turn-yes")
    await conversation.run("action_create_ticket")
    for _ in range(2):
        conversation.heard("yes", intent="affirm", turn_id="turn-yes-again")
        assert await conversation.run("action_create_ticket") == [
            {"text_key": "utter_ticket_exists", "vars": {"number": "T-1042"}}
        ]
    assert len(desk.made) == 1


async def test_a_yes_whose_turn_was_lost_finds_the_ticket_that_it_made(conversation, desk):
    await _read_back(conversation)
    lost = dict(conversation.slots)
    conversation.heard("yes", intent="affirm", turn_id="turn-lost")
    await conversation.run("action_create_ticket")
    conversation.slots = lost
    conversation.heard("yes", intent="affirm", turn_id="turn-later")
    assert await conversation.run("action_create_ticket") == [
        {"text_key": "utter_ticket_exists", "vars": {"number": "T-1042"}}
    ]
    assert len(desk.made) == 1


@pytest.mark.parametrize(
    ("last", "answer"),
    [
        ("utter_article", "utter_helpful"),
        ("utter_dont_know", "utter_offer"),
        ("utter_offer", "utter_offer"),
        ("utter_greet", "utter_nothing_to_confirm"),
        ("utter_ticket_created", "utter_nothing_to_confirm"),
        (None, "utter_nothing_to_confirm"),
    ],
)
async def test_a_yes_to_something_else(conversation, desk, last, answer):
    if last:
        conversation.heard("before", turn_id="turn-0")
        conversation.said(last)
    conversation.heard("yes", intent="affirm")
    [said] = await conversation.run("action_create_ticket")
    assert said["text_key"] == answer
    assert desk.made == {}


async def test_what_was_said_in_a_turn_that_was_taken_back_was_not_said(conversation):
    conversation.events.append({"event": "action", "name": "action_listen"})
    conversation.heard("before", turn_id="turn-0")
    conversation.said("utter_article")
    conversation.events += [{"event": "rewind"}, {"event": "action", "name": "action_listen"}]
    conversation.heard("yes", intent="affirm")
    [said] = await conversation.run("action_create_ticket")
    assert said["text_key"] == "utter_nothing_to_confirm"


@pytest.mark.parametrize("action", ["action_decline", "action_cancel"])
async def test_a_no_to_the_read_back_makes_no_ticket_and_loses_nothing(conversation, desk, action):
    await _read_back(conversation)
    conversation.heard("no", intent="deny")
    assert await conversation.run(action) == [{"text_key": "utter_ticket_cancelled", "vars": {}}]
    assert conversation.slots["ticket_read_back"] is None
    assert {name: conversation.slots[name] for name in FILLED} == FILLED
    conversation.heard("yes", intent="affirm")
    [said] = await conversation.run("action_create_ticket")
    assert said["text_key"] == "utter_nothing_to_confirm"
    assert desk.made == {}


async def test_a_no_with_a_correction_is_read_back_again(conversation, desk):
    await _read_back(conversation)
    conversation.heard("no, it is HH-999999", intent="deny", turn_id="turn-no", order_number="HH-999999")
    [said] = await conversation.run("action_decline")
    assert (said["text_key"], said["vars"]["order_number"]) == ("utter_ticket_read_back", "HH-999999")
    conversation.heard("yes", intent="affirm", turn_id="turn-yes")
    await conversation.run("action_create_ticket")
    assert [ticket["order_number"] for ticket in desk.made.values()] == ["HH-999999"]


@pytest.mark.parametrize(
    ("last", "answer"), [("utter_article", "utter_unhelpful"), ("utter_greet", "utter_nothing_to_confirm")]
)
async def test_a_no_to_something_else(conversation, last, answer):
    conversation.heard("before", turn_id="turn-0")
    conversation.said(last)
    conversation.heard("no", intent="deny")
    [said] = await conversation.run("action_decline")
    assert said["text_key"] == answer


async def test_never_mind_when_nothing_is_open(conversation):
    conversation.heard("never mind", intent="cancel")
    assert await conversation.run("action_cancel") == [{"text_key": "utter_nothing_to_confirm", "vars": {}}]
