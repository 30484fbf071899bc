"""Every SELECT on tickets, scoped by who asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select

from accounts.models import User
from chat.models import Customer, CustomerIdentity
from server.db import ReadSession
from tickets.models import Ticket, TicketComment, TicketEvent
from tickets.numbers import parse_ticket_number

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a ticket shows them; the e-mail address is contact data, not proof of anything."""

    id: str
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Filters:
    """What staff may narrow the list by; None means no narrowing. `assignee` is an id, or `none`."""

    status: str | None = None
    stage: str | None = None
    assignee: str | None = None
    customer_id: str | None = None
    conversation_id: str | None = None
    q: str | None = None


async def for_customer(
    session: ReadSession, customer_id: str | None, number: int | None, *, inbox_id: str | None = None
) -> Ticket | None:
    """The customer's own ticket; with `inbox_id`, only if it came in there.

    A foreign number, an unknown one and nonsense take the same single query, so that neither the answer
    nor the work done for it tells them apart.
    """
    found: Ticket | None = await session.scalar(
        _own(customer_id, inbox_id).where(Ticket.number == (number or 0))
    )
    return found


def _own(customer_id: str | None, inbox_id: str | None) -> Select[Ticket]:
    query = select(Ticket).where(Ticket.customer_id == (customer_id or ""))
    return query.where(Ticket.inbox_id == inbox_id) if inbox_id else query


async def for_staff(session: ReadSession, number: int | None) -> Ticket | None:
    found: Ticket | None = await session.scalar(select(Ticket).where(Ticket.number == (number or 0)))
    return found


async def living(session: ReadSession, tickets: Iterable[Ticket]) -> dict[str, Ticket]:
    """By the id of each merged ticket among these: the ticket it lives on in."""
    merged = {ticket.id: ticket.merged_into_id for ticket in tickets if ticket.merged_into_id}
    if not merged:
        return {}
    rows = await session.scalars(select(Ticket).where(Ticket.id.in_(set(merged.values()))))
    into = {row.id: row for row in rows}
    return {id_: into[target] for id_, target in merged.items()}


async def of_customer(
    session: ReadSession,
    customer_id: str | None,
    *,
    inbox_id: str | None = None,
    below: int | None = None,
    limit: int = MAX_PAGE,
) -> tuple[Sequence[Ticket], int | None]:
    """A customer's tickets, newest first, and the cursor of the next page."""
    return await _page(session, _own(customer_id, inbox_id), below=below, limit=limit)


async def of_conversation(session: ReadSession, conversation_id: str) -> Sequence[Ticket]:
    found = await session.scalars(
        select(Ticket)
        .where(Ticket.conversation_id == conversation_id)
        .order_by(Ticket.number)
        .limit(MAX_PAGE)
    )
    return found.all()


async def all_for_staff(
    session: ReadSession, filters: Filters, *, below: int | None, limit: int
) -> tuple[Sequence[Ticket], int | None]:
    """Tickets as staff look for them, newest first, and the cursor of the next page."""
    query = select(Ticket)
    for column, wanted in (
        (Ticket.status, filters.status),
        (Ticket.stage, filters.stage),
        (Ticket.customer_id, filters.customer_id),
        (Ticket.conversation_id, filters.conversation_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filters.assignee is not None:
        wanted_by = None if filters.assignee == "none" else filters.assignee
        query = query.where(Ticket.assignee_id == wanted_by)
    if filters.q:
        query = query.where(_mentions(filters.q))
    return await _page(session, query, below=below, limit=limit)


async def comments_for_customer(session: ReadSession, ticket: Ticket) -> Sequence[TicketComment]:
    """What was said in public on the ticket and on those of the same customer that were merged into it."""
    merged = Ticket.merged_into_id == ticket.id
    same_customer = Ticket.customer_id == (ticket.customer_id or "")
    query = (
        select(TicketComment)
        .join(Ticket, Ticket.id == TicketComment.ticket_id)
        .where(or_(Ticket.id == ticket.id, merged & same_customer), TicketComment.public)
        .order_by(TicketComment.created_at, Ticket.number, TicketComment.ordinal)
    )
    return (await session.scalars(query)).all()


async def comments_for_staff(session: ReadSession, ticket: Ticket) -> Sequence[tuple[TicketComment, int]]:
    """Everything said on the ticket and on those merged into it, each with its ticket's number."""
    query = (
        select(TicketComment, Ticket.number)
        .join(Ticket, Ticket.id == TicketComment.ticket_id)
        .where(or_(Ticket.id == ticket.id, Ticket.merged_into_id == ticket.id))
        .order_by(TicketComment.created_at, Ticket.number, TicketComment.ordinal)
    )
    return [(comment, number) for comment, number in await session.execute(query)]


async def comment_by_client_id(
    session: ReadSession, ticket: Ticket, author_type: str, author_id: str, client_id: str
) -> TicketComment | None:
    found: TicketComment | None = await session.scalar(
        select(TicketComment).where(
            TicketComment.ticket_id == ticket.id,
            TicketComment.author_type == author_type,
            TicketComment.author_id == author_id,
            TicketComment.client_id == client_id,
        )
    )
    return found


async def history_of(session: ReadSession, ticket: Ticket) -> Sequence[TicketEvent]:
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.ordinal)
    return (await session.scalars(query)).all()


async def by_key(session: ReadSession, key: str) -> Ticket | None:
    found: Ticket | None = await session.scalar(select(Ticket).where(Ticket.key == key))
    return found


async def people(session: ReadSession, tickets: Iterable[Ticket]) -> dict[str, Person]:
    """The customers of some tickets by id; the address of the best proof, then the newest."""
    ids = {ticket.customer_id for ticket in tickets if ticket.customer_id}
    if not ids:
        return {}
    customers = await session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    addresses = await session.scalars(
        select(CustomerIdentity).where(
            CustomerIdentity.customer_id.in_(ids), CustomerIdentity.channel == "email"
        )
    )
    ranks = {"anonymous": 0, "email": 1, "verified": 2}
    best = sorted(addresses, key=lambda one: (ranks.get(one.level, 0), one.created_at))
    email = {one.customer_id: one.value for one in best}
    return {id_: Person(id_, name, email.get(id_)) for id_, name in customers}


async def staff_names(session: ReadSession, tickets: Iterable[Ticket]) -> dict[str, str]:
    ids = {ticket.assignee_id for ticket in tickets if ticket.assignee_id}
    if not ids:
        return {}
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {id_: name for id_, name in rows}  # noqa: C416 - a row is no pair for dict()


async def _page(
    session: ReadSession, query: Select[Ticket], *, below: int | None, limit: int
) -> tuple[Sequence[Ticket], int | None]:
    if below is not None:
        query = query.where(Ticket.number < below)
    limit = min(limit, MAX_PAGE)
    rows = (await session.scalars(query.order_by(Ticket.number.desc()).limit(limit + 1))).all()
    return rows[:limit], rows[limit - 1].number if len(rows) > limit else None


def _mentions(q: str) -> ColumnElement[bool]:
    number = parse_ticket_number(q)
    columns = (Ticket.subject, Ticket.description, Ticket.order_number, Ticket.email)
    found = [column.icontains(q, autoescape=True) for column in columns]
    return or_(*found, *([Ticket.number == number] if number else []))
