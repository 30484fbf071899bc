"""What a visitor does: start a session, open a conversation, write, read, log out."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from chat import queries
from chat.access import TOKEN_LIFE_S, Visitor, hash_token
from chat.closing import is_only_thanks
from chat.entities import product_names
from chat.files import attach
from chat.identity import identify, verified_subject
from chat.language import next_language
from chat.models import Conversation, Customer, Inbox, Message, VisitorSession
from chat.schemas import ActionIn, ConversationIn, MessageIn, SessionIn
from chat.scrub import MASK, scrub
from chat.service import (
    Draft,
    append,
    by_client_id,
    change_status,
    content_hash,
    order_pattern,
    post_notice,
    same_or_conflict,
    scrub_values,
)
from server.db import WriteSession, db_now, new_id, utc_now
from server.errors import Conflict, Malformed

_CONTENT = ("helpful", "thanks", "goodbye")
"""Buttons that say that all is well."""

SAME_CASE_DAYS = 7
"""A resolved conversation that gets a new message within this time is the same case."""


@dataclass(frozen=True, slots=True)
class Posted:
    message: Message
    created: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation has ended for good; what is new belongs into its successor."""

    successor_id: str


async def start_session(
    session: WriteSession, inbox: Inbox, asked: SessionIn, current: Visitor | None
) -> tuple[str, VisitorSession]:
    """A new token (256 random bits, only its hash is kept); identifying revokes the token used before.

    Raises Unauthorized where an identity token is given and not valid: never silently anonymous.
    """
    customer: Customer | None = None
    if asked.identity_token is not None:
        subject = await verified_subject(session, inbox, asked.identity_token)
        before = await session.get(VisitorSession, current.session_id) if current else None
        customer = await identify(session, inbox, subject, before)
        if before:
            before.revoked_at = utc_now()
            session.announce("visitor.revoked", {"session_id": before.id})
    token = secrets.token_urlsafe(32)
    row = VisitorSession(
        id=new_id(),
        token_hash=hash_token(token),
        inbox_id=inbox.id,
        customer_id=customer.id if customer else None,
        locale=asked.locale,
        page_url=scrub(asked.page_url).text if asked.page_url else None,
        expires_at=utc_now() + timedelta(seconds=TOKEN_LIFE_S),
    )
    session.add(row)
    await session.flush()
    return token, row


async def end_session(session: WriteSession, visitor: Visitor) -> None:
    await session.execute(
        update(VisitorSession).where(VisitorSession.id == visitor.session_id).values(revoked_at=db_now())
    )
    session.announce("visitor.revoked", {"session_id": visitor.session_id})


async def start_conversation(
    session: WriteSession, visitor: Visitor, asked: ConversationIn
) -> tuple[Conversation, bool]:
    """Open a conversation (and make the customer, if it is their first); one for each `client_id`."""
    row = await session.scalar(
        select(VisitorSession).where(VisitorSession.id == visitor.session_id).with_for_update()
    )
    if row is None:
        raise Conflict("This chat session has ended.")
    if row.customer_id:
        existing = await session.scalar(
            select(Conversation).where(
                Conversation.customer_id == row.customer_id, Conversation.client_id == asked.client_id
            )
        )
        if existing:
            return existing, False
    else:
        customer = Customer(id=new_id(), language=asked.locale or visitor.locale)
        session.add(customer)
        await session.flush()
        row.customer_id = customer.id
    inbox = await session.get(Inbox, visitor.inbox_id)
    locale = (asked.locale or visitor.locale or "").split("-")[0]
    available = inbox.languages if inbox else ["en"]
    conversation = Conversation(
        id=new_id(),
        inbox_id=visitor.inbox_id,
        customer_id=row.customer_id,
        client_id=asked.client_id,
        language=locale if locale in available else available[0],
        page_url=scrub(asked.page_url).text if asked.page_url else row.page_url,
    )
    session.add(conversation)
    await session.flush()
    return conversation, True


async def post_message(
    session: WriteSession, visitor: Visitor, conversation_id: str, asked: MessageIn
) -> Posted | Closed:
    """Write as the customer: one transaction with the message, its event and what listeners add (a turn).

    The same `client_id` again gives the same message, not `created`. Raises NotFound; Conflict
    `client-id-reused`; Malformed for an action or a file that this conversation does not have.
    """
    conversation = await queries.own_conversation(session, visitor, conversation_id, for_update=True)
    inbox = await session.get(Inbox, conversation.inbox_id)
    keep = await order_pattern(session, conversation.inbox_id)
    said = scrub(asked.text or "", keep)
    action = asked.action
    value = scrub_values(action.value, keep) if action else None
    digest = content_hash({"text": said.text, "action": value, "files": asked.file_ids})
    existing = await by_client_id(session, conversation.id, "customer", asked.client_id)
    if existing:
        return Posted(same_or_conflict(existing, digest), created=False)
    if closed := await if_closed(session, conversation):
        return closed
    if asked.file_ids or _says_something(action.value if action else said.text):
        await _reopen(session, conversation)
    files = await attach(session, visitor, asked.file_ids)
    draft = Draft(
        "customer",
        kind="file" if files else "text",
        text=said.text,
        author_id=conversation.customer_id,
        client_id=asked.client_id,
        content_hash=digest,
        files=tuple(files),
    )
    if action:
        draft = await _action_draft(session, conversation, action, value, draft)
    else:
        conversation.language = next_language(
            conversation.language,
            said.text,
            inbox.languages if inbox else ["en"],
            products=product_names(inbox) if inbox else (),
            first=conversation.customer_seq == 0,
            pinned=conversation.language_pinned,
        )
    masked = said.found or (value != action.value if action else False)
    if masked:
        draft.payload["masked"] = True
    message = await append(session, conversation, draft)
    if masked:
        await post_notice(session, conversation, "masked")
    return Posted(message, created=True)


async def if_closed(session: WriteSession, conversation: Conversation) -> Closed | None:
    """Where the conversation has ended for good, its successor; the caller holds the lock."""
    ended = conversation.resolved_at or conversation.updated_at
    late = conversation.status == "resolved" and utc_now() - ended > timedelta(days=SAME_CASE_DAYS)
    if not late and conversation.successor_id is None:
        return None
    return Closed(await _successor(session, conversation))


def _says_something(said: str | dict[str, Any]) -> bool:
    """Whether words, a button or a form bring anything new after the end."""
    return said not in _CONTENT and not (isinstance(said, str) and is_only_thanks(said))


async def _reopen(session: WriteSession, conversation: Conversation) -> None:
    was = conversation.status
    await change_status(session, conversation, "open", reason="customer_wrote")
    if was == "resolved":
        await post_notice(session, conversation, "reopened")


async def _successor(session: WriteSession, conversation: Conversation) -> str:
    """The conversation that follows a closed one, made once under the closed one's lock."""
    if conversation.successor_id is None:
        following = Conversation(
            id=new_id(),
            inbox_id=conversation.inbox_id,
            customer_id=conversation.customer_id,
            client_id=f"successor:{conversation.id}",
            language=conversation.language,
            previous_id=conversation.id,
        )
        session.add(following)
        conversation.successor_id = following.id
        await session.flush()
    return conversation.successor_id


async def _action_draft(
    session: WriteSession, conversation: Conversation, action: ActionIn, value: Any, draft: Draft
) -> Draft:
    """A click becomes a message with the button's own label; a form's fields are checked one by one."""
    source = await session.scalar(
        select(Message).where(
            Message.id == action.message_id,
            Message.conversation_id == conversation.id,
            Message.seq.is_not(None),
        )
    )
    payload = source.payload if source else {}
    clicked = {"action": {"message_id": action.message_id, "value": value}}
    if isinstance(value, dict):
        return _with(draft, _form_text(payload, value), clicked)
    labels = {button["value"]: button["label"] for button in payload.get("buttons", [])}
    if value not in labels:
        raise Malformed("This choice is not (or no longer) offered here.")
    return _with(draft, labels[value], clicked)


def _with(draft: Draft, text: str, payload: dict[str, Any]) -> Draft:
    return replace(draft, text=text, payload=payload)


def _form_text(payload: dict[str, Any], value: dict[str, Any]) -> str:
    fields = {field["name"]: field for field in payload.get("form", {}).get("fields", [])}
    unknown = set(value) - set(fields)
    missing = [f["label"] for name, f in fields.items() if f.get("required") and not value.get(name)]
    if not fields or unknown:
        raise Malformed("This form is not (or no longer) offered here.")
    if missing:
        raise Malformed(f"Please fill in: {', '.join(missing)}")
    for name, field in fields.items():
        if field.get("type") == "email" and value.get(name):
            _check_email(field["label"], value[name])
    return "\n".join(f"{fields[name]['label']}: {value[name]}" for name in fields if value.get(name))


def _check_email(label: str, address: str) -> None:
    try:
        if MASK in address:
            raise EmailNotValidError("a masked number")
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        raise Malformed(f"{label}: this is not an e-mail address we could write to.") from None


async def mark_read(session: WriteSession, visitor: Visitor, conversation_id: str, seq: int) -> None:
    """Move the customer's read mark forward, never back."""
    conversation = await queries.own_conversation(session, visitor, conversation_id, for_update=True)
    conversation.read_seq = max(conversation.read_seq, min(seq, conversation.last_seq))
