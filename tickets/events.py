"""What can happen to a ticket: typed, past tense, all in one file."""

from dataclasses import dataclass
from typing import Any

from tickets.models import Ticket, TicketComment


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `customer`, `bot`, `agent` or `system`."""

    type: str
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class TicketHappened:
    """Base of all events of a ticket; emitted within the transaction in which they happened."""

    ticket: Ticket
    by: Actor


@dataclass(frozen=True, slots=True)
class TicketCreated(TicketHappened):
    """A ticket was made and, where it has a conversation, announced there."""


@dataclass(frozen=True, slots=True)
class TicketChanged(TicketHappened):
    """`changes` maps a field to [before, after]."""

    changes: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class TicketCommented(TicketHappened):
    comment: TicketComment


@dataclass(frozen=True, slots=True)
class TicketReopened(TicketHappened):
    """A ticket that was over needs work again."""


@dataclass(frozen=True, slots=True)
class TicketMerged(TicketHappened):
    """The ticket lives on in `into`."""

    into: Ticket
