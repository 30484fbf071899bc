"""What a visitor's browser can ask over HTTP, and what it can never get at."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from public_site import PNG_BYTES as PNG
from public_site import Browser, Site
from sqlalchemy import update
from world import World, fixed_id

from chat.files import MAX_BYTES
from chat.models import Conversation, VisitorSession
from server.db import new_id, utc_now
from tickets.events import Actor
from tickets.intake import TicketDraft
from tickets.service import create_ticket

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def opened(browser: Browser) -> str:
    answer = await browser.send("/api/visitor/conversations")
    assert answer.status_code == 201, answer.text
    talk: str = answer.json()["id"]
    return talk


async def said(browser: Browser, talk: str, text: str = "hello") -> dict[str, Any]:
    answer = await browser.send(f"/api/visitor/conversations/{talk}/messages", text=text)
    assert answer.status_code == 201, answer.text
    message: dict[str, Any] = answer.json()
    return message


def problem(answer: httpx.Response, status: int, kind: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    assert kind is None or body["type"] == kind
    assert "Traceback" not in answer.text
    return body


async def test_from_the_first_page_view_to_the_first_answer(site: Site) -> None:
    started = await site["nobody"].post(
        "/api/visitor/sessions", locale="zh-CN", page_url="https://shop.example/"
    )
    assert started.status_code == 201
    session = started.json()
    assert (session["customer_id"], session["conversations"]) == (None, [])
    assert session["inbox"] == {"key": "default", "name": "Demo", "languages": ["en", "zh"], "online": False}
    assert len(session["token"]) >= 43
    http = site["nobody"].http
    http.headers["authorization"] = f"Bearer {session['token']}"
    talk = (await site["nobody"].send("/api/visitor/conversations")).json()
    assert {name: talk[name] for name in ("owner", "status", "last_seq", "queue", "agent", "read")} == {
        "owner": "bot",
        "status": "open",
        "last_seq": 0,
        "queue": None,
        "agent": None,
        "read": 0,
    }
    message = await said(site["nobody"], talk["id"], "我的水壶坏了")
    assert message["author"] == {"type": "customer", "name": None}
    assert (message["seq"], message["kind"], message["payload"], message["attachments"]) == (
        1,
        "text",
        {},
        [],
    )
    assert TIME.fullmatch(message["created_at"])
    await site.world.runs_turn(talk["id"])
    listed = (await site["nobody"].get(f"/api/visitor/conversations/{talk['id']}/messages")).json()
    assert [item["text"] for item in listed["items"]] == ["我的水壶坏了", "heard: 我的水壶坏了"]
    assert listed["items"][1]["author"]["type"] == "bot"
    assert listed["items"][1]["client_id"] is None
    assert (await site["nobody"].get("/api/visitor/conversations")).json()["items"][0]["last_seq"] == 2


async def test_no_page_view_makes_a_customer(site: Site) -> None:
    before = await site.rows()
    assert (await site["nobody"].post("/api/visitor/sessions")).status_code == 201
    after = await site.rows()
    assert {name for name in after if after[name] != before[name]} == {"visitor_sessions"}


async def test_a_retry_is_the_same_thing(site: Site) -> None:
    alice, client_id = site["alice"], new_id()
    first, again = [await alice.post("/api/visitor/conversations", client_id=client_id) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    path = f"/api/visitor/conversations/{first.json()['id']}/messages"
    one, two = [await alice.post(path, client_id=client_id, text="hello") for _ in range(2)]
    assert (one.status_code, two.status_code) == (201, 200)
    assert one.json() == two.json()
    problem(await alice.post(path, client_id=client_id, text="hello!"), 409, "client-id-reused")


async def test_pages_of_messages(site: Site) -> None:
    alice = site["alice"]
    talk = await opened(alice)
    for number in range(7):
        await said(alice, talk, f"{number}")
    path = f"/api/visitor/conversations/{talk}/messages"

    async def seqs(**query: Any) -> tuple[list[int], str | None]:
        page = (await alice.get(path, **query)).json()
        return [item["seq"] for item in page["items"]], page["next"]

    assert await seqs() == ([1, 2, 3, 4, 5, 6, 7], None)
    assert await seqs(limit=3) == ([5, 6, 7], "5")
    assert await seqs(limit=3, before=5) == ([2, 3, 4], "2")
    assert await seqs(limit=3, before=2) == ([1], None)
    assert await seqs(after=0, limit=3) == ([1, 2, 3], "3")
    assert await seqs(after=5) == ([6, 7], None)
    assert await seqs(after=7) == ([], None)
    assert await seqs(after=2, before=5) == ([3, 4], None)
    for bad in ({"limit": 0}, {"limit": 201}, {"after": -1}, {"after": "x"}, {"before": 2**31}):
        problem(await alice.get(path, **bad), 422)


async def test_reading_moves_forward_only(site: Site) -> None:
    alice = site["alice"]
    talk = await opened(alice)
    for _ in range(3):
        await said(alice, talk)
    for seq, read in ((2, 2), (1, 2), (99, 3)):
        answer = await alice.put(f"/api/visitor/conversations/{talk}/read", seq=seq)
        assert answer.status_code == 204
        assert (await alice.get(f"/api/visitor/conversations/{talk}")).json()["read"] == read


async def test_the_queue_is_shown_to_who_waits(site: Site) -> None:
    alice = site["alice"]
    talk = await opened(alice)
    availability = {"online": False, "open": True, "opens_at": None, "agents": 0}
    assert (await alice.get("/api/visitor/availability")).json() == availability
    nobody = await alice.post(f"/api/visitor/conversations/{talk}/handoff")
    assert (nobody.status_code, nobody.json()["outcome"]) == (200, "nobody_available")
    await site.world.online("bob")
    assert (await alice.get("/api/visitor/availability")).json()["online"] is True
    for outcome in ("queued", "already"):
        asked = (await alice.post(f"/api/visitor/conversations/{talk}/handoff")).json()
        assert asked["outcome"] == outcome
        assert asked["conversation"]["owner"] == "queue"
        assert asked["conversation"]["queue"] == {"position": 1, "wait": None}
    await site.world.claims("bob", talk)
    shown = (await alice.get(f"/api/visitor/conversations/{talk}")).json()
    assert (shown["agent"], shown["queue"]) == ({"name": "Bob"}, None)


async def test_leaving_the_queue(site: Site) -> None:
    alice = site["alice"]
    await site.world.online("bob")
    talk = await opened(alice)
    await alice.post(f"/api/visitor/conversations/{talk}/handoff")
    kept = (await alice.delete(f"/api/visitor/conversations/{talk}/handoff?keep_place=true")).json()
    assert (kept["conversation"]["owner"], kept["conversation"]["queue"]["position"]) == ("bot", 1)
    left = (await alice.delete(f"/api/visitor/conversations/{talk}/handoff")).json()
    assert left["conversation"]["queue"] is None


async def test_what_is_said_with_a_handoff_is_scrubbed(site: Site) -> None:
    await site.world.online("bob")
    talk = await opened(site["alice"])
    card = "card 4111 1111 1111 1111"
    await site["alice"].post(f"/api/visitor/conversations/{talk}/handoff", topic=card, reason=card)
    detail = (await site["bob"].get(f"/api/conversations/{talk}")).json()
    assert detail["topic"] == "card ••••"
    assert detail["packet"]["reasons"][0]["quote"] == "card ••••"


@pytest.mark.parametrize("way", ["messages", "handoff"])
async def test_a_closed_conversation_names_its_successor(site: Site, way: str) -> None:
    alice = site["alice"]
    await site.world.online("bob")
    talk = await opened(alice)
    await said(alice, talk)
    await site.world.resolves("sam", talk)
    async with site.world.db.write() as session:
        old = utc_now() - timedelta(days=8)
        await session.execute(update(Conversation).values(resolved_at=old))
    body = {"text": "it leaks again"} if way == "messages" else {}
    answers = [await alice.send(f"/api/visitor/conversations/{talk}/{way}", **body) for _ in range(2)]
    successors = {problem(answer, 409, "conversation-closed")["successor_id"] for answer in answers}
    (successor,) = successors
    await said(alice, successor, "it leaks again")


async def test_an_explicit_wish_for_a_language_counts(site: Site) -> None:
    alice = site["alice"]
    talk = await opened(alice)
    assert (
        await alice.put(f"/api/visitor/conversations/{talk}/language", language="zh-CN")
    ).status_code == 204
    await said(alice, talk, "where is my parcel please")
    assert (await site.world.row(talk)).language == "zh"
    problem(await alice.put(f"/api/visitor/conversations/{talk}/language", language="fr"), 422)


class TestWhoIsAsking:
    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer unknown", "Bearer \x7f", "Token x"]
    )
    async def test_without_a_known_token_nothing(self, site: Site, header: str) -> None:
        site["nobody"].http.headers["authorization"] = header
        for path in ("/api/visitor/conversations", "/api/visitor/availability", "/api/visitor/tickets"):
            problem(await site["nobody"].get(path), 401)
        problem(await site["nobody"].send("/api/visitor/conversations"), 401)

    @pytest.mark.parametrize(
        "change", [{"revoked_at": utc_now()}, {"expires_at": utc_now() - timedelta(seconds=1)}]
    )
    async def test_a_token_that_has_ended_opens_nothing(self, site: Site, change: dict[str, Any]) -> None:
        await opened(site["alice"])
        async with site.world.db.write() as session:
            mine = VisitorSession.id == fixed_id("alice")
            await session.execute(update(VisitorSession).where(mine).values(**change))
        problem(await site["alice"].get("/api/visitor/conversations"), 401)

    async def test_after_logging_out_nothing_is_readable(self, site: Site) -> None:
        await opened(site["alice"])
        assert (await site["alice"].delete("/api/visitor/sessions")).status_code == 204
        problem(await site["alice"].get("/api/visitor/conversations"), 401)

    async def test_a_token_in_the_url_is_none(self, site: Site) -> None:
        token = site["alice"].http.headers["authorization"].removeprefix("Bearer ")
        problem(await site["nobody"].get("/api/visitor/conversations", token=token, access_token=token), 401)

    async def test_staff_are_no_visitors_and_visitors_no_staff(self, site: Site) -> None:
        problem(await site["bob"].get("/api/visitor/conversations"), 401)
        problem(await site["alice"].get("/api/conversations"), 401)

    async def test_nobody_can_say_who_they_are_without_proof(self, site: Site) -> None:
        for body in ({"customer_id": new_id()}, {"verified": True}, {"name": "Alice"}, {"role": "admin"}):
            problem(await site["nobody"].post("/api/visitor/sessions", **body), 422)
        problem(await site["nobody"].post("/api/visitor/sessions", identity_token="a.b.c"), 401)
        problem(await site["nobody"].post("/api/visitor/sessions", inbox="nowhere"), 404)

    async def test_too_much_at_once_is_refused_for_a_while(self, site: Site) -> None:
        talk = await opened(site["alice"])
        for _ in range(120):
            await site.world.bus.count(f"messages:{fixed_id('alice')}", 60)
        answer = await site["alice"].send(f"/api/visitor/conversations/{talk}/messages", text="hello")
        problem(answer, 429)
        assert answer.headers["retry-after"] == "60"
        await said(site["dora"], await opened(site["dora"]))


class TestOutsider:
    """Charlie must see nothing of Alice's, and not even learn that it is there."""

    async def everything_of_alices(self, site: Site) -> dict[str, str]:
        alice = site["alice"]
        talk = await opened(alice)
        upload = await alice.http.post("/api/visitor/files", files={"file": ("lid.png", PNG)})
        file_id = upload.json()["id"]
        sent = await alice.send(f"/api/visitor/conversations/{talk}/messages", file_ids=[file_id])
        assert sent.status_code == 201
        async with site.world.db.write() as session:
            draft = TicketDraft(
                key="k", by=Actor("customer"), description="The kettle leaks", conversation_id=talk
            )
            ticket, _ = await create_ticket(session, draft)
        return {"talk": talk, "file": file_id, "ticket": ticket.shown_number, "message": sent.json()["id"]}

    REQUESTS = (
        ("GET", "/api/visitor/conversations/{talk}", None),
        ("GET", "/api/visitor/conversations/{talk}/messages", None),
        ("POST", "/api/visitor/conversations/{talk}/messages", {"client_id": "a" * 10, "text": "hello"}),
        ("POST", "/api/visitor/conversations/{talk}/handoff", {}),
        ("DELETE", "/api/visitor/conversations/{talk}/handoff", None),
        ("PUT", "/api/visitor/conversations/{talk}/read", {"seq": 1}),
        ("PUT", "/api/visitor/conversations/{talk}/language", {"language": "zh"}),
        ("GET", "/api/visitor/tickets/{ticket}", None),
        ("POST", "/api/visitor/tickets/{ticket}/comments", {"client_id": "a" * 10, "text": "hello"}),
        ("GET", "/api/files/{file}", None),
    )

    @pytest.mark.parametrize("stranger", ["charlie", "dora"])
    async def test_alices_things_are_not_there(self, site: Site, stranger: str) -> None:
        things = await self.everything_of_alices(site)
        if stranger == "dora":  # who has a conversation of her own
            await opened(site["dora"])
        before = await site.rows()
        unknown = {"talk": new_id(), "file": new_id(), "ticket": "T-99999"}
        http = site[stranger].http
        for method, path, body in self.REQUESTS:
            foreign = await http.request(method, path.format(**things), json=body)
            missing = await http.request(method, path.format(**unknown), json=body)
            assert problem(foreign, 404) == problem(missing, 404), path
        assert await site.rows() == before
        for method, path, body in self.REQUESTS:
            own = await site["alice"].http.request(method, path.format(**things), json=body)
            assert own.status_code in (200, 201, 204), (path, own.text)

    async def test_lists_hold_nothing_of_others(self, site: Site) -> None:
        await self.everything_of_alices(site)
        for stranger in ("charlie", "dora"):
            assert (await site[stranger].get("/api/visitor/conversations")).json()["items"] == []
            assert (await site[stranger].get("/api/visitor/tickets")).json()["items"] == []

    async def test_alices_file_and_message_are_not_charlies_to_use(self, site: Site) -> None:
        things = await self.everything_of_alices(site)
        talk = await opened(site["charlie"])
        path = f"/api/visitor/conversations/{talk}/messages"
        fresh = await site["alice"].http.post("/api/visitor/files", files={"file": ("lid.png", PNG)})
        for file_id in (things["file"], fresh.json()["id"], new_id()):
            problem(await site["charlie"].send(path, file_ids=[file_id]), 422)
        action = {"message_id": things["message"], "value": "open_ticket"}
        problem(await site["charlie"].send(path, action=action), 422)
        assert (await site["charlie"].get(path)).json()["items"] == []


class TestFiles:
    async def upload(self, site: Site, name: str = "lid.png", content: bytes = PNG) -> httpx.Response:
        return await site["alice"].http.post("/api/visitor/files", files={"file": (name, content)})

    async def test_a_file_is_sent_and_read_back(self, site: Site) -> None:
        talk = await opened(site["alice"])
        file = (await self.upload(site)).json()
        assert (file["name"], file["mime"], file["size"]) == ("lid.png", "image/png", len(PNG))
        path = f"/api/visitor/conversations/{talk}/messages"
        message = (await site["alice"].send(path, file_ids=[file["id"]], text="the lid")).json()
        assert message["kind"] == "file"
        assert message["attachments"] == [file]
        for reader in ("alice", "bob"):
            content = await site[reader].get(f"/api/files/{file['id']}")
            assert content.content == PNG
            assert content.headers["content-disposition"].startswith("attachment;")
            assert content.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in content.headers["content-security-policy"]
        problem(await site["nobody"].get(f"/api/files/{file['id']}"), 401)
        problem(await site["alice"].send(path, file_ids=[file["id"]]), 422)

    async def test_staff_do_not_see_what_was_not_sent(self, site: Site) -> None:
        file = (await self.upload(site)).json()
        problem(await site["bob"].get(f"/api/files/{file['id']}"), 404)
        assert (await site["alice"].get(f"/api/files/{file['id']}")).status_code == 200

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a\x00b\r\nSet-Cookie: x.png", "abSet-Cookie x.png"),
            ('<img src=x onerror="alert(1)">.png', "img src=x onerror=alert(1).png"),
            (".htaccess", "htaccess"),
            ("发票.pdf", "发票.pdf"),
            ("x" * 300 + ".png", "x" * 146 + ".png"),
            ("\u202egnp.exe", "gnp.exe"),
            ("...", "file"),
        ],
        ids=ascii,
    )
    async def test_names_are_safe(self, site: Site, name: str, kept: str) -> None:
        from urllib.parse import quote

        boundary = "b0undary"
        # Written by hand: a client library would clean the name up.
        shown = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode()
        body = (
            (b"--" + boundary.encode() + b'\r\nContent-Disposition: form-data; name="file"; filename="')
            + shown
            + b'"\r\n\r\n'
            + PNG
            + b"\r\n--"
            + boundary.encode()
            + b"--\r\n"
        )
        answer = await site["alice"].http.post(
            "/api/visitor/files",
            content=body,
            headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        )
        assert answer.status_code in (201, 422), answer.text
        if answer.status_code == 201:
            got = answer.json()["name"]
            assert got in (kept, kept.replace('"', "%22")) or "%" in got
            assert not set(got) & set('/\\<>:"|?*\x00\r\n\u202e')
            content = await site["alice"].get(f"/api/files/{answer.json()['id']}")
            assert quote(got) in content.headers["content-disposition"]

    @pytest.mark.parametrize(
        ("content", "mime"),
        [
            (b"<html><script>alert(1)</script>", "application/octet-stream"),
            (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "application/octet-stream"),
            (b"GIF89a<script>alert(1)</script>", "image/gif"),
            (b"%PDF-1.7", "application/pdf"),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"MZ\x90\x00", "application/octet-stream"),
        ],
    )
    async def test_the_kind_is_what_the_bytes_say(self, site: Site, content: bytes, mime: str) -> None:
        assert (await self.upload(site, "photo.png", content)).json()["mime"] == mime

    async def test_empty_and_huge_files_are_refused(self, site: Site) -> None:
        before = await site.rows()
        problem(await self.upload(site, content=b""), 422)
        problem(await self.upload(site, content=b"x" * (MAX_BYTES + 1)), 413)
        problem(await self.upload(site, content=b"x" * (MAX_BYTES + 200_000)), 413)
        assert await site.rows() == before
        assert (await self.upload(site, content=b"x" * MAX_BYTES)).status_code == 201


async def test_every_answer_carries_the_headers(site: Site) -> None:
    for answer in (
        await site["nobody"].get("/api/visitor/conversations"),
        await site["alice"].get("/api/visitor/conversations"),
        await site["nobody"].get("/nowhere"),
        await site["nobody"].get("/healthz"),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
        assert not any(name.startswith("access-control") for name in answer.headers)


async def test_a_failing_commit_is_never_a_success(site: Site, world: World) -> None:
    talk = await opened(site["alice"])

    async def fail(session: Any, happened: Any) -> None:
        if type(happened).__name__ == "MessagePosted":
            raise RuntimeError("a listener of ours is broken")

    world.db.listeners.append(fail)
    before = await site.rows()
    body = problem(await site["alice"].send(f"/api/visitor/conversations/{talk}/messages", text="hello"), 500)
    assert "listener" not in str(body)
    assert await site.rows() == before
    world.db.listeners.remove(fail)
    await said(site["alice"], talk)
