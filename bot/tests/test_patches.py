"""What replaces methods of Rasa does as they do, faster, and only on the Rasa it is for."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterator, List

import pytest
import rasa
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.exceptions import GraphComponentException, GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import patches

_SLOT = {"event": "slot", "name": "email", "value": "ann@example.com", "timestamp": None}
_REPLIES: Dict[str, Any] = {
    "nothing": {},
    "empty": {"events": [], "responses": []},
    "a slot": {"events": [_SLOT], "responses": [{"custom": {"text_key": "utter_article"}}]},
    "many slots": {"events": [_SLOT] * 10, "responses": [{}] * 3},
    "a follow-up": {"events": [{"event": "followup", "name": "action_listen"}]},
    "a form": {"events": [{"event": "active_loop", "name": "ticket_form"}]},
    "a rewind": {"events": [{"event": "rewind"}]},
    "no list": [],
    "null": None,
    "events no list": {"events": {}},
    "an unknown event": {"events": [{"event": "no_such_event"}]},
    "an event without a name": {"events": [{}]},
    "an event that is a text": {"events": ["slot"]},
    "a slot without a name": {"events": [{"event": "slot", "value": 1}]},
    "a response that is a text": {"events": [], "responses": ["hello"]},
}


def _verdict(check: Any, reply: Any) -> Any:
    try:
        return check(RemoteAction("action_x", None), reply)
    except ValidationError as error:
        return error.message


CHECK, RUN, RESOLVE = patches.PATCHES


@pytest.fixture
def patched() -> Iterator[None]:
    assert patches.apply()
    yield
    for patch in patches.PATCHES:
        method: Any = patches.original(patch)
        setattr(patch.owner, patch.name, staticmethod(method) if patch is RESOLVE else method)


def test_the_pinned_rasa_is_the_one_that_the_patches_know() -> None:
    assert rasa.__version__ == "3.6.21"
    for patch in patches.PATCHES:
        assert patches.source_hash(patches.original(patch)) == patch.known


def test_applied_twice_they_still_know_what_they_replace(patched: None) -> None:
    before = [patches.original(patch) for patch in patches.PATCHES]
    assert patches.apply()
    assert [patches.original(patch) for patch in patches.PATCHES] == before


@pytest.mark.parametrize("name", _REPLIES)
def test_the_verdicts_are_the_same(patched: None, name: str) -> None:
    ours, theirs = RemoteAction._validate_action_result, patches.original(CHECK)
    assert _verdict(ours, _REPLIES[name]) == _verdict(theirs, _REPLIES[name])


def test_the_check_is_much_faster(patched: None) -> None:
    def seconds(check: Any) -> float:
        began = time.perf_counter()
        for _ in range(5):
            _verdict(check, _REPLIES["a slot"])
        return time.perf_counter() - began

    assert seconds(RemoteAction._validate_action_result) * 3 < seconds(patches.original(CHECK))


@pytest.mark.parametrize("text", ["hello", "what does delivery cost", "我要提交工单", "/restart", "ZX-81 42"])
async def test_understanding_and_deciding_are_the_same(loaded_agent: Agent, patched: None, text: str) -> None:
    async def answer() -> Any:
        tracker = DialogueStateTracker("c.1.0", loaded_agent.domain.slots)
        tracker.update(ActionExecuted("action_listen"))
        processor = loaded_agent.processor
        parsed = await processor.parse_message(UserMessage(text), tracker)
        tracker.update(UserUttered(text, parsed["intent"], parsed["entities"], parsed), loaded_agent.domain)
        prediction = processor._predict_next_with_tracker(tracker)
        return parsed, prediction.probabilities, prediction.policy_name

    ours = await answer()
    DaskGraphRunner.run = patches.original(RUN)
    assert await answer() == ours


def test_each_step_runs_once_and_after_those_that_it_needs(loaded_agent: Agent, patched: None) -> None:
    runner = loaded_agent.processor.graph_runner
    schema = runner._graph_schema
    plan = patches._plan(schema)
    assert sorted(name for name, _ in plan) == sorted(schema.nodes)
    for place, (_, needs) in enumerate(plan):
        earlier = {name for name, _ in plan[:place]}
        assert {need for need in needs if need in schema.nodes} <= earlier


@pytest.mark.parametrize(
    ("failure", "heard"), [(ValueError("bad"), GraphComponentException), (RuntimeError("bad"), GraphRunError)]
)
def test_a_failing_step_is_told_as_rasa_tells_it(
    loaded_agent: Agent, patched: None, monkeypatch: pytest.MonkeyPatch, failure: Exception, heard: Any
) -> None:
    processor = loaded_agent.processor
    node = processor.graph_runner._instantiated_nodes[processor.model_metadata.nlu_target]
    if heard is GraphRunError:
        monkeypatch.setattr(type(node), "__call__", _raising(failure))
    else:
        monkeypatch.setattr(node, "_fn", _raising(failure))

    def raised() -> BaseException:
        with pytest.raises(heard) as caught:
            processor._parse_message_with_graph(UserMessage("hello"), DialogueStateTracker("c", []))
        assert caught.value.__cause__ is failure
        error: BaseException = caught.value
        return error

    ours = raised()
    DaskGraphRunner.run = patches.original(RUN)
    assert (type(raised()), str(raised())) == (type(ours), str(ours))


def _raising(failure: Exception) -> Any:
    def raises(*args: Any, **kwargs: Any) -> None:
        raise failure

    return raises


def test_an_input_that_is_called_like_a_step_is_refused(loaded_agent: Agent, patched: None) -> None:
    runner = loaded_agent.processor.graph_runner
    with pytest.raises(GraphRunError, match="clashes with a node name"):
        runner.run(inputs={"__message__": next(iter(runner._graph_schema.nodes))})


def test_events_find_their_classes(patched: None) -> None:
    names: List[str] = ["user", "bot", "slot", "action", "session_started", "slot", "user"]
    theirs = patches.original(RESOLVE)
    assert [Event.resolve_by_type(name) for name in names] == [theirs(name) for name in names]
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("no_such", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="no_such"):
        Event.resolve_by_type("no_such")


def test_another_rasa_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [getattr(patch.owner, patch.name) for patch in patches.PATCHES]
    others = tuple(patch._replace(known="of another version") for patch in patches.PATCHES)
    monkeypatch.setattr(patches, "PATCHES", others)
    assert patches.apply() is False
    assert [getattr(patch.owner, patch.name) for patch in others] == before
