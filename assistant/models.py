"""Tables of the assistant: its turns, with leases, and the trained models."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now


class Turn(Base):
    """The assistant's answer to the customer messages `from_seq..to_seq`, claimed by one worker at a time.

    queued → running → answered | dropped (somebody else owns now) ; a lease that ran out is claimed again.
    """

    __tablename__ = "turns"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'answered', 'dropped')", name="state"),
        # At most one turn of a conversation is under way: answers keep the order of the questions.
        Index(
            "uq_turns_live",
            "conversation_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_turns_due", "state", "run_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    from_seq: Mapped[int]
    to_seq: Mapped[int]
    owner_epoch: Mapped[int]
    run_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(String(36))
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]


class AssistantModel(Base):
    """A trained Rasa model; the newest published one is what every rasa process fetches."""

    __tablename__ = "assistant_models"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    etag: Mapped[str] = mapped_column(String(64))
    archive: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    published_at: Mapped[datetime | None]
