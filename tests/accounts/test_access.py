"""Who may do what: every route, every role, every Origin, on requests and on sockets."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, WebSocket
from fastapi.routing import APIRoute
from sqlalchemy import select, update
from staff_browsers import ORIGIN, Browsers

from accounts import service
from accounts.access import Staff, require, staff_from_websocket, staff_router, still_valid
from accounts.models import StaffSession, User
from accounts.permissions import PERMISSIONS, ROLES, permissions_of
from accounts.router import auth, staff
from server.db import Database, db_now

FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "http://127.0.0.1:8000.evil.example",
    "http://127.0.0.1:80001",
    "http://127.0.0.1",
    "https://127.0.0.1:8000",
    "http://127.0.0.1:8000/",
    "HTTP://127.0.0.1:8000",
    "file://",
]

# What each role gets from each route: the whole table, so that a new route or role is a decision.
ALLOWED = {
    ("GET", "/api/me"): {"admin", "supervisor", "agent", "editor", "quality", "analyst"},
    ("PUT", "/api/me/presence"): {"admin", "supervisor", "agent"},
    ("GET", "/api/users"): {"admin", "supervisor"},
    ("GET", "/api/agents"): {"admin", "supervisor", "agent", "quality"},
    ("GET", "/api/teams"): {"admin", "supervisor", "agent", "quality"},
}


def staff_routes() -> Iterator[tuple[str, str]]:
    for route in staff.routes:
        assert isinstance(route, APIRoute)
        for method in route.methods:
            yield method, route.path


def test_the_table_below_knows_every_route() -> None:
    assert set(staff_routes()) == set(ALLOWED)
    assert all(route.path.startswith("/api/auth/") for route in auth.routes if isinstance(route, APIRoute))


@pytest.mark.parametrize("token", ["", "x", "deskhand", "0" * 43, "a" * 5000])
async def test_without_a_live_session_nothing_answers(
    people: dict[str, str], browsers: Browsers, token: str
) -> None:
    # A check that somebody forgot to await would let any of these through.
    http = browsers.new().http
    forged = {
        "Cookie": f"deskhand={token}",
        "X-Remote-User": "ada",
        "Authorization": f"Bearer {people['ada']}",
    }
    for method, path in ALLOWED:
        answer = await http.request(method, path, json={"status": "online"}, headers=forged)
        assert answer.status_code == 401, path
        assert answer.json() == {
            "type": "unauthorized",
            "title": "Please sign in",
            "status": 401,
            "detail": "Please sign in",
        }


async def test_a_session_id_or_a_stored_hash_is_no_token(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    await browsers.signed_in("ada")
    async with db.read() as session:
        row = (await session.scalars(select(StaffSession))).one()
    for known in (row.id, row.token_hash):
        answer = await browsers.new().http.get("/api/me", headers={"Cookie": f"deskhand={known}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_gets_what_the_table_says(
    people: dict[str, str], db: Database, browsers: Browsers, role: Any
) -> None:
    browser = await browsers.signed_in("bea")
    async with db.write() as session:
        await service.change_role(session, people["bea"], role, actor=service.SYSTEM)
    for (method, path), roles in ALLOWED.items():
        answer = await browser.http.request(method, path, json={"status": "away"})
        assert answer.status_code == (200 if role in roles else 403), path


async def test_a_role_taken_away_is_gone_with_the_next_request(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = await browsers.signed_in("sam")
    assert (await browser.http.get("/api/users")).status_code == 200
    async with db.write() as session:
        await service.change_role(session, people["sam"], "agent", actor=service.staff_actor(people["ada"]))
    assert (await browser.http.get("/api/users")).status_code == 403
    assert (await browser.http.get("/api/me")).json()["role"] == "agent"


async def test_a_deactivated_person_is_out_at_once_and_for_good(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")
    async with db.write() as session:
        await service.deactivate(session, people["bea"], actor=service.staff_actor(people["ada"]))
    assert (await browser.http.get("/api/me")).status_code == 401
    assert (await browsers.new().sign_in("bea")).status_code == 401
    async with db.write() as session:  # even with a session that somebody forgot to end
        await session.execute(update(StaffSession).values(revoked_at=None))
    assert (await browser.http.get("/api/me")).status_code == 401


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_can_change_nothing(
    people: dict[str, str], browsers: Browsers, origin: str
) -> None:
    browser = await browsers.signed_in("bea")
    from_there = {"Origin": origin}

    assert (await browsers.new().sign_in("bea", **from_there)).status_code == 403
    presence = await browser.http.put("/api/me/presence", json={"status": "away"}, headers=from_there)
    assert presence.status_code == 403
    assert presence.json()["type"] == "foreign-origin"
    assert (await browser.http.post("/api/auth/logout", headers=from_there)).status_code == 403
    assert (await browser.http.get("/api/me", headers=from_there)).json()["presence"]["status"] == "offline"


async def test_an_unsafe_request_without_an_origin_is_refused(
    people: dict[str, str], browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")
    del browser.http.headers["Origin"]
    assert (await browser.http.put("/api/me/presence", json={"status": "away"})).status_code == 403
    assert (await browser.sign_in("bea")).status_code == 403
    assert (await browser.http.get("/api/me")).status_code == 200, "reading needs none: browsers send none"


async def test_two_origins_are_no_origin(people: dict[str, str], browsers: Browsers) -> None:
    browser = await browsers.signed_in("bea")
    request = browser.http.build_request("PUT", "/api/me/presence", json={"status": "away"})
    request.headers = type(request.headers)(
        [*request.headers.multi_items(), ("Origin", "https://evil.example")]
    )
    assert (await browser.http.send(request)).status_code == 403


async def test_no_answer_offers_itself_to_foreign_pages(people: dict[str, str], browsers: Browsers) -> None:
    browser = await browsers.signed_in("bea")
    for method in ("GET", "OPTIONS"):
        answer = await browser.http.request(method, "/api/me", headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_require_protects_any_router_and_checks_before_the_body_is_looked_at(
    people: dict[str, str], app: FastAPI, browsers: Browsers
) -> None:
    router = staff_router("/api/things")
    Auditor = Annotated[Staff, Depends(require("audit.read"))]

    @router.post("")
    async def make(person: Auditor, body: dict[str, int]) -> dict[str, str]:
        return {"by": person.name}

    @router.get("")
    async def careless() -> dict[str, str]:
        return {"asked": "nobody"}

    app.include_router(router)
    assert (await browsers.new().http.post("/api/things", json="no body")).status_code == 401
    assert (await browsers.new().http.get("/api/things")).status_code == 401, (
        "though the endpoint did not ask"
    )
    agent, admin = await browsers.signed_in("bea"), await browsers.signed_in("ada")
    assert (await agent.http.post("/api/things", json="no body")).status_code == 403
    assert (await admin.http.post("/api/things", json={"n": 1})).json() == {"by": "Ada"}


def handshake(app: FastAPI, cookie: str | None, *origins: str) -> WebSocket:
    headers = [(b"origin", origin.encode()) for origin in origins]
    if cookie:
        headers.append((b"cookie", f"deskhand={cookie}".encode()))

    async def silent(*_: Any) -> Any:
        raise AssertionError("the handshake is judged by its headers")

    scope = {"type": "websocket", "path": "/api/socket", "headers": headers, "query_string": b"", "app": app}
    return WebSocket(scope, silent, silent)


async def test_a_socket_needs_the_cookie_and_one_of_our_origins(
    people: dict[str, str], app: FastAPI, browsers: Browsers
) -> None:
    cookie = (await browsers.signed_in("bea")).cookie

    person = await staff_from_websocket(handshake(app, cookie, ORIGIN))

    assert person is not None
    assert person.id == people["bea"]
    assert await staff_from_websocket(handshake(app, None, ORIGIN)) is None
    assert await staff_from_websocket(handshake(app, "wrong", ORIGIN)) is None
    assert await staff_from_websocket(handshake(app, cookie)) is None
    assert await staff_from_websocket(handshake(app, cookie, ORIGIN, "https://evil.example")) is None
    for origin in FOREIGN:
        assert await staff_from_websocket(handshake(app, cookie, origin)) is None, origin


async def test_an_open_socket_learns_of_a_downgrade_and_of_its_end(
    people: dict[str, str], app: FastAPI, db: Database, browsers: Browsers
) -> None:
    rung: list[tuple[str, dict[str, Any]]] = []
    db.bus.subscribe(lambda topic, payload: rung.append((topic, payload)))
    person = await staff_from_websocket(handshake(app, (await browsers.signed_in("sam")).cookie, ORIGIN))
    assert person is not None
    assert person.may("conversations.takeover")

    async with db.write() as session:
        await service.change_role(session, people["sam"], "quality", actor=service.SYSTEM)
    assert ("accounts.access", {"user_id": people["sam"]}) in rung
    async with db.read() as session:
        now = await still_valid(session, person.session_id)
        assert now is not None
        assert now.permissions == permissions_of("quality")
        assert not now.may("conversations.write")

    async with db.write() as session:
        await service.end_sessions(session, people["sam"])
    async with db.read() as session:
        assert await still_valid(session, person.session_id) is None


async def test_a_socket_does_not_outlive_its_session(
    people: dict[str, str], app: FastAPI, db: Database, browsers: Browsers
) -> None:
    person = await staff_from_websocket(handshake(app, (await browsers.signed_in("bea")).cookie, ORIGIN))
    assert person is not None
    async with db.read() as long_lived:
        assert await still_valid(long_lived, person.session_id) is not None
    async with db.write() as session:
        await session.execute(update(StaffSession).values(expires_at=db_now(-1)))
    async with db.read() as session:
        assert await still_valid(session, person.session_id) is None
    async with db.write() as session:
        await session.execute(update(StaffSession).values(expires_at=db_now(60)))
        await session.execute(update(User).values(active=False))
    async with db.read() as session:
        assert await still_valid(session, person.session_id) is None


def test_roles_are_sets_of_known_permissions() -> None:
    assert ROLES["admin"] == PERMISSIONS
    assert ROLES["agent"] < ROLES["supervisor"] < ROLES["admin"]
    assert not any(
        name.endswith((".write", ".publish", ".takeover")) for name in ROLES["quality"] | ROLES["analyst"]
    )
    assert "kb.publish" not in ROLES["supervisor"]
    assert permissions_of("root") == frozenset()
