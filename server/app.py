"""The app: everything public on one port, what Rasa needs on another, and the worker inside by default."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute

from accounts import router as accounts_router
from actions.endpoint import actions_router
from assistant.health import is_down
from assistant.published_model import model_router
from calendars.clock import clock_router, make_clock
from chat import entities_router, texts_router
from chat import files_router as chat_files
from chat import router as chat_router
from chat import socket as chat_socket
from chat.hub import Hub
from handoff import router as handoff_router
from handoff import socket as handoff_socket
from handoff.socket import StaffBoard
from handoff.view import describe, somebody_online
from knowledge_base import help as help_pages
from knowledge_base import router as kb_router
from lookups import router as look_ups_router
from server import pages
from server.errors import Unavailable, install_error_handlers
from server.log import configure_logging
from server.middleware import RequestFrame
from server.runtime import Runtime, open_runtime
from server.settings import Settings
from tickets import router as tickets_router

log = structlog.get_logger(__name__)

health = APIRouter(include_in_schema=False)


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@health.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """Ready when the database answers and the search can encode."""
    runtime: Runtime = request.app.state.runtime
    if not await runtime.db.ping():
        raise Unavailable("The database does not answer.")
    if not runtime.is_warm:
        raise Unavailable("The search is still loading.")
    return {"status": "ready"}


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'api'}_{route.name}"


def create_public_app(runtime: Runtime) -> FastAPI:
    """The public port: API, sockets, pages. It knows nothing of the internal routes."""
    app = FastAPI(
        title="Deskhand",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    _share(app, runtime)
    app.state.hub = Hub(runtime.db, runtime.bus)
    app.state.board = StaffBoard(app.state.hub)
    for router in (
        health,
        chat_router.router,
        chat_files.router,
        chat_socket.router,
        texts_router.router,
        entities_router.router,
        handoff_router.visitor_router,
        handoff_router.router,
        handoff_socket.router,
        tickets_router.visitor_router,
        tickets_router.router,
        kb_router.visitor_router,
        kb_router.router,
        look_ups_router.router,
        accounts_router.auth,
        accounts_router.staff,
        help_pages.router,
        pages.router,
    ):
        app.include_router(router)
    install_error_handlers(app)
    return app


def create_internal_app(runtime: Runtime) -> FastAPI:
    """The internal port: actions and models for Rasa, and a test installation's clock."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _share(app, runtime)
    token = runtime.settings.internal_token
    app.include_router(health)
    app.include_router(actions_router(runtime.services, token=token))
    app.include_router(model_router(token))
    app.include_router(clock_router(runtime.settings))
    install_error_handlers(app)
    return app


def _share(app: FastAPI, runtime: Runtime) -> None:
    state = app.state
    state.runtime, state.settings, state.db, state.bus = (
        runtime,
        runtime.settings,
        runtime.db,
        runtime.bus,
    )
    state.search, state.clock = runtime.search, make_clock(runtime.settings)
    state.describe, state.somebody_online = describe, somebody_online
    state.look_ups = runtime.services.look_ups

    async def banner_active() -> bool:
        async with runtime.db.read() as session:
            return await is_down(session)

    state.banner_active = banner_active


@contextlib.asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[None]:
    """The tasks behind a public app: socket fan-out and lists."""
    app.state.hub.start()
    app.state.board.start()
    try:
        yield
    finally:
        await app.state.board.stop()
        await app.state.hub.stop()


async def serve(settings: Settings) -> None:
    """Serve both ports, and work if the settings say so, until SIGTERM or SIGINT."""
    configure_logging(settings.log_level)
    runtime = await open_runtime(settings)
    public, internal = create_public_app(runtime), create_internal_app(runtime)
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(runtime.warm())]
    worker = runtime.make_worker() if settings.worker_in_app else None
    try:
        async with running(public):
            if worker:
                tasks.append(asyncio.create_task(worker.run()))
            servers = [
                _server(RequestFrame(public), settings.host, settings.port, settings),
                _server(internal, settings.internal_host, settings.internal_port, settings),
            ]
            await _until_stopped(servers)
    finally:
        if worker:
            worker.stop()
            await tasks[-1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await runtime.close()


def _server(app: Any, host: str, port: int, settings: Settings) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        # Compression would cost 100 KB of memory for each idle socket.
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


async def _until_stopped(servers: list[uvicorn.Server]) -> None:
    """The first server that ends (by a signal or a busy port) ends the other."""
    running_servers = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(running_servers, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running_servers, return_exceptions=True)
