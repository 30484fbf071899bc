"""Calendars and the business clock on SQLite and on PostgreSQL."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from calendars import models  # noqa: F401 - its tables are needed
from server.bus import LocalBus
from server.db import Base, Database


@pytest.fixture(scope="session")
def scratch_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of a database made for this run, dropped at its end."""
    server = make_url(postgres_url).set(drivername="postgresql+psycopg", database="postgres")
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"deskhand_calendars_{secrets.token_hex(5)}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database with the tables of calendars and the shared state."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    else:
        url = request.getfixturevalue("scratch_postgres_url")
    tables = [Base.metadata.tables[name] for name in ("calendars", "calendar_exceptions", "shared_state")]
    database = Database(url, LocalBus())
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables)
        await connection.run_sync(Base.metadata.create_all, tables)
    yield database
    await database.close()
