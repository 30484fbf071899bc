"""A whole desk in a scratch folder: started by `deskhand run` itself, on free ports, and stopped again."""

import asyncio
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from server.child import BoundedLog, Child
from server.settings import ROOT

# What an operator may have set for the real desk must not reach the scratch one.
_FOREIGN = (
    *("DATABASE_URL", "REDIS_URL", "RASA_DB_HOST", "PUBLIC_ORIGIN", "CONSOLE_ORIGIN", "FILES_ORIGIN"),
    *("HOST", "INTERNAL_HOST", "INTERNAL_URL", "WORKER_IN_APP", "DESKHAND_TEST_CLOCK"),
)


class CannotMeasure(Exception):
    """The scratch desk did not come up, or did not answer; the words say what was seen."""


@dataclass(frozen=True, slots=True)
class ScratchDesk:
    origin: str
    rasa_url: str
    rasa_token: str
    settle_ms: int
    database: Path


@asynccontextmanager
async def scratch_desk(*, settle_ms: int, say: Callable[[str], None]) -> AsyncIterator[ScratchDesk]:
    """App, worker and Rasa with the demo company, ready to answer. Raises CannotMeasure."""
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-", ignore_cleanup_errors=True) as folder:
        port, internal, rasa = free_ports(3)
        token = secrets.token_urlsafe(24)
        desk = ScratchDesk(
            origin=f"http://127.0.0.1:{port}",
            rasa_url=f"http://127.0.0.1:{rasa}",
            rasa_token=token,
            settle_ms=settle_ms,
            database=Path(folder) / "deskhand.db",
        )
        env = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {
            "DESKHAND_ENV": "test",
            "DATA_DIR": folder,
            "PORT": str(port),
            "INTERNAL_PORT": str(internal),
            "RASA_URL": desk.rasa_url,
            "RASA_TOKEN": token,
            "INTERNAL_TOKEN": secrets.token_urlsafe(24),
            "BOT_SETTLE_MS": str(settle_ms),
            "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        }
        log = BoundedLog(Path(folder) / "run.log")
        argv = [str(Path(sys.executable).with_name("deskhand")), "run", "--demo"]
        child = Child(argv, env=env, cwd=ROOT, log=log, on_line=say)
        await child.start()
        try:
            await _until_ready(desk, child)
            yield desk
        finally:
            # `deskhand run` stops app and Rasa on this signal; nothing is left behind.
            await child.stop(grace_s=20.0)
            log.close()


async def _until_ready(desk: ScratchDesk, child: Child) -> None:
    health = f"{desk.rasa_url}/webhooks/gateway/health"
    bearer = {"Authorization": f"Bearer {desk.rasa_token}"}
    ended = asyncio.ensure_future(child.wait())
    try:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as http:
            while not (await _ready(http, f"{desk.origin}/readyz") and await _ready(http, health, bearer)):
                done, _ = await asyncio.wait([ended], timeout=0.3)
                if done:
                    raise CannotMeasure("The desk could not be started; its own words are above.")
    finally:
        ended.cancel()


async def _ready(http: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None) -> bool:
    try:
        answer = await http.get(url, headers=headers)
        return answer.is_success and answer.json().get("ready", True) is True
    except (httpx.HTTPError, ValueError):
        return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all held until the last one is found, so that they differ."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
