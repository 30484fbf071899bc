"""Whole conversations: the trained model, the gateway and the real actions, on a desk of a few articles."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from rasa.utils.endpoints import EndpointConfig

from bot.tests.conftest import Desk

_DESCRIPTION = "utter_ask_ticket_form_ticket_description"
_ORDER = "utter_ask_ticket_form_order_number"
_EMAIL = "utter_ask_ticket_form_email"
_READ_BACK = "utter_ticket_read_back"


def _keys(body: Dict[str, Any]) -> List[str]:
    return [message["text_key"] for message in body["messages"]]


async def _tickets(customer: Desk, endpoint: EndpointConfig) -> List[Dict[str, Any]]:
    """What the fake desk has made for this conversation."""
    url = endpoint.url.replace("/internal/actions", "/desk")
    async with customer.session.get(url) as response:
        made = (await response.json())["made"]
    conversation = customer.sender.split(".")[0]
    return [ticket for ticket in made if ticket["conversation_id"] == conversation]


async def test_a_question_is_answered_from_an_article(customer: Desk) -> None:
    body = await customer.say("my parcel hasn't come")
    [message] = body["messages"]
    assert (message["text_key"], message["kind"]) == ("utter_article", "article")
    assert message["vars"]["title"] == "A late parcel"
    assert message["sources"][0]["article_id"] == "id-a-late-parcel"
    assert body["fallbacks"] == 0


async def test_a_question_in_chinese(customer: Desk) -> None:
    body = await customer.say("快递还没到", language="zh")
    assert body["messages"][0]["vars"]["title"] == "快递迟到"


async def test_what_no_article_answers(customer: Desk) -> None:
    body = await customer.say("what is the boiling point of water")
    assert (_keys(body), body["fallbacks"]) == (["utter_dont_know"], 1)
    body = await customer.press("open_ticket")
    assert _keys(body) == [_DESCRIPTION]


async def test_a_ticket_from_the_first_word_to_its_number(
    customer: Desk, real_actions: EndpointConfig
) -> None:
    body = await customer.say("I want to report a broken kettle")
    assert (_keys(body), body["active_form"]) == ([_DESCRIPTION], "ticket_form")
    assert body["slots"]["ticket_subject"] == "a broken kettle"

    body = await customer.say("The lid cracked when I closed it, and now it leaks.")
    assert _keys(body) == [_ORDER]
    body = await customer.say("it's HH-204817")
    assert _keys(body) == [_EMAIL]
    body = await customer.say("my address is Ann@Example.com")
    assert _keys(body) == ["utter_ticket_read_back"]
    assert (body["active_form"], body["requested_slot"]) == ("ticket_form", "ticket_confirmed")
    assert body["messages"][0]["vars"] == {
        "description": "The lid cracked when I closed it, and now it leaks.",
        "order_number": "HH-204817",
        "email": "Ann@example.com",
    }
    assert await _tickets(customer, real_actions) == []

    body = await customer.say("yes that's right")
    assert (_keys(body), body["active_form"]) == (["utter_ticket_created"], None)
    number = body["messages"][0]["vars"]["number"]
    [ticket] = await _tickets(customer, real_actions)
    assert (ticket["number"], ticket["subject"]) == (number, "a broken kettle")

    for again in ("yes", "yes please"):
        body = await customer.say(again)
        assert (_keys(body), body["messages"][0]["vars"]["number"]) == (["utter_ticket_exists"], number)
    assert len(await _tickets(customer, real_actions)) == 1

    body = await customer.say(f"What about {number}?")
    assert (_keys(body), body["messages"][0]["vars"]["stage"]) == (["utter_ticket_status"], "received")
    customer.sender = "somebodyelse.1.0"
    body = await customer.say(f"What about {number}?")
    assert _keys(body) == ["utter_ticket_unknown"]


async def test_a_ticket_in_chinese_with_buttons_and_a_known_address(
    customer: Desk, real_actions: EndpointConfig
) -> None:
    known: Dict[str, Any] = {"language": "zh", "customer": {"email": "li@example.com", "name": "李"}}
    body = await customer.say("我想报修电饭煲", **known)
    assert _keys(body) == [_DESCRIPTION]
    body = await customer.say("煮饭的时候一直跳闸，今天早上开始的", **known)
    assert _keys(body) == [_ORDER]
    status, body = await customer.turn(click="deny", **known)
    assert (status, _keys(body)) == (200, ["utter_ticket_read_back_no_order"])
    assert body["messages"][0]["vars"]["email"] == "li@example.com"
    status, body = await customer.turn(click="affirm", **known)
    assert _keys(body) == ["utter_ticket_created"]
    [ticket] = await _tickets(customer, real_actions)
    assert (ticket["order_number"], ticket["locale"], ticket["subject"]) == (None, "zh", "电饭煲")


@pytest.mark.parametrize(
    "no_order", ["no", "don't have one", "I don't have an order number", "没有", "没有订单号", "none"]
)
async def test_the_order_number_may_be_left_out(customer: Desk, no_order: str) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    body = await customer.say(no_order)
    assert (_keys(body), body["slots"]["order_number"]) == ([_EMAIL], "")


async def test_all_in_one_sentence(customer: Desk) -> None:
    body = await customer.say("I want to report a broken kettle from order HH-204817, ann@example.com")
    assert _keys(body) == [_DESCRIPTION]
    body = await customer.say("the lid is cracked")
    assert _keys(body) == ["utter_ticket_read_back"]


async def test_wrong_answers_are_said_and_asked_again(customer: Desk) -> None:
    await customer.say("open a ticket")
    assert _keys(await customer.say("kettle")) == ["utter_invalid_description", _DESCRIPTION]
    assert _keys(await customer.say("it fell on the floor and broke")) == [_ORDER]
    assert _keys(await customer.say("the green one")) == ["utter_invalid_order_number", _ORDER]
    assert _keys(await customer.say("the big one")) == ["utter_invalid_order_number", _ORDER]
    assert _keys(await customer.say("HH-204817")) == [_EMAIL]
    assert _keys(await customer.say("ann at example")) == ["utter_invalid_email", _EMAIL]
    assert _keys(await customer.say("ann@example.com")) == ["utter_ticket_read_back"]


@pytest.mark.parametrize("filled", [0, 1, 2])
async def test_a_question_in_between_is_answered_and_the_form_goes_on(customer: Desk, filled: int) -> None:
    answers = ["the lid of my kettle is cracked", "HH-204817"]
    questions = [_DESCRIPTION, _ORDER, _EMAIL]
    await customer.say("open a ticket")
    for answer in answers[:filled]:
        await customer.say(answer)
    body = await customer.say("how long does delivery take?")
    assert _keys(body) == ["utter_article", questions[filled]]
    assert body["active_form"] == "ticket_form"


async def test_small_talk_in_between(customer: Desk) -> None:
    await customer.say("open a ticket")
    for typed, answer in (
        ("thanks", "utter_thanks"),
        ("are you a bot?", "utter_bot_challenge"),
        ("what can you do", "utter_capabilities"),
    ):
        assert _keys(await customer.say(typed)) == [answer, _DESCRIPTION]


async def test_asking_for_a_ticket_again_repeats_the_question(customer: Desk) -> None:
    await customer.say("open a ticket")
    assert _keys(await customer.press("open_ticket")) == [_DESCRIPTION]
    await customer.say("the lid of my kettle is cracked")
    assert _keys(await customer.press("open_ticket")) == [_ORDER]


async def test_another_matter_in_the_middle_of_the_form_begins_anew(customer: Desk) -> None:
    await customer.say("I want to report a broken kettle")
    await customer.say("the lid of my kettle is cracked")
    body = await customer.say("I want to report a broken toaster")
    assert (_keys(body), body["slots"]["ticket_subject"]) == ([_DESCRIPTION], "a broken toaster")


async def test_every_button_at_every_question_has_an_answer(customer: Desk) -> None:
    """An old button may be pressed at any time; no state may be without a rule."""
    intents = [intent for intent in customer.agent.domain.intents if intent in _BUTTONS]
    assert len(intents) == len(_BUTTONS)
    answers = ["the lid of my kettle is cracked", "HH-204817", "ann@example.com", "yes"]
    for filled in range(len(answers) + 1):
        for intent in intents:
            customer.sender = f"{intent}{filled}.1.0"
            await customer.say("open a ticket")
            for answer in answers[:filled]:
                await customer.say(answer)
            body = await customer.press(intent)
            assert body["messages"] or body["commands"]
            assert (await customer.say("hello"))["actions"]


_BUTTONS = {
    "greet",
    "goodbye",
    "thanks",
    "affirm",
    "deny",
    "cancel",
    "open_ticket",
    "ticket_status",
    "ask_person",
    "complain",
    "bot_challenge",
    "capabilities",
    "helpful",
    "unhelpful",
    "add_to_ticket",
    "order_status",
    "repeat",
    "change_language",
    "choose_article",
    "none_of_these",
}


_WISHES = [
    ("I want to talk to someone", "asked_for_person"),
    ("转人工", "asked_for_person"),
    ("I want to make a complaint", "complaint"),
]


@pytest.mark.parametrize(("typed", "reason"), _WISHES)
async def test_a_person_is_asked_for(customer: Desk, typed: str, reason: str) -> None:
    body = await customer.say(typed)
    assert (body["messages"], body["commands"]) == ([], [{"command": "hand_off", "reason": reason}])


async def test_a_person_instead_of_the_form(customer: Desk) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    body = await customer.say("let me talk to a human")
    assert body["commands"] == [{"command": "hand_off", "reason": "asked_for_person"}]
    assert body["active_form"] is None
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"


@pytest.mark.parametrize("typed", ["cancel", "never mind", "算了"])
async def test_the_form_may_be_left(customer: Desk, typed: str) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    body = await customer.say(typed)
    assert (_keys(body), body["active_form"], body["requested_slot"]) == (
        ["utter_ticket_cancelled"],
        None,
        None,
    )
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"
    body = await customer.say("open a ticket")
    assert _keys(body) == ["utter_ticket_resumed", _ORDER], "what was told is not asked again"
    assert body["messages"][0]["vars"] == {"known": "the lid of my kettle is cracked"}


async def _until_read_back(customer: Desk) -> None:
    await customer.say("open a ticket", customer={"email": "ann@example.com"})
    await customer.say("the lid of my kettle is cracked")
    assert _keys(await customer.say("HH-204817")) == [_READ_BACK]


async def test_a_no_to_the_read_back(customer: Desk, real_actions: EndpointConfig) -> None:
    await _until_read_back(customer)
    assert _keys(await customer.press("deny")) == ["utter_ask_ticket_change"]
    body = await customer.say("no")
    assert (_keys(body), body["active_form"]) == (["utter_ticket_cancelled"], None)
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"
    assert _keys(await customer.say("yes")) == ["utter_nothing_to_confirm"]
    assert await _tickets(customer, real_actions) == []
    assert _keys(await customer.press("open_ticket")) == ["utter_ticket_resumed", _READ_BACK]


@pytest.mark.parametrize(
    ("typed", "slot", "value"),
    [
        ("no, the order number is HH-999999", "order_number", "HH-999999"),
        ("actually it is HH-204818", "order_number", "HH-204818"),
        ("sorry wrong mail, use a@b.com", "email", "a@b.com"),
        ("not the kettle, the toaster", "description", "the lid of my toaster is cracked"),
        ("不对，订单号是HH-204818", "order_number", "HH-204818"),
        ("it was red by the way", "description", "the lid of my kettle is cracked\nit was red by the way"),
    ],
)
async def test_a_correction_at_the_read_back(
    customer: Desk, real_actions: EndpointConfig, typed: str, slot: str, value: str
) -> None:
    await _until_read_back(customer)
    body = await customer.say(typed)
    assert (_keys(body), body["messages"][0]["vars"][slot]) == ([_READ_BACK], value)
    await customer.say("yes")
    assert [ticket[slot] for ticket in await _tickets(customer, real_actions)] == [value]


@pytest.mark.parametrize("typed", ["no, the other order", "sorry, wrong order", "不对，是另一个订单"])
async def test_a_correction_without_the_new_value_is_asked_for_it(customer: Desk, typed: str) -> None:
    await _until_read_back(customer)
    assert _keys(await customer.say(typed)) == ["utter_ticket_correct_order_number", _ORDER]
    body = await customer.say("HH-999999")
    assert (_keys(body), body["messages"][0]["vars"]["order_number"]) == ([_READ_BACK], "HH-999999")


async def test_a_correction_in_the_middle(customer: Desk) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    await customer.say("HH-204817")
    assert _keys(await customer.say("actually it is HH-204818")) == ["utter_ticket_corrected", _EMAIL]
    assert _keys(await customer.say("no, the other order")) == ["utter_ticket_correct_order_number", _ORDER]
    assert _keys(await customer.say("HH-204819")) == [_EMAIL]
    body = await customer.say("a@b.com")
    assert body["messages"][0]["vars"]["order_number"] == "HH-204819"


async def test_a_question_at_the_read_back_is_answered_and_the_ticket_still_waits(
    customer: Desk, real_actions: EndpointConfig
) -> None:
    await _until_read_back(customer)
    body = await customer.say("how long does delivery take?")
    assert _keys(body) == ["utter_article", "utter_ask_ticket_confirmed_again"]
    assert _keys(await customer.say("thanks")) == ["utter_thanks", "utter_ask_ticket_confirmed_again"]
    assert _keys(await customer.say("yes, send it")) == ["utter_ticket_created"]
    assert len(await _tickets(customer, real_actions)) == 1


async def test_after_two_more_times_the_form_gives_up_asking(customer: Desk) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    assert _keys(await customer.say("the green one")) == ["utter_invalid_order_number", _ORDER]
    assert _keys(await customer.say("how long does delivery take?")) == ["utter_article", _ORDER]
    assert _keys(await customer.say("the green one")) == ["utter_invalid_order_number", _ORDER]
    body = await customer.say("the green one")
    assert (body["messages"], body["active_form"]) == ([], None)
    assert body["commands"] == [{"command": "form_stuck", "form": "ticket_form", "slot": "order_number"}]
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"
    assert _keys(await customer.say("open a ticket")) == ["utter_ticket_resumed", _ORDER]


async def test_a_form_that_nobody_comes_back_to_is_put_aside(customer: Desk) -> None:
    await customer.say("open a ticket")
    for _ in range(5):
        assert _keys(await customer.say("thanks")) == ["utter_thanks", _DESCRIPTION]
    body = await customer.say("thanks")
    assert (_keys(body), body["active_form"]) == (["utter_thanks", "utter_ticket_put_aside"], None)
    await customer.say("open a ticket")
    for _ in range(5):
        await customer.say("how long does delivery take?")
    body = await customer.say("how long does delivery take?")
    assert (_keys(body), body["active_form"]) == (["utter_article", "utter_ticket_put_aside"], None)


# What is added to a ticket


async def _comments(customer: Desk, endpoint: EndpointConfig) -> List[Dict[str, Any]]:
    url = endpoint.url.replace("/internal/actions", "/desk")
    async with customer.session.get(url) as response:
        made = (await response.json())["comments"]
    conversation = customer.sender.split(".")[0]
    return [c for c in made if c["conversation_id"] == conversation]


async def _have_ticket(customer: Desk, endpoint: EndpointConfig, number: str, stage: str = "in_work") -> None:
    conversation = customer.sender.split(".")[0]
    url = endpoint.url.replace("/internal/actions", f"/desk/tickets/{conversation}/{number}?stage={stage}")
    async with customer.session.post(url) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("please add to T-5555 that the lid is cracked too", "the lid is cracked too"),
        ("add to my ticket: the lid is cracked too", "the lid is cracked too"),
        ("请在工单T-5555里补充：盖子也裂了", "盖子也裂了"),
    ],
)
async def test_something_is_added_to_a_ticket(
    customer: Desk, real_actions: EndpointConfig, typed: str, text: str
) -> None:
    await _have_ticket(customer, real_actions, "T-5555")
    body = await customer.say(typed)
    assert (_keys(body), body["messages"][0]["vars"]) == (
        ["utter_ticket_comment_added"],
        {"number": "T-5555"},
    )
    [comment] = await _comments(customer, real_actions)
    assert (comment["number"], comment["text"]) == ("T-5555", text)


async def test_what_to_add_is_asked_once_and_may_be_given_up(
    customer: Desk, real_actions: EndpointConfig
) -> None:
    await _have_ticket(customer, real_actions, "T-5555")
    asked = "utter_ask_ticket_comment_form_comment_text"
    assert _keys(await customer.press("add_to_ticket")) == [asked]
    body = await customer.say("I want to report that the lid is cracked as well")
    assert (_keys(body), body["active_form"]) == (["utter_ticket_comment_added"], None)
    await customer.press("add_to_ticket")
    assert _keys(await customer.say("never mind")) == ["utter_ticket_comment_cancelled"]
    assert len(await _comments(customer, real_actions)) == 1


async def test_which_ticket_to_add_to_is_asked(customer: Desk, real_actions: EndpointConfig) -> None:
    asked = "utter_ask_ticket_comment_form_comment_ticket"
    assert _keys(await customer.say("please add to my ticket that the lid is cracked too")) == [asked]
    assert _keys(await customer.say("T-9998")) == ["utter_ticket_not_here", asked]
    await _have_ticket(customer, real_actions, "T-5555")
    assert _keys(await customer.say("T-5555")) == ["utter_ticket_comment_added"]
    [comment] = await _comments(customer, real_actions)
    assert comment["text"] == "the lid is cracked too"


async def test_another_ones_ticket_reads_like_none(customer: Desk) -> None:
    body = await customer.say("please add to T-9997 that the lid is cracked too")
    assert _keys(body)[0] == "utter_ticket_unknown"
    assert body["requested_slot"] == "comment_ticket"


# The talk itself


async def test_say_that_again(customer: Desk) -> None:
    await customer.say("my parcel hasn't come")
    body = await customer.press("repeat")
    assert (body["messages"], body["commands"]) == ([], [{"command": "repeat"}])
    await customer.say("open a ticket")
    body = await customer.press("repeat")
    assert (_keys(body), body["commands"]) == ([_DESCRIPTION], [])


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("can we speak Chinese please", "zh"),
        ("请说中文", "zh"),
        ("English please", "en"),
        ("请用英文回答", "en"),
    ],
)
async def test_another_language(customer: Desk, typed: str, language: str) -> None:
    body = await customer.say(typed)
    assert body["commands"] == [{"command": "set_language", "language": language}]
    assert (_keys(body), body["slots"]["language"]) == (["utter_language_set"], language)


async def test_a_language_that_we_do_not_have(customer: Desk) -> None:
    body = await customer.say("can we speak German please")
    assert (_keys(body), body["commands"]) == (["utter_language_unavailable"], [])


# What was meant


async def test_what_is_unclear_is_asked_and_a_choice_is_answered(customer: Desk) -> None:
    body = await customer.say("the filter thing")
    assert _keys(body) == ["utter_did_you_mean"]
    assert {"value": "article:id-filters", "label": "Filters"} in body["messages"][0]["choices"]
    assert "abstained" not in body["messages"][0]
    entities = [{"entity": "article_id", "value": "id-filters"}]
    status, body = await customer.post(
        {
            "turn_id": f"choose-{customer.sender}",
            "sender_id": customer.sender,
            "parse": {"intent": "choose_article", "entities": entities},
        }
    )
    assert (status, body["messages"][0]["vars"]["title"]) == (200, "Filters")


async def test_a_second_miss_is_an_honest_i_do_not_know(customer: Desk) -> None:
    assert _keys(await customer.say("the filter thing")) == ["utter_did_you_mean"]
    body = await customer.say("the filter stuff")
    assert (_keys(body), body["messages"][0]["abstained"]) == (["utter_dont_know"], True)


async def test_none_of_these(customer: Desk) -> None:
    await customer.say("the filter thing")
    assert _keys(await customer.press("none_of_these")) == ["utter_ask_rephrase"]
    await customer.say("the filter thing again")
    assert _keys(await customer.press("none_of_these")) == ["utter_dont_know"]


async def test_an_article_that_did_not_help_is_followed_by_the_next_best_once(customer: Desk) -> None:
    first = await customer.say("where does the courier have my parcel")
    assert first["messages"][0]["vars"]["title"] == "A late parcel"
    body = await customer.press("unhelpful")
    assert _keys(body) == ["utter_try_another", "utter_article"]
    assert body["messages"][1]["vars"]["title"] == "Tracking"
    assert _keys(await customer.press("unhelpful")) == ["utter_unhelpful"]


async def test_two_wishes_get_both_answers_in_the_order_asked(
    customer: Desk, real_actions: EndpointConfig
) -> None:
    await _have_ticket(customer, real_actions, "T-5555")
    body = await customer.say("What about ticket T-5555? And how long does delivery take?")
    assert [(m["wish"], m["text_key"]) for m in body["messages"]] == [
        (0, "utter_ticket_status"),
        (1, "utter_article"),
    ]
    body = await customer.say("快递还没到，怎么办？另外，送货要多久？", language="zh")
    assert [m["vars"]["title"] for m in body["messages"]] == ["快递迟到", "配送时间"]


async def test_a_question_beside_a_wish_for_a_ticket_is_answered_first(customer: Desk) -> None:
    body = await customer.say("I want to report a broken kettle. How long does delivery take at the moment?")
    assert (_keys(body), body["active_form"]) == (["utter_article", _DESCRIPTION], "ticket_form")
    assert body["slots"]["ticket_subject"] == "a broken kettle"


@pytest.mark.parametrize(
    "typed", ["What about T-5555?", "工单5555", "T5555", "t 5555", "#5555", "ticket 5555", "Ｔ－５５５５"]
)
async def test_a_ticket_by_its_number(customer: Desk, real_actions: EndpointConfig, typed: str) -> None:
    conversation = customer.sender.split(".")[0]
    url = real_actions.url.replace("/internal/actions", f"/desk/tickets/{conversation}/T-5555")
    async with customer.session.post(url) as response:
        assert response.status == 200
    body = await customer.say(typed)
    assert _keys(body) == ["utter_ticket_status"]
    assert body["messages"][0]["vars"]["number"] == "T-5555"
    assert body["slots"]["ticket_number"] == "T-5555"


async def test_a_ticket_without_its_number(customer: Desk) -> None:
    assert _keys(await customer.say("any news on my ticket?")) == ["utter_ask_ticket_number"]
    assert _keys(await customer.say("4711")) == ["utter_ticket_unknown"]


async def test_yes_and_no_after_an_article(customer: Desk) -> None:
    await customer.say("my parcel hasn't come")
    assert _keys(await customer.say("yes")) == ["utter_helpful"]
    await customer.say("my parcel hasn't come")
    assert _keys(await customer.say("no")) == ["utter_unhelpful"]
    assert _keys(await customer.say("no")) == ["utter_nothing_to_confirm"]


async def test_a_new_tracker_goes_on_with_what_was_carried(customer: Desk) -> None:
    await customer.say("open a ticket")
    await customer.say("the lid of my kettle is cracked")
    left = await customer.say("never mind")
    customer.sender = customer.sender.replace(".1.0", ".1.1")
    body = await customer.say("open a ticket", slots=left["slots"])
    assert _keys(body) == ["utter_ticket_resumed", _ORDER]
