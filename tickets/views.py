"""Tickets as they are shown: the row together with the names and comments that belong to it."""

from collections.abc import Sequence

from server.db import ReadSession
from tickets import queries
from tickets.models import Ticket
from tickets.schemas import (
    CommentOut,
    HistoryOut,
    StaffCommentOut,
    StaffTicketDetailOut,
    StaffTicketOut,
    TicketDetailOut,
    TicketOut,
    ticket_fields,
)


async def customer_list(session: ReadSession, tickets: Sequence[Ticket]) -> list[TicketOut]:
    living = await queries.living(session, tickets)
    return [TicketOut.of(ticket, living.get(ticket.id)) for ticket in tickets]


async def customer_detail(session: ReadSession, ticket: Ticket) -> TicketDetailOut:
    living = await queries.living(session, [ticket])
    said = await queries.comments_for_customer(session, ticket)
    fields = ticket_fields(ticket, living.get(ticket.id))
    return TicketDetailOut(**fields, comments=[CommentOut.of(one) for one in said])


async def staff_list(session: ReadSession, tickets: Sequence[Ticket]) -> list[StaffTicketOut]:
    people = await queries.people(session, tickets)
    names = await queries.staff_names(session, tickets)
    living = await queries.living(session, tickets)
    return [
        StaffTicketOut.of(
            ticket,
            person=people.get(ticket.customer_id or ""),
            assignee=names.get(ticket.assignee_id or ""),
            living=living.get(ticket.id),
        )
        for ticket in tickets
    ]


async def staff_detail(session: ReadSession, ticket: Ticket) -> StaffTicketDetailOut:
    [item] = await staff_list(session, [ticket])
    said = await queries.comments_for_staff(session, ticket)
    happened = await queries.history_of(session, ticket)
    return StaffTicketDetailOut(
        **dict(item),
        comments=[StaffCommentOut.seen(comment, number) for comment, number in said],
        history=[HistoryOut.of(event) for event in happened],
    )
