"""One turn from claim to commit: facts read, decided, written in one transaction, or dropped."""

import time
from typing import Any

import structlog
from sqlalchemy import select, update

from accounts import queries as account_queries
from assistant.decide import Assistant, Decision, Said, TurnFacts
from assistant.models import Turn
from assistant.reply import Line, compose
from assistant.ticket_form import fields as form_fields
from assistant.ticket_form import ticket_draft
from assistant.turns import ClaimedTurn, postpone, queue_if_unanswered
from chat import texts
from chat.events import TurnEnded
from chat.models import Conversation, Customer, CustomerIdentity, Inbox, Message
from chat.service import Draft, append, lock, post_bot_messages, record
from handoff.hours import opening_of
from handoff.service import hand_off, resolve
from server.bus import Announcement, Bus
from server.db import Database, ReadSession, WriteSession, utc_now
from tickets.service import create_ticket

log = structlog.get_logger(__name__)

TURNS_A_TRACKER = 30
"""Rasa's time for a turn grows with its history (38 ms at 19 turns, 306 at 314); then a new one begins."""

NOT_CARRIED = frozenset({"language", "customer_name"})
"""Slots that each turn's metadata sets anew."""


class TurnRunner:
    """Runs claimed turns; holds no database session while it waits for Rasa or the encoder."""

    def __init__(self, db: Database, bus: Bus, assistant: Assistant) -> None:
        self._db = db
        self._bus = bus
        self._assistant = assistant

    async def run(self, claimed: ClaimedTurn) -> None:
        began = time.monotonic()
        await self._bus.publish_all(
            [Announcement("typing", {"conversation_id": claimed.conversation_id, "author": "bot"})]
        )
        async with self._db.read() as session:
            facts = await read_facts(session, claimed)
        try:
            decision = await self._assistant.decide(facts)
        except Exception as error:  # a fault of ours must not become silence
            log.exception("decision_failed")
            decision = self._assistant.failed(facts, type(error).__name__)
        decision.language = facts.language
        decision.evidence["decided_ms"] = round((time.monotonic() - began) * 1000)
        async with self._db.write() as session:
            if decision.wait:
                await postpone(session, claimed)
                return
            state = await finish(session, claimed, decision)
        log.info("turn_ended", state=state, **decision.evidence)


async def read_facts(session: ReadSession, claimed: ClaimedTurn) -> TurnFacts:
    conversation = await session.get_one(Conversation, claimed.conversation_id)
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    rows = await session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.author_type == "customer",
            Message.seq >= claimed.from_seq,
            Message.seq <= claimed.to_seq,
        )
        .order_by(Message.seq)
    )
    resolution = conversation.resolution or {}
    return TurnFacts(
        turn_id=claimed.turn_id,
        conversation_id=conversation.id,
        owner_epoch=claimed.owner_epoch,
        attempts=claimed.attempts,
        sender_id=f"{conversation.id}.{claimed.owner_epoch}.{conversation.tracker_no}",
        is_new_tracker=conversation.tracker_turns == 0,
        language=conversation.language,
        bot_mode=inbox.bot_mode,
        said=[_said(message) for message in rows],
        slots=conversation.slots,
        customer=await _customer_facts(session, conversation),
        helped_by_person_before=bool(resolution.get("by") == "agent")
        and await _people_are_there(session, inbox),
    )


def _said(message: Message) -> Said:
    value = (message.payload.get("action") or {}).get("value")
    return Said(
        seq=message.seq or 0,
        text=message.text,
        button=value if isinstance(value, str) else None,
        form=value if isinstance(value, dict) else None,
        has_files=message.kind == "file",
    )


async def _customer_facts(session: ReadSession, conversation: Conversation) -> dict[str, Any]:
    customer = await session.get_one(Customer, conversation.customer_id)
    email = await session.scalar(
        select(CustomerIdentity.value)
        .where(CustomerIdentity.customer_id == customer.id, CustomerIdentity.channel == "email")
        .order_by(CustomerIdentity.id.desc())
        .limit(1)
    )
    facts = {"email": email, "name": customer.name}
    return {key: value for key, value in facts.items() if value}


async def _people_are_there(session: ReadSession, inbox: Inbox | None) -> bool:
    opening = await opening_of(session, inbox)
    return opening.open and bool(await account_queries.agents_online(session))


async def finish(session: WriteSession, claimed: ClaimedTurn, decision: Decision) -> str:
    """Write the turn's end. The reply only where the lease is still ours and the bot still owns in the
    claimed epoch of what has not been resolved meanwhile; else nothing of it is written and the turn is
    `dropped`. Newer messages get a new turn.
    """
    conversation = await lock(session, claimed.conversation_id)
    inbox = await session.get(Inbox, conversation.inbox_id)
    people = decision.bot_failed and await _people_are_there(session, inbox)
    drafts = await _drafts(session, conversation, decision, people=people)
    ours = await session.scalar(
        update(Turn)
        .where(Turn.id == claimed.turn_id, Turn.state == "running", Turn.lease == claimed.lease)
        .values(state="answered", finished_at=utc_now(), evidence=decision.evidence)
        .returning(Turn.id)
        .execution_options(synchronize_session=False)
    )
    if ours is None:
        return "lost_lease"
    wrote = conversation.status != "resolved" and await post_bot_messages(
        session, conversation, epoch=claimed.owner_epoch, turn_id=claimed.turn_id, drafts=drafts
    )
    if not wrote:
        await session.execute(
            update(Turn)
            .where(Turn.id == claimed.turn_id)
            .values(state="dropped")
            .execution_options(synchronize_session=False)
        )
        await record(session, TurnEnded(conversation, "dropped", decision.evidence))
        await queue_if_unanswered(session, conversation)
        return "dropped"
    conversation.answered_seq = max(conversation.answered_seq, claimed.to_seq)
    _remember(conversation, decision)
    await record(session, TurnEnded(conversation, "answered", decision.evidence))
    await _apply(session, conversation, claimed, decision, people=people)
    await queue_if_unanswered(session, conversation)
    return "answered"


async def _drafts(
    session: WriteSession, conversation: Conversation, decision: Decision, *, people: bool
) -> list[Draft]:
    lines = decision.lines
    if decision.bot_failed and people:
        lines = [Line("utter_bot_failed_queued")]
    lines = [await _with_form(session, conversation, line) for line in lines]
    decision.evidence["said"] = [line.text_key for line in lines if line.text_key]
    return await compose(session, decision.language or conversation.language, lines)


async def _with_form(session: WriteSession, conversation: Conversation, line: Line) -> Line:
    if line.form is None:
        return line
    return Line(line.text_key, line.variables, form=await form_fields(session, conversation))


def _remember(conversation: Conversation, decision: Decision) -> None:
    """Carry the slots on, and count the turns of Rasa's tracker, which is replaced when it grows long."""
    if decision.rasa is None:
        return
    conversation.slots = {
        name: value for name, value in decision.rasa.slots.items() if name not in NOT_CARRIED
    }
    conversation.tracker_turns += 1
    if conversation.tracker_turns >= TURNS_A_TRACKER and decision.rasa.active_form is None:
        conversation.tracker_no += 1
        conversation.tracker_turns = 0


async def _apply(
    session: WriteSession,
    conversation: Conversation,
    claimed: ClaimedTurn,
    decision: Decision,
    *,
    people: bool,
) -> None:
    """What follows the reply: a ticket from a form, people, the end."""
    if decision.ticket is not None:
        await create_ticket(
            session, await ticket_draft(session, conversation, claimed.turn_id, decision.ticket)
        )
    if decision.danger:
        await _say_danger(session, conversation, decision.danger)
    if decision.reasons and (people or not decision.bot_failed):
        await hand_off(session, conversation, decision.reasons)
    if decision.resolve and conversation.owner == "bot":
        await resolve(session, conversation, reason="customer_confirmed")


async def _say_danger(session: WriteSession, conversation: Conversation, code: str) -> None:
    """The safety text of the danger that was named, before anything else is said."""
    wording = await texts.render(session, f"notice_{code}", conversation.language, {})
    draft = Draft("system", kind="notice", text=wording.text, payload={"notice": "safety"})
    await append(session, conversation, draft)
