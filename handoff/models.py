"""Tables of the handoff: places in the queue, and the packets that explain why."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now

URGENT, HIGH, NORMAL = 3, 2, 1


class QueueEntry(Base):
    """A place in the queue: kept while the customer talks to the assistant meanwhile."""

    __tablename__ = "queue_entries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'parked', 'served', 'left')", name="state"),
        # A conversation has at most one place at a time.
        Index(
            "uq_queue_entries_live",
            "conversation_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'offered', 'parked')"),
            postgresql_where=text("state IN ('waiting', 'offered', 'parked')"),
        ),
        Index("ix_queue_entries_line", "state", "priority", "requested_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    priority: Mapped[int] = mapped_column(default=NORMAL)
    language: Mapped[str] = mapped_column(String(12), default="en")
    skill: Mapped[str | None] = mapped_column(String(60))
    team_id: Mapped[str | None] = mapped_column(String(36))
    preferred_agent_id: Mapped[str | None] = mapped_column(String(36))
    requested_at: Mapped[datetime] = mapped_column(default=utc_now)
    offer_agent_id: Mapped[str | None] = mapped_column(String(36))
    offer_expires_at: Mapped[datetime | None]
    told_choices: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]


class Handoff(Base):
    """One escalation with its context packet, as it was when the conversation left the assistant."""

    __tablename__ = "handoffs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    owner_epoch: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    """`queued`, `nobody_available` or `closed_hours`."""
    packet: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
