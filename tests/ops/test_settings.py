"""Settings: the environment wins over .env, tests read none, and the two tokens are made once."""

from pathlib import Path

import pytest

from server import settings as module
from server.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout with a .env of its own, and an environment without any setting."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    (tmp_path / ".env").write_text("PORT=8123\nHOST=192.0.2.7\nPOSTGRES_PASSWORD=of-compose\nRASA_TOKEN=\n")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    settings = load_settings()
    assert (settings.port, settings.host) == (9000, "192.0.2.7")


def test_tests_read_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKHAND_ENV", "test")
    assert load_settings().port == 8000


def test_tokens_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first.rasa_token == second.rasa_token
    assert len(first.rasa_token) >= 32
    assert first.rasa_token != first.internal_token
    assert (tmp_path / "data" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_a_value_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(ValueError, match="port"):
        load_settings()


def test_the_test_clock_is_refused_outside_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKHAND_TEST_CLOCK", "1")
    with pytest.raises(ValueError, match="refused unless DESKHAND_ENV=test"):
        load_settings()
