"""One turn from claim to commit: facts read, decided, written in one transaction, or dropped."""

import time
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import select, update

from accounts import queries as account_queries
from assistant.decide import Assistant
from assistant.facts import Decision, OpenTicket, Said, TurnFacts
from assistant.history import read_history
from assistant.models import Turn
from assistant.reply import Line, compose
from assistant.ticket_form import fields as form_fields
from assistant.ticket_form import forget_form, ticket_draft
from assistant.turns import ClaimedTurn, postpone, queue_if_unanswered
from chat import texts
from chat.entities import entity_rules, order_hint
from chat.events import TurnEnded
from chat.models import Conversation, Customer, CustomerIdentity, Inbox, Message
from chat.service import Draft, append, lock, post_bot_messages, record
from handoff.hours import opening_of
from handoff.packet import identity_level
from handoff.queries import live_entry
from handoff.service import hand_off, resolve
from server.bus import Announcement, Bus
from server.db import Database, ReadSession, WriteSession, utc_now
from tickets import queries as ticket_queries
from tickets.models import WORKING
from tickets.numbers import format_number
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
        decision.language = decision.language or facts.language
        decision.evidence |= {"seq": facts.said[0].seq if facts.said else 0, "epoch": facts.owner_epoch}
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
        entities=entity_rules(inbox),
        languages=tuple(inbox.languages),
        history=await read_history(session, conversation.id, epoch=claimed.owner_epoch),
        queued=await live_entry(session, conversation.id) is not None,
        open_tickets=await _open_tickets(session, conversation),
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
    level = await identity_level(session, customer.id)
    facts = {"email": email, "name": customer.name, "level": level}
    return {key: value for key, value in facts.items() if value}


async def _open_tickets(session: ReadSession, conversation: Conversation) -> tuple[OpenTicket, ...]:
    newest, _ = await ticket_queries.of_customer(session, conversation.customer_id, limit=10)
    return tuple(
        OpenTicket(
            format_number(ticket.number), f"{ticket.subject}\n{ticket.description}", ticket.order_number
        )
        for ticket in newest
        if ticket.stage in WORKING
    )


async def _people_are_there(session: ReadSession, inbox: Inbox | None) -> bool:
    opening = await opening_of(session, inbox)
    return opening.open and bool(await account_queries.agents_online(session))


async def finish(session: WriteSession, claimed: ClaimedTurn, decision: Decision) -> str:
    """Write the turn's end. The reply only where the lease is still ours and the bot still owns in the
    claimed epoch of what has not been resolved meanwhile; else nothing of it is written and the turn is
    `dropped`. Newer messages get a new turn.
    """
    conversation = await lock(session, claimed.conversation_id)
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    if decision.alone is not None and not await _people_are_there(session, inbox):
        decision.lines, decision.reasons = decision.alone, []
        decision.evidence["nobody_there"] = True
    if decision.pins_language:
        conversation.language, conversation.language_pinned = decision.language, True
    drafts = await _drafts(session, conversation, decision, inbox)
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
    await _apply(session, conversation, claimed, decision)
    await queue_if_unanswered(session, conversation)
    return "answered"


async def _drafts(
    session: WriteSession, conversation: Conversation, decision: Decision, inbox: Inbox
) -> list[Draft]:
    slots = decision.rasa.slots if decision.rasa else conversation.slots
    lines = [await _with_form(session, conversation, line, slots) for line in decision.lines]
    if decision.repeats:
        lines.append(await _last_words(session, conversation))
    decision.evidence["said"] = [line.text_key for line in lines if line.text_key]
    if decision.evidence["said"]:
        decision.evidence["last_key"] = decision.evidence["said"][-1]
    language = decision.language or conversation.language
    hint = await order_hint(session, inbox, language)
    return await compose(session, language, lines, inbox_key=inbox.key, everywhere=hint)


async def _with_form(
    session: WriteSession, conversation: Conversation, line: Line, slots: dict[str, Any]
) -> Line:
    if line.form is None:
        return line
    return replace(line, form=await form_fields(session, conversation, slots))


async def _last_words(session: WriteSession, conversation: Conversation) -> Line:
    """The assistant's last message as it was, for whoever asks to hear it again."""
    last = await session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.author_type == "bot")
        .order_by(Message.event_seq.desc())
        .limit(1)
    )
    if last is None:
        return Line("utter_nothing_to_repeat")
    return Line(
        "",
        {"text": last.text},
        sources=last.payload.get("sources", []),
        buttons=last.payload.get("buttons", []),
        form=last.payload.get("form"),
    )


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
    session: WriteSession, conversation: Conversation, claimed: ClaimedTurn, decision: Decision
) -> None:
    """What follows the reply: a ticket from a form, people, the end."""
    if decision.ticket is not None:
        await create_ticket(
            session, await ticket_draft(session, conversation, claimed.turn_id, decision.ticket)
        )
        forget_form(conversation)
    if decision.danger:
        await _say_danger(session, conversation, decision.danger)
    if decision.reasons:
        await hand_off(session, conversation, decision.reasons)
    if decision.resolve and conversation.owner == "bot":
        await resolve(session, conversation, reason="customer_confirmed")


async def _say_danger(session: WriteSession, conversation: Conversation, code: str) -> None:
    """The safety text of the danger that was named, before anything else is said."""
    wording = await texts.render(session, f"notice_{code}", conversation.language, {})
    draft = Draft("system", kind="notice", text=wording.text, payload={"notice": "safety"})
    await append(session, conversation, draft)
