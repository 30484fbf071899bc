"""A ticket's history: whatever changes a ticket goes through here and leaves a line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from server.db import WriteSession, utc_now
from tickets.events import Actor, TicketChanged
from tickets.models import Ticket, TicketEvent

SHOWN = frozenset({"stage", "status", "subject"})
"""Fields whose change the customer may know of."""


async def change(
    session: WriteSession,
    ticket: Ticket,
    by: Actor,
    act: Callable[[datetime], None],
    event: str = "changed",
    **data: Any,
) -> dict[str, list[Any]]:
    """Let `act` change a locked ticket and write down what became different; nothing different, no line."""
    before, now = _snapshot(ticket), utc_now()
    act(now)
    after = _snapshot(ticket)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes and not data:
        return changes
    ticket.version += 1
    ticket.updated_at = now
    if SHOWN & changes.keys() or event == "merged":
        ticket.shown_at = now
    await write_history(session, ticket, event, by, changes=changes, **data)
    if changes:
        await session.emit(TicketChanged(ticket, by, changes))
    return changes


_TRACKED = (
    *("type", "subject", "description", "order_number", "email", "priority", "status", "stage"),
    *("assignee_id", "team_id", "merged_into_id"),
)


def _snapshot(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in _TRACKED}


async def write_history(session: WriteSession, ticket: Ticket, type_: str, by: Actor, **data: Any) -> None:
    ticket.last_event += 1
    session.add(
        TicketEvent(
            ticket_id=ticket.id,
            ordinal=ticket.last_event,
            type=type_,
            data=data,
            actor_type=by.type,
            actor_id=by.id,
            actor_name=by.name,
        )
    )
    await session.flush()
