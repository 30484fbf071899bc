"""Shapes of the tickets' API, for customers and for staff."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from chat.schemas import Author, Body, CleanText, ClientId, Moment, clean_text
from tickets.intake import MAX_EMAIL, MAX_ORDER
from tickets.models import MAX_SUBJECT, Priority, Stage, Status, Ticket, TicketComment, TicketEvent, Type
from tickets.numbers import format_number
from tickets.queries import Person

Subject = Annotated[CleanText, Field(max_length=MAX_SUBJECT)]
Order = Annotated[CleanText, Field(max_length=MAX_ORDER)]
Email = Annotated[str, BeforeValidator(clean_text), Field(min_length=3, max_length=MAX_EMAIL)]
RowId = Annotated[str, Field(max_length=36, pattern=r"^[A-Za-z0-9-]+$")]
Number = str | int
"""`"T-1042"`, or any other way of writing it, or 1042."""


class TicketIn(Body):
    """A ticket made by staff, in a conversation or for a customer or for somebody not known yet."""

    client_id: ClientId
    description: CleanText
    subject: Subject | None = None
    type: Type = "request"
    priority: Priority = "normal"
    order_number: Order | None = None
    email: Email | None = None
    conversation_id: RowId | None = None
    customer_id: RowId | None = None
    inbox: Annotated[str, BeforeValidator(clean_text), Field(max_length=60)] = "default"
    assignee_id: RowId | None = None


class TicketChangeIn(Body):
    """What is to change; `version` is the one that was read, and makes a lost update a 409."""

    version: int | None = None
    type: Type | None = None
    subject: Subject | None = None
    description: CleanText | None = None
    order_number: Order | None = None
    email: Email | None = None
    priority: Priority | None = None
    status: Status | None = None
    stage: Stage | None = None
    assignee_id: RowId | None = None
    team_id: RowId | None = None

    @model_validator(mode="after")
    def _nothing_emptied_that_must_be_there(self) -> Self:
        for name in ("type", "subject", "description", "priority", "status", "stage"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} must not be null")
        return self

    def changes(self) -> dict[str, Any]:
        """Only what was sent: a null empties a field, a missing one leaves it alone."""
        return self.model_dump(exclude_unset=True, exclude={"version"})


class CommentIn(Body):
    client_id: ClientId
    text: CleanText


class StaffCommentIn(CommentIn):
    """Internal unless said otherwise: a slip must not reach the customer."""

    public: bool = False


class ReopeningIn(Body):
    client_id: ClientId
    text: CleanText | None = None


class MergeIn(Body):
    into: Number
    client_id: ClientId | None = None


class CommentOut(BaseModel):
    """A public comment as its customer sees it; `masked`: something was taken out before it was stored."""

    author: Author
    text: str
    masked: bool
    created_at: Moment

    @classmethod
    def of(cls, comment: TicketComment) -> "CommentOut":
        return cls(**_comment_fields(comment))


class StaffCommentOut(CommentOut):
    """A comment as staff see it; `number` is the ticket it was made on, which may be a merged one."""

    id: str
    number: str
    public: bool

    @classmethod
    def seen(cls, comment: TicketComment, number: int) -> "StaffCommentOut":
        shown = format_number(number)
        id_ = f"{shown}:{comment.ordinal}"
        return cls(**_comment_fields(comment), id=id_, number=shown, public=comment.public)


class TicketOut(BaseModel):
    """A ticket as its customer sees it. A merged one shows the stage of the ticket that it lives on in."""

    number: str
    subject: str
    stage: str
    merged_into: str | None = None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, ticket: Ticket, living: Ticket | None = None) -> "TicketOut":
        return cls(**ticket_fields(ticket, living))


class TicketDetailOut(TicketOut):
    comments: list[CommentOut]


class PersonOut(BaseModel):
    id: str
    name: str | None
    email: str | None


class StaffNameOut(BaseModel):
    id: str
    name: str


class StaffTicketOut(BaseModel):
    number: str
    version: int
    type: str
    subject: str
    description: str
    order_number: str | None
    email: str | None
    language: str
    priority: str
    status: str
    stage: str
    customer: PersonOut | None
    assignee: StaffNameOut | None
    team_id: str | None
    conversation_id: str | None
    merged_into: str | None
    created_at: Moment
    updated_at: Moment
    resolved_at: Moment | None

    @classmethod
    def of(
        cls, ticket: Ticket, *, person: Person | None, assignee: str | None, living: Ticket | None
    ) -> "StaffTicketOut":
        by = StaffNameOut(id=ticket.assignee_id, name=assignee or "") if ticket.assignee_id else None
        return cls(
            **{name: getattr(ticket, name) for name in _SAME},
            number=ticket.shown_number,
            customer=PersonOut(id=person.id, name=person.name, email=person.email) if person else None,
            assignee=by,
            merged_into=living.shown_number if living else None,
        )


_SAME = (
    *("version", "type", "subject", "description", "order_number", "email", "language", "priority"),
    *("status", "stage", "team_id", "conversation_id", "created_at", "updated_at", "resolved_at"),
)


class HistoryOut(BaseModel):
    """One line of the history; `data.changes` maps a field to [before, after]."""

    type: str
    data: dict[str, Any]
    by: Author
    at: Moment

    @classmethod
    def of(cls, event: TicketEvent) -> "HistoryOut":
        by = Author(type=event.actor_type, name=event.actor_name)
        return cls(type=event.type, data=event.data, by=by, at=event.at)


class StaffTicketDetailOut(StaffTicketOut):
    comments: list[StaffCommentOut]
    history: list[HistoryOut]


def ticket_fields(ticket: Ticket, living: Ticket | None) -> dict[str, Any]:
    """Of a merged ticket the customer hears how the matter stands; the other number only if it is theirs."""
    theirs = living is not None and living.customer_id == ticket.customer_id
    now = living or ticket
    return {
        "number": ticket.shown_number,
        "subject": ticket.subject,
        "stage": now.stage,
        "merged_into": now.shown_number if theirs else None,
        "created_at": ticket.created_at,
        "updated_at": max(ticket.shown_at, now.shown_at),
    }


def _comment_fields(comment: TicketComment) -> dict[str, Any]:
    return {
        "author": Author(type=comment.author_type, name=comment.author_name),
        "text": comment.text,
        "masked": comment.masked,
        "created_at": comment.created_at,
    }
