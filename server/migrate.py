"""Bringing the database to this version of the product, and refusing one that a newer version has written."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from chat.models import Inbox
from chat.texts import seed
from server.bus import LocalBus
from server.db import Database, WriteSession
from server.settings import Settings
from server.wording import load_wording

FOLDER = Path(__file__).parent / "migrations"
_UNREACHABLE = "The database cannot be reached ({}). Is it running, and is DATABASE_URL right?"
_NEWER = "The database was written by a newer version of Deskhand. Start that version, or restore a backup."


class CannotMigrate(Exception):
    """The database cannot be used by this version; the words say what to do."""


def migrate(settings: Settings) -> bool:
    """Bring the schema up to date and add new wording; whether anything was changed.

    Raises CannotMigrate where the database is out of reach or was written by a newer version.
    """
    return asyncio.run(_migrate(settings))


async def _migrate(settings: Settings) -> bool:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.db_url, LocalBus())
    try:
        try:
            async with database.engine.connect() as connection:
                changed = await connection.run_sync(_upgrade)
                await connection.commit()
        except (OperationalError, OSError) as error:
            raise CannotMigrate(_UNREACHABLE.format(type(error).__name__)) from error
        async with database.write() as session:
            seeded = await seed(session, load_wording())
            made = await _default_inbox(session)
    finally:
        await database.close()
    return changed or bool(seeded) or made


async def _default_inbox(session: WriteSession) -> bool:
    if await session.scalar(select(Inbox.id).limit(1)):
        return False
    session.add(Inbox(key="default", name="Deskhand", languages=["en", "zh"]))
    return True


def check_current(settings: Settings) -> None:
    """Raises CannotMigrate unless the database is at exactly this version."""
    asyncio.run(_check(settings))


async def _check(settings: Settings) -> None:
    database = Database(settings.db_url, LocalBus())
    try:
        async with database.engine.connect() as connection:
            current = await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision()
            )
    except (OperationalError, OSError) as error:
        raise CannotMigrate(_UNREACHABLE.format(type(error).__name__)) from error
    finally:
        await database.close()
    scripts = ScriptDirectory.from_config(config())
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise CannotMigrate(_NEWER)
    raise CannotMigrate("The database is not ready for this version. Run `deskhand migrate` first.")


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    return found


def _upgrade(connection: Connection) -> bool:
    """Run the missing migrations in one transaction."""
    setup = config()
    scripts = ScriptDirectory.from_config(setup)
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise CannotMigrate(_NEWER)
    if current == scripts.get_current_head():
        return False
    setup.attributes["connection"] = connection
    command.upgrade(setup, "head")
    return True
