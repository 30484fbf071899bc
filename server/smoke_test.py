"""Lets a new model answer in a scratch process before any customer meets it."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import httpx
import yaml

from server.child import BoundedLog, Child
from server.rasa_process import rasa_command, rasa_environment
from server.settings import ROOT, Settings

QUESTIONS = (("hello", "utter_greet"), ("你好", "utter_greet"), ("are you a robot?", "utter_bot_challenge"))
"""Small talk that needs no action and so no running app: what is said, and the text key that must answer."""

READY_WITHIN_S = 120.0
REFUSAL = "Could not load model due to"


class SmokeTestFailed(Exception):
    """The model did not answer as it must; the words say to what."""


async def smoke_test(settings: Settings, archive: Path, scratch: Path) -> None:
    """Raises SmokeTestFailed unless `archive` loads and answers QUESTIONS in a process of its own.

    The process sees neither the live tracker nor the running app.
    """
    port = _free_port()
    alone = settings.model_copy(
        update={
            "rasa_url": f"http://127.0.0.1:{port}",
            "rasa_token": "smoke-test",
            "internal_token": "none",
            "data_dir": scratch,
        }
    )
    env = {**rasa_environment(alone), "INTERNAL_URL": "http://127.0.0.1:1"}
    argv = rasa_command(alone, endpoints=_bare_endpoints(scratch), model=archive)
    log = BoundedLog(scratch / "smoke-test.log")
    refused = asyncio.Event()  # Rasa goes on without a model that it cannot load, and only its log says so
    process = Child(argv, env=env, cwd=ROOT, log=log, on_line=lambda line: _note_refusal(line, refused))
    await process.start()
    try:
        await _converse(alone, process, refused)
    except SmokeTestFailed as failure:
        await asyncio.sleep(0.2)  # the rest of a traceback may still be on its way
        raise SmokeTestFailed(f"{failure}\n{log.last_lines(15)}") from failure
    finally:
        await process.stop()
        log.close()


def _note_refusal(line: str, refused: asyncio.Event) -> None:
    if REFUSAL in line:
        refused.set()


async def _converse(settings: Settings, process: Child, refused: asyncio.Event) -> None:
    headers = {"Authorization": f"Bearer {settings.rasa_token}"}
    gateway = f"{settings.rasa_url}/webhooks/gateway"
    async with httpx.AsyncClient(headers=headers, timeout=20.0, trust_env=False) as http:
        ready = asyncio.create_task(_until_ready(http, f"{gateway}/health"))
        failures = [asyncio.create_task(process.wait()), asyncio.create_task(refused.wait())]
        try:
            await asyncio.wait(
                {ready, *failures}, timeout=READY_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not ready.done():
                raise SmokeTestFailed("Rasa could not load the new model.")
        finally:
            for task in (ready, *failures):
                task.cancel()
        for number, (text, expected) in enumerate(QUESTIONS):
            await _ask(http, f"{gateway}/turn", number, text, expected)


async def _until_ready(http: httpx.AsyncClient, url: str) -> None:
    while True:
        try:
            answer = await http.get(url)
            if answer.is_success and answer.json().get("ready"):
                return
        except httpx.HTTPError:
            pass  # not listening yet
        await asyncio.sleep(0.2)


async def _ask(http: httpx.AsyncClient, url: str, number: int, text: str, expected: str) -> None:
    turn = {
        "turn_id": f"smoke-{number}",
        "sender_id": f"smoke-{number}.0.0",
        "text": text,
        "metadata": {"language": "en" if text.isascii() else "zh", "slots": {}, "customer": {}},
    }
    try:
        answer = await http.post(url, json=turn)
        body: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise SmokeTestFailed(f"The new model gave no answer to “{text}”: {error!r}.") from error
    keys = [message.get("text_key") for message in body.get("messages", [])]
    if expected not in keys:
        said = ", ".join(str(key) for key in keys) or f"{answer.status_code} {body.get('error', '')}"
        raise SmokeTestFailed(f"The new model answered “{text}” with {said} instead of {expected}.")


def _bare_endpoints(scratch: Path) -> Path:
    """The bot's endpoints without model server, tracker and locks: those belong to the running one."""
    endpoints = yaml.safe_load((ROOT / "bot" / "endpoints.yml").read_text(encoding="utf-8"))
    kept = {name: endpoints[name] for name in ("nlg", "action_endpoint") if name in endpoints}
    file = scratch / "endpoints.yml"
    file.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return file


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
