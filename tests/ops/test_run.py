"""`deskhand run`: what is in its way is said in one sentence, before anything is started."""

import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from server import run as run_module
from server.run import CannotRun, check_surroundings, is_port_busy, prepare
from server.settings import ROOT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, port=15310, internal_port=15311, rasa_url="http://127.0.0.1:15312")


@pytest.fixture
def _complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `make setup`."""
    monkeypatch.setattr(run_module, "WEB_BUILDS", (tmp_path,))
    monkeypatch.setattr(run_module, "BOT_PYTHON", Path(__file__))


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.usefixtures("_complete")
def test_nothing_is_in_the_way(settings: Settings) -> None:
    check_surroundings(settings)


@pytest.mark.usefixtures("_complete")
@pytest.mark.parametrize(("setting", "name"), [("port", "PORT"), ("internal_port", "INTERNAL_PORT")])
def test_a_busy_port_is_named_with_the_setting(
    settings: Settings, busy: int, setting: str, name: str
) -> None:
    with pytest.raises(CannotRun, match=f"Port {busy} is in use by another program. Stop it or set {name}="):
        check_surroundings(settings.model_copy(update={setting: busy}))


@pytest.mark.usefixtures("_complete")
def test_a_busy_port_of_rasa_is_named(settings: Settings, busy: int) -> None:
    with pytest.raises(CannotRun, match=r"set RASA_URL=http://127\.0\.0\.1:"):
        check_surroundings(settings.model_copy(update={"rasa_url": f"http://127.0.0.1:{busy}"}))


@pytest.mark.usefixtures("_complete")
def test_an_address_of_another_machine_is_refused(settings: Settings) -> None:
    with pytest.raises(CannotRun, match="not an address of this machine"):
        check_surroundings(settings.model_copy(update={"host": "192.0.2.1"}))


@pytest.mark.usefixtures("_complete")
def test_a_rasa_elsewhere_needs_neither_environment_nor_port(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "BOT_PYTHON", Path("/nowhere"))
    check_surroundings(settings.model_copy(update={"rasa_url": "http://rasa.internal:5005"}))
    with pytest.raises(CannotRun, match="make setup"):
        check_surroundings(settings)


def test_a_missing_web_build_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = ROOT / "web" / "nothing" / "dist"
    monkeypatch.setattr(run_module, "WEB_BUILDS", (missing,))
    with pytest.raises(CannotRun, match=r"web/nothing has not been built\. Run `make setup` first"):
        check_surroundings(settings)


def test_a_database_of_a_newer_version_is_refused(settings: Settings) -> None:
    from server.migrate import migrate

    migrate(settings)
    with sqlite3.connect(settings.data_dir / "deskhand.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'from_the_future'")
    with pytest.raises(CannotRun, match="newer version of Deskhand"):
        prepare(settings, demo=False, console=Console())


def test_a_port_that_was_just_left_is_free() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            accepted.close()
            client.recv(1)
    assert not is_port_busy("127.0.0.1", port)
