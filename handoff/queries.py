"""Every read of the handoff: the line, packets, and the staff's lists of conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from accounts.models import Agent, User
from chat.models import Conversation, Customer, CustomerIdentity, Inbox, Message, Participant
from handoff.models import Handoff, QueueEntry
from server.db import ReadSession, db_now
from server.errors import Malformed, NotFound

MAX_PAGE = 200
LIVE = ("waiting", "offered", "parked")


async def live_entry(session: ReadSession, conversation_id: str) -> QueueEntry | None:
    found: QueueEntry | None = await session.scalar(
        select(QueueEntry).where(QueueEntry.conversation_id == conversation_id, QueueEntry.state.in_(LIVE))
    )
    return found


async def last_entry(session: ReadSession, conversation_id: str) -> QueueEntry | None:
    found: QueueEntry | None = await session.scalar(
        select(QueueEntry)
        .where(QueueEntry.conversation_id == conversation_id)
        .order_by(QueueEntry.id.desc())
        .limit(1)
    )
    return found


async def position(session: ReadSession, conversation_id: str) -> int | None:
    """1 for the head of the line; None for a conversation that has no place."""
    mine = await live_entry(session, conversation_id)
    if mine is None:
        return None
    ahead = or_(
        QueueEntry.priority > mine.priority,
        and_(QueueEntry.priority == mine.priority, QueueEntry.requested_at < mine.requested_at),
        and_(
            QueueEntry.priority == mine.priority,
            QueueEntry.requested_at == mine.requested_at,
            QueueEntry.id < mine.id,
        ),
    )
    before = await session.scalar(select(func.count()).where(QueueEntry.state.in_(LIVE), ahead))
    return (before or 0) + 1


async def positions(session: ReadSession) -> dict[str, int]:
    """Everybody's place in the line at once, head first."""
    rows = await session.scalars(
        select(QueueEntry.conversation_id)
        .where(QueueEntry.state.in_(LIVE))
        .order_by(QueueEntry.priority.desc(), QueueEntry.requested_at, QueueEntry.id)
    )
    return {conversation_id: place for place, conversation_id in enumerate(rows, start=1)}


async def latest_packet(session: ReadSession, conversation_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await session.scalar(
        select(Handoff.packet)
        .where(Handoff.conversation_id == conversation_id)
        .order_by(Handoff.id.desc())
        .limit(1)
    )
    return found


async def conversation_for_staff(session: ReadSession, conversation_id: str) -> Conversation:
    """Raises NotFound."""
    found = await session.get(Conversation, conversation_id)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation with what a list shows of it."""

    conversation: Conversation
    inbox: Inbox
    customer: Customer
    agent: User | None
    entry: QueueEntry | None
    email: str | None
    last: Message | None


async def list_for_staff(
    session: ReadSession,
    *,
    owner: str | None = None,
    status: str | None = None,
    agent_id: str | None = None,
    team: str | None = None,
    after: str | None = None,
    limit: int = 50,
    ids: Sequence[str] | None = None,
) -> tuple[list[Listed], str | None]:
    """Waiting ones by priority and waiting time, all others by their newest event; and the next cursor."""
    query = (
        select(Conversation, Inbox, Customer, User, QueueEntry)
        .join(Inbox, Inbox.id == Conversation.inbox_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(User, User.id == Conversation.agent_id)
        .outerjoin(
            QueueEntry,
            and_(QueueEntry.conversation_id == Conversation.id, QueueEntry.state.in_(LIVE)),
        )
    )
    for column, value in (
        (Conversation.owner, owner),
        (Conversation.status, status),
        (Conversation.agent_id, agent_id),
        (Conversation.team_id, team),
    ):
        if value is not None:
            query = query.where(column == value)
    if ids is not None:
        query = query.where(Conversation.id.in_(ids))
    offset = _offset(after)
    if owner == "queue":
        query = query.order_by(QueueEntry.priority.desc(), QueueEntry.requested_at, Conversation.id)
    else:
        query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    limit = max(1, min(limit, MAX_PAGE))
    rows = (await session.execute(query.offset(offset).limit(limit + 1))).all()
    more = str(offset + limit) if len(rows) > limit else None
    rows = rows[:limit]
    emails = await _emails(session, [row[2].id for row in rows])
    last = await _last_messages(session, [row[0].id for row in rows])
    listed = [
        Listed(row[0], row[1], row[2], row[3], row[4], emails.get(row[2].id), last.get(row[0].id))
        for row in rows
    ]
    return listed, more


def _offset(cursor: str | None) -> int:
    """Lists of live chats are short and change all the time, so the cursor is a plain offset."""
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 6:
        raise Malformed("This page does not exist.")
    return int(cursor)


async def _emails(session: ReadSession, customer_ids: Sequence[str]) -> dict[str, str]:
    rows = await session.execute(
        select(CustomerIdentity.customer_id, CustomerIdentity.value)
        .where(CustomerIdentity.customer_id.in_(customer_ids), CustomerIdentity.channel == "email")
        .order_by(CustomerIdentity.id)
    )
    return {row.customer_id: row.value for row in rows}


async def _last_messages(session: ReadSession, conversation_ids: Sequence[str]) -> dict[str, Message]:
    rows = await session.scalars(
        select(Message)
        .join(
            Conversation,
            and_(Conversation.id == Message.conversation_id, Message.seq == Conversation.last_seq),
        )
        .where(Conversation.id.in_(conversation_ids))
    )
    return {message.conversation_id: message for message in rows}


async def participants(session: ReadSession, conversation_id: str) -> Sequence[User]:
    rows = await session.scalars(
        select(User)
        .join(Participant, Participant.user_id == User.id)
        .where(Participant.conversation_id == conversation_id, Participant.left_at.is_(None))
        .order_by(Participant.joined_at)
    )
    return rows.all()


async def abandoned(
    session: ReadSession, answered_after_s: float, *, conversation_id: str | None = None
) -> Sequence[str]:
    """Chats to be taken from agents who have gone: at once where the customer waits for a word, else after
    `answered_after_s`. What somebody took while they counted as gone is theirs while their heartbeat lasts.
    """
    answered = (
        select(func.coalesce(func.max(Message.seq), 0))
        .where(Message.conversation_id == Conversation.id, Message.author_type == "agent")
        .scalar_subquery()
    )
    had_it = Participant.joined_at <= Agent.gone_at
    silent = or_(Agent.seen_until.is_(None), Agent.seen_until <= db_now())
    long_ago = db_now(-answered_after_s)
    waited = and_(Agent.gone_at <= long_ago, or_(had_it, and_(silent, Participant.joined_at <= long_ago)))
    query = (
        select(Conversation.id)
        .join(Agent, Agent.user_id == Conversation.agent_id)
        .join(
            Participant,
            and_(Participant.conversation_id == Conversation.id, Participant.user_id == Agent.user_id),
        )
        .where(
            Agent.gone_at.is_not(None),
            Conversation.status != "resolved",
            or_(and_(had_it, Conversation.customer_seq > answered), waited),
        )
        .order_by(Conversation.id)
    )
    if conversation_id is not None:
        query = query.where(Conversation.id == conversation_id)
    return (await session.scalars(query)).all()
