"""What agents and supervisors can do over HTTP, in the words and codes that the console reads."""

import asyncio
import itertools
from typing import Any

import httpx
import pytest
from public_site import Site
from sqlalchemy import update

from accounts.models import User
from server.db import new_id


def problem(answer: httpx.Response, status: int, kind: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert kind is None or body["type"] == kind
    return body


async def waiting(site: Site, name: str = "alice", text: str = "I want to talk to a person") -> str:
    await site.world.online("bob", "bea")
    talk = await site.world.opens(name)
    await site.world.says(name, talk, text)
    await site.world.runs_turn(talk)
    return talk


async def claim(site: Site, name: str, talk: str) -> httpx.Response:
    epoch = (await site.world.row(talk)).owner_epoch
    return await site[name].post(f"/api/conversations/{talk}/assignment", owner_epoch=epoch)


async def test_from_the_queue_to_the_end(site: Site) -> None:
    talk = await waiting(site)
    bob = site["bob"]
    (item,) = (await bob.get("/api/conversations", owner="queue")).json()["items"]
    assert (item["id"], item["queue"]["state"], item["customer"]["email"]) == (talk, "waiting", None)
    detail = await bob.get(f"/api/conversations/{talk}")
    assert detail.json()["packet"]["reasons"][0]["code"] == "asked_for_person"
    claimed = await bob.post(f"/api/conversations/{talk}/assignment", owner_epoch=item["owner_epoch"])
    assert claimed.status_code == 200
    assert claimed.json()["agent"] == {"id": site.world.people["bob"].id, "name": "Bob"}
    assert [person["name"] for person in claimed.json()["participants"]] == ["Bob"]
    wrote = await bob.send(f"/api/conversations/{talk}/messages", text="Hello Alice")
    assert wrote.status_code == 201
    assert wrote.json()["author"] == {"type": "agent", "name": "Bob"}
    noted = await bob.send(f"/api/conversations/{talk}/notes", text="angry")
    assert (noted.status_code, noted.json()["seq"], noted.json()["payload"]) == (201, None, {"note": True})
    messages = (await bob.get(f"/api/conversations/{talk}/messages")).json()["items"]
    assert [message["event_seq"] for message in messages] == sorted(m["event_seq"] for m in messages)
    assert messages[-1]["text"] == "angry"
    closed = await bob.post(
        f"/api/conversations/{talk}/closure", reason="solved", result="new lid", note="sent"
    )
    assert (closed.json()["status"], closed.json()["owner"], closed.json()["agent"]) == (
        "resolved",
        "bot",
        None,
    )
    assert closed.json()["resolution"]["result"] == "new lid"
    again = await bob.post(f"/api/conversations/{talk}/closure", reason="solved")
    problem(again, 409, "already-resolved")
    for_alice = await site["alice"].get(f"/api/visitor/conversations/{talk}/messages")
    assert "angry" not in for_alice.text
    assert "sent" not in [item["text"] for item in for_alice.json()["items"]]


async def test_two_claims_at_once_over_http(site: Site) -> None:
    talk = await waiting(site)
    answers = await asyncio.gather(claim(site, "bob", talk), claim(site, "bea", talk))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 200
    body = problem(lost, 409, "conversation-taken")
    assert body["winner"] == won.json()["agent"]
    assert body["winner"]["name"] in body["detail"]


async def test_not_the_owner_names_the_owner(site: Site) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    bea = site["bea"]
    owner = {"type": "agent", "agent_id": site.world.people["bob"].id, "name": "Bob"}
    for answer in (
        await bea.send(f"/api/conversations/{talk}/messages", text="hello"),
        await bea.post(f"/api/conversations/{talk}/closure"),
        await bea.post(f"/api/conversations/{talk}/transfer", to="queue"),
    ):
        assert problem(answer, 409, "not-the-owner")["owner"] == owner
    assert (await bea.send(f"/api/conversations/{talk}/notes", text="a note")).status_code == 201


@pytest.mark.parametrize(
    ("to", "owner", "agent"),
    [("bot", "bot", None), ("queue", "queue", None), ("team", "queue", None), ("agent", "agent", "Bea")],
)
async def test_transfers(site: Site, to: str, owner: str, agent: str | None) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    body = {"to": to, "reason": "language", "note": "she speaks Dutch"}
    if to in ("agent", "team"):
        body["id"] = site.world.people["bea"].id if to == "agent" else new_id()
    answer = await site["bob"].post(f"/api/conversations/{talk}/transfer", **body)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["owner"], (shown["agent"] or {}).get("name")) == (owner, agent)
    assert "she speaks Dutch" in await site.world.texts(talk, "agent")
    problem(await site["bob"].send(f"/api/conversations/{talk}/messages", text="hello"), 409, "not-the-owner")


async def test_a_transfer_to_nobody_is_refused(site: Site) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    for who in (None, new_id(), site.world.people["bob"].id):
        answer = await site["bob"].post(f"/api/conversations/{talk}/transfer", to="agent", id=who)
        problem(answer, 422)
    assert (await site.world.row(talk)).agent_id == site.world.people["bob"].id


async def test_a_supervisor_may_act_on_what_others_own(site: Site) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    assert (await claim(site, "sam", talk)).json()["agent"]["name"] == "Sam"
    assert (await site["sam"].post(f"/api/conversations/{talk}/transfer", to="bot")).status_code == 200
    assert (await site["sam"].post(f"/api/conversations/{talk}/closure")).status_code == 200


async def test_lists_are_filtered_and_paged(site: Site) -> None:
    talks = [await waiting(site, name) for name in ("alice", "dora", "charlie")]
    await claim(site, "bob", talks[0])
    bob = site["bob"]

    async def ids(**query: Any) -> list[str]:
        return [item["id"] for item in (await bob.get("/api/conversations", **query)).json()["items"]]

    assert await ids(owner="queue") == talks[1:]
    assert await ids(agent="me") == talks[:1]
    assert await ids(status="resolved") == []
    assert sorted(await ids()) == sorted(talks)
    page = (await bob.get("/api/conversations", owner="queue", limit=1)).json()
    assert [item["id"] for item in page["items"]] == [talks[1]]
    assert await ids(owner="queue", limit=1, after=page["next"]) == [talks[2]]
    for bad in ({"limit": 0}, {"limit": 500}, {"after": "x"}, {"after": "-1"}, {"owner": "x" * 40}):
        problem(await bob.get("/api/conversations", **bad), 422)


async def test_the_ledger_holds_everything(site: Site) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    events = (await site["bob"].get(f"/api/conversations/{talk}/events")).json()["items"]
    assert [event["event_seq"] for event in events] == list(range(1, len(events) + 1))
    types = {event["type"] for event in events}
    assert {"message_posted", "owner_changed", "packet_written", "turn_ended", "agent_joined"} <= types
    rest = (await site["bob"].get(f"/api/conversations/{talk}/events", after=3)).json()["items"]
    assert rest == events[3:]


async def test_what_is_not_there(site: Site) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/messages", None),
        ("GET", "/events", None),
        ("POST", "/messages", {"client_id": new_id(), "text": "hello"}),
        ("POST", "/notes", {"client_id": new_id(), "text": "hello"}),
        ("POST", "/assignment", {"owner_epoch": 1}),
        ("POST", "/transfer", {"to": "bot"}),
        ("POST", "/closure", {}),
    ):
        for unknown in (new_id(), "x", "%F0%9F%98%80"):
            answer = await site["sam"].http.request(method, f"/api/conversations/{unknown}{path}", json=body)
            problem(answer, 404)


class TestWhoMay:
    ROUTES = (
        ("GET", "/api/conversations", None),
        ("GET", "/api/conversations/{talk}", None),
        ("GET", "/api/conversations/{talk}/messages", None),
        ("GET", "/api/conversations/{talk}/events", None),
        ("POST", "/api/conversations/{talk}/messages", {"client_id": "a" * 10, "text": "hello"}),
        ("POST", "/api/conversations/{talk}/notes", {"client_id": "a" * 10, "text": "hello"}),
        ("POST", "/api/conversations/{talk}/assignment", {"owner_epoch": 2}),
        ("POST", "/api/conversations/{talk}/transfer", {"to": "bot"}),
        ("POST", "/api/conversations/{talk}/closure", {}),
    )

    async def test_nobody_from_outside(self, site: Site) -> None:
        talk = await waiting(site)
        before = await site.rows()
        for who, (method, path, body) in itertools.product(("nobody", "alice", "charlie"), self.ROUTES):
            answer = await site[who].http.request(
                method, path.format(talk=talk), json=body, headers={"origin": "http://127.0.0.1:8000"}
            )
            problem(answer, 401)
        assert await site.rows() == before

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
    async def test_no_foreign_page(self, site: Site, origin: str | None) -> None:
        talk = await waiting(site)
        http = site["bob"].http
        if origin is None:
            del http.headers["origin"]
        else:
            http.headers["origin"] = origin
        for method, path, body in self.ROUTES:
            if method == "POST":
                answer = await http.request(method, path.format(talk=talk), json=body)
                problem(answer, 403, "foreign-origin")

    async def test_only_roles_that_include_it(self, site: Site) -> None:
        talk = await waiting(site)
        async with site.world.db.write() as session:
            await session.execute(
                update(User).where(User.id == site.world.people["bob"].id).values(role="editor")
            )
        for method, path, body in self.ROUTES:
            problem(await site["bob"].http.request(method, path.format(talk=talk), json=body), 403)


async def test_an_agents_secrets_are_masked_too(site: Site) -> None:
    talk = await waiting(site)
    await claim(site, "bob", talk)
    card = "4111 1111 1111 1111"
    await site["bob"].send(f"/api/conversations/{talk}/messages", text=f"Is it {card}?")
    await site["bob"].post(f"/api/conversations/{talk}/closure", reason=card, result=card, note=card)
    detail = await site["bob"].get(f"/api/conversations/{talk}")
    events = await site["bob"].get(f"/api/conversations/{talk}/events")
    messages = await site["bob"].get(f"/api/conversations/{talk}/messages")
    for answer in (detail, events, messages):
        assert "4111" not in answer.text
