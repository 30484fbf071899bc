"""Every way in which a turn can fail inside Rasa is said by the gateway, and leaves no trace."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any, Dict, List

import pytest
from rasa.core.lock_store import InMemoryLockStore, LockError
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.events import UserUttered

from bot import failures
from bot.tests.actions_server import ok, status
from bot.tests.conftest import Desk

_QUESTION = "where is my parcel"


async def _fails(desk: Desk, text: str = _QUESTION, turn_id: str = "failing") -> List[str]:
    """This turn is answered with 502; what the gateway says about it."""
    code, body = await desk.turn(text, turn_id=turn_id)
    assert (code, body["error"]) == (502, "turn_failed"), body
    causes: List[str] = body["causes"]
    assert causes
    return causes


async def _goes_on(desk: Desk) -> None:
    """Nothing is kept of the failed turn, and the next message is answered as if it had not been."""
    tracker = await desk.agent.tracker_store.retrieve(desk.sender)
    assert tracker is None or "failing" not in {getattr(e, "message_id", None) for e in tracker.events}
    body = await desk.say("hello")
    assert body["messages"] == [{"text_key": "utter_greet", "vars": {}, "wish": 0}]


async def test_a_failed_turn_may_be_asked_for_again(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = status(500)
    await _fails(desk)
    del desk.actions.scripts["action_answer_question"]
    code, body = await desk.turn(_QUESTION, turn_id="failing")
    assert (code, body["replayed"]) == (200, False)
    code, body = await desk.turn(_QUESTION, turn_id="failing")
    assert (code, body["replayed"]) == (200, True)


async def test_the_action_server_is_down(desk: Desk) -> None:
    await desk.actions.stop()
    causes = await _fails(desk)
    assert any("action_answer_question" in cause and "connect" in cause.lower() for cause in causes)
    await _goes_on(desk)


@pytest.mark.parametrize("code", [401, 404, 422, 449, 500])
async def test_an_action_fails(desk: Desk, code: int) -> None:
    desk.actions.scripts["action_answer_question"] = status(code)
    causes = await _fails(desk)
    assert any("action_answer_question" in cause for cause in causes)
    await _goes_on(desk)


async def test_an_action_rejects_to_run(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = status(
        400, {"error": "not now", "action_name": "action_answer_question"}
    )
    assert any("not now" in cause for cause in await _fails(desk))
    await _goes_on(desk)


_NONSENSE = [
    [],
    {"events": "none", "responses": []},
    {"events": [{"event": "unknown"}], "responses": []},
    {"responses": [7]},
]


@pytest.mark.parametrize("reply", _NONSENSE)
async def test_an_action_answers_nonsense(desk: Desk, reply: Any) -> None:
    desk.actions.scripts["action_answer_question"] = status(200, reply)
    await _fails(desk)
    await _goes_on(desk)


async def test_an_action_sets_a_slot_that_does_not_exist(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = ok({"text_key": "utter_dont_know"}, slots={"no_such": 1})
    assert await _fails(desk) == ["no slot is called no_such"]
    await _goes_on(desk)


async def test_an_action_says_nothing(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = ok()
    assert await _fails(desk) == ["the turn is empty"]
    await _goes_on(desk)


async def test_an_action_says_a_text_instead_of_a_key(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = status(
        200, {"events": [], "responses": [{"text": "a fixed text"}]}
    )
    assert await _fails(desk) == ["a message without a text key"]
    await _goes_on(desk)


class _Broken(NaturalLanguageGenerator):
    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    async def generate(self, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer", [None, RuntimeError("no texts today")], ids=["nothing", "raises"])
async def test_the_generator_of_texts_fails(desk: Desk, answer: Any) -> None:
    working = desk.agent.processor.nlg
    desk.agent.processor.nlg = _Broken(answer)
    causes = await _fails(desk, "hello")
    assert any("utter_greet" in cause for cause in causes)
    assert "utter_greet said nothing" in causes
    desk.agent.processor.nlg = working
    await _goes_on(desk)


async def test_the_generator_of_texts_fails_within_the_form(desk: Desk) -> None:
    working = desk.agent.processor.nlg
    desk.agent.processor.nlg = _Broken()
    await _fails(desk, "open a ticket")
    desk.agent.processor.nlg = working
    body = await desk.say("open a ticket")
    assert body["requested_slot"] == "ticket_description"


async def test_a_slots_validation_fails(desk: Desk) -> None:
    await desk.say("open a ticket")
    working = desk.actions.scripts["validate_ticket_form"]
    desk.actions.scripts["validate_ticket_form"] = status(500)
    causes = await _fails(desk, "the lid of my kettle is cracked")
    assert any("ticket_form" in cause for cause in causes)
    desk.actions.scripts["validate_ticket_form"] = working
    body = await desk.say("the lid of my kettle is cracked")
    assert (body["active_form"], body["requested_slot"]) == ("ticket_form", "order_number")
    assert body["slots"]["ticket_description"] == "the lid of my kettle is cracked"


async def test_a_slot_mapping_by_an_action_fails(desk: Desk) -> None:
    """`action_validate_slot_mappings` is the warning that Rasa only whispers."""
    domain = desk.agent.processor.domain
    domain.user_actions.append("action_validate_slot_mappings")
    domain.action_names_or_texts.append("action_validate_slot_mappings")
    desk.actions.scripts["action_validate_slot_mappings"] = status(500)
    try:
        causes = await _fails(desk, "hello")
    finally:
        domain.user_actions.remove("action_validate_slot_mappings")
        domain.action_names_or_texts.remove("action_validate_slot_mappings")
    assert any("action_validate_slot_mappings" in cause for cause in causes)
    await _goes_on(desk)


async def test_the_limit_of_actions_is_reached(desk: Desk) -> None:
    follow_itself = {"events": [{"event": "followup", "name": "action_answer_question"}], "responses": []}
    desk.actions.scripts["action_answer_question"] = status(200, follow_itself)
    causes = await _fails(desk)
    assert any("Circuit breaker tripped" in cause for cause in causes)
    assert "the turn did not come to an end" in causes
    assert len(desk.actions.calls) == desk.agent.processor.max_number_of_predictions
    await _goes_on(desk)


async def test_no_rule_covers_the_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.actions.scripts["action_answer_question"] = status(
        200,
        {"events": [{"event": "followup", "name": "action_default_fallback"}], "responses": []},
    )
    assert "no rule covers this state of the dialogue" in await _fails(desk)
    await _goes_on(desk)


async def test_a_pause_is_a_failure(desk: Desk) -> None:
    """Rasa would be silent from then on; whether the assistant speaks is the desk's to say."""
    desk.actions.scripts["action_answer_question"] = status(
        200, {"events": [{"event": "pause"}], "responses": [{"custom": {"text_key": "utter_dont_know"}}]}
    )
    assert await _fails(desk) == ["the turn did not come to an end"]
    await _goes_on(desk)


async def test_understanding_raises(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError("no such vocabulary")

    with monkeypatch.context() as patch:
        patch.setattr(desk.agent.processor, "_parse_message_with_graph", broken)
        causes = await _fails(desk)
    assert causes[-1] == "ValueError: no such vocabulary"
    await _goes_on(desk)


async def test_there_is_no_model(desk: Desk) -> None:
    processor, desk.agent.processor = desk.agent.processor, None
    assert await desk.turn("hello", turn_id="t") == (503, {"error": "not_ready"})
    desk.agent.processor = processor
    assert (await desk.turn("hello", turn_id="t"))[0] == 200


class _Unreadable(SQLTrackerStore):
    async def retrieve(self, sender_id: str) -> Any:
        raise OSError("the disk is gone")


class _Unwritable(SQLTrackerStore):
    async def save(self, tracker: Any) -> None:
        raise OSError("the disk is full")


@pytest.mark.parametrize("broken", [_Unreadable, _Unwritable])
async def test_the_tracker_store_fails(desk: Desk, broken: type, tmp_path: Path) -> None:
    await desk.say("hello")
    working = desk.agent.tracker_store
    store = FailSafeTrackerStore(broken(domain=desk.agent.domain, db=str(tmp_path / "tracker.db")))
    desk.agent.tracker_store = desk.agent.processor.tracker_store = store
    causes = await _fails(desk)
    assert any("the disk is" in cause for cause in causes)
    if broken is _Unreadable:
        assert desk.actions.calls == [], "nothing may run where it cannot be told what has run before"
    desk.agent.tracker_store = desk.agent.processor.tracker_store = working
    code, body = await desk.turn(_QUESTION, turn_id="failing")
    assert (code, body["replayed"]) == (200, False)


class _Locked(InMemoryLockStore):
    def issue_ticket(self, *args: Any, **kwargs: Any) -> int:
        raise LockError("the lock store is down")


async def test_the_lock_store_fails(desk: Desk) -> None:
    desk.agent.lock_store = _Locked()
    assert await _fails(desk) == ["LockError: the lock store is down"]
    assert desk.actions.calls == []


async def test_a_known_turn_without_an_answer(desk: Desk) -> None:
    await desk.say("hello")
    tracker = await desk.agent.tracker_store.retrieve(desk.sender)
    tracker.update(UserUttered("where is my parcel", {"name": "nlu_fallback"}, message_id="orphan"))
    await desk.agent.tracker_store.save(tracker)
    assert await desk.turn(_QUESTION, turn_id="orphan") == (409, {"error": "turn_without_answer"})
    assert desk.actions.calls == []


async def test_a_failed_first_turn_loses_nothing_that_the_desk_carried(desk: Desk) -> None:
    carried: Dict[str, Any] = {
        "slots": {"order_number": "HH-204817"},
        "customer": {"email": "ann@example.com"},
    }
    desk.actions.scripts["action_answer_question"] = status(500)
    await desk.turn(_QUESTION, **carried)
    body = await desk.say("hello", **carried)
    assert body["slots"] == {"language": "en", "order_number": "HH-204817", "email": "ann@example.com"}


async def test_one_turns_failure_is_not_anothers(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = status(500)
    failing = desk.post({"turn_id": "a", "sender_id": "first.1.0", "text": _QUESTION, "metadata": {}})
    fine = desk.post({"turn_id": "b", "sender_id": "second.1.0", "text": "hello", "metadata": {}})
    (code_a, _), (code_b, _) = await asyncio.gather(failing, fine)
    assert (code_a, code_b) == (502, 200)


def test_a_strict_log_level_does_not_make_the_listener_deaf() -> None:
    rasa, core = logging.getLogger("rasa"), logging.getLogger("rasa.core")
    levels = rasa.level, core.level
    try:
        rasa.setLevel(logging.CRITICAL)
        core.setLevel(logging.NOTSET)
        failures.listen()
        failures.listen()
        with failures.heard() as causes:
            logging.getLogger("rasa.core.processor").error("something was %s", "lost")
            logging.getLogger("rasa.nlu").error("of no concern")
            logging.getLogger("rasa.core.agent").info("of no concern")
        logging.getLogger("rasa.core.processor").error("after the turn")
    finally:
        rasa.setLevel(levels[0])
        core.setLevel(levels[1])
    assert causes == ["rasa.core.processor: something was lost"]
