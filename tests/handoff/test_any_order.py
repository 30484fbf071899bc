"""Anything in any order: random interleavings of everybody's doings, after each of which all rules hold."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from databases import ScratchPostgres, Template
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from invariants import LIVE_PLACE, check_everything
from world import World

from assistant.facts import Decision
from assistant.reply import Line
from assistant.run import finish
from assistant.turns import ClaimedTurn
from handoff.presence import PresenceSweep
from server.errors import Conflict, Malformed

AGENTS = ("bob", "bea")
STAFF = (*AGENTS, "sam")
TEXTS = ("my kettle leaks", "thanks", "get me a person")

T = TypeVar("T")

pick = st.integers(0, 1)
"""Which of two, where two could be meant."""


@dataclass
class Seen:
    """A conversation as it was after the last step, to choose steps that change something."""

    id: str
    visitor: str
    owner: str = "bot"
    holder: str = ""
    epoch: int = 1
    waits: bool = False
    has_queued_turn: bool = False


def some(where: Callable[[Seen], bool]) -> Callable[["Desk"], bool]:
    return lambda desk: any(where(talk) for talk in desk.talks)


def with_agent(talk: Seen) -> bool:
    return talk.owner == "agent"


def with_bot(talk: Seen) -> bool:
    return talk.owner == "bot"


def waiting(talk: Seen) -> bool:
    return talk.waits


def in_queue(talk: Seen) -> bool:
    return talk.owner == "queue"


def with_queued_turn(talk: Seen) -> bool:
    return talk.has_queued_turn


class Desk(RuleBasedStateMachine):
    """One desk. Turns are claimed and finished in steps of their own, so that anything may come between."""

    fresh_url: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: World = self.do(World(type(self).fresh_url()).begin())
        self.sweeper = PresenceSweep(self.world.db, offline_after_s=45)
        self.sweeper._forgiven = True
        self.talks: list[Seen] = []
        self.claimed: list[ClaimedTurn] = []
        self.finished: list[ClaimedTurn] = []

    def do(self, doing: Awaitable[T]) -> T:
        async def act() -> T:
            return await doing

        return self.runner.run(act())

    def may_be_refused(self, doing: Awaitable[Any]) -> None:
        """A conflict is an answer; anything else that is raised is a fault."""
        with contextlib.suppress(Conflict, Malformed):
            self.do(doing)

    def one(self, number: int, where: Callable[[Seen], bool] = lambda talk: True) -> Seen:
        fitting = [talk for talk in self.talks if where(talk)]
        return fitting[number % len(fitting)]

    @initialize()
    def begin(self) -> None:
        self.do(self.world.online("bob"))
        self.talks = [Seen(self.do(self.world.opens(name)), name) for name in ("alice", "dora")]

    # The customer

    @rule(number=pick, text=st.sampled_from(TEXTS))
    def customer_writes(self, number: int, text: str) -> None:
        talk = self.one(number)
        self.do(self.world.says(talk.visitor, talk.id, text))

    @precondition(some(with_bot))
    @rule(number=pick)
    def customer_asks_for_person(self, number: int) -> None:
        talk = self.one(number, with_bot)
        self.do(self.world.asks_for_person(talk.visitor, talk.id))

    @precondition(some(waiting))
    @rule(number=pick, keep_place=st.booleans())
    def customer_leaves_queue(self, number: int, keep_place: bool) -> None:
        self.do(self.world.leaves_queue(self.one(number, waiting).id, keep_place=keep_place))

    @precondition(some(in_queue))
    @rule(number=pick, value=st.sampled_from(["keep_waiting", "ask_meanwhile", "open_ticket"]))
    def customer_clicks(self, number: int, value: str) -> None:
        talk = self.one(number, in_queue)
        offers = [m for m in self.do(self.world.messages(talk.id, "system")) if m.payload.get("buttons")]
        if offers:
            self.may_be_refused(self.world.clicks(talk.visitor, talk.id, offers[-1], value))

    # The assistant

    @precondition(some(with_queued_turn))
    @rule(number=pick)
    def worker_claims_turn(self, number: int) -> None:
        if claimed := self.do(self.world.claims_turn(self.one(number, with_queued_turn).id)):
            self.claimed.append(claimed)

    @precondition(lambda desk: desk.claimed)
    @rule(number=pick, bot_failed=st.booleans(), resolve=st.booleans())
    def worker_finishes_turn(self, number: int, bot_failed: bool, resolve: bool) -> None:
        turn = self.claimed.pop(number % len(self.claimed))
        self.finished.append(turn)
        self.do(self._finish(turn, resolve=resolve, bot_failed=bot_failed))

    @precondition(lambda desk: desk.finished)
    @rule(number=pick)
    def worker_finishes_turn_again(self, number: int) -> None:
        assert self.do(self._finish(self.finished[number % len(self.finished)])) == "lost_lease"

    async def _finish(self, turn: ClaimedTurn, *, resolve: bool = False, bot_failed: bool = False) -> str:
        line = Line("", {"text": f"answer to {turn.from_seq}-{turn.to_seq}"})
        async with self.world.db.write() as session:
            decision = Decision(lines=[line], resolve=resolve, alone=[line] if bot_failed else None)
            return await finish(session, turn, decision)

    # Staff

    @precondition(some(waiting))
    @rule(number=pick, name=st.sampled_from(AGENTS), late=st.booleans())
    def agent_claims(self, number: int, name: str, late: bool) -> None:
        talk = self.one(number, waiting)
        self.may_be_refused(self.world.claims(name, talk.id, talk.epoch - late))

    @rule(number=pick)
    def supervisor_takes_over(self, number: int) -> None:
        self.may_be_refused(self.world.claims("sam", self.one(number).id))

    @rule(number=pick, name=st.sampled_from(STAFF), note=st.booleans())
    def staff_write(self, number: int, name: str, note: bool) -> None:
        write = self.world.notes if note else self.world.writes
        self.may_be_refused(write(name, self.one(number).id, f"{name} here"))

    @precondition(some(with_agent))
    @rule(number=pick, colleague=st.sampled_from(STAFF))
    def agent_transfers(self, number: int, colleague: str) -> None:
        talk = self.one(number, with_agent)
        self.may_be_refused(self.world.gives_to(talk.holder, talk.id, colleague))

    @precondition(some(with_agent))
    @rule(number=pick)
    def agent_gives_back_to_bot(self, number: int) -> None:
        talk = self.one(number, with_agent)
        self.do(self.world.gives_to_bot(talk.holder, talk.id))

    @precondition(some(with_agent))
    @rule(number=pick)
    def agent_gives_back_to_queue(self, number: int) -> None:
        talk = self.one(number, with_agent)
        self.do(self.world.gives_to_queue(talk.holder, talk.id))

    @rule(number=pick)
    def somebody_resolves(self, number: int) -> None:
        talk = self.one(number)
        self.do(self.world.resolves(talk.holder or "sam", talk.id))

    @rule(name=st.sampled_from(AGENTS), status=st.sampled_from(["online", "away", "offline", "silent"]))
    def presence_changes(self, name: str, status: str) -> None:
        silent = status == "silent"
        self.do(self.world.goes_silent(name) if silent else self.world.online(name, status=status))

    @precondition(some(with_agent))
    @rule()
    def presence_is_swept(self) -> None:
        self.do(self.sweeper._sweep())

    # What always holds

    @invariant()
    def everything_makes_sense(self) -> None:
        self.do(self._look())

    async def _look(self) -> None:
        seen = await check_everything(self.world)
        names = {user.id: name for name, user in self.world.people.items()}
        talks = {talk.id: talk for talk in self.talks}
        for row in seen.conversations:
            talk = talks[row.id]
            assert row.owner_epoch >= talk.epoch, "the epoch never falls"
            talk.owner, talk.epoch = row.owner, row.owner_epoch
            talk.holder = names.get(row.agent_id or "", "")
            talk.has_queued_turn = any(turn.state == "queued" for turn in seen.turns[row.id])
            talk.waits = any(place.state in LIVE_PLACE for place in seen.places[row.id])

    def teardown(self) -> None:
        self.do(self.world.end())
        self.runner.close()


def run(fresh_url: Any, *, examples: int, steps: int, phases: Any = tuple(Phase)) -> None:
    machine = type("Desk", (Desk,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite(template: Template, tmp_path: Path) -> None:
    run(lambda: template.copy_to(tmp_path), examples=15, steps=40)


@pytest.mark.postgres
def test_on_postgres(scratch_postgres: ScratchPostgres) -> None:
    run(scratch_postgres.fresh, examples=5, steps=40)
