"""What the assistant recognises, for admins: read, changed and tried out, inbox by inbox."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator, Field
from sqlalchemy import select

from accounts.access import Staff, require, staff_router
from accounts.service import staff_actor
from chat.entities import change_rules, inbox_of, order_example, rules_of, version_of
from chat.language import normalise
from chat.models import Inbox
from chat.schemas import Body, clean_text
from entities.faults import faults
from entities.find import find_entities
from entities.rules import MAX_NAME, MAX_PATTERN, MAX_PRODUCTS, Rules
from server.db import Reading, Writing

router: APIRouter = staff_router("/api", tags=["entities"])

Reader = Annotated[Staff, Depends(require("settings.read"))]
Editor = Annotated[Staff, Depends(require("settings.write"))]

Clean = BeforeValidator(clean_text)
InboxKey = Annotated[str, Query(max_length=60)]
Pattern = Annotated[str, Clean, Field(max_length=MAX_PATTERN)]
Name = Annotated[str, Clean, Field(max_length=MAX_NAME)]


class InboxRef(BaseModel):
    key: str
    name: str
    languages: list[str]


class ProductNames(Body):
    """A product, and what else customers call it."""

    name: Name
    aliases: list[Name] = Field(default_factory=list, max_length=50)


class EntityDraft(Body):
    """Rules as an admin writes them; all of it may be empty."""

    order_pattern: Pattern = ""
    order_example: Annotated[str, Clean, Field(max_length=80)] = ""
    ticket_pattern: Pattern = ""
    products: list[ProductNames] = Field(default_factory=list, max_length=MAX_PRODUCTS)
    region: Annotated[str, Clean, Field(max_length=2)] = ""

    def rules(self) -> Rules:
        return Rules.of(self.model_dump())


class EntitiesIn(EntityDraft):
    version: int = Field(ge=1)


class EntitiesOut(BaseModel):
    inbox: str
    order_pattern: str
    order_example: str
    ticket_pattern: str
    products: list[ProductNames]
    region: str
    version: int

    @classmethod
    def of(cls, inbox: Inbox) -> "EntitiesOut":
        kept: dict[str, Any] = rules_of(inbox).as_dict()
        return cls(**kept, inbox=inbox.key, order_example=order_example(inbox), version=version_of(inbox))


class EntityTrialIn(Body):
    text: Annotated[str, Clean, Field(max_length=2000)]
    inbox: Annotated[str, Field(max_length=60)] | None = None
    draft: EntityDraft | None = Field(None, description="Rules that are not saved yet; else the inbox's own.")


class EntityFound(BaseModel):
    """`start` and `end` count the characters of the trial's `text`; `value` is the normal form."""

    entity: str
    start: int
    end: int
    value: str


class EntityFault(BaseModel):
    field: str
    message: str


class EntityTrialOut(BaseModel):
    text: str = Field(description="The message as it is read: full-width signs are plain ones.")
    found: list[EntityFound]
    faults: list[EntityFault] = Field(description="What speaks against saving the draft.")


@router.get("/inboxes")
async def list_inboxes(session: Reading, staff: Reader) -> list[InboxRef]:
    rows = await session.scalars(select(Inbox).order_by(Inbox.created_at, Inbox.id).limit(200))
    return [InboxRef(key=row.key, name=row.name, languages=row.languages) for row in rows]


@router.get("/entities")
async def get_entities(session: Reading, staff: Reader, inbox: InboxKey | None = None) -> EntitiesOut:
    """Of the inbox with this key, or of the first one."""
    return EntitiesOut.of(await inbox_of(session, inbox))


@router.put("/entities")
async def change_entities(session: Writing, staff: Editor, inbox: InboxKey, asked: EntitiesIn) -> EntitiesOut:
    """The next message counts. 409 `stale`; 422 `entity-faults` with `faults: [{field, message}]`."""
    changed = await change_rules(
        session,
        inbox,
        asked.rules(),
        example=asked.order_example,
        version=asked.version,
        by=staff_actor(staff.id),
    )
    return EntitiesOut.of(changed)


@router.post("/entities/trial")
async def try_entities(session: Reading, staff: Reader, asked: EntityTrialIn) -> EntityTrialOut:
    """What would be recognised in a message, by the saved rules or by a draft of others."""
    inbox = await inbox_of(session, asked.inbox)
    rules = asked.draft.rules() if asked.draft else rules_of(inbox)
    text = normalise(asked.text)
    against = faults(rules, asked.draft.order_example) if asked.draft else []
    return EntityTrialOut(
        text=text,
        found=[EntityFound(**one._asdict()) for one in find_entities(text, rules)],
        faults=[EntityFault(**fault._asdict()) for fault in against],
    )
