"""The tickets' routers over HTTP on real databases, with the permanent cast."""

import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from accounts.models import StaffSession, User
from accounts.queries import token_hash
from chat.access import hash_token
from chat.models import Conversation, Customer, Inbox, Organisation, VisitorSession, WordingText
from server.bus import LocalBus
from server.db import Base, Database, new_id, utc_now
from server.errors import install_error_handlers
from server.settings import Settings
from tickets.router import router, visitor_router

ORIGIN = "http://127.0.0.1:8000"
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A scratch database of its own, dropped at the end."""
    admin = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    name = f"deskhand_tickets_{secrets.token_hex(5)}"
    try:
        with admin.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    except sa.exc.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no PostgreSQL server answers")
    url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    engine = sa.create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables and no rows, made once and copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "desk.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> str:
    """An empty database with all tables: SQLite and PostgreSQL in turn."""
    if request.param == "sqlite":
        shutil.copy(empty_file, tmp_path / "desk.db")
        return f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    found: str = request.getfixturevalue("postgres_url")
    engine = sa.create_engine(found)
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != "audit":  # refuses, and nobody depends on it
                connection.execute(table.delete())
    engine.dispose()
    return found


@pytest.fixture
def happened() -> list[Any]:
    """What was emitted within the transactions, in order."""
    return []


@pytest.fixture
async def db(url: str, happened: list[Any]) -> AsyncIterator[Database]:
    async def remember(session: Any, event: Any) -> None:
        happened.append(event)

    database = Database(url, LocalBus(), listeners=[remember])
    yield database
    await database.close()


@pytest.fixture
async def app(db: Database, tmp_path: Path) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(router)
    app.include_router(visitor_router)
    app.state.db, app.state.bus = db, db.bus
    app.state.settings = Settings(deskhand_env="test", data_dir=tmp_path)
    return app


@dataclass
class Someone:
    """One of the cast: who they are, and their way in."""

    http: httpx.AsyncClient
    id: str | None
    ids: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.post(path, json={"client_id": new_id(), **body})

    async def patch(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.patch(path, json=body)


@dataclass
class Cast:
    """Alice is the customer, Dora works with her; Bob is an agent, Quinn only reads, Ed writes articles;

    Charlie is somebody else's customer and must see nothing; Eve has opened the page and said nothing yet.
    """

    alice: Someone
    dora: Someone
    charlie: Someone
    eve: Someone
    bob: Someone
    quinn: Someone
    ed: Someone
    inbox_id: str

    async def ticket(self, **more: Any) -> dict[str, Any]:
        """A ticket of Alice's, made by Bob."""
        body = {"description": "The kettle's lid is cracked.", "customer_id": self.alice.id, **more}
        answer = await self.bob.post("/api/tickets", **body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@pytest.fixture
async def cast(app: FastAPI, db: Database) -> AsyncIterator[Cast]:
    opened: list[httpx.AsyncClient] = []

    def browser(**headers: str) -> httpx.AsyncClient:
        # A failure of the server must come back as its answer, as it would over a wire.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        opened.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
        return opened[-1]

    async with db.write() as session:
        inbox = Inbox(id=new_id(), key="default", name="Demo", order_pattern=r"HH-\d{6}|55000\d{11}")
        other_inbox = Inbox(id=new_id(), key="other", name="Other brand")
        firm = Organisation(id=new_id(), name="Firm")
        session.add_all([inbox, other_inbox, firm])
        await session.flush()
        _wordings(session)

        async def visitor(name: str, *, organisation: str | None = None, silent: bool = False) -> Someone:
            ids: dict[str, str] = {}
            customer = None
            if not silent:
                customer = Customer(id=new_id(), name=name, language="en", organisation_id=organisation)
                session.add(customer)
                await session.flush()
                talk = Conversation(
                    id=new_id(), inbox_id=inbox.id, customer_id=customer.id, client_id=new_id()
                )
                session.add(talk)
                ids["conversation"] = talk.id
            token = secrets.token_urlsafe(32)
            session.add(
                VisitorSession(
                    token_hash=hash_token(token),
                    inbox_id=inbox.id,
                    customer_id=customer.id if customer else None,
                    expires_at=utc_now() + timedelta(days=90),
                )
            )
            http = browser(Authorization=f"Bearer {token}")
            return Someone(http, customer.id if customer else None, ids)

        async def staff(name: str, role: str) -> Someone:
            user = User(email=f"{name.lower()}@desk.example", name=name, password_hash="-", role=role)
            session.add(user)
            await session.flush()
            token, now = secrets.token_urlsafe(32), utc_now()
            end = now + timedelta(hours=8)
            session.add(
                StaffSession(
                    token_hash=token_hash(token),
                    user_id=user.id,
                    created_at=now,
                    expires_at=end,
                    ends_at=end,
                    last_seen_at=now,
                )
            )
            return Someone(browser(Origin=ORIGIN, Cookie=f"deskhand={token}"), user.id)

        found = Cast(
            alice=await visitor("Alice", organisation=firm.id),
            dora=await visitor("Dora", organisation=firm.id),
            charlie=await visitor("Charlie"),
            eve=await visitor("Eve", silent=True),
            bob=await staff("Bob", "agent"),
            quinn=await staff("Quinn", "quality"),
            ed=await staff("Ed", "editor"),
            inbox_id=inbox.id,
        )
    yield found
    for http in opened:
        await http.aclose()


def _wordings(session: Any) -> None:
    for locale, text in (("en", "Ticket {number} was made."), ("zh", "工单 {number} 已建立。")):
        session.add(WordingText(key="notice_ticket_created", locale=locale, text=text))


@pytest.fixture
def dump(db: Database, tmp_path: Path) -> Any:
    """Everything the database holds, as one text: every file of SQLite's, every row of PostgreSQL's."""

    async def everything() -> str:
        if db.is_sqlite:
            files = [path.read_bytes() for path in tmp_path.glob("desk.db*")]
            return b"\n".join(files).decode("utf-8", "replace")
        async with db.read() as session:
            tables = [re.sub(r"\W", "", name) for name in Base.metadata.tables]
            rows = [await session.scalars(sa.text(f'SELECT t::text FROM "{t}" t')) for t in tables]  # noqa: S608
            return "\n".join(str(row) for result in rows for row in result)

    return everything
