"""The published Rasa model: kept in the database, replaced as a whole, fetched by Rasa by its ETag."""

import hashlib
import hmac
import io
import tarfile
import zlib
from typing import Annotated

from fastapi import APIRouter, Header, Response
from sqlalchemy import select
from sqlalchemy.orm import defer

from assistant.models import AssistantModel
from server.db import Reading, ReadSession, WriteSession, utc_now
from server.errors import NotFound, Unauthorized

KEPT = 5
"""So many models stay in the table, the published one included: enough to look back, not enough to grow."""


class BrokenArchive(Exception):
    """The bytes are not a trained Rasa model; nothing was published."""


async def publish_model(session: WriteSession, *, archive: bytes, fingerprint: str) -> AssistantModel:
    """Make `archive` the model that every Rasa process fetches next.

    Raises BrokenArchive, and leaves the published model as it is, where the archive cannot be read.
    """
    check_archive(archive)
    model = AssistantModel(
        fingerprint=fingerprint,
        etag=hashlib.sha256(archive).hexdigest(),
        archive=archive,
        published_at=utc_now(),
    )
    session.add(model)
    await session.flush()
    older = select(AssistantModel).options(defer(AssistantModel.archive))
    for row in (await session.scalars(older.order_by(*_NEWEST_FIRST).offset(KEPT))).all():
        await session.delete(row)
    return model


async def published_model(session: ReadSession) -> AssistantModel | None:
    """The published model without its archive, which is loaded on request only."""
    published = select(AssistantModel).where(AssistantModel.published_at.is_not(None))
    newest = published.order_by(*_NEWEST_FIRST).limit(1)
    return await session.scalar(newest.options(defer(AssistantModel.archive)))


async def archive_of(session: ReadSession, model: AssistantModel) -> bytes:
    found = await session.scalar(select(AssistantModel.archive).where(AssistantModel.id == model.id))
    assert found is not None  # noqa: S101 - the row was read in this very transaction
    return found


def check_archive(archive: bytes) -> None:
    """Raises BrokenArchive unless every member can be read and Rasa's metadata is among them."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as opened:
            names = {member.name.removeprefix("./") for member in opened}
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BrokenArchive(f"The model's archive cannot be read: {error}") from error
    if "metadata.json" not in names:
        raise BrokenArchive("The archive is not a Rasa model: it has no metadata.json.")


def model_router(internal_token: str) -> APIRouter:
    """`GET /internal/model`: 200 with the archive, 204 where Rasa has it already, 404 where there is none.

    Rasa sends the ETag of what it has loaded as If-None-Match, every few seconds.
    """
    router = APIRouter()

    @router.get("/internal/model", include_in_schema=False)
    async def fetch_model(
        session: Reading,
        authorization: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {internal_token}".encode()):
            raise Unauthorized("The internal token is missing or wrong.")
        model = await published_model(session)
        if model is None:
            raise NotFound("No model has been published yet.")
        headers = {"ETag": f'"{model.etag}"', "filename": f"{model.etag[:16]}.tar.gz"}
        if if_none_match.strip('"') == model.etag:
            return Response(status_code=204, headers={"ETag": headers["ETag"]})
        archive = await archive_of(session, model)
        return Response(archive, media_type="application/gzip", headers=headers)

    return router


_NEWEST_FIRST = (AssistantModel.published_at.desc(), AssistantModel.id.desc())
