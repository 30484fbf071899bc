"""The staff's socket: lists that stay true, watched chats without gaps, presence, and who may be on it."""

import asyncio
from typing import Any

import pytest
from public_site import Site, Socket
from sqlalchemy import select, update
from world import World, fixed_id

from accounts.models import Agent, StaffSession, User
from assistant.health import tell_staff
from chat import hub, queries
from handoff import socket
from server.db import db_now


async def joined(site: Site, name: str = "bob", **after: int) -> Socket:
    listening = await site.staff_socket(name)
    listening.send(type="hello", after=after)
    ready = (await listening.until("ready"))[-1]
    assert ready == {"type": "ready", "conversations": len(after)}
    return listening


async def test_a_new_wish_for_a_person_arrives_at_once(site: Site) -> None:
    await site.world.online("bob")
    listening = await joined(site)
    talk = await site.world.opens("alice")
    await site.world.says("alice", talk, "I want to talk to a person")
    await site.world.asks_for_person("alice", talk)
    while (shown := (await listening.frame("conversation"))["conversation"])["owner"] != "queue":
        assert shown["id"] == talk
    assert shown["queue"]["state"] == "waiting"
    assert shown["last_message"]["author_type"] == "system"
    assert shown == {**shown, "agent": None, "language": "en", "status": "open", "owner_epoch": 2}
    listed = (await site["bob"].get("/api/conversations", owner="queue")).json()["items"]
    assert listed == [shown], "the socket shows what the list holds"


async def test_every_agent_sees_who_took_it(site: Site) -> None:
    talk = await site.world.owned_by("alice", "bob")
    others = [await joined(site, name) for name in ("bob", "bea", "sam")]
    await site.world.gives_to_queue("bob", talk)
    await site.world.claims("bea", talk)
    for listening in others:
        while (shown := (await listening.frame("conversation"))["conversation"])["agent"] is None:
            pass
        assert shown["agent"]["name"] in ("Bob", "Bea")


async def test_a_watched_chat_is_caught_up_and_goes_on(site: Site) -> None:
    talk = await site.world.owned_by("alice", "bob")
    await site.world.notes("bob", talk, "she is angry")
    listening = await joined(site, **{talk: 0})
    # `until` has read them; a second look from the middle gives only the rest
    events = await site.world.events(talk)
    listening.send(type="watch", conversation_id=talk, after=events[-2].event_seq)
    frame = await listening.frame("event")
    assert frame["event_seq"] == events[-1].event_seq
    assert frame["event"]["type"] == "note_added"
    assert (frame["message"]["text"], frame["message"]["seq"]) == ("she is angry", None)
    assert frame["message"]["payload"] == {"note": True}
    await site.world.says("alice", talk, "hello?")
    live = await listening.frame("event")
    assert (live["event_seq"], live["message"]["text"]) == (events[-1].event_seq + 1, "hello?")


async def test_a_long_chat_is_caught_up_without_a_gap(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_PAGE", 10)
    talk = await site.world.opens("alice")
    for number in range(25):
        await site.world.notes("bob", talk, f"{number}")
    listening = await site.staff_socket()
    listening.send(type="hello", after={talk: 3})
    frames = await listening.until("ready")
    numbers = [frame["event_seq"] for frame in frames if frame["type"] == "event"]
    assert numbers == list(range(4, 26))


async def test_writers_during_the_catch_up_come_once(site: Site) -> None:
    talk = await site.world.opens("alice")
    for number in range(5):
        await site.world.says("alice", talk, f"{number}")
    listening = await site.staff_socket()

    async def writers() -> None:
        for number in range(10):
            await site.world.says("alice", talk, f"more {number}")
            await site.world.notes("bob", talk, f"note {number}")

    writing = asyncio.create_task(writers())
    listening.send(type="hello", after={talk: 0})
    got: list[int] = []
    while len(got) < 25:
        frame = await listening.frame("event")
        got.append(frame["event_seq"])
    await writing
    assert got == list(range(1, 26))


async def test_what_is_no_longer_watched_is_silent(site: Site) -> None:
    talk = await site.world.opens("alice")
    listening = await joined(site, **{talk: 0})
    listening.send(type="unwatch", conversation_id=talk)
    listening.send(type="ping")
    await listening.frame("pong")
    await site.world.says("alice", talk, "hello")
    assert (await listening.frame())["type"] == "conversation", "the list still learns of it"


async def test_a_ping_is_a_sign_of_life(site: Site) -> None:
    await site.world.online("bob")
    listening = await joined(site)
    await site.world.goes_silent("bob")
    listening.send(type="ping")
    await listening.frame("pong")
    async with asyncio.timeout(10):
        while not await _seen(site.world, "bob"):
            await asyncio.sleep(0.01)


async def _seen(world: World, name: str) -> bool:
    async with world.db.read() as session:
        alive = select(Agent.seen_until > db_now()).where(Agent.user_id == world.people[name].id)
        return bool(await session.scalar(alive))


async def test_opening_the_console_is_a_sign_of_life(site: Site) -> None:
    await joined(site)
    assert await _seen(site.world, "bob")


async def test_heads_betray_a_lost_doorbell(site: Site) -> None:
    talk = await site.world.owned_by("alice", "bob")
    listening = await joined(site, **{talk: 0})
    site.world.bus._all.clear()  # type: ignore[attr-defined]
    await site.world.says("alice", talk, "hello?")
    await site.app._app.state.hub._ring_once()
    ping = await listening.frame("ping")
    assert ping["heads"] == {talk: (await site.world.row(talk)).last_event_seq}
    assert hub.HEADS_EVERY_S == 10


async def test_the_banner_is_shown_to_who_is_there_and_to_who_comes(site: Site) -> None:
    early = await joined(site)
    async with site.world.db.write() as session:
        await tell_staff(session, down=True)
    banner = {"type": "banner", "code": "assistant_down", "active": True}
    assert await early.frame("banner") == banner
    late = await joined(site, "bea")
    assert await late.frame("banner") == banner
    async with site.world.db.write() as session:
        await tell_staff(session, down=False)
    assert await late.frame("banner") == {**banner, "active": False}


async def test_presence_of_colleagues_is_told(site: Site) -> None:
    listening = await joined(site, "bea")
    await site.world.online("bob", status="away")
    frame = await listening.frame("presence")
    assert (frame["user_id"], frame["status"]) == (site.world.people["bob"].id, "away")


class TestWhoMayListen:
    async def test_nobody_without_a_session(self, site: Site) -> None:
        assert (await site.staff_socket(None)).closed == 1008
        assert (await site.staff_socket("nobody")).closed == 1008
        assert (await site.staff_socket("alice")).closed == 1008, "a visitor's token is no staff session"

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:8001"])
    async def test_no_foreign_origin(self, site: Site, origin: str) -> None:
        refused = await site.staff_socket("bob", origin=origin)
        assert (refused.accepted, refused.closed) == (False, 1008)

    @pytest.mark.parametrize("role", ["editor", "analyst"])
    async def test_the_role_decides(self, site: Site, role: str) -> None:
        await self.becomes(site, role)
        allowed = role == "analyst"
        listening = await site.staff_socket("bob")
        assert listening.accepted is allowed or listening.closed == 1008

    async def becomes(self, site: Site, role: str) -> None:
        async with site.world.db.write() as session:
            await session.execute(
                update(User).where(User.id == site.world.people["bob"].id).values(role=role)
            )

    async def test_a_session_that_was_ended_closes_at_the_next_sign_of_life(self, site: Site) -> None:
        listening = await joined(site)
        async with site.world.db.write() as session:
            mine = StaffSession.id == fixed_id("bob")
            await session.execute(update(StaffSession).where(mine).values(revoked_at=db_now()))
        listening.send(type="ping")
        assert await listening.close_code() == 1008

    async def test_a_role_that_was_taken_away_closes_at_the_next_sign_of_life(self, site: Site) -> None:
        listening = await joined(site)
        await self.becomes(site, "editor")
        listening.send(type="ping")
        assert await listening.close_code() == 1008

    async def test_logging_out_closes_at_once(self, site: Site) -> None:
        listening, colleague = await joined(site), await joined(site, "bea")
        assert (await site["bob"].post("/api/auth/logout")).status_code == 204
        assert await listening.close_code() == 1001
        colleague.send(type="ping")
        await colleague.frame("pong")


WRONG: list[dict[str, Any]] = [
    {"type": "hello", "after": []},
    {"type": "hello", "after": {"a": "b"}},
    {"type": "hello", "after": {"a": 2**31}},
    {"type": "hello", "after": {"a": -1}},
    {"type": "hello", "after": {"\x00": 1}},
    {"type": "hello", "after": {str(n): 0 for n in range(51)}},
    {"type": "watch"},
    {"type": "watch", "conversation_id": "\x00"},
    {"type": "watch", "conversation_id": "\ud800"},
    {"type": "watch", "conversation_id": ["a"]},
    {"type": "watch", "conversation_id": "a", "after": 10**30},
    {"type": "watch", "conversation_id": "a", "after": None},
    {"type": "unwatch", "conversation_id": {}},
    {"type": "typing", "conversation_id": 5},
]


async def test_a_frame_with_wrong_fields_closes(site: Site) -> None:
    for frame in WRONG:
        listening = await site.staff_socket()
        listening.send(**frame)
        assert await listening.close_code() == 1003, frame
    await joined(site)


async def test_what_is_no_frame_closes(site: Site) -> None:
    for text in ("", "x", "[]", "null", "[" * 6000, '{"type": "ping", "x": "' + "x" * 20_000 + '"}'):
        listening = await site.staff_socket()
        listening.send_text(text)
        assert await listening.close_code() == 1003, text[:20]
    await joined(site)


async def test_a_conversation_that_is_not_there_is_empty(site: Site) -> None:
    listening = await joined(site, nowhere=0)
    listening.send(type="watch", conversation_id="nowhere")
    listening.send(type="ping")
    assert (await listening.frame())["type"] == "pong"


async def test_a_flood_is_cut_off(site: Site) -> None:
    listening = await joined(site)
    for _ in range(socket.FRAMES_PER_10_S + 1):
        listening.send(type="noise")
    assert await listening.close_code() == 1008


async def test_a_socket_that_left_leaves_nothing_behind(site: Site) -> None:
    talk = await site.world.opens("alice")
    listening = await joined(site, **{talk: 0})
    await listening.leave()
    state = site.app._app.state
    assert state.board._clients == {}
    assert state.hub.subscribed == set()
    assert state.hub._connections == set()
