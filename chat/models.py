"""Tables of the chat: inboxes, customers, conversations, messages, events, files and texts."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now

Owner = Literal["bot", "queue", "agent"]
Status = Literal["open", "pending_customer", "snoozed", "resolved"]
AuthorType = Literal["customer", "bot", "agent", "system"]
Kind = Literal["text", "buttons", "article", "form", "file", "ticket", "notice", "survey", "tombstone"]
BotMode = Literal["bot_first", "human_first", "bot_out_of_hours", "choose", "bot_off"]
ProofLevel = Literal["anonymous", "email", "verified"]

Id = String(36)


class Inbox(Base):
    """A brand or an entry: where a conversation comes in, and whose settings it follows."""

    __tablename__ = "inboxes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    languages: Mapped[list[str]] = mapped_column(default=lambda: ["en"])
    calendar_id: Mapped[str | None] = mapped_column(Id)
    email: Mapped[str | None] = mapped_column(String(254))
    bot_mode: Mapped[str] = mapped_column(String(20), default="bot_first")
    allowed_sites: Mapped[list[str]] = mapped_column(default=list)
    order_pattern: Mapped[str] = mapped_column(String(200), default="")
    products: Mapped[list[Any]] = mapped_column(default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class InboxKey(Base):
    """A shared secret with which the host site signs identity tokens (HS256), named by its `kid`."""

    __tablename__ = "inbox_keys"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    inbox_id: Mapped[str] = mapped_column(ForeignKey("inboxes.id"))
    secret: Mapped[str] = mapped_column(String(200))
    revoked_at: Mapped[datetime | None]


class Organisation(Base):
    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    mail_domains: Mapped[list[str]] = mapped_column(default=list)
    class_: Mapped[str | None] = mapped_column("class", String(40))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Customer(Base):
    """A person who writes to us; made with the first message, not with the first page view."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(12))
    zone: Mapped[str | None] = mapped_column(String(60))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    consents: Mapped[dict[str, Any]] = mapped_column(default=dict)
    important_by: Mapped[str | None] = mapped_column(String(200))
    important_until: Mapped[datetime | None]
    blocked_reason: Mapped[str | None] = mapped_column(String(200))
    blocked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class CustomerIdentity(Base):
    """How a customer is known on one channel, and how well that is proven."""

    __tablename__ = "customer_identities"
    __table_args__ = (
        UniqueConstraint("customer_id", "channel", "value"),
        # A proven identity belongs to one customer; a typed e-mail address is only contact data.
        Index(
            "uq_customer_identities_verified",
            "channel",
            "value",
            unique=True,
            sqlite_where=text("level = 'verified'"),
            postgresql_where=text("level = 'verified'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    channel: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(254))
    level: Mapped[str] = mapped_column(String(12), default="anonymous")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class EmailProof(Base):
    """One code to prove an e-mail address; the code itself is never stored, only mailed.

    due → sent → proven | expired (too late, or a newer code) | failed (undeliverable, or guessed wrong)
    """

    __tablename__ = "email_proofs"
    __table_args__ = (
        UniqueConstraint("conversation_id", "request_key"),
        CheckConstraint("state IN ('due', 'sent', 'proven', 'failed', 'expired')", name="state"),
        Index("ix_email_proofs_due", "state", "run_at"),
        Index("ix_email_proofs_address", "address_key", "requested_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    request_key: Mapped[str] = mapped_column(String(160))
    address: Mapped[str] = mapped_column(String(254))
    address_key: Mapped[str] = mapped_column(String(254))
    """The address in lower case: what limits and comparisons go by."""
    language: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(8), default="due")
    salt: Mapped[str] = mapped_column(String(32), default="")
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    tries: Mapped[int] = mapped_column(default=0)
    verdicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was answered to each try, so that a repeated turn neither counts twice nor hears otherwise."""
    requested_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]
    run_at: Mapped[datetime] = mapped_column(default=utc_now)
    lease: Mapped[str | None] = mapped_column(Id)
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)


class VisitorSession(Base):
    """A visitor's bearer token (stored hashed), bound to one inbox; a customer once they have written."""

    __tablename__ = "visitor_sessions"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    inbox_id: Mapped[str] = mapped_column(ForeignKey("inboxes.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    locale: Mapped[str | None] = mapped_column(String(35))
    page_url: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Conversation(Base):
    """One conversation: exactly one owner, two counters, and what its turns must remember.

    `seq` numbers what the customer may see, without gaps; `event_seq` numbers everything, for staff.
    `owner_epoch` rises at every change of owner and fences late replies.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("customer_id", "client_id"),
        CheckConstraint("owner IN ('bot', 'queue', 'agent')", name="owner"),
        CheckConstraint("(owner = 'agent') = (agent_id IS NOT NULL)", name="agent_owns"),
        Index("ix_conversations_owner_status", "owner", "status", "updated_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    inbox_id: Mapped[str] = mapped_column(ForeignKey("inboxes.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(40), default="widget")
    status: Mapped[str] = mapped_column(String(20), default="open")
    owner: Mapped[str] = mapped_column(String(10), default="bot")
    owner_epoch: Mapped[int] = mapped_column(default=1)
    agent_id: Mapped[str | None] = mapped_column(Id, index=True)
    offer_id: Mapped[str | None] = mapped_column(Id)
    team_id: Mapped[str | None] = mapped_column(Id)

    last_seq: Mapped[int] = mapped_column(default=0)
    last_event_seq: Mapped[int] = mapped_column(default=0)
    customer_seq: Mapped[int] = mapped_column(default=0)
    """`seq` of the customer's newest message."""
    answered_seq: Mapped[int] = mapped_column(default=0)
    """Customer messages up to this `seq` have been answered (or taken over by a person)."""
    read_seq: Mapped[int] = mapped_column(default=0)

    language: Mapped[str] = mapped_column(String(12), default="en")
    language_pinned: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str | None] = mapped_column(String(120))
    slots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tracker_no: Mapped[int] = mapped_column(default=0)
    tracker_turns: Mapped[int] = mapped_column(default=0)
    page_url: Mapped[str | None] = mapped_column(String(2000))
    previous_id: Mapped[str | None] = mapped_column(Id)
    successor_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[dict[str, Any] | None]


class Participant(Base):
    """A member of staff who has joined a conversation beside its owner."""

    __tablename__ = "participants"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    joined_at: Mapped[datetime] = mapped_column(default=utc_now)
    left_at: Mapped[datetime | None]


class Message(Base):
    """An item of a conversation. A note has no `seq`: the customer's numbering never knows of it."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "event_seq"),
        UniqueConstraint("conversation_id", "author_type", "client_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int | None]
    event_seq: Mapped[int]
    client_id: Mapped[str | None] = mapped_column(String(80))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    author_type: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[str | None] = mapped_column(Id)
    author_name: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reply_to: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ConversationEvent(Base):
    """What happened, numbered within its conversation: the staff's ledger."""

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    event_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class File(Base):
    """An uploaded file. Its bytes lie in a table of their own, so that lists stay light."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    inbox_id: Mapped[str] = mapped_column(ForeignKey("inboxes.id"))
    visitor_session_id: Mapped[str | None] = mapped_column(ForeignKey("visitor_sessions.id"))
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class FileContent(Base):
    __tablename__ = "file_contents"

    file_id: Mapped[str] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class WordingText(Base):
    """The wording of a text key in one locale, register and inbox; admins edit it live."""

    __tablename__ = "texts"
    __table_args__ = (UniqueConstraint("key", "locale", "register", "inbox_key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(12))
    register: Mapped[str] = mapped_column(String(20), default="plain")
    inbox_key: Mapped[str] = mapped_column(String(60), default="")
    """Empty: the company's default."""
    text: Mapped[str] = mapped_column(Text)
    buttons: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    updated_by: Mapped[str | None] = mapped_column(Id)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
