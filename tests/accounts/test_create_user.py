"""`deskhand create-user`, run as the command line would."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner

from accounts.commands import create_user_command
from accounts.passwords import verify_password
from server.db import Base

PASSWORD = "correct horse battery\n"

cli = typer.Typer()
cli.command("create-user")(create_user_command)


@cli.callback()
def deskhand() -> None:
    """Only so that the command keeps its name."""


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def engine(data_dir: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{data_dir / 'deskhand.db'}", poolclass=sa.NullPool)
    Base.metadata.create_all(engine)
    return engine


def run(*arguments: str, password: str = PASSWORD) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["create-user", *arguments], input=password)
    return result.exit_code, result.output


def test_a_person_is_added_and_can_use_that_password(engine: sa.Engine) -> None:
    code, said = run("Mia@Desk.Example", "--role", "agent", "--name", "Mia", "--password-stdin")
    assert (code, said) == (0, "mia@desk.example can now sign in as agent.\n")
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT email, name, role, active, password_hash FROM users")).one()
        assert connection.execute(sa.text("SELECT capacity, chosen_status FROM agents")).one() == (
            4,
            "offline",
        )
        assert connection.execute(sa.text("SELECT actor_type, action FROM audit")).one() == (
            "system",
            "user.created",
        )
    assert row[:4] == ("mia@desk.example", "Mia", "agent", 1)
    assert asyncio.run(verify_password(row[4], "correct horse battery")).right


def test_languages_skills_and_capacity_can_be_given(engine: sa.Engine) -> None:
    arguments = ["--language", "zh", "--language", "en", "--skill", "returns", "--capacity", "2"]
    code, _ = run("jun@desk.local", "--role", "supervisor", "--password-stdin", *arguments)
    assert code == 0
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT name, languages FROM users")).one() == (
            "jun",
            '["zh", "en"]',
        )
        assert connection.execute(sa.text("SELECT skills, capacity FROM agents")).one() == ('["returns"]', 2)


@pytest.mark.parametrize(
    ("arguments", "password", "sentence"),
    [
        (["mia", "--role", "agent"], "correct horse battery\n", "This is not an e-mail address."),
        (["mia@desk.example", "--role", "agent"], "short\n", "A password has 8 to 1024 characters."),
        (["mia@desk.example", "--role", "agent"], "", "A password has 8 to 1024 characters."),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(
    engine: sa.Engine, arguments: list[str], password: str, sentence: str
) -> None:
    assert run(*arguments, "--password-stdin", password=password) == (1, sentence + "\n")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM users")).scalar() == 0


def test_the_same_address_twice_is_refused(engine: sa.Engine) -> None:
    run("mia@desk.example", "--role", "agent", "--password-stdin")
    code, said = run("MIA@desk.example", "--role", "admin", "--password-stdin")
    assert (code, said) == (1, "Somebody with this e-mail address is already here.\n")


def test_an_unknown_role_is_a_usage_error(engine: sa.Engine) -> None:
    code, said = run("mia@desk.example", "--role", "root", "--password-stdin")
    assert code == 2
    assert "supervisor" in said


def test_a_database_without_tables_is_named(data_dir: Path) -> None:
    code, said = run("mia@desk.example", "--role", "agent", "--password-stdin")
    assert code == 1
    assert "deskhand migrate" in said
