"""The database: two kinds of session, the database's own clock, and rows that all processes share."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

import uuid_utils
from fastapi import Depends, Request
from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, TypeDecorator, event, func, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from server.bus import Announcement, Bus


def new_id() -> str:
    """A time-ordered UUID (version 7) as text: unguessable, and kind to the indexes."""
    return str(uuid_utils.uuid7())


def utc_now() -> datetime:
    return datetime.now(UTC)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no zone, so it is taken off and put back on the way."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class db_now(FunctionElement[datetime]):
    """The database's clock, plus some seconds: `db_now()`, `db_now(30)`.

    Leases and run times compare with this one clock, however wrong the clocks of the processes are.
    """

    inherit_cache = True
    type = UTCDateTime()

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(func.coalesce(float(seconds), 0.0))


@compiles(db_now, "postgresql")
def _now_postgresql(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(clock_timestamp() + make_interval(secs => CAST({seconds} AS double precision)))"


@compiles(db_now, "sqlite")
def _now_sqlite(element: db_now, compiler: SQLCompiler, **kw: Any) -> str:
    # The very text form in which SQLAlchemy stores a DateTime, so that `<` on text is `<` on time.
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({seconds}) || ' seconds')"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own spelling
        datetime: UTCDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


class SharedState(Base):
    """A small value that every process reads: a version to compare, the breaker, the test clock's offset."""

    __tablename__ = "shared_state"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Listener(Protocol):
    """Hears an event inside the transaction in which it happened."""

    async def __call__(self, session: "WriteSession", event: Any, /) -> None: ...


class ReadSession(AsyncSession):
    """Reads a consistent state and is rolled back at its end."""


class WriteSession(ReadSession):
    """Changes state: begun as a writer, committed at the edge, its announcements published after commit."""

    listeners: Sequence[Listener] = ()

    async def emit(self, happened: object) -> None:
        """Tell the folders above, within this transaction, what has happened."""
        for listener in self.listeners:
            await listener(self, happened)

    def announce(self, topic: str, payload: dict[str, Any]) -> None:
        """Publish `payload` on the bus once this transaction is committed."""
        self.info.setdefault("announcements", []).append(Announcement(topic, payload))


class Database:
    """Engines and sessions for one database URL.

    On SQLite, writers get an engine of their own with one connection and `BEGIN IMMEDIATE`: they wait in
    our pool instead of failing with "database is locked", and never hold up a reader.
    """

    def __init__(
        self, url: str, bus: Bus, *, pool_size: int = 10, listeners: Sequence[Listener] = ()
    ) -> None:
        self.url = url
        self.bus = bus
        self.listeners = list(listeners)
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self._readers = _sqlite_engine(url, begin="BEGIN", pool_size=pool_size)
            self._writers = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
        else:
            self._readers = self._writers = create_async_engine(
                url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
            )

    @property
    def engine(self) -> AsyncEngine:
        return self._writers

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        async with ReadSession(self._readers, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """One transaction: committed if the block ends well, then its announcements are published."""
        async with WriteSession(self._writers, expire_on_commit=False) as session:
            session.listeners = self.listeners
            yield session  # begins with its first statement: what comes before holds no lock
            await session.commit()
        await self.bus.publish_all(session.info.get("announcements", []))

    async def ping(self) -> bool:
        try:
            async with self.read() as session:
                await session.execute(select(1))
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def close(self) -> None:
        await self._readers.dispose()
        if self._writers is not self._readers:
            await self._writers.dispose()


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=60, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=10000",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def bump(session: WriteSession, name: str) -> None:
    """Raise a shared version, so that every process reloads what it keeps in memory."""
    row = await session.get(SharedState, name, with_for_update=True)
    if row is None:
        session.add(SharedState(name=name, value={}, version=1))
    else:
        row.version += 1
    await session.flush()


async def version_of(session: ReadSession, name: str) -> int:
    found = await session.scalar(select(SharedState.version).where(SharedState.name == name))
    return found or 0


def database(request: Request) -> Database:
    found: Database = request.app.state.db
    return found


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with database(request).read() as session:
        yield session


async def _write_session(request: Request) -> AsyncIterator[WriteSession]:
    async with database(request).write() as session:
        yield session


# scope="function": the commit happens before the answer is sent, so a failing commit is an error, not a 200.
Reading = Annotated[ReadSession, Depends(_read_session, scope="function")]
Writing = Annotated[WriteSession, Depends(_write_session, scope="function")]
