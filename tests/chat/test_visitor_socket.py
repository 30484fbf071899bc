"""The visitor's socket: catches up, then rings; nothing twice, nothing missing, nothing of others."""

import asyncio
import json
from collections.abc import Coroutine, Generator
from typing import Any

import pytest
from public_site import ORIGIN, Closed, Site, Socket
from world import World, fixed_id

from chat import hub, queries, socket
from chat.socket import VisitorConnection
from server.bus import Announcement


async def opened(site: Site, name: str = "alice", *texts: str) -> str:
    talk = await site.world.opens(name)
    for text in texts:
        await site.world.says(name, talk, text)
    return talk


async def joined(
    site: Site, talk: str, after: int = 0, name: str = "alice"
) -> tuple[Socket, list[dict[str, Any]]]:
    """A socket that has said hello, and the frames up to `ready`."""
    listening = await site.visitor_socket()
    listening.hello(name, {talk: after})
    return listening, await listening.until("ready")


def seqs(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["message"]["seq"] for frame in frames if frame["type"] == "message"]


async def test_hello_catch_up_ready_live(site: Site) -> None:
    talk = await opened(site, "alice", "one", "two", "three")
    listening, frames = await joined(site, talk, after=1)
    assert [frame["type"] for frame in frames] == ["message", "message", "ready"]
    assert [frame["message"]["text"] for frame in frames[:-1]] == ["two", "three"]
    assert frames[-1]["conversations"] == {
        talk: {"last_seq": 3, "owner": "bot", "status": "open", "read": 0, "queue": None, "agent": None}
    }
    await site.world.says("alice", talk, "four")
    live = await listening.frame("message")
    assert (live["message"]["seq"], live["message"]["text"]) == (4, "four")
    listed = await site["alice"].get(f"/api/visitor/conversations/{talk}/messages", after=3)
    assert listed.json()["items"] == [live["message"]], "the doorbell shows what the ledger holds"


async def test_more_than_a_page_is_caught_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MAX_PAGE", 10)
    talk = await opened(site, "alice", *(f"{number}" for number in range(25)))
    _, frames = await joined(site, talk)
    assert seqs(frames) == list(range(1, 26))


class Stepped:
    """Awaits a coroutine; at its `step`-th pause it does something else first."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], step: int, meanwhile: Any) -> None:
        self._coroutine, self._step, self._meanwhile = coroutine, step, meanwhile
        self.pauses = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        inner = self._coroutine.__await__()
        value = None
        while True:
            try:
                pause = inner.send(value)
            except StopIteration as ended:
                return ended.value
            if self.pauses == self._step:
                yield from self._meanwhile().__await__()
            self.pauses += 1
            value = yield pause


async def test_a_message_at_any_moment_of_the_hello_comes_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is committed and announced at every single point where following can be interrupted."""
    world, follow = site.world, VisitorConnection.follow
    now: dict[str, Any] = {}

    async def stepped(self: VisitorConnection, wanted: dict[str, int]) -> None:
        now["run"] = Stepped(follow(self, wanted), now["step"], now["meanwhile"])
        await now["run"]

    monkeypatch.setattr(VisitorConnection, "follow", stepped)
    step, most = 0, 1
    while step < most:
        talk = await opened(site, "alice", "one")

        async def meanwhile(talk: str = talk) -> None:
            await world.says("alice", talk, "two")

        now |= {"step": step, "meanwhile": meanwhile}
        listening, frames = await joined(site, talk)
        most = now["run"].pauses
        await world.says("alice", talk, "three")
        while seqs(frames)[-1] != 3:
            frames.append(await listening.frame())
        assert seqs(frames) == [1, 2, 3], f"interrupted at pause {step}"
        await listening.leave()
        step += 1
    assert most > 5, "there were moments to interrupt"


async def test_writers_meanwhile_lose_nothing(site: Site) -> None:
    """A client that reads over HTTP what its socket skipped has everything once, in order."""
    world, talk = site.world, await opened(site)
    got: list[int] = []

    async def client() -> None:
        listening = await site.visitor_socket()
        listening.hello("alice", {talk: 0})
        while len(got) < 40:
            frame = await listening.frame("message")
            seq = frame["message"]["seq"]
            if seq > len(got) + 1:
                path = f"/api/visitor/conversations/{talk}/messages"
                missed = (await site["alice"].get(path, after=len(got), before=seq)).json()["items"]
                got.extend(item["seq"] for item in missed)
            if seq == len(got) + 1:
                got.append(seq)

    async def writer(number: int) -> None:
        for n in range(10):
            await world.says("alice", talk, f"{number} {n}")

    await asyncio.gather(client(), *(writer(number) for number in range(4)))
    assert got == list(range(1, 41))


async def test_what_changes_hands_is_told(site: Site) -> None:
    talk = await opened(site, "alice", "hello")
    listening, _ = await joined(site, talk)
    await site.world.online("bob")
    await site.world.asks_for_person("alice", talk)
    owner = await listening.frame("owner")
    assert (owner["owner"], owner["status"], owner["conversation_id"]) == ("queue", "open", talk)
    queue = await listening.frame("queue")
    assert (queue["position"], queue["wait"]) == (1, None)
    await site.world.claims("bob", talk)
    assert (await listening.frame("owner"))["agent"] == {"name": "Bob"}
    await site.world.resolves("bob", talk)
    assert (await listening.frame("owner"))["owner"] == "bot"
    assert (await listening.frame("owner"))["status"] == "resolved"


async def test_typing_goes_both_ways_and_does_not_come_back(site: Site) -> None:
    talk = await site.world.owned_by("alice", "bob")
    listening, _ = await joined(site, talk)
    agent = await site.staff_socket()
    agent.send(type="hello", after={talk: 0})
    await agent.until("ready")
    listening.send(type="typing", conversation_id=talk)
    assert (await agent.frame("typing"))["author"] == "customer"
    agent.send(type="typing", conversation_id=talk)
    typing = await listening.frame("typing")
    assert (typing["author"], typing["name"]) == ("agent", "Bob")


async def test_notes_never_come(site: Site) -> None:
    talk = await site.world.owned_by("alice", "bob")
    listening, _ = await joined(site, talk)
    await site.world.notes("bob", talk, "she is angry")
    await site.world.writes("bob", talk, "hello")
    frame = await listening.frame()
    assert frame["message"]["text"] == "hello"
    assert "event_seq" not in frame["message"]


async def test_a_lost_doorbell_is_noticed_by_the_heads(site: Site) -> None:
    talk = await opened(site, "alice", "one")
    listening, _ = await joined(site, talk)
    other = await opened(site, "alice", "other")
    site.world.bus._all.clear()  # type: ignore[attr-defined]
    await site.world.says("alice", talk, "two")
    await site.world.says("alice", other, "not followed here")
    await _ring(site)
    ping = await listening.frame("ping")
    assert ping == {"type": "ping", "heads": {talk: 2}}


async def test_heads_come_every_ten_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from public_site import open_site

    assert hub.HEADS_EVERY_S == 10
    monkeypatch.setattr(hub, "HEADS_EVERY_S", 0.05)
    async with open_site(world) as site:
        talk = await opened(site, "alice", "one")
        listening, _ = await joined(site, talk)
        for _ in range(3):
            assert (await listening.frame("ping"))["heads"] == {talk: 1}
        silent = await site.visitor_socket()
        assert (await silent.frame("ping"))["heads"] == {}


async def _ring(site: Site) -> None:
    await site.app._app.state.hub._ring_once()


async def test_after_a_broken_bus_the_client_is_told_to_read(site: Site) -> None:
    talk = await opened(site)
    listening, _ = await joined(site, talk)
    site.world.bus.deliver("bus.resubscribed", {})  # type: ignore[attr-defined]
    assert (await listening.frame("resync"))["type"] == "resync"


class TestWhoMayListen:
    async def test_a_foreign_conversation_closes(self, site: Site) -> None:
        talk = await opened(site, "alice", "secret")
        await opened(site, "dora", "mine")
        for stranger in ("dora", "charlie"):
            listening = await site.visitor_socket()
            listening.hello(stranger, {talk: 0})
            assert await listening.close_code() == 1008

    async def test_one_foreign_conversation_among_ones_own_closes_and_shows_nothing_of_it(
        self, site: Site
    ) -> None:
        foreign, own = await opened(site, "alice", "secret"), await opened(site, "dora", "mine")
        listening = await site.visitor_socket()
        listening.hello("dora", {own: 0, foreign: 0})
        shown: list[str] = []

        async def read_all() -> None:
            while True:
                shown.append(json.dumps(await listening.frame()))

        with pytest.raises(Closed) as closed:
            await read_all()
        assert closed.value.code == 1008
        assert "secret" not in "".join(shown)
        await site.world.says("alice", foreign, "another secret")
        assert listening._to_client.empty()

    @pytest.mark.parametrize("token", ["unknown", "", "x" * 200, "\ud800", "\x00", "令牌"], ids=ascii)
    async def test_an_unknown_token_closes(self, site: Site, token: str) -> None:
        listening = await site.visitor_socket()
        listening.send(type="hello", token=token, conversations={})
        assert await listening.close_code() in (1003, 1008)

    async def test_a_foreign_origin_is_not_let_in(self, site: Site) -> None:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:8000.evil.example"):
            refused = await site.visitor_socket(origin=origin)
            assert (refused.accepted, refused.closed) == (False, 1008)
        assert (await site.visitor_socket(origin=ORIGIN)).accepted

    async def test_logging_out_ends_the_socket(self, site: Site) -> None:
        talk = await opened(site)
        listening, _ = await joined(site, talk)
        await site["alice"].delete("/api/visitor/sessions")
        assert await listening.close_code() == 1001

    async def test_who_never_says_hello_is_cut_off(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "HELLO_WITHIN_S", 0.1)
        silent = await site.visitor_socket()
        silent.send(type="ping")
        assert await silent.close_code() == 1008

    async def test_a_second_hello_of_somebody_else_leaves_the_first_one_behind(self, site: Site) -> None:
        hers, his = await opened(site, "alice"), await opened(site, "dora")
        listening, _ = await joined(site, hers)
        listening.hello("dora", {his: 0})
        await listening.until("ready")
        await site.world.says("alice", hers, "for alice only")
        await site.world.says("dora", his, "for dora")
        assert (await listening.frame("message"))["message"]["text"] == "for dora"

    async def test_without_hello_no_typing_reaches_anybody(self, site: Site) -> None:
        talk = await site.world.owned_by("alice", "bob")
        heard: list[str] = []
        site.world.bus.subscribe(lambda topic, payload: heard.append(topic))
        stranger = await site.visitor_socket()
        stranger.send(type="typing", conversation_id=talk)
        stranger.send(type="ping")
        await stranger.frame("pong")
        assert heard == []


MALFORMED = {
    "no JSON": "hello",
    "empty": "",
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "half": '{"type": "hello"',
    "deep": "[" * 5000 + "]" * 5000,
    "deep objects": '{"a":' * 3000 + "1" + "}" * 3000,
    "long": json.dumps({"type": "ping", "x": "x" * 20_000}),
    "a long number": '{"type": "ping", "n": ' + "9" * 5000 + "}",
}

WRONG_FIELDS = [
    {"type": "hello"},
    {"type": "hello", "token": 5, "conversations": {}},
    {"type": "hello", "token": None},
    {"type": "hello", "token": "x", "conversations": []},
    {"type": "hello", "token": "x", "conversations": {"a": "b"}},
    {"type": "hello", "token": "x", "conversations": {"a": -1}},
    {"type": "hello", "token": "x", "conversations": {"a": 2**31}},
    {"type": "hello", "token": "x", "conversations": {"a": 10**30}},
    {"type": "hello", "token": "x", "conversations": {"a": 1.5}},
    {"type": "hello", "token": "x", "conversations": {"\x00": 0}},
    {"type": "hello", "token": "x", "conversations": {"\ud800": 0}},
    {"type": "hello", "token": "x", "conversations": {"x" * 100: 0}},
    {"type": "hello", "token": "x", "conversations": {str(n): 0 for n in range(51)}},
    {"type": "typing"},
    {"type": "typing", "conversation_id": ["a"]},
    {"type": "typing", "conversation_id": {}},
    {"type": "typing", "conversation_id": None},
]


class TestMalformedFrames:
    async def still_alive(self, site: Site) -> None:
        talk = await opened(site, "alice", "one")
        _, frames = await joined(site, talk)
        assert seqs(frames) == [1]

    async def test_what_is_no_frame_closes(self, site: Site) -> None:
        for what, text in MALFORMED.items():
            listening = await site.visitor_socket()
            listening.send_text(text)
            assert await listening.close_code() == 1003, what
        await self.still_alive(site)

    async def test_bytes_close(self, site: Site) -> None:
        listening = await site.visitor_socket()
        listening.send_bytes(b'{"type": "ping"}')
        assert await listening.close_code() == 1003

    async def test_a_frame_with_wrong_fields_closes(self, site: Site) -> None:
        for frame in WRONG_FIELDS:
            listening = await site.visitor_socket()
            listening.send(**frame)
            assert await listening.close_code() == 1003, frame

    async def test_an_unknown_frame_is_ignored(self, site: Site) -> None:
        listening = await site.visitor_socket()
        for kind in (None, [], {}, "x" * 50, "assignment", "watch", 5):
            listening.send(type=kind, more={"a": [1]})
        listening.send(nothing=True)
        listening.send(type="ping")
        assert (await listening.frame())["type"] == "pong"

    async def test_a_flood_is_cut_off(self, site: Site) -> None:
        listening = await site.visitor_socket()
        for _ in range(socket.FRAMES_PER_10_S + 1):
            listening.send(type="ping")
        assert await listening.close_code() == 1008
        await self.still_alive(site)

    async def test_who_does_not_read_is_cut_off_and_comes_back(self, site: Site) -> None:
        talk = await opened(site, "alice", "one")
        listening, _ = await joined(site, talk)
        listening.reads.clear()
        ring = Announcement("typing", {"conversation_id": talk, "author": "agent"})
        await site.world.bus.publish_all([ring] * (hub.MAX_QUEUED_FRAMES + 50))
        (connection,) = site.app._app.state.hub._connections
        assert connection._queue.qsize() <= hub.MAX_QUEUED_FRAMES
        await asyncio.sleep(0)
        listening.reads.set()
        assert await listening.close_code() == hub.TRY_AGAIN_LATER
        await self.still_alive(site)

    async def test_a_fault_of_our_own_closes_one_socket_only(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any) -> None:
            raise RuntimeError("a fault of ours")

        talk = await opened(site, "alice", "one")
        other, _ = await joined(site, talk)
        with monkeypatch.context() as patch:
            patch.setattr(VisitorConnection, "follow", broken)
            listening = await site.visitor_socket()
            listening.hello("alice", {talk: 0})
            assert await listening.close_code() == 1011
        await site.world.says("alice", talk, "two")
        assert (await other.frame("message"))["message"]["text"] == "two"


async def test_a_socket_that_left_leaves_nothing_behind(site: Site) -> None:
    talk = await opened(site)
    for _ in range(3):
        listening, _ = await joined(site, talk)
        await listening.leave()
    state = site.app._app.state.hub
    assert state.subscribed == set()
    assert state._connections == set()
    await site.world.says("alice", talk, "nobody listens")


async def test_identifying_ends_the_old_socket(site: Site) -> None:
    """The announcement that `start_session` makes for the token that it revokes."""
    talk = await opened(site)
    listening, _ = await joined(site, talk)
    site.world.bus.deliver("visitor.revoked", {"session_id": fixed_id("dora")})  # type: ignore[attr-defined]
    site.world.bus.deliver("visitor.revoked", {"session_id": fixed_id("alice")})  # type: ignore[attr-defined]
    assert await listening.close_code() == 1001
