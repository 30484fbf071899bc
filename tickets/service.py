"""What changes a ticket: creation, changes, comments, reopening, merging; each with a line of history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update

from accounts.service import Actor as AuditActor
from accounts.service import Target, record_audit
from chat.closing import is_only_thanks
from chat.events import CustomerJoined, TicketLinked
from chat.models import Conversation, Customer
from chat.service import content_hash, order_pattern, post_notice, record
from server.db import WriteSession, new_id, utc_now
from server.errors import Conflict
from tickets import queries
from tickets.events import (
    Actor,
    TicketCommented,
    TicketCreated,
    TicketMerged,
    TicketReopened,
)
from tickets.history import change, write_history
from tickets.intake import Content, TicketDraft, check_changes, clean, intake, remember_contact
from tickets.models import Ticket, TicketComment
from tickets.numbers import next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDraft:
    by: Actor
    client_id: str
    text: str
    public: bool


async def create_ticket(session: WriteSession, draft: TicketDraft) -> tuple[Ticket, bool]:
    """Make one ticket for each `key`; the same key again gives the same ticket (and False).

    In the same transaction the conversation, if there is one, is told the number. Raises NotFound where
    conversation, customer or inbox do not exist; Malformed; Conflict `client-id-reused` where the key was
    used for something else.
    """
    content = await intake(session, draft)
    if existing := await queries.by_key(session, draft.key):
        return _same(existing, content), False
    number = await next_number(session)
    # From here on creators wait for each other: nobody can be making a ticket of this key any more.
    if existing := await queries.by_key(session, draft.key):
        return _same(existing, content), False
    ticket = Ticket(id=new_id(), number=number, key=draft.key, content_hash=content.digest, **content.fields)
    session.add(ticket)
    await session.flush()
    await remember_contact(session, ticket.customer_id, ticket.email)
    await write_history(session, ticket, "created", draft.by)
    if content.conversation is not None:
        await _tell_conversation(session, content.conversation, ticket)
    await session.emit(TicketCreated(ticket, draft.by))
    return ticket, True


async def update_ticket(
    session: WriteSession,
    ticket: Ticket,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    version: int | None = None,
) -> Ticket:
    """Change fields; with `version`, only if nobody has changed the ticket since it was read.

    Raises Conflict `ticket-changed`, `ticket-merged` or `move-not-allowed`, and Malformed.
    """
    await _lock(session, ticket)
    if version is not None and version != ticket.version:
        raise Conflict(
            "Somebody else has changed this ticket in the meantime. Please look at it again.",
            type="ticket-changed",
            version=ticket.version,
        )
    if ticket.merged_into_id is not None:
        raise Conflict("This ticket lives on in another one. Please change that one.", type="ticket-merged")
    checked = await check_changes(session, ticket, changes)
    was_over = ticket.is_over
    done = await change(session, ticket, by, lambda at: _assign(ticket, checked, at))
    if "email" in done:
        await remember_contact(session, ticket.customer_id, ticket.email)
    if was_over and not ticket.is_over:
        await session.emit(TicketReopened(ticket, by))
    return ticket


async def reopen(session: WriteSession, ticket: Ticket, *, by: Actor) -> Ticket:
    """Back to work; a ticket that is at work already stays as it is. Raises Conflict for a merged one."""
    await _lock(session, ticket)
    if ticket.is_over:
        await change(session, ticket, by, lambda _: ticket.reopen())
        await session.emit(TicketReopened(ticket, by))
    return ticket


async def add_comment(
    session: WriteSession, ticket: Ticket, draft: CommentDraft
) -> tuple[TicketComment, bool]:
    """Say something on a ticket. The same `client_id` again gives the same comment (and False).

    What a customer says about a merged ticket stays with it and is read in the one it lives on in.
    Raises Malformed; Conflict `client-id-reused`.
    """
    await _lock(session, ticket, ticket.merged_into_id)
    text, masked = clean(draft.text, await order_pattern(session, ticket.inbox_id))
    digest = content_hash({"text": text, "public": draft.public})
    by = draft.by
    existing = await queries.comment_by_client_id(session, ticket, by.type, by.id or "", draft.client_id)
    if existing:
        if existing.content_hash != digest:
            raise Conflict("This client_id was already used for another comment.", type="client-id-reused")
        return existing, False
    now = utc_now()
    ticket.last_comment += 1
    comment = TicketComment(
        ticket_id=ticket.id,
        ordinal=ticket.last_comment,
        author_type=by.type,
        author_id=by.id or "",
        author_name=by.name,
        public=draft.public,
        text=text,
        masked=masked,
        client_id=draft.client_id,
        content_hash=digest,
        created_at=now,
    )
    session.add(comment)
    ticket.updated_at = now
    if draft.public:
        ticket.shown_at = now
    if draft.public and by.type == "agent":
        ticket.first_responded_at = ticket.first_responded_at or now
    await session.flush()
    if by.type == "customer":
        living = await queries.living(session, [ticket])
        await _customer_wrote(session, living.get(ticket.id, ticket), text, by)
    await session.emit(TicketCommented(ticket, by, comment))
    return comment, True


async def merge(session: WriteSession, ticket: Ticket, into: Ticket, *, by: Actor) -> Ticket:
    """Let `ticket` live on in `into`; merging the same two again changes nothing.

    Raises Conflict `not-the-same-customer` or `move-not-allowed`.
    """
    await _lock(session, ticket, into.id)
    if ticket.merged_into_id == into.id:
        return into
    await change(session, ticket, by, lambda at: ticket.merge_into(into, at=at), "merged", into=into.number)
    await change(session, into, by, lambda _: None, "took_over", number=ticket.number)
    # What was merged into the duplicate follows it, so that nobody ever has to walk a chain.
    await session.execute(
        update(Ticket).where(Ticket.merged_into_id == ticket.id).values(merged_into_id=into.id)
    )
    await record_audit(
        session,
        AuditActor("staff" if by.type == "agent" else "system", by.id),
        "ticket.merged",
        Target("ticket", ticket.id),
        {"number": ticket.number, "into": into.number},
    )
    await session.emit(TicketMerged(ticket, by, into))
    return into


async def follow_customer(session: WriteSession, *, from_id: str, to_id: str) -> None:
    """The tickets of somebody who turned out to be a known customer become that customer's."""
    theirs = select(Customer.organisation_id).where(Customer.id == to_id).scalar_subquery()
    await session.execute(
        update(Ticket).where(Ticket.customer_id == from_id).values(customer_id=to_id, organisation_id=theirs)
    )


async def on_customer_joined(session: WriteSession, happened: Any) -> None:
    """A listener: the tickets go where the conversations went."""
    if isinstance(happened, CustomerJoined):
        await follow_customer(session, from_id=happened.anonymous_id, to_id=happened.customer_id)


def _same(existing: Ticket, content: Content) -> Ticket:
    if existing.content_hash != content.digest:
        raise Conflict("This client_id was already used for another ticket.", type="client-id-reused")
    return existing


async def _lock(session: WriteSession, ticket: Ticket, other_id: str | None = None) -> None:
    """Lock a ticket, another one, and what is merged into the first: all in the order of their numbers."""
    await session.execute(
        select(Ticket)
        .where(or_(Ticket.id.in_({ticket.id, other_id or ticket.id}), Ticket.merged_into_id == ticket.id))
        .order_by(Ticket.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def _tell_conversation(session: WriteSession, conversation: Conversation, ticket: Ticket) -> None:
    await record(session, TicketLinked(conversation, ticket.number))
    await post_notice(session, conversation, "ticket_created", {"number": ticket.shown_number})


def _assign(ticket: Ticket, changes: dict[str, Any], at: datetime) -> None:
    """Status first, so that reopening and a stage may come together; the two must agree in the end."""
    rest = dict(changes)
    status, stage = rest.pop("status", None), rest.pop("stage", None)
    if status is not None:
        ticket.set_status(status, at=at)
    if stage is not None:
        ticket.move_to(stage, at=at)
    if status is not None and ticket.status != status:
        raise Conflict(f"Status {status} and stage {stage} do not go together.", type="move-not-allowed")
    for name, value in rest.items():
        setattr(ticket, name, value)


async def _customer_wrote(session: WriteSession, ticket: Ticket, text: str, by: Actor) -> None:
    """The customer's word ends our waiting for it; after the end only a new fact reopens, thanks do not."""
    if ticket.status == "pending_customer":
        await change(session, ticket, by, lambda at: ticket.set_status("open", at=at))
    elif ticket.is_over and ticket.merged_into_id is None and not is_only_thanks(text):
        await reopen(session, ticket, by=by)
