"""Rasa behind its gateway: what counts as an answer, what as a failure, and the breaker."""

import time
from typing import Any

import pytest
from fake_rasa import TOKEN, FakeRasa

from assistant.gateway import (
    BREAKER_FAILURES,
    BREAKER_WINDOW_S,
    PROBE_EVERY_S,
    Breaker,
    RasaFailed,
    RasaGateway,
)


async def turn(rasa: FakeRasa, *, timeout_s: float = 5.0, token: str = TOKEN, **content: Any) -> Any:
    gateway = RasaGateway("http://rasa/", token, timeout_s=timeout_s, transport=rasa.transport)
    try:
        return await gateway.turn(
            "t1", "c1.1.0", metadata={"language": "en"}, **(content or {"text": "hello"})
        )
    finally:
        await gateway.close()


async def test_an_answer_is_read() -> None:
    rasa = FakeRasa(answer=lambda asked: {"messages": [{"text_key": "utter_greet"}], "slots": {"a": 1}})
    answer = await turn(rasa)
    assert answer.messages == [{"text_key": "utter_greet"}]
    assert answer.slots == {"a": 1}
    (asked,) = rasa.asked
    assert (asked.turn_id, asked.sender_id, asked.text, asked.intent) == ("t1", "c1.1.0", "hello", None)
    assert asked.metadata == {"language": "en"}


async def test_a_button_is_sent_as_its_intent() -> None:
    rasa = FakeRasa()
    await turn(rasa, intent="affirm")
    assert (rasa.asked[0].text, rasa.asked[0].intent) == (None, "affirm")


@pytest.mark.parametrize("text", ["/restart", "／restart", '/affirm{"order_number": "1"}', "/session_start"])
async def test_a_typed_command_goes_as_text(text: str) -> None:
    rasa = FakeRasa()
    await turn(rasa, text=text)
    assert (rasa.asked[0].text, rasa.asked[0].intent) == (text, None)


@pytest.mark.parametrize(
    ("mode", "cause", "unreachable"),
    [
        ("not_ready", "status 503", True),
        ("failing", "status 502", False),
        ("garbage", "an answer of another shape", False),
        ("refusing", "unreachable", True),
    ],
)
async def test_no_answer_is_a_failure_with_a_cause(mode: str, cause: str, unreachable: bool) -> None:
    with pytest.raises(RasaFailed) as failed:
        await turn(FakeRasa(mode=mode))
    assert (failed.value.cause, failed.value.unreachable) == (cause, unreachable)


async def test_a_refused_connection_is_tried_once_more() -> None:
    rasa = FakeRasa(mode="refusing")
    with pytest.raises(RasaFailed):
        await turn(rasa)
    assert rasa.refused == 2


async def test_a_wrong_token_is_a_failure() -> None:
    with pytest.raises(RasaFailed, match="status 401"):
        await turn(FakeRasa(), token="another")


async def test_the_time_limit_covers_the_whole_turn() -> None:
    began = time.monotonic()
    with pytest.raises(RasaFailed, match="no answer"):
        await turn(FakeRasa(mode="hanging"), timeout_s=0.2)
    assert time.monotonic() - began < 3


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_opens_after_five_failures_within_a_minute() -> None:
    assert (BREAKER_FAILURES, BREAKER_WINDOW_S, PROBE_EVERY_S) == (5, 60, 2)
    breaker = Breaker(clock=Clock())
    assert [breaker.failed() for _ in range(6)] == [False] * 4 + [True, False]
    assert breaker.is_open


def test_failures_that_lie_far_apart_do_not_open_it() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(20):
        breaker.failed()
        clock.now += 15.1
    assert not breaker.is_open


def test_a_success_begins_the_count_anew() -> None:
    breaker = Breaker(clock=Clock())
    for _ in range(4):
        breaker.failed()
    breaker.succeeded()
    for _ in range(4):
        breaker.failed()
    assert not breaker.is_open


def test_only_an_open_breaker_is_probed_and_not_more_often_than_every_two_seconds() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    assert not breaker.probe_due()
    for _ in range(5):
        breaker.failed()
    assert breaker.probe_due()
    assert not breaker.probe_due()
    clock.now += 2
    assert breaker.probe_due()
    breaker.close()
    assert not breaker.is_open
    assert not breaker.failed()
