"""Look-ups as a conversation: trained model, gateway and real actions, over a shop of two orders."""

from __future__ import annotations

from typing import Any, Dict, List

import pytest
from rasa.utils.endpoints import EndpointConfig

from bot.tests.conftest import Desk

_ORDER = "utter_ask_look_up_form_look_up_order_number"
_EMAIL = "utter_ask_look_up_form_look_up_email"
_CODE = "utter_ask_look_up_form_look_up_code"
_SENT = "utter_look_up_code_sent"
_ANSWER = "utter_look_up_answer"
_SHIPPED = "Your order HH-204817 is on its way."


def _keys(body: Dict[str, Any]) -> List[str]:
    return [message["text_key"] for message in body["messages"]]


class Shopper:
    """A customer of a shop that has declared one look-up: by order number and proven address."""

    def __init__(self, desk: Desk, actions_url: str) -> None:
        self.desk = desk
        self._url = actions_url.replace("/internal/actions", "/desk/look_ups/")

    async def says(self, text: str, **metadata: Any) -> Dict[str, Any]:
        return await self.desk.say(text, **metadata)

    async def clicks(self, intent: str) -> Dict[str, Any]:
        return await self.desk.press(intent)

    async def declare(self, **given: str) -> None:
        url = self._url + self.desk.sender.split(".")[0]
        async with self.desk.session.post(url, params=given) as response:
            assert response.status == 200

    async def seen(self) -> Dict[str, Any]:
        async with self.desk.session.get(self._url + self.desk.sender.split(".")[0]) as response:
            found: Dict[str, Any] = await response.json()
            return found


@pytest.fixture
async def shopper(customer: Desk, real_actions: EndpointConfig) -> Shopper:
    made = Shopper(customer, real_actions.url)
    await made.declare()
    return made


async def test_from_the_question_to_the_order(shopper: Shopper) -> None:
    body = await shopper.says("Where is my order?")
    assert (_keys(body), body["active_form"]) == ([_ORDER], "look_up_form")
    assert _keys(await shopper.says("HH-204817")) == [_EMAIL]
    body = await shopper.says("ann@example.com")
    assert _keys(body) == [_SENT, _CODE]
    assert body["messages"][0]["vars"] == {"email": "a•••@example.com"}
    assert (await shopper.seen()) == {"codes": ["ann@example.com"], "asked": []}
    body = await shopper.says("123456")
    assert (_keys(body), body["active_form"], body["requested_slot"]) == ([_ANSWER], None, None)
    assert body["messages"][0]["vars"] == {"text": _SHIPPED}
    assert "look_up_code" not in body["slots"]
    assert "123456" not in str(body["slots"])
    # Known from now on: nothing is asked again, and what was told serves a ticket too.
    assert _keys(await shopper.says("Where is my order?")) == [_ANSWER]
    assert body["slots"]["order_number"] == "HH-204817"


async def test_in_chinese(shopper: Shopper) -> None:
    assert _keys(await shopper.says("我的包裹到哪里了", language="zh")) == [_ORDER]
    assert _keys(await shopper.says("订单号是HH-204817", language="zh")) == [_EMAIL]
    assert _keys(await shopper.says("邮箱是ann@example.com", language="zh")) == [_SENT, _CODE]
    body = await shopper.says("验证码１２３４５６", language="zh")
    assert _keys(body) == [_ANSWER]


async def test_a_phrase_begins_it_as_well(shopper: Shopper) -> None:
    body = await shopper.says("where is my parcel, please")
    assert (_keys(body), body["active_form"]) == ([_ORDER], "look_up_form")


async def test_everything_in_one_sentence(shopper: Shopper) -> None:
    body = await shopper.says("where is my order HH-204817, I am ann@example.com")
    assert _keys(body) == [_SENT, _CODE]


async def test_a_known_address_is_not_asked_for(shopper: Shopper) -> None:
    known = {"customer": {"email": "ann@example.com"}}
    await shopper.says("Where is my order?", **known)
    assert _keys(await shopper.says("HH-204817", **known)) == [_SENT, _CODE]


async def test_who_is_proven_is_asked_for_nothing(shopper: Shopper) -> None:
    await shopper.declare(proven="ann@example.com")
    body = await shopper.says("Where is my order HH-204817?")
    assert (_keys(body), body["active_form"]) == ([_ANSWER], None)
    assert (await shopper.seen())["codes"] == []


async def test_without_a_look_up_an_order_is_searched_for(customer: Desk) -> None:
    body = await customer.say("Where is my order?")
    assert body["active_form"] is None
    assert _keys(body)[0] in ("utter_dont_know", "utter_did_you_mean", "utter_article")


async def test_another_order_after_the_answer(shopper: Shopper) -> None:
    await shopper.declare(proven="ann@example.com")
    await shopper.says("Where is my order HH-204817?")
    body = await shopper.says("no, the other order HH-204818")
    assert _keys(body) == [_ANSWER]
    assert "HH-204818" in body["messages"][0]["vars"]["text"]
    body = await shopper.says("HH-204817")
    assert body["messages"][0]["vars"]["text"] == _SHIPPED
    assert _keys(await shopper.says("no, the other order")) == [_ORDER]
    assert _keys(await shopper.says("HH-204818")) == [_ANSWER]
    assert (await shopper.seen())["codes"] == []


async def test_a_number_that_is_not_found_can_be_tried_again(shopper: Shopper) -> None:
    await shopper.declare(proven="ann@example.com")
    body = await shopper.says("Where is my order HH-999999?")
    assert _keys(body) == ["utter_look_up_not_found"]
    assert _keys(await shopper.clicks("order_status")) == [_ORDER]
    assert _keys(await shopper.says("HH-204817")) == [_ANSWER]


@pytest.mark.parametrize("filled", [0, 1, 2])
async def test_a_question_in_between(shopper: Shopper, filled: int) -> None:
    asks = [_ORDER, _EMAIL, _CODE]
    await shopper.says("Where is my order?")
    for answer in ["HH-204817", "ann@example.com"][:filled]:
        await shopper.says(answer)
    body = await shopper.says("how long does delivery take?")
    assert (_keys(body), body["active_form"]) == (["utter_article", asks[filled]], "look_up_form")
    assert _keys(await shopper.says("thanks")) == ["utter_thanks", asks[filled]]
    assert len((await shopper.seen())["codes"]) == (1 if filled == 2 else 0)


@pytest.mark.parametrize("filled", [0, 1, 2])
@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("never mind", None),
        ("let me talk to a human", "asked_for_person"),
        ("I want to complain", "complaint"),
    ],
)
async def test_it_may_be_left(shopper: Shopper, filled: int, typed: str, command: str) -> None:
    await shopper.says("Where is my order?")
    for answer in ["HH-204817", "ann@example.com"][:filled]:
        await shopper.says(answer)
    body = await shopper.says(typed)
    assert (body["active_form"], body["requested_slot"]) == (None, None)
    if command:
        assert body["commands"] == [{"command": "hand_off", "reason": command}]
    else:
        assert _keys(body) == ["utter_look_up_cancelled"]
    if filled:
        assert body["slots"]["look_up_order_number"] == "HH-204817"
    assert (await shopper.says("hello"))["actions"]


async def test_a_ticket_instead(shopper: Shopper) -> None:
    await shopper.says("Where is my order?")
    body = await shopper.clicks("open_ticket")
    assert body["active_form"] == "ticket_form"


@pytest.mark.parametrize("typed", ["I have no order number", "no", "没有订单号", "I don't know"])
async def test_without_an_order_number(shopper: Shopper, typed: str) -> None:
    await shopper.says("Where is my order?")
    body = await shopper.says(typed)
    assert (_keys(body), body["active_form"]) == (["utter_look_up_no_number"], None)


async def test_after_two_more_questions_the_form_is_stuck(shopper: Shopper) -> None:
    await shopper.says("Where is my order?")
    for _ in range(2):
        assert _keys(await shopper.says("the green one")) == ["utter_look_up_invalid_order_number", _ORDER]
    body = await shopper.says("the green one")
    assert body["active_form"] is None
    [command] = body["commands"]
    assert (command["command"], command["form"]) == ("form_stuck", "look_up_form")
    assert body["slots"]["look_up"] == "order"


async def test_wrong_codes(shopper: Shopper) -> None:
    await shopper.says("Where is my order HH-204817?")
    await shopper.says("ann@example.com")
    for _ in range(2):
        assert _keys(await shopper.says("000000")) == ["utter_look_up_code_wrong", _CODE]
    body = await shopper.says("000000")
    assert (_keys(body), body["active_form"]) == (["utter_look_up_locked"], None)
    assert (await shopper.seen())["asked"] == []


@pytest.mark.parametrize("typed", ["resend", "I didn't get it", "please send me a new code", "没收到验证码"])
async def test_another_code_by_words(shopper: Shopper, typed: str) -> None:
    await shopper.says("Where is my order HH-204817?")
    await shopper.says("ann@example.com")
    body = await shopper.says(typed)
    assert _keys(body) == ["utter_look_up_code_again", _CODE]
    assert len((await shopper.seen())["codes"]) == 2


async def test_another_code_by_its_button_and_another_address(shopper: Shopper) -> None:
    await shopper.says("Where is my order HH-204817?")
    await shopper.says("anna@example.com")
    assert _keys(await shopper.clicks("resend_code")) == ["utter_look_up_code_again", _CODE]
    assert _keys(await shopper.says("sorry, it is ann@example.com")) == [_SENT, _CODE]
    assert (await shopper.seen())["codes"] == ["anna@example.com"] * 2 + ["ann@example.com"]
    assert _keys(await shopper.says("my code is 123 456")) == [_ANSWER]


async def test_every_button_at_every_question_has_an_answer(shopper: Shopper) -> None:
    """An old button may be pressed at any time; no state may be without a rule."""
    intents = [i for i in shopper.desk.agent.domain.intents if i in _BUTTONS]
    assert set(intents) == _BUTTONS
    for filled in range(4):
        for intent in intents:
            shopper.desk.sender = f"look{intent.replace('_', '')}{filled}.1.0"
            await shopper.declare()
            await shopper.says("Where is my order?")
            for answer in ["HH-204817", "ann@example.com", "123456"][:filled]:
                await shopper.says(answer)
            body = await shopper.clicks(intent)
            assert body["messages"] or body["commands"]
            assert (await shopper.says("hello"))["actions"]


_BUTTONS = {
    *("greet", "goodbye", "thanks", "affirm", "deny", "cancel", "open_ticket", "ticket_status", "ask_person"),
    *("complain", "bot_challenge", "capabilities", "helpful", "unhelpful", "add_to_ticket", "order_status"),
    *("repeat", "change_language", "none_of_these", "resend_code"),
}


async def test_a_bare_order_number_is_no_ticket(shopper: Shopper) -> None:
    body = await shopper.says("HH-204817")
    assert (_keys(body), body["active_form"]) == ([_EMAIL], "look_up_form")


async def test_beside_another_wish(shopper: Shopper) -> None:
    body = await shopper.says("how long does delivery take? and where is my order HH-204817?")
    assert (_keys(body), body["active_form"]) == (["utter_article", _EMAIL], "look_up_form")
    shopper.desk.sender = "beside.1.0"
    await shopper.declare(proven="ann@example.com")
    body = await shopper.says("where is my order HH-204817? and how long does delivery take?")
    assert _keys(body) == [_ANSWER, "utter_article"]
    assert body["wishes"] == 2


async def test_two_orders_in_one_message(shopper: Shopper) -> None:
    await shopper.declare(proven="ann@example.com")
    body = await shopper.says("where is my order HH-204817? and where is my order HH-204818?")
    assert _keys(body) == [_ANSWER, _ANSWER]
