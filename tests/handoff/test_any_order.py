"""Anything in any order: random interleavings of everybody's doings, after each of which all rules hold."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from databases import ScratchPostgres, Template
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from invariants import check_everything
from world import World

from assistant.decide import Decision
from assistant.reply import Line
from assistant.run import finish
from assistant.turns import ClaimedTurn
from chat.models import Conversation
from handoff.presence import PresenceSweep
from server.errors import Conflict, Malformed

AGENTS = ("bob", "bea")
STAFF = (*AGENTS, "sam")

T = TypeVar("T")

agents = st.sampled_from(AGENTS)
staff = st.sampled_from(STAFF)
visitors = st.sampled_from(("alice", "dora"))


class Desk(RuleBasedStateMachine):
    """One desk. Turns are claimed and finished in steps of their own, so that anything may come between."""

    fresh_url: ClassVar[Any]

    talks = Bundle("talks")
    turns = Bundle("turns")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: World = self.do(World(type(self).fresh_url()).begin())
        self.sweeper = PresenceSweep(self.world.db, offline_after_s=45)
        self.sweeper._forgiven = True
        self.visitor_of: dict[str, str] = {}
        self.epochs: dict[str, int] = {}

    def do(self, doing: Awaitable[T]) -> T:
        async def act() -> T:
            return await doing

        return self.runner.run(act())

    def may_be_refused(self, doing: Awaitable[Any]) -> None:
        """A conflict is an answer; anything else that is raised is a fault."""
        try:
            self.do(doing)
        except (Conflict, Malformed):
            pass

    def row(self, talk: str) -> Conversation:
        return self.do(self.world.row(talk))

    def holder(self, talk: str) -> str | None:
        """Who owns it, as a name of the cast."""
        agent_id = self.row(talk).agent_id
        return next((name for name in STAFF if self.world.people[name].id == agent_id), None)

    @initialize(target=talks)
    def begin(self) -> Any:
        self.do(self.world.online("bob"))
        made = []
        for name in ("alice", "dora"):
            talk = self.do(self.world.opens(name))
            self.visitor_of[talk] = name
            made.append(talk)
        return multiple(*made)

    # The customer

    @rule(
        talk=talks, text=st.sampled_from(["my kettle leaks", "thanks", "get me a person", "it caught fire"])
    )
    def customer_writes(self, talk: str, text: str) -> None:
        self.do(self.world.says(self.visitor_of[talk], talk, text))

    @rule(talk=talks)
    def customer_asks_for_person(self, talk: str) -> None:
        self.do(self.world.asks_for_person(self.visitor_of[talk], talk))

    @rule(talk=talks, keep_place=st.booleans())
    def customer_leaves_queue(self, talk: str, keep_place: bool) -> None:
        self.do(self.world.leaves_queue(talk, keep_place=keep_place))

    @rule(talk=talks, value=st.sampled_from(["keep_waiting", "ask_meanwhile", "open_ticket"]))
    def customer_clicks(self, talk: str, value: str) -> None:
        offers = [m for m in self.do(self.world.messages(talk, "system")) if m.payload.get("buttons")]
        if offers:
            self.may_be_refused(self.world.clicks(self.visitor_of[talk], talk, offers[-1], value))

    # The assistant

    @rule(target=turns, talk=talks)
    def worker_claims_turn(self, talk: str) -> Any:
        claimed = self.do(self.world.claims_turn(talk))
        return claimed if claimed else multiple()

    @rule(turn=consumes(turns), hand_off=st.booleans(), resolve=st.booleans())
    def worker_finishes_turn(self, turn: ClaimedTurn, hand_off: bool, resolve: bool) -> None:
        decision = Decision(lines=[Line("", {"text": f"answer to {turn.from_seq}-{turn.to_seq}"})])
        decision.resolve = resolve
        decision.bot_failed = hand_off
        self.do(self._finish(turn, decision))

    @rule(turn=turns)
    def worker_finishes_turn_twice(self, turn: ClaimedTurn) -> None:
        """The second time its lease is over."""
        for _ in range(2):
            self.do(self._finish(turn, Decision(lines=[Line("", {"text": "again"})])))

    async def _finish(self, turn: ClaimedTurn, decision: Decision) -> None:
        async with self.world.db.write() as session:
            await finish(session, turn, decision)

    # Staff

    @rule(name=staff, talk=talks, late=st.booleans())
    def claims(self, name: str, talk: str, late: bool) -> None:
        epoch = self.row(talk).owner_epoch - late
        self.may_be_refused(self.world.claims(name, talk, epoch))

    @rule(name=staff, talk=talks)
    def writes(self, name: str, talk: str) -> None:
        self.may_be_refused(self.world.writes(name, talk, f"{name} here"))

    @rule(name=staff, talk=talks)
    def adds_a_note(self, name: str, talk: str) -> None:
        self.do(self.world.notes(name, talk, "a note"))

    @rule(talk=talks, colleague=staff)
    def transfers(self, talk: str, colleague: str) -> None:
        if name := self.holder(talk):
            self.may_be_refused(self.world.gives_to(name, talk, colleague))

    @rule(talk=talks, to=st.sampled_from(["bot", "queue"]))
    def gives_back(self, talk: str, to: str) -> None:
        if name := self.holder(talk):
            self.do(
                self.world.gives_to_bot(name, talk) if to == "bot" else self.world.gives_to_queue(name, talk)
            )

    @rule(talk=talks)
    def resolves(self, talk: str) -> None:
        if name := self.holder(talk):
            self.do(self.world.resolves(name, talk))

    @rule(talk=talks)
    def supervisor_resolves(self, talk: str) -> None:
        self.do(self.world.resolves("sam", talk))

    @rule(name=agents, status=st.sampled_from(["online", "away", "offline"]))
    def changes_presence(self, name: str, status: str) -> None:
        self.do(self.world.online(name, status=status))

    @rule(name=agents)
    def vanishes(self, name: str) -> None:
        self.do(self.world.goes_silent(name))

    @rule()
    def presence_is_swept(self) -> None:
        self.do(self.sweeper._sweep())

    # What always holds

    @invariant()
    def everything_makes_sense(self) -> None:
        self.do(check_everything(self.world))

    @invariant()
    def epochs_never_fall(self) -> None:
        for talk in self.visitor_of:
            epoch = self.row(talk).owner_epoch
            assert epoch >= self.epochs.get(talk, 1)
            self.epochs[talk] = epoch

    def teardown(self) -> None:
        self.do(self.world.end())
        self.runner.close()


def run(fresh_url: Any, *, examples: int, steps: int) -> None:
    machine = type("Desk", (Desk,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_on_sqlite(template: Template, tmp_path: Path) -> None:
    run(lambda: template.copy_to(tmp_path), examples=25, steps=40)


@pytest.mark.postgres
def test_on_postgres(scratch_postgres: ScratchPostgres) -> None:
    run(scratch_postgres.fresh, examples=8, steps=40)
