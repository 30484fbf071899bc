"""Endpoints for signing in, for oneself, and for the lists of people, agents and teams."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from accounts import access, queries, schemas, service
from accounts.access import SignedIn, Staff, require
from accounts.models import Team, User
from server.bus import Bus
from server.db import Database, Reading, ReadSession, Writing
from server.errors import Unauthorized
from server.settings import Settings

auth = APIRouter(prefix="/api/auth", tags=["accounts"], dependencies=[Depends(access.same_origin)])
staff = access.staff_router("/api", tags=["accounts"])

Page = TypeVar("Page", schemas.UserPage, schemas.AgentPage, schemas.TeamPage)

After = Annotated[str, Query(pattern=r"^[0-9a-fA-F-]*$", max_length=64)]
Limit = Annotated[int, Query(ge=1, le=200)]
PeopleReader = Annotated[Staff, Depends(require("users.read"))]
ConversationReader = Annotated[Staff, Depends(require("conversations.read"))]
Answering = Annotated[Staff, Depends(require("conversations.write"))]


@auth.post("/login")
async def log_in(request: Request, response: Response, body: schemas.LoginIn) -> schemas.MeOut:
    settings: Settings = request.app.state.settings
    db: Database = request.app.state.db
    bus: Bus = request.app.state.bus
    attempt = service.Attempt(
        email=body.email,
        password=body.password,
        ip=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        presented=access.session_token(request),
    )
    token = await service.log_in(db, bus, attempt)
    access.set_session_cookie(response, settings, token)
    response.headers["Cache-Control"] = "no-store"
    async with db.read() as session:
        person = await access.staff_by_token(session, token)
        if person is None:  # deactivated in this very moment
            raise Unauthorized()
        return await _me(session, person)


@auth.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, session: Writing) -> None:
    await service.log_out(session, access.session_token(request))
    access.clear_session_cookie(response, request.app.state.settings)


@staff.get("/me")
async def me(person: SignedIn, session: Reading) -> schemas.MeOut:
    return await _me(session, person)


@staff.put("/me/presence")
async def choose_presence(
    request: Request, person: Answering, body: schemas.PresenceIn, session: Writing
) -> schemas.PresenceOut:
    settings: Settings = request.app.state.settings
    await service.set_presence(session, person.id, body.status, offline_after_s=settings.offline_after_s)
    return await _presence(session, person.id)


@staff.get("/users")
async def users(
    person: PeopleReader, session: Reading, after: After = "", limit: Limit = 50
) -> schemas.UserPage:
    rows = await queries.users_page(session, after=after, limit=limit)
    return _page(schemas.UserPage, rows, limit)


@staff.get("/agents")
async def agents(
    person: ConversationReader, session: Reading, after: After = "", limit: Limit = 200
) -> schemas.AgentPage:
    rows = await queries.agents_page(session, after=after, limit=limit)
    return _page(schemas.AgentPage, rows, limit)


@staff.get("/teams")
async def teams(
    person: ConversationReader, session: Reading, after: After = "", limit: Limit = 200
) -> schemas.TeamPage:
    rows = await queries.teams_page(session, after=after, limit=limit)
    return _page(schemas.TeamPage, rows, limit)


router = APIRouter()
router.include_router(auth)
router.include_router(staff)


def _page(
    shape: type[Page], rows: Sequence[User] | Sequence[Team] | Sequence[queries.AgentNow], limit: int
) -> Page:
    """At most `limit` rows; the cursor is the last one's id, if the extra row says that there are more."""
    more = rows[limit - 1].id if len(rows) > limit else None
    return shape.model_validate({"items": rows[:limit], "next": more}, from_attributes=True)


async def _me(session: ReadSession, person: Staff) -> schemas.MeOut:
    agent = await queries.agent_of(session, person.id)
    return schemas.MeOut(
        id=person.id,
        email=person.email,
        name=person.name,
        role=person.role,
        permissions=sorted(person.permissions),
        languages=list(person.languages),
        skills=agent.skills if agent else [],
        presence=await _presence(session, person.id),
        workplace=schemas.WorkplaceOut(name=await queries.workplace_name(session)),
    )


async def _presence(session: ReadSession, user_id: str) -> schemas.PresenceOut:
    agent = await queries.agent_of(session, user_id)
    if agent is None:
        return schemas.PresenceOut(status="offline", load=0, capacity=0)
    return schemas.PresenceOut.model_validate(agent)
