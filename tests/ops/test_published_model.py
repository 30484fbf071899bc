"""The published model: fetched by its ETag with the internal token, and never replaced by a broken one."""

import hashlib
import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from assistant.models import AssistantModel
from assistant.published_model import KEPT, BrokenArchive, model_router, publish_model, published_model
from server.bus import LocalBus
from server.db import Base, Database
from server.errors import install_error_handlers

TOKEN = "from-rasa"
TABLES = [Base.metadata.tables[AssistantModel.__tablename__]]


def archive(content: bytes = b"weights") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for name, data in (("metadata.json", b"{}"), ("components/nlu", content)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return packed.getvalue()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'models.db'}", LocalBus())
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: Base.metadata.create_all(sync, tables=TABLES))
    yield database
    await database.close()


@pytest.fixture
async def rasa(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the internal token, as Rasa does."""
    app = FastAPI()
    app.state.db = database
    app.include_router(model_router(TOKEN))
    install_error_handlers(app)
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://app", headers=headers) as client:
        yield client


async def publish(database: Database, content: bytes, fingerprint: str = "f") -> None:
    async with database.write() as session:
        await publish_model(session, archive=content, fingerprint=fingerprint)


async def test_before_the_first_training_there_is_no_model(rasa: httpx.AsyncClient) -> None:
    assert (await rasa.get("/internal/model")).status_code == 404


async def test_rasa_fetches_the_model_once_and_again_when_it_changed(
    database: Database, rasa: httpx.AsyncClient
) -> None:
    model = archive(b"first")
    await publish(database, model)
    first = await rasa.get("/internal/model")
    assert first.status_code == 200
    assert first.content == model
    assert first.headers["filename"].endswith(".tar.gz")

    same = await rasa.get("/internal/model", headers={"If-None-Match": first.headers["etag"]})
    assert same.status_code == 204
    assert same.content == b""

    await publish(database, archive(b"second"))
    changed = await rasa.get("/internal/model", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] == f'"{hashlib.sha256(changed.content).hexdigest()}"'


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
async def test_without_the_internal_token_nothing_is_given(
    database: Database, rasa: httpx.AsyncClient, authorization: str
) -> None:
    await publish(database, archive())
    answer = await rasa.get("/internal/model", headers=[(b"Authorization", authorization.encode())])
    assert answer.status_code == 401
    assert b"weights" not in answer.content


@pytest.mark.parametrize(
    "broken",
    [b"", b"not an archive", archive()[:-30], archive()[:40], archive().replace(b"\x1f\x8b", b"\x00\x00", 1)],
    ids=["empty", "text", "cut", "stump", "no gzip"],
)
async def test_a_broken_archive_is_refused_and_the_old_model_stays(database: Database, broken: bytes) -> None:
    await publish(database, archive(b"good"), fingerprint="good")
    with pytest.raises(BrokenArchive):
        await publish(database, broken, fingerprint="broken")
    async with database.read() as session:
        model = await published_model(session)
    assert model is not None
    assert model.fingerprint == "good"


async def test_an_archive_without_rasas_metadata_is_refused(database: Database) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        opened.addfile(tarfile.TarInfo("holiday.jpg"))
    with pytest.raises(BrokenArchive, match=r"metadata\.json"):
        await publish(database, packed.getvalue())


async def test_old_models_do_not_pile_up(database: Database) -> None:
    for number in range(KEPT + 3):
        await publish(database, archive(str(number).encode()), fingerprint=str(number))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(AssistantModel)) == KEPT
        newest = await published_model(session)
    assert newest is not None
    assert newest.fingerprint == str(KEPT + 2)
