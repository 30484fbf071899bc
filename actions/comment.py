"""Adds to a ticket what its customer says about it: which ticket, what to add, once each."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.addition import comment_of_request
from actions.form import says_something
from actions.patience import GOT_ON, LEFT, Slots, aside, missed
from actions.question import looks_like_a_question
from actions.services import Services, TicketView

FORM = "ticket_comment_form"
SLOTS = ["comment_ticket", "comment_text"]

Events = list[dict[str, Any]]

_LEAVING = {"ask_person": "asked_for_person", "complain": "complaint"}
_SMALL_TALK = {"greet", "thanks", "bot_challenge", "capabilities", "repeat", "change_language"}


class AddToTicket(Action):  # type: ignore[misc]
    """Adds at once where the sentence says what and the ticket is known; else the form asks for the rest."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_add_to_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        ticket = await self._ticket_meant(dispatcher, tracker)
        known: Slots = {
            "comment_ticket": ticket.number if ticket else None,
            "comment_text": comment_of_request(dialogue.text(tracker)),
        }
        if ticket and known["comment_text"]:
            return await add_comment(self._services, dispatcher, tracker, known)
        return [*(SlotSet(name, value) for name, value in known.items()), FollowupAction(FORM)]

    async def _ticket_meant(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> TicketView | None:
        """The one that is named; else the one last spoken of; else the customer's latest that is open."""
        conversation_id = dialogue.conversation_id(tracker)
        named = dialogue.entity(tracker, "ticket_number")
        number = dialogue.ticket_spoken_of(tracker)
        if number:
            found = await self._services.find_ticket(conversation_id, number)
            if named and found is None:
                unknown = dialogue.message("utter_ticket_unknown", number=named)
                dispatcher.utter_message(json_message=unknown)
            if named or found:
                return found
        return await self._services.latest_ticket(conversation_id, open_only=True)


class ValidateCommentForm(Action):  # type: ignore[misc]
    """Hears each message while the form asks which ticket, or what to add."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "validate_ticket_comment_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if dialogue.begins_form(tracker, FORM):
            heard: Slots = GOT_ON
        elif not dialogue.answers_form(tracker, FORM):
            heard = aside(dispatcher, tracker)
        else:
            heard = await self._hear(dispatcher, tracker)
        return [SlotSet(name, value) for name, value in heard.items()]

    async def _hear(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        intent, typed = dialogue.clear_intent(tracker), dialogue.text(tracker)
        if intent in _LEAVING:
            dispatcher.utter_message(json_message=dialogue.command("hand_off", reason=_LEAVING[intent]))
            return LEFT
        if intent in ("cancel", "deny", "goodbye"):
            dispatcher.utter_message(json_message=dialogue.message("utter_ticket_comment_cancelled"))
            return LEFT
        if not typed or intent in _SMALL_TALK:
            return {}
        number = dialogue.entity(tracker, "ticket_number")
        if tracker.slots.get("requested_slot") == "comment_ticket" or (number and not says_something(typed)):
            return await self._which(dispatcher, tracker, number)
        if looks_like_a_question(typed):
            return {}  # its own rule, or the search, has the answer
        if not says_something(typed) and not comment_of_request(typed):
            return missed(dispatcher, tracker, "utter_invalid_comment")
        return {"comment_text": comment_of_request(typed) or typed.strip(), **GOT_ON}

    async def _which(self, dispatcher: CollectingDispatcher, tracker: Tracker, number: str | None) -> Slots:
        if number is None:
            if looks_like_a_question(dialogue.text(tracker)):
                return {}
            return missed(dispatcher, tracker, "utter_invalid_ticket_number")
        ticket = await self._services.find_ticket(dialogue.conversation_id(tracker), number)
        if ticket is None:
            return missed(dispatcher, tracker, "utter_ticket_not_here")
        return {"comment_ticket": ticket.number, **GOT_ON}


class FinishComment(Action):  # type: ignore[misc]
    """The form has ended: with all it asked for, or left."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_finish_comment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        known = {name: tracker.slots.get(name) for name in SLOTS}
        if all(known.values()):
            return await add_comment(self._services, dispatcher, tracker, known)
        return [SlotSet(name, None) for name in SLOTS]


async def add_comment(
    services: Services, dispatcher: CollectingDispatcher, tracker: Tracker, known: Slots
) -> Events:
    """Once per turn, however often the turn is run."""
    number = str(known["comment_ticket"])
    ticket = await services.add_to_ticket(
        dialogue.conversation_id(tracker),
        key=f"{dialogue.turn_id(tracker)}:action_add_to_ticket:0",
        number=number,
        text=str(known["comment_text"]),
    )
    key = "utter_ticket_comment_added" if ticket else "utter_ticket_unknown"
    dispatcher.utter_message(json_message=dialogue.message(key, number=number))
    return [*(SlotSet(name, None) for name in SLOTS), SlotSet("ticket_number", number if ticket else None)]
