"""The Rasa process: its arguments open no door, and its environment keeps our secrets and phones nobody."""

from pathlib import Path

import pytest

from server.rasa_process import is_rasa_ours, rasa_address, rasa_command, rasa_environment
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        database_url="postgresql://deskhand:s3cret@db/deskhand",
        rasa_url="http://127.0.0.1:15305",
        rasa_token="to-rasa",
        internal_token="from-rasa",
    )


def test_telemetry_is_off_whatever_the_operator_has_set(settings: Settings) -> None:
    assert rasa_environment(settings, {"RASA_TELEMETRY_ENABLED": "true"})["RASA_TELEMETRY_ENABLED"] == "false"
    assert "export RASA_TELEMETRY_ENABLED := false" in (ROOT / "Makefile").read_text()
    assert "export RASA_TELEMETRY_ENABLED=false" in (ROOT / "deploy" / "rasa-entrypoint.sh").read_text()


def test_the_environment_carries_no_secret_of_ours(settings: Settings) -> None:
    outer = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": "redis://cache",
        "AWS_SECRET_ACCESS_KEY": "x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "/usr/bin",
    }
    env = rasa_environment(settings, outer)
    assert not {"DATABASE_URL", "REDIS_URL", "AWS_SECRET_ACCESS_KEY"} & set(env)
    assert "s3cret" not in " ".join(env.values())
    # Without bytecode Rasa takes three times as long to start.
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert env["PATH"] == "/usr/bin"
    assert (env["RASA_TOKEN"], env["INTERNAL_TOKEN"]) == ("to-rasa", "from-rasa")


def test_the_folder_of_rasas_tracker_is_there(settings: Settings) -> None:
    assert Path(rasa_environment(settings, {})["RASA_TRACKER_DB"]).parent.is_dir()


def test_numeric_libraries_get_one_thread_unless_told_otherwise(settings: Settings) -> None:
    assert rasa_environment(settings, {})["OMP_NUM_THREADS"] == "1"
    assert rasa_environment(settings, {"OMP_NUM_THREADS": "4"})["OMP_NUM_THREADS"] == "4"


def test_only_our_channel_is_served_and_only_where_told(settings: Settings) -> None:
    argv = rasa_command(settings)
    assert "--enable-api" not in argv
    assert argv[argv.index("--interface") + 1] == "127.0.0.1"
    assert argv[argv.index("--port") + 1] == "15305"
    assert "--model" not in argv


def test_the_container_starts_rasa_with_the_same_arguments(settings: Settings) -> None:
    entrypoint = (ROOT / "deploy" / "rasa-entrypoint.sh").read_text()
    flags = [part for part in rasa_command(settings) if part.startswith("--")]
    assert "-m bot run" in entrypoint
    assert all(flag in entrypoint for flag in flags)
    assert "--enable-api" not in entrypoint


def test_a_rasa_elsewhere_is_not_started_here(settings: Settings) -> None:
    assert is_rasa_ours(settings)
    elsewhere = settings.model_copy(update={"rasa_url": "https://rasa.internal"})
    assert not is_rasa_ours(elsewhere)
    assert rasa_address(elsewhere) == ("rasa.internal", 443)
    with pytest.raises(ValueError, match="names no host"):
        rasa_address(settings.model_copy(update={"rasa_url": "127.0.0.1:5005"}))
