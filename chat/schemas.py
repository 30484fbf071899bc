"""Shapes of the chat's API, and how a message is shown to customers and to staff."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.functional_serializers import PlainSerializer

from chat.models import File, Message

MAX_TEXT = 8000
"""Characters of one message; a longer text is refused, not cut."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def iso(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def clean_text(value: object) -> object:
    """Without NUL, other control characters and half surrogates, which no database or screen can hold."""
    if not isinstance(value, str):
        return value
    value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", value).strip()


def _not_blank(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


Moment = Annotated[datetime, PlainSerializer(iso, return_type=str)]
ClientId = Annotated[str, Field(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9._:\-]+$")]
CleanText = Annotated[
    str, BeforeValidator(clean_text), Field(max_length=MAX_TEXT), AfterValidator(_not_blank)
]
FieldText = Annotated[str, BeforeValidator(clean_text), Field(max_length=MAX_TEXT)]
"""A form's field; one that is not required may be left empty."""

Id = Annotated[str, Field(max_length=36, pattern=r"^[0-9A-Za-z-]+$")]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]
ShortText = Annotated[str, BeforeValidator(clean_text)]
ShortValue = Annotated[str, BeforeValidator(clean_text), Field(max_length=60)]
Locale = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$")]
PageUrl = Annotated[str, BeforeValidator(clean_text), Field(max_length=2000)]


class Body(BaseModel):
    """A request's body: unknown keys are refused, so that no field is ever set by accident."""

    model_config = ConfigDict(extra="forbid")


class SessionIn(Body):
    inbox: str = Field("default", max_length=60, pattern=r"^[\w.-]+$")
    identity_token: str | None = Field(None, max_length=4000, pattern=r"^[!-~]*$")
    locale: Locale | None = None
    page_url: PageUrl | None = None


class ConversationIn(Body):
    client_id: ClientId
    page_url: PageUrl | None = None
    locale: Locale | None = None


class ActionIn(Body):
    """A click on a button of `message_id`, or the fields of its form."""

    message_id: Id
    value: ShortValue | dict[Annotated[str, Field(max_length=60)], FieldText | None]


class MessageIn(Body):
    """Exactly one of text, action and files (files may carry a text)."""

    client_id: ClientId
    text: CleanText | None = None
    action: ActionIn | None = None
    file_ids: list[Id] = Field(default_factory=list, max_length=10)

    @model_validator(mode="after")
    def _one_content(self) -> "MessageIn":
        if self.action is not None and (self.text is not None or self.file_ids):
            raise ValueError("an action carries neither text nor files")
        if self.action is None and self.text is None and not self.file_ids:
            raise ValueError("a message needs a text, an action or files")
        return self


class ReadIn(Body):
    seq: Seq


class RatingIn(Body):
    client_id: ClientId
    survey: str = Field(pattern="^(csat|nps|ces)$")
    score: int = Field(ge=0, le=10)
    part: str = Field("bot", pattern="^(bot|human|ticket)$")


class LanguageIn(Body):
    language: Locale


class Author(BaseModel):
    type: str
    name: str | None


class FileOut(BaseModel):
    id: str
    name: str
    mime: str
    size: int
    url: str

    @classmethod
    def of(cls, file: File) -> "FileOut":
        return cls(id=file.id, name=file.name, mime=file.mime, size=file.size, url=f"/api/files/{file.id}")


class MessageOut(BaseModel):
    """A message as its customer sees it."""

    id: str
    conversation_id: str
    seq: int | None
    author: Author
    kind: str
    text: str
    payload: dict[str, Any]
    attachments: list[FileOut]
    reply_to: str | None
    client_id: str | None
    created_at: Moment

    @classmethod
    def of(cls, message: Message, files: Sequence[File]) -> "MessageOut":
        return cls(**_message_fields(message, files))


class StaffMessageOut(MessageOut):
    """A message as staff see it: numbered by `event_seq`, notes included."""

    event_seq: int

    @classmethod
    def of(cls, message: Message, files: Sequence[File]) -> "StaffMessageOut":
        return cls(**_message_fields(message, files), event_seq=message.event_seq)


def _message_fields(message: Message, files: Sequence[File]) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "author": Author(type=message.author_type, name=message.author_name),
        "kind": message.kind,
        "text": message.text,
        "payload": message.payload,
        "attachments": [FileOut.of(file) for file in files],
        "reply_to": message.reply_to,
        "client_id": message.client_id if message.author_type in ("customer", "agent") else None,
        "created_at": message.created_at,
    }


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A bounded list; `next` is the cursor of the following page."""

    items: list[T]
    next: str | None = None


class QueueOut(BaseModel):
    position: int
    wait: dict[str, int] | None = None


class AgentName(BaseModel):
    name: str


class ConversationOut(BaseModel):
    """A conversation as its customer sees it."""

    id: str
    status: str
    owner: str
    last_seq: int
    created_at: Moment
    queue: QueueOut | None = None
    agent: AgentName | None = None
    read: int = 0
    successor_id: str | None = None


class InboxOut(BaseModel):
    key: str
    name: str
    languages: list[str]
    online: bool


class SessionOut(BaseModel):
    token: str
    customer_id: str | None
    conversations: list[ConversationOut]
    inbox: InboxOut


class AvailabilityOut(BaseModel):
    online: bool
    open: bool
    opens_at: Moment | None = None
    agents: int = 0
