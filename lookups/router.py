"""The look-ups' endpoints, for admins: declare, change, remove, try out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from accounts.access import Staff, require, staff_router
from accounts.service import Target, record_audit, staff_actor
from chat.schemas import Page
from lookups import definitions, queries
from lookups.definitions import Change
from lookups.schemas import LookUpIn, LookUpOut, LookUpPatch, TrialFields, TrialIn, TrialOut, TrialTexts
from lookups.service import LookUps
from server.db import Database, Reading, ReadSession, Writing, database, utc_now
from server.errors import Malformed, NotFound

router: APIRouter = staff_router("/api/look-ups", tags=["look_ups"])

Reader = Annotated[Staff, Depends(require("settings.read"))]
Writer = Annotated[Staff, Depends(require("settings.write"))]
Db = Annotated[Database, Depends(database)]
RowCursor = Annotated[str, Query(max_length=36, pattern=r"^[A-Za-z0-9-]*$")]
SeenVersion = Annotated[int, Query(ge=1)]


def _look_ups(request: Request) -> LookUps:
    found: LookUps = request.app.state.look_ups
    return found


Shared = Annotated[LookUps, Depends(_look_ups)]


async def _out(session: ReadSession, look_up_id: str) -> LookUpOut:
    found = await queries.with_inbox(session, look_up_id)
    if found is None:
        raise NotFound
    return LookUpOut.of(*found)


@router.get("")
async def list_look_ups(
    staff: Reader,
    session: Reading,
    after: RowCursor = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Page[LookUpOut]:
    rows = await queries.page(session, after=after, limit=limit)
    items = [LookUpOut.of(*row) for row in rows[:limit]]
    return Page[LookUpOut](items=items, next=items[-1].id if len(rows) > limit else None)


@router.post("", status_code=201)
async def create_look_up(staff: Writer, shared: Shared, session: Writing, asked: LookUpIn) -> LookUpOut:
    """422 `look-up-faults` lists every fault as `faults: [{field, message}]`; 409 `name-taken`."""
    by = staff_actor(staff.id)
    row = await definitions.create(session, asked, internal=shared.guard.internal, by=by)
    return await _out(session, row.id)


@router.get("/{look_up_id}")
async def get_look_up(staff: Reader, session: Reading, look_up_id: str) -> LookUpOut:
    return await _out(session, look_up_id)


@router.patch("/{look_up_id}")
async def change_look_up(
    staff: Writer, shared: Shared, session: Writing, look_up_id: str, asked: LookUpPatch
) -> LookUpOut:
    """Counts with the next question. 409 `stale` for an old version, `name-taken`; 422 `look-up-faults`."""
    wanted = Change(asked.version, asked.changes())
    by = staff_actor(staff.id)
    row = await definitions.change(session, look_up_id, wanted, internal=shared.guard.internal, by=by)
    return await _out(session, row.id)


@router.delete("/{look_up_id}", status_code=204)
async def delete_look_up(staff: Writer, session: Writing, look_up_id: str, version: SeenVersion) -> None:
    await definitions.remove(session, look_up_id, version, by=staff_actor(staff.id))


@router.post("/{look_up_id}/trial")
async def try_look_up(staff: Writer, shared: Shared, db: Db, look_up_id: str, asked: TrialIn) -> TrialOut:
    """Asks the service now, with these inputs, switched on or not; 422 where an input lacks its value."""
    async with db.read() as session:
        declared = await _out(session, look_up_id)
    lacking = [name for name in declared.inputs if not asked.inputs.get(name)]
    if lacking:
        raise Malformed(f"A trial needs a value for {', '.join(lacking)}.")
    trial = await shared.try_out(look_up_id, {str(name): value for name, value in asked.inputs.items()})
    if trial is None:
        raise NotFound
    shown = trial.results["en"]
    async with db.write() as session:
        detail = {"name": declared.name, "state": shown.state, "cause": shown.cause_code}
        target = Target("look_up", look_up_id)
        await record_audit(session, staff_actor(staff.id), "look_up.tried", target, detail)
    return TrialOut.model_validate(
        {
            "state": shown.state,
            "cause": shown.cause,
            "cause_code": shown.cause_code,
            "took_ms": trial.took_ms,
            "fields": TrialFields(**{code: dict(one.fields) for code, one in trial.results.items()}),
            "missing": trial.missing,
            "text": TrialTexts(**{code: one.text for code, one in trial.results.items()}),
            "at": utc_now(),
        }
    )
