"""What the desk asks for: the request of one turn, checked before Rasa sees any of it."""

from __future__ import annotations

import json
from typing import Any, Dict, List, NoReturn, Optional

from pydantic import BaseModel, Field, StrictStr, ValidationError, root_validator
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.domain import Domain

from bot.typed_text import neutralise

MAX_BODY = 256 * 1024  # bytes
MAX_TEXT = 20_000  # characters: a burst of messages arrives as one text


class Malformed(Exception):
    """The request cannot be understood; the message says why, without repeating what the customer wrote."""


class Entity(BaseModel):
    entity: StrictStr = Field(min_length=1, max_length=100)
    value: Any


class Click(BaseModel):
    """A button that was pressed: an intent that needs no understanding."""

    intent: StrictStr = Field(min_length=1, max_length=100)
    entities: List[Entity] = Field(default_factory=list, max_items=20)


class Customer(BaseModel):
    email: Optional[StrictStr] = None
    name: Optional[StrictStr] = None
    level: StrictStr = Field(default="anonymous", max_length=20)


class Product(BaseModel):
    name: StrictStr
    aliases: List[StrictStr] = Field(default_factory=list)


class EntityRules(BaseModel):
    """What the inbox's admins keep; read by `entities.rules.Rules`."""

    order_pattern: StrictStr = ""
    ticket_pattern: StrictStr = ""
    products: List[Product] = Field(default_factory=list)
    region: StrictStr = ""


class Metadata(BaseModel):
    language: StrictStr = Field(default="en", regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$")
    slots: Dict[str, Any] = Field(default_factory=dict)
    customer: Customer = Field(default_factory=Customer)
    entities: EntityRules = Field(default_factory=EntityRules)


class Turn(BaseModel):
    """One turn: exactly one of a typed text and a click, and what the desk knows beside it."""

    turn_id: StrictStr = Field(min_length=1, max_length=100)
    sender_id: StrictStr = Field(regex=r"^[^.\s]{1,100}\.\d{1,9}\.\d{1,9}$")
    text: Optional[StrictStr] = Field(default=None, max_length=MAX_TEXT)
    click: Optional[Click] = Field(default=None, alias="parse")
    metadata: Metadata = Field(default_factory=Metadata)

    @root_validator(skip_on_failure=True)
    def _text_or_click(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        if (values["text"] is None) == (values["click"] is None):
            raise ValueError("either text or parse, and not both")
        if values["text"] is not None:
            values["text"] = neutralise(values["text"])
            if not values["text"]:
                raise ValueError("the text is empty")
        return values


def read_turn(body: bytes) -> Turn:
    """The turn in a request's body; Malformed where it is not one."""
    if len(body) > MAX_BODY:
        raise Malformed("the body is too large")
    try:
        data = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(data, dict):
        raise Malformed("the body is not an object")
    try:
        return Turn.parse_obj(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise Malformed(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def user_message(turn: Turn, domain: Domain, output_channel: Any) -> UserMessage:
    """The turn as Rasa takes it; Malformed for a click on an intent that customers have no button for."""
    parse_data = _parse_data(turn.click, domain) if turn.click else None
    return UserMessage(
        text=turn.text,
        output_channel=output_channel,
        sender_id=turn.sender_id,
        parse_data=parse_data,
        input_channel="gateway",
        message_id=turn.turn_id,
        # The pipeline's steps read it; the tracker does not keep it, and need not.
        metadata={"entities": turn.metadata.entities.dict()},
    )


def _parse_data(click: Click, domain: Domain) -> Dict[str, Any]:
    # The default intents (restart, back, session_start, …) are Rasa's own levers.
    if click.intent not in domain.intents or click.intent in DEFAULT_INTENTS:
        raise Malformed(f"parse.intent: no intent is called {click.intent!r}")
    unknown = [e.entity for e in click.entities if e.entity not in domain.entities]
    if unknown:
        raise Malformed(f"parse.entities: no entity is called {unknown[0]!r}")
    intent = {"name": click.intent, "confidence": 1.0}
    return {
        "text": "",
        "intent": intent,
        "entities": [entity.dict() for entity in click.entities],
        "intent_ranking": [intent],
    }
