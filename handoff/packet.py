"""The context packet: what a person must know before they say the first word."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from chat.models import Conversation, ConversationEvent, CustomerIdentity, Message
from chat.scrub import is_only_secret
from handoff.escalation import Reason
from server.db import ReadSession
from tickets import queries as ticket_queries
from tickets.numbers import format_number

_LEVELS = ("anonymous", "email", "verified")
INTERNAL = frozenset(
    {"ticket_read_back", "ticket_confirmed", "ticket_changing", "form_counts", "created_ticket"}
)
"""Slots with which the assistant keeps track of itself; they tell a person nothing."""

_SMALL_TALK = 12
"""Characters under which a message is no statement of what somebody wants ("hi", "yes", "ok thanks")."""


async def build_packet(
    session: ReadSession, conversation: Conversation, reasons: Sequence[Reason]
) -> dict[str, Any]:
    """The packet with the keys of the handoff's rules; facts that are not known yet are empty, not absent."""
    messages = list(
        await session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation.id, Message.seq.is_not(None))
            .order_by(Message.seq.desc())
            .limit(100)
        )
    )[::-1]
    tickets = await ticket_queries.of_conversation(session, conversation.id)
    return {
        "reasons": [reason.as_dict() for reason in reasons],
        "wants": _wants(messages, {reason.quote for reason in reasons if reason.code == "asked_for_person"}),
        "tried": _tried(messages, await _feedback(session, conversation)),
        "slots": {name: value for name, value in conversation.slots.items() if name not in INTERNAL},
        "tickets": [
            {"number": format_number(ticket.number), "subject": ticket.subject, "stage": ticket.stage}
            for ticket in tickets
        ],
        "mood": [],
        "identity": {"level": await identity_level(session, conversation.customer_id)},
        "language": conversation.language,
        "page_url": conversation.page_url,
        "sla": {},
        "history": await _history(session, conversation),
        "promises": [],
        "settled": [],
    }


def _wants(messages: Sequence[Message], asked: set[str]) -> list[str]:
    """One or two of the customer's own sentences: the first that says something, and the newest."""
    said = [
        message.text.strip()
        for message in messages
        if message.author_type == "customer" and not message.payload.get("action")
    ]
    telling = [text for text in said if len(text) >= _SMALL_TALK and text[:300] not in asked]
    telling = [text for text in telling if not is_only_secret(text)]
    telling = telling or [text for text in said if text]
    picked = dict.fromkeys(telling[:1] + telling[-1:])
    return [text[:300] for text in picked]


async def _feedback(session: ReadSession, conversation: Conversation) -> list[tuple[int, bool]]:
    """What customers typed about answers, "that helped" or "no": the message's `seq`, and whether it did."""
    rows = await session.scalars(
        select(ConversationEvent.data)
        .where(ConversationEvent.conversation_id == conversation.id, ConversationEvent.type == "turn_ended")
        .order_by(ConversationEvent.event_seq.desc())
        .limit(100)
    )
    told = [(data.get("seq"), data.get("helped")) for data in rows if data.get("state") == "answered"]
    return [(seq, helped) for seq, helped in told[::-1] if isinstance(seq, int) and isinstance(helped, bool)]


def _tried(messages: Sequence[Message], feedback: Sequence[tuple[int, bool]]) -> list[dict[str, Any]]:
    """Articles that the assistant showed, and whether the customer said that they helped."""
    tried: list[dict[str, Any]] = []
    for message in messages:
        for source in message.payload.get("sources", []):
            tried.append(
                {
                    "seq": message.seq,
                    "article_id": source.get("article_id"),
                    "version": source.get("version"),
                    "title": source.get("title"),
                    "helped": None,
                }
            )
        value = (message.payload.get("action") or {}).get("value")
        if tried and value in ("helpful", "unhelpful"):
            tried[-1]["helped"] = value == "helpful"
    for seq, helped in feedback:
        before = [one for one in tried if one["seq"] < seq]
        if before:
            before[-1]["helped"] = helped
    return tried[-10:]


async def identity_level(session: ReadSession, customer_id: str) -> str:
    levels = await session.scalars(
        select(CustomerIdentity.level).where(CustomerIdentity.customer_id == customer_id)
    )
    return max(levels, key=_LEVELS.index, default="anonymous")


async def _history(session: ReadSession, conversation: Conversation) -> dict[str, Any]:
    earlier = (
        await session.execute(
            select(func.count(), func.max(Conversation.updated_at)).where(
                Conversation.customer_id == conversation.customer_id, Conversation.id != conversation.id
            )
        )
    ).one()
    return {"conversations": earlier[0], "last_at": earlier[1].isoformat() if earlier[1] else None}
