"""The trackers' file: what outlives a restart, what is forgotten, and what happens to a broken file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import IntegrityError

from bot import tracker_file
from bot.tracker_file import TrackerFile

_DAY_S = 86_400


def _store(file: Path, agent: Agent, **options: Any) -> TrackerFile:
    config = EndpointConfig(type="bot.tracker_file.TrackerFile", db=str(file), **options)
    store = TrackerStore.create(config, agent.domain)
    assert isinstance(store, TrackerFile)
    return store


async def _say(store: TrackerFile, sender: str, text: str, days_ago: float = 0) -> None:
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    tracker.update(UserUttered(text, {"name": "greet"}, timestamp=time.time() - days_ago * _DAY_S))
    await store.save(tracker)


def _said(tracker: DialogueStateTracker) -> Any:
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def _bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_trackers_outlive_the_process(loaded_agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    await _say(_store(file, loaded_agent), "c.1.0", "hello")
    tracker = await _store(file, loaded_agent).retrieve("c.1.0")
    assert tracker is not None
    assert _said(tracker) == ["hello"]


async def test_silent_conversations_are_forgotten(loaded_agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    store = _store(file, loaded_agent, keep_days=7)
    await _say(store, "old.1.0", "something private", days_ago=8)
    await _say(store, "going-on.1.0", "first", days_ago=8)
    await _say(store, "going-on.1.0", "second")
    store.engine.dispose()
    store = _store(file, loaded_agent, keep_days=7)
    assert await store.keys() == ["going-on.1.0"]
    tracker = await store.retrieve("going-on.1.0")
    assert tracker is not None
    assert _said(tracker) == ["first", "second"]
    store.engine.dispose()
    assert b"something private" not in _bytes_of(tmp_path)


async def test_a_file_that_is_no_database_is_replaced(loaded_agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    file.write_bytes(b"this was a database once" * 1000)
    store = _store(file, loaded_agent)
    await _say(store, "c.1.0", "hello")
    assert await store.keys() == ["c.1.0"]


async def test_what_is_remembered_is_what_the_file_says(loaded_agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "tracker.db"
    store = _store(file, loaded_agent)
    for text in ("first", "second", "third"):
        await _say(store, "c.1.0", text)
    ours = await store.retrieve("c.1.0")
    anew = await _store(file, loaded_agent).retrieve("c.1.0")
    assert ours is not None
    assert anew is not None
    assert _said(ours) == ["first", "second", "third"]
    assert list(ours.events) == list(anew.events)
    assert ours.current_state() == anew.current_state()


async def test_what_was_not_saved_is_not_remembered(loaded_agent: Agent, tmp_path: Path) -> None:
    store = _store(tmp_path / "tracker.db", loaded_agent)
    await _say(store, "c.1.0", "hello")
    tracker = await store.retrieve("c.1.0")
    assert tracker is not None
    tracker.update(UserUttered("of a turn that failed", {"name": "greet"}))
    tracker.update(SlotSet("email", "ann@example.com"))
    again = await store.retrieve("c.1.0")
    assert again is not None
    assert _said(again) == ["hello"]
    assert again.get_slot("email") is None


async def test_a_save_that_fails_leaves_what_is_in_the_file(
    loaded_agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _store(tmp_path / "tracker.db", loaded_agent)
    await _say(store, "c.1.0", "hello")
    with monkeypatch.context() as broken:
        broken.setattr(tracker_file, "_row", lambda sender_id, event: {"sender_id": sender_id})
        with pytest.raises(IntegrityError):
            await _say(store, "c.1.0", "lost")
    await _say(store, "c.1.0", "kept")
    tracker = await store.retrieve("c.1.0")
    assert tracker is not None
    assert _said(tracker) == ["hello", "kept"]


async def test_only_the_latest_conversations_are_remembered(
    loaded_agent: Agent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracker_file, "_REMEMBERED", 2)
    store = _store(tmp_path / "tracker.db", loaded_agent)
    for sender in ("a.1.0", "b.1.0", "a.1.0", "c.1.0"):
        await _say(store, sender, "hello")
    assert list(store._latest) == ["a.1.0", "c.1.0"]
    await _say(store, "b.1.0", "again")
    tracker = await store.retrieve("b.1.0")
    assert tracker is not None
    assert _said(tracker) == ["hello", "again"]


def test_it_does_not_wait_for_the_disk(loaded_agent: Agent, tmp_path: Path) -> None:
    with _store(tmp_path / "tracker.db", loaded_agent).engine.connect() as connection:
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 1
