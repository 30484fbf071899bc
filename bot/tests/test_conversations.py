"""Whole conversations: the trained model, the gateway and the real actions, on a desk of a few articles."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from rasa.utils.endpoints import EndpointConfig

from bot.tests.conftest import Desk

_DESCRIPTION = "utter_ask_ticket_form_ticket_description"
_ORDER = "utter_ask_ticket_form_order_number"
_EMAIL = "utter_ask_ticket_form_email"


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
    assert body["intent"]["name"] == "nlu_fallback"
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
    assert body["active_form"] is None
    assert body["messages"][0]["vars"] == {
        "description": "The lid cracked when I closed it, and now it leaks.",
        "order_number": "HH-204817",
        "email": "Ann@example.com",
    }
    assert await _tickets(customer, real_actions) == []

    body = await customer.say("yes that's right")
    assert _keys(body) == ["utter_ticket_created"]
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
    assert _keys(await customer.say("12345")) == ["utter_invalid_order_number", _ORDER]
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
    assert _keys(body) == [_ORDER], "what was told is not asked again"


async def test_a_no_to_the_read_back(customer: Desk, real_actions: EndpointConfig) -> None:
    await customer.say("open a ticket", customer={"email": "ann@example.com"})
    await customer.say("the lid of my kettle is cracked")
    await customer.say("HH-204817")
    body = await customer.say("no that's wrong")
    assert _keys(body) == ["utter_ticket_cancelled"]
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"
    assert _keys(await customer.say("yes")) == ["utter_nothing_to_confirm"]
    assert await _tickets(customer, real_actions) == []
    assert _keys(await customer.press("open_ticket")) == [_DESCRIPTION]


async def test_a_correction_at_the_read_back(customer: Desk, real_actions: EndpointConfig) -> None:
    await customer.say("open a ticket", customer={"email": "ann@example.com"})
    await customer.say("the lid of my kettle is cracked")
    await customer.say("HH-204817")
    body = await customer.say("no, the order number is HH-999999")
    assert (_keys(body), body["messages"][0]["vars"]["order_number"]) == (
        ["utter_ticket_read_back"],
        "HH-999999",
    )
    await customer.say("yes")
    assert [ticket["order_number"] for ticket in await _tickets(customer, real_actions)] == ["HH-999999"]


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
    assert _keys(body) == [_ORDER]
