"""Hears each message while a ticket is being taken: an answer, a correction, something in between, or a miss.

The form's slots are filled here alone. A message that is no matter of the form is left to its rule, and the
form asks again afterwards. The last thing that the form asks is whether what it read back is right.
"""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import correction, dialogue
from actions.addition import comment_of_request
from actions.form import means_no_order, says_something, usable_email
from actions.patience import GOT_ON, LEFT, Slots, aside, missed
from actions.question import looks_like_a_question
from actions.services import Services

FORM = "ticket_form"
SLOTS = ["ticket_description", "order_number", "email", "ticket_confirmed"]
READ_BACK = ("ticket_read_back", "ticket_confirmed", "ticket_changing")

_SMALL_TALK = {"greet", "thanks", "bot_challenge", "capabilities", "repeat", "change_language"}
_FEEDBACK = {"helpful", "unhelpful"}
_LEAVING = {"ask_person": "asked_for_person", "complain": "complaint"}
_INVALID = {
    "ticket_description": "utter_invalid_description",
    "order_number": "utter_invalid_order_number",
    "email": "utter_invalid_email",
    "ticket_confirmed": "utter_invalid_confirmation",
}
_ATTEMPTS = {
    "email": re.compile(r"\S@|@\S|^\W*\S{1,64} at \S{1,64}(?: (?:dot|punkt) \S{1,20})?\W*$", re.IGNORECASE),
    "order_number": re.compile(r"^\W*[A-Za-z]{0,3}-?\d{1,14}\W*$"),
}
_FILLERS = re.compile(
    r"\b(?:it'?s|it is|that'?s|the|my|is|order|number|no|nr|sorry|actually|e-?mail|address|here|and"
    r"|i mean)\b",
    re.IGNORECASE,
)


class ValidateTicketForm(Action):  # type: ignore[misc]
    """Returns slots for what it claims; without any, Rasa leaves the message to the rule of its intent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "validate_ticket_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        if dialogue.begins_form(tracker, FORM):
            heard: Slots = GOT_ON  # the form begins
        elif not dialogue.answers_form(tracker, FORM):
            heard = aside(dispatcher, tracker)  # a rule has answered; the form goes on
        else:
            heard = await self._hear(dispatcher, tracker)
        return [SlotSet(name, value) for name, value in heard.items()]

    async def _hear(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        asked, intent = str(tracker.slots.get("requested_slot")), dialogue.clear_intent(tracker)
        if _tries_to_answer(tracker):
            intent = ""
        if intent in _LEAVING and not (intent == "complain" and _describes(tracker)):
            dispatcher.utter_message(json_message=dialogue.command("hand_off", reason=_LEAVING[intent]))
            return LEFT
        if intent in ("cancel", "goodbye"):
            dispatcher.utter_message(json_message=dialogue.message("utter_ticket_cancelled"))
            return LEFT
        if _is_another_matter(tracker, intent):
            return {}
        answered = self._changed(dispatcher, tracker) or await self._answer(dispatcher, tracker)
        if answered or not dialogue.text(tracker):
            return answered
        if looks_like_a_question(dialogue.text(tracker)):
            told = await self._answers_in_between(dispatcher, tracker)
            if told:
                return told
        if asked == "ticket_description" and says_something(dialogue.text(tracker)):
            return {asked: dialogue.text(tracker).strip(), **GOT_ON}  # many put their trouble into a question
        return missed(dispatcher, tracker, _INVALID[asked])

    def _changed(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """What the message gives besides the answer, and what it takes back of what was told before."""
        slots, asked, typed = tracker.slots, tracker.slots.get("requested_slot"), dialogue.text(tracker)
        filled = [name for name in SLOTS if slots.get(name) is not None]
        given = _given(tracker)
        changes: Slots = dict(given)
        if asked != "ticket_description" or not says_something(_besides_codes(typed, given)):
            changing = bool(slots.get("ticket_changing"))
            back = correction.named(typed, [f for f in filled if f not in given], is_asked=changing)
            swap = correction.swapped(typed, slots.get("ticket_description"), slots.get("ticket_subject"))
            changes |= _swap(slots, *swap) if swap else ({} if given else dict.fromkeys(back))
        elif given:
            changes["ticket_description"] = typed.strip()
        if not changes:
            return {}
        for name in changes:
            if name in filled and changes[name] is None:
                dispatcher.utter_message(json_message=dialogue.message(f"utter_ticket_correct_{name}"))
        if asked not in (*changes, "ticket_confirmed") and any(changes[n] for n in changes if n in filled):
            dispatcher.utter_message(json_message=dialogue.message("utter_ticket_corrected"))
        return {**changes, **dict.fromkeys(READ_BACK), **GOT_ON}

    async def _answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """The answer to what was asked, where the message is one."""
        asked, intent, typed = (
            tracker.slots.get("requested_slot"),
            dialogue.intent(tracker),
            dialogue.text(tracker),
        )
        if asked == "ticket_confirmed":
            return _confirmation(dispatcher, tracker)
        if intent == "add_to_ticket" and asked != "ticket_description":
            return _addition(tracker, comment_of_request(typed) or typed)
        if asked == "order_number" and (means_no_order(typed) or (intent == "deny" and not typed)):
            return {"order_number": "", **GOT_ON}
        if asked == "order_number":
            number = await self._services.order_number(dialogue.conversation_id(tracker), typed)
            return {"order_number": number, **GOT_ON} if number else {}
        if asked == "email" and usable_email(typed):
            return {"email": usable_email(typed), **GOT_ON}
        if asked == "ticket_description" and says_something(typed) and not looks_like_a_question(typed):
            return {"ticket_description": typed.strip(), **GOT_ON}
        return {}

    async def _answers_in_between(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """A question is no miss, answered or not; one without an answer may be the matter itself."""
        result = await self._services.search(
            dialogue.conversation_id(tracker), dialogue.text(tracker), dialogue.locale(tracker)
        )
        if result.answerable and result.hits:
            dispatcher.utter_message(json_message=dialogue.article_message(result.hits[0]))
        elif tracker.slots.get("requested_slot") == "ticket_description":
            return {}
        else:
            said = {**dialogue.message("utter_ticket_no_answer"), "abstained": True}
            dispatcher.utter_message(json_message=said)
        return aside(dispatcher, tracker)


def _describes(tracker: Tracker) -> bool:
    return tracker.slots.get("requested_slot") == "ticket_description" and bool(dialogue.text(tracker))


def _tries_to_answer(tracker: Tracker) -> bool:
    """ "alice@mail", "HH-12": whatever else it looks like, it is meant for what was asked."""
    attempt = _ATTEMPTS.get(str(tracker.slots.get("requested_slot")))
    return bool(attempt and attempt.search(dialogue.text(tracker)))


def _is_another_matter(tracker: Tracker, intent: str) -> bool:
    """Whether the rule of the message's intent has the answer, and not the form."""
    typed, asked = dialogue.text(tracker), tracker.slots.get("requested_slot")
    if _given(tracker):
        return False  # "hi, it's HH-204817"
    if intent in _SMALL_TALK or (intent in _FEEDBACK and asked != "ticket_description"):
        return True
    if intent == "ticket_status":
        return not typed or says_something(typed)
    if intent == "add_to_ticket":
        return bool(dialogue.entity(tracker, "ticket_number"))
    if intent == "order_status":
        return bool(typed) and not _describes(tracker)
    return intent == "open_ticket" and not _describes(tracker)


def _given(tracker: Tracker) -> Slots:
    """Order number and address in the message that differ from what is known."""
    given: Slots = {}
    numbers = dialogue.entities(tracker, "order_number")  # in normal form already
    addresses = [usable_email(value) for value in dialogue.entities(tracker, "email")]
    for name, values in (("order_number", numbers), ("email", addresses)):
        new = [value for value in values if value and value != tracker.slots.get(name)]
        if new:
            given[name] = new[-1]
    return given


def _besides_codes(typed: str, given: Slots) -> str:
    """What a sentence tells apart from the codes in it and the words around them."""
    for value in given.values():
        typed = re.sub(re.escape(value), " ", typed, flags=re.IGNORECASE)
    return _FILLERS.sub(" ", typed) if given else typed


def _swap(slots: Slots, old: str, new: str) -> Slots:
    told = {name: slots.get(name) or "" for name in ("ticket_description", "ticket_subject")}
    return {name: correction.swap(text, old, new) for name, text in told.items() if text}


def _confirmation(dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
    """To the ticket that was read back: yes; no; or something that was forgotten."""
    intent, typed = dialogue.intent(tracker), dialogue.text(tracker)
    changing = bool(tracker.slots.get("ticket_changing"))
    if intent == "affirm" and not changing:
        return {"ticket_confirmed": "yes", **GOT_ON}
    if intent == "deny" and changing:
        dispatcher.utter_message(json_message=dialogue.message("utter_ticket_cancelled"))
        return LEFT
    if intent in ("deny", "affirm"):
        return {"ticket_changing": "yes", **GOT_ON}
    if not says_something(typed) or looks_like_a_question(typed):
        return {}
    return _addition(tracker, comment_of_request(typed) or typed)


def _addition(tracker: Tracker, more: str) -> Slots:
    told = tracker.slots.get("ticket_description") or ""
    return {"ticket_description": f"{told}\n{more.strip()}".strip(), **dict.fromkeys(READ_BACK), **GOT_ON}
