"""One process's parts, made once and passed in: bus, database, search, Rasa's gateway, worker."""

from dataclasses import dataclass

from assistant.decide import Assistant
from assistant.gateway import Breaker, RasaGateway
from assistant.health import AssistantHealth, is_starting
from assistant.run import TurnRunner
from assistant.turns import TurnQueue, TurnSource
from calendars.clock import forget_offset
from chat.code_mails import CodeMails
from handoff.presence import PresenceSweep, on_presence
from handoff.waiting import on_customer_message
from knowledge_base.search import ArticleSearch
from lookups.guard import Guard, InternalHosts
from lookups.service import LookUps
from server.bus import Bus, make_bus
from server.db import Database
from server.jobs import Source, Worker
from server.mail import make_mailer, sender_of
from server.services import DeskServices
from server.settings import Settings
from tickets.service import on_customer_joined


@dataclass(slots=True)
class Runtime:
    """What a process is made of; `close` undoes `open_runtime`."""

    settings: Settings
    bus: Bus
    db: Database
    search: ArticleSearch
    services: DeskServices
    assistant: Assistant

    async def warm(self) -> None:
        """Load encoder and index, which takes seconds; until then searches wait."""
        await self.search.ready()

    @property
    def is_warm(self) -> bool:
        return self.search.is_ready

    def make_worker(self) -> Worker:
        """The loop of bot turns and timers, to be run once in this process."""
        runner = TurnRunner(self.db, self.bus, self.assistant)
        sources: list[Source] = [
            TurnSource(self.db, self.bus, runner.run),
            AssistantHealth(self.db, self.assistant.gateway, self.assistant.breaker),
            PresenceSweep(self.db, offline_after_s=self.settings.offline_after_s),
            CodeMails(
                self.db,
                make_mailer(self.settings),
                sender=sender_of(self.settings),
                secret=self.settings.internal_token,
            ),
        ]
        return Worker(self.bus, sources, concurrency=self.settings.worker_concurrency)

    async def close(self) -> None:
        await self.assistant.gateway.close()
        await self.search.close()
        self.services.look_ups.close()
        await self.bus.stop()
        await self.db.close()


def make_database(settings: Settings, bus: Bus) -> Database:
    """The database whose sessions tell the folders above what happened, in this order."""
    turns = TurnQueue(settle_s=settings.bot_settle_ms / 1000)
    # Waiting comes first: a click in the queue may give the conversation back to the bot, which then answers.
    return Database(
        settings.db_url, bus, listeners=[on_customer_message, turns, on_presence, on_customer_joined]
    )


async def open_runtime(settings: Settings) -> Runtime:
    """Connect what this process needs; the search loads later, in `warm`."""
    runtime = _assemble(settings)
    await runtime.bus.start()
    if not settings.deskhand_test_clock:  # whatever time a test had set in this database is over
        async with runtime.db.write() as session:
            await forget_offset(session)
    return runtime


def offline_runtime() -> Runtime:
    """A runtime that connects to nothing, for tools that only look at the routes."""
    return _assemble(Settings(database_url="sqlite:///offline.db", internal_token="none", redis_url=""))  # noqa: S106


def _assemble(settings: Settings) -> Runtime:
    bus = make_bus(settings.redis_url, settings.bus_prefix)
    db = make_database(settings, bus)
    search = ArticleSearch(db, settings.embedding_model)
    look_ups = LookUps(db, Guard(InternalHosts.parse(settings.lookup_internal_hosts)))
    services = DeskServices(db, search, look_ups, secret=settings.internal_token)
    gateway = RasaGateway(settings.rasa_url, settings.rasa_token, timeout_s=settings.rasa_timeout_s)

    async def rasa_is_starting() -> bool:
        async with db.read() as session:
            return await is_starting(session)

    assistant = Assistant(gateway, Breaker(), services.answer_line, rasa_is_starting)
    return Runtime(settings, bus, db, search, services, assistant)
