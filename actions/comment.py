"""Adds to a ticket what its customer says about it: which ticket, what to add, once each."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.form import says_something
from actions.patience import GOT_ON, LEFT, Slots, aside, missed
from actions.question import looks_like_a_question
from actions.services import Services, TicketView

FORM = "ticket_comment_form"
SLOTS = ["comment_ticket", "comment_text"]

Events = list[dict[str, Any]]

_LEAVING = {"ask_person": "asked_for_person", "complain": "complaint"}
_SMALL_TALK = {"greet", "goodbye", "thanks", "bot_challenge", "capabilities", "repeat", "change_language"}

_TICKET = (
    r"(?:(?:to|on|in|into|for|about)\s+)?(?:(?:my|the|this|that|our|an?|open|latest|last|existing|same)\s+)*"
    r"(?:ticket|case|request|report)?\s*(?:number|no\.?)?\s*[#(]?(?:(?:T-?\s?)?\d+)?\)?"
)
_NOTE = (
    r"(?:an?other|an?|one|some|this|the following|following|more|further|new|extra|the|also|too|please|short"
    r"|note|comment|remark|information|info|detail|message|line|thing|something|update)s?"
)
_ASKS = re.compile(
    r"^\W*(?:(?:hi|hello|hey|ok|okay|oh|and|also|so|sorry|yes|please|pls|kindly|one more thing|another thing)\b\W*)*"
    r"(?:(?:can|could|would|will)\s+(?:you|i|we)(?:\s+please)?\s+|(?:i|we)(?:'d| would)?\s+(?:like|want|need|have|wish)"
    r"\s+to\s+|let me\s+|please\s+|pls\s+)?(?:also\s+)?"
    r"(?:add|append|attach|note|include|put|write|mention|update|leave|record|register|tell them)\b\s*"
    rf"(?:down\b\s*)?(?:{_NOTE}\s+)*(?:{_TICKET})?\s*(?:with\b)?\s*(?:{_NOTE}\b\s*)*[:,.;-]*\s*(?:that\b|saying\b)?[\s:,]*",
    re.IGNORECASE,
)
_NAMES_TICKET = re.compile(
    r"^\W*(?:(?:one more thing|another thing|more|an? addition|addition|something else)\s+)?"
    r"(?:for|on|about|to|regarding)\s+(?:my\s+|the\s+)?(?:ticket\s*)?(?:T-?\s?\d+|ticket)\s*[:,-]\s*(?:that\b)?",
    re.IGNORECASE,
)
_ENDS_NAMING = re.compile(
    r"[\s,]*\b(?:to|on|in|into)\s+(?:(?:my|the|this|that|our|open|latest|last)\s+)*"
    r"(?:(?:ticket|case)\s*(?:number|no\.?)?\s*[#(]?(?:(?:T-?\s?)?\d+)?\)?|T-?\s?\d+)(?:\s*,?\s*please)?\W*$",
    re.IGNORECASE,
)
_ASKS_IN_CHINESE = re.compile(
    r"^[\s,，。]*(?:(?:你好|您好|另外|还有|對了|对了|好的)[\s,，。!！]*)*(?:我(?:想|要|需要)?(?:再|还)?)?(?:请|麻烦|麻煩)?(?:你们?|您)?"
    r"(?:帮我?|幫我?|给我)?(?:再)?"
    r"(?:(?:在|把|往|给|給|到|向|对)?(?:我的?|这个|那个|上个)?(?:工单|工單)?(?:号|编号)?\s*(?:(?:T-?\s?)?\d+)?\s*(?:号)?(?:的)?(?:工单|工單)?"
    r"(?:里面?|裡|上|中)?)?"
    r"(?:也)?(?:再)?(?:补充|補充|添加|追加|备注|備註|加上|加|写上|写|记上|记)"
    r"(?:到(?:我的?)?(?:工单|工單)(?:里面?|上|中)?)?(?:一下|一句|一条|一點|一点|几句|说明|說明|信息|内容)*"
    r"(?:到(?:我的?)?(?:工单|工單)(?:里面?|上|中)?)?[\s:,，。]*",
)
_SAYS_NOTHING = re.compile(
    r"(?:it|this|that|something|some|more|one|a|an|the|my|to|please|pls|thanks|thank you|now|here|else|too|also|ticket"
    r"|note|comment|info|information|details?|吧|了|呢|啊|谢谢|一下|工单|信息|内容|点|东西|\d|\W)*",
    re.IGNORECASE,
)


def comment_of_request(sentence: str) -> str | None:
    """The lid … in "please add to T-1042 that the lid is cracked too"; None where nothing is said yet."""
    asks = _ASKS.match(sentence) or _NAMES_TICKET.match(sentence)
    chinese = _ASKS_IN_CHINESE.match(sentence)
    if not asks and not (chinese and chinese.end()):
        return None
    rest = sentence[asks.end() if asks else chinese.end() if chinese else 0 :]
    rest = _ENDS_NAMING.sub("", rest).strip(" ,.:;,，。:;-")
    return rest if rest and not _SAYS_NOTHING.fullmatch(rest) else None


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
        intent, typed = dialogue.intent(tracker), dialogue.text(tracker)
        if intent in _LEAVING:
            dispatcher.utter_message(json_message=dialogue.command("hand_off", reason=_LEAVING[intent]))
            return LEFT
        if intent in ("cancel", "deny"):
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
