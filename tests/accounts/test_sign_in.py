"""Signing in and out, and what a session is worth over time."""

import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher
from counting_hasher import CountingHasher
from fastapi import FastAPI
from sqlalchemy import event, func, select, update
from staff_browsers import PASSWORD, Browsers

from accounts import passwords, service
from accounts.models import Audit, StaffSession, User
from server.db import Database, db_now
from server.settings import Settings


@pytest.fixture
def statements(db: Database) -> list[str]:
    """The first two words of every statement that reaches the database."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(" ".join(statement.split()[:3]))

    for engine in {db._readers, db._writers}:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    return seen


async def test_signing_in_answers_who_i_am_and_sets_a_cookie_scripts_cannot_read(
    people: dict[str, str], browsers: Browsers
) -> None:
    answer = await browsers.new().sign_in("bea")

    assert answer.status_code == 200
    assert answer.json()["id"] == people["bea"]
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("deskhand=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert "secure" not in parts
    assert not any(part.startswith("domain") for part in parts)


async def test_over_https_the_cookie_is_bound_to_this_host(
    people: dict[str, str], app: FastAPI, browsers: Browsers
) -> None:
    app.state.settings = Settings(deskhand_env="test", public_origin="https://desk.example")
    browser = browsers.new(base_url="https://desk.example")

    cookie = (await browser.sign_in("bea")).headers["set-cookie"]

    assert cookie.startswith("__Host-deskhand=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert (await browser.http.get("/api/me")).status_code == 200
    # The unbound name, which a neighbouring host could plant, counts for nothing.
    token = browser.http.cookies["__Host-deskhand"]
    other = browsers.new(base_url="https://desk.example")
    assert (await other.http.get("/api/me", headers={"Cookie": f"deskhand={token}"})).status_code == 401


async def test_the_address_may_be_typed_in_any_case(people: dict[str, str], browsers: Browsers) -> None:
    body = {"email": "  BEA@Desk.Example ", "password": PASSWORD}
    assert (await browsers.new().http.post("/api/auth/login", json=body)).status_code == 200


async def test_unknown_wrong_and_deactivated_are_answered_alike_after_the_same_work(
    people: dict[str, str], db: Database, browsers: Browsers, hasher: CountingHasher, statements: list[str]
) -> None:
    async with db.write() as session:
        await service.deactivate(session, people["chen"], actor=service.SYSTEM)
    answers, work = [], []
    for name, password in (("bea", "wrong password"), ("nobody", "wrong password"), ("chen", PASSWORD)):
        statements.clear()
        hasher.verified.clear()
        answer = await browsers.new().sign_in(name, password)
        answers.append((answer.status_code, answer.content, answer.headers.get("set-cookie")))
        work.append(([one for one in statements if "FROM users" not in one], len(hasher.verified)))

    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1]
    assert work[0][1] == work[2][1] == 1


async def test_nobodys_hash_costs_what_a_real_one_costs(hasher: CountingHasher) -> None:
    real = await passwords.hash_password(PASSWORD)
    assert not (await passwords.verify_password(None, PASSWORD)).right
    assert (await passwords.verify_password(real, PASSWORD)).right
    assert hasher.verified[0] == hasher.verified[1] == real.rsplit("$", 2)[0]


async def test_an_old_hash_is_renewed_at_sign_in(
    people: dict[str, str], db: Database, browsers: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", stronger)
    assert (await browsers.new().sign_in("bea")).status_code == 200
    async with db.read() as session:
        stored = await session.scalar(select(User.password_hash).where(User.id == people["bea"]))
    assert stored is not None
    assert "m=128,t=2" in stored
    assert (await browsers.new().sign_in("bea")).status_code == 200


async def test_while_a_password_is_checked_others_can_write(
    people: dict[str, str], db: Database, browsers: Browsers, hasher: CountingHasher
) -> None:
    written = threading.Event()
    checking = threading.Event()
    plain = hasher.verify

    def slow(stored: str | bytes, password: str | bytes) -> Any:
        checking.set()
        assert written.wait(10), "nobody could write while the password was being checked"
        return plain(stored, password)

    hasher.verify = slow  # type: ignore[method-assign]
    signing_in = asyncio.create_task(browsers.new().sign_in("bea"))
    await asyncio.to_thread(checking.wait, 10)
    async with db.write() as session:
        await service.name_workplace(session, "Hearth")
    written.set()
    assert (await signing_in).status_code == 200


async def test_a_planted_session_does_not_survive_signing_in(
    people: dict[str, str], browsers: Browsers
) -> None:
    attacker = await browsers.signed_in("chen")
    planted = attacker.cookie
    victim = browsers.new()
    victim.http.cookies.set("deskhand", str(planted), domain="127.0.0.1", path="/")

    await victim.sign_in("bea")

    assert victim.cookie not in (None, planted)
    assert (await victim.http.get("/api/me")).json()["id"] == people["bea"]
    assert (await attacker.http.get("/api/me")).status_code == 401

    invented = browsers.new()
    invented.http.cookies.set("deskhand", "chosen-by-the-attacker", domain="127.0.0.1", path="/")
    await invented.sign_in("bea")
    assert invented.cookie != "chosen-by-the-attacker"


async def test_a_failed_sign_in_leaves_the_present_session_alone(
    people: dict[str, str], browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")
    assert (await browser.sign_in("chen", "wrong password")).status_code == 401
    assert (await browser.http.get("/api/me")).json()["id"] == people["bea"]


async def test_signing_out_ends_the_session_and_the_presence(
    people: dict[str, str], browsers: Browsers
) -> None:
    browser, watcher = await browsers.signed_in("bea"), await browsers.signed_in("sam")
    await browser.http.put("/api/me/presence", json={"status": "online"})
    token = str(browser.cookie)

    answer = await browser.http.post("/api/auth/logout")

    assert answer.status_code == 204
    assert browser.cookie is None
    assert (await browser.http.get("/api/me", headers={"Cookie": f"deskhand={token}"})).status_code == 401
    agents = {one["id"]: one["status"] for one in (await watcher.http.get("/api/agents")).json()["items"]}
    assert agents[people["bea"]] == "offline"
    assert (await browser.http.post("/api/auth/logout")).status_code == 204


async def test_a_session_slides_with_use_but_never_past_its_end(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")

    async def moved(**values: Any) -> tuple[float, float]:
        """Set the session's times, use it, and read in how many seconds it ends and was last seen."""
        async with db.write() as session:
            await session.execute(update(StaffSession).values(**values))
        assert (await browser.http.get("/api/me")).status_code == 200
        async with db.read() as session:
            row = (await session.scalars(select(StaffSession))).one()
            now = (await session.execute(select(db_now()))).scalar_one()
        return (row.expires_at - now).total_seconds(), (now - row.last_seen_at).total_seconds()

    ends_in, seen = await moved(last_seen_at=db_now(-10), expires_at=db_now(3600))
    assert ends_in == pytest.approx(3600, abs=5), "a moment later nothing is written"
    assert seen > 5
    ends_in, seen = await moved(last_seen_at=db_now(-600), expires_at=db_now(3600))
    assert ends_in == pytest.approx(12 * 3600, abs=5)
    assert seen < 5
    ends_in, _ = await moved(last_seen_at=db_now(-600), expires_at=db_now(60), ends_at=db_now(120))
    assert ends_in == pytest.approx(120, abs=5)


async def test_a_session_begins_with_twelve_hours_of_at_most_seven_days(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    await browsers.signed_in("bea")
    async with db.read() as session:
        row = (await session.scalars(select(StaffSession))).one()
    assert (row.expires_at - row.created_at).total_seconds() == pytest.approx(12 * 3600, abs=1)
    assert (row.ends_at - row.created_at).total_seconds() == pytest.approx(7 * 86_400, abs=1)


@pytest.mark.parametrize("values", [{"expires_at": db_now(-1)}, {"revoked_at": db_now()}])
async def test_expired_and_revoked_sessions_are_nobody(
    people: dict[str, str], db: Database, browsers: Browsers, values: dict[str, Any]
) -> None:
    browser = await browsers.signed_in("bea")
    async with db.write() as session:
        await session.execute(update(StaffSession).values(**values))
    assert (await browser.http.get("/api/me")).status_code == 401


async def test_a_new_password_ends_all_other_sessions(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    here, elsewhere = await browsers.signed_in("bea"), await browsers.signed_in("bea")
    bystander = await browsers.signed_in("chen")
    new = await passwords.hash_password("another fine password")
    async with db.write() as session:
        newest = await session.scalar(
            select(StaffSession.id)
            .where(StaffSession.user_id == people["bea"])
            .order_by(StaffSession.id)
            .limit(1)
        )
        actor = service.staff_actor(people["bea"])
        await service.set_password(session, people["bea"], new, actor=actor, keep_session_id=newest)

    assert (await here.http.get("/api/me")).status_code == 200
    assert (await elsewhere.http.get("/api/me")).status_code == 401
    assert (await bystander.http.get("/api/me")).status_code == 200
    assert (await browsers.new().sign_in("bea")).status_code == 401
    assert (await browsers.new().sign_in("bea", "another fine password")).status_code == 200


async def test_a_sign_in_that_overlaps_a_password_change_fails(
    people: dict[str, str], db: Database, browsers: Browsers, hasher: CountingHasher
) -> None:
    new = await passwords.hash_password("another fine password")
    checking, changed = threading.Event(), threading.Event()
    plain = hasher.verify

    def slow(stored: str | bytes, password: str | bytes) -> Any:
        checking.set()
        changed.wait(10)
        return plain(stored, password)

    hasher.verify = slow  # type: ignore[method-assign]
    signing_in = asyncio.create_task(browsers.new().sign_in("bea"))
    await asyncio.to_thread(checking.wait, 10)
    async with db.write() as session:
        await service.set_password(session, people["bea"], new, actor=service.SYSTEM)
    changed.set()
    assert (await signing_in).status_code == 401


async def test_passwords_are_one_however_they_were_composed(db: Database, browsers: Browsers) -> None:
    wide = "Ｃａｆe\u0301 １２３４"
    async with db.write() as session:
        new = service.NewUser(
            email="zoe@desk.example",
            name="Zoe",
            role="agent",
            password_hash=await passwords.hash_password(wide),
        )
        await service.create_user(session, new)
    assert (await browsers.new().sign_in("zoe", "Café 1234")).status_code == 200
    assert (await browsers.new().sign_in("zoe", "Cafe 1234")).status_code == 401


BAD_INPUT = [
    (b"{", 422),
    (b"[]", 422),
    (b'{"email": "bea@desk.example"}', 422),
    (b'{"email": "", "password": "x"}', 422),
    (b'{"email": "\\ud800", "password": "x"}', 422),
    (b'{"email": "a\\u0000@desk.example", "password": "x\\u0000y"}', 401),
    (b'{"email": "\xf0\x9f\xab\x96", "password": "\xf0\x9f\xab\x96"}', 401),
    (b'{"email": "<b>@desk.example", "password": "\' OR 1=1 --"}', 401),
    (b'{"email": "bea@desk.example", "password": ["x"]}', 422),
    (b'{"email": "x", "password": "' + b"y" * 100_000 + b'"}', 422),
]


async def test_bad_input_is_answered_and_changes_nothing(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    http = browsers.new().http
    for body, status in BAD_INPUT:
        answer = await http.post(
            "/api/auth/login", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == status, body[:80]
        assert answer.headers["content-type"] == "application/problem+json"
        assert "yyy" not in answer.text
    async with db.read() as session:
        assert await session.scalar(select(func.count()).select_from(StaffSession)) == 0


async def test_neither_token_nor_password_is_stored_or_audited(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")
    await browsers.new().sign_in("my secret password", "typed into the wrong field")
    async with db.read() as session:
        sessions = (await session.scalars(select(StaffSession))).all()
        lines = (await session.scalars(select(Audit))).all()
    kept = " ".join(str(vars(row)) for row in [*sessions, *lines])
    for secret in (str(browser.cookie), PASSWORD, "my secret password", "typed into"):
        assert secret not in kept
