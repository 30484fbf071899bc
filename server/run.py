"""`deskhand run`: makes ready what is missing, then runs app and assistant side by side until Ctrl-C."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import httpx
from rich.console import Console

from server import demo_shop
from server.demo_company import LOGINS, seed_demo
from server.migrate import CannotMigrate, migrate
from server.rasa_process import (
    BOT_PYTHON,
    announce_planned_start,
    is_rasa_ours,
    rasa_address,
    rasa_command,
    rasa_environment,
)
from server.settings import ROOT, Settings, load_settings
from server.supervisor import Program, Supervisor
from server.train import TrainingFailed, train_if_changed

WEB_BUILDS = (ROOT / "web" / "widget" / "dist", ROOT / "web" / "console" / "dist")
DESKHAND = str(Path(sys.executable).with_name("deskhand"))
BROKEN_MODEL = (
    "The assistant could not load the published model. Train a new one with "
    "`deskhand train --force` and start again."
)


class CannotRun(Exception):
    """Something is missing or in the way; the words say what to do."""


def run(*, demo: bool = False) -> int:
    """Run everything on this machine until Ctrl-C. Returns the exit code.

    With `demo` the demo company is seeded where it is not there yet.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    # Until the supervisor takes over, a polite kill is a Ctrl-C: a training in progress is stopped with us.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        settings = load_settings()
        check_surroundings(settings)
        prepare(settings, demo=demo, console=console)
        return asyncio.run(_serve(settings, console, demo=demo))
    except (CannotRun, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130


def check_surroundings(settings: Settings) -> None:
    """Raises CannotRun where the run would fail later with less clear words."""
    for build in WEB_BUILDS:
        if not build.is_dir():
            part = build.parent.relative_to(ROOT)
            raise CannotRun(f"{part} has not been built. Run `make setup` first.")
    wanted = [
        ("PORT", settings.host, settings.port),
        ("INTERNAL_PORT", settings.internal_host, settings.internal_port),
    ]
    if is_rasa_ours(settings):
        if not BOT_PYTHON.exists():
            raise CannotRun("The assistant's environment bot/.venv is missing. Run `make setup` first.")
        wanted.append(("RASA_URL", *rasa_address(settings)))
    for name, host, port in wanted:
        if is_port_busy(host, port):
            other = f"http://{host}:{port + 1}" if name == "RASA_URL" else str(port + 10)
            raise CannotRun(f"Port {port} is in use by another program. Stop it or set {name}={other}.")


def is_port_busy(host: str, port: int) -> bool:
    """Whether something listens there already. Raises CannotRun where the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise CannotRun(f"Port {port} may not be used by this user. Choose one above 1023.") from error
        except socket.gaierror as error:
            raise CannotRun(f"{host} is not an address of this machine.") from error
        except OSError as error:
            if "assign" in str(error):
                raise CannotRun(f"{host} is not an address of this machine.") from error
            return True
    return False


def prepare(settings: Settings, *, demo: bool, console: Console) -> None:
    """Database, demo company and model, each only where something is to be done. Raises CannotRun."""
    try:
        if migrate(settings):
            console.print("The database is ready.")
        if demo:
            _seed(settings)
        if is_rasa_ours(settings):
            asyncio.run(train_if_changed(settings, console))
            asyncio.run(announce_planned_start(settings))
    except (CannotMigrate, TrainingFailed) as error:
        raise CannotRun(str(error)) from error


def _seed(settings: Settings) -> None:
    """Seed, the first time in another process: the encoder's half a gigabyte must not stay in this one."""
    if (settings.data_dir / LOGINS).exists():
        seed_demo(settings)
    elif subprocess.run([DESKHAND, "demo"], check=False).returncode != 0:  # noqa: S603 - our own program
        raise CannotRun("The demo company could not be seeded; the reason is above.")


async def _serve(settings: Settings, console: Console, *, demo: bool) -> int:
    log_dir = settings.data_dir / "logs"
    status = console.status("Starting …") if console.is_terminal else None

    def say(sentence: str) -> None:
        console.print(sentence, markup=False)

    def on_ready() -> None:
        if status:
            status.stop()
        _print_addresses(settings, say)

    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as http:
        supervisor = Supervisor(_programs(settings, http, demo=demo), log_dir=log_dir, say=say)
        say(f"Starting (logs in {log_dir}) …")
        if status:
            status.start()
        try:
            code = await supervisor.run(on_ready)
        finally:
            if status:
                status.stop()
    say("Everything is stopped.")
    return code


def _programs(settings: Settings, http: httpx.AsyncClient, *, demo: bool) -> list[Program]:
    shop_port = free_port() if demo else None
    app = Program(
        name="app",
        title="The app",
        argv=[DESKHAND, "app"],
        env=_app_environment(settings, shop_port),
        cwd=ROOT,
        is_ready=lambda: _answers(http, f"http://{_reachable(settings.host)}:{settings.port}/readyz"),
    )
    programs = [app] if shop_port is None else [app, _demo_shop(shop_port, http)]
    if not is_rasa_ours(settings):
        return programs
    assistant = Program(
        name="rasa",
        title="The assistant",
        argv=rasa_command(settings),
        env=rasa_environment(settings),
        cwd=ROOT,
        is_ready=lambda: _is_assistant_ready(settings, http),
        restarts=True,
        fatal_lines={"Failed to update model": BROKEN_MODEL, "Could not load model due to": BROKEN_MODEL},
    )
    return [*programs, assistant]


def _app_environment(settings: Settings, shop_port: int | None) -> dict[str, str]:
    """The demo's look-ups ask `demo-shop`, wherever the shop listens this time."""
    if shop_port is None:
        return dict(os.environ)
    shop = f"demo-shop:80={demo_shop.HOST}:{shop_port}"
    hosts = ",".join(filter(None, (settings.lookup_internal_hosts.strip(), shop)))
    return os.environ | {"LOOKUP_INTERNAL_HOSTS": hosts}


def _demo_shop(port: int, http: httpx.AsyncClient) -> Program:
    return Program(
        name="shop",
        title="The demo shop",
        argv=[sys.executable, "-m", "server.demo_shop", "--port", str(port)],
        env=dict(os.environ),
        cwd=ROOT,
        is_ready=lambda: _answers(http, f"http://{demo_shop.HOST}:{port}/healthz"),
        restarts=True,
    )


def free_port() -> int:
    """A port that nothing on this machine uses now."""
    with socket.socket() as probe:
        probe.bind((demo_shop.HOST, 0))
        found: int = probe.getsockname()[1]
        return found


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False


async def _is_assistant_ready(settings: Settings, http: httpx.AsyncClient) -> bool:
    url = f"{settings.rasa_url.rstrip('/')}/webhooks/gateway/health"
    try:
        answer = await http.get(url, headers={"Authorization": f"Bearer {settings.rasa_token}"})
        return answer.is_success and bool(answer.json()["ready"])
    except (httpx.HTTPError, ValueError, KeyError):
        return False


def _print_addresses(settings: Settings, say: Callable[[str], None]) -> None:
    say("")
    pages = {"/": "the demo shop with the widget", "/console": "agents and admins", "/help": "articles"}
    for path, what in pages.items():
        say(f"  {settings.origin + path:<36} {what}")
    logins = settings.data_dir / LOGINS
    if logins.exists():
        say(f"\nDemo logins (kept in {logins}):")
        for line in logins.read_text().splitlines():
            say(f"  {line}")
    say("\nCtrl-C stops everything.")


def _reachable(host: str) -> str:
    """An address at which a server bound to `host` answers from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared, not bound


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
