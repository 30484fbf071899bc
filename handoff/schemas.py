"""Shapes of the staff's conversations and of the handoff."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chat.schemas import Body, CleanText, ClientId, ConversationOut, Id, Moment, ShortText
from handoff.queries import Listed


class HandoffIn(Body):
    client_id: ClientId | None = None
    topic: ShortText | None = Field(None, max_length=120)
    reason: CleanText | None = None


class AssignmentIn(Body):
    """`owner_epoch` is the one seen (somebody faster has raised it); `agent_id` assigns somebody else."""

    owner_epoch: int = Field(ge=0, le=2**31 - 1)
    offer_id: Id | None = None
    agent_id: str | None = Field(None, max_length=36)


class TransferIn(Body):
    to: Literal["agent", "team", "queue", "bot"]
    id: Id | None = None
    reason: ShortText = Field("", max_length=60)
    note: CleanText | None = None


class ClosureIn(Body):
    reason: ShortText = Field("solved", max_length=60)
    result: ShortText = Field("", max_length=200)
    note: CleanText | None = None


class StaffMessageIn(Body):
    client_id: ClientId
    text: CleanText


class Named(BaseModel):
    id: str
    name: str


class InboxName(BaseModel):
    key: str
    name: str


class CustomerOut(BaseModel):
    id: str
    name: str | None
    email: str | None


class LastMessage(BaseModel):
    text: str
    author_type: str
    at: Moment


class PlaceOut(BaseModel):
    requested_at: Moment
    priority: int
    state: str


class StaffConversationOut(BaseModel):
    """A conversation in the staff's list."""

    id: str
    inbox: InboxName
    customer: CustomerOut
    status: str
    owner: str
    owner_epoch: int
    agent: Named | None
    language: str
    last_message: LastMessage | None
    queue: PlaceOut | None
    last_seq: int
    last_event_seq: int
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, listed: Listed) -> "StaffConversationOut":
        return cls(**_fields(listed))


class LinkedTicket(BaseModel):
    number: str
    subject: str
    stage: str


class StaffConversationDetail(StaffConversationOut):
    """A conversation with everything that a person who takes over must know."""

    packet: dict[str, Any] | None
    participants: list[Named]
    tickets: list[LinkedTicket]
    page_url: str | None
    topic: str | None
    resolution: dict[str, Any] | None


class HandoffOut(BaseModel):
    outcome: str
    conversation: ConversationOut


class EventOut(BaseModel):
    event_seq: int
    type: str
    data: dict[str, Any]
    message_id: str | None
    at: Moment


def _fields(listed: Listed) -> dict[str, Any]:
    one, agent, entry, last = listed.conversation, listed.agent, listed.entry, listed.last
    return {
        "id": one.id,
        "inbox": InboxName(key=listed.inbox.key, name=listed.inbox.name),
        "customer": CustomerOut(id=listed.customer.id, name=listed.customer.name, email=listed.email),
        "status": one.status,
        "owner": one.owner,
        "owner_epoch": one.owner_epoch,
        "agent": Named(id=agent.id, name=agent.name) if agent else None,
        "language": one.language,
        "last_message": LastMessage(text=last.text[:200], author_type=last.author_type, at=last.created_at)
        if last
        else None,
        "queue": PlaceOut(requested_at=entry.requested_at, priority=entry.priority, state=entry.state)
        if entry
        else None,
        "last_seq": one.last_seq,
        "last_event_seq": one.last_event_seq,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def detail_fields(listed: Listed) -> dict[str, Any]:
    one = listed.conversation
    return {
        **_fields(listed),
        "page_url": one.page_url,
        "topic": one.topic,
        "resolution": one.resolution,
    }
