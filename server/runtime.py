"""One process's parts, made once and passed in: bus, database, Rasa's gateway, search, worker."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from actions.services import ArticleHit, SearchResult, Services, TicketView
from assistant.decide import Assistant
from assistant.gateway import Breaker, RasaGateway
from assistant.health import AssistantHealth
from assistant.reply import Line
from assistant.run import TurnRunner
from assistant.turns import TurnQueue, TurnSource
from chat.models import Conversation
from handoff.presence import PresenceSweep, on_presence
from handoff.waiting import on_customer_message
from server.bus import Bus, make_bus
from server.db import Database
from server.jobs import Worker
from server.settings import Settings


@dataclass(slots=True)
class Runtime:
    """What a process is made of; `close` undoes `open`."""

    settings: Settings
    bus: Bus
    db: Database
    gateway: RasaGateway

    async def close(self) -> None:
        await self.gateway.close()
        await self.bus.stop()
        await self.db.close()
