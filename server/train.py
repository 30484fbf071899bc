"""`deskhand train`: trains a model in the bot's environment, lets it prove itself, and then publishes it."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from assistant.published_model import BrokenArchive, check_archive, publish_model, published_model
from server.bus import LocalBus
from server.child import BoundedLog, Child
from server.db import Database
from server.rasa_process import BOT_PYTHON, rasa_environment
from server.settings import ROOT, Settings, load_settings
from server.smoke_test import SmokeTestFailed, smoke_test
from server.training_data import component_count, faults, fingerprint

ARCHIVES = ROOT / "models"
"""Models that passed their smoke test, by fingerprint: a fresh database need not train again."""

KEPT_ARCHIVES = 3
_FAILURE = re.compile(r"^(?:\x1b\[[0-9;]*m)*\w*(?:Exception|Error|NotFound|Failed)\b.*:")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class TrainingFailed(Exception):
    """No model came out, or none that may be published; the old one stays. The words say why."""


def train(*, force: bool = False) -> int:
    """Train and publish if the training data has changed since the published model, or if `force` says so.

    Returns the exit code.
    """
    console = Console(highlight=False, soft_wrap=True, emoji=False)
    try:
        asyncio.run(train_if_changed(load_settings(), console, force=force))
    except (TrainingFailed, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped. The published model is unchanged.")
        return 130
    return 0


async def train_if_changed(settings: Settings, console: Console, *, force: bool = False) -> bool:
    """Whether a model was published. Raises TrainingFailed; the model published before stays then."""
    wanted = fingerprint()
    database = Database(settings.db_url, LocalBus())
    try:
        async with database.read() as session:
            current = await published_model(session)
        if current is not None and current.fingerprint == wanted and not force:
            console.print("The assistant is trained: nothing has changed since.")
            return False
        archive = await trained_archive(settings, console, force=force)
        try:
            async with database.write() as session:
                await publish_model(session, archive=archive.read_bytes(), fingerprint=wanted)
        except BrokenArchive as error:
            archive.unlink()
            raise TrainingFailed(str(error)) from error
    finally:
        await database.close()
    console.print("The new model is published. A running assistant takes it over within seconds.")
    return True


async def trained_archive(settings: Settings, console: Console, *, force: bool = False) -> Path:
    """A model of the present training data that has passed its smoke test, now or in an earlier run."""
    kept = ARCHIVES / f"{fingerprint()[:32]}.tar.gz"
    if kept.exists() and not force:
        return kept
    found = faults()
    if found:
        raise TrainingFailed("\n".join(["The training data has faults:", *(f"  {fault}" for fault in found)]))
    if not BOT_PYTHON.exists():
        raise TrainingFailed("The assistant's environment bot/.venv is missing. Run `make setup` first.")
    with tempfile.TemporaryDirectory(prefix="deskhand-train-") as folder:
        scratch = Path(folder)
        trained = await _train(settings, console, scratch)
        with _progress(console) as progress:
            progress.add_task("Letting the new model answer in a scratch process", total=None)
            await _prove(settings, trained, scratch)
        _keep(trained, kept)
    return kept


async def _train(settings: Settings, console: Console, scratch: Path) -> Path:
    """Run `rasa train` in `scratch`, showing the components as they are trained."""
    # A copy, because Rasa writes into a config file whose pipeline or policies it finds empty.
    shutil.copy(ROOT / "config.yml", scratch / "config.yml")
    argv = [str(BOT_PYTHON), "-m", "bot", "train", "--config", str(scratch / "config.yml")]
    argv += ["--out", str(scratch), "--fixed-model-name", "model"]
    log = BoundedLog(scratch / "train.log")
    with _progress(console) as progress:
        task = progress.add_task("Training the assistant", total=component_count())
        process = Child(
            argv,
            env=rasa_environment(settings),
            cwd=ROOT,
            log=log,
            on_line=_component_watcher(lambda name: progress.update(task, advance=1, description=name)),
        )
        await process.start()
        try:
            code = await process.wait()
        finally:
            await process.stop()
            log.close()
    archive = scratch / "model.tar.gz"
    if code != 0 or not archive.exists():
        lines = (scratch / "train.log").read_text(encoding="utf-8", errors="replace").splitlines()
        raise TrainingFailed(training_failure(lines, scratch))
    return archive


def training_failure(lines: list[str], scratch: Path) -> str:
    """Rasa's own last complaint, with the names of files as they are in the checkout."""
    starts = [number for number, line in enumerate(lines) if _FAILURE.match(line)]
    told = [line for line in lines if "Warning: " not in line and not line.startswith("  ")]
    complaint = "\n".join(lines[starts[-1] :] if starts else told[-15:])
    complaint = _COLOURS.sub("", complaint).replace(f"{scratch}/", "").replace(f"{ROOT}/", "")
    return f"Rasa could not train the assistant; the published model is unchanged.\n{complaint}"


def _component_watcher(advance: Callable[[str], None]) -> Callable[[str], None]:
    def watch(line: str) -> None:
        found = re.search(r"(?:Finished training|Restored) component '(\w+)'", line)
        if found:
            advance(f"Training the assistant: {found[1]}")

    return watch


async def _prove(settings: Settings, archive: Path, scratch: Path) -> None:
    try:
        check_archive(await asyncio.to_thread(archive.read_bytes))
        await smoke_test(settings, archive, scratch)
    except (BrokenArchive, SmokeTestFailed) as error:
        raise TrainingFailed(f"The new model is not published; the old one stays.\n{error}") from error


def _keep(trained: Path, kept: Path) -> None:
    kept.parent.mkdir(exist_ok=True)
    part = kept.with_suffix(".part")
    shutil.copy(trained, part)
    part.replace(kept)
    older = sorted(kept.parent.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in older[KEPT_ARCHIVES:]:
        file.unlink(missing_ok=True)


def _progress(console: Console) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
