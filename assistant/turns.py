"""Bot turns: queued with the message, claimed under a lease, written in one transaction or dropped."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import and_, func, or_, select, update

from assistant.models import Turn
from chat.events import MessagePosted, OwnerChanged
from chat.models import Conversation, Message
from chat.service import TOPIC, lock
from server.bus import Bus
from server.db import Database, ReadSession, WriteSession, db_now, new_id, utc_now
from server.jobs import WORK, Job
from server.log import bind_contextvars, clear_contextvars

log = structlog.get_logger(__name__)

LEASE_S = 45.0
"""Longer than the slowest turn (Rasa's time limit, a planned start excepted)."""

TYPING_ALIVE_S = 2.5
MOST_SETTLE_S = 3.0


@dataclass(frozen=True, slots=True)
class ClaimedTurn:
    """A turn that this worker holds until its lease ends."""

    turn_id: str
    lease: str
    conversation_id: str
    owner_epoch: int
    from_seq: int
    to_seq: int
    attempts: int


class TurnQueue:
    """Puts turns into the queue as customers write; a listener of the database's sessions."""

    def __init__(self, *, settle_s: float) -> None:
        self._settle_s = settle_s

    async def __call__(self, session: WriteSession, happened: Any) -> None:
        if isinstance(happened, MessagePosted) and happened.message.author_type == "customer":
            await self._customer_wrote(session, happened.conversation, happened.message)
        elif isinstance(happened, OwnerChanged) and happened.conversation.owner == "bot":
            await queue_if_unanswered(session, happened.conversation)

    async def _customer_wrote(
        self, session: WriteSession, conversation: Conversation, message: Message
    ) -> None:
        if conversation.status == "resolved":  # thanks after the end: nothing to answer
            conversation.answered_seq = conversation.customer_seq
        elif conversation.owner == "bot":
            settle_s = 0.0 if "action" in message.payload else self._settle_s
            await ensure_queued(session, conversation, settle_s=settle_s)


async def queue_if_unanswered(session: WriteSession, conversation: Conversation) -> None:
    """A conversation that is the bot's and has a newer customer message gets a turn."""
    if conversation.owner == "bot" and conversation.customer_seq > conversation.answered_seq:
        await ensure_queued(session, conversation, settle_s=0.0)


async def ensure_queued(session: WriteSession, conversation: Conversation, *, settle_s: float) -> None:
    """One queued turn for what is unanswered; the caller holds the conversation's lock.

    A turn that waits is moved to the end of the new settle wait. While one runs nothing is queued: its
    finishing transaction, under this same lock, sees the newer message and queues the next.
    """
    live = await session.scalar(
        select(Turn).where(Turn.conversation_id == conversation.id, Turn.state.in_(("queued", "running")))
    )
    if live is None:
        session.add(
            live := Turn(
                id=new_id(),
                conversation_id=conversation.id,
                from_seq=conversation.answered_seq + 1,
                to_seq=conversation.customer_seq,
                owner_epoch=conversation.owner_epoch,
                run_at=utc_now(),
            )
        )
        await session.flush()
    if live.state == "queued":
        await session.execute(
            update(Turn)
            .where(Turn.id == live.id)
            .values(
                run_at=db_now(settle_s),
                to_seq=conversation.customer_seq,
                owner_epoch=conversation.owner_epoch,
            )
            .execution_options(synchronize_session=False)
        )
    session.announce(WORK, {})


class TurnSource:
    """Claims due turns for a worker."""

    def __init__(self, db: Database, bus: Bus, run: Callable[[ClaimedTurn], Awaitable[None]]) -> None:
        self._db = db
        self._run = run
        self._typing: dict[str, float] = {}
        bus.subscribe(self._hear)

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        async with self._db.read() as session:
            due = await _due(session, limit)
            next_in = await _next_in(session) if not due else 0.0
        jobs: list[Job] = []
        for turn_id, conversation_id, asked_s_ago in due:
            if self._still_typing(conversation_id, asked_s_ago):
                await self._postpone(turn_id)
                next_in = 0.2
                continue
            async with self._db.write() as session:
                claimed = await claim_turn(session, turn_id, conversation_id)
            if claimed:
                jobs.append(lambda claimed=claimed: self._guarded(claimed))  # type: ignore[misc]
        return jobs, next_in

    async def _guarded(self, claimed: ClaimedTurn) -> None:
        clear_contextvars()
        bind_contextvars(conversation_id=claimed.conversation_id, turn_id=claimed.turn_id)
        await self._run(claimed)

    async def _postpone(self, turn_id: str) -> None:
        async with self._db.write() as session:
            await session.execute(
                update(Turn).where(Turn.id == turn_id, Turn.state == "queued").values(run_at=db_now(0.2))
            )

    def _hear(self, topic: str, payload: dict[str, Any]) -> None:
        """A typing sign lasts until it fades, or until the words arrive."""
        author = ((payload.get("message") or {}).get("author") or {}).get("type")
        if topic == TOPIC and author == "customer":
            self._typing.pop(payload["conversation_id"], None)
        elif topic == "typing" and payload["author"] == "customer":
            now = time.monotonic()
            if len(self._typing) > 10_000:
                self._typing = {key: ends for key, ends in self._typing.items() if ends > now}
            self._typing[payload["conversation_id"]] = now + TYPING_ALIVE_S

    def _still_typing(self, conversation_id: str, asked_s_ago: float) -> bool:
        alive = self._typing.get(conversation_id, 0.0) > time.monotonic()
        return alive and asked_s_ago < MOST_SETTLE_S


async def _due(session: ReadSession, limit: int) -> list[tuple[str, str, float]]:
    """Queued turns whose time has come and running ones whose lease ran out, oldest first."""
    rows = await session.execute(
        select(Turn.id, Turn.conversation_id, Turn.state, Turn.created_at)
        .where(
            or_(
                and_(Turn.state == "queued", Turn.run_at <= db_now()),
                and_(Turn.state == "running", Turn.leased_until <= db_now()),
            )
        )
        .order_by(Turn.run_at)
        .limit(limit)
    )
    now = utc_now()
    return [(row.id, row.conversation_id, (now - row.created_at) / timedelta(seconds=1)) for row in rows]


async def _next_in(session: ReadSession) -> float | None:
    """Seconds until the next queued turn, by the database's clock."""
    row = (await session.execute(select(func.min(Turn.run_at), db_now()).where(Turn.state == "queued"))).one()
    return (row[0] - row[1]) / timedelta(seconds=1) if row[0] else None


async def postpone(session: WriteSession, claimed: ClaimedTurn, *, seconds: float = 1.0) -> None:
    """Give a turn back unanswered, to be tried again soon: Rasa is on its way up.

    This attempt does not count; an earlier one that may have reached Rasa still does, so that the same
    turn is not sent again with other words.
    """
    await session.execute(
        update(Turn)
        .where(Turn.id == claimed.turn_id, Turn.state == "running", Turn.lease == claimed.lease)
        .values(state="queued", lease=None, run_at=db_now(seconds), attempts=claimed.attempts - 1)
        .execution_options(synchronize_session=False)
    )


async def claim_turn(session: WriteSession, turn_id: str, conversation_id: str) -> ClaimedTurn | None:
    """Take a due turn and fix its range; None where another worker was faster or it is no longer wanted.

    The conversation is locked first: a message that is being written is either in the range, or its
    transaction comes after and finds this turn running.
    """
    conversation = await lock(session, conversation_id)
    lease = new_id()
    row = (
        await session.execute(
            update(Turn)
            .where(
                Turn.id == turn_id,
                or_(
                    and_(Turn.state == "queued", Turn.run_at <= db_now()),
                    and_(Turn.state == "running", Turn.leased_until <= db_now()),
                ),
            )
            .values(
                state="running",
                lease=lease,
                leased_until=db_now(LEASE_S),
                attempts=Turn.attempts + 1,
            )
            .returning(Turn)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
    ).scalar_one_or_none()
    if row is None:
        return None
    if conversation.owner != "bot" or conversation.customer_seq <= conversation.answered_seq:
        row.state, row.finished_at = "dropped", utc_now()
        return None
    if row.attempts == 1 or row.owner_epoch != conversation.owner_epoch:
        row.from_seq = conversation.answered_seq + 1
        row.to_seq = conversation.customer_seq
        row.owner_epoch = conversation.owner_epoch
    return ClaimedTurn(
        row.id, lease, conversation_id, row.owner_epoch, row.from_seq, row.to_seq, row.attempts
    )
