"""The table of the look-ups: named requests to the company's own services, declared by admins."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now

Level = Literal["anonymous", "email", "verified"]
InputName = Literal["order_number", "email", "phone", "product", "customer"]
FieldType = Literal["text", "date", "amount", "number", "code"]

LEVELS: tuple[Level, ...] = ("anonymous", "email", "verified")

PROVEN_INPUTS: dict[str, Level] = {"email": "email", "customer": "verified"}
"""Inputs that come from a proven identity, never from what was typed, and the proof each one takes."""

VERSION = "look_ups"
"""Shared version that rises with every change; each process reloads what it has in memory."""


class LookUp(Base):
    """One named question to a service: what is asked with, who may ask, and how the answer is worded."""

    __tablename__ = "look_ups"
    __table_args__ = (
        CheckConstraint("identity IN ('anonymous', 'email', 'verified')", name="identity_known"),
        # NULL is not equal to NULL: the company's own names need an index of their own.
        Index(
            "uq_look_ups_name",
            "name",
            unique=True,
            sqlite_where=text("inbox_id IS NULL"),
            postgresql_where=text("inbox_id IS NULL"),
        ),
        Index("uq_look_ups_inbox_name", "inbox_id", "name", unique=True),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60))
    inbox_id: Mapped[str | None] = mapped_column(ForeignKey("inboxes.id"))
    """NULL: for every inbox. An inbox's own look-up stands before the company's of the same name."""
    enabled: Mapped[bool] = mapped_column(default=True)
    url_template: Mapped[str] = mapped_column(String(1000))
    secret: Mapped[str | None] = mapped_column(Text)
    """Sent in `secret_header`; never shown again, not even to whoever has set it."""
    secret_header: Mapped[str] = mapped_column(String(80), default="Authorization")
    timeout_s: Mapped[float] = mapped_column(default=3.0)
    identity: Mapped[str] = mapped_column(String(12), default="anonymous")
    inputs: Mapped[list[str]] = mapped_column(default=list)
    intent: Mapped[str | None] = mapped_column(String(60))
    phrases: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    not_found: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    updated_by: Mapped[str | None] = mapped_column(String(36))
