"""A small action server that the tests own: real HTTP, scripted replies, a record of what it was asked."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Awaitable, Callable, Dict, List, Optional

from aiohttp import web

Reply = Callable[[Dict[str, Any]], Awaitable[web.Response]]


def ok(*payloads: Dict[str, Any], slots: Optional[Dict[str, Any]] = None) -> Reply:
    """An action that says these payloads and sets these slots."""

    async def reply(call: Dict[str, Any]) -> web.Response:
        responses = [{"custom": payload} for payload in payloads]
        events = [{"event": "slot", "name": name, "value": value} for name, value in (slots or {}).items()]
        return web.json_response({"events": events, "responses": responses})

    return reply


def status(code: int, body: Any = None) -> Reply:
    async def reply(call: Dict[str, Any]) -> web.Response:
        action_name = call["next_action"]
        return web.json_response(body or {"error": "as told", "action_name": action_name}, status=code)

    return reply


def slow(seconds: float, then: Reply) -> Reply:
    async def reply(call: Dict[str, Any]) -> web.Response:
        await asyncio.sleep(seconds)
        return await then(call)

    return reply


def accept_all(form: str) -> Reply:
    """A form's check that takes every typed message for what was asked, and leaves the rest to its rule."""

    async def reply(call: Dict[str, Any]) -> web.Response:
        tracker = call["tracker"]
        done: List[str] = []
        for event in reversed(tracker["events"]):
            if event["event"] == "user":
                break
            if event["event"] == "action":
                done.append(event["name"])
        events: List[Dict[str, Any]] = []
        if (tracker["active_loop"] or {}).get("name") == form and done == [form]:
            message, asked = tracker["latest_message"], tracker["slots"]["requested_slot"]
            if message["intent"]["name"] not in _RULED and message["text"]:
                events.append({"event": "slot", "name": asked, "value": message["text"]})
        return web.json_response({"events": events, "responses": []})

    return reply


_RULED = ("thanks", "open_ticket", "cancel")


class ActionsServer:
    """Answers `POST /actions`; an action without a script says a text key made of its name."""

    def __init__(self) -> None:
        self.scripts: Dict[str, Reply] = {}
        self.calls: List[Dict[str, Any]] = []
        self.url = ""
        self._runner: Optional[web.AppRunner] = None

    async def start(self) -> None:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/actions", self._handle)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/actions"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    def names(self) -> List[str]:
        return [call["next_action"] for call in self.calls]

    async def _handle(self, request: web.Request) -> web.Response:
        call = json.loads(await request.read())
        self.calls.append(call)
        name = call["next_action"]
        script = self.scripts.get(name) or ok({"text_key": f"said_by_{name}", "vars": {}})
        return await script(call)
