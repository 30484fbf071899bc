"""What the handoff adds to a visitor's view of a conversation: the place in the line, the agent's name."""

from typing import Any

from accounts.models import User
from accounts.queries import agents_online
from chat.models import Conversation, Inbox
from handoff import queries
from handoff.hours import opening_of
from server.db import ReadSession


async def describe(session: ReadSession, conversation: Conversation) -> dict[str, Any]:
    agent = await session.get(User, conversation.agent_id) if conversation.agent_id else None
    place = await queries.position(session, conversation.id)
    return {
        "agent": {"name": agent.name} if agent else None,
        "queue": {"position": place, "wait": None} if place else None,
    }


async def somebody_online(session: ReadSession, inbox: Inbox) -> bool:
    """Whether a person could take over right now: open, and an agent is there."""
    opening = await opening_of(session, inbox)
    return opening.open and bool(await agents_online(session))
