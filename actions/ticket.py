"""Makes a ticket in a conversation: begin, read back, confirm, decline, give up."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.form import usable_email, usable_order_number
from actions.services import Services, TicketView
from actions.subject import subject_of_description, subject_of_request

Events = list[dict[str, Any]]

_MATTER = ("ticket_subject", "ticket_description", "order_number")
_OFFERS = ("utter_dont_know", "utter_offer", "utter_unhelpful")
_TOLD_OF_TICKET = ("utter_ticket_created", "utter_ticket_exists")


class StartTicket(Action):  # type: ignore[misc]
    """Before the form asks: note the subject, and decide what told earlier still counts."""

    def name(self) -> str:
        return "action_start_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        subject = subject_of_request(dialogue.text(tracker))
        # A half-filled form that was interrupted goes on where it stood; a new matter, or a ticket that
        # was complete and not wanted like that, is asked for from the beginning. The address stays.
        unfinished = any(
            tracker.slots.get(name) is None for name in ("ticket_description", "order_number", "email")
        )
        if subject is None and unfinished:
            return [SlotSet("ticket_read_back", None)]
        forgotten = [SlotSet(name, None) for name in (*_MATTER, "ticket_read_back")]
        return [*forgotten, SlotSet("ticket_subject", subject)]


class ReadBackTicket(Action):  # type: ignore[misc]
    """Says what the ticket will hold; the turn's id marks the question that a "yes" answers."""

    def name(self) -> str:
        return "action_read_back_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        return read_back(dispatcher, tracker, tracker.slots)


def read_back(dispatcher: CollectingDispatcher, tracker: Tracker, slots: dict[str, Any]) -> Events:
    variables = {"description": slots.get("ticket_description") or "", "email": slots.get("email") or ""}
    if slots.get("order_number"):
        said = dialogue.message("utter_ticket_read_back", **variables, order_number=slots["order_number"])
    else:
        said = dialogue.message("utter_ticket_read_back_no_order", **variables)
    dispatcher.utter_message(json_message=said)
    return [SlotSet("ticket_read_back", dialogue.turn_id(tracker))]


class CreateTicket(Action):  # type: ignore[misc]
    """A "yes": to the ticket that was read back, or to whatever else was said last."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_create_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if not tracker.slots.get("ticket_read_back"):
            dispatcher.utter_message(json_message=_answer_to_yes(tracker))
            return []
        ticket = await self._create(tracker)
        key = "utter_ticket_created" if ticket.created else "utter_ticket_exists"
        dispatcher.utter_message(json_message=dialogue.message(key, number=ticket.number))
        done = [SlotSet(name, None) for name in (*_MATTER, "ticket_read_back")]
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


def _answer_to_yes(tracker: Tracker) -> dict[str, Any]:
    last = dialogue.last_said(tracker)
    made = tracker.slots.get("created_ticket")
    if made and last in _TOLD_OF_TICKET:
        return dialogue.message("utter_ticket_exists", number=made)
    if last == "utter_article":
        return dialogue.message("utter_helpful")
    return dialogue.message("utter_offer" if last in _OFFERS else "utter_nothing_to_confirm")


class Decline(Action):  # type: ignore[misc]
    """A "no": to the ticket that was read back, perhaps with a correction, or to whatever was said last."""

    def name(self) -> str:
        return "action_decline"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if tracker.slots.get("ticket_read_back"):
            corrected = _corrections(tracker)
            if corrected:
                events = [SlotSet(name, value) for name, value in corrected.items()]
                return [*events, *read_back(dispatcher, tracker, {**tracker.slots, **corrected})]
            return _give_up(dispatcher)
        key = (
            "utter_unhelpful"
            if dialogue.last_said(tracker) == "utter_article"
            else "utter_nothing_to_confirm"
        )
        dispatcher.utter_message(json_message=dialogue.message(key))
        return []


def _corrections(tracker: Tracker) -> dict[str, str]:
    """ "No, the order number is HH-204817": what the sentence names and what differs from before."""
    named = {
        "order_number": usable_order_number(dialogue.entity(tracker, "order_number") or ""),
        "email": usable_email(dialogue.entity(tracker, "email") or ""),
    }
    return {name: value for name, value in named.items() if value and value != tracker.slots.get(name)}


class Cancel(Action):  # type: ignore[misc]
    """ "Never mind", outside the form."""

    def name(self) -> str:
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if tracker.slots.get("ticket_read_back"):
            return _give_up(dispatcher)
        dispatcher.utter_message(json_message=dialogue.message("utter_nothing_to_confirm"))
        return []


def _give_up(dispatcher: CollectingDispatcher) -> Events:
    """No ticket is made; what the customer told stays in the slots."""
    dispatcher.utter_message(json_message=dialogue.message("utter_ticket_cancelled"))
    return [SlotSet("ticket_read_back", None)]
