"""Hears each message while a look-up asks for something: an input, a code, something else, or a miss.

As with the ticket's form, slots are filled here alone; a message that is no matter of this form is left to
the rule of its intent, and the form asks again afterwards.
"""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.form import means_no_order, usable_email
from actions.look_up import ADDRESS, CODE, FORM, STATE, TYPED, missing, told
from actions.patience import GOT_ON, LEFT, Slots, aside, missed
from actions.question import looks_like_a_question
from actions.services import Services

SLOTS = [*TYPED.values(), ADDRESS, CODE]

_OTHER_MATTERS = {
    *(
        "greet",
        "goodbye",
        "thanks",
        "bot_challenge",
        "capabilities",
        "repeat",
        "change_language",
        "open_ticket",
    ),
    *("ticket_status", "add_to_ticket", "helpful", "unhelpful", "choose_article", "none_of_these"),
}
_LEAVING = {"ask_person": "asked_for_person", "complain": "complaint"}
_INVALID = {
    TYPED["order_number"]: "utter_look_up_invalid_order_number",
    TYPED["phone"]: "utter_invalid_phone",
    ADDRESS: "utter_invalid_email",
    CODE: "utter_look_up_code_malformed",
}
_NO_CODE = {
    "limited": "utter_look_up_code_limited",
    "locked": "utter_look_up_locked",
    "unavailable": "utter_look_up_code_unavailable",
}
# ASCII classes: Chinese words touch digits without a space.
_SIX_DIGITS = re.compile(r"(?<![A-Za-z0-9@.-])\d(?:[ -]?\d){5}(?![A-Za-z0-9@-])")
_PHONE = re.compile(r"\+?\d(?:[ ()/.-]{0,2}\d){5,14}")
_RESEND = re.compile(
    r"\b(?:re-?send|send (?:it |me |the code |one |that )?again|(?:another|new) (?:code|one|mail|e-?mail)"
    r"|(?:did|have|has|had)(?:n'?t| not) (?:get|got|receive[d]?|come|arrived?)"
    r"|no (?:code|mail|e-?mail)|nothing (?:came|arrived)|never (?:came|arrived|got))\b"
    r"|重发|重發|重新发|重新發|再发|再發|没收到|沒收到|没有收到|收不到|新的?验证码|新的?驗證碼",
    re.IGNORECASE,
)


class ValidateLookUpForm(Action):  # type: ignore[misc]
    """Decides what the form asks next: what the look-up needs, and a proof only where one is lacking."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "validate_look_up_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        if dialogue.answers_form(tracker, FORM):
            heard = await self._hear(dispatcher, tracker)
            if not heard:
                return []
        else:
            heard = {} if _begins(tracker) else aside(dispatcher, tracker)
        if "requested_slot" in heard:
            heard = {STATE: "left", **heard}
        else:
            heard |= await self._next(dispatcher, tracker, {**tracker.slots, **heard})
        return [SlotSet(name, value) for name, value in heard.items()]

    async def _hear(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        asked, intent, typed = (
            str(tracker.slots.get("requested_slot")),
            dialogue.clear_intent(tracker),
            dialogue.text(tracker),
        )
        if intent in _LEAVING:
            dispatcher.utter_message(json_message=dialogue.command("hand_off", reason=_LEAVING[intent]))
            return LEFT
        if intent == "cancel":
            dispatcher.utter_message(json_message=dialogue.message("utter_look_up_cancelled"))
            return LEFT
        hears = self._code if asked == CODE else self._input
        answered = await hears(dispatcher, tracker)
        if answered:
            return answered
        if intent in _OTHER_MATTERS or not typed:
            return {}
        if looks_like_a_question(typed) and await self._answers_in_between(dispatcher, tracker):
            return aside(dispatcher, tracker)
        return missed(dispatcher, tracker, _INVALID.get(asked, "utter_ask_rephrase"))

    async def _input(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """What the message answers to the input that was asked for, and what else it names."""
        asked, typed = tracker.slots.get("requested_slot"), dialogue.text(tracker)
        changed = _changed(tracker)
        if changed:
            return {**changed, **GOT_ON}
        if dialogue.intent(tracker) == "deny" or (asked == TYPED["order_number"] and means_no_order(typed)):
            dispatcher.utter_message(json_message=dialogue.message("utter_look_up_no_number"))
            return LEFT
        if asked == TYPED["order_number"]:
            usable = await self._services.order_number(dialogue.conversation_id(tracker), typed)
        else:
            usable = _usable(asked, typed, dialogue.intent(tracker))
        return {asked: usable, **GOT_ON} if usable else {}

    async def _code(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """A code, the wish for another one, another address or number; empty for anything else."""
        typed = dialogue.text(tracker)
        changed = _changed(tracker, besides_digits=True)
        if changed:
            return {**changed, **GOT_ON}
        digits = _SIX_DIGITS.search(typed)
        if digits:
            return await self._checked(dispatcher, tracker, re.sub(r"\D", "", digits.group()))
        if dialogue.intent(tracker) == "resend_code" or _RESEND.search(typed):
            return {"look_up_code_sent_to": None, **GOT_ON}
        return {}

    async def _checked(self, dispatcher: CollectingDispatcher, tracker: Tracker, code: str) -> Slots:
        checked = await self._services.check_email_code(
            dialogue.conversation_id(tracker), key=self._key(tracker), code=code
        )
        if checked.state == "wrong":
            dispatcher.utter_message(json_message=dialogue.message("utter_look_up_code_wrong"))
        elif checked.state == "expired":
            dispatcher.utter_message(json_message=dialogue.message("utter_look_up_code_expired"))
            return {"look_up_code_sent_to": None, **GOT_ON}
        elif checked.state == "locked":
            dispatcher.utter_message(json_message=dialogue.message("utter_look_up_locked"))
            return LEFT
        return dict(GOT_ON)

    async def _answers_in_between(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
        result = await self._services.search(
            dialogue.conversation_id(tracker), dialogue.text(tracker), dialogue.locale(tracker)
        )
        if not (result.answerable and result.hits):
            return False
        dispatcher.utter_message(json_message=dialogue.article_message(result.hits[0]))
        return True

    async def _next(self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: Slots) -> Slots:
        """What is asked for next; nothing where all is known. Before a code is asked for, it is sent."""
        conversation_id = dialogue.conversation_id(tracker)
        view = await self._services.look_up_named(conversation_id, slots["look_up"])
        if view is None:  # switched off a moment ago: asking it will say so
            return {"requested_slot": None}
        left = missing(view, await self._services.identity(conversation_id), slots)
        if left[:1] == [CODE] and slots.get("look_up_code_sent_to") != slots[ADDRESS]:
            return await self._send_code(dispatcher, tracker, slots[ADDRESS])
        return {"requested_slot": left[0] if left else None}

    async def _send_code(self, dispatcher: CollectingDispatcher, tracker: Tracker, address: str) -> Slots:
        sent = await self._services.send_email_code(
            dialogue.conversation_id(tracker), key=self._key(tracker), address=address
        )
        if sent.state != "sent":
            dispatcher.utter_message(json_message=dialogue.message(_NO_CODE[sent.state]))
            return {STATE: sent.state, **LEFT}
        is_first = tracker.slots.get("look_up_code_sent_to") != address
        key = "utter_look_up_code_sent" if is_first else "utter_look_up_code_again"
        dispatcher.utter_message(json_message=dialogue.message(key, email=masked(address)))
        return {"look_up_code_sent_to": address, "requested_slot": CODE}

    def _key(self, tracker: Tracker) -> str:
        return f"{dialogue.turn_id(tracker)}:{self.name()}:0"


def _begins(tracker: Tracker) -> bool:
    """Whether the form was begun in this very turn."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "active_loop" and event.get("name") == FORM:
            return True
    return False


def _usable(asked: Any, typed: str, intent: str) -> str | None:
    if asked == ADDRESS:
        return usable_email(typed)
    if asked == TYPED["phone"]:
        found = _PHONE.search(typed)
        return found.group() if found else None
    # A product may be called anything: any words but a question or another matter.
    is_name = typed and intent not in _OTHER_MATTERS and not looks_like_a_question(typed)
    return typed.strip() if is_name else None


def _changed(tracker: Tracker, *, besides_digits: bool = False) -> Slots:
    """Inputs named in the message that differ from what is known; a bare number may be the code instead."""
    named = told(tracker)
    if besides_digits:
        named = {name: value for name, value in named.items() if name == ADDRESS or not value.isdigit()}
        named.pop(TYPED["phone"], None)
    return {name: value for name, value in named.items() if value != tracker.slots.get(name)}


def masked(address: str) -> str:
    """An address as it may be said aloud: enough to recognise one's own."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
