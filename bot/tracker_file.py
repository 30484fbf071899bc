"""Rasa's trackers in one SQLite file: quick, forgetful, and replaced where it cannot be read.

The trackers are disposable. They are kept at all so that a form in progress, and the answers of known turns,
outlive a restart of the process.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

logger = logging.getLogger(__name__)

_DAY_S = 86_400
_REMEMBERED = 128  # conversations: those that are going on just now


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
        # The events of the latest conversations as they stand in the file, which nobody else writes to.
        self._latest: OrderedDict[str, List[Event]] = OrderedDict()
        self._forget(time.time() - keep_days * _DAY_S)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """A tracker of its own for each call: what becomes of it counts once it is saved."""
        events = self._latest.get(sender_id)
        if events:
            return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        tracker: Optional[DialogueStateTracker] = await super().retrieve(sender_id)
        if tracker is not None:
            self._remember(tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the events that are new."""
        await self.stream_events(tracker)
        known = self._latest.pop(tracker.sender_id, None)  # and is read anew if the file refuses
        stored = self._count(tracker.sender_id) if known is None else len(known)
        rows = [_row(tracker.sender_id, event) for event in list(tracker.events)[stored:]]
        if rows:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(self.SQLEvent.__table__), rows)
        self._remember(tracker)

    def _count(self, sender_id: str) -> int:
        with self.session_scope() as session:
            return int(self._event_query(session, sender_id, fetch_events_from_all_sessions=False).count())

    def _remember(self, tracker: DialogueStateTracker) -> None:
        self._latest[tracker.sender_id] = list(tracker.events)
        self._latest.move_to_end(tracker.sender_id)
        while len(self._latest) > _REMEMBERED:
            self._latest.popitem(last=False)

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


def _row(sender_id: str, event: Event) -> Dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _prepare(connection: Any, record: Any) -> None:
    # A power cut may lose the last turns in this mode, but not the file.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
