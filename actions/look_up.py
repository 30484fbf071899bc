"""Looks something up for a customer: hears that it is wanted, begins, and says what came of it.

What is still to be asked, an address to be proven among it, is asked by `look_up_form` (look_up_form.py).
"""

import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import correction, dialogue
from actions.form import usable_email
from actions.services import IdentityView, Services
from lookups.views import LookUpView

FORM = "look_up_form"
CODE = "look_up_code"
ADDRESS = "look_up_email"
TYPED = {
    "order_number": "look_up_order_number",
    "phone": "look_up_phone",
    "product": "look_up_product",
}
"""Inputs that count as they are typed, and their slots."""

STATE = "look_up_state"
"""Slot: `asking` while the form has something to ask, else how it ended."""

_ANSWERS = ("utter_look_up_answer", "utter_look_up_not_found")
_FEW_WORDS = 6
_NO_CODE = re.compile(r"[\W_]")

Events = list[dict[str, Any]]
Slots = dict[str, Any]


async def begins_look_up(services: Services, tracker: Tracker) -> LookUpView | None:
    """The look-up that this message asks for: by its words, by another number for the last one, by intent."""
    if tracker.active_loop_name:
        return None
    typed, intent = dialogue.text(tracker), dialogue.intent(tracker)
    by_its_words = await _wanted(services, tracker, None)
    if by_its_words:
        return by_its_words
    if _is_bare_number(tracker, typed):
        intent = "order_status"
    return await looks_up_again(services, tracker) or await _wanted(services, tracker, intent)


async def _wanted(services: Services, tracker: Tracker, intent: str | None) -> LookUpView | None:
    return await services.look_up_for(
        dialogue.conversation_id(tracker),
        intent=intent or None,
        text=dialogue.text(tracker),
        locale=dialogue.locale(tracker),
    )


async def looks_up_again(services: Services, tracker: Tracker) -> LookUpView | None:
    """The look-up before, where the message names another number or address for it."""
    name = tracker.slots.get("look_up")
    if not name or tracker.active_loop_name:
        return None
    named = told(tracker)
    differs = any(value != tracker.slots.get(slot) for slot, value in named.items())
    spoken_of = dialogue.last_said(tracker) in _ANSWERS
    is_short = len(dialogue.text(tracker).split()) <= _FEW_WORDS
    if not (
        (differs and (spoken_of or (is_short and TYPED["order_number"] in named)))
        or (spoken_of and _takes_back_number(tracker))
        or dialogue.intent(tracker) == "resend_code"
    ):
        return None
    return await services.look_up_named(dialogue.conversation_id(tracker), name)


def _takes_back_number(tracker: Tracker) -> bool:
    """ "No, the other order": which one will be asked."""
    return bool(correction.named(dialogue.text(tracker), ["order_number"]))


def _is_bare_number(tracker: Tracker, typed: str) -> bool:
    """A message that is an order number and nothing else; six digits alone may be a code that comes late."""
    number = dialogue.entity(tracker, "order_number") or ""
    return not number.isdigit() and _NO_CODE.sub("", typed).upper() == _NO_CODE.sub("", number) != ""


async def start_look_up(
    services: Services, dispatcher: CollectingDispatcher, tracker: Tracker, view: LookUpView
) -> Events:
    """Answer at once where everything is known and proven; else let the form ask for the rest."""
    identity = await services.identity(dialogue.conversation_id(tracker))
    slots = _begun(tracker, view, identity)
    events = [SlotSet(name, value) for name, value in slots.items()]
    if (view.identity == "verified" or "customer" in view.inputs) and identity.level != "verified":
        dispatcher.utter_message(json_message=dialogue.message("utter_look_up_sign_in"))
        return [*events, SlotSet(STATE, "identity_needed")]
    if missing(view, identity, slots):
        return [*events, FollowupAction(FORM)]
    return [*events, *await say_answer(services, dispatcher, tracker, view.name, slots)]


def _begun(tracker: Tracker, view: LookUpView, identity: IdentityView) -> Slots:
    """What is known when a look-up begins: named in this message, told before, or known of the customer.

    A number that was not found, or taken back, is forgotten.
    """
    before = tracker.slots
    order_slot = TYPED["order_number"]
    forgets = before.get(STATE) == "not_found" or _takes_back_number(tracker)
    slots: Slots = {slot: None if forgets else before.get(slot) for slot in TYPED.values()}
    if not forgets:
        slots[order_slot] = slots[order_slot] or before.get("order_number") or None
    slots[ADDRESS] = _likely_address(before, identity)
    begun = {"look_up": view.name, STATE: "asking", CODE: None, "look_up_code_sent_to": None}
    return {**slots, **told(tracker), **begun, "form_counts": None}


def _likely_address(before: Mapping[str, Any], identity: IdentityView) -> str | None:
    """A proven address before one that was merely typed: for that one, a code will tell."""
    used = before.get(ADDRESS)
    if identity.proven:
        return used if used in identity.proven else identity.proven[0]
    return used or before.get("email") or identity.email


def told(tracker: Tracker) -> Slots:
    """Inputs that this message names."""
    found = {
        TYPED["order_number"]: dialogue.entity(tracker, "order_number"),
        TYPED["phone"]: dialogue.entity(tracker, "phone"),
        TYPED["product"]: dialogue.entity(tracker, "product"),
        ADDRESS: usable_email(dialogue.entity(tracker, "email") or ""),
    }
    return {name: value for name, value in found.items() if value}


def missing(view: LookUpView, identity: IdentityView, slots: Mapping[str, Any]) -> list[str]:
    """The slots that are still to be asked for, in this order."""
    wanted = [TYPED[one] for one in view.inputs if one in TYPED]
    if _needs_code(view, identity, slots):
        wanted += [ADDRESS, CODE]
    return [name for name in wanted if slots.get(name) is None]


def _needs_code(view: LookUpView, identity: IdentityView, slots: Mapping[str, Any]) -> bool:
    """An address is asked with only if it is proven, whoever the host's site says that this is."""
    if "email" in view.inputs:
        proven = {address.lower() for address in identity.proven}
        return (slots.get(ADDRESS) or "").lower() not in proven
    return view.identity == "email" and identity.level == "anonymous"


class LookUp(Action):  # type: ignore[misc]
    """The form has ended: with everything that is needed, or without."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_look_up"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        slots = tracker.slots
        if slots.get(STATE) != "asking":
            return []
        return await say_answer(self._services, dispatcher, tracker, slots["look_up"], slots)


async def say_answer(
    services: Services,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    name: str,
    slots: Mapping[str, Any],
) -> Events:
    """Ask the company's service; a service that fails is a person's matter at once."""
    given = {one: slots[slot] for one, slot in TYPED.items() if slots.get(slot)}
    if slots.get(ADDRESS):
        given["email"] = slots[ADDRESS]
    result = await services.look_up(dialogue.conversation_id(tracker), name, given, dialogue.locale(tracker))
    if result.state in ("found", "not_found"):
        key = "utter_look_up_answer" if result.state == "found" else "utter_look_up_not_found"
        dispatcher.utter_message(json_message=dialogue.message(key, text=result.text))
    elif result.state == "identity_needed":
        dispatcher.utter_message(json_message=dialogue.message("utter_look_up_sign_in"))
    else:
        dispatcher.utter_message(json_message=dialogue.message("utter_look_up_failed"))
        dispatcher.utter_message(json_message=dialogue.command("hand_off", reason="bot_failed"))
    return [SlotSet(STATE, result.state), *_kept(tracker, slots)]


def _kept(tracker: Tracker, slots: Mapping[str, Any]) -> Events:
    """What was told for the look-up serves a ticket as well."""
    kept = {"order_number": slots.get(TYPED["order_number"]), "email": slots.get(ADDRESS)}
    return [SlotSet(name, value) for name, value in kept.items() if value and not tracker.slots.get(name)]
