"""The migrations make exactly the tables that the models describe, and refuse what they do not know."""

import secrets

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from server.db import Base
from server.migrate import CannotMigrate, check_current, migrate
from server.settings import Settings
from server.tables import ALL_TABLES


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


def test_a_fresh_database_is_made_once(settings):
    with pytest.raises(CannotMigrate, match="deskhand migrate"):
        check_current(settings)
    assert migrate(settings) is True
    check_current(settings)
    assert migrate(settings) is False


def test_the_tables_are_those_of_the_models(settings):
    migrate(settings)
    engine = sa.create_engine(f"sqlite:///{settings.data_dir / 'deskhand.db'}")
    assert differences(engine) == []


@pytest.fixture
def empty_postgres(postgres_url):
    name = f"deskhand_migrate_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield f"{postgres_url.rstrip('/')}/{name}"
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.postgres
def test_the_tables_are_those_of_the_models_on_postgresql(empty_postgres, tmp_path):
    settings = Settings(data_dir=tmp_path, database_url=empty_postgres)
    migrate(settings)
    engine = sa.create_engine(settings.db_url)
    assert differences(engine) == []


def differences(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
        tables = set(sa.inspect(connection).get_table_names())
    engine.dispose()
    assert set(ALL_TABLES) <= tables
    return found


def test_a_database_of_a_newer_version_is_refused_in_clear_words(settings):
    migrate(settings)
    engine = sa.create_engine(f"sqlite:///{settings.data_dir / 'deskhand.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    for use in (migrate, check_current):
        with pytest.raises(CannotMigrate, match="newer version of Deskhand"):
            use(settings)


def test_a_database_out_of_reach_is_said_so(tmp_path):
    nobody = Settings(data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(CannotMigrate, match="DATABASE_URL"):
        migrate(nobody)
