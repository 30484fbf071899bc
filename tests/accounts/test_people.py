"""What the console reads: oneself, the people, the agents of the transfer menu, the teams."""

import pytest
from sqlalchemy import select, update
from staff_browsers import PASSWORD, Browsers

from accounts import queries, service
from accounts.models import Agent
from accounts.passwords import hash_password
from server.db import Database, db_now
from server.errors import Conflict, Malformed


async def test_me_is_complete(people: dict[str, str], db: Database, browsers: Browsers) -> None:
    async with db.write() as session:
        await service.name_workplace(session, "Hearth & Hollow")
        await service.name_workplace(session, "Hearth & Hollow B.V.")
    bea = await browsers.signed_in("bea")
    assert (await bea.http.get("/api/me")).json() == {
        "id": people["bea"],
        "email": "bea@desk.example",
        "name": "Bea",
        "role": "agent",
        "permissions": [
            "conversations.read",
            "conversations.write",
            "customers.read",
            "customers.write",
            "kb.read",
            "texts.read",
            "tickets.read",
            "tickets.write",
        ],
        "languages": ["en"],
        "skills": ["returns", "delivery"],
        "presence": {"status": "offline", "load": 0, "capacity": 4},
        "workplace": {"name": "Hearth & Hollow B.V."},
    }


async def test_people_are_listed_page_by_page_without_their_secrets(
    people: dict[str, str], browsers: Browsers
) -> None:
    http = (await browsers.signed_in("ada")).http
    seen, after = [], ""
    while after is not None:
        page = (await http.get("/api/users", params={"limit": 3, "after": after})).json()
        seen += page["items"]
        after = page["next"]
    assert [one["id"] for one in seen] == sorted(people.values())
    assert set(seen[0]) == {"id", "email", "name", "role", "languages", "active", "created_at"}
    assert seen[0]["created_at"].endswith("Z")
    whole = (await http.get("/api/users", params={"limit": 4})).json()
    assert len(whole["items"]) == 4
    assert whole["next"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "after=%00", "after=a'--", "after=" + "a" * 65]
)
async def test_a_strange_page_is_refused(people: dict[str, str], browsers: Browsers, query: str) -> None:
    http = (await browsers.signed_in("ada")).http
    for path in ("users", "agents", "teams"):
        assert (await http.get(f"/api/{path}?{query}")).status_code == 422


async def test_the_transfer_menu_shows_who_is_really_there(
    people: dict[str, str], db: Database, browsers: Browsers
) -> None:
    bea, chen = await browsers.signed_in("bea"), await browsers.signed_in("chen")
    await bea.http.put("/api/me/presence", json={"status": "online"})
    await chen.http.put("/api/me/presence", json={"status": "online"})
    async with db.write() as session:
        await session.execute(
            update(Agent).where(Agent.user_id == people["bea"]).values(seen_until=db_now(-1))
        )
        await service.deactivate(session, people["sam"], actor=service.SYSTEM)

    items = (await chen.http.get("/api/agents")).json()["items"]

    assert {one["id"]: one["status"] for one in items} == {
        people["ada"]: "offline",
        people["bea"]: "offline",
        people["chen"]: "online",
    }
    assert items[-1] == {
        "id": people["chen"],
        "name": "Chen",
        "status": "online",
        "languages": ["zh", "en"],
        "skills": ["returns"],
        "load": 0,
        "capacity": 4,
    }
    async with db.read() as session:
        (online,) = await queries.agents_online(session)
    assert (online.id, online.free, online.languages) == (people["chen"], 4, ("zh", "en"))


async def test_teams_and_their_members(people: dict[str, str], db: Database, browsers: Browsers) -> None:
    async with db.write() as session:
        orders = await service.create_team(
            session,
            key="orders",
            name="Orders",
            skills=["delivery"],
            member_ids=[people["bea"], people["bea"]],
        )
        await service.create_team(session, key="products", name="Products", member_ids=[people["chen"]])
        for name in ("bea", "chen"):
            await service.set_presence(session, people[name], "online", offline_after_s=45)
    async with db.read() as session:
        assert [one.name for one in await queries.agents_online(session, team_id=orders.id)] == ["Bea"]
    items = (await (await browsers.signed_in("bea")).http.get("/api/teams")).json()["items"]
    assert [(one["key"], one["name"], one["skills"]) for one in items] == [
        ("orders", "Orders", ["delivery"]),
        ("products", "Products", []),
    ]


async def test_an_address_belongs_to_one_person(people: dict[str, str], db: Database) -> None:
    hashed = await hash_password(PASSWORD)

    async def add(email: str) -> None:
        async with db.write() as session:
            new = service.NewUser(email=email, name="Bea II", role="agent", password_hash=hashed)
            await service.create_user(session, new)

    with pytest.raises(Conflict) as refused:
        await add(" BEA@desk.example")
    assert refused.value.type == "email-taken"
    for wrong in (
        "",
        "bea",
        "@",
        "a@",
        "a b@desk.example",
        "a\x00@desk.example",
        "a" * 320 + "@desk.example",
    ):
        with pytest.raises(Malformed):
            await add(wrong)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
async def test_a_password_has_a_sensible_length(password: str) -> None:
    with pytest.raises(Malformed):
        await hash_password(password)


async def test_only_those_who_answer_customers_are_agents(people: dict[str, str], db: Database) -> None:
    hashed = await hash_password(PASSWORD)
    async with db.write() as session:
        new = service.NewUser(email="edo@desk.example", name="Edo", role="editor", password_hash=hashed)
        edo = await service.create_user(session, new)
    async with db.write() as session:
        assert await session.scalar(select(Agent).where(Agent.user_id == edo.id)) is None
        await service.change_role(session, edo.id, "agent", actor=service.staff_actor(people["ada"]))
    async with db.read() as session:
        agent = await queries.agent_of(session, edo.id)
        assert agent is not None
        assert agent.chosen_status == "offline"
