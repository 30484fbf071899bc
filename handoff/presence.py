"""Agents who vanish: their chats go back into the line, unanswered ones first."""

import time
from collections.abc import Sequence
from typing import Any

import structlog

from accounts.events import PRESENCE_TOPIC, AgentLost, PresenceChanged
from accounts.service import forgive_silence, lose_silent
from chat.service import lock
from handoff import queries
from handoff.service import return_to_queue
from server.db import Database, WriteSession
from server.jobs import WORK, Job

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 3.0
ANSWERED_AFTER_S = 120.0
"""How long a chat whose last word is the agent's waits for the agent to come back."""


async def on_presence(session: WriteSession, happened: Any) -> None:
    """Wake the worker where somebody has gone.

    The agent's row is locked here, and conversations are locked before agents: moving them now could
    deadlock with a claim. What is to be moved can be read from the database, so nothing is noted down.
    """
    if isinstance(happened, AgentLost) or (
        isinstance(happened, PresenceChanged) and happened.status == "offline"
    ):
        session.announce(WORK, {})


class PresenceSweep:
    """Looks for stopped heartbeats and for chats whose agent has gone; a source of the worker."""

    def __init__(self, db: Database, *, offline_after_s: float) -> None:
        self._db = db
        self._offline_after_s = offline_after_s
        self._forgiven = False
        self._next = 0.0
        db.bus.subscribe(self._hear)

    def _hear(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == PRESENCE_TOPIC and payload["status"] == "offline":
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
        async with self._db.write() as session:
            lost = await lose_silent(session)
        if lost:
            log.info("agents_lost", count=len(lost))
        async with self._db.read() as session:
            abandoned = await queries.abandoned(session, ANSWERED_AFTER_S)
        for conversation_id in abandoned:
            await self._give_back(conversation_id)

    async def _give_back(self, conversation_id: str) -> None:
        """Back into the line, unless agent or chat have come back to life a moment ago."""
        async with self._db.write() as session:
            conversation = await lock(session, conversation_id)
            if await queries.abandoned(session, ANSWERED_AFTER_S, conversation_id=conversation_id):
                await return_to_queue(session, conversation, reason="agent_lost")
