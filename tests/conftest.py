"""Fixtures that all tests share: a fresh database on SQLite and on PostgreSQL, and what must be installed."""

import asyncio
import os
import shutil
import socket
from urllib.parse import urlsplit

import pytest

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
STRICT = os.environ.get("CI") == "true"


def _reachable(url, default_port):
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default_port), timeout=2):
            return True
    except OSError:
        return False


def _missing():
    """What is not here, by marker, with the words that a skipped test shows."""
    absent = {}
    if not _reachable(POSTGRES, 5432):
        absent["postgres"] = "no PostgreSQL at TEST_POSTGRES_URL"
    if not _reachable(REDIS, 6379):
        absent["redis"] = "no Redis at TEST_REDIS_URL"
    if not shutil.which(CHROMIUM):
        absent["browser"] = "no Chromium (set CHROMIUM to its path)"
    return absent


def pytest_configure(config):
    """Plain log lines: the pretty ones of a terminal cost seconds for each traceback."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )


def pytest_collection_modifyitems(config, items):
    absent = _missing()
    wanted = {marker.name for item in items for marker in item.iter_markers()}
    needed = {name: why for name, why in absent.items() if name in wanted}
    if needed and STRICT:
        raise pytest.UsageError("CI needs everything: " + "; ".join(needed.values()))
    for item in items:
        for name, why in needed.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"{item.name}: {why}"))


@pytest.fixture(scope="session")
def postgres_url():
    return POSTGRES


@pytest.fixture(scope="session")
def redis_url():
    return REDIS


@pytest.fixture(scope="session")
def chromium():
    return CHROMIUM


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A SQLite file with all tables and the cast of `world`, to be copied for each test."""
    from databases import Template, make_tables
    from world import seed_cast

    from server.bus import LocalBus
    from server.db import Database

    path = tmp_path_factory.mktemp("template") / "desk.db"
    make_tables(f"sqlite:///{path}")

    async def fill():
        database = Database(f"sqlite+aiosqlite:///{path}", LocalBus())
        await seed_cast(database)
        await database.close()

    asyncio.run(fill())
    made = Template(path)
    made.remember()
    return made


@pytest.fixture(scope="session")
def scratch_postgres(postgres_url, template):
    from databases import ScratchPostgres

    with ScratchPostgres(postgres_url, template).made() as scratch:
        yield scratch


@pytest.fixture
def sqlite_url(template, tmp_path):
    return template.copy_to(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db_url(request):
    """A database in its first state: SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("scratch_postgres").fresh()


@pytest.fixture
async def world(db_url):
    """One installation with its cast; at the end every conversation must still make sense."""
    from invariants import check_everything
    from world import World

    made = await World(db_url).begin()
    yield made
    await check_everything(made)
    await made.end()


@pytest.fixture
async def site(world):
    """The public app on that installation, with a browser for each of the cast."""
    from public_site import open_site

    async with open_site(world) as made:
        yield made
