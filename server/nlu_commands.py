"""The command line's part in understanding: `deskhand nlu eval`."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from server.rasa_process import BOT_PYTHON
from server.settings import ROOT

nlu = typer.Typer(no_args_is_help=True, add_completion=False, help="Understanding: evaluate.")

_err = Console(highlight=False, soft_wrap=True, stderr=True)

Lines = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@nlu.callback()
def _only_with_a_verb() -> None:
    """Measure what the assistant understands."""


@nlu.command("eval")
def eval_command(
    train: Lines,
    test: Lines,
    oos: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="More messages that no label covers."),
    ] = None,
) -> None:
    """Train the pipeline of config.yml on TRAIN and measure it on TEST, in a scratch folder.

    Both are JSON lines {"text", "label"}; the label "oos" in TEST counts as out of scope. The last line
    printed is one JSON object with accuracy, auroc, train_seconds, parse_ms_p50 and more.
    """
    argv = [str(BOT_PYTHON), "-m", "bot.evaluate", str(train.resolve()), str(test.resolve())]
    if oos:
        argv += ["--oos", str(oos.resolve())]
    with _err.status("Training and measuring, which takes from some seconds to some minutes …"):
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        _err.print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "No result.", style="red")
        raise typer.Exit(done.returncode)
    sys.stdout.write(done.stdout.strip().splitlines()[-1] + "\n")
