"""A stand-in for Rasa behind its gateway channel: its answers follow the contract of `bot/channel.py`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

TOKEN = "rasa-token"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One turn as it came in."""

    turn_id: str
    sender_id: str
    text: str | None
    intent: str | None
    metadata: dict[str, Any]
    entities: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return self.text if self.text is not None else f"/{self.intent}"


def echo(asked: Asked) -> Answer:
    """Say what was heard, line by line, so that a test can see which messages an answer is for."""
    return {"messages": [{"text": f"heard: {line}"} for line in asked.said.split("\n")]}


@dataclass
class FakeRasa:
    """An ASGI app. `mode`: `up`, `refusing` (nothing listens), `not_ready`, `failing`, `hanging`,

    `garbage` (an answer of another shape).
    """

    mode: str = "up"
    answer: Callable[[Asked], Answer] = echo
    delay: Callable[[], float] = lambda: 0.0
    asked: list[Asked] = field(default_factory=list)
    known: dict[tuple[str, str], Answer] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: turns are answered. A test that clears it holds every turn in the middle."""
    refused: int = 0
    probes: int = 0
    also: Callable[[Asked], Awaitable[None]] | None = None
    """Something that happens while the turn is with Rasa."""

    def __post_init__(self) -> None:
        self.go_on.set()

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return _Wire(self)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if dict(scope["headers"]).get(b"authorization") != f"Bearer {TOKEN}".encode():
            await _respond(send, 401, {"error": "unauthorized"})
        elif scope["path"].endswith("/health"):
            self.probes += 1
            await _respond(send, 200, {"ready": self.mode == "up", "model_id": "m1"})
        else:
            body = await _body(receive)
            status, answer = await self._turn(body)
            await _respond(send, status, answer)

    async def _turn(self, body: dict[str, Any]) -> tuple[int, Any]:
        asked = Asked(
            body["turn_id"],
            body["sender_id"],
            body.get("text"),
            (body.get("parse") or {}).get("intent"),
            body["metadata"],
            {one["entity"]: one["value"] for one in (body.get("parse") or {}).get("entities", [])},
        )
        key = (asked.sender_id, asked.turn_id)
        if key in self.known:
            return 200, {**self.known[key], "replayed": True}
        self.asked.append(asked)
        self.arrived.set()
        if self.mode == "not_ready":
            return 503, {"error": "not_ready"}
        if self.mode == "failing":
            return 502, {"error": "turn_failed", "causes": ["action_server"]}
        if self.mode == "garbage":
            return 200, ["not", "an", "answer"]
        if self.mode == "hanging":
            await asyncio.sleep(3600)
        await self.go_on.wait()
        await asyncio.sleep(self.delay())
        if self.also:
            await self.also(asked)
        self.known[key] = {**self._nothing(asked), **self.answer(asked)}
        return 200, self.known[key]

    def _nothing(self, asked: Asked) -> Answer:
        return {
            "turn_id": asked.turn_id,
            "messages": [],
            "commands": [],
            "intent": {"name": asked.intent or "question", "confidence": 0.9},
            "ranking": [],
            "entities": [],
            "actions": [],
            "fallbacks": 0,
            "slots": {},
            "active_form": None,
            "requested_slot": None,
            "timing_ms": {"total": 1.0},
            "replayed": False,
        }


class _Wire(httpx.AsyncBaseTransport):
    """The network between app and Rasa, which can be cut."""

    def __init__(self, rasa: FakeRasa) -> None:
        self._rasa = rasa
        self._inside = httpx.ASGITransport(app=rasa)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._rasa.mode == "refusing":
            self._rasa.refused += 1
            raise httpx.ConnectError("connection refused", request=request)
        return await self._inside.handle_async_request(request)


async def _body(receive: Any) -> dict[str, Any]:
    content, more = b"", True
    while more:
        message = await receive()
        content += message.get("body", b"")
        more = message.get("more_body", False)
    found: dict[str, Any] = json.loads(content)
    return found


async def _respond(send: Any, status: int, body: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
