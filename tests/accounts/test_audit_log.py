"""The audit log: every sign-in and change of rights is in it, and nothing takes it out again."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from staff_browsers import Browsers

from accounts import passwords, service
from accounts.models import Audit, AuditIsAppendOnly
from accounts.service import Target, record_audit, staff_actor
from server.db import Database
from server.migrate import config


async def lines(db: Database, *actions: str) -> list[tuple[str, str | None, str | None, dict[str, str]]]:
    async with db.read() as session:
        rows = await session.scalars(select(Audit).where(Audit.action.in_(actions)).order_by(Audit.id))
        return [(row.action, row.actor_id, row.target_id, row.detail) for row in rows]


async def test_signing_in_and_out_and_failing_leave_lines(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    browser = await browsers.signed_in("bea")
    await browsers.new("203.0.113.5").sign_in("bea", "wrong password")
    await browsers.new("203.0.113.5").sign_in("nobody", "wrong password")
    await browser.http.post("/api/auth/logout")

    found = await lines(db, "session.begun", "session.refused", "session.ended")

    session_id = found[0][2]
    assert found == [
        ("session.begun", people["bea"], session_id, {"ip": "198.51.100.7"}),
        ("session.refused", None, people["bea"], {"ip": "203.0.113.5"}),
        ("session.refused", None, None, {"ip": "203.0.113.5"}),
        ("session.ended", people["bea"], session_id, {}),
    ]


async def test_changes_of_rights_leave_lines(people: dict[str, str], db: Database) -> None:
    ada, bea = staff_actor(people["ada"]), people["bea"]
    new = await passwords.hash_password("another fine password")
    async with db.write() as session:
        await service.change_role(session, bea, "supervisor", actor=ada)
        await service.set_password(session, bea, new, actor=ada)
        await service.deactivate(session, bea, actor=ada)
    assert await lines(db, "user.role_changed", "user.password_changed", "user.deactivated") == [
        ("user.role_changed", people["ada"], bea, {"from": "agent", "to": "supervisor"}),
        ("user.password_changed", people["ada"], bea, {}),
        ("user.deactivated", people["ada"], bea, {}),
    ]
    assert len(await lines(db, "user.created")) == 4


async def test_what_is_undone_leaves_no_line(people: dict[str, str], db: Database) -> None:
    async def change_and_fail() -> None:
        async with db.write() as session:
            await service.change_role(session, people["bea"], "admin", actor=service.SYSTEM)
            raise RuntimeError("the rest of the transaction failed")

    with pytest.raises(RuntimeError):
        await change_and_fail()
    assert await lines(db, "user.role_changed") == []


async def test_a_line_cannot_be_changed_or_deleted_by_this_code(people: dict[str, str], db: Database) -> None:
    async def change() -> None:
        async with db.write() as session:
            row = (await session.scalars(select(Audit).limit(1))).one()
            row.action = "nothing.happened"

    async def remove() -> None:
        async with db.write() as session:
            await session.delete((await session.scalars(select(Audit).limit(1))).one())

    async def change_all() -> None:
        async with db.write() as session:
            await session.execute(update(Audit).values(actor_id=None))

    async def remove_all() -> None:
        async with db.write() as session:
            await session.execute(delete(Audit))

    for attempt in (change, remove, change_all, remove_all):
        with pytest.raises(AuditIsAppendOnly):
            await attempt()
    assert len(await lines(db, "user.created")) == 4


async def test_nor_by_a_hand_at_the_database(people: dict[str, str], db: Database) -> None:
    async def by_hand(statement: str) -> None:
        async with db.write() as session:
            await session.execute(text(statement))

    truncate = [] if db.is_sqlite else ["TRUNCATE audit"]
    for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit", *truncate):
        with pytest.raises(DBAPIError, match="append-only"):
            await by_hand(statement)
    assert len(await lines(db, "user.created")) == 4


async def test_anything_can_be_recorded_with_its_details(db: Database) -> None:
    async with db.write() as session:
        await record_audit(session, service.SYSTEM, "settings.changed", Target("setting", "hours"), {"by": 2})
    assert await lines(db, "settings.changed") == [("settings.changed", None, "hours", {"by": 2})]


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_migrated_database_is_guarded_too(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sqlite = kind == "sqlite"
    url = f"sqlite:///{tmp_path / 'desk.db'}" if sqlite else request.getfixturevalue("scratch_postgres")
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        if not sqlite:  # beside the tables of the other tests, and rolled back at the end
            connection.exec_driver_sql("CREATE SCHEMA migrated")
            connection.exec_driver_sql("SET LOCAL search_path TO migrated")
        setup = config()
        setup.attributes["connection"] = connection
        command.upgrade(setup, "head")
        connection.exec_driver_sql(
            "INSERT INTO audit (id, at, actor_type, action, target_type, detail) "
            "VALUES ('1', '2026-11-23', 'system', 'x', 'x', '{}')"
        )
        with pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql("DELETE FROM audit")
