"""Tables of the tickets: the work item, its comments, its history; and the moves that a ticket may make."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, new_id, utc_now
from server.errors import Conflict
from tickets.numbers import format_number

Type = Literal["question", "request", "incident", "complaint", "problem", "suggestion", "praise"]
Priority = Literal["low", "normal", "high", "urgent"]
Status = Literal["open", "pending_customer", "resolved", "closed"]
Stage = Literal["received", "understood", "in_work", "with_others", "solved", "confirmed"]

Id = String(36)

MAX_SUBJECT = 200

WORKING: tuple[Stage, ...] = ("received", "understood", "in_work", "with_others")
"""Stages of a ticket that still needs work, in the order in which the customer sees them."""


class NotAllowed(Conflict):
    type, title = "move-not-allowed", "The ticket cannot go there from where it is"


class TicketCounter(Base):
    """One row: the last number given out."""

    __tablename__ = "ticket_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Ticket(Base):
    """A work item with a number. `status` is what staff plan by; `stage` is what the customer is told.

    Both change only through the methods below, which keep them in step: `resolved` means stage `solved`,
    a confirmed ticket is `closed`, and a stage never goes back except on reopening.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'pending_customer', 'resolved', 'closed')", name="status"),
        CheckConstraint("merged_into_id IS NULL OR status = 'closed'", name="merged_is_closed"),
        Index("ix_tickets_customer_number", "customer_id", "number"),
        Index("ix_tickets_status_number", "status", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """Makes creation idempotent: a turn's `turn_id:action:n`, or who asked and their client id."""
    content_hash: Mapped[str] = mapped_column(String(64))
    inbox_id: Mapped[str] = mapped_column(ForeignKey("inboxes.id"))
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)

    type: Mapped[str] = mapped_column(String(20), default="request")
    subject: Mapped[str] = mapped_column(String(MAX_SUBJECT))
    description: Mapped[str] = mapped_column(Text)
    order_number: Mapped[str | None] = mapped_column(String(80))
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(12), default="en")

    priority: Mapped[str] = mapped_column(String(10), default="normal")
    status: Mapped[str] = mapped_column(String(20), default="open")
    stage: Mapped[str] = mapped_column(String(20), default="received")
    assignee_id: Mapped[str | None] = mapped_column(Id, index=True)
    team_id: Mapped[str | None] = mapped_column(Id)
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("tickets.id"), index=True)

    first_response_due_at: Mapped[datetime | None]
    next_response_due_at: Mapped[datetime | None]
    resolution_due_at: Mapped[datetime | None]
    first_responded_at: Mapped[datetime | None]
    """When a person first answered in public; an automatic answer does not count."""

    version: Mapped[int] = mapped_column(default=1)
    last_comment: Mapped[int] = mapped_column(default=0)
    last_event: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    shown_at: Mapped[datetime] = mapped_column(default=utc_now)
    """Last change that the customer may know of: an internal comment must not show as one."""
    resolved_at: Mapped[datetime | None]

    @property
    def shown_number(self) -> str:
        return format_number(self.number)

    @property
    def is_over(self) -> bool:
        return self.status in ("resolved", "closed")

    def move_to(self, stage: Stage, *, at: datetime) -> None:
        """Go forward to a stage; between `in_work` and `with_others` also back. Raises NotAllowed."""
        if stage == self.stage:
            return
        if stage == "solved":
            self.resolve(at=at)
        elif stage == "confirmed":
            self.confirm(at=at)
        else:
            self._require(not self.is_over, f"stage {stage}")
            forward = WORKING.index(stage) > WORKING.index(_working(self.stage))
            self._require(forward or (self.stage, stage) == ("with_others", "in_work"), f"stage {stage}")
            self.stage = stage

    def set_status(self, status: Status, *, at: datetime) -> None:
        """Go to a status by the verb that leads there. Raises NotAllowed."""
        if status == self.status:
            return
        match status:
            case "open" if self.is_over:
                self.reopen()
            case "open":
                self.status = "open"
            case "pending_customer":
                self.wait_for_customer()
            case "resolved":
                self.resolve(at=at)
            case "closed":
                self.close(at=at)

    def wait_for_customer(self) -> None:
        self._require(self.status == "open", "status pending_customer")
        self.status = "pending_customer"

    def resolve(self, *, at: datetime) -> None:
        """Propose to the customer that it is solved."""
        self._require(not self.is_over, "stage solved")
        self.status, self.stage, self.resolved_at = "resolved", "solved", at

    def confirm(self, *, at: datetime) -> None:
        """The customer agrees that it is solved: counted apart from what is only assumed to be."""
        self._require(self.stage == "solved" and self.merged_into_id is None, "stage confirmed")
        self.status, self.stage = "closed", "confirmed"

    def close(self, *, at: datetime) -> None:
        """No more work: solved and never contradicted, or never work at all (the stage then stays)."""
        self.status = "closed"
        self.resolved_at = self.resolved_at or at

    def reopen(self) -> None:
        """Back to work. Raises NotAllowed for a ticket that is not over or lives on in another."""
        self._require(self.is_over and self.merged_into_id is None, "status open")
        self.status, self.resolved_at = "open", None
        if self.stage in ("solved", "confirmed"):
            self.stage = "in_work"

    def merge_into(self, other: "Ticket", *, at: datetime) -> None:
        """Live on in another ticket of the same customer or organisation. Raises NotAllowed or Conflict."""
        if self.id == other.id or other.merged_into_id is not None:
            raise NotAllowed("A ticket can only be merged into another one that is not merged itself.")
        self._require(self.merged_into_id is None, f"merged into {other.shown_number}")
        if not self.is_kin_of(other):
            raise Conflict(
                "Only tickets of one customer or one organisation can be merged.",
                type="not-the-same-customer",
            )
        other.take_earliest_due(self)
        self.merged_into_id = other.id
        self.close(at=at)

    def is_kin_of(self, other: "Ticket") -> bool:
        """Whether both belong to one customer or to one organisation."""
        same_customer = self.customer_id is not None and self.customer_id == other.customer_id
        same_organisation = self.organisation_id is not None and self.organisation_id == other.organisation_id
        return same_customer or same_organisation

    def take_earliest_due(self, other: "Ticket") -> None:
        for name in ("first_response_due_at", "next_response_due_at", "resolution_due_at"):
            dues = [due for due in (getattr(self, name), getattr(other, name)) if due is not None]
            setattr(self, name, min(dues, default=None))

    def _require(self, allowed: bool, wanted: str) -> None:
        if not allowed:
            raise NotAllowed(
                f"{self.shown_number} is {self.status} ({self.stage}), so it cannot become: {wanted}."
            )


def _working(stage: str) -> Stage:
    """A ticket that was closed without being solved keeps its stage; one that was solved is past them all."""
    return next((known for known in WORKING if known == stage), WORKING[-1])


class TicketComment(Base):
    """What was said on a ticket. What is not `public` never leaves the staff side."""

    __tablename__ = "ticket_comments"
    __table_args__ = (UniqueConstraint("ticket_id", "author_type", "author_id", "client_id"),)

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author_type: Mapped[str] = mapped_column(String(10))
    author_id: Mapped[str] = mapped_column(Id)
    author_name: Mapped[str | None] = mapped_column(String(120))
    public: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    masked: Mapped[bool] = mapped_column(default=False)
    """Something was taken out before it was stored; the author is told."""
    client_id: Mapped[str] = mapped_column(String(80))
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketEvent(Base):
    """One line of a ticket's history: appended, never changed."""

    __tablename__ = "ticket_events"

    ticket_id: Mapped[str] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_type: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(Id)
    actor_name: Mapped[str | None] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(default=utc_now)
