"""Every read of the chat, scoped by who asks."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from chat.access import Visitor
from chat.models import Conversation, ConversationEvent, File, Inbox, Message
from chat.schemas import MessageOut, StaffMessageOut
from server.db import ReadSession
from server.errors import NotFound

MAX_PAGE = 200


def own_conversations(visitor: Visitor) -> Select[Conversation]:
    """The visitor's conversations and nobody else's: without a customer there are none."""
    return select(Conversation).where(
        Conversation.customer_id == (visitor.customer_id or ""),
        Conversation.inbox_id == visitor.inbox_id,
    )


async def own_conversation(
    session: ReadSession, visitor: Visitor, conversation_id: str, *, for_update: bool = False
) -> Conversation:
    """Raises NotFound, with the same words, for what is not there and for what is not theirs."""
    query = own_conversations(visitor).where(Conversation.id == conversation_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    conversation = await session.scalar(query)
    if conversation is None:
        raise NotFound
    return conversation


async def own_list(session: ReadSession, visitor: Visitor, *, limit: int = 50) -> Sequence[Conversation]:
    query = own_conversations(visitor).order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return (await session.scalars(query.limit(min(limit, MAX_PAGE)))).all()


async def messages_for_customer(
    session: ReadSession, conversation_id: str, *, after: int | None, before: int | None, limit: int
) -> list[MessageOut]:
    """Items by ascending `seq`: after a number, before a number, or the newest without either."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq.is_not(None))
    rows = await _window(session, query, Message.seq, after, before, limit)
    files = await files_of(session, [row.id for row in rows])
    return [MessageOut.of(row, files.get(row.id, [])) for row in rows]


async def messages_for_staff(
    session: ReadSession, conversation_id: str, *, after: int | None, before: int | None, limit: int
) -> list[StaffMessageOut]:
    """Messages and notes by ascending `event_seq`."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    rows = await _window(session, query, Message.event_seq, after, before, limit)
    files = await files_of(session, [row.id for row in rows])
    return [StaffMessageOut.of(row, files.get(row.id, [])) for row in rows]


async def events_after(
    session: ReadSession, conversation_id: str, after: int, limit: int = MAX_PAGE
) -> Sequence[ConversationEvent]:
    query = (
        select(ConversationEvent)
        .where(ConversationEvent.conversation_id == conversation_id, ConversationEvent.event_seq > after)
        .order_by(ConversationEvent.event_seq)
    )
    return (await session.scalars(query.limit(min(limit, MAX_PAGE)))).all()


async def _window(
    session: ReadSession,
    query: Select[Message],
    number: Any,
    after: int | None,
    before: int | None,
    limit: int,
) -> list[Message]:
    limit = max(1, min(limit, MAX_PAGE))
    if after is not None:
        query = query.where(number > after)
    if before is not None:
        query = query.where(number < before)
    if after is not None:
        return list(await session.scalars(query.order_by(number).limit(limit)))
    return list(await session.scalars(query.order_by(number.desc()).limit(limit)))[::-1]


async def files_of(session: ReadSession, message_ids: Sequence[str]) -> dict[str, list[File]]:
    if not message_ids:
        return {}
    found: dict[str, list[File]] = {}
    for file in await session.scalars(select(File).where(File.message_id.in_(message_ids)).order_by(File.id)):
        found.setdefault(file.message_id or "", []).append(file)
    return found


async def heads(session: ReadSession, conversation_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """`last_seq` and `last_event_seq` of many conversations, in one query."""
    rows = await session.execute(
        select(Conversation.id, Conversation.last_seq, Conversation.last_event_seq).where(
            Conversation.id.in_(list(conversation_ids))
        )
    )
    return {row.id: (row.last_seq, row.last_event_seq) for row in rows}


async def inbox_by_key(session: ReadSession, key: str) -> Inbox:
    inbox: Inbox | None = await session.scalar(select(Inbox).where(Inbox.key == key))
    if inbox is None:
        raise NotFound("There is no such inbox.")
    return inbox


async def last_message(session: ReadSession, conversation_id: str) -> Message | None:
    found: Message | None = await session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.seq.is_not(None))
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return found


async def count_messages(session: ReadSession, conversation_id: str, author_type: str) -> int:
    found = await session.scalar(
        select(func.count()).where(
            Message.conversation_id == conversation_id, Message.author_type == author_type
        )
    )
    return found or 0
