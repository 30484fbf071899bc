"""What changes a conversation: every message, event and change of owner is written by these functions."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import exists, select, update

from chat import texts
from chat.events import Happened, MessagePosted, NoteAdded, OwnerChanged, StatusChanged
from chat.models import (
    AuthorType,
    Conversation,
    ConversationEvent,
    File,
    Inbox,
    Message,
    Owner,
    Participant,
    Status,
)
from chat.schemas import MessageOut, StaffMessageOut
from chat.scrub import Keep, scrub
from entities.find import readable
from server.db import ReadSession, WriteSession, new_id, utc_now
from server.errors import Conflict, NotFound

TOPIC = "conversation"
"""Bus topic of everything that happened to a conversation."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SYSTEM: dict[str, Any] = {"type": "system", "id": None, "name": None}


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be written; texts are scrubbed on the way in."""

    author_type: str
    kind: str = "text"
    text: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    author_id: str | None = None
    author_name: str | None = None
    client_id: str | None = None
    content_hash: str | None = None
    reply_to: str | None = None
    files: tuple[File, ...] = ()
    is_note: bool = False


async def lock(session: WriteSession, conversation_id: str) -> Conversation:
    """The conversation under its row lock, freshly read. Raises NotFound."""
    conversation = await session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if conversation is None:
        raise NotFound
    return conversation


async def record(
    session: WriteSession, happened: Happened, *, message: Message | None = None, files: Sequence[File] = ()
) -> None:
    """Write an event into the conversation's ledger, announce it after commit, tell the folders above.

    The one way in which anything that happened becomes known. The caller holds the conversation's lock.
    """
    conversation = happened.conversation
    conversation.last_event_seq += 1
    conversation.updated_at = utc_now()
    event = ConversationEvent(
        conversation_id=conversation.id,
        event_seq=conversation.last_event_seq,
        type=happened.type,
        data=scrub_values(happened.data(), await order_pattern(session, conversation.inbox_id)),
        message_id=message.id if message else None,
    )
    session.add(event)
    if message:
        message.event_seq = event.event_seq
        session.add(message)
    await session.flush()
    public = MessageOut.of(message, files) if message and message.seq is not None else None
    staff = StaffMessageOut.of(message, files) if message else None
    session.announce(
        TOPIC,
        {
            "conversation_id": conversation.id,
            "event_seq": event.event_seq,
            "event": {"type": event.type, **event.data},
            "message": public.model_dump(mode="json") if public else None,
            "staff_message": staff.model_dump(mode="json") if staff else None,
        },
    )
    await session.emit(happened)


async def append(session: WriteSession, conversation: Conversation, draft: Draft) -> Message:
    """Write one item under the conversation's lock; the next `seq`, unless it is a note.

    Text and payload are scrubbed before they touch the database.
    """
    keep = await order_pattern(session, conversation.inbox_id)
    message = Message(
        id=new_id(),
        conversation_id=conversation.id,
        client_id=draft.client_id,
        content_hash=draft.content_hash,
        author_type=draft.author_type,
        author_id=draft.author_id,
        author_name=draft.author_name,
        kind=draft.kind,
        text=scrub(draft.text, keep).text,
        payload=scrub_values(draft.payload, keep),
        reply_to=draft.reply_to,
        created_at=utc_now(),
    )
    for file in draft.files:
        file.conversation_id, file.message_id = conversation.id, message.id
    if draft.is_note:
        message.payload = {**message.payload, "note": True}
        await record(session, NoteAdded(conversation, message), message=message, files=draft.files)
        return message
    conversation.last_seq += 1
    message.seq = conversation.last_seq
    if draft.author_type == "customer":
        conversation.customer_seq = message.seq
    await record(session, MessagePosted(conversation, message), message=message, files=draft.files)
    return message


async def order_pattern(session: ReadSession, inbox_id: str) -> Keep | None:
    """The admins' order numbers, which scrubbing leaves alone; for one message only, as it tires."""
    inbox = await session.get(Inbox, inbox_id)
    return readable(inbox.order_pattern) if inbox else None


def scrub_values(value: Any, keep: Keep | None) -> Any:
    """A JSON value with every string in it scrubbed, but for ids, whose digits may look like anything."""
    if isinstance(value, str):
        return value if _ID.fullmatch(value) else scrub(value, keep).text
    if isinstance(value, dict):
        return {key: scrub_values(inner, keep) for key, inner in value.items()}
    if isinstance(value, list):
        return [scrub_values(inner, keep) for inner in value]
    return value


async def post_notice(
    session: WriteSession, conversation: Conversation, code: str, variables: dict[str, Any] | None = None
) -> Message:
    """Say something as the system, in the conversation's language: `notice_<code>` of the texts."""
    wording = await texts.render(session, f"notice_{code}", conversation.language, variables or {})
    payload: dict[str, Any] = {"notice": code}
    if wording.buttons:
        payload["buttons"] = wording.buttons
    if "number" in (variables or {}):
        payload["ticket"] = {"number": (variables or {})["number"]}
    return await append(
        session, conversation, Draft("system", kind="notice", text=wording.text, payload=payload)
    )


async def post_bot_messages(
    session: WriteSession, conversation: Conversation, *, epoch: int, turn_id: str, drafts: Sequence[Draft]
) -> bool:
    """Write a turn's reply, unless the conversation is no longer the bot's in that epoch.

    The guard is one statement: whoever took over a moment ago has raised the epoch, and zero rows come
    back. False means: nothing was written, drop the reply.
    """
    fenced = await session.scalar(
        update(Conversation)
        .where(
            Conversation.id == conversation.id,
            Conversation.owner == "bot",
            Conversation.owner_epoch == epoch,
        )
        .values(updated_at=utc_now())
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session=False)
    )
    if fenced is None:
        return False
    for number, draft in enumerate(drafts):
        await append(session, conversation, replace(draft, client_id=f"{turn_id}:{number}"))
    return True


async def post_staff_message(
    session: WriteSession,
    conversation_id: str,
    *,
    user_id: str,
    name: str,
    client_id: str,
    text: str,
    is_note: bool = False,
) -> tuple[Message, bool]:
    """Write as an agent. The same `client_id` again gives the same message (and False).

    Raises NotFound; Conflict `not-the-owner` where the author neither owns nor has joined (notes are free);
    Conflict `client-id-reused` where the same id comes with another text.
    """
    conversation = await lock(session, conversation_id)
    clean = scrub(text, await order_pattern(session, conversation.inbox_id)).text
    digest = content_hash({"text": clean, "note": is_note})
    existing = await by_client_id(session, conversation_id, "agent", client_id)
    if existing:
        return same_or_conflict(existing, digest), False
    if not is_note and not await may_write(session, conversation, user_id):
        raise Conflict(
            "This conversation is not yours at the moment, so nothing was sent.",
            type="not-the-owner",
            owner={"type": conversation.owner, "agent_id": conversation.agent_id},
        )
    draft = Draft(
        "agent",
        text=clean,
        author_id=user_id,
        author_name=name,
        client_id=client_id,
        content_hash=digest,
        is_note=is_note,
    )
    message = await append(session, conversation, draft)
    if not is_note:
        conversation.answered_seq = conversation.customer_seq
        if conversation.status == "pending_customer":
            await change_status(session, conversation, "open", reason="agent_wrote", actor=SYSTEM)
    return message, True


async def may_write(session: ReadSession, conversation: Conversation, user_id: str) -> bool:
    """Whether a member of staff owns the conversation or has joined it and not left."""
    if conversation.status == "resolved":
        return False
    if conversation.owner == "agent" and conversation.agent_id == user_id:
        return True
    joined = select(Participant.user_id).where(
        Participant.conversation_id == conversation.id,
        Participant.user_id == user_id,
        Participant.left_at.is_(None),
    )
    return bool(await session.scalar(select(exists(joined))))


async def change_owner(
    session: WriteSession,
    conversation: Conversation,
    owner: Owner,
    *,
    agent: tuple[str, str] | None = None,
    reason: str,
    actor: dict[str, Any] = SYSTEM,
) -> None:
    """Pass the conversation on (`agent` is id and name); the epoch rises, so late words are refused."""
    before, before_agent = conversation.owner, conversation.agent_id
    agent_id, name = agent or (None, None)
    conversation.owner, conversation.agent_id, conversation.offer_id = owner, agent_id, None
    conversation.owner_epoch += 1
    conversation.tracker_turns = 0  # Rasa's tracker is named after the epoch: the next one begins empty
    await record(session, OwnerChanged(conversation, before, before_agent, name, reason, actor))


async def change_status(
    session: WriteSession,
    conversation: Conversation,
    status: Status,
    *,
    reason: str,
    actor: dict[str, Any] = SYSTEM,
) -> None:
    before = conversation.status
    if before == status:
        return
    conversation.status = status
    conversation.resolved_at = utc_now() if status == "resolved" else None
    await record(session, StatusChanged(conversation, before, reason, actor))


def content_hash(content: dict[str, Any]) -> str:
    """Of the scrubbed content: two different secrets in one place are the same message to us."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False).encode(errors="replace")
    ).hexdigest()


async def by_client_id(
    session: ReadSession, conversation_id: str, author_type: AuthorType, client_id: str
) -> Message | None:
    found: Message | None = await session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.author_type == author_type,
            Message.client_id == client_id,
        )
    )
    return found


def same_or_conflict(existing: Message, digest: str) -> Message:
    """Raises Conflict `client-id-reused` where an id that was used comes with other content."""
    if existing.content_hash != digest:
        raise Conflict("This client_id was already used for another message.", type="client-id-reused")
    return existing
