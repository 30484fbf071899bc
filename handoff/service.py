"""The handoff: into the queue, to an agent, back again; every change of owner after the bot's is here."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select, update

from accounts import queries as account_queries
from accounts.models import Agent, User
from chat.events import AgentJoined, AgentLeft, PacketWritten
from chat.models import Conversation, Inbox, Participant
from chat.service import (
    SYSTEM,
    Draft,
    append,
    change_owner,
    change_status,
    lock,
    order_pattern,
    post_notice,
    record,
    scrub_values,
)
from handoff import queries
from handoff.escalation import Reason, priority_of
from handoff.hours import Opening, opening_of
from handoff.models import HIGH, NORMAL, Handoff, QueueEntry
from handoff.packet import build_packet
from server.db import WriteSession, utc_now
from server.errors import Conflict, Malformed

Outcome = Literal["queued", "nobody_available", "closed_hours", "already"]

QUEUE_TOPIC = "queue.changed"
"""Bus topic after any change of the line: positions are counted anew and told to those who wait."""

WEIGHT = 1
"""Places of an agent's capacity that a chat takes."""


async def hand_off(
    session: WriteSession,
    conversation: Conversation,
    reasons: Sequence[Reason],
    *,
    actor: dict[str, Any] = SYSTEM,
) -> Outcome:
    """Bring a conversation to people, if people are there; else say so at once and offer a ticket.

    The caller holds the conversation's lock. A conversation that waits or has an agent stays as it is.
    """
    if conversation.owner != "bot":
        return "already"
    keep = await order_pattern(session, conversation.inbox_id)
    packet = scrub_values(await build_packet(session, conversation, reasons), keep)
    opening = await opening_of(session, await session.get(Inbox, conversation.inbox_id))
    outcome = await _outcome(session, opening)
    session.add(
        Handoff(
            conversation_id=conversation.id,
            owner_epoch=conversation.owner_epoch + (outcome == "queued"),
            outcome=outcome,
            packet=packet,
        )
    )
    await _write_packet_event(session, conversation, reasons)
    if outcome != "queued":
        await _tell_nobody(session, conversation, outcome, opening)
        return outcome
    await _enqueue(session, conversation, reasons)
    await change_status(session, conversation, "open", reason=reasons[0].code, actor=actor)
    await change_owner(session, conversation, "queue", reason=reasons[0].code, actor=actor)
    await post_notice(session, conversation, "queued")
    session.announce(QUEUE_TOPIC, {})
    return outcome


async def _outcome(session: WriteSession, opening: Opening) -> Outcome:
    if not opening.open:
        return "closed_hours"
    return "queued" if await account_queries.agents_online(session) else "nobody_available"


async def _write_packet_event(
    session: WriteSession, conversation: Conversation, reasons: Sequence[Reason]
) -> None:
    await record(session, PacketWritten(conversation, tuple(reason.code for reason in reasons)))


async def _tell_nobody(
    session: WriteSession, conversation: Conversation, outcome: str, opening: Opening
) -> None:
    opens = opening.next_opening_text(conversation.language) if outcome == "closed_hours" else ""
    await post_notice(session, conversation, outcome, {"opens": opens})


async def _enqueue(session: WriteSession, conversation: Conversation, reasons: Sequence[Reason]) -> None:
    """A new place, or the one that was kept: its waiting time goes on."""
    entry = await queries.live_entry(session, conversation.id)
    if entry is None:
        entry = QueueEntry(
            conversation_id=conversation.id,
            language=conversation.language,
            preferred_agent_id=(conversation.resolution or {}).get("agent_id"),
        )
        session.add(entry)
    conversation.resolution = None  # it has been acted upon: a later word is the assistant's again
    entry.state = "waiting"
    entry.priority = max(entry.priority or 0, priority_of(list(reasons)))
    await session.flush()


async def claim(
    session: WriteSession,
    conversation_id: str,
    *,
    user: User,
    owner_epoch: int,
    offer_id: str | None = None,
    may_take_over: bool = False,
) -> Conversation:
    """Take a waiting conversation: epoch, owner and offer are compared under the row's lock, one wins.

    Repeating a claim that was won changes nothing. `may_take_over` (supervisors) also takes from the bot or
    from another agent. Raises NotFound; Conflict `conversation-taken` with the winner; `no-capacity`.
    """
    conversation = await lock(session, conversation_id)
    if conversation.owner == "agent" and conversation.agent_id == user.id:
        return conversation
    entry = await queries.live_entry(session, conversation.id)
    waits = conversation.owner == "queue" or (entry is not None and entry.state == "parked")
    is_free = waits and conversation.offer_id in (None, offer_id)
    if conversation.status == "resolved" or not (is_free or may_take_over):
        raise await _taken(session, conversation)
    if conversation.owner_epoch != owner_epoch:
        raise await _taken(session, conversation)
    await _reserve(session, user.id, instead_of=conversation.agent_id)
    await _leave_agent(session, conversation)
    await _end_place(session, conversation, "served")
    await change_owner(
        session, conversation, "agent", agent=(user.id, user.name), reason="claimed", actor=staff_actor(user)
    )
    await _join(session, conversation, user)
    await post_notice(session, conversation, "agent_joined", {"name": user.name})
    return conversation


async def _taken(session: WriteSession, conversation: Conversation) -> Conflict:
    winner = await session.get(User, conversation.agent_id) if conversation.agent_id else None
    if winner:
        return Conflict(
            f"{winner.name} has already taken this conversation.",
            type="conversation-taken",
            winner={"id": winner.id, "name": winner.name},
        )
    return Conflict(
        "This conversation is not waiting for anybody right now.", type="conversation-taken", winner=None
    )


async def return_to_bot(
    session: WriteSession, conversation: Conversation, *, user: User, reason: str = "transfer", note: str = ""
) -> None:
    """Give the conversation back to the assistant, which says one line and answers what is unanswered."""
    await add_note(session, conversation, user, note)
    await _leave_agent(session, conversation)
    await _end_place(session, conversation, "left")
    await change_owner(session, conversation, "bot", reason=reason, actor=staff_actor(user))
    await post_notice(session, conversation, "assistant_back")


async def transfer_to_agent(
    session: WriteSession, conversation: Conversation, to_id: str, *, user: User, reason: str, note: str
) -> None:
    """Pass the conversation on to a colleague who has room. Raises Malformed, Conflict `no-capacity`."""
    colleague = await session.get(User, to_id)
    if colleague is None or not colleague.active or colleague.id == conversation.agent_id:
        raise Malformed("Please choose another colleague.")
    await add_note(session, conversation, user, note)
    await _reserve(session, colleague.id, instead_of=conversation.agent_id)
    await _leave_agent(session, conversation)
    await _end_place(session, conversation, "served")
    await change_owner(
        session,
        conversation,
        "agent",
        agent=(colleague.id, colleague.name),
        reason=reason or "transfer",
        actor=staff_actor(user),
    )
    await _join(session, conversation, colleague)
    await post_notice(session, conversation, "agent_joined", {"name": colleague.name})


async def return_to_queue(
    session: WriteSession,
    conversation: Conversation,
    *,
    reason: str,
    actor: dict[str, Any] = SYSTEM,
    team_id: str | None = None,
) -> None:
    """Back into the line, at the head of its priority: the original waiting time counts."""
    last = await queries.last_entry(session, conversation.id)
    await _leave_agent(session, conversation)
    await _end_place(session, conversation, "left")
    session.add(
        QueueEntry(
            conversation_id=conversation.id,
            language=conversation.language,
            team_id=team_id,
            priority=max(last.priority if last else NORMAL, HIGH if reason == "agent_lost" else NORMAL),
            requested_at=last.requested_at if last else utc_now(),
        )
    )
    packet = await build_packet(session, conversation, [Reason(reason, conversation.last_seq, "")])
    session.add(
        Handoff(
            conversation_id=conversation.id,
            owner_epoch=conversation.owner_epoch + 1,
            outcome="queued",
            packet=packet,
        )
    )
    await change_owner(session, conversation, "queue", reason=reason, actor=actor)
    await post_notice(session, conversation, "agent_lost" if reason == "agent_lost" else "queued")
    session.announce(QUEUE_TOPIC, {})


async def leave_queue(session: WriteSession, conversation: Conversation, *, keep_place: bool = False) -> None:
    """The customer goes back to the assistant; with `keep_place` an agent may still take the chat over."""
    if conversation.owner == "bot" and not keep_place:
        await _end_place(session, conversation, "left")
    if conversation.owner != "queue":
        return
    await _end_place(session, conversation, "parked" if keep_place else "left")
    await change_owner(session, conversation, "bot", reason="customer_left_queue")
    await post_notice(session, conversation, "assistant_back")


async def resolve(
    session: WriteSession,
    conversation: Conversation,
    *,
    reason: str,
    actor: dict[str, Any] = SYSTEM,
    result: str = "",
    note: str = "",
    user: User | None = None,
) -> None:
    """End the conversation; the agent has room again, and a later word knows who helped before."""
    if conversation.status == "resolved":
        return
    if user:
        await add_note(session, conversation, user, note)
    agent_id = conversation.agent_id
    await post_notice(session, conversation, "resolved")
    await _leave_agent(session, conversation)
    await _end_place(session, conversation, "left")
    conversation.answered_seq = conversation.customer_seq
    if conversation.owner != "bot":
        await change_owner(session, conversation, "bot", reason="resolved", actor=actor)
    keep = await order_pattern(session, conversation.inbox_id)
    conversation.resolution = {
        "by": actor["type"],
        "agent_id": agent_id,
        "reason": scrub_values(reason, keep),
        "result": scrub_values(result, keep),
        "at": utc_now().isoformat(),
    }
    await change_status(session, conversation, "resolved", reason=reason, actor=actor)


def staff_actor(user: User) -> dict[str, Any]:
    return {"type": "agent", "id": user.id, "name": user.name}


async def add_note(session: WriteSession, conversation: Conversation, user: User, text: str) -> None:
    if text:
        draft = Draft("agent", text=text, author_id=user.id, author_name=user.name, is_note=True)
        await append(session, conversation, draft)


async def _reserve(session: WriteSession, agent_id: str, *, instead_of: str | None) -> None:
    """Take one place of an agent's capacity, in one statement. Raises Conflict `no-capacity`.

    The row of who had the conversation is locked too, in the order of ids: two agents who pass chats to each
    other at the same moment must not wait for one another.
    """
    both = [one for one in (agent_id, instead_of) if one]
    await session.execute(
        select(Agent.user_id).where(Agent.user_id.in_(both)).order_by(Agent.user_id).with_for_update()
    )
    taken = await session.scalar(
        update(Agent)
        .where(Agent.user_id == agent_id, Agent.load + WEIGHT <= Agent.capacity)
        .values(load=Agent.load + WEIGHT, last_assigned_at=utc_now())
        .returning(Agent.load)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise Conflict("There is no free place for another chat at the moment.", type="no-capacity")


async def _leave_agent(session: WriteSession, conversation: Conversation) -> None:
    """Free the owning agent's place and end their part in the conversation."""
    agent_id = conversation.agent_id
    if agent_id is None:
        return
    await session.execute(
        update(Agent)
        .where(Agent.user_id == agent_id, Agent.load >= WEIGHT)
        .values(load=Agent.load - WEIGHT)
        .execution_options(synchronize_session=False)
    )
    part = await session.get(Participant, (conversation.id, agent_id))
    if part and part.left_at is None:
        part.left_at = utc_now()
        user = await session.get(User, agent_id)
        await record(session, AgentLeft(conversation, agent_id, user.name if user else ""))


async def _join(session: WriteSession, conversation: Conversation, user: User) -> None:
    part = await session.get(Participant, (conversation.id, user.id))
    if part is None:
        session.add(Participant(conversation_id=conversation.id, user_id=user.id))
    else:
        part.joined_at, part.left_at = utc_now(), None
    await record(session, AgentJoined(conversation, user.id, user.name))


async def _end_place(session: WriteSession, conversation: Conversation, state: str) -> None:
    entry = await queries.live_entry(session, conversation.id)
    if entry is None:
        return
    entry.state = state
    entry.ended_at = None if state == "parked" else utc_now()
    await session.flush()
    session.announce(QUEUE_TOPIC, {})
