"""What changes the look-ups that admins declare; nobody overwrites anybody, and the audit log tells."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from accounts.service import Doer, Target, record_audit
from lookups import queries
from lookups.checks import check
from lookups.guard import InternalHosts
from lookups.models import VERSION, LookUp
from lookups.schemas import LookUpIn
from lookups.url_template import UrlTemplate
from server.db import WriteSession, bump
from server.errors import Conflict, Malformed, NotFound

STORED = tuple(name for name in LookUpIn.model_fields if name != "inbox")


@dataclass(frozen=True, slots=True)
class Change:
    """Fields to change, given the version that was read."""

    version: int
    fields: dict[str, Any]


async def create(session: WriteSession, wanted: LookUpIn, *, internal: InternalHosts, by: Doer) -> LookUp:
    """Raises Malformed with every fault, or Conflict `name-taken`."""
    check(wanted, internal)
    row = LookUp(version=1, updated_by=by.id)
    await _store(session, row, wanted)
    await _tell(session, row, by, "look_up.created", {})
    return row


async def change(
    session: WriteSession, look_up_id: str, asked: Change, *, internal: InternalHosts, by: Doer
) -> LookUp:
    """Raises NotFound, Conflict `stale` or `name-taken`, Malformed.

    A secret belongs to the host it was given for: where the address moves, it has to be given anew, so that
    nobody who may not read it can have it sent to themselves.
    """
    row, inbox = await _locked(session, look_up_id, asked.version)
    before: dict[str, Any] = {name: getattr(row, name) for name in STORED} | {"inbox": inbox}
    wanted = LookUpIn.model_validate(before | asked.fields)
    url = check(wanted, internal)
    moved = UrlTemplate.parse(row.url_template).origin != url.origin
    if moved and row.secret is not None and "secret" not in asked.fields:
        message = "The address leads to another host now. Give the secret again, or take it away."
        fault = {"field": "secret", "message": message}
        raise Malformed(message, type="look-up-faults", faults=[fault])
    after = wanted.model_dump()
    changed = sorted(name for name in before if before[name] != after[name])
    row.version, row.updated_by = row.version + 1, by.id
    await _store(session, row, wanted)
    await _tell(session, row, by, "look_up.changed", {"changed": changed})
    return row


async def remove(session: WriteSession, look_up_id: str, version: int, *, by: Doer) -> None:
    """Raises NotFound or Conflict `stale`."""
    row, _ = await _locked(session, look_up_id, version)
    await session.delete(row)
    await _tell(session, row, by, "look_up.deleted", {})


async def _locked(session: WriteSession, look_up_id: str, version: int) -> tuple[LookUp, str | None]:
    row = await session.get(LookUp, look_up_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.version != version:
        raise Conflict("Somebody has changed this look-up meanwhile. Please load it again.", type="stale")
    found = await queries.with_inbox(session, look_up_id)
    return row, found[1] if found else None


async def _store(session: WriteSession, row: LookUp, wanted: LookUpIn) -> None:
    values = wanted.model_dump()
    inbox = values.pop("inbox")
    row.inbox_id = await queries.inbox_id_of(session, inbox) if inbox else None
    if inbox and row.inbox_id is None:
        message = "There is no inbox of this name."
        raise Malformed(message, type="look-up-faults", faults=[{"field": "inbox", "message": message}])
    for name, value in values.items():
        setattr(row, name, value)
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        raise Conflict(f"There is a look-up named {wanted.name} already.", type="name-taken") from None


async def _tell(session: WriteSession, row: LookUp, by: Doer, action: str, detail: dict[str, Any]) -> None:
    await record_audit(session, by, action, Target("look_up", row.id), {"name": row.name, **detail})
    await bump(session, VERSION)
