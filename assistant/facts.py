"""What a turn is decided on, and what it decides."""

from dataclasses import dataclass, field
from typing import Any

from assistant.gateway import RasaAnswer
from assistant.history import History
from assistant.reply import Line
from handoff.escalation import Reason


@dataclass(frozen=True, slots=True)
class Said:
    """A customer message of the turn: its words, or the button that was clicked, or a form's fields."""

    seq: int
    text: str
    button: str | None = None
    form: dict[str, Any] | None = None
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket of the customer's that is still worked on: its number, and what it is about."""

    number: str
    about: str
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """Everything that a turn is decided on, read in one go before it starts."""

    turn_id: str
    conversation_id: str
    owner_epoch: int
    attempts: int
    sender_id: str
    is_new_tracker: bool
    language: str
    bot_mode: str
    said: list[Said]
    slots: dict[str, Any]
    customer: dict[str, Any]
    helped_by_person_before: bool = False
    entities: dict[str, Any] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    history: History = field(default_factory=History)
    queued: bool = False
    open_tickets: tuple[OpenTicket, ...] = ()


@dataclass(slots=True)
class Decision:
    """What the turn writes: lines to say, reasons to hand over, a ticket from a form; and the evidence.

    `alone`: what is said, instead of handing over, where no people are there.
    """

    language: str = ""
    pins_language: bool = False
    repeats: bool = False
    lines: list[Line] = field(default_factory=list)
    alone: list[Line] | None = None
    reasons: list[Reason] = field(default_factory=list)
    danger: str | None = None
    ticket: dict[str, Any] | None = None
    resolve: bool = False
    wait: bool = False
    rasa: RasaAnswer | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
