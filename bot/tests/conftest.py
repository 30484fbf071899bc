"""What the bot's tests share: a model trained once, a real gateway over HTTP, an action server."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import socket
import subprocess
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Iterator, Optional, Tuple

from bot.__main__ import DEFAULTS, ENVIRONMENT

os.environ.update(ENVIRONMENT)

import aiohttp
import pytest
from rasa.core.agent import Agent
from rasa.core.channels import channel as rasa_channel
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.model_training import train
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from bot.channel import Gateway
from bot.nlg import Keys
from bot.tests.actions_server import ActionsServer, accept_all
from bot.tracker_file import TrackerFile

configure_structlog()  # as `rasa run` does
Sanic.test_mode = True  # else only the first server of a process can start

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model, from the files and with the options of `python -m bot train`."""
    options = dict(zip(DEFAULTS["train"][::2], DEFAULTS["train"][1::2], strict=False))
    folder = tmp_path_factory.mktemp("model")
    os.environ["RASA_CACHE_DIRECTORY"] = str(tmp_path_factory.mktemp("cache"))
    result = train(
        domain=str(ROOT / options["--domain"]),
        config=str(ROOT / options["--config"]),
        training_files=[str(ROOT / options["--data"])],
        output=str(folder),
        fixed_model_name="model",
        core_additional_arguments={"augmentation_factor": 0},
    )
    return Path(result.model)


@pytest.fixture(scope="session")
def loaded_agent(model: Path) -> Agent:
    """For what only reads: parsing, the domain."""
    return Agent.load(str(model))


class Desk:
    """The desk's side of the gateway: asks over HTTP and remembers nothing."""

    def __init__(self, url: str, session: aiohttp.ClientSession, app: Sanic, actions: ActionsServer) -> None:
        self.url = url
        self.session = session
        self.app = app
        self.actions = actions
        self.sender = f"conversation{next(_numbers)}.1.0"

    @property
    def agent(self) -> Agent:
        return self.app.ctx.agent

    async def post(
        self, body: Any, token: str = TOKEN, timeout_s: float = 30.0
    ) -> Tuple[int, Dict[str, Any]]:
        data = body if isinstance(body, (bytes, str)) else None
        async with self.session.post(
            f"{self.url}/turn",
            json=None if data is not None else body,
            data=data,
            headers={"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        ) as response:
            return response.status, await response.json()

    async def turn(
        self,
        text: Optional[str] = None,
        click: Optional[str] = None,
        turn_id: Optional[str] = None,
        **metadata: Any,
    ) -> Tuple[int, Dict[str, Any]]:
        body: Dict[str, Any] = {
            "turn_id": turn_id or f"turn-{next(_numbers)}",
            "sender_id": self.sender,
            "metadata": {"language": "en", "slots": {}, "customer": {}, **metadata},
        }
        if text is not None:
            body["text"] = text
        if click is not None:
            body["parse"] = {"intent": click, "entities": []}
        return await self.post(body)

    async def say(self, text: str, **metadata: Any) -> Dict[str, Any]:
        """A typed message that must be answered."""
        status, body = await self.turn(text, **metadata)
        assert status == 200, body
        return body

    async def press(self, intent: str) -> Dict[str, Any]:
        """A button that must be answered."""
        status, body = await self.turn(click=intent)
        assert status == 200, body
        return body


@pytest.fixture
async def actions() -> AsyncIterator[ActionsServer]:
    server = ActionsServer()
    server.scripts["validate_ticket_form"] = accept_all("ticket_form")
    await server.start()
    yield server
    await server.stop()


def new_agent(loaded: Agent, actions: EndpointConfig, tracker_file: Path) -> Agent:
    """An agent with the loaded model, and everything else its own."""
    store = FailSafeTrackerStore(TrackerFile(domain=loaded.domain, db=str(tracker_file)))
    agent = Agent(
        domain=loaded.domain,
        generator=Keys(EndpointConfig(), loaded.domain),
        tracker_store=store,
        action_endpoint=actions,
    )
    agent.processor = copy.copy(loaded.processor)
    agent.processor.tracker_store = agent.tracker_store
    agent.processor.lock_store = agent.lock_store
    agent.processor.nlg = agent.nlg
    agent.processor.action_endpoint = actions
    return agent


@contextlib.asynccontextmanager
async def serve_gateway(agent: Agent) -> AsyncIterator[Tuple[str, Sanic]]:
    """The gateway of this agent on a free port: its address and its server."""
    app = Sanic(f"gateway{next(_numbers)}", configure_logging=False)
    rasa_channel.register([Gateway(TOKEN)], app, route="/webhooks/")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server: Any = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    await server.startup()
    app.ctx.agent = agent
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks/gateway", app
    server.close()
    await server.wait_closed()


@pytest.fixture
async def desk(loaded_agent: Agent, actions: ActionsServer, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose actions do as the test tells them."""
    endpoint = EndpointConfig(actions.url, enable_selective_domain=True)
    agent = new_agent(loaded_agent, endpoint, tmp_path / "tracker.db")
    async with serve_gateway(agent) as (url, app), aiohttp.ClientSession() as session:
        yield Desk(url, session, app, actions)


@pytest.fixture(scope="session")
def real_actions() -> Iterator[EndpointConfig]:
    """The actions themselves, in the app's environment, over a desk of a few articles."""
    python = ROOT / ".venv" / "bin" / "python"
    if not python.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("the app's environment .venv is missing")
        pytest.skip("the app's environment .venv is missing")
    script = ROOT / "tests" / "actions" / "action_server.py"
    process = subprocess.Popen([str(python), str(script), TOKEN], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    yield EndpointConfig(
        f"http://127.0.0.1:{port}/internal/actions",
        headers={"Authorization": f"Bearer {TOKEN}"},
        enable_selective_domain=True,
    )
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
async def customer(
    loaded_agent: Agent, real_actions: EndpointConfig, actions: ActionsServer, tmp_path: Path
) -> AsyncIterator[Desk]:
    """A desk with the real actions, for whole conversations."""
    agent = new_agent(loaded_agent, real_actions, tmp_path / "tracker.db")
    async with serve_gateway(agent) as (url, app), aiohttp.ClientSession() as session:
        yield Desk(url, session, app, actions)
