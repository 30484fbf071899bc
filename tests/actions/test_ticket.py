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
    [said] = await conversation.run("action_start_ticket")
    assert said == {"text_key": "utter_ticket_resumed", "vars": {"known": "The lid is cracked."}}
    assert conversation.slots["ticket_description"] == "The lid is cracked."
    conversation.slots["email"] = "ann@example.com"
    conversation.heard("I want to report a broken toaster", intent="open_ticket")
    assert await conversation.run("action_start_ticket") == []
    assert conversation.slots["ticket_description"] is None
    assert conversation.slots["ticket_subject"] == "a broken toaster"
    assert conversation.slots["email"] == "ann@example.com"


@pytest.mark.parametrize(
    "typed", ["I need a new ticket", "open another ticket please", "新工单", "再开一个工单"]
)
async def test_another_ticket_begins_anew(conversation, typed):
    conversation.slots |= FILLED
    conversation.heard(typed, intent="open_ticket")
    assert await conversation.run("action_start_ticket") == []
    assert (conversation.slots["ticket_description"], conversation.slots["order_number"]) == (None, None)


async def test_a_ticket_that_was_not_sent_is_read_back_when_the_customer_comes_back(conversation):
    conversation.slots |= FILLED
    conversation.heard("", intent="open_ticket", turn_id="turn-3")
    [said] = await conversation.run("action_start_ticket")
    assert said["vars"] == {"known": "The lid is cracked. (HH-204817)"}
    [read_back] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert read_back["text_key"] == "utter_ticket_read_back"


async def test_what_the_opening_sentence_names_is_not_asked_again(conversation):
    conversation.heard(
        "open a ticket for HH-204817, ann@example.com",
        intent="open_ticket", order_number="HH-204817", email="ann@example.com",
    )  # fmt: skip
    await conversation.run("action_start_ticket")
    assert (conversation.slots["order_number"], conversation.slots["email"]) == (
        "HH-204817",
        "ann@example.com",
    )


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
    assert conversation.slots.get("ticket_description") is None


async def test_a_description_with_a_code_in_it_is_both(conversation):
    typed = "the lid of HH-204817 is cracked"
    assert await conversation.fill("ticket_description", typed, order_number="HH-204817") == []
    assert conversation.slots["ticket_description"] == typed
    assert conversation.slots["order_number"] == "HH-204817"


async def test_a_code_alone_is_no_description(conversation):
    typed = "it's order HH-204817"
    assert await conversation.fill("ticket_description", typed, order_number="HH-204817") == []
    assert conversation.slots.get("ticket_description") is None
    assert conversation.slots["order_number"] == "HH-204817"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("HH-204817", "HH-204817"),
        ("hh-204817", "HH-204817"),
        ("20231177", "20231177"),
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


async def test_the_button_for_no_order_number(conversation):
    assert await conversation.fill("order_number", "", intent="deny") == []
    assert conversation.slots["order_number"] == ""


@pytest.mark.parametrize("typed", ["12345", "HH-1", "the blue one", "没收到货"])
async def test_no_order_number(conversation, typed):
    assert await conversation.fill("order_number", typed) == [
        {"text_key": "utter_invalid_order_number", "vars": {}}
    ]
    assert conversation.slots.get("order_number") is None


async def test_an_email_address_in_normal_form(conversation):
    assert await conversation.fill("email", " Ann@Example.COM ") == []
    assert conversation.slots["email"] == "Ann@example.com"


@pytest.mark.parametrize(
    "typed", ["ann", "ann@", "ann@example", "a b@example.com", "x" * 300 + "@example.com", "no"]
)
async def test_no_email_address(conversation, typed):
    assert await conversation.fill("email", typed) == [{"text_key": "utter_invalid_email", "vars": {}}]
    assert conversation.slots.get("email") is None


@pytest.mark.parametrize("slot", ["ticket_description", "order_number", "email", "ticket_confirmed"])
async def test_a_question_in_between_is_answered_and_is_no_miss(conversation, slot):
    for _ in range(4):
        [said] = await conversation.fill(slot, "how long does delivery take?")
        assert said["text_key"] == "utter_article"
        assert conversation.slots.get(slot) is None
        assert conversation.slots["requested_slot"] == slot
    [said] = await conversation.fill(slot, "!!!")
    assert said["text_key"].startswith("utter_invalid_")


@pytest.mark.parametrize("slot", ["order_number", "email", "ticket_confirmed"])
async def test_a_question_in_between_that_no_article_answers(conversation, slot):
    [said] = await conversation.fill(slot, "what is the boiling point of water?")
    assert said == {"text_key": "utter_ticket_no_answer", "vars": {}, "abstained": True}
    assert conversation.slots["requested_slot"] == slot


async def test_a_question_that_no_article_answers_is_a_description(conversation):
    assert await conversation.fill("ticket_description", "why is there water in my lamp?") == []
    assert conversation.slots["ticket_description"] == "why is there water in my lamp?"


@pytest.mark.parametrize(
    ("slot", "useless"), [("ticket_description", "x"), ("order_number", "the blue one"), ("email", "ann")]
)
async def test_a_slot_is_asked_again_twice_and_then_the_form_is_left(conversation, slot, useless):
    conversation.slots |= {"ticket_subject": "a kettle"}
    for _ in range(2):
        [said] = await conversation.fill(slot, useless)
        assert said["text_key"].startswith("utter_invalid_")
    assert await conversation.fill(slot, useless) == [
        {"command": "form_stuck", "form": "ticket_form", "slot": slot}
    ]
    assert conversation.slots["requested_slot"] is None
    assert conversation.slots["ticket_subject"] == "a kettle"


@pytest.mark.parametrize(
    ("slot", "typed", "intent", "confidence"),
    [
        ("email", "alice@mail", "ask_person", 0.9),
        ("email", "ann at example", "ask_person", 0.9),
        ("email", "lina在邮箱", "greet", 0.5),
        ("order_number", "HH-12", "cancel", 0.9),
        ("order_number", "the big one", "complain", 0.55),
        ("order_number", "it should be under my name", "deny", 0.61),
    ],
)
async def test_what_a_form_asked_for_comes_first(conversation, slot, typed, intent, confidence):
    [said] = await conversation.fill(slot, typed, intent=intent, confidence=confidence)
    assert said["text_key"] == f"utter_invalid_{slot}"


async def test_misses_are_counted_for_each_slot(conversation):
    for _ in range(2):
        await conversation.fill("order_number", "the blue one")
    await conversation.fill("order_number", "HH-204817", order_number="HH-204817")
    for _ in range(2):
        [said] = await conversation.fill("email", "ann")
        assert said["text_key"] == "utter_invalid_email"


async def test_a_form_that_nobody_comes_back_to_is_put_aside(conversation):
    conversation.slots |= {"ticket_subject": "a kettle"}
    said = []
    for _ in range(6):
        conversation.heard("thanks", intent="thanks")
        conversation.slots["requested_slot"] = "email"
        conversation.active_loop = "ticket_form"
        said += await conversation.resume()
    assert said == [{"text_key": "utter_ticket_put_aside", "vars": {}}]
    assert conversation.slots["requested_slot"] is None
    assert conversation.slots["ticket_subject"] == "a kettle"


@pytest.mark.parametrize(
    ("intent", "typed"),
    [
        ("thanks", "thanks"),
        ("bot_challenge", "are you a bot?"),
        ("repeat", "say that again please"),
        ("change_language", "can we speak Chinese"),
        ("ticket_status", "any news on my ticket"),
        ("open_ticket", "open a ticket"),
        ("helpful", "that helped"),
    ],
)
async def test_what_a_rule_answers_is_left_to_it(conversation, intent, typed):
    assert await conversation.fill("email", typed, intent=intent) == []
    assert "form_counts" not in conversation.slots


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("cancel", {"text_key": "utter_ticket_cancelled", "vars": {}}),
        ("goodbye", {"text_key": "utter_ticket_cancelled", "vars": {}}),
        ("ask_person", {"command": "hand_off", "reason": "asked_for_person"}),
        ("complain", {"command": "hand_off", "reason": "complaint"}),
    ],
)
async def test_the_form_is_left_with_all_it_collected(conversation, intent, said):
    conversation.slots |= {**FILLED, "email": None}
    assert await conversation.fill("email", "…", intent=intent) == [said]
    assert conversation.slots["requested_slot"] is None
    assert await conversation.run("action_create_ticket") == []
    assert conversation.slots["ticket_description"] == "The lid is cracked."


# Corrections, in the middle and at the read-back


async def test_an_earlier_answer_is_corrected_in_the_middle(conversation):
    conversation.slots |= {**FILLED, "email": None}
    typed = "actually it is HH-204818"
    assert await conversation.fill("email", typed, order_number="HH-204818") == [
        {"text_key": "utter_ticket_corrected", "vars": {}}
    ]
    assert (conversation.slots["order_number"], conversation.slots["email"]) == ("HH-204818", None)


async def test_a_known_address_is_corrected_while_something_else_is_asked(conversation):
    conversation.slots |= {**FILLED, "order_number": None}
    typed = "sorry wrong mail, use a@b.example"
    [said] = await conversation.fill("order_number", typed, email="a@b.example")
    assert said["text_key"] == "utter_ticket_corrected"
    assert (conversation.slots["order_number"], conversation.slots["email"]) == (None, "a@b.example")


@pytest.mark.parametrize(
    ("typed", "slot"),
    [
        ("no, the other order", "order_number"),
        ("sorry, wrong order number", "order_number"),
        ("不对，是另一个订单", "order_number"),
        ("that's the wrong e-mail", "email"),
        ("邮箱写错了", "email"),
        ("the description is wrong", "ticket_description"),
    ],
)
@pytest.mark.parametrize("intent", ["deny", "nlu_fallback"])
async def test_what_changed_is_asked_where_the_new_value_is_not_given(conversation, typed, slot, intent):
    conversation.slots |= FILLED
    [said] = await conversation.fill("ticket_confirmed", typed, intent=intent)
    assert said == {"text_key": f"utter_ticket_correct_{slot}", "vars": {}}
    assert conversation.slots[slot] is None
    kept = [name for name in FILLED if name != slot]
    assert {name: conversation.slots[name] for name in kept} == {name: FILLED[name] for name in kept}


@pytest.mark.parametrize(
    ("typed", "entities", "slot", "value"),
    [
        ("no, it is HH-999999", {"order_number": "HH-999999"}, "order_number", "HH-999999"),
        ("yes but use a@b.example", {"email": "a@b.example"}, "email", "a@b.example"),
        ("订单号是HH-999999", {"order_number": "HH-999999"}, "order_number", "HH-999999"),
    ],
)
@pytest.mark.parametrize("intent", ["deny", "affirm", "nlu_fallback"])
async def test_a_corrected_value_is_read_back_again(conversation, typed, entities, slot, value, intent):
    await _read_back(conversation)
    assert (
        await conversation.fill("ticket_confirmed", typed, intent=intent, turn_id="turn-no", **entities) == []
    )
    [said] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert (said["text_key"], said["vars"][slot]) == ("utter_ticket_read_back", value)
    assert conversation.slots["ticket_read_back"] == "turn-no"


@pytest.mark.parametrize(
    ("typed", "description"),
    [
        ("not the kettle, the toaster", "The toaster leaks."),
        ("Sorry, not the kettle but the toaster.", "The toaster leaks."),
        ("the toaster, not the kettle", "The toaster leaks."),
        ("不是kettle，是烤面包机", "The 烤面包机 leaks."),
    ],
)
async def test_another_thing_is_meant(conversation, typed, description):
    conversation.slots |= FILLED | {"ticket_description": "The kettle leaks.", "ticket_subject": "a kettle"}
    assert await conversation.fill("ticket_confirmed", typed, intent="deny") == []
    assert conversation.slots["ticket_description"] == description
    assert "kettle" not in conversation.slots["ticket_subject"]


async def test_a_no_to_the_read_back_asks_what_should_be_different_and_another_sends_nothing(conversation):
    await _read_back(conversation)
    assert await conversation.fill("ticket_confirmed", "no", intent="deny") == []
    [said] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert said["text_key"] == "utter_ask_ticket_change"
    [said] = await conversation.fill("ticket_confirmed", "no", intent="deny")
    assert said["text_key"] == "utter_ticket_cancelled"
    assert conversation.slots["requested_slot"] is None
    assert {name: conversation.slots[name] for name in FILLED} == FILLED


async def test_after_a_no_the_name_of_a_part_is_enough(conversation):
    await _read_back(conversation)
    await conversation.fill("ticket_confirmed", "no", intent="deny")
    [said] = await conversation.fill("ticket_confirmed", "the order number")
    assert said["text_key"] == "utter_ticket_correct_order_number"
    assert conversation.slots["ticket_changing"] is None


async def test_what_was_forgotten_is_added_and_read_back_again(conversation):
    await _read_back(conversation)
    assert await conversation.fill("ticket_confirmed", "it also smells burnt") == []
    [said] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert said["vars"]["description"] == "The lid is cracked.\nit also smells burnt"
    assert await conversation.fill("email", "please add that it is red", intent="add_to_ticket") == []
    assert conversation.slots["ticket_description"].endswith("\nit is red")


async def test_the_read_back_is_said_once(conversation):
    conversation.slots |= FILLED
    conversation.heard("ann@example.com", turn_id="turn-9")
    assert await conversation.run("action_ask_ticket_form_ticket_confirmed") == [
        {
            "text_key": "utter_ticket_read_back",
            "vars": {
                "description": "The lid is cracked.",
                "email": "ann@example.com",
                "order_number": "HH-204817",
            },
        }
    ]
    [said] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert said == {"text_key": "utter_ask_ticket_confirmed_again", "vars": {}}
    conversation.slots |= {"order_number": "", "ticket_read_back": None}
    [said] = await conversation.run("action_ask_ticket_form_ticket_confirmed")
    assert said["text_key"] == "utter_ticket_read_back_no_order"
    assert "order_number" not in said["vars"]


async def _read_back(conversation, **slots):
    conversation.slots |= FILLED | slots
    conversation.heard("ann@example.com", turn_id="turn-read-back")
    await conversation.run("action_ask_ticket_form_ticket_confirmed")


async def _confirm(conversation, turn_id="turn-yes"):
    said = await conversation.fill("ticket_confirmed", "yes", intent="affirm", turn_id=turn_id)
    assert said == []
    return await conversation.run("action_create_ticket")


async def test_a_yes_makes_the_ticket(conversation, desk):
    await _read_back(conversation, ticket_subject="a broken kettle", order_number="", language="zh")
    assert await _confirm(conversation) == [
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
    await _confirm(conversation)
    assert next(iter(desk.made.values()))["subject"] == "The lid is cracked"


async def test_a_second_yes_makes_no_second_ticket(conversation, desk):
    await _read_back(conversation)
    await _confirm(conversation)
    for _ in range(2):
        conversation.heard("yes", intent="affirm", turn_id="turn-yes-again")
        assert await conversation.run("action_affirm") == [
            {"text_key": "utter_ticket_exists", "vars": {"number": "T-1042"}}
        ]
    assert len(desk.made) == 1


async def test_a_yes_whose_turn_was_lost_finds_the_ticket_that_it_made(conversation, desk):
    await _read_back(conversation)
    lost = dict(conversation.slots)
    await _confirm(conversation, "turn-lost")
    conversation.slots = lost
    assert await _confirm(conversation, "turn-later") == [
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
    [said] = await conversation.run("action_affirm")
    assert said["text_key"] == answer
    assert desk.made == {}


async def test_what_was_said_in_a_turn_that_was_taken_back_was_not_said(conversation):
    conversation.events.append({"event": "action", "name": "action_listen"})
    conversation.heard("before", turn_id="turn-0")
    conversation.said("utter_article")
    conversation.events += [{"event": "rewind"}, {"event": "action", "name": "action_listen"}]
    conversation.heard("yes", intent="affirm")
    [said] = await conversation.run("action_affirm")
    assert said["text_key"] == "utter_nothing_to_confirm"
