"""The visitor's socket: a doorbell that catches up first, then rings for every new item."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat import queries
from chat.access import Visitor, authenticate, prolong
from chat.hub import Connection, Hub
from chat.models import Conversation
from chat.schemas import Id, Seq
from chat.service import TOPIC
from server.bus import Announcement
from server.db import ReadSession
from server.errors import Problem

log = structlog.get_logger(__name__)

router = APIRouter()

MAX_FRAME = 16_384
FRAMES_PER_10_S = 200
HELLO_WITHIN_S = 10.0
"""Who has not said by then who they are is cut off."""

Describe = Callable[[ReadSession, Conversation], Awaitable[dict[str, Any]]]
"""What a folder adds to a visitor's view of a conversation (the queue, the agent's name)."""


class Hello(BaseModel):
    model_config = ConfigDict(extra="ignore")

    token: str = Field(max_length=200)
    conversations: dict[Id, Seq] = Field(default_factory=dict, max_length=50)


class Typing(BaseModel):
    model_config = ConfigDict(extra="ignore")

    conversation_id: Id


class VisitorConnection:
    """One visitor's socket and how far each of its conversations has been sent."""

    def __init__(self, hub: Hub, connection: Connection, visitor: Visitor, describe: Describe) -> None:
        self.hub, self.connection, self.visitor, self.describe = hub, connection, visitor, describe
        self._sent: dict[str, int] = {}
        self._buffers: dict[str, list[dict[str, Any]]] = {}

    async def follow(self, wanted: dict[str, int]) -> None:
        """Subscribe, buffer, read what came after, send, flush the buffer without duplicates, say ready.

        Raises NotFound for a conversation that is not the visitor's.
        """
        ready: dict[str, Any] = {}
        for conversation_id, after in wanted.items():
            async with self.hub.db.read() as session:
                await queries.own_conversation(session, self.visitor, conversation_id)
            self._buffers[conversation_id] = []
            self._sent[conversation_id] = after
            self.hub.subscribe(self.connection, conversation_id, self._deliver)
            async with self.hub.db.read() as session:
                await self._catch_up(session, conversation_id)
                conversation = await queries.own_conversation(session, self.visitor, conversation_id)
                ready[conversation_id] = {
                    "last_seq": conversation.last_seq,
                    "owner": conversation.owner,
                    "status": conversation.status,
                    "read": conversation.read_seq,
                    **await self.describe(session, conversation),
                }
        for conversation_id in wanted:
            for message in self._buffers.pop(conversation_id):
                self._send_message(conversation_id, message)
        self.connection.send({"type": "ready", "conversations": ready})

    async def _catch_up(self, session: ReadSession, conversation_id: str) -> None:
        while True:
            items = await queries.messages_for_customer(
                session,
                conversation_id,
                after=self._sent[conversation_id],
                before=None,
                limit=queries.MAX_PAGE,
            )
            for item in items:
                self._send_message(conversation_id, item.model_dump(mode="json"))
            if len(items) < queries.MAX_PAGE:
                return

    def _send_message(self, conversation_id: str, message: dict[str, Any]) -> None:
        if message["seq"] > self._sent[conversation_id]:
            self._sent[conversation_id] = message["seq"]
            self.connection.send({"type": "message", "message": message})

    def _deliver(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "heads":
            mine = {c: payload["heads"][c][0] for c in self.connection.conversations if c in payload["heads"]}
            self.connection.send({"type": "ping", "heads": mine})
        elif topic == "typing" and payload["author"] != "customer":
            self.connection.send({"type": "typing", **payload})
        elif topic == "queue":
            self.connection.send({"type": "queue", **payload})
        elif topic == TOPIC:
            self._deliver_event(payload)

    def _deliver_event(self, payload: dict[str, Any]) -> None:
        conversation_id, message, event = payload["conversation_id"], payload["message"], payload["event"]
        if message and conversation_id in self._buffers:
            self._buffers[conversation_id].append(message)
        elif message:
            # An item that overtook its neighbour on the bus is still sent; the client sees the gap and reads.
            self._send_message(conversation_id, message)
        if event["type"] in ("owner_changed", "status_changed"):
            self.connection.send({"type": "owner", "conversation_id": conversation_id, **_owner_view(event)})


def _owner_view(event: dict[str, Any]) -> dict[str, Any]:
    if event["type"] == "status_changed":
        return {"status": event["to"], "owner": event["owner"]}
    name = event.get("agent_name")
    return {"owner": event["to"], "status": event["status"], "agent": {"name": name} if name else None}


@router.websocket("/api/visitor/socket")
async def visitor_socket(websocket: WebSocket) -> None:
    """Frames as in `docs/architecture.md`; malformed = close 1003, a foreign conversation = close 1008."""
    state = websocket.app.state
    origin = websocket.headers.get("origin")
    if origin is not None and origin not in state.settings.allowed_origins:
        await websocket.close(1008)
        return
    await websocket.accept()
    connection = Connection(websocket)
    state.hub.add(connection)
    try:
        await close_after(websocket, _converse(websocket, connection))
    finally:
        state.hub.remove(connection)
        await connection.finish()


async def close_after(websocket: WebSocket, conversing: Awaitable[int]) -> None:
    """Close with the code that a conversation ends with; a fault of ours is logged and is 1011."""
    try:
        code = await conversing
    except WebSocketDisconnect:
        return
    except Exception:
        log.exception("socket_failed")
        code = 1011
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(code)


async def _converse(websocket: WebSocket, connection: Connection) -> int:
    """Answer frames until one of them is a reason to close; that close code."""
    state = websocket.app.state
    client: VisitorConnection | None = None
    patience_ends = asyncio.get_running_loop().time() + HELLO_WITHIN_S
    while True:
        try:
            async with asyncio.timeout_at(patience_ends if client is None else None):
                frame = await read_frame(websocket)
        except TimeoutError:
            return 1008
        if frame is None:
            return 1003
        if await state.bus.count(f"frames:{id(connection)}", 10) > FRAMES_PER_10_S:
            return 1008
        kind = frame.get("type")
        try:
            if kind == "hello":
                client = await _hello(state, connection, client, Hello.model_validate(frame))
                if client is None:
                    return 1008
            elif kind == "ping":
                connection.send({"type": "pong"})
            elif kind == "typing":
                await _typing(state, connection, Typing.model_validate(frame))
        except ValidationError:
            return 1003


async def _typing(state: Any, connection: Connection, typing: Typing) -> None:
    if typing.conversation_id in connection.conversations:
        payload = {"conversation_id": typing.conversation_id, "author": "customer"}
        await state.bus.publish_all([Announcement("typing", payload)])


async def _hello(
    state: Any, connection: Connection, client: VisitorConnection | None, hello: Hello
) -> VisitorConnection | None:
    """The connection of a valid token that follows only what is its own; None for any other."""
    found = await authenticate(state.db, hello.token)
    if found is None:
        return None
    visitor, ages = found
    if ages:
        await prolong(state.db, visitor)
    connection.session_id = visitor.session_id
    if client is None or client.visitor != visitor:
        state.hub.remove(connection)  # what somebody else followed on this socket is over
        state.hub.add(connection)
        client = VisitorConnection(state.hub, connection, visitor, state.describe)
    try:
        await client.follow(hello.conversations)
    except Problem:
        return None
    return client


async def read_frame(websocket: WebSocket) -> dict[str, Any] | None:
    """The next frame as a JSON object; None for anything else (binary, too long, not JSON, no object)."""
    received = await websocket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1000))
    text = received.get("text")
    if text is None or len(text) > MAX_FRAME:
        return None
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None
