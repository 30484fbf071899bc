"""Guessing passwords: limits by account and by network, that end by themselves and nobody can forge away."""

import asyncio
import secrets

import pytest
from counting_hasher import CountingHasher
from fastapi import FastAPI
from staff_browsers import Browsers
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server.bus import Bus, LocalBus, RedisBus
from server.db import Database


def time_passes(bus: Bus, seconds: float) -> None:
    assert isinstance(bus, LocalBus)
    bus._counters = {key: (count, ends - seconds) for key, (count, ends) in bus._counters.items()}


async def test_after_five_failures_even_the_right_password_waits_and_then_works(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = browsers.new()
    for _ in range(5):
        assert (await browser.sign_in("bea", "wrong password")).status_code == 401

    refused = await browser.sign_in("bea")

    assert refused.status_code == 429
    assert refused.json()["type"] == "too-many-requests"
    assert 0 < int(refused.headers["retry-after"]) <= 15 * 60
    assert refused.headers.get("set-cookie") is None
    assert (await browsers.new("203.0.113.9").sign_in("bea")).status_code == 429, "from anywhere"
    assert (await browser.sign_in("chen")).status_code == 200, "others are not concerned"
    # Trying on does not make it longer: nobody is locked out for ever.
    time_passes(db.bus, 15 * 60 - 5)
    assert (await browser.sign_in("bea")).status_code == 429
    time_passes(db.bus, 5)
    assert (await browser.sign_in("bea")).status_code == 200


async def test_the_limit_does_not_tell_who_exists(people: dict[str, str], browsers: Browsers) -> None:
    async def six(name: str) -> list[tuple[int, bytes]]:
        browser = browsers.new()
        answers = [await browser.sign_in(name, "wrong password") for _ in range(6)]
        return [(answer.status_code, answer.content) for answer in answers]

    assert await six("bea") == await six("nobody")


async def test_spelling_does_not_make_a_new_account(people: dict[str, str], browsers: Browsers) -> None:
    browser = browsers.new()
    spellings = [
        "bea@desk.example",
        "BEA@desk.example",
        " bea@desk.example",
        "bea@DESK.example ",
        "Bea@desk.Example",
    ]
    for spelling in [*spellings, "bEA@desk.example"]:
        answer = await browser.http.post("/api/auth/login", json={"email": spelling, "password": "wrong"})
    assert answer.status_code == 429


async def test_success_forgives_the_account(people: dict[str, str], browsers: Browsers) -> None:
    browser = browsers.new()
    for _ in range(3):
        for _ in range(4):
            assert (await browser.sign_in("bea", "wrong password")).status_code == 401
        assert (await browser.sign_in("bea")).status_code == 200


async def test_twenty_failures_from_one_network_are_enough_whoever_is_tried(
    people: dict[str, str], browsers: Browsers
) -> None:
    browser = browsers.new()
    for n in range(20):
        assert (await browser.sign_in(f"guess-{n}", "wrong password")).status_code == 401
    assert (await browser.sign_in("bea")).status_code == 429
    assert (await browsers.new("203.0.113.9").sign_in("bea")).status_code == 200


async def test_an_office_that_signs_in_rightly_is_never_limited(
    people: dict[str, str], browsers: Browsers
) -> None:
    for n in range(40):
        name = ("bea", "chen")[n % 2]
        assert (await browsers.new().sign_in(name)).status_code == 200


async def test_own_successes_between_do_not_buy_more_guesses(
    people: dict[str, str], browsers: Browsers
) -> None:
    browser = browsers.new()
    failures = 0
    for n in range(30):
        await browser.sign_in("chen")
        failures += (await browser.sign_in(f"guess-{n}", "wrong password")).status_code == 401
    assert failures == 20


async def test_neighbours_in_one_ipv6_network_count_together(
    people: dict[str, str], browsers: Browsers
) -> None:
    for n in range(20):
        await browsers.new(f"2001:db8:1:1::{n:x}").sign_in(f"guess-{n}", "wrong password")
    assert (await browsers.new("2001:db8:1:1:ffff::1").sign_in("bea")).status_code == 429
    assert (await browsers.new("2001:db8:1:2::1").sign_in("bea")).status_code == 200


async def test_a_hundred_guesses_at_once_are_not_more_than_five(
    people: dict[str, str], browsers: Browsers, hasher: CountingHasher
) -> None:
    browser_by_ip = [browsers.new(f"198.51.100.{n}") for n in range(100)]
    answers = await asyncio.gather(*(one.sign_in("bea", f"guess {n}") for n, one in enumerate(browser_by_ip)))

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 95
    assert len(hasher.verified) == 5


async def test_a_forged_forwarding_header_is_nobodys_address(
    people: dict[str, str], app: FastAPI, browsers: Browsers
) -> None:
    behind_proxy = ProxyHeadersMiddleware(app, trusted_hosts="127.0.0.1")
    stranger = browsers.new("198.51.100.7", app=behind_proxy)
    for n in range(20):
        forged = {
            "X-Forwarded-For": f"203.0.113.{n}",
            "X-Real-IP": f"203.0.113.{n}",
            "Forwarded": f"for=203.0.113.{n}",
        }
        assert (await stranger.sign_in(f"guess-{n}", "wrong password", **forged)).status_code == 401
    assert (await stranger.sign_in("bea", **{"X-Forwarded-For": "203.0.113.99"})).status_code == 429

    # The proxy itself is believed, or all customers behind it would count as one.
    proxy = browsers.new("127.0.0.1", app=behind_proxy)
    for n in range(25):
        answer = await proxy.sign_in(f"more-{n}", "wrong password", **{"X-Forwarded-For": f"203.0.113.{n}"})
        assert answer.status_code == 401


@pytest.mark.redis
async def test_the_limits_hold_across_processes_on_redis(
    people: dict[str, str], app: FastAPI, browsers: Browsers, redis_url: str
) -> None:
    buses = [RedisBus(redis_url, prefix := f"test-{secrets.token_hex(4)}"), RedisBus(redis_url, prefix)]
    try:
        for n in range(8):
            app.state.bus = buses[n % 2]
            await browsers.new().sign_in("chen")
            answer = await browsers.new().sign_in("bea", "wrong password")
            assert answer.status_code == (401 if n < 5 else 429)
        for n in range(20):
            app.state.bus = buses[n % 2]
            await browsers.new().sign_in(f"guess-{n}", "wrong password")
        assert (await browsers.new().sign_in("chen")).status_code == 429
        assert (await browsers.new("203.0.113.9").sign_in("chen")).status_code == 200
    finally:
        for bus in buses:
            await bus.stop()
