"""How long a customer waits: for the 201, and for the assistant's answer, beside Rasa alone.

Each text is sent twice in one run: once as a customer over the public API with the answer awaited on the
socket, and once to Rasa's gateway with nothing around it. Both keep conversations of the same length.
"""

import argparse
import asyncio
import json
import math
import os
import signal
import sqlite3
import sys
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.scratch import CannotMeasure, ScratchDesk, scratch_desk

CONVERSATIONS = (
    ("Hello", "My parcel hasn't come", "How do I descale the kettle?", "What does delivery cost?"),
    ("Hi there", "Can I send back headphones that I have opened?", "When do I get my money back?", "Thanks"),
    ("What can you do?", "How long is the warranty?", "Are you a robot?", "Can I change my order?"),
)
ANSWER_WITHIN_S = 20.0


@dataclass(slots=True)
class Measured:
    """Milliseconds, one figure a turn."""

    post: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    rasa: list[float] = field(default_factory=list)
    unanswered: int = 0


class Tab:
    """A customer's browser tab: one visitor with one conversation, and its socket."""

    def __init__(self, http: httpx.AsyncClient, socket: ClientConnection, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self._http, self._socket = http, socket

    @classmethod
    async def open(cls, desk: ScratchDesk, http: httpx.AsyncClient, stack: AsyncExitStack) -> "Tab":
        token = (await _created(http, "/api/visitor/sessions", {}))["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        opened = await _created(http, "/api/visitor/conversations", {"client_id": str(uuid.uuid4())})
        url = desk.origin.replace("http", "ws", 1) + "/api/visitor/socket"
        socket = await stack.enter_async_context(connect(url, compression=None, proxy=None))
        hello = {"type": "hello", "token": token, "conversations": {opened["id"]: 0}}
        await socket.send(json.dumps(hello))
        while (await _frame(socket))["type"] != "ready":
            pass
        return cls(http, socket, opened["id"])

    async def ask(self, text: str, *, settle_ms: int) -> tuple[float, float | None]:
        """Milliseconds to the 201, and from the end of the settle wait to the answer's frame (None: none).

        The wait begins with the message's own time, which the server gives; both clocks are one machine's.
        """
        body = {"client_id": str(uuid.uuid4()), "text": text}
        began = time.perf_counter()
        message = await _created(
            self._http, f"/api/visitor/conversations/{self.conversation_id}/messages", body
        )
        posted_ms = (time.perf_counter() - began) * 1000
        settled = datetime.fromisoformat(message["created_at"]) + timedelta(milliseconds=settle_ms)
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                answered = await self._answer_after(message["seq"])
        except TimeoutError:
            return posted_ms, None
        return posted_ms, (answered - settled) / timedelta(milliseconds=1)

    async def _answer_after(self, seq: int) -> datetime:
        while True:
            frame = await _frame(self._socket)
            now = datetime.now(UTC)
            message = frame.get("message") or {}
            if message.get("seq", 0) > seq and message["author"]["type"] == "bot":
                return now


async def measure(desk: ScratchDesk, *, turns: int, warm_up: int) -> Measured:
    """Ask `turns` texts one after the other, each of them both ways; the first `warm_up` do not count."""
    measured = Measured()
    total, done = warm_up + turns, 0
    async with httpx.AsyncClient(base_url=desk.rasa_url, timeout=ANSWER_WITHIN_S, trust_env=False) as rasa:
        rasa.headers["Authorization"] = f"Bearer {desk.rasa_token}"
        while done < total:
            texts = CONVERSATIONS[done // 4 % len(CONVERSATIONS)][: total - done]
            counted = await _converse(desk, rasa, texts)
            for number, (post, answer, bare) in enumerate(counted, start=done):
                if number >= warm_up:
                    _count(measured, post, answer, bare)
            done += len(texts)
            _say(f"{done} of {total} turns")
    return measured


async def _converse(
    desk: ScratchDesk, rasa: httpx.AsyncClient, texts: Sequence[str]
) -> list[tuple[float, float | None, float]]:
    """One customer's conversation, and beside it the same one with Rasa alone."""
    figures = []
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=desk.origin, timeout=ANSWER_WITHIN_S, trust_env=False)
        )
        tab = await Tab.open(desk, http, stack)
        for text in texts:
            post, answer = await tab.ask(text, settle_ms=desk.settle_ms)
            bare = await _bare_turn(rasa, f"{tab.conversation_id}.1.900000", text)
            figures.append((post, answer, bare))
    return figures


async def _bare_turn(rasa: httpx.AsyncClient, sender_id: str, text: str) -> float:
    metadata: dict[str, Any] = {"language": "en", "slots": {}, "customer": {}}
    body = {"turn_id": str(uuid.uuid4()), "sender_id": sender_id, "text": text, "metadata": metadata}
    began = time.perf_counter()
    answer = await rasa.post("/webhooks/gateway/turn", json=body)
    if answer.status_code != 200:
        raise CannotMeasure(f"Rasa's gateway answered {answer.status_code}: {answer.text[:300]}")
    return (time.perf_counter() - began) * 1000


def _count(measured: Measured, post: float, answer: float | None, bare: float) -> None:
    measured.post.append(post)
    measured.rasa.append(bare)
    if answer is None:
        measured.unanswered += 1
    else:
        measured.answer.append(answer)


def report(measured: Measured, desk: ScratchDesk) -> dict[str, Any]:
    """The object of the last line. `ratio`: the answer's milliseconds for one of Rasa alone.

    `decided_ms` is the part of the answer's that the worker spent on deciding, Rasa included: what is left
    over is waiting for the worker, writing, and the way to the socket.
    """
    evidence = _evidence(desk)[-len(measured.post) :]
    answer, rasa = _percentiles(measured.answer), _percentiles(measured.rasa)
    return {
        "turns": len(measured.post),
        "post_ms": _percentiles(measured.post),
        "answer_ms": answer,
        "decided_ms": _percentiles([one["decided_ms"] for one in evidence if "decided_ms" in one]),
        "rasa_ms": rasa,
        "ratio": {p: round(answer[p] / rasa[p], 2) for p in answer if rasa.get(p)},
        "settle_ms": desk.settle_ms,
        "unanswered": measured.unanswered,
        # A figure that was measured without Rasa would flatter us.
        "without_rasa": sum(one.get("path") != "rasa" for one in evidence),
        "cores": os.cpu_count(),
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    """By nearest rank: a figure that was really measured."""
    ranked = sorted(values)
    if not ranked:
        return {}
    return {f"p{p}": round(ranked[math.ceil(p / 100 * len(ranked)) - 1], 1) for p in (50, 95)}


def _evidence(desk: ScratchDesk) -> list[dict[str, Any]]:
    """What the worker noted of each turn, in order."""
    with closing(sqlite3.connect(f"file:{desk.database}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT evidence FROM turns ORDER BY created_at").fetchall()
    return [json.loads(evidence or "{}") or {} for (evidence,) in rows]


async def _created(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(path, json=body)
    if answer.status_code != 201:
        raise CannotMeasure(f"{path} answered {answer.status_code}: {answer.text[:300]}")
    made: dict[str, Any] = answer.json()
    return made


async def _frame(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def _run(turns: int, warm_up: int, settle_ms: int, within_s: float) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with asyncio.timeout(within_s), scratch_desk(settle_ms=settle_ms, say=_say) as desk:
        return report(await measure(desk, turns=turns, warm_up=warm_up), desk)


def main() -> int:
    """Exit code 0 if every turn was answered, by Rasa, within the time."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--turns", type=int, default=int(os.environ.get("BENCH_TURNS", "48")))
    parser.add_argument("--warm-up", type=int, default=4, help="turns at the beginning that do not count")
    parser.add_argument("--settle-ms", type=int, default=400, help="BOT_SETTLE_MS of the scratch desk")
    parser.add_argument("--within-s", type=float, default=600.0, help="give up after this time")
    asked = parser.parse_args()
    if asked.turns < 1 or asked.warm_up < 0:
        parser.error("there must be at least one turn")
    try:
        found = asyncio.run(_run(asked.turns, asked.warm_up, asked.settle_ms, asked.within_s))
    except (CannotMeasure, TimeoutError) as error:
        _say(str(error) or f"Not done within {asked.within_s:g} s.")
        return 1
    except asyncio.CancelledError:
        _say("Stopped.")
        return 130
    print(json.dumps(found))
    return 0 if not found["unanswered"] and not found["without_rasa"] else 1
