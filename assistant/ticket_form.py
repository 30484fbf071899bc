"""The inline ticket form: how a ticket is taken while Rasa cannot ask for its parts one by one."""

from typing import Any

from chat import texts
from chat.models import Conversation, Inbox
from chat.schemas import MAX_TEXT
from server.db import ReadSession, WriteSession
from tickets.events import Actor
from tickets.intake import TicketDraft

WHAT, ORDER, EMAIL = "what", "order_number", "email"


async def fields(session: ReadSession, conversation: Conversation) -> dict[str, Any]:
    """The form of a message's payload, with labels in the conversation's language."""

    async def label(key: str) -> str:
        return (await texts.render(session, key, conversation.language, {})).text

    return {
        "fields": [
            {"name": WHAT, "type": "textarea", "label": await label("form_ticket_what"), "required": True},
            {"name": ORDER, "type": "text", "label": await label("form_ticket_order"), "required": False},
            {"name": EMAIL, "type": "email", "label": await label("form_ticket_email"), "required": True},
        ],
        "submit": await label("form_ticket_submit"),
    }


async def ticket_draft(
    session: WriteSession, conversation: Conversation, turn_id: str, values: dict[str, Any]
) -> TicketDraft:
    """A ticket from the submitted form; keyed by the turn, so that it is made once."""
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    return TicketDraft(
        key=f"{turn_id}:form:0",
        by=Actor(type="customer", id=conversation.customer_id),
        description=str(values.get(WHAT) or "")[:MAX_TEXT],  # masking may have made it longer by a sign
        order_number=values.get(ORDER) or None,
        email=values.get(EMAIL) or None,
        language=conversation.language,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        inbox=inbox.key,
    )
