"""What can happen to a conversation: typed, past tense, all in one file."""

import re
from dataclasses import dataclass
from typing import Any

from chat.models import Conversation, Message


@dataclass(frozen=True, slots=True)
class Happened:
    """Base of all events of a conversation; `data` is what staff read in the ledger."""

    conversation: Conversation

    @property
    def type(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def data(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class CustomerJoined:
    """Somebody anonymous turned out to be a known customer; their conversations have moved already."""

    anonymous_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class MessagePosted(Happened):
    """An item that the customer may see was added."""

    message: Message


@dataclass(frozen=True, slots=True)
class NoteAdded(Happened):
    """A note for staff was added."""

    message: Message


@dataclass(frozen=True, slots=True)
class OwnerChanged(Happened):
    """The conversation passed from one owner to another; the epoch has risen."""

    before: str
    before_agent_id: str | None
    agent_name: str | None
    reason: str
    actor: dict[str, Any]

    def data(self) -> dict[str, Any]:
        now = self.conversation
        return {
            "from": self.before,
            "from_agent_id": self.before_agent_id,
            "to": now.owner,
            "owner_epoch": now.owner_epoch,
            "agent_id": now.agent_id,
            "agent_name": self.agent_name,
            "status": now.status,
            "reason": self.reason,
            "actor": self.actor,
        }


@dataclass(frozen=True, slots=True)
class StatusChanged(Happened):
    before: str
    reason: str
    actor: dict[str, Any]

    def data(self) -> dict[str, Any]:
        return {
            "from": self.before,
            "to": self.conversation.status,
            "owner": self.conversation.owner,
            "reason": self.reason,
            "actor": self.actor,
        }


@dataclass(frozen=True, slots=True)
class AgentJoined(Happened):
    user_id: str
    name: str

    def data(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "name": self.name}


@dataclass(frozen=True, slots=True)
class AgentLeft(Happened):
    user_id: str
    name: str

    def data(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "name": self.name}


@dataclass(frozen=True, slots=True)
class PacketWritten(Happened):
    """The context packet for the next person was written or renewed."""

    reasons: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        return {"reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class TurnEnded(Happened):
    """A bot turn was answered, dropped or failed; staff see why."""

    state: str
    evidence: dict[str, Any]

    def data(self) -> dict[str, Any]:
        return {"state": self.state, **self.evidence}


@dataclass(frozen=True, slots=True)
class TicketLinked(Happened):
    number: int

    def data(self) -> dict[str, Any]:
        return {"number": self.number}
