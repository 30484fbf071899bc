"""The accounts over HTTP, on SQLite and on PostgreSQL, with the permanent cast.

Ada is an admin, Sam a supervisor, Bea and Chen are agents. Otto works nowhere here: he must see nothing.
"""

import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from counting_hasher import CountingHasher
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from staff_browsers import PASSWORD, Browsers

from accounts import passwords, service
from accounts.router import router
from calendars.clock import clock_router, make_clock
from server.bus import LocalBus
from server.db import Base, Database
from server.errors import install_error_handlers
from server.settings import Settings


@pytest.fixture(scope="session")
def scratch_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of a database made for this run, dropped at its end."""
    server = make_url(postgres_url).set(drivername="postgresql+psycopg", database="postgres")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"deskhand_accounts_{secrets.token_hex(5)}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = server.set(database=name).render_as_string(hide_password=False)
    _make_tables(url)
    yield url
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("accounts") / "empty.db"
    _make_tables(f"sqlite:///{path}")
    return path


def _make_tables(url: str) -> None:
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


def _empty(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        # Not even the tests may empty the audit log, unless its guard is told to look away.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        names = sa.inspect(connection).get_table_names()
        connection.exec_driver_sql(f"TRUNCATE {', '.join(names)}")
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with all tables."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "desk.db")
        url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    else:
        url = request.getfixturevalue("scratch_postgres")
        _empty(url)
    database = Database(url, LocalBus())
    yield database
    await database.close()


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is, only with less work: hundreds of sign-ins must not cost a minute."""
    monkeypatch.setattr(
        passwords, "hasher", passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "hasher", counting)
    return counting


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(deskhand_env="test", data_dir=tmp_path)


@pytest.fixture
async def people(db: Database) -> dict[str, str]:
    """Ids by name."""
    hashed = await passwords.hash_password(PASSWORD)
    cast: list[tuple[str, Any, list[str], list[str]]] = [
        ("ada", "admin", ["en"], []),
        ("sam", "supervisor", ["en", "zh"], ["complaints"]),
        ("bea", "agent", ["en"], ["returns", "delivery"]),
        ("chen", "agent", ["zh", "en"], ["returns"]),
    ]
    ids = {}
    async with db.write() as session:
        for name, role, languages, skills in cast:
            new = service.NewUser(
                email=f"{name}@desk.example",
                name=name.title(),
                role=role,
                password_hash=hashed,
                languages=languages,
                skills=skills,
            )
            ids[name] = (await service.create_user(session, new)).id
    return ids


@pytest.fixture
def app(db: Database, settings: Settings) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(router)
    app.include_router(clock_router(settings))
    app.state.db, app.state.bus, app.state.settings = db, db.bus, settings
    app.state.clock = make_clock(settings)
    return app


@pytest.fixture
async def browsers(app: FastAPI) -> AsyncIterator[Browsers]:
    made = Browsers(app)
    yield made
    await made.close()
