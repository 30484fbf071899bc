"""The knowledge base on real databases, with a real encoder, and people with different rights."""

import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
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
from accounts.service import name_workplace
from chat.access import hash_token
from chat.models import Inbox, VisitorSession
from knowledge_base import help as help_pages
from knowledge_base.drafts import Draft
from knowledge_base.encoder import LazyEncoder
from knowledge_base.imports import import_folder
from knowledge_base.router import router, visitor_router
from knowledge_base.search import ArticleSearch
from server.bus import LocalBus
from server.db import Base, Database, new_id, utc_now
from server.errors import install_error_handlers
from server.settings import Settings

ORIGIN = "http://127.0.0.1:8000"
POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
MODEL = "packaged:all-MiniLM-L6-v2"
DEMO = Path(__file__).parents[2] / "server" / "demo" / "articles"


@pytest.fixture(scope="session")
def kb_postgres_url() -> Iterator[str]:
    """A scratch database of its own, dropped at the end."""
    url = make_url(POSTGRES)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    admin = sa.create_engine(
        url.set(database="postgres"), isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    name = f"deskhand_kb_{secrets.token_hex(5)}"
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    scratch = url.set(database=name).render_as_string(hide_password=False)
    engine = sa.create_engine(scratch)
    Base.metadata.create_all(engine)
    engine.dispose()
    yield scratch
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
    found: str = request.getfixturevalue("kb_postgres_url")
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


@pytest.fixture(scope="session")
def encoder() -> Iterator[LazyEncoder]:
    """The packaged sentence-transformers model, loaded once."""
    loaded = LazyEncoder(MODEL)
    yield loaded
    loaded.close()


@pytest.fixture
async def search(db: Database, encoder: LazyEncoder) -> ArticleSearch:
    return ArticleSearch(db, encoder)


@pytest.fixture
async def app(db: Database, search: ArticleSearch, tmp_path: Path) -> FastAPI:
    app = FastAPI()
    install_error_handlers(app)
    for one in (router, visitor_router, help_pages.router):
        app.include_router(one)
    app.state.db, app.state.bus, app.state.search = db, db.bus, search
    app.state.settings = Settings(deskhand_env="test", data_dir=tmp_path)
    return app


@dataclass
class Someone:
    """One of the cast, with their way in."""

    http: httpx.AsyncClient
    name: str = ""

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.http.get(path, params=query)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        # Escaped, so that half a surrogate gets through as it would from a careless client.
        headers = {"Content-Type": "application/json"}
        return await self.http.post(path, content=json.dumps(body), headers=headers)

    async def patch(self, path: str, **body: Any) -> httpx.Response:
        return await self.http.patch(path, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path)

    async def draft(self, **more: Any) -> dict[str, Any]:
        """A new draft of theirs."""
        body = {
            "client_id": new_id(),
            "title": "Return an item",
            "body": "Send it back within 30 days. The label is free.",
            "locale": "en",
            **more,
        }
        answer = await self.post("/api/kb/articles", **body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def publish(self, article: dict[str, Any]) -> dict[str, Any]:
        answer = await self.post(f"/api/kb/articles/{article['id']}/publication", version=article["version"])
        assert answer.status_code == 200, answer.text
        published: dict[str, Any] = answer.json()
        return published


@dataclass
class Cast:
    """Ed and Eva write and publish, Sam is a supervisor and only writes, Bob is an agent and only reads;

    Vera is a visitor, Charlie is nobody.
    """

    ed: Someone
    eva: Someone
    sam: Someone
    bob: Someone
    vera: Someone
    charlie: Someone


@pytest.fixture
async def cast(app: FastAPI, db: Database) -> AsyncIterator[Cast]:
    opened: list[httpx.AsyncClient] = []

    def browser(**headers: str) -> httpx.AsyncClient:
        # A failure of the server must come back as its answer, as it would over a wire.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        opened.append(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
        return opened[-1]

    async with db.write() as session:
        await name_workplace(session, "Hearth & Hollow")
        inbox = Inbox(id=new_id(), key="default", name="Demo")
        session.add(inbox)

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
            return Someone(browser(Origin=ORIGIN, Cookie=f"deskhand={token}"), name)

        await session.flush()
        token = secrets.token_urlsafe(32)
        session.add(
            VisitorSession(
                token_hash=hash_token(token), inbox_id=inbox.id, expires_at=utc_now() + timedelta(days=90)
            )
        )
        found = Cast(
            ed=await staff("Ed", "editor"),
            eva=await staff("Eva", "admin"),
            sam=await staff("Sam", "supervisor"),
            bob=await staff("Bob", "agent"),
            vera=Someone(browser(Authorization=f"Bearer {token}"), "Vera"),
            charlie=Someone(browser(Origin=ORIGIN), "Charlie"),
        )
    yield found
    for http in opened:
        await http.aclose()


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a Markdown article with front matter into a folder to import."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "articles"

    return written


@pytest.fixture
def put(db: Database, encoder: LazyEncoder, tmp_path: Path) -> Any:
    """Publishes drafts as an import does."""

    async def published(*drafts: Draft) -> None:
        from knowledge_base import service
        from knowledge_base.publishing import prepare

        prepared = await prepare(encoder, [(draft, draft.locale) for draft in drafts])
        async with db.write() as session:
            for draft, ready in zip(drafts, prepared, strict=True):
                await service.put_imported(session, draft, ready, author="test")

    return published


@pytest.fixture
async def demo(db: Database, encoder: LazyEncoder) -> Database:
    """The demo company's articles, published."""
    await import_folder(db, encoder, DEMO)
    return db
