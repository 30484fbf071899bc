"""What the bot's tests share: a model trained once, a real gateway over HTTP, an action server of their own."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path
from typing import Any, AsyncIterator, Dict, Optional, Tuple

from bot.__main__ import DEFAULTS, ENVIRONMENT

os.environ.update(ENVIRONMENT)

import aiohttp  # noqa: E402
import pytest  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels import channel as rasa_channel  # noqa: E402
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore  # noqa: E402
from rasa.model_training import train  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402
from sanic import Sanic  # noqa: E402

from bot.channel import Gateway  # noqa: E402
from bot.nlg import Keys  # noqa: E402
from bot.tests.actions_server import ActionsServer, accept_all  # noqa: E402

configure_structlog()  # as `rasa run` does
Sanic.test_mode = True  # else only the first server of a process can start

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests"
FORM_SLOTS = ["ticket_description", "order_number", "email"]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model, from the files and with the options of `python -m bot train`."""
    options = dict(zip(DEFAULTS["train"][::2], DEFAULTS["train"][1::2]))
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
    server.scripts["validate_ticket_form"] = accept_all(FORM_SLOTS)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def desk(model: Path, actions: ActionsServer, tmp_path: Path) -> AsyncIterator[Desk]:
    """A gateway listening on a free port, with a tracker file of its own."""
    store = SQLTrackerStore(dialect="sqlite", db=str(tmp_path / "tracker.db"))
    agent = Agent.load(
        str(model),
        generator=Keys(EndpointConfig(), None),
        tracker_store=FailSafeTrackerStore(store),
        action_endpoint=EndpointConfig(actions.url, enable_selective_domain=True),
    )
    app = Sanic(f"gateway{next(_numbers)}", configure_logging=False)
    rasa_channel.register([Gateway(TOKEN)], app, route="/webhooks/")
    app.ctx.agent = agent
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    await server.startup()
    app.ctx.agent = agent
    port = listener.getsockname()[1]
    async with aiohttp.ClientSession() as session:
        yield Desk(f"http://127.0.0.1:{port}/webhooks/gateway", session, app, actions)
    server.close()
    await server.wait_closed()
