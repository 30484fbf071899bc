"""Wording for admins: every text key, edited live."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from accounts.access import Staff, require, staff_router
from accounts.service import Target, record_audit, staff_actor
from chat.models import WordingText
from chat.schemas import Body, CleanText, Page
from chat.texts import variables_of
from server.db import Reading, Writing
from server.errors import Conflict, Malformed, NotFound

router: APIRouter = staff_router("/api/texts", tags=["texts"])

Reader = Annotated[Staff, Depends(require("texts.read"))]
Editor = Annotated[Staff, Depends(require("texts.write"))]


class TextOut(BaseModel):
    id: str
    key: str
    locale: str
    inbox: str
    text: str
    buttons: list[dict[str, Any]]
    version: int

    @classmethod
    def of(cls, row: WordingText) -> "TextOut":
        return cls(
            id=row.id,
            key=row.key,
            locale=row.locale,
            inbox=row.inbox_key,
            text=row.text,
            buttons=row.buttons,
            version=row.version,
        )


class TextPatch(Body):
    text: CleanText
    version: int = Field(ge=1)


@router.get("")
async def list_texts(
    session: Reading,
    staff: Reader,
    locale: Annotated[str | None, Query(max_length=12)] = None,
    after: Annotated[str, Query(max_length=36)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> Page[TextOut]:
    query = select(WordingText).where(WordingText.id > after).order_by(WordingText.id)
    if locale:
        query = query.where(WordingText.locale == locale)
    rows = (await session.scalars(query.limit(limit + 1))).all()
    items = [TextOut.of(row) for row in rows[:limit]]
    return Page[TextOut](items=items, next=items[-1].id if len(rows) > limit else None)


@router.patch("/{text_id}")
async def change_text(session: Writing, staff: Editor, text_id: str, asked: TextPatch) -> TextOut:
    """The next message already says it. Other variables than the key has are refused, an old version too."""
    row = await session.get(WordingText, text_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.version != asked.version:
        raise Conflict("Somebody has changed this text meanwhile. Please load it again.", type="stale")
    before, after = variables_of(row.text), variables_of(asked.text)
    if before != after:
        names = ", ".join(sorted(f"{{{name}}}" for name in before ^ after))
        raise Malformed(f"The text must use the same variables as before; these differ: {names}")
    row.text, row.version, row.updated_by = asked.text, row.version + 1, staff.id
    detail = {"key": row.key, "locale": row.locale}
    await record_audit(session, staff_actor(staff.id), "text.changed", Target("text", row.id), detail)
    await session.flush()
    return TextOut.of(row)
