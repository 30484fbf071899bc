"""Databases of the tests: SQLite files copied from a template, one scratch PostgreSQL database per run."""

import contextlib
import importlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.util import LRUCache

from server.db import Base, Database

importlib.import_module("server.tables")


class _CompiledOnce(LRUCache[Any, Any]):
    """Compiled statements by what they say, whichever engine they were first compiled for."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = {"sqlite": _CompiledOnce(2000), "postgresql": _CompiledOnce(2000)}


def share_compiled_statements(database: Database) -> Database:
    """Let all tests' engines of a kind share one cache: compiling anew was most of a test's time."""
    for engine in {database._readers.sync_engine, database._writers.sync_engine}:
        engine._compiled_cache = _compiled[engine.dialect.name]
    return database


def make_tables(url: str | URL) -> None:
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()


class Template:
    """A SQLite file with all tables and the rows that every test begins with."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def remember(self) -> None:
        """Read the rows, to be copied into other databases, and let the file be copied as it lies there."""
        engine = sa.create_engine(f"sqlite:///{self.path}")
        with engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
                if rows:
                    self.rows[table.name] = rows
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    def copy_to(self, folder: Path) -> str:
        """A database of one's own; its URL."""
        path = folder / f"desk-{secrets.token_hex(4)}.db"
        shutil.copy(self.path, path)
        return f"sqlite+aiosqlite:///{path}"


class ScratchPostgres:
    """A database made for this run, emptied and filled again for each test."""

    def __init__(self, server_url: str, template: Template) -> None:
        self.url = make_url(server_url.replace("postgresql://", "postgresql+psycopg://", 1))
        self._template = template
        self._engine: sa.Engine

    @contextlib.contextmanager
    def made(self) -> Iterator["ScratchPostgres"]:
        name = f"deskhand_test_{secrets.token_hex(5)}"
        server = sa.create_engine(self.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            # The tests kill clients, not the server: they need no commit to wait for the disk.
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
        self.url = self.url.set(database=name)
        make_tables(self.url)
        self._engine = sa.create_engine(self.url)
        try:
            yield self
        finally:
            self._engine.dispose()
            with server.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            server.dispose()

    def fresh(self) -> str:
        """Empty all tables, fill in the template's rows; the URL."""
        tables = Base.metadata.sorted_tables
        with self._engine.begin() as connection:
            # The audit log's own guard must look away, and the order of the tables need not matter.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("; ".join(str(sa.delete(table)) for table in tables))
            for table in tables:
                if rows := self._template.rows.get(table.name):
                    connection.execute(sa.insert(table), rows)
        return self.url.render_as_string(hide_password=False)
