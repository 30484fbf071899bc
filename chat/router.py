"""Visitor's routes: sessions, conversations, messages, files."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from chat import files, queries, visitors
from chat.access import CurrentVisitor, Visitor, bearer, visitor_by_token
from chat.models import Conversation, Inbox
from chat.schemas import (
    ConversationIn,
    ConversationOut,
    FileOut,
    InboxOut,
    LanguageIn,
    MessageIn,
    MessageOut,
    Page,
    ReadIn,
    SessionIn,
    SessionOut,
)
from chat.service import lock
from server.db import Reading, ReadSession, Writing
from server.errors import Conflict, Malformed, TooMany, problem_response

router = APIRouter(prefix="/api/visitor", tags=["visitor"])
shared_router = APIRouter(prefix="/api", tags=["files"])

After = Annotated[int | None, Query(ge=0, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=queries.MAX_PAGE)]


async def conversation_out(
    request: Request, session: ReadSession, conversation: Conversation
) -> ConversationOut:
    more = await request.app.state.describe(session, conversation)
    return ConversationOut(
        id=conversation.id,
        status=conversation.status,
        owner=conversation.owner,
        last_seq=conversation.last_seq,
        created_at=conversation.created_at,
        read=conversation.read_seq,
        successor_id=conversation.successor_id,
        **more,
    )


async def limited(request: Request, key: str, most: int, window_s: int) -> None:
    """Raises TooMany after `most` uses of `key` within `window_s` seconds."""
    if await request.app.state.bus.count(key, window_s) > most:
        raise TooMany(
            "That was a lot at once. Please wait a moment and try again.",
            headers={"Retry-After": str(window_s)},
        )


def client_address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


@router.post("/sessions", status_code=201)
async def start_session(request: Request, session: Writing, asked: SessionIn) -> SessionOut:
    await limited(request, f"sessions:{client_address(request)}", 120, 60)
    inbox = await queries.inbox_by_key(session, asked.inbox)
    token = bearer(request)
    current = await visitor_by_token(session, token) if token else None
    token, row = await visitors.start_session(session, inbox, asked, current[0] if current else None)
    visitor = Visitor(row.id, inbox.id, inbox.key, row.customer_id, row.locale)
    conversations = await queries.own_list(session, visitor)
    return SessionOut(
        token=token,
        customer_id=row.customer_id,
        conversations=[await conversation_out(request, session, one) for one in conversations],
        inbox=await _inbox_out(request, session, inbox),
    )


async def _inbox_out(request: Request, session: ReadSession, inbox: Inbox) -> InboxOut:
    online = await request.app.state.somebody_online(session, inbox)
    return InboxOut(key=inbox.key, name=inbox.name, languages=inbox.languages, online=online)


@router.delete("/sessions", status_code=204)
async def end_session(session: Writing, visitor: CurrentVisitor) -> None:
    await visitors.end_session(session, visitor)


@router.post("/conversations", status_code=201)
async def start_conversation(
    request: Request, response: Response, session: Writing, visitor: CurrentVisitor, asked: ConversationIn
) -> ConversationOut:
    await limited(request, f"conversations:{visitor.session_id}", 20, 60)
    conversation, created = await visitors.start_conversation(session, visitor, asked)
    response.status_code = 201 if created else 200
    return await conversation_out(request, session, conversation)


@router.get("/conversations")
async def list_conversations(
    request: Request, session: Reading, visitor: CurrentVisitor, limit: Limit = 50
) -> Page[ConversationOut]:
    rows = await queries.own_list(session, visitor, limit=limit)
    return Page[ConversationOut](items=[await conversation_out(request, session, row) for row in rows])


@router.get("/conversations/{conversation_id}")
async def get_conversation(
    request: Request, session: Reading, visitor: CurrentVisitor, conversation_id: str
) -> ConversationOut:
    conversation = await queries.own_conversation(session, visitor, conversation_id)
    return await conversation_out(request, session, conversation)


@router.post("/conversations/{conversation_id}/messages", status_code=201, response_model=MessageOut)
async def post_message(
    request: Request,
    response: Response,
    session: Writing,
    visitor: CurrentVisitor,
    conversation_id: str,
    asked: MessageIn,
) -> Any:
    """201 with the message; 200 with the same one where this `client_id` was already sent."""
    await limited(request, f"messages:{visitor.session_id}", 120, 60)
    posted = await visitors.post_message(session, visitor, conversation_id, asked)
    if isinstance(posted, visitors.Closed):
        return closed_response(posted)
    response.status_code = 201 if posted.created else 200
    attachments = await queries.files_of(session, [posted.message.id])
    return MessageOut.of(posted.message, attachments.get(posted.message.id, []))


def closed_response(closed: visitors.Closed) -> JSONResponse:
    """Returned, not raised: the successor that was just made must be committed with this answer."""
    return problem_response(
        Conflict(
            "This conversation is closed. Please go on in the new one.",
            type="conversation-closed",
            successor_id=closed.successor_id,
        )
    )


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    session: Reading,
    visitor: CurrentVisitor,
    conversation_id: str,
    after: After = None,
    before: After = None,
    limit: Limit = 50,
) -> Page[MessageOut]:
    conversation = await queries.own_conversation(session, visitor, conversation_id)
    items = await queries.messages_for_customer(
        session, conversation.id, after=after, before=before, limit=limit
    )
    return Page[MessageOut](items=items, next=_next(items, after, limit))


def _next(items: list[MessageOut], after: int | None, limit: int) -> str | None:
    """The number to ask `after` (going forward) or `before` (going back) for the following page."""
    if len(items) < limit:
        return None
    return str(items[-1].seq if after is not None else items[0].seq)


@router.put("/conversations/{conversation_id}/read", status_code=204)
async def mark_read(session: Writing, visitor: CurrentVisitor, conversation_id: str, asked: ReadIn) -> None:
    await visitors.mark_read(session, visitor, conversation_id, asked.seq)


@router.put("/conversations/{conversation_id}/language", status_code=204)
async def set_language(
    session: Writing, visitor: CurrentVisitor, conversation_id: str, asked: LanguageIn
) -> None:
    """An explicit wish pins the language."""
    found = await queries.own_conversation(session, visitor, conversation_id)
    conversation = await lock(session, found.id)
    inbox = await session.get(Inbox, conversation.inbox_id)
    language = asked.language.split("-")[0].lower()
    if inbox is None or language not in inbox.languages:
        raise Malformed("We do not have this language here.")
    conversation.language, conversation.language_pinned = language, True


@router.post("/files", status_code=201)
async def upload(request: Request, session: Writing, visitor: CurrentVisitor, file: UploadFile) -> FileOut:
    await limited(request, f"files:{visitor.session_id}", 20, 60)
    content = await file.read(files.MAX_BYTES + 1)
    return FileOut.of(await files.store(session, visitor, file.filename or "file", content))
