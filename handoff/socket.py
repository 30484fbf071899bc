"""The staff's socket: lists that stay true, watched conversations by `event_seq`, heartbeat and banners."""

import asyncio
import contextlib
from typing import Any

from fastapi import APIRouter, WebSocket
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accounts.access import Staff, staff_from_websocket, still_valid
from accounts.events import ACCESS_TOPIC, PRESENCE_TOPIC
from accounts.service import heartbeat
from chat import queries as chat_queries
from chat.hub import Connection, Hub
from chat.schemas import Id, Seq
from chat.service import TOPIC
from chat.socket import close_after, read_frame
from handoff import queries
from handoff.schemas import StaffConversationOut
from server.bus import Announcement

router = APIRouter()

BANNER_TOPIC = "banner"
FRAMES_PER_10_S = 300


class Watch(BaseModel):
    model_config = ConfigDict(extra="ignore")

    conversation_id: Id
    after: Seq = 0


class Hello(BaseModel):
    model_config = ConfigDict(extra="ignore")

    after: dict[Id, Seq] = Field(default_factory=dict, max_length=50)


class StaffConnection:
    """One staff socket, the conversations it watches, and how far each has been sent."""

    def __init__(self, hub: Hub, connection: Connection, staff: Staff) -> None:
        self.hub, self.connection, self.staff = hub, connection, staff
        self._sent: dict[str, int] = {}
        self._buffers: dict[str, list[dict[str, Any]]] = {}

    async def watch(self, conversation_id: str, after: int) -> None:
        """Subscribe, then send what came after; what arrives meanwhile is kept and sent once."""
        self._buffers[conversation_id] = []
        self._sent[conversation_id] = after
        self.hub.subscribe(self.connection, conversation_id, self._deliver)
        while await self._catch_up(conversation_id):
            pass
        for payload in self._buffers.pop(conversation_id):
            self._send(conversation_id, payload["event_seq"], payload["event"], payload["staff_message"])

    async def _catch_up(self, conversation_id: str) -> bool:
        """Send the next page of what came after; whether there may be more."""
        after = self._sent[conversation_id]
        async with self.hub.db.read() as session:
            rows = await chat_queries.events_after(session, conversation_id, after)
            messages = {
                message.event_seq: message
                for message in await chat_queries.messages_for_staff(
                    session, conversation_id, after=after, before=None, limit=chat_queries.MAX_PAGE
                )
            }
        for row in rows:
            message = messages.get(row.event_seq)
            event = {"type": row.type, **row.data}
            shown = message.model_dump(mode="json") if message else None
            self._send(conversation_id, row.event_seq, event, shown)
        return len(rows) == chat_queries.MAX_PAGE

    def unwatch(self, conversation_id: str) -> None:
        self.hub.unsubscribe(self.connection, conversation_id)

    def _send(
        self, conversation_id: str, event_seq: int, event: dict[str, Any], message: dict[str, Any] | None
    ) -> None:
        if event_seq <= self._sent[conversation_id]:
            return
        self._sent[conversation_id] = event_seq
        frame = {
            "type": "event",
            "conversation_id": conversation_id,
            "event_seq": event_seq,
            "event": event,
            "message": message,
        }
        self.connection.send(frame)

    def _deliver(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == "heads":
            mine = {c: payload["heads"][c][1] for c in self.connection.conversations if c in payload["heads"]}
            self.connection.send({"type": "ping", "heads": mine})
        elif topic == "typing":
            self.connection.send({"type": "typing", **payload})
        elif topic == TOPIC:
            conversation_id = payload["conversation_id"]
            if conversation_id in self._buffers:
                self._buffers[conversation_id].append(payload)
            else:
                self._send(conversation_id, payload["event_seq"], payload["event"], payload["staff_message"])


class StaffBoard:
    """Keeps every staff socket's lists true: one query for a burst of changes, one frame to everybody."""

    GATHER_S = 0.03

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._clients: dict[Connection, StaffConnection] = {}
        self._changed: set[str] = set()
        self._queue_changed = False
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        hub.subscribe_everything(self._hear)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def join(self, client: StaffConnection) -> None:
        self._clients[client.connection] = client

    def leave(self, client: StaffConnection) -> None:
        self._clients.pop(client.connection, None)

    def _hear(self, topic: str, payload: dict[str, Any]) -> None:
        if topic == TOPIC:
            self._changed.add(payload["conversation_id"])
            self._wake.set()
        elif topic == "queue.changed":
            self._queue_changed = True
            self._wake.set()
        elif topic == BANNER_TOPIC:
            self._to_all({"type": "banner", **payload})
        elif topic == PRESENCE_TOPIC:
            self._to_all({"type": "presence", **payload})
        elif topic == ACCESS_TOPIC:
            for connection, client in list(self._clients.items()):
                if client.staff.id == payload["user_id"]:
                    connection.close()  # it comes back with the rights of today, or not at all

    def _to_all(self, frame: dict[str, Any]) -> None:
        for connection in list(self._clients):
            connection.send(frame)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(self.GATHER_S)
            self._wake.clear()
            changed, self._changed = self._changed, set()
            queue_changed, self._queue_changed = self._queue_changed, False
            with contextlib.suppress(Exception):  # the next change or a reload shows what was missed
                if changed and self._clients:
                    await self._show(sorted(changed))
                if queue_changed:
                    await self._tell_positions()

    async def _show(self, changed: list[str]) -> None:
        for start in range(0, len(changed), queries.MAX_PAGE):
            async with self._hub.db.read() as session:
                listed, _ = await queries.list_for_staff(
                    session, ids=changed[start : start + queries.MAX_PAGE], limit=queries.MAX_PAGE
                )
            for one in listed:
                shown = StaffConversationOut.of(one).model_dump(mode="json")
                self._to_all({"type": "conversation", "conversation": shown})

    async def _tell_positions(self) -> None:
        async with self._hub.db.read() as session:
            places = await queries.positions(session)
        for conversation_id in self._hub.subscribed & set(places):
            payload = {
                "conversation_id": conversation_id,
                "position": places[conversation_id],
                "wait": None,
            }
            self._hub.deliver(conversation_id, "queue", payload)


@router.websocket("/api/socket")
async def staff_socket(websocket: WebSocket) -> None:
    """Needs the session cookie and an allowed Origin; malformed = close 1003."""
    staff = await staff_from_websocket(websocket)
    if staff is None or not staff.may("conversations.read"):
        await websocket.close(1008)
        return
    state = websocket.app.state
    await websocket.accept()
    connection = Connection(websocket)
    client = StaffConnection(state.hub, connection, staff)
    state.hub.add(connection)
    state.board.join(client)
    try:
        await close_after(websocket, _converse(websocket, client))
    finally:
        state.board.leave(client)
        state.hub.remove(connection)
        await connection.finish()


async def _converse(websocket: WebSocket, client: StaffConnection) -> int:
    state = websocket.app.state
    await _beat(state, client)
    while True:
        frame = await read_frame(websocket)
        if frame is None:
            return 1003
        if await state.bus.count(f"frames:{id(client)}", 10) > FRAMES_PER_10_S:
            return 1008
        try:
            if not await _answer(state, client, frame):
                return 1008
        except ValidationError:
            return 1003


async def _answer(state: Any, client: StaffConnection, frame: dict[str, Any]) -> bool:
    """Act on one frame; False where this person may no longer be here."""
    kind = frame.get("type")
    if kind == "hello":
        hello = Hello.model_validate(frame)
        for conversation_id, after in hello.after.items():
            await client.watch(conversation_id, after)
        client.connection.send({"type": "ready", "conversations": len(hello.after)})
        if await state.banner_active():
            client.connection.send({"type": "banner", "code": "assistant_down", "active": True})
    elif kind == "watch":
        watch = Watch.model_validate(frame)
        await client.watch(watch.conversation_id, watch.after)
    elif kind == "unwatch":
        client.unwatch(Watch.model_validate(frame).conversation_id)
    elif kind == "typing":
        watch = Watch.model_validate(frame)
        payload = {"conversation_id": watch.conversation_id, "author": "agent", "name": client.staff.name}
        await state.bus.publish_all([Announcement("typing", payload)])
    elif kind == "ping":
        client.connection.send({"type": "pong"})
        return await _beat(state, client)
    return True


async def _beat(state: Any, client: StaffConnection) -> bool:
    """A sign of life: moves the presence, and looks whether this person still works here."""
    async with state.db.read() as session:
        valid = await still_valid(session, client.connection.session_id or client.staff.session_id)
    if valid is None or not valid.may("conversations.read"):
        return False
    client.staff = valid
    async with state.db.write() as session:
        await heartbeat(session, client.staff.id, offline_after_s=state.settings.offline_after_s)
    return True
