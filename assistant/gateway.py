"""Rasa behind its gateway channel: one turn over HTTP, and the breaker that gives a broken Rasa a rest."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

BREAKER_FAILURES = 5
BREAKER_WINDOW_S = 60.0
PROBE_EVERY_S = 2.0


class RasaFailed(Exception):
    """No answer to be had: unreachable, not ready, too slow, or a turn that failed inside Rasa."""

    def __init__(self, cause: str, *, unreachable: bool = False) -> None:
        super().__init__(cause)
        self.cause = cause
        self.unreachable = unreachable


class Understood(BaseModel):
    name: str | None = None
    confidence: float = 0.0


class RasaAnswer(BaseModel):
    """What the gateway returns for a turn; `messages` are text keys with variables, in order."""

    turn_id: str
    messages: list[dict[str, Any]] = Field(default_factory=list)
    commands: list[dict[str, Any]] = Field(default_factory=list)
    intent: Understood = Understood()
    actions: list[str] = Field(default_factory=list)
    fallbacks: int = 0
    wishes: int = 1
    slots: dict[str, Any] = Field(default_factory=dict)
    active_form: str | None = None
    requested_slot: str | None = None
    timing_ms: dict[str, float] = Field(default_factory=dict)
    replayed: bool = False


class RasaGateway:
    """A client of `bot/channel.py`. The time limit covers a whole turn, retries included."""

    def __init__(
        self, url: str, token: str, *, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/webhooks/gateway",
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 2.0)),
            transport=transport,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def turn(
        self,
        turn_id: str,
        sender_id: str,
        *,
        text: str = "",
        intent: str | None = None,
        entities: Mapping[str, str] | None = None,
        metadata: dict[str, Any],
    ) -> RasaAnswer:
        """Raises RasaFailed. A refused connection is tried once more: nothing had been sent."""
        found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
        content: dict[str, Any] = (
            {"parse": {"intent": intent, "entities": found}} if intent else {"text": text}
        )
        body = {"turn_id": turn_id, "sender_id": sender_id, "metadata": metadata, **content}
        try:
            async with asyncio.timeout(self._timeout_s):
                try:
                    response = await self._client.post("/turn", json=body)
                except httpx.ConnectError:
                    response = await self._client.post("/turn", json=body)
        except httpx.ConnectError as error:
            raise RasaFailed("unreachable", unreachable=True) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise RasaFailed(f"no answer: {type(error).__name__}") from error
        if response.status_code != 200:
            raise RasaFailed(f"status {response.status_code}", unreachable=response.status_code == 503)
        try:
            return RasaAnswer.model_validate_json(response.content)
        except ValidationError as error:
            raise RasaFailed("an answer of another shape") from error

    async def is_ready(self) -> bool:
        try:
            response = await self._client.get("/health", timeout=1.0)
            return response.status_code == 200 and bool(response.json().get("ready"))
        except (httpx.HTTPError, ValueError, AttributeError):
            return False


class Breaker:
    """Opens after five failures within 60 s; closed again by the first probe that finds Rasa ready."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=BREAKER_FAILURES)
        self._probed = float("-inf")
        self.is_open = False

    def failed(self) -> bool:
        """Count a failure; True if this one has opened the breaker."""
        now = self._clock()
        self._failures.append(now)
        full = len(self._failures) == BREAKER_FAILURES and now - self._failures[0] <= BREAKER_WINDOW_S
        opened = full and not self.is_open
        self.is_open = self.is_open or full
        return opened

    def succeeded(self) -> None:
        self._failures.clear()

    def probe_due(self) -> bool:
        """Whether an open breaker should look again; at most every two seconds."""
        now = self._clock()
        if not self.is_open or now - self._probed < PROBE_EVERY_S:
            return False
        self._probed = now
        return True

    def close(self) -> None:
        self.is_open = False
        self._failures.clear()
