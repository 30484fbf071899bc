"""The inline ticket form: how a ticket is taken while Rasa cannot ask for its parts one by one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chat import texts
from chat.entities import rules_of
from chat.models import Conversation, CustomerIdentity, Inbox
from chat.schemas import MAX_TEXT
from entities.find import order_number
from server.db import ReadSession, WriteSession
from tickets.events import Actor
from tickets.intake import TicketDraft

WHAT, ORDER, EMAIL = "what", "order_number", "email"


MATTER = ("ticket_subject", "ticket_description", "order_number", "ticket_read_back")
"""Slots of Rasa's ticket form that belong to one ticket."""


async def fields(
    session: ReadSession, conversation: Conversation, slots: Mapping[str, Any]
) -> dict[str, Any]:
    """The form of a message's payload in the conversation's language, with what is known filled in."""

    async def label(key: str) -> str:
        return (await texts.render(session, key, conversation.language, {})).text

    shown = [
        {"name": WHAT, "type": "textarea", "label": await label("form_ticket_what"), "required": True},
        {"name": ORDER, "type": "text", "label": await label("form_ticket_order"), "required": False},
        {"name": EMAIL, "type": "email", "label": await label("form_ticket_email"), "required": True},
    ]
    known = await _known(session, conversation, slots)
    return {
        "fields": [
            {**field, "value": known[field["name"]]} if known[field["name"]] else field for field in shown
        ],
        "submit": await label("form_ticket_submit"),
    }


async def _known(
    session: ReadSession, conversation: Conversation, slots: Mapping[str, Any]
) -> dict[Any, str]:
    """What the customer has told already, so that nobody types it twice."""
    email = slots.get("email") or await session.scalar(
        select(CustomerIdentity.value)
        .where(CustomerIdentity.customer_id == conversation.customer_id, CustomerIdentity.channel == "email")
        .order_by(CustomerIdentity.id.desc())
        .limit(1)
    )
    return {
        WHAT: str(slots.get("ticket_description") or ""),
        ORDER: str(slots.get("order_number") or ""),
        EMAIL: str(email or ""),
    }


def forget_form(conversation: Conversation) -> None:
    """The ticket is made: Rasa's own form about it, if one is open, must not go on. A new tracker begins."""
    conversation.slots = {name: value for name, value in conversation.slots.items() if name not in MATTER}
    conversation.tracker_no += 1
    conversation.tracker_turns = 0


async def ticket_draft(
    session: WriteSession, conversation: Conversation, turn_id: str, values: dict[str, Any]
) -> TicketDraft:
    """A ticket from the submitted form; keyed by the turn, so that it is made once."""
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    typed = str(values.get(ORDER) or "")
    return TicketDraft(
        key=f"{turn_id}:form:0",
        by=Actor(type="customer", id=conversation.customer_id),
        description=str(values.get(WHAT) or "")[:MAX_TEXT],  # masking may have made it longer by a sign
        order_number=order_number(typed, rules_of(inbox)) or typed or None,
        email=values.get(EMAIL) or None,
        language=conversation.language,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        inbox=inbox.key,
    )
