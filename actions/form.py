"""Checks what the ticket form collects, and answers a question that comes in between."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.question import looks_like_a_question
from actions.services import Services
from actions.ticket_status import say_ticket_status

SLOTS = ["ticket_description", "order_number", "email"]

MAX_EMAIL = 254  # characters, RFC 5321
MIN_WORDS = 2
MIN_HAN = 3

_ORDER_NUMBER = re.compile(r"[A-Z]{2}-?\d{4,8}|\d{6,12}")
_NO_ORDER = re.compile(
    r"\W*(?:no|nope|none|nothing|no idea|n/?a|-+|without|skip|unknown"
    r"|(?:i )?(?:don'?t|do not) (?:have|know)\b.{0,40}"
    r"|(?:i )?(?:no|without|forgot|lost)(?: an?| the| my)? (?:order|number)\b.{0,40}"
    r"|[没沒]有?(?:订单号?|訂單號?|单号|编号)?.?|[无無]|不(?:知道|记得|清楚)(?:了|订单号|单号)?"
    r"|忘[了记](?:订单号|单号)?了?|跳过|找不到.{0,6})\W*",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"\w+")

Slots = dict[str, Any]


class ValidateTicketForm(FormValidationAction):  # type: ignore[misc]
    """One method per slot; None for a slot lets the form ask for it again."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "validate_ticket_form"

    def domain_slots(self, domain: object) -> list[str]:
        """The form's slots, known here so that Rasa need not send its domain along with every call."""
        return SLOTS

    async def validate_ticket_description(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> Slots:
        if value is None:  # reset when the form began, not said by anybody
            return {"ticket_description": None}
        typed = str(value).strip()
        if await self._answers_in_between(dispatcher, tracker, "ticket_description"):
            return {"ticket_description": None}
        if len(_WORDS.findall(typed)) < MIN_WORDS and len(_HAN.findall(typed)) < MIN_HAN:
            dispatcher.utter_message(json_message=dialogue.message("utter_invalid_description"))
            return {"ticket_description": None}
        return {"ticket_description": typed}

    async def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> Slots:
        if value is None:
            return {"order_number": None}
        typed = str(value)
        if not typed or _NO_ORDER.fullmatch(typed):
            return {"order_number": ""}
        number = usable_order_number(typed)
        if number is None and not await self._answers_in_between(dispatcher, tracker, "order_number"):
            dispatcher.utter_message(json_message=dialogue.message("utter_invalid_order_number"))
        return {"order_number": number}

    async def validate_email(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> Slots:
        if value is None:
            return {"email": None}
        address = usable_email(str(value))
        if address is None and not await self._answers_in_between(dispatcher, tracker, "email"):
            dispatcher.utter_message(json_message=dialogue.message("utter_invalid_email"))
        return {"email": address}

    async def _answers_in_between(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, asked_for: str
    ) -> bool:
        """Whether this was a question that could be answered; the form then asks again by itself.

        One that no article answers counts as an answer to the form: many put their trouble into a question.
        """
        typed = dialogue.text(tracker)
        if tracker.slots.get("requested_slot") != asked_for or not dialogue.has_words(typed):
            return False
        number = dialogue.entity(tracker, "ticket_number")
        if number and dialogue.intent(tracker) == "ticket_status" and len(_WORDS.findall(typed)) > MIN_WORDS:
            await say_ticket_status(self._services, dispatcher, tracker, number)
            return True
        if not looks_like_a_question(typed):
            return False
        result = await self._services.search(
            dialogue.conversation_id(tracker), typed, dialogue.locale(tracker)
        )
        if result.answerable and result.hits:
            dispatcher.utter_message(json_message=dialogue.article_message(result.hits[0]))
            return True
        return False


def usable_order_number(typed: str) -> str | None:
    """An order number in normal form, or None."""
    number = "".join(typed.split()).upper()
    return number if _ORDER_NUMBER.fullmatch(number) else None


def usable_email(typed: str) -> str | None:
    """An address as it is written to, or None. Nothing is looked up: the first mail proves the address."""
    if len(typed) > MAX_EMAIL:
        return None
    try:
        return validate_email(typed.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None
