"""The bot as it is run: `python -m bot run` as a process of its own, which fetches its model by ETag."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, Optional

import aiohttp
import pytest
from aiohttp import web

from bot.tests.actions_server import ok
from bot.tests.conftest import ROOT, TOKEN

_INTERNAL_TOKEN = "internal-token-for-tests"


class App:
    """The app's internal port as Rasa sees it: a model by ETag, and actions."""

    def __init__(self) -> None:
        self.model: Optional[bytes] = None
        self.etag = '"none"'
        self.refused: List[str] = []
        self.port = 0

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/internal/model", self._model)
        app.router.add_post("/internal/actions", self._action)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        return runner

    def publish(self, model: bytes, etag: str) -> None:
        self.model, self.etag = model, etag

    async def _model(self, request: web.Request) -> web.Response:
        self._check(request)
        if self.model is None:
            return web.Response(status=404)
        if request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=204)
        return web.Response(body=self.model, headers={"ETag": self.etag})

    async def _action(self, request: web.Request) -> web.Response:
        self._check(request)
        call: Dict[str, Any] = await request.json()
        assert "domain" not in call
        return await ok({"text_key": "utter_dont_know", "abstained": True})(call)

    def _check(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {_INTERNAL_TOKEN}":
            self.refused.append(request.path)


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = App()
    runner = await app.start()
    yield app
    await runner.cleanup()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _health(session: aiohttp.ClientSession, url: str) -> Optional[Dict[str, Any]]:
    try:
        async with session.get(f"{url}/health") as response:
            body: Dict[str, Any] = await response.json()
            return body
    except aiohttp.ClientError:
        return None


async def _until(condition: Any, seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = await condition()
        if found:
            return found
        await asyncio.sleep(0.2)
    raise AssertionError("it did not come to that in time")


async def test_the_process(app: App, model: Path, tmp_path: Path) -> None:
    archive = model.read_bytes()  # noqa: ASYNC240 - nothing else runs yet
    port = _free_port()
    url = f"http://127.0.0.1:{port}/webhooks/gateway"
    env = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "true",
        "RASA_TOKEN": TOKEN,
        "INTERNAL_URL": f"http://127.0.0.1:{app.port}",
        "INTERNAL_TOKEN": _INTERNAL_TOKEN,
        "RASA_TRACKER_DB": str(tmp_path / "tracker.db"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run", "--port", str(port)),
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    output = asyncio.ensure_future(process.stdout.read())
    headers = {"Authorization": f"Bearer {TOKEN}"}
    turn = {"turn_id": "t1", "sender_id": "c.1.0", "text": "where is my parcel", "metadata": {}}
    try:
        async with aiohttp.ClientSession(headers=headers) as session:
            await _until(lambda: _health(session, url))
            assert await _health(session, url) == {"ready": False, "model_id": None}
            async with session.post(f"{url}/turn", json=turn) as response:
                assert (response.status, await response.json()) == (503, {"error": "not_ready"})

            app.publish(archive, '"first"')
            health = await _until(lambda: _ready(session, url))
            async with session.post(f"{url}/turn", json=turn) as response:
                assert response.status == 200
                assert (await response.json())["messages"] == [
                    {"text_key": "utter_dont_know", "abstained": True, "wish": 0}
                ]

            app.publish(b"no model at all", '"second"')
            await asyncio.sleep(7)
            assert await _health(session, url) == health, "a broken model must not replace a good one"
            async with session.get(f"http://127.0.0.1:{port}/version") as response:
                assert response.status == 404
    finally:
        process.terminate()
        said = (await output).decode(errors="replace")
        await process.wait()
    assert app.refused == []
    assert "where is my parcel" not in said, "no customer's words in the log"
    assert (tmp_path / "tracker.db").exists()


async def _ready(session: aiohttp.ClientSession, url: str) -> Optional[Dict[str, Any]]:
    health = await _health(session, url)
    return health if health and health["ready"] else None
