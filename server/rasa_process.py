"""How the Rasa process is started: its command line, and an environment that knows as little as possible."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from assistant.health import announce_start
from server.bus import LocalBus
from server.db import Database
from server.settings import ROOT, Settings, load_settings

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"

# Passed on from the operator's environment; everything else stays out. Above all DATABASE_URL: Rasa has no
# business in our database.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "LD_LIBRARY_PATH")


def rasa_command(
    settings: Settings,
    *,
    endpoints: Path | None = None,
    model: Path | None = None,
) -> list[str]:
    """The argv of one Rasa server listening where RASA_URL says; to be run in ROOT.

    `endpoints` other than the usual ones name no model server, so `model`, an archive, is loaded instead.
    """
    host, port = rasa_address(settings)
    argv = [str(BOT_PYTHON), "-m", "bot", "run", "--interface", host, "--port", str(port)]
    argv += ["--endpoints", str(endpoints or _usual_endpoints())]
    return [*argv, "--model", str(model)] if model else argv


def rasa_environment(settings: Settings, outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of the Rasa process; `outer` stands for the operator's (default: ours)."""
    outer = os.environ if outer is None else outer
    passed_on = {name: outer[name] for name in _PASSED_ON if name in outer}
    passed_on |= {name: value for name, value in outer.items() if name.startswith(("RASA_", "TF_", "OMP_"))}
    home = rasa_home(settings)
    return {
        "OMP_NUM_THREADS": "1",
        **passed_on,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",  # the warnings of old packages about each other are nobody's concern
        "HF_HUB_OFFLINE": "1",
        # Never an operator's choice: what customers write must not be reported to anybody.
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_TOKEN": settings.rasa_token,
        "INTERNAL_URL": settings.internal_base,
        "INTERNAL_TOKEN": settings.internal_token,
        "RASA_CACHE_DIRECTORY": str(home / "cache"),
        "RASA_TRACKER_DB": str(home / "tracker.db"),
    }


def _usual_endpoints() -> Path:
    """Trackers and locks in servers that several Rasa processes share, where RASA_DB_HOST names one."""
    shared = "RASA_DB_HOST" in os.environ
    return ROOT / "bot" / ("endpoints.production.yml" if shared else "endpoints.yml")


def rasa_home(settings: Settings) -> Path:
    """The folder in which Rasa keeps what it may lose."""
    home = settings.data_dir.resolve() / "rasa"
    home.mkdir(parents=True, exist_ok=True)
    return home


def rasa_address(settings: Settings) -> tuple[str, int]:
    """Host and port of RASA_URL. Raises ValueError where it names none."""
    parts = urlsplit(settings.rasa_url)
    if not parts.hostname:
        raise ValueError(f"RASA_URL={settings.rasa_url} names no host")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def is_rasa_ours(settings: Settings) -> bool:
    """Whether RASA_URL points at this machine, so that `deskhand run` starts the process itself."""
    return rasa_address(settings)[0] in ("127.0.0.1", "localhost", "::1")


async def announce_planned_start(settings: Settings) -> None:
    """Tell the workers that Rasa is coming up: customers' turns wait for it instead of failing.

    A crash is no planned start: what the supervisor starts again by itself is not announced.
    """
    database = Database(settings.db_url, LocalBus())
    try:
        async with database.write() as session:
            await announce_start(session)
    finally:
        await database.close()


def rasa() -> NoReturn:
    """Become the Rasa process (`deskhand rasa`): for setups that start each process by itself."""
    settings = load_settings()
    if not BOT_PYTHON.exists():
        sys.exit("The assistant's environment bot/.venv is missing. Run `make setup` first.")
    rasa_home(settings)
    with contextlib.suppress(SQLAlchemyError, OSError):  # Rasa runs without our database, too
        asyncio.run(announce_planned_start(settings))
    os.chdir(ROOT)
    argv = rasa_command(settings)
    os.execve(argv[0], argv, rasa_environment(settings))  # noqa: S606 - no shell is wanted
