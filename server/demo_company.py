"""`deskhand demo`: seeds the demo company once: people with random passwords, hours, inbox, articles."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

import yaml
from rich.progress import Progress
from sqlalchemy import select, update

from accounts.models import Agent
from accounts.passwords import hash_password
from accounts.service import SYSTEM, NewUser, create_team, create_user, name_workplace, set_members
from calendars.schemas import CalendarIn
from calendars.service import save_calendar
from chat.models import Inbox
from knowledge_base.encoder import LazyEncoder
from knowledge_base.imports import import_folder
from lookups.definitions import create as declare
from lookups.guard import InternalHosts
from lookups.queries import by_name as look_up_by_name
from lookups.schemas import LookUpIn
from server.bus import LocalBus
from server.db import Database, SharedState, WriteSession
from server.settings import ROOT, Settings

FOLDER = ROOT / "server" / "demo"
SEEDED = "demo"
LOOK_UPS = "demo_look_ups"
SHOP = InternalHosts.parse("demo-shop:80")
LOGINS = "demo-logins.txt"


def seed_demo(settings: Settings) -> bool:
    """Seed the demo company where that has not been done; whether anything was added.

    The logins are printed by `deskhand run` and kept in DATA_DIR/demo-logins.txt, readable by the owner only.
    """
    return asyncio.run(_seed(settings))


async def _seed(settings: Settings) -> bool:
    database = Database(settings.db_url, LocalBus())
    try:
        async with database.read() as session:
            if await session.get(SharedState, SEEDED):
                # A first seeding may have been interrupted; what is there already is left alone.
                await _articles(database, settings)
                await _look_ups(database)
                return False
        company = yaml.safe_load((FOLDER / "company.yml").read_text())
        logins = {person["email"]: secrets.token_urlsafe(9) for person in company["people"]}
        hashes = {email: await hash_password(password) for email, password in logins.items()}
        async with database.write() as session:
            session.add(SharedState(name=SEEDED, value={"company": company["name"]}, version=1))
            await name_workplace(session, company["name"])
            await _inbox(session, company)
            await _people(session, company, hashes)
        _write_logins(settings.data_dir / LOGINS, company["people"], logins)
        await _articles(database, settings)
        await _look_ups(database)
    finally:
        await database.close()
    return True


async def _articles(database: Database, settings: Settings) -> None:
    """Import the help articles, with a bar: the encoder takes some seconds for them."""
    encoder = LazyEncoder(settings.embedding_model)
    try:
        with Progress(transient=True) as progress:
            task = progress.add_task("Reading the demo's articles", total=None)
            report = await import_folder(
                database,
                encoder,
                FOLDER / "articles",
                author="demo",
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
    finally:
        encoder.close()
    if report.failed:
        raise ValueError(f"The demo's articles are broken: {report.failed}")


async def _look_ups(database: Database) -> None:
    """Declare what the demo's assistant may ask the demo shop, once: who deletes it meant it."""
    async with database.read() as session:
        if await session.get(SharedState, LOOK_UPS):
            return
    wanted = yaml.safe_load((FOLDER / "look_ups.yml").read_text())
    async with database.write() as session:
        session.add(SharedState(name=LOOK_UPS, value={}, version=1))
        for one in wanted:
            asked = LookUpIn.model_validate(one)
            if await look_up_by_name(session, asked.name, None) is None:
                await declare(session, asked, internal=SHOP, by=SYSTEM)


async def _inbox(session: WriteSession, company: dict[str, Any]) -> None:
    asked = company["calendar"]
    exceptions = [
        {"date": one["date"], "hours": one["hours"], "note": one["name"]} for one in asked["exceptions"]
    ]
    wanted = CalendarIn.model_validate({**asked, "exceptions": exceptions})
    calendar = await save_calendar(session, "default", wanted)
    inbox = await session.scalar(select(Inbox).where(Inbox.key == company["inbox"]["key"]))
    if inbox is None:
        inbox = Inbox(key=company["inbox"]["key"], name=company["name"])
        session.add(inbox)
    inbox.name = company["inbox"]["name"]
    inbox.languages = company["inbox"]["languages"]
    inbox.email = company["inbox"]["email"]
    inbox.bot_mode = company["inbox"]["bot_mode"]
    inbox.order_pattern = company["inbox"]["order_pattern"]
    inbox.products = _products(company)
    inbox.settings = {name: company["inbox"][name] for name in ("order_example", "region")}
    inbox.calendar_id = calendar.id


def _products(company: dict[str, Any]) -> list[dict[str, Any]]:
    """What is sold, with the Chinese name and the code as other names."""
    sold = {one["name"]: one for one in company["products"]}
    return [
        {"name": name, "aliases": [sold[name]["name_zh"], sold[name]["code"]] if name in sold else []}
        for name in company["inbox"]["product_names"]
    ]


async def _people(session: WriteSession, company: dict[str, Any], hashes: dict[str, str]) -> None:
    members: dict[str, list[str]] = {}
    for person in company["people"]:
        user = await create_user(
            session,
            NewUser(
                email=person["email"],
                name=person["name"],
                role=person["role"],
                password_hash=hashes[person["email"]],
                languages=person["languages"],
                skills=person["skills"],
                capacity=person["capacity"],
            ),
        )
        if "team" in person:
            members.setdefault(person["team"], []).append(user.id)
    for team in company["teams"]:
        made = await create_team(session, key=team["key"], name=team["name"], skills=team["skills"])
        await set_members(session, made.id, members.get(team["key"], []))
    # Whoever signs in to try the demo is there at once, without finding the switch first.
    await session.execute(update(Agent).where(Agent.capacity > 0).values(chosen_status="online"))


def _write_logins(path: Path, people: list[dict[str, Any]], logins: dict[str, str]) -> None:
    lines = [f"{one['role']:<11} {one['email']:<34} {logins[one['email']]}" for one in people]
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
