"""The worker's process: bot turns and timers, without any public port."""

import asyncio
import signal

import structlog

from server.log import configure_logging
from server.runtime import Runtime, open_runtime
from server.settings import Settings

log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Run a worker until SIGTERM or SIGINT; what it has begun is finished."""
    configure_logging(settings.log_level)
    runtime = await open_runtime(settings)
    try:
        await runtime.warm()
        worker = runtime.make_worker()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
        log.info("worker_started")
        await worker.run()
    finally:
        await runtime.close()


def warm_in_background(runtime: Runtime) -> "asyncio.Task[None]":
    return asyncio.create_task(runtime.warm())
