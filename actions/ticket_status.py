"""Tells a customer how one of their own tickets is doing."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.look_up import begins_look_up, start_look_up
from actions.services import Services, TicketView


class TicketStatus(Action):  # type: ignore[misc]
    """The ticket that was named; else the one last spoken of; else the customer's latest."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_ticket_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        if not dialogue.entity(tracker, "ticket_number"):
            look_up = await begins_look_up(self._services, tracker)
            if look_up:  # an order's number is soon taken for a ticket's
                return await start_look_up(self._services, dispatcher, tracker, look_up)
        number = dialogue.ticket_spoken_of(tracker)
        if number:
            await say_ticket_status(self._services, dispatcher, tracker, number)
            return []
        latest = await self._services.latest_ticket(dialogue.conversation_id(tracker))
        if latest is None:
            dispatcher.utter_message(json_message=dialogue.message("utter_ask_ticket_number"))
            return []
        dispatcher.utter_message(json_message=_status(latest))
        return [SlotSet("ticket_number", latest.number)]


async def say_ticket_status(
    services: Services, dispatcher: CollectingDispatcher, tracker: Tracker, number: str
) -> None:
    """The ticket's state, or that there is none here: "not yours" and "does not exist" read alike."""
    ticket = await services.find_ticket(dialogue.conversation_id(tracker), number)
    said = _status(ticket) if ticket else dialogue.message("utter_ticket_unknown", number=number)
    dispatcher.utter_message(json_message=said)


def _status(ticket: TicketView) -> dict[str, Any]:
    updated = ticket.updated_at.isoformat() if ticket.updated_at else ""
    return dialogue.message("utter_ticket_status", number=ticket.number, stage=ticket.stage, updated=updated)
