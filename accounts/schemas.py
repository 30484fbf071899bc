"""Shapes of the accounts' API."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer


def _iso(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_iso, return_type=str)]


class FromRow(BaseModel):
    """A shape that can be read off a row of the database."""

    model_config = ConfigDict(from_attributes=True)


class LoginIn(BaseModel):
    email: str = Field(min_length=1, max_length=320)
    password: str = Field(min_length=1, max_length=1024)


Status = Literal["online", "away", "offline"]


class PresenceIn(BaseModel):
    status: Status


class PresenceOut(FromRow):
    """`status` is the chosen one: the position of the person's own switch."""

    status: Annotated[Status, Field(validation_alias=AliasChoices("chosen_status", "status"))]
    load: int
    capacity: int


class WorkplaceOut(BaseModel):
    name: str


class MeOut(BaseModel):
    id: str
    email: str
    name: str
    role: str
    permissions: list[str]
    languages: list[str]
    skills: list[str]
    presence: PresenceOut
    workplace: WorkplaceOut


class UserOut(FromRow):
    id: str
    email: str
    name: str
    role: str
    languages: list[str]
    active: bool
    created_at: Time


class AgentOut(FromRow):
    """`status` is what others see: `offline` too when the heartbeat has stopped."""

    id: str
    name: str
    status: Status
    languages: list[str]
    skills: Annotated[list[str], BeforeValidator(sorted)]
    load: int
    capacity: int


class TeamOut(FromRow):
    id: str
    key: str
    name: str
    skills: list[str]


class UserPage(BaseModel):
    items: list[UserOut]
    next: str | None


class AgentPage(BaseModel):
    items: list[AgentOut]
    next: str | None


class TeamPage(BaseModel):
    items: list[TeamOut]
    next: str | None
