"""The gateway's contract: what it takes, what it answers, and that it answers each turn once."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict

import aiohttp
import pytest
from rasa.shared.core.constants import DEFAULT_INTENTS

from bot.tests.actions_server import ok, slow, status
from bot.tests.conftest import Desk


async def test_a_turn_is_answered_with_text_keys_and_all_that_the_desk_wants_to_know(desk: Desk) -> None:
    body = await desk.say("hello there", language="zh")
    timing = body.pop("timing_ms")
    assert timing["total"] > 0
    ranking = body.pop("ranking")
    assert len(ranking) == 3
    assert ranking[0] == body["intent"]
    assert body.pop("turn_id").startswith("turn-")
    assert body["intents"] == [body.pop("intent")]
    assert body.pop("intents")[0]["name"] == "greet"
    assert body == {
        "messages": [{"text_key": "utter_greet", "vars": {}, "wish": 0}],
        "commands": [],
        "wishes": 1,
        "entities": [],
        "actions": ["utter_greet"],
        "fallbacks": 0,
        "slots": {"language": "zh"},
        "active_form": None,
        "requested_slot": None,
        "replayed": False,
    }


async def test_a_click_needs_no_understanding(desk: Desk) -> None:
    body = await desk.press("capabilities")
    assert body["intent"] == {"name": "capabilities", "confidence": 1.0}
    assert body["messages"] == [{"text_key": "utter_capabilities", "vars": {}, "wish": 0}]


async def test_commands_are_told_apart_from_messages(desk: Desk) -> None:
    desk.actions.scripts["action_hand_off"] = ok(
        {"text_key": "utter_offer", "vars": {}}, {"command": "hand_off", "reason": "asked_for_person"}
    )
    body = await desk.say("I want to talk to someone")
    assert body["messages"] == [{"text_key": "utter_offer", "vars": {}, "wish": 0}]
    assert body["commands"] == [{"command": "hand_off", "reason": "asked_for_person"}]


async def test_a_command_alone_is_an_answer(desk: Desk) -> None:
    desk.actions.scripts["action_hand_off"] = ok({"command": "hand_off", "reason": "asked_for_person"})
    body = await desk.say("转人工")
    assert (body["messages"], len(body["commands"])) == ([], 1)


async def test_an_abstention_counts_as_a_fallback(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = ok({"text_key": "utter_dont_know", "abstained": True})
    body = await desk.say("what is the boiling point of water")
    assert (body["intent"]["name"], body["fallbacks"]) == ("nlu_fallback", 1)


async def test_what_the_desk_carries_reaches_the_slots_of_texts_and_of_clicks(desk: Desk) -> None:
    known: Dict[str, Any] = {
        "slots": {"order_number": "HH-204817", "no_such_slot": 1, "requested_slot": "email"},
        "customer": {"email": "ann@example.com", "name": "Ann"},
    }
    body = await desk.say("hello", **known)
    assert body["slots"] == {
        "language": "en",
        "order_number": "HH-204817",
        "email": "ann@example.com",
        "customer_name": "Ann",
    }
    desk.sender = "clicking.1.0"
    status, clicked = await desk.turn(click="greet", **known)
    assert (status, clicked["slots"]) == (200, body["slots"])


async def test_carried_slots_are_taken_at_the_beginning_only(desk: Desk) -> None:
    await desk.say("hello", slots={"order_number": "HH-204817"})
    body = await desk.say(
        "hello", slots={"order_number": "HH-999999", "email": "a@example.com"}, language="zh"
    )
    assert body["slots"] == {"language": "zh", "order_number": "HH-204817"}


async def test_a_known_turn_is_answered_from_the_record_and_not_run_again(desk: Desk) -> None:
    _, first = await desk.turn("where is my parcel", turn_id="once")
    await desk.say("thanks")
    status, second = await desk.turn("where is my parcel", turn_id="once")
    assert status == 200
    assert second.pop("replayed") is True
    assert first.pop("replayed") is False
    del first["timing_ms"], second["timing_ms"]
    assert second == first
    assert desk.actions.names() == ["action_answer_question"]


async def test_a_replay_shows_the_form_as_it_was_then(desk: Desk) -> None:
    _, opened = await desk.turn("open a ticket", turn_id="opened")
    await desk.say("the lid of my kettle is cracked")
    _, again = await desk.turn("open a ticket", turn_id="opened")
    assert (again["active_form"], again["requested_slot"]) == ("ticket_form", "ticket_description")
    assert "ticket_description" not in again["slots"]
    assert again["messages"] == opened["messages"]


_TWO_WISHES = "How long does delivery take? And what about ticket T-1042?"


async def test_two_wishes_are_answered_in_one_turn_in_the_order_asked(desk: Desk) -> None:
    body = await desk.say(_TWO_WISHES)
    said = [(message["wish"], message["text_key"]) for message in body["messages"]]
    assert said == [(0, "said_by_action_answer_question"), (1, "said_by_action_ticket_status")]
    assert body["wishes"] == 2
    assert [intent["name"] for intent in body["intents"]] == ["nlu_fallback", "ticket_status"]
    assert body["entities"] == [{"entity": "ticket_number", "value": "T-1042"}]
    assert body["slots"]["ticket_number"] == "T-1042"


async def test_all_wishes_of_a_known_turn_are_answered_from_the_record(desk: Desk) -> None:
    _, first = await desk.turn(_TWO_WISHES, turn_id="twice")
    await desk.say("thanks")
    _, second = await desk.turn(_TWO_WISHES, turn_id="twice")
    assert (second.pop("replayed"), first.pop("replayed")) == (True, False)
    del first["timing_ms"], second["timing_ms"]
    assert second == first
    assert desk.actions.names() == ["action_answer_question", "action_ticket_status"]


async def test_a_turn_fails_with_any_of_its_wishes_and_leaves_no_trace(desk: Desk) -> None:
    desk.actions.scripts["action_ticket_status"] = status(500)
    code, body = await desk.turn(_TWO_WISHES, turn_id="half")
    assert (code, body["error"]) == (502, "turn_failed")
    assert any("action_ticket_status" in cause for cause in body["causes"])
    del desk.actions.scripts["action_ticket_status"]
    code, body = await desk.turn(_TWO_WISHES, turn_id="half")
    assert (code, body["replayed"], body["wishes"]) == (200, False, 2)


async def test_a_running_form_hears_its_answer_whole(desk: Desk) -> None:
    await desk.say("open a ticket")
    body = await desk.say(_TWO_WISHES)
    assert (body["wishes"], body["slots"]["ticket_description"]) == (1, _TWO_WISHES)


async def test_no_part_of_a_text_is_a_command(desk: Desk) -> None:
    body = await desk.say("How long does delivery take?\n/restart\nAnd can I pay by invoice?\n/affirm")
    assert body["wishes"] == 2
    tracker = await desk.agent.tracker_store.retrieve(desk.sender)
    assert "restart" not in {event.type_name for event in tracker.events}


async def test_the_same_turn_ten_times_at_once_runs_once(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.turn("where is my parcel", turn_id="at-once") for _ in range(10)))
    assert [status for status, _ in answers] == [200] * 10
    assert sorted(body["replayed"] for _, body in answers) == [False] + [True] * 9
    assert desk.actions.names() == ["action_answer_question"]


async def test_turns_of_one_sender_wait_for_each_other_without_waiting_whole_seconds(desk: Desk) -> None:
    await desk.say("hello")
    desk.actions.scripts["action_answer_question"] = slow(0.1, ok({"text_key": "utter_dont_know"}))
    began = asyncio.get_running_loop().time()
    await asyncio.gather(desk.turn("where is my parcel"), desk.turn("where is my invoice"))
    assert 0.2 <= asyncio.get_running_loop().time() - began < 1.0


async def test_a_turn_whose_asker_gave_up_is_finished_and_answered_on_asking_again(desk: Desk) -> None:
    desk.actions.scripts["action_answer_question"] = slow(0.6, ok({"text_key": "utter_article", "vars": {}}))
    body = {"turn_id": "patience", "sender_id": desk.sender, "text": "where is my parcel", "metadata": {}}
    with pytest.raises(asyncio.TimeoutError):
        await desk.post(body, timeout_s=0.2)
    status, answer = await desk.post(body)
    assert (status, answer["replayed"]) == (200, True)
    assert answer["messages"] == [{"text_key": "utter_article", "vars": {}, "wish": 0}]
    assert desk.actions.names() == ["action_answer_question"]


@pytest.mark.parametrize("token", ["", "wrong", "a-token-for-test", "a-token-for-tests2", "日本"])
async def test_another_token_is_refused(desk: Desk, token: str) -> None:
    status, body = await desk.post({"turn_id": "t", "sender_id": "c.1.0", "text": "hi"}, token=token)
    assert (status, body) == (401, {"error": "unauthorized"})
    async with desk.session.get(f"{desk.url}/health", headers={"Authorization": token}) as response:
        assert response.status == 401
    assert await desk.agent.tracker_store.retrieve("c.1.0") is None


async def test_health_tells_the_model(desk: Desk) -> None:
    headers = {"Authorization": "Bearer a-token-for-tests"}
    async with desk.session.get(f"{desk.url}/health", headers=headers) as response:
        assert await response.json() == {"ready": True, "model_id": desk.agent.model_id}
    desk.app.ctx.agent = None
    async with desk.session.get(f"{desk.url}/health", headers=headers) as response:
        assert (response.status, await response.json()) == (200, {"ready": False, "model_id": None})


_GOOD: Dict[str, Any] = {"turn_id": "t1", "sender_id": "c.1.0", "text": "hi", "metadata": {"language": "en"}}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        b"\xff\xfe",
        pytest.param("[" * 100_000, id="deep"),
        pytest.param(json.dumps({**_GOOD, "text": "x" * 300_000}), id="large"),
        '{"turn_id": "t", "sender_id": "c.1.0", "text": NaN}',
        {},
        {k: v for k, v in _GOOD.items() if k != "turn_id"},
        {**_GOOD, "turn_id": ""},
        {**_GOOD, "turn_id": 7},
        {**_GOOD, "turn_id": "x" * 101},
        {k: v for k, v in _GOOD.items() if k != "sender_id"},
        {**_GOOD, "sender_id": "c"},
        {**_GOOD, "sender_id": "c.1"},
        {**_GOOD, "sender_id": "c.one.0"},
        {**_GOOD, "sender_id": " .1.0"},
        {k: v for k, v in _GOOD.items() if k != "text"},
        {**_GOOD, "text": None},
        {**_GOOD, "text": 5},
        {**_GOOD, "text": ""},
        {**_GOOD, "text": " \t\n "},
        {**_GOOD, "text": "\u200b\ufeff\x00"},
        {**_GOOD, "text": "x" * 20_001},
        {**_GOOD, "parse": {"intent": "greet"}},
        {**_GOOD, "text": None, "parse": {"intent": ""}},
        {**_GOOD, "text": None, "parse": {"intent": "no_such_intent"}},
        {**_GOOD, "text": None, "parse": {"intent": "restart"}},
        {**_GOOD, "text": None, "parse": {"intent": "session_start"}},
        {**_GOOD, "text": None, "parse": {"intent": "nlu_fallback"}},
        {
            **_GOOD,
            "text": None,
            "parse": {"intent": "greet", "entities": [{"entity": "no_such", "value": 1}]},
        },
        {**_GOOD, "text": None, "parse": {"intent": "greet", "entities": "none"}},
        {**_GOOD, "metadata": {"language": "english please"}},
        {**_GOOD, "metadata": {"slots": ["x"]}},
        {**_GOOD, "metadata": "en"},
    ],
)
async def test_a_malformed_turn_is_refused_and_leaves_nothing(desk: Desk, body: Any) -> None:
    status, answer = await desk.post(body)
    assert (status, answer["error"]) == (422, "malformed")
    assert answer["detail"]
    assert await desk.agent.tracker_store.keys() == []
    assert (await desk.post(_GOOD))[0] == 200


@pytest.mark.parametrize(
    "typed",
    [
        "/restart",
        "／restart",
        "\u200b/restart",
        "  /restart  ",
        "//restart",
        "/session_start",
        "/back",
        '/greet{"name": "x"}',
        "／affirm",
        '/nlu_fallback{"email": "x@example.com"}',
        "/",
        "⁄restart",
    ],
)
async def test_what_looks_like_a_command_is_plain_text(desk: Desk, typed: str) -> None:
    await desk.say("hello")
    body = await desk.say(typed)
    assert body["intent"]["name"] not in {*DEFAULT_INTENTS} - {"nlu_fallback"}
    assert body["intent"]["confidence"] < 1.0 or typed == "/"
    tracker = await desk.agent.tracker_store.retrieve(desk.sender)
    assert [event.type_name for event in tracker.events].count("user") == 2
    assert "restart" not in {event.type_name for event in tracker.events}


@pytest.mark.parametrize(
    "typed",
    [
        "🙃",
        "<b>bold</b>",
        "a\x00b",
        pytest.param("x" * 8000, id="long"),
        "[a](b)",
        "{{7*7}}",
        "'; DROP TABLE x",
    ],
)
async def test_odd_text_is_answered_like_any_other(desk: Desk, typed: str) -> None:
    assert (await desk.say(typed))["messages"]


async def test_full_width_codes_are_understood(desk: Desk) -> None:
    body = await desk.say("工单Ｔ－１０４２怎么样了?")
    assert {"entity": "ticket_number", "value": "T-1042"} in body["entities"]


async def test_no_other_route_and_no_other_method(desk: Desk) -> None:
    base = desk.url.rsplit("/webhooks", 1)[0]
    headers = {"Authorization": "Bearer a-token-for-tests"}
    for method, path, expected in (
        ("GET", f"{desk.url}/turn", 405),
        ("POST", f"{desk.url}/health", 405),
        ("GET", f"{base}/version", 404),
        ("POST", f"{base}/model/parse", 404),
        ("POST", f"{base}/webhooks/rest/webhook", 404),
    ):
        async with desk.session.request(method, path, headers=headers) as response:
            assert response.status == expected, path


async def test_the_desk_may_close_the_connection_at_any_time(desk: Desk) -> None:
    for _ in range(3):
        with pytest.raises(asyncio.TimeoutError):
            await desk.session.post(
                f"{desk.url}/turn",
                json={**_GOOD, "sender_id": desk.sender, "turn_id": "cut"},
                headers={"Authorization": "Bearer a-token-for-tests"},
                timeout=aiohttp.ClientTimeout(total=0.001),
            )
    assert (await desk.say("hello"))["messages"]
