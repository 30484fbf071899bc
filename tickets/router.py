"""The tickets' endpoints: staff's under /api/tickets, the customer's own under /api/visitor/tickets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BeforeValidator

from accounts.access import Staff, require, staff_router
from chat.access import CurrentVisitor, Visitor
from chat.router import limited
from chat.schemas import Page, clean_text
from server.db import Reading, ReadSession, Writing
from server.errors import NotFound
from tickets import queries, service, views
from tickets.events import Actor
from tickets.intake import TicketDraft
from tickets.models import Stage, Status, Ticket
from tickets.numbers import parse_ticket_number
from tickets.schemas import (
    CommentIn,
    CommentOut,
    MergeIn,
    Number,
    ReopeningIn,
    RowId,
    StaffCommentIn,
    StaffCommentOut,
    StaffTicketDetailOut,
    StaffTicketOut,
    TicketChangeIn,
    TicketDetailOut,
    TicketIn,
    TicketOut,
)

router = staff_router("/api/tickets", tags=["tickets"])
visitor_router = APIRouter(prefix="/api/visitor/tickets", tags=["visitor"])

# People come before sessions in every signature: who may not come in never holds up the one writer of SQLite.
Reader = Annotated[Staff, Depends(require("tickets.read"))]
Writer = Annotated[Staff, Depends(require("tickets.write"))]
Cursor = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=queries.MAX_PAGE)]
Words = Annotated[str | None, BeforeValidator(clean_text), Query(max_length=200)]


@router.get("")
async def list_tickets(
    staff: Reader,
    session: Reading,
    status: Status | None = None,
    stage: Stage | None = None,
    assignee: Annotated[RowId | None, Query(description="an id, `me` or `none`")] = None,
    customer_id: RowId | None = None,
    conversation_id: RowId | None = None,
    q: Words = None,
    after: Cursor = None,
    limit: Limit = 50,
) -> Page[StaffTicketOut]:
    filters = queries.Filters(
        status=status,
        stage=stage,
        assignee=staff.id if assignee == "me" else assignee,
        customer_id=customer_id,
        conversation_id=conversation_id,
        q=q,
    )
    tickets, cursor = await queries.all_for_staff(session, filters, below=after, limit=limit)
    items = await views.staff_list(session, tickets)
    return Page[StaffTicketOut](items=items, next=str(cursor) if cursor else None)


@router.post("", status_code=201)
async def create_ticket(
    staff: Writer, session: Writing, response: Response, asked: TicketIn
) -> StaffTicketDetailOut:
    """201 with the ticket; 200 with the same one where this `client_id` was already sent."""
    draft = TicketDraft(
        key=f"staff:{staff.id}:{asked.client_id}",
        by=_agent(staff),
        **{**asked.model_dump(exclude={"client_id"}), "subject": asked.subject or ""},
    )
    ticket, created = await service.create_ticket(session, draft)
    response.status_code = 201 if created else 200
    return await views.staff_detail(session, ticket)


@router.get("/{number}")
async def get_ticket(staff: Reader, session: Reading, number: str) -> StaffTicketDetailOut:
    return await views.staff_detail(session, await _for_staff(session, number))


@router.patch("/{number}")
async def change_ticket(
    staff: Writer, session: Writing, number: str, asked: TicketChangeIn
) -> StaffTicketDetailOut:
    """409 `ticket-changed` where `version` is not the newest, `move-not-allowed` for an impossible status."""
    ticket = await _for_staff(session, number)
    await service.update_ticket(session, ticket, asked.changes(), by=_agent(staff), version=asked.version)
    return await views.staff_detail(session, ticket)


@router.post("/{number}/comments", status_code=201)
async def comment_as_staff(
    staff: Writer, session: Writing, response: Response, number: str, asked: StaffCommentIn
) -> StaffCommentOut:
    ticket = await _for_staff(session, number)
    draft = service.CommentDraft(by=_agent(staff), **asked.model_dump())
    comment, created = await service.add_comment(session, ticket, draft)
    response.status_code = 201 if created else 200
    return StaffCommentOut.seen(comment, ticket.number)


@router.post("/{number}/merge")
async def merge_ticket(staff: Writer, session: Writing, number: str, asked: MergeIn) -> StaffTicketDetailOut:
    """The ticket that both live on in. 409 `not-the-same-customer`, `move-not-allowed`."""
    ticket, into = await _for_staff(session, number), await _for_staff(session, asked.into)
    await service.merge(session, ticket, into, by=_agent(staff))
    return await views.staff_detail(session, into)


@visitor_router.get("")
async def list_own_tickets(
    visitor: CurrentVisitor, session: Reading, after: Cursor = None, limit: Limit = 50
) -> Page[TicketOut]:
    tickets, cursor = await queries.of_customer(
        session, visitor.customer_id, inbox_id=visitor.inbox_id, below=after, limit=limit
    )
    items = await views.customer_list(session, tickets)
    return Page[TicketOut](items=items, next=str(cursor) if cursor else None)


@visitor_router.get("/{number}")
async def get_own_ticket(visitor: CurrentVisitor, session: Reading, number: str) -> TicketDetailOut:
    return await views.customer_detail(session, await _own(session, visitor, number))


@visitor_router.post("/{number}/comments", status_code=201)
async def comment_as_customer(
    request: Request,
    visitor: CurrentVisitor,
    session: Writing,
    response: Response,
    number: str,
    asked: CommentIn,
) -> CommentOut:
    await limited(request, f"ticket-comments:{visitor.session_id}", 60, 60)
    ticket = await _own(session, visitor, number)
    draft = service.CommentDraft(by=_customer(visitor), public=True, **asked.model_dump())
    comment, created = await service.add_comment(session, ticket, draft)
    response.status_code = 201 if created else 200
    return CommentOut.of(comment)


@visitor_router.post("/{number}/reopening")
async def reopen_own_ticket(
    request: Request, visitor: CurrentVisitor, session: Writing, number: str, asked: ReopeningIn
) -> TicketDetailOut:
    """Not solved after all; with words, if there are any. 409 `move-not-allowed` for a merged ticket."""
    await limited(request, f"ticket-comments:{visitor.session_id}", 60, 60)
    ticket, by, is_new = await _own(session, visitor, number), _customer(visitor), True
    if asked.text is not None:
        draft = service.CommentDraft(by=by, client_id=asked.client_id, text=asked.text, public=True)
        _, is_new = await service.add_comment(session, ticket, draft)
    if is_new:
        await service.reopen(session, ticket, by=by)
    return await views.customer_detail(session, ticket)


async def _for_staff(session: ReadSession, number: Number) -> Ticket:
    ticket = await queries.for_staff(session, parse_ticket_number(str(number)))
    if ticket is None:
        raise NotFound
    return ticket


async def _own(session: ReadSession, visitor: Visitor, number: str) -> Ticket:
    """Raises NotFound, in the same words and after the same work, for what is not there and not theirs."""
    wanted = parse_ticket_number(number)
    ticket = await queries.for_customer(session, visitor.customer_id, wanted, inbox_id=visitor.inbox_id)
    if ticket is None:
        raise NotFound
    return ticket


def _agent(staff: Staff) -> Actor:
    return Actor("agent", staff.id, staff.name)


def _customer(visitor: Visitor) -> Actor:
    return Actor("customer", visitor.customer_id)
