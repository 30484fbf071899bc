"""Routes of the handoff: the visitor asks for a person; staff see, claim, write, pass on and resolve."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from accounts.access import Staff, require, staff_router
from accounts.models import User
from accounts.queries import agents_online
from chat import queries as chat_queries
from chat.access import CurrentVisitor
from chat.models import Conversation, Inbox
from chat.router import After, Limit, closed_response, conversation_out
from chat.schemas import AvailabilityOut, Page, StaffMessageOut
from chat.scrub import scrub
from chat.service import lock, order_pattern, post_staff_message
from chat.visitors import if_closed
from handoff import queries, service
from handoff.escalation import Reason
from handoff.hours import opening_of
from handoff.schemas import (
    AssignmentIn,
    ClosureIn,
    EventOut,
    HandoffIn,
    HandoffOut,
    LinkedTicket,
    Named,
    StaffConversationDetail,
    StaffConversationOut,
    StaffMessageIn,
    TransferIn,
    detail_fields,
)
from server.db import Reading, ReadSession, WriteSession, Writing
from server.errors import Conflict, Forbidden, Malformed, NotFound
from tickets import queries as ticket_queries
from tickets.numbers import format_number

visitor_router = APIRouter(prefix="/api/visitor", tags=["visitor"])
router = staff_router("/api/conversations", tags=["conversations"])

Reader = Annotated[Staff, Depends(require("conversations.read"))]
Writer = Annotated[Staff, Depends(require("conversations.write"))]
Filter = Annotated[str | None, Query(max_length=36)]


@visitor_router.get("/availability")
async def availability(session: Reading, visitor: CurrentVisitor) -> AvailabilityOut:
    opening = await opening_of(session, await session.get(Inbox, visitor.inbox_id))
    online = len(await agents_online(session))
    return AvailabilityOut(
        online=opening.open and online > 0, open=opening.open, opens_at=opening.opens_at, agents=online
    )


@visitor_router.post("/conversations/{conversation_id}/handoff", response_model=HandoffOut)
async def ask_for_person(
    request: Request, session: Writing, visitor: CurrentVisitor, conversation_id: str, asked: HandoffIn
) -> Any:
    """Asking twice is asking once."""
    conversation = await chat_queries.own_conversation(session, visitor, conversation_id, for_update=True)
    if closed := await if_closed(session, conversation):
        return closed_response(closed)
    if asked.topic:
        keep = await order_pattern(session, conversation.inbox_id)
        conversation.topic = scrub(asked.topic, keep).text[:120]
    reason = Reason("asked_for_person", conversation.last_seq, asked.reason or "")
    outcome = await service.hand_off(session, conversation, [reason])
    return HandoffOut(outcome=outcome, conversation=await conversation_out(request, session, conversation))


@visitor_router.delete("/conversations/{conversation_id}/handoff")
async def leave_queue(
    request: Request,
    session: Writing,
    visitor: CurrentVisitor,
    conversation_id: str,
    keep_place: bool = False,
) -> HandoffOut:
    conversation = await chat_queries.own_conversation(session, visitor, conversation_id, for_update=True)
    await service.leave_queue(session, conversation, keep_place=keep_place)
    return HandoffOut(outcome="left", conversation=await conversation_out(request, session, conversation))


@router.get("")
async def list_conversations(
    session: Reading,
    staff: Reader,
    owner: Filter = None,
    status: Filter = None,
    team: Filter = None,
    agent: Filter = None,
    after: Filter = None,
    limit: Limit = 50,
) -> Page[StaffConversationOut]:
    """`agent=me` lists one's own."""
    listed, more = await queries.list_for_staff(
        session,
        owner=owner,
        status=status,
        team=team,
        agent_id=staff.id if agent == "me" else agent,
        after=after,
        limit=limit,
    )
    return Page[StaffConversationOut](items=[StaffConversationOut.of(one) for one in listed], next=more)


async def detail(session: ReadSession, conversation_id: str) -> StaffConversationDetail:
    listed, _ = await queries.list_for_staff(session, ids=[conversation_id])
    if not listed:
        raise NotFound
    tickets = await ticket_queries.of_conversation(session, conversation_id)
    return StaffConversationDetail(
        **detail_fields(listed[0]),
        packet=await queries.latest_packet(session, conversation_id),
        participants=[
            Named(id=user.id, name=user.name) for user in await queries.participants(session, conversation_id)
        ],
        tickets=[
            LinkedTicket(number=format_number(t.number), subject=t.subject, stage=t.stage) for t in tickets
        ],
    )


@router.get("/{conversation_id}")
async def get_conversation(session: Reading, staff: Reader, conversation_id: str) -> StaffConversationDetail:
    return await detail(session, conversation_id)


@router.get("/{conversation_id}/messages")
async def list_messages(
    session: Reading,
    staff: Reader,
    conversation_id: str,
    after: After = None,
    before: After = None,
    limit: Limit = 50,
) -> Page[StaffMessageOut]:
    await queries.conversation_for_staff(session, conversation_id)
    items = await chat_queries.messages_for_staff(
        session, conversation_id, after=after, before=before, limit=limit
    )
    more = None
    if len(items) == limit:
        more = str(items[-1].event_seq if after is not None else items[0].event_seq)
    return Page[StaffMessageOut](items=items, next=more)


@router.get("/{conversation_id}/events")
async def list_events(
    session: Reading, staff: Reader, conversation_id: str, after: After = 0, limit: Limit = 200
) -> Page[EventOut]:
    """Everything that happened, by `event_seq`."""
    await queries.conversation_for_staff(session, conversation_id)
    rows = await chat_queries.events_after(session, conversation_id, after or 0, limit)
    items = [
        EventOut(event_seq=row.event_seq, type=row.type, data=row.data, message_id=row.message_id, at=row.at)
        for row in rows
    ]
    return Page[EventOut](items=items, next=str(items[-1].event_seq) if len(items) == limit else None)


async def _write(
    response: Response,
    session: WriteSession,
    staff: Staff,
    conversation_id: str,
    asked: StaffMessageIn,
    *,
    note: bool,
) -> StaffMessageOut:
    message, created = await post_staff_message(
        session,
        conversation_id,
        user_id=staff.id,
        name=staff.name,
        client_id=asked.client_id,
        text=asked.text,
        is_note=note,
    )
    response.status_code = 201 if created else 200
    return StaffMessageOut.of(message, [])


@router.post("/{conversation_id}/messages", status_code=201)
async def post_message(
    response: Response, session: Writing, staff: Writer, conversation_id: str, asked: StaffMessageIn
) -> StaffMessageOut:
    """409 `not-the-owner`, with the owner's name, where the author neither owns nor has joined."""
    try:
        return await _write(response, session, staff, conversation_id, asked, note=False)
    except Conflict as conflict:
        if conflict.type == "not-the-owner":
            await _name_owner(session, conflict)
        raise


async def _name_owner(session: ReadSession, conflict: Conflict) -> None:
    owner = conflict.extra["owner"]
    user = await session.get(User, owner["agent_id"]) if owner["agent_id"] else None
    owner["name"] = user.name if user else None


@router.post("/{conversation_id}/notes", status_code=201)
async def post_note(
    response: Response, session: Writing, staff: Writer, conversation_id: str, asked: StaffMessageIn
) -> StaffMessageOut:
    """A note for staff; the customer never sees it."""
    return await _write(response, session, staff, conversation_id, asked, note=True)


@router.post("/{conversation_id}/assignment")
async def claim(
    session: Writing, staff: Writer, conversation_id: str, asked: AssignmentIn
) -> StaffConversationDetail:
    """409 `conversation-taken` names the winner where somebody was faster."""
    user = await _user(session, staff)
    if asked.agent_id and asked.agent_id != staff.id:
        if not staff.may("conversations.assign"):
            raise Forbidden("Your role may only take conversations for yourself.")
        user = await _colleague(session, asked.agent_id)
    await service.claim(
        session,
        conversation_id,
        user=user,
        owner_epoch=asked.owner_epoch,
        offer_id=asked.offer_id,
        may_take_over=staff.may("conversations.takeover"),
    )
    return await detail(session, conversation_id)


@router.post("/{conversation_id}/transfer")
async def transfer(
    session: Writing, staff: Writer, conversation_id: str, asked: TransferIn
) -> StaffConversationDetail:
    conversation = await _held(session, staff, conversation_id)
    user = await _user(session, staff)
    note = asked.note or ""
    if asked.to == "bot":
        await service.return_to_bot(session, conversation, user=user, note=note)
    elif asked.to == "agent":
        if not asked.id:
            raise Malformed("Please choose a colleague.")
        await service.transfer_to_agent(
            session, conversation, asked.id, user=user, reason=asked.reason, note=note
        )
    else:
        await service.add_note(session, conversation, user, note)
        team_id = asked.id if asked.to == "team" else None
        await service.return_to_queue(
            session, conversation, reason="transfer", actor=service.staff_actor(user), team_id=team_id
        )
    return await detail(session, conversation_id)


@router.post("/{conversation_id}/closure")
async def close(
    session: Writing, staff: Writer, conversation_id: str, asked: ClosureIn
) -> StaffConversationDetail:
    conversation = await _held(session, staff, conversation_id)
    user = await _user(session, staff)
    await service.resolve(
        session,
        conversation,
        reason=asked.reason,
        result=asked.result,
        note=asked.note or "",
        user=user,
        actor=service.staff_actor(user),
    )
    return await detail(session, conversation_id)


async def _held(session: WriteSession, staff: Staff, conversation_id: str) -> Conversation:
    """The conversation under its lock, if this person may act on it: its agent, or who may take over."""
    conversation = await lock(session, conversation_id)
    if conversation.status == "resolved":
        raise Conflict("This conversation is already resolved.", type="already-resolved")
    if conversation.agent_id != staff.id and not staff.may("conversations.takeover"):
        conflict = Conflict(
            "This conversation is not yours at the moment.",
            type="not-the-owner",
            owner={"type": conversation.owner, "agent_id": conversation.agent_id},
        )
        await _name_owner(session, conflict)
        raise conflict
    return conversation


async def _colleague(session: ReadSession, user_id: str) -> User:
    user = await session.get(User, user_id)
    if user is None or not user.active:
        raise Malformed("Please choose a colleague who works here.")
    return user


async def _user(session: ReadSession, staff: Staff) -> User:
    user = await session.get(User, staff.id)
    if user is None:
        raise Forbidden
    return user
