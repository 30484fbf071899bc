"""How fast the assistant answers beside a stock `rasa init` pipeline with the same training data, in one run.

Both stand behind the same gateway, with the same trackers and an action server that answers at once; the
stock one without bot/patches.py. They take turns, so that whatever else the machine does meets both.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.run import TURNS_A_TRACKER
from bench import two_models
from bench.customers import ENTITIES, Customers, Language, Said
from bench.rasa_server import RasaServer
from bench.scratch import CannotMeasure, free_ports
from server.child import BoundedLog, Child
from server.rasa_process import BOT_PYTHON
from server.settings import ROOT

TOGETHER = 8
LANGUAGES: tuple[Language, ...] = ("en", "zh")
RSS_AFTER = 1000

# What must be reached; times in milliseconds.
BARS = {
    "turns_per_s_ratio": 4.0,
    "p50_ratio": 1 / 3,
    "parse_p50_ms": 10.0,
    "action_p50_ms": 25.0,
    "rss_mb": 900.0,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One answered turn: milliseconds for the caller and inside Rasa, and whether it ran what it should."""

    said: Said
    wall_ms: float
    inside_ms: float
    actions: tuple[str, ...]
    failed: bool

    @property
    def as_expected(self) -> bool:
        return not self.failed and self.actions[:1] == (self.said.action,)

    @property
    def is_one_action(self) -> bool:
        """A question, whose answer is one custom action."""
        return not self.failed and self.actions == ("action_answer_question",)


@dataclass(slots=True)
class Phase:
    """Some turns that were measured together."""

    turns: list[Turn]
    seconds: float
    cpu_s: float


@dataclass(slots=True)
class Side:
    """Everything measured of one model."""

    server: RasaServer
    customers: Customers = field(default_factory=Customers)
    start_s: float = 0.0
    start_cpu_s: float = 0.0
    parse_ms: list[float] = field(default_factory=list)
    alone: list[Phase] = field(default_factory=list)
    together: list[Phase] = field(default_factory=list)
    long: list[Turn] = field(default_factory=list)
    rss_mb: float = 0.0
    answered: int = 0


class Conversation:
    """One customer's conversation; a new tracker every so many turns, as the desk's worker does it."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._id = uuid.uuid4().hex
        self._tracker_no = self._turns = 0

    async def say(self, said: Said) -> Turn:
        body = {
            "turn_id": uuid.uuid4().hex,
            "sender_id": f"{self._id}.1.{self._tracker_no}",
            "text": said.text,
            "metadata": {"language": said.language, "slots": {}, "customer": {}, "entities": ENTITIES},
        }
        began = time.perf_counter()
        response = await self._side.server.http.post("/turn", json=body)
        wall_ms = (time.perf_counter() - began) * 1000
        answer: dict[str, Any] = response.json()
        self._turns += 1
        if self._turns >= TURNS_A_TRACKER and answer.get("active_form") is None:
            self._tracker_no, self._turns = self._tracker_no + 1, 0
        self._side.answered += 1
        inside = answer.get("timing_ms", {}).get("total", wall_ms)
        return Turn(said, wall_ms, inside, tuple(answer.get("actions", ())), response.status_code != 200)


async def converse(side: Side, said: Sequence[Said]) -> list[Turn]:
    conversation = Conversation(side)
    return [await conversation.say(one) for one in said]


async def phase(side: Side, *, together: int, conversations: int) -> Phase:
    """`conversations` customers one after the other in each of `together` places, half of them Chinese."""
    rows = [
        [side.customers.conversation(LANGUAGES[(place + n) % 2]) for n in range(conversations)]
        for place in range(together)
    ]
    cpu_s, began = side.server.used().cpu_s, time.perf_counter()

    async def place(row: list[list[Said]]) -> list[Turn]:
        return [turn for said in row for turn in await converse(side, said)]

    turns = await asyncio.gather(*(place(row) for row in rows))
    seconds = time.perf_counter() - began
    return Phase([turn for row in turns for turn in row], seconds, side.server.used().cpu_s - cpu_s)


async def long_conversation(side: Side, turns: int) -> list[Turn]:
    """One customer who does not stop; the languages take turns, and the last message is a question."""
    said: list[Said] = []
    for n in range(turns // 14 + 2):
        said += side.customers.conversation(LANGUAGES[n % 2])
    said = said[: turns - 1]
    last = next(one for one in reversed(said) if one.kind == "question")
    return await converse(side, [*said, last])


# --- The processes


@asynccontextmanager
async def action_server(port: int, scratch: Path) -> AsyncIterator[str]:
    argv = [sys.executable, "-m", "uvicorn", "bench.actions_at_once:app", "--host", "127.0.0.1"]
    argv += ["--port", str(port), "--log-level", "warning", "--no-access-log"]
    log = BoundedLog(scratch / "actions.log")
    child = Child(argv, env=dict(os.environ), cwd=ROOT, log=log)
    await child.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await child.stop()


async def parse_alone(archives: dict[str, Path], sides: dict[str, Side], rounds: int, texts: int) -> None:
    """Understanding by itself, in processes that do nothing else; the models take turns."""
    processes = {}
    try:
        for name, archive in archives.items():
            processes[name] = await asyncio.create_subprocess_exec(
                *(str(BOT_PYTHON), "-m", "bench.parse_alone", str(archive)),
                cwd=ROOT,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=2**20,
            )
        for process in processes.values():
            while (line := await _line(process)).strip() != "ready":
                if not line:
                    raise CannotMeasure("The model could not be loaded for parsing alone.")
        for number in range(rounds + 1):
            for name, process in processes.items():
                assert process.stdin is not None
                asked = sides[name].customers.questions(texts if number else 4)
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                took = json.loads(await _line(process))
                if number:  # the first round warms up
                    sides[name].parse_ms += took
    finally:
        for process in processes.values():
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


# --- The run


async def measure(asked: argparse.Namespace, say: Callable[[str], None]) -> dict[str, Side]:
    archives = {"ours": asked.ours or two_models.ours(say), "stock": two_models.stock(say)}
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        ports = list(range(asked.port, asked.port + 3)) if asked.port else free_ports(3)
        async with action_server(ports[0], scratch) as actions_url:
            sides = {
                name: Side(RasaServer(name, port=port, actions_url=actions_url, scratch=scratch))
                for name, port in zip(archives, ports[1:], strict=True)
            }
            say("Understanding alone")
            await parse_alone(archives, sides, asked.rounds, asked.parses)
            try:
                await _take_turns(sides, archives, asked, say)
            finally:
                for side in sides.values():
                    await side.server.stop()
    return sides


async def _take_turns(
    sides: dict[str, Side], archives: dict[str, Path], asked: argparse.Namespace, say: Callable[[str], None]
) -> None:
    for name, side in sides.items():
        side.start_s = await side.server.start(archives[name], with_patches=name == "ours")
        side.start_cpu_s = side.server.used().cpu_s
        say(f"{name}: ready after {side.start_s:.1f} s")
        await phase(side, together=2, conversations=1)  # warms up
    for number in range(1, asked.rounds + 1):
        for name, side in sides.items():
            side.alone.append(await phase(side, together=1, conversations=asked.conversations))
            side.together.append(await phase(side, together=TOGETHER, conversations=asked.conversations))
            done = side.together[-1]
            say(f"round {number}, {name}: {len(done.turns) / done.seconds:.1f} turns/s")
    for name, side in sides.items():
        side.long = await long_conversation(side, asked.long)
        say(f"{name}: a conversation of {asked.long} turns")
    for side in sides.values():
        while side.answered < asked.rss_after:
            await phase(side, together=TOGETHER, conversations=1)
        side.rss_mb = side.server.used().rss_mb


# --- The figures


def report(sides: dict[str, Side], asked: argparse.Namespace) -> dict[str, Any]:
    figures = {name: _figures(side) for name, side in sides.items()}
    ours, stock = sides["ours"], sides["stock"]
    mine, theirs = figures["ours"], figures["stock"]
    ratios = {
        # Of each round by itself, then the middle one: a neighbour that slows one round slows both models.
        "turns_per_s_at_8": round(_middle(_per_round(ours.together, stock.together, _rate)), 2),
        "turns_per_cpu_s_at_8": round(theirs["at_8"]["cpu_ms_per_turn"] / mine["at_8"]["cpu_ms_per_turn"], 2),
        "p50_at_1": round(_middle(_per_round(ours.alone, stock.alone, _p50)), 3),
        "p50_at_8": round(_middle(_per_round(ours.together, stock.together, _p50)), 3),
        "parse_p50": round(mine["parse_ms"]["p50"] / theirs["parse_ms"]["p50"], 3),
    }
    return {
        **figures,
        "ratios": ratios,
        "reached": {
            "turns_per_s_at_8": ratios["turns_per_s_at_8"] >= BARS["turns_per_s_ratio"],
            "p50_at_1": ratios["p50_at_1"] <= BARS["p50_ratio"],
            "p50_at_8": ratios["p50_at_8"] <= BARS["p50_ratio"],
            "parse_p50": mine["parse_ms"]["p50"] <= BARS["parse_p50_ms"],
            "action_p50": mine["action_inside_ms"]["p50"] <= BARS["action_p50_ms"],
            "action_p50_at_the_end": mine["long"]["action_inside_ms_last_30"]["p50"] <= BARS["action_p50_ms"],
            "rss": mine["rss_mb"] < BARS["rss_mb"],
        },
        "stock_pipeline": two_models.stock_components(),
        "stock_epochs": {**two_models.STOCK_EPOCHS, "others": two_models.OTHER_EPOCHS},
        "rounds": asked.rounds,
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
    }


def _figures(side: Side) -> dict[str, Any]:
    every = [turn for part in (*side.alone, *side.together) for turn in part.turns]
    alone = [turn for part in side.alone for turn in part.turns]
    return {
        "start_s": round(side.start_s, 1),
        "start_cpu_s": round(side.start_cpu_s, 1),
        "parse_ms": _percentiles(side.parse_ms),
        "at_1": _load(side.alone),
        "at_8": _load(side.together),
        "action_inside_ms": _percentiles([turn.inside_ms for turn in alone if turn.is_one_action]),
        "long": _long(side.long),
        "rss_mb": side.rss_mb,
        "answered": side.answered,
        "as_expected": round(sum(turn.as_expected for turn in every) / len(every), 3),
        "failed": sum(turn.failed for turn in (*every, *side.long)),
    }


def _load(parts: Sequence[Phase]) -> dict[str, Any]:
    turns = [turn for part in parts for turn in part.turns]
    kinds = {kind: [t.wall_ms for t in turns if t.said.kind == kind] for kind in _kinds(turns)}
    return {
        "turns": len(turns),
        "turns_per_s": round(len(turns) / sum(part.seconds for part in parts), 1),
        "wall_ms": _percentiles([turn.wall_ms for turn in turns]),
        "wall_ms_p50_of": {kind: _percentiles(values)["p50"] for kind, values in kinds.items()},
        "cpu_ms_per_turn": round(sum(part.cpu_s for part in parts) * 1000 / len(turns), 1),
    }


def _long(turns: Sequence[Turn]) -> dict[str, Any]:
    def inside(some: Sequence[Turn]) -> dict[str, float]:
        return _percentiles([turn.inside_ms for turn in some if turn.is_one_action])

    return {
        "turns": len(turns),
        "action_inside_ms_first_30": inside(turns[:30]),
        "action_inside_ms_last_30": inside(turns[-30:]),
        "the_last_turn_ms": turns[-1].inside_ms,
    }


def _kinds(turns: Sequence[Turn]) -> Iterator[str]:
    yield from sorted({turn.said.kind for turn in turns})


def _per_round(
    ours: Sequence[Phase], stock: Sequence[Phase], figure: Callable[[Phase], float]
) -> list[float]:
    return [figure(a) / figure(b) for a, b in zip(ours, stock, strict=True)]


def _rate(part: Phase) -> float:
    return len(part.turns) / part.seconds


def _p50(part: Phase) -> float:
    return _percentiles([turn.wall_ms for turn in part.turns])["p50"]


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    """By nearest rank; nought where nothing was measured."""
    ranked = sorted(values) or [0.0]
    return {f"p{p}": round(ranked[min(len(ranked) - 1, p * len(ranked) // 100)], 2) for p in (50, 95)}


def main(argv: Sequence[str]) -> int:
    """Exit code 0 if both models could be measured and none of our turns failed, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench assistant", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="ours, stock, ours, stock …")
    parser.add_argument("--conversations", type=int, default=2, help="of 14 turns each, per place and round")
    parser.add_argument("--parses", type=int, default=40, help="texts understood alone, per round")
    parser.add_argument("--long", type=int, default=300, help="turns of the long conversation")
    parser.add_argument("--rss-after", type=int, default=RSS_AFTER, help="turns before memory is read")
    parser.add_argument("--ours", type=Path, help="measure this archive instead of training one")
    parser.add_argument("--port", type=int, default=0, help="first of three ports (default: free ones)")
    parser.add_argument("--within-s", type=float, default=3600.0, help="give up after this time")
    asked = parser.parse_args(argv)
    if min(asked.rounds, asked.conversations, asked.parses) < 1 or asked.long < 30:
        parser.error("at least one of each, and thirty turns")
    try:
        sides = asyncio.run(_within(asked))
    except (CannotMeasure, two_models.CannotTrain, TimeoutError) as error:
        _say(str(error) or f"Not done within {asked.within_s:g} s.")
        return 1
    except asyncio.CancelledError:
        _say("Stopped.")
        return 130
    found = report(sides, asked)
    print(json.dumps(found))
    return 0 if not found["ours"]["failed"] else 1


async def _within(asked: argparse.Namespace) -> dict[str, Side]:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    async with asyncio.timeout(asked.within_s):
        return await measure(asked, _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
