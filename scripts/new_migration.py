"""Writes the next migration from what the models have changed: `python scripts/new_migration.py TITLE`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from server.bus import LocalBus
from server.db import Database
from server.migrate import config
from server.migrations import VERSIONS


async def _write(message: str) -> None:
    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'scratch.db'}", LocalBus())

        def generate(connection: Connection) -> None:
            setup = config()
            setup.attributes["connection"] = connection
            if number != "0001":
                command.upgrade(setup, "head")
            command.revision(setup, message=message, autogenerate=True, rev_id=number)

        async with database.engine.connect() as connection:
            await connection.run_sync(generate)
        await database.close()


if __name__ == "__main__":
    asyncio.run(_write(" ".join(sys.argv[1:])))
