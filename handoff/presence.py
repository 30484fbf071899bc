"""Agents who vanish: their chats go back into the line, unanswered ones first."""

import time
from collections.abc import Sequence
from typing import Any

import structlog

from accounts.events import AgentLost, PresenceChanged
from accounts.service import forgive_silence, lose_silent
from chat.service import lock
from handoff import queries
from handoff.service import return_to_queue
from server.db import Database, WriteSession
from server.jobs import Job

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 3.0
ANSWERED_AFTER_S = 120.0
"""How long a chat whose last word is the agent's waits for the agent to come back."""


async def on_presence(session: WriteSession, happened: Any) -> None:
    """At offline, chats in which the customer waits for a word return to the queue at once."""
    gone = isinstance(happened, AgentLost) or (
        isinstance(happened, PresenceChanged) and happened.status == "offline"
    )
    if gone:
        await give_back(session, happened.user_id, unanswered_only=True)


async def give_back(session: WriteSession, agent_id: str, *, unanswered_only: bool) -> None:
    for conversation_id, unanswered in await queries.held_by(session, agent_id):
        if not unanswered and unanswered_only:
            continue
        conversation = await lock(session, conversation_id)
        if conversation.owner == "agent" and conversation.agent_id == agent_id:
            await return_to_queue(session, conversation, reason="agent_lost")


class PresenceSweep:
    """Looks for stopped heartbeats; a source of the worker."""

    def __init__(self, db: Database, *, offline_after_s: float) -> None:
        self._db = db
        self._offline_after_s = offline_after_s
        self._forgiven = False
        self._next = 0.0

    async def claim(self, limit: int) -> tuple[Sequence[Job], float | None]:
        now = time.monotonic()
        if now < self._next:
            return [], self._next - now
        self._next = now + SWEEP_EVERY_S
        return [self._sweep], SWEEP_EVERY_S

    async def _sweep(self) -> None:
        if not self._forgiven:
            # While the server was down nobody could send a heartbeat: silence proves nothing yet.
            self._forgiven = True
            async with self._db.write() as session:
                await forgive_silence(session, offline_after_s=self._offline_after_s)
            return
        async with self._db.write() as session:
            lost = await lose_silent(session)
        if lost:
            log.info("agents_lost", count=len(lost))
        async with self._db.read() as session:
            gone = await queries.agents_gone_for(session, ANSWERED_AFTER_S)
        for agent_id in gone:
            async with self._db.write() as session:
                await give_back(session, agent_id, unanswered_only=False)
