"""One installation for all dialogues: the demo company, the real search, a trained model, a real Rasa."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from rich.console import Console
from sqlalchemy import select, update

from accounts.models import Agent, User
from accounts.service import set_presence
from assistant.models import Turn
from assistant.run import TurnRunner
from assistant.turns import claim_turn
from chat.code_mails import CodeMails
from chat.models import Inbox
from lookups.models import VERSION, LookUp
from server import demo_shop
from server.app import create_internal_app
from server.db import bump
from server.demo_company import seed_demo
from server.mail import make_mailer, sender_of
from server.migrate import migrate
from server.rasa_process import rasa_command, rasa_environment
from server.runtime import Runtime, open_runtime
from server.settings import ROOT, Settings
from server.train import train_if_changed

START_S = 240
ONLINE_S = 3600.0
AGENT = "agent"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Shop:
    """The demo shop's service, always at the same port."""

    port: int = field(default_factory=free_port)
    _server: ThreadingHTTPServer | None = None

    def comes_up(self) -> None:
        if self._server is None:
            self._server = demo_shop.make_server(self.port)
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def goes_down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class DialogueDesk:
    """The parts of the installation, and the few levers that dialogues pull."""

    def __init__(self, runtime: Runtime, agent: User, shop: Shop) -> None:
        self.runtime = runtime
        self.db = runtime.db
        self.agent = agent
        self.shop = shop
        self._turns = TurnRunner(runtime.db, runtime.bus, runtime.assistant)
        settings = runtime.settings
        self._codes = CodeMails(
            runtime.db,
            make_mailer(settings),
            sender=sender_of(settings),
            secret=settings.internal_token,
        )

    async def runs_turns(self, conversation_id: str) -> list[str]:
        """Run what waits in this conversation, as a worker does, and send mails; the ids of the turns."""
        ran: list[str] = []
        while claimed := await self._claim(conversation_id):
            await self._turns.run(claimed)
            ran.append(claimed.turn_id)
            assert len(ran) < 10, "the turns do not come to an end"
        jobs, _ = await self._codes.claim(10)
        for job in jobs:
            await job()
        return ran

    async def _claim(self, conversation_id: str) -> Any:
        live = select(Turn.id).where(
            Turn.conversation_id == conversation_id, Turn.state.in_(("queued", "running"))
        )
        async with self.db.write() as session:
            turn_id = await session.scalar(live)
            return await claim_turn(session, turn_id, conversation_id) if turn_id else None

    async def people(self, *, online: bool) -> None:
        """One agent with room for every chat, or nobody."""
        status = "online" if online else "offline"
        async with self.db.write() as session:
            await set_presence(session, self.agent.id, status, offline_after_s=ONLINE_S)

    async def look_ups(self, *, declared: bool) -> None:
        async with self.db.write() as session:
            await session.execute(update(LookUp).values(enabled=declared))
            await bump(session, VERSION)

    def mails(self) -> list[EmailMessage]:
        """All that were sent, oldest first: their names rise."""
        folder = self.runtime.settings.data_dir / "mail"
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(file.read_bytes()) for file in sorted(folder.glob("*.eml"))]  # type: ignore[misc]

    def mail_code(self) -> str:
        """The code of the newest mail."""
        found = re.search(r"\b\d{6}\b", self.mails()[-1].get_content())
        assert found is not None, "the newest mail has no code"
        return found.group()


@contextlib.asynccontextmanager
async def open_dialogue_desk(folder: Path) -> AsyncIterator[DialogueDesk]:
    """Seed, train (or take the model that these files were trained to before), start; stop at the end."""
    shop = Shop()
    settings = Settings(
        deskhand_env="test",
        data_dir=folder / "data",
        bot_settle_ms=0,
        internal_port=free_port(),
        internal_token="an-internal-token",
        rasa_url=f"http://127.0.0.1:{free_port()}",
        rasa_token="a-token-of-rasa",
        rasa_timeout_s=20,
        lookup_internal_hosts=f"demo-shop:80={demo_shop.HOST}:{shop.port}",
    )
    await asyncio.to_thread(migrate, settings)
    await asyncio.to_thread(seed_demo, settings)
    await train_if_changed(settings, Console(quiet=True))
    runtime = await open_runtime(settings)
    try:
        agent = await _make_reachable(runtime)
        async with _internal_port(runtime), _rasa(settings, folder):
            await runtime.warm()
            yield DialogueDesk(runtime, agent, shop)
    finally:
        shop.goes_down()
        await runtime.close()


async def _make_reachable(runtime: Runtime) -> User:
    """The inbox open at any hour, on holidays too; one agent with room for all."""
    async with runtime.db.write() as session:
        await session.execute(update(Inbox).values(calendar_id=None))
        await session.execute(update(Agent).values(chosen_status="offline"))
        agent = (await session.scalars(select(User).where(User.role == AGENT).order_by(User.email))).first()
        assert agent is not None
        await session.execute(update(Agent).where(Agent.user_id == agent.id).values(capacity=1000))
    return agent


@contextlib.asynccontextmanager
async def _internal_port(runtime: Runtime) -> AsyncIterator[None]:
    config = uvicorn.Config(
        create_internal_app(runtime),
        host="127.0.0.1",
        port=runtime.settings.internal_port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def _rasa(settings: Settings, folder: Path) -> AsyncIterator[None]:
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(
            rasa_command(settings),
            env=rasa_environment(settings),
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        await _until_ready(settings, process, folder / "rasa.log")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)


async def _until_ready(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    headers = {"Authorization": f"Bearer {settings.rasa_token}"}
    url = f"{settings.rasa_url}/webhooks/gateway/health"
    async with (
        httpx.AsyncClient(headers=headers, trust_env=False, timeout=2) as http,
        asyncio.timeout(START_S),
    ):
        while True:
            assert process.poll() is None, f"Rasa has ended:\n{log.read_text(errors='replace')[-3000:]}"
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.get(url)
                if answer.is_success and answer.json()["ready"]:
                    return
            await asyncio.sleep(0.2)
