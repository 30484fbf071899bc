"""Makes a ticket in a conversation: begin or go on, read back, make it, and yes and no outside of it."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.articles import say_what_follows_no
from actions.form import usable_email
from actions.look_up import looks_up_again, start_look_up
from actions.services import Services, TicketView
from actions.subject import shorten, subject_of_description, subject_of_request
from actions.ticket_form import FORM, READ_BACK

Events = list[dict[str, Any]]

_MATTER = ("ticket_subject", "ticket_description", "order_number")
_OFFERS = ("utter_dont_know", "utter_offer", "utter_unhelpful")
_TOLD_OF_TICKET = ("utter_ticket_created", "utter_ticket_exists")
_ANOTHER = re.compile(
    r"\b(?:new|another|different|separate|second|other)\s+(?:ticket|case|matter|problem|issue|one|request)"
    r"|(?:新|另)的?(?:建|开|外)?一?(?:个|张)?(?:的)?(?:工单|问题|事)|再开一?(?:个|张)",
    re.IGNORECASE,
)


class StartTicket(Action):  # type: ignore[misc]
    """Before the form asks: note the subject, and decide what was told earlier still counts."""

    def name(self) -> str:
        return "action_start_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        slots, typed = tracker.slots, dialogue.text(tracker)
        subject = subject_of_request(typed)
        told = slots.get("ticket_description") or slots.get("ticket_subject")
        is_new = (subject is not None and subject != slots.get("ticket_subject")) or _ANOTHER.search(typed)
        is_running = tracker.active_loop_name == FORM
        if is_running and not is_new:
            return []
        begun: dict[str, Any] = dict.fromkeys(READ_BACK)
        if is_new or not told:
            # A new matter is asked for from the beginning; only the address stays.
            begun |= {**dict.fromkeys(_MATTER), "ticket_subject": subject}
        else:
            said = dialogue.message("utter_ticket_resumed", known=_in_short(told, slots.get("order_number")))
            dispatcher.utter_message(json_message=said)
        return [SlotSet(name, value) for name, value in {**begun, **_codes(tracker)}.items()]


def _in_short(told: str, order_number: str | None) -> str:
    return f"{shorten(told)} ({order_number})" if order_number else shorten(told)


def _codes(tracker: Tracker) -> dict[str, str]:
    """What the opening sentence names already."""
    found = {
        "order_number": dialogue.entity(tracker, "order_number"),
        "email": usable_email(dialogue.entity(tracker, "email") or ""),
    }
    return {name: value for name, value in found.items() if value}


class AskTicketConfirmed(Action):  # type: ignore[misc]
    """Reads the ticket back, once; then asks in short, or what should be different."""

    def name(self) -> str:
        return "action_ask_ticket_form_ticket_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        slots = tracker.slots
        if slots.get("ticket_changing"):
            dispatcher.utter_message(json_message=dialogue.message("utter_ask_ticket_change"))
            return []
        if slots.get("ticket_read_back"):
            dispatcher.utter_message(json_message=dialogue.message("utter_ask_ticket_confirmed_again"))
            return []
        variables = {"description": slots.get("ticket_description") or "", "email": slots.get("email") or ""}
        if slots.get("order_number"):
            said = dialogue.message("utter_ticket_read_back", **variables, order_number=slots["order_number"])
        else:
            said = dialogue.message("utter_ticket_read_back_no_order", **variables)
        dispatcher.utter_message(json_message=said)
        return [SlotSet("ticket_read_back", dialogue.turn_id(tracker))]


class CreateTicket(Action):  # type: ignore[misc]
    """The form has ended: confirmed, or left with all it collected."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_create_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if tracker.slots.get("ticket_confirmed") != "yes":
            return [SlotSet(name, None) for name in READ_BACK]
        ticket = await self._create(tracker)
        key = "utter_ticket_created" if ticket.created else "utter_ticket_exists"
        dispatcher.utter_message(json_message=dialogue.message(key, number=ticket.number))
        done = [SlotSet(name, None) for name in (*_MATTER, *READ_BACK)]
        return [*done, SlotSet("created_ticket", ticket.number), SlotSet("ticket_number", ticket.number)]

    async def _create(self, tracker: Tracker) -> TicketView:
        slots = tracker.slots
        description = slots.get("ticket_description") or ""
        return await self._services.create_ticket(
            dialogue.conversation_id(tracker),
            # Keyed by the read-back, not by the yes: however often it is confirmed, it is one ticket, also
            # where a first yes made the ticket and its turn then failed.
            key=f"{slots['ticket_read_back']}:{self.name()}:0",
            subject=slots.get("ticket_subject") or subject_of_description(description),
            description=description,
            order_number=slots.get("order_number") or None,
            email=slots.get("email"),
            locale=dialogue.locale(tracker),
        )


class Affirm(Action):  # type: ignore[misc]
    """A "yes" to whatever was said last; the ticket's own yes is heard by its form."""

    def name(self) -> str:
        return "action_affirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        dispatcher.utter_message(json_message=_answer_to_yes(tracker))
        return []


def _answer_to_yes(tracker: Tracker) -> dict[str, Any]:
    last = dialogue.last_said(tracker)
    made = tracker.slots.get("created_ticket")
    if made and last in _TOLD_OF_TICKET:
        return dialogue.message("utter_ticket_exists", number=made)
    if last == "utter_article":
        return dialogue.message("utter_helpful")
    if last == "utter_did_you_mean":
        return dialogue.message("utter_ask_rephrase")
    return dialogue.message("utter_offer" if last in _OFFERS else "utter_nothing_to_confirm")


class Decline(Action):  # type: ignore[misc]
    """A "no" to whatever was said last."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_decline"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        look_up = await looks_up_again(self._services, tracker)
        if look_up:  # "no, the other order"
            return await start_look_up(self._services, dispatcher, tracker, look_up)
        await say_what_follows_no(self._services, dispatcher, tracker, otherwise="utter_nothing_to_confirm")
        return []


class Cancel(Action):  # type: ignore[misc]
    """ "Never mind", with no form to leave."""

    def name(self) -> str:
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        dispatcher.utter_message(json_message=dialogue.message("utter_nothing_to_confirm"))
        return []
