"""Rasa's trackers in one SQLite file: quick, forgetful, and replaced where it cannot be read.

The trackers are disposable. They are kept at all so that a form in progress, and the answers of known turns,
outlive a restart of the process.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

logger = logging.getLogger(__name__)

_DAY_S = 86_400


class TrackerFile(SQLTrackerStore):
    """`endpoints.yml: tracker_store: {type: bot.tracker_file.TrackerFile, db: <path>, keep_days: <days>}`."""

    def __init__(
        self,
        db: str,
        host: Optional[str] = None,
        domain: Optional[Domain] = None,
        event_broker: Optional[EventBroker] = None,
        keep_days: float = 7,
    ) -> None:
        options: Any = {"domain": domain, "db": db, "event_broker": event_broker}
        try:
            super().__init__(**options)
        except DatabaseError:
            logger.warning("The trackers in %s cannot be read. They are thrown away.", db)
            for file in (db, f"{db}-wal", f"{db}-shm"):
                Path(file).unlink(missing_ok=True)
            super().__init__(**options)
        # One connection for the process: Rasa uses it from one thread, and opening the file for every
        # read and write, with a full sync to the disk, takes longer than the rest of a turn.
        url: Any = self.get_db_url("sqlite", db=db)
        self.engine: Any = sa.create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        sa.event.listen(self.engine, "connect", _prepare)
        self.sessionmaker = sessionmaker(bind=self.engine)
        self._forget(time.time() - keep_days * _DAY_S)

    def _forget(self, before: float) -> None:
        """Delete what was said in conversations that have been silent since."""
        with self.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "DELETE FROM events WHERE sender_id NOT IN"
                    " (SELECT sender_id FROM events WHERE timestamp >= :before)"
                ),
                {"before": before},
            )


def _prepare(connection: Any, record: Any) -> None:
    # A power cut may lose the last turns in this mode, but not the file.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
