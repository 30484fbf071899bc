"""The whole public app in this process: browsers for the cast, and sockets that are driven frame by frame."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import httpx
import sqlalchemy as sa
from world import ORIGIN, STAFF, VISITORS, World, token_of

from knowledge_base.search import ArticleSearch
from lookups.service import LookUps
from server.app import create_public_app, running
from server.db import Base, new_id
from server.middleware import RequestFrame
from server.runtime import Runtime
from server.services import DeskServices

PATIENCE_S = 20.0


PNG_BYTES = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class NoArticles:
    """A knowledge base without any article; the real one has tests of its own."""

    is_ready = True

    async def search(self, query: str, locale: str, *, limit: int = 3, **more: Any) -> Any:
        return SimpleNamespace(answerable=False, threshold=0.5, hits=[])

    async def ready(self) -> None:
        """Nothing to load."""


@dataclass
class Browser:
    """Somebody of the cast with their way in."""

    http: httpx.AsyncClient
    name: str

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query or None)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.post(path, json=body)

    async def send(self, path: str, **body: Any) -> httpx.Response:
        """POST with a client id of its own."""
        return await self.post(path, **{"client_id": new_id(), **body})

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path)

    async def put(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.put(path, json=body)


@dataclass
class Site:
    world: World
    app: Any
    browsers: dict[str, Browser]
    _sockets: list["Socket"] = field(default_factory=list)

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]

    async def visitor_socket(self, **headers: str) -> "Socket":
        return await self._socket("/api/visitor/socket", headers)

    async def staff_socket(self, name: str | None = "bob", **headers: str) -> "Socket":
        cookie = {"cookie": f"deskhand={token_of(name)}"} if name else {}
        return await self._socket("/api/socket", {"origin": ORIGIN, **cookie, **headers})

    async def _socket(self, path: str, headers: dict[str, str]) -> "Socket":
        socket = Socket(self.app, path, headers)
        self._sockets.append(socket)
        await socket.connect()
        return socket

    async def rows(self) -> dict[str, int]:
        """How many rows each table has: what was refused must not have changed it."""
        async with self.world.db.read() as session:
            return {
                table.name: await session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables
            }

    async def leave(self) -> None:
        for socket in self._sockets:
            await socket.leave()
        for browser in self.browsers.values():
            await browser.http.aclose()


@contextlib.asynccontextmanager
async def open_site(world: World, look_ups: LookUps | None = None) -> AsyncIterator[Site]:
    articles = cast(ArticleSearch, NoArticles())
    services = DeskServices(world.db, articles, look_ups)
    runtime = Runtime(world.settings, world.bus, world.db, articles, services, world.assistant)
    inner = create_public_app(runtime)
    app = RequestFrame(inner)
    headers = {name: {"authorization": f"Bearer {token_of(name)}"} for name in VISITORS}
    headers |= {name: {"cookie": f"deskhand={token_of(name)}", "origin": ORIGIN} for name, _ in STAFF}
    headers["nobody"] = {}
    browsers = {
        name: Browser(
            httpx.AsyncClient(
                # A failure of the server must come back as its answer, as it would over a wire.
                transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
                base_url=ORIGIN,
                headers=own,
            ),
            name,
        )
        for name, own in headers.items()
    }
    site = Site(world, app, browsers)
    async with running(inner):
        yield site
        await site.leave()


class Closed(Exception):
    """The server has closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    """A WebSocket's client, in this process: what is sent and received are ASGI messages."""

    def __init__(self, app: Any, path: str, headers: dict[str, str]) -> None:
        self._app = app
        self._scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:8000")]
            + [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("198.51.100.7", 40_000),
            "server": ("127.0.0.1", 8000),
            "subprotocols": [],
            "state": {},
        }
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_client: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.accepted = False
        self.closed: int | None = None
        self.reads = asyncio.Event()
        """Cleared: the client reads nothing any more."""
        self.reads.set()

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._app(self._scope, self._to_server.get, self._send))
        self._to_server.put_nowait({"type": "websocket.connect"})
        first = await self._next()
        if first["type"] == "websocket.close":
            self.closed = first.get("code", 1000)
        self.accepted = first["type"] == "websocket.accept"

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self._to_client.put_nowait(message)

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            return await self._to_client.get()

    def send(self, **frame: Any) -> None:
        self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, content: bytes) -> None:
        self._to_server.put_nowait({"type": "websocket.receive", "bytes": content})

    def hello(self, name: str, conversations: dict[str, int] | None = None) -> None:
        self.send(type="hello", token=token_of(name), conversations=conversations or {})

    async def frame(self, *kinds: str) -> dict[str, Any]:
        """The next frame, or the next of these kinds. Raises Closed."""
        while True:
            message = await self._next()
            if message["type"] == "websocket.close":
                self.closed = message.get("code", 1000)
                raise Closed(self.closed)
            found: dict[str, Any] = json.loads(message["text"])
            if not kinds or found["type"] in kinds:
                return found

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """All frames up to and with the next one of this kind."""
        frames = [await self.frame()]
        while frames[-1]["type"] != kind:
            frames.append(await self.frame())
        return frames

    async def close_code(self) -> int:
        """Wait for the server to close."""
        try:
            while True:
                await self.frame()
        except Closed as closed:
            return closed.code

    async def leave(self) -> None:
        """The client goes away."""
        if self._task is None:
            return
        self.reads.set()
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait({self._task}, timeout=5)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
