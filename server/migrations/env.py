"""Alembic's entry: runs migrations on the connection that `server.migrate` passes in."""

from alembic import context

from server.db import Base
from server.tables import ALL_TABLES

assert ALL_TABLES  # noqa: S101 - imported so that every table is known

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
