"""The tickets' routers over HTTP on real databases, with the permanent cast."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from world import ORIGIN, fixed_id, token_of

from accounts.models import StaffSession, User
from accounts.queries import token_hash
from chat.access import hash_token
from chat.models import Conversation, Customer, Organisation, VisitorSession
from server.bus import LocalBus
from server.db import Base, Database, WriteSession, new_id, utc_now
from server.errors import install_error_handlers
from server.settings import Settings
from tickets.router import router, visitor_router


@pytest.fixture
def happened() -> list[Any]:
    """What was emitted within the transactions, in order."""
    return []


@pytest.fixture
async def db(db_url: str, happened: list[Any]) -> AsyncIterator[Database]:
    async def remember(session: WriteSession, event: Any) -> None:
        happened.append(event)

    database = Database(db_url, LocalBus(), listeners=[remember])
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


class Browsers:
    """Clients of the app, closed together."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._opened: list[httpx.AsyncClient] = []

    def visitor(self, token: str) -> httpx.AsyncClient:
        return self._open({"Authorization": f"Bearer {token}"})

    def staff(self, token: str) -> httpx.AsyncClient:
        return self._open({"Origin": ORIGIN, "Cookie": f"deskhand={token}"})

    def _open(self, headers: dict[str, str]) -> httpx.AsyncClient:
        # A failure of the server must come back as its answer, as it would over a wire.
        transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
        self._opened.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
        return self._opened[-1]

    async def close(self) -> None:
        for http in self._opened:
            await http.aclose()


@pytest.fixture
async def cast(app: FastAPI, db: Database) -> AsyncIterator[Cast]:
    browsers = Browsers(app)
    async with db.write() as session:
        firm = Organisation(id=new_id(), name="Firm")
        session.add(firm)
        await session.flush()
        bob = await session.scalar(sa.select(User.id).where(User.name == "Bob"))
        found = Cast(
            alice=await _customer(session, browsers, "alice", firm.id),
            dora=await _customer(session, browsers, "dora", firm.id),
            charlie=await _customer(session, browsers, "charlie", None),
            eve=_silent_visitor(session, browsers),
            bob=Someone(browsers.staff(token_of("bob")), bob),
            quinn=await _staff(session, browsers, "Quinn", "quality"),
            ed=await _staff(session, browsers, "Ed", "editor"),
            inbox_id=fixed_id("inbox"),
        )
    yield found
    await browsers.close()


async def _customer(
    session: WriteSession, browsers: Browsers, name: str, organisation_id: str | None
) -> Someone:
    """One of the shared cast's visitors, who has already written once."""
    customer = Customer(id=new_id(), name=name.title(), language="en", organisation_id=organisation_id)
    session.add(customer)
    await session.flush()
    visitor = await session.get_one(VisitorSession, fixed_id(name))
    visitor.customer_id = customer.id
    talk = Conversation(id=new_id(), inbox_id=visitor.inbox_id, customer_id=customer.id, client_id=new_id())
    session.add(talk)
    return Someone(browsers.visitor(token_of(name)), customer.id, {"conversation": talk.id})


def _silent_visitor(session: WriteSession, browsers: Browsers) -> Someone:
    token, end = secrets.token_urlsafe(32), utc_now() + timedelta(days=90)
    inbox = fixed_id("inbox")
    session.add(VisitorSession(token_hash=hash_token(token), inbox_id=inbox, expires_at=end))
    return Someone(browsers.visitor(token), None)


async def _staff(session: WriteSession, browsers: Browsers, name: str, role: str) -> Someone:
    user = User(email=f"{name.lower()}@desk.example", name=name, password_hash="-", role=role)
    session.add(user)
    await session.flush()
    token, now = secrets.token_urlsafe(32), utc_now()
    end = now + timedelta(hours=8)
    times = {"created_at": now, "last_seen_at": now, "expires_at": end, "ends_at": end}
    session.add(StaffSession(token_hash=token_hash(token), user_id=user.id, **times))
    return Someone(browsers.staff(token), user.id)


@pytest.fixture
def dump(db: Database, tmp_path: Path) -> Any:
    """Everything the database holds, as one text: every file of SQLite's, every row of PostgreSQL's."""

    async def everything() -> str:
        if db.is_sqlite:
            files = [path.read_bytes() for path in tmp_path.glob("desk*.db*")]
            return b"\n".join(files).decode("utf-8", "replace")
        async with db.read() as session:
            rows = [
                await session.scalars(sa.text(f'SELECT t::text FROM "{name}" t'))  # noqa: S608
                for name in Base.metadata.tables
            ]
            return "\n".join(str(row) for result in rows for row in result)

    return everything
