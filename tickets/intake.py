"""What comes in for a ticket: where it belongs, its texts made fit to be stored, the contact address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from accounts.queries import user_by_id
from chat.models import Conversation, Customer, CustomerIdentity, Inbox
from chat.schemas import MAX_TEXT, clean_text
from chat.scrub import Keep, scrub
from chat.service import content_hash, lock, order_pattern
from server.db import WriteSession
from server.errors import Malformed, NotFound
from tickets.events import Actor
from tickets.models import MAX_SUBJECT, Priority, Ticket, Type

MAX_EMAIL = 254
MAX_ORDER = 80
_SHORT = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """A ticket about to be made.

    `key` makes it idempotent: `"{turn_id}:{action}:{n}"` for the bot, who asked and their client id for
    people. With a conversation, its inbox, customer and language count; without a subject, the first line
    of the description is it.
    """

    key: str
    by: Actor
    description: str
    subject: str = ""
    type: Type = "request"
    priority: Priority = "normal"
    order_number: str | None = None
    email: str | None = None
    language: str | None = None
    conversation_id: str | None = None
    customer_id: str | None = None
    inbox: str = "default"
    assignee_id: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A draft made fit to be stored: columns of the ticket, and a digest to know the same content again."""

    fields: dict[str, Any]
    digest: str
    conversation: Conversation | None


async def intake(session: WriteSession, draft: TicketDraft) -> Content:
    """Find where the draft belongs, under its conversation's lock, and scrub it.

    Raises NotFound, Malformed.
    """
    conversation = await lock(session, draft.conversation_id) if draft.conversation_id else None
    if conversation is not None:
        if draft.customer_id not in (None, conversation.customer_id):
            raise Malformed("This conversation is another customer's.")
        inbox_id = conversation.inbox_id
    else:
        inbox_id = await _inbox_id(session, draft.inbox)
    customer_id = conversation.customer_id if conversation else draft.customer_id
    customer = await session.get(Customer, customer_id) if customer_id else None
    if customer_id and customer is None:
        raise NotFound("There is no such customer.")
    await require_staff(session, draft.assignee_id)
    spoken = draft.language or (conversation.language if conversation else None)
    written = _written(draft, await order_pattern(session, inbox_id))
    fields = {
        **written,
        "inbox_id": inbox_id,
        "customer_id": customer_id,
        "organisation_id": customer.organisation_id if customer else None,
        "conversation_id": draft.conversation_id,
        "language": spoken or (customer.language if customer else None) or "en",
        "assignee_id": draft.assignee_id,
    }
    about = {"conversation_id": draft.conversation_id, "customer_id": draft.customer_id}
    digest = content_hash({**written, **about})
    return Content(fields, digest, conversation)


async def check_changes(session: WriteSession, ticket: Ticket, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as they may be written: texts scrubbed, the address usable, the assignee somebody here."""
    keep = await order_pattern(session, ticket.inbox_id)
    checked = dict(changes)
    for name, limit in (("subject", MAX_SUBJECT), ("description", MAX_TEXT), ("order_number", MAX_ORDER)):
        if checked.get(name) is not None:
            checked[name] = clean(checked[name], keep)[0][:limit]
    if checked.get("email") is not None:
        checked["email"] = usable_email(checked["email"])
    await require_staff(session, checked.get("assignee_id"))
    return checked


def clean(text: str, keep: Keep | None) -> tuple[str, bool]:
    """A customer's or agent's text fit to be stored, and whether something was masked. Raises Malformed."""
    plain = str(clean_text(text))
    if not plain:
        raise Malformed("The text must not be empty.")
    if len(plain) > MAX_TEXT:
        raise Malformed(f"The text may have at most {MAX_TEXT} characters.")
    scrubbed = scrub(plain, keep)
    return scrubbed.text, bool(scrubbed.found)


def usable_email(typed: str) -> str:
    """The address as it is written to, or Malformed: also for one that hides a card number."""
    typed = typed.strip()
    try:
        address = validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Malformed("This is not an e-mail address that we can write to.") from None
    if len(address) > MAX_EMAIL or scrub(address).found:
        raise Malformed("This is not an e-mail address that we can write to.")
    return address


async def remember_contact(session: WriteSession, customer_id: str | None, email: str | None) -> None:
    """Keep a typed address as contact data of the customer: it proves nothing, so its level stays lowest."""
    if customer_id is None or email is None:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    identity = {"customer_id": customer_id, "channel": "email", "value": email, "level": "anonymous"}
    await session.execute(insert(CustomerIdentity).values(identity).on_conflict_do_nothing())


async def require_staff(session: WriteSession, user_id: str | None) -> None:
    """Raises Malformed where a ticket would be given to somebody who does not work here."""
    user = await user_by_id(session, user_id) if user_id else None
    if user_id and (user is None or not user.active):
        raise Malformed("The assignee is not somebody who works here.")


def _written(draft: TicketDraft, keep: Keep | None) -> dict[str, Any]:
    description, _ = clean(draft.description, keep)
    subject, _ = clean(draft.subject, keep) if draft.subject.strip() else (_first_line(description), False)
    order = clean(draft.order_number, keep)[0] if draft.order_number and draft.order_number.strip() else None
    email = usable_email(draft.email) if draft.email and draft.email.strip() else None
    return {
        "type": draft.type,
        "priority": draft.priority,
        "subject": subject[:MAX_SUBJECT],
        "description": description,
        "order_number": order[:MAX_ORDER] if order else None,
        "email": email,
    }


def _first_line(text: str) -> str:
    line = " ".join(text.split("\n", 1)[0].split()) or text[:_SHORT]
    return line if len(line) <= _SHORT else line[: _SHORT - 1].rstrip() + "…"


async def _inbox_id(session: WriteSession, key: str) -> str:
    found = await session.scalar(select(Inbox.id).where(Inbox.key == key))
    if found is None:
        raise NotFound("There is no such inbox.")
    return found
