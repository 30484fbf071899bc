"""The gateway: the one channel between the desk and Rasa, which answers whole turns and says when one failed.

POST /webhooks/gateway/turn and GET /webhooks/gateway/health, both with `Authorization: Bearer <RASA_TOKEN>`.

| status | meaning                                                                            |
|--------|------------------------------------------------------------------------------------|
| 200    | the turn's answer (bot/outcome.py); `replayed` where this turn was answered before |
| 401    | another token, or none                                                             |
| 409    | `turn_without_answer`: this turn is on record without one; it is not run again     |
| 422    | `malformed`, with a `detail`                                                       |
| 502    | `turn_failed`, with `causes`; nothing of it is kept, the dialogue is as before     |
| 503    | `not_ready`: no model yet                                                          |
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from typing import Any, Awaitable, Callable, Dict, List, Optional, Set, Tuple
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import failures, patches
from bot.outcome import StepOnRecord, as_answer, find_turn
from bot.run_turn import run_turn
from bot.turn import Malformed, Metadata, Turn, read_turn, user_message

logger = logging.getLogger(__name__)

Answer = Tuple[int, Dict[str, Any]]


class Gateway(InputChannel):
    """Rasa's custom channel; see the module for its routes."""

    def __init__(self, token: str) -> None:
        if not token:
            raise RasaException("The gateway needs a token: set RASA_TOKEN.")
        self._expected = f"Bearer {token}".encode()
        # Rasa's own lock makes the second of two turns wait whole seconds; this one hands over at once.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: Set[asyncio.Task[Answer]] = set()

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> Gateway:
        return cls(str((credentials or {}).get("token") or ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        failures.listen()
        patches.apply()
        gateway = Blueprint("gateway")

        @gateway.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            if not self._is_authorised(request):
                return json({"error": "unauthorized"}, 401)
            status, body = await self._handle(_agent(request), request.body)
            return json(body, status)

        @gateway.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if not self._is_authorised(request):
                return json({"error": "unauthorized"}, 401)
            agent = _agent(request)
            return json({"ready": agent is not None, "model_id": agent.model_id if agent else None})

        return gateway

    def _is_authorised(self, request: Request) -> bool:
        given: str = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._expected)

    async def _handle(self, agent: Optional[Agent], body: bytes) -> Answer:
        try:
            turn = read_turn(body)
            if agent is None:
                return 503, {"error": "not_ready"}
            message = user_message(turn, agent.domain, CollectingOutputChannel())
        except Malformed as error:
            return 422, {"error": "malformed", "detail": str(error)}
        # A desk that gives up waiting cuts the connection, and Sanic then cancels the handler. The turn
        # itself goes on, so that its answer is on record when the desk asks again with the same turn_id.
        task = asyncio.ensure_future(self._one_at_a_time(agent, turn, message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _one_at_a_time(self, agent: Agent, turn: Turn, message: UserMessage) -> Answer:
        started = time.perf_counter()
        lock = self._locks.setdefault(turn.sender_id, asyncio.Lock())
        with failures.heard() as causes:
            try:
                async with lock, agent.lock_store.lock(turn.sender_id):
                    status, body = await _run_or_replay(agent, turn, message, causes)
            except Exception as error:
                logger.exception("turn %s failed", turn.turn_id)
                status, body = 502, _failed([*causes, f"{type(error).__name__}: {error}"])
        if status == 200:
            body["timing_ms"] = {"total": round((time.perf_counter() - started) * 1000, 1)}
        return status, body


def _agent(request: Request) -> Optional[Agent]:
    """Rasa's agent, once it has a model."""
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent and agent.is_ready() else None


async def _run_or_replay(agent: Agent, turn: Turn, message: UserMessage, causes: List[str]) -> Answer:
    processor = agent.processor  # with its own domain, also if a new model arrives in the middle of the turn
    tracker = await processor.fetch_tracker_and_update_session(turn.sender_id, message.output_channel)
    if causes:  # the store is down: nothing has run yet, and nothing should
        return 502, _failed(causes)
    known = find_turn(tracker, turn.turn_id)
    if known:
        return _replay(known)
    _note_what_the_desk_knows(tracker, turn.metadata, processor.domain)
    await run_turn(processor, tracker, message)
    steps = find_turn(tracker, turn.turn_id)
    if not steps:
        return 502, _failed([*causes, "the turn is not on record"])
    causes += [cause for step in steps for cause in step.causes_of_failure()]
    if not causes:
        await processor.save_tracker(tracker)  # which may add to the causes
    if causes:
        return 502, _failed(causes)
    return 200, {**as_answer(steps), "replayed": False}


def _replay(known: List[StepOnRecord]) -> Answer:
    if not all(step.payloads for step in known):
        return 409, {"error": "turn_without_answer"}
    return 200, {**as_answer(known), "replayed": True}


def _failed(causes: List[str]) -> Dict[str, Any]:
    return {"error": "turn_failed", "causes": causes}


def _note_what_the_desk_knows(tracker: DialogueStateTracker, metadata: Metadata, domain: Domain) -> None:
    """Put language, customer and, at the beginning, the carried slots into the tracker."""
    known = {slot.name for slot in domain.slots}
    for name, value in _slots_to_note(tracker, metadata).items():
        if name in known:
            tracker.update(SlotSet(name, value), domain)


def _slots_to_note(tracker: DialogueStateTracker, metadata: Metadata) -> Dict[str, Any]:
    begun = tracker.get_last_event_for(UserUttered) is not None
    slots = {} if begun else {k: v for k, v in metadata.slots.items() if k != REQUESTED_SLOT}
    current = tracker.current_slot_values()
    if metadata.customer.email and not (current.get("email") or slots.get("email")):
        slots["email"] = metadata.customer.email
    for name, value in (("language", metadata.language), ("customer_name", metadata.customer.name)):
        if value and current.get(name) != value:
            slots[name] = value
    return slots
