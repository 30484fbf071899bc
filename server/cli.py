"""The command line: `deskhand …`."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from accounts.commands import create_user_command
from knowledge_base.commands import kb
from server.nlu_commands import nlu
from server.settings import Settings, load_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # logs stay plain, and no local value is printed
    help="Deskhand, the customer-service desk.",
)
app.command("create-user")(create_user_command)
app.add_typer(kb, name="kb")
app.add_typer(nlu, name="nlu")

_out = Console(highlight=False, soft_wrap=True)


def _settings() -> Settings:
    """The settings, or one clear sentence and exit code 2."""
    try:
        return load_settings()
    except ValueError as error:
        _out.print(f"A setting does not fit: {error}", style="red", markup=False)
        raise typer.Exit(2) from None


@app.command()
def run(
    demo: Annotated[bool, typer.Option(help="Seed the demo company where it is not there yet.")] = False,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    from server.run import run as run_everything

    raise typer.Exit(run_everything(demo=demo))


@app.command("app")
def run_app() -> None:
    """Serve the public and the internal port (and work, unless WORKER_IN_APP=false)."""
    from server.app import serve

    settings = _settings()
    _require_current_database(settings)
    asyncio.run(serve(settings))


@app.command()
def worker() -> None:
    """Work: bot turns and timers, without a public port."""
    from server.worker import work

    settings = _settings()
    _require_current_database(settings)
    asyncio.run(work(settings))


@app.command()
def rasa() -> None:
    """Start the assistant's Rasa process alone."""
    from server.rasa_process import rasa as become_rasa

    become_rasa()


@app.command()
def migrate() -> None:
    """Bring the database to this version."""
    from server.migrate import CannotMigrate
    from server.migrate import migrate as bring_up_to_date

    try:
        changed = bring_up_to_date(_settings())
    except CannotMigrate as error:
        _out.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None
    _out.print("The database is ready." if changed else "The database is up to date.")


@app.command()
def train(
    force: Annotated[bool, typer.Option(help="Train even if nothing has changed.")] = False,
) -> None:
    """Train the assistant, let it prove itself, and publish the model."""
    from server.train import train as train_model

    _settings()
    raise typer.Exit(train_model(force=force))


@app.command()
def demo() -> None:
    """Seed the demo company: people, hours, articles. Does nothing the second time."""
    from server.demo_company import seed_demo

    settings = _settings()
    _require_current_database(settings)
    _out.print("The demo company is in." if seed_demo(settings) else "The demo company is there already.")


@app.command()
def openapi(
    out: Annotated[Path | None, typer.Option(help="A file; default: standard output.")] = None,
) -> None:
    """Print the public API's OpenAPI document, from which the console's types are made."""
    from server.openapi import document

    text = json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if out:
        out.write_text(text)
    else:
        sys.stdout.write(text)


def _require_current_database(settings: Settings) -> None:
    from server.migrate import CannotMigrate, check_current

    try:
        check_current(settings)
    except CannotMigrate as error:
        _out.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from None


def main() -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    app()
