"""The business clock: the system's, unless a test moves it for all processes at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from calendars.clock import BusinessClock, Clock, business_now, clock_router, forget_offset, make_clock
from server.bus import LocalBus
from server.db import Database, Reading
from server.errors import install_error_handlers
from server.jobs import WORK
from server.settings import Settings

CHRISTMAS = "2026-12-25T10:00:00Z"
A_MOMENT = timedelta(seconds=10)


def internal_app(db: Database, settings: Settings) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(clock_router(settings))
    app.state.db, app.state.clock = db, make_clock(settings)

    @app.get("/now")
    async def now(clock: BusinessClock, session: Reading) -> datetime:
        return await clock.now(session)

    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8001")


@pytest.fixture
def test_settings() -> Settings:
    return Settings(deskhand_env="test", deskhand_test_clock=True)


@pytest.fixture
async def http(db: Database, test_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client(internal_app(db, test_settings)) as opened:
        yield opened


async def read(db: Database, clock: Clock) -> datetime:
    async with db.read() as session:
        return await clock.now(session)


async def test_unmoved_it_is_the_time(db: Database, test_settings: Settings) -> None:
    for settings in (test_settings, Settings()):
        assert abs(await read(db, make_clock(settings)) - datetime.now(UTC)) < A_MOMENT


async def test_a_set_clock_goes_on_and_steps_add_up(db: Database, http: httpx.AsyncClient) -> None:
    answer = await http.post("/internal/clock", json={"set": CHRISTMAS})
    assert answer.status_code == 200
    assert answer.json()["now"].startswith("2026-12-25T10:00:00")
    for _ in range(2):
        await http.post("/internal/clock", json={"advance_s": 1800})
    now = datetime.fromisoformat((await http.get("/now")).json())
    assert timedelta(0) <= now - datetime.fromisoformat("2026-12-25T11:00:00+00:00") < A_MOMENT
    await http.post("/internal/clock", json={"advance_s": -3600})
    async with db.read() as session:
        assert abs(await business_now(session) - datetime.fromisoformat(CHRISTMAS)) < A_MOMENT


async def test_every_process_reads_the_same_time_at_once(
    db: Database, http: httpx.AsyncClient, test_settings: Settings
) -> None:
    other_process = Database(db.url, LocalBus())
    await http.post("/internal/clock", json={"set": CHRISTMAS})
    there = await read(other_process, make_clock(test_settings))
    await other_process.close()
    assert abs(there - datetime.fromisoformat(CHRISTMAS)) < A_MOMENT


async def test_workers_are_woken(db: Database, http: httpx.AsyncClient) -> None:
    rung: list[str] = []
    db.bus.subscribe(lambda topic, payload: rung.append(topic))
    await http.post("/internal/clock", json={"advance_s": 60})
    assert rung == [WORK]


async def test_outside_a_test_installation_time_is_nobodys_to_move(db: Database) -> None:
    async with client(internal_app(db, Settings(deskhand_env="test"))) as http:
        for body in ({"advance_s": 60}, {"set": CHRISTMAS}):
            assert (await http.post("/internal/clock", json=body)).status_code == 403
        now = datetime.fromisoformat((await http.get("/now")).json())
    assert abs(now - datetime.now(UTC)) < A_MOMENT


async def test_a_left_over_offset_is_ignored_and_can_be_forgotten(
    db: Database, http: httpx.AsyncClient
) -> None:
    await http.post("/internal/clock", json={"set": CHRISTMAS})
    assert abs(await read(db, make_clock(Settings())) - datetime.now(UTC)) < A_MOMENT
    async with db.write() as session:
        await forget_offset(session)
    async with db.read() as session:
        assert abs(await business_now(session) - datetime.now(UTC)) < A_MOMENT


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance_s": 1, "set": CHRISTMAS},
        {"advance_s": "soon"},
        {"advance_s": 1e12},
        {"advance_s": None, "set": None},
        {"set": "2026-12-25T10:00:00"},
        {"set": "Christmas"},
        [],
    ],
)
async def test_malformed_moves_are_refused(db: Database, http: httpx.AsyncClient, body: Any) -> None:
    assert (await http.post("/internal/clock", json=body)).status_code == 422
