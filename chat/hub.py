"""The hub of one app process: which sockets hear what, and the heads that betray a lost doorbell."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from chat import queries
from server.bus import Bus
from server.db import Database

log = structlog.get_logger(__name__)

Frame = dict[str, Any]

HEADS_EVERY_S = 10.0
GOING_AWAY, TRY_AGAIN_LATER = 1001, 1013
MAX_QUEUED_FRAMES = 512
"""A reader that is this far behind is cut off; it comes back and reads what it missed over HTTP."""


class Connection:
    """One socket: frames wait in a bounded queue for the only task that writes to it."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.conversations: set[str] = set()
        self.session_id = ""
        self._queue: asyncio.Queue[Frame | None] = asyncio.Queue(MAX_QUEUED_FRAMES)
        self._writer = asyncio.create_task(self._write())
        self._cut: asyncio.Task[None] | None = None

    def send(self, frame: Frame) -> None:
        self._put(frame)

    def close(self) -> None:
        """End the socket after what is already queued, or at once if that is too much."""
        self._put(None)

    def _put(self, frame: Frame | None) -> None:
        if self._cut is not None:
            return
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._writer.cancel()
            self._cut = asyncio.create_task(self._close(TRY_AGAIN_LATER))

    async def _write(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while (frame := await self._queue.get()) is not None:
                await self.websocket.send_json(frame)
        await self._close(GOING_AWAY)

    async def _close(self, code: int) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await self.websocket.close(code)

    async def finish(self) -> None:
        for task in (self._writer, self._cut):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


Deliver = Callable[[str, dict[str, Any]], None]


class Hub:
    """Subscribers by conversation; listens to the bus and hands each announcement to who asked for it."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self.db = db
        self.bus = bus
        self._by_conversation: dict[str, dict[Connection, Deliver]] = defaultdict(dict)
        self._connections: set[Connection] = set()
        self._everything: list[Deliver] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.bus.subscribe(self._on_announcement)
        self._task = asyncio.create_task(self._ring_heads())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for connection in list(self._connections):
            connection.close()

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)
        for conversation_id in connection.conversations:
            self._drop(conversation_id, connection)
        connection.conversations.clear()

    def subscribe(self, connection: Connection, conversation_id: str, deliver: Deliver) -> None:
        connection.conversations.add(conversation_id)
        self._by_conversation[conversation_id][connection] = deliver

    def unsubscribe(self, connection: Connection, conversation_id: str) -> None:
        connection.conversations.discard(conversation_id)
        self._drop(conversation_id, connection)

    def subscribe_everything(self, deliver: Deliver) -> None:
        self._everything.append(deliver)

    @property
    def subscribed(self) -> set[str]:
        return set(self._by_conversation)

    def deliver(self, conversation_id: str, topic: str, payload: dict[str, Any]) -> None:
        """Hand a payload to every socket that follows this conversation."""
        for deliver in list(self._by_conversation.get(conversation_id, {}).values()):
            deliver(topic, payload)

    def _drop(self, conversation_id: str, connection: Connection) -> None:
        listeners = self._by_conversation.get(conversation_id)
        if listeners is not None:
            listeners.pop(connection, None)
            if not listeners:
                del self._by_conversation[conversation_id]

    def _on_announcement(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "visitor.revoked":
            for connection in list(self._connections):
                if connection.session_id == payload["session_id"]:
                    connection.close()
        if topic == "bus.resubscribed":  # doorbells may have been lost meanwhile
            for connection in list(self._connections):
                connection.send({"type": "resync"})
        self.deliver(payload.get("conversation_id") or "", topic, payload)
        for deliver in list(self._everything):
            deliver(topic, payload)

    async def _ring_heads(self) -> None:
        while True:
            await asyncio.sleep(HEADS_EVERY_S)
            try:
                await self._ring_once()
            except Exception:
                log.exception("heads_failed")

    async def _ring_once(self) -> None:
        subscribed = self.subscribed
        found: dict[str, tuple[int, int]] = {}
        if subscribed:
            async with self.db.read() as session:
                found = await queries.heads(session, subscribed)
        rung: set[Connection] = set()
        for conversation_id in found:
            for connection, deliver in list(self._by_conversation.get(conversation_id, {}).items()):
                if connection not in rung:
                    rung.add(connection)
                    deliver("heads", {"heads": found})
        for connection in self._connections - rung:
            connection.send({"type": "ping", "heads": {}})
