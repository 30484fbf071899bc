"""Two models of the same training data: ours, and the one that `rasa init` would make of it.

Both are kept in models/bench/, so that only a change trains them again.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from server.rasa_process import BOT_PYTHON
from server.settings import ROOT
from server.training_data import fingerprint

KEPT = ROOT / "models" / "bench"
STOCK_EPOCHS = {"DIETClassifier": 4}
"""Enough that the stock model takes the bench's texts for what they are, so that both models run the same
actions. More would cost hours on a laptop and change nothing about the time that an answer takes."""

OTHER_EPOCHS = 2


class CannotTrain(Exception):
    """No model came out; the words are Rasa's."""


def ours(say: Callable[[str], None]) -> Path:
    """The product's model, by config.yml."""
    return _kept("ours", fingerprint(), ROOT / "config.yml", ROOT / "bot" / "data", say)


def stock(say: Callable[[str], None]) -> Path:
    """The model of `rasa init`: its pipeline and its policies, read from the installed Rasa.

    `unclaimed`, our classifier's class of everything that is to be searched, is called `nlu_fallback` here:
    that is what the rules wait for, and what the stock pipeline's own fallback says.
    """
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-") as folder:
        data = Path(folder) / "data"
        shutil.copytree(ROOT / "bot" / "data", data)
        for file in data.glob("nlu_*.yml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(
                text.replace("- intent: unclaimed\n", "- intent: nlu_fallback\n"), encoding="utf-8"
            )
        config = Path(folder) / "config.yml"
        config.write_text(yaml.safe_dump(_stock_config(), sort_keys=False), encoding="utf-8")
        domain = sorted((ROOT / "bot" / "domain").glob("*.yml"))
        digest = hashlib.sha256()
        for one in [config, *sorted(data.glob("*.yml")), *domain]:
            digest.update(one.read_bytes())
        return _kept("stock", digest.hexdigest(), config, data, say)


def stock_components() -> list[str]:
    config = _stock_config()
    return [part["name"] for part in [*config["pipeline"], *config["policies"]]]


def _stock_config() -> dict[str, Any]:
    # What Rasa takes where config.yml leaves pipeline and policies empty, as `rasa init` does.
    (file,) = BOT_PYTHON.parent.parent.glob(
        "lib/*/site-packages/rasa/engine/recipes/config_files/default_config.yml"
    )
    config: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    for part in [*config["pipeline"], *config["policies"]]:
        if "epochs" in part:
            part["epochs"] = STOCK_EPOCHS.get(part["name"], OTHER_EPOCHS)
    return {**config, "assistant_id": "stock"}


def _kept(name: str, made_of: str, config: Path, data: Path, say: Callable[[str], None]) -> Path:
    kept = KEPT / f"{name}-{made_of[:16]}.tar.gz"
    if not kept.exists():
        say(f"Training the model {name!r}; it is kept in {KEPT.relative_to(ROOT)}/")
        _train(config, data, kept)
        for file in KEPT.glob(f"{name}-*.tar.gz"):
            if file != kept:
                file.unlink()
    return kept


def _train(config: Path, data: Path, kept: Path) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-") as folder:
        # A copy, because Rasa may write into a config file.
        shutil.copy(config, Path(folder) / "config.yml")
        argv = [str(BOT_PYTHON), "-m", "bot", "train", "--config", f"{folder}/config.yml"]
        argv += ["--data", str(data), "--out", folder, "--fixed-model-name", "model"]
        env = {**os.environ, "RASA_CACHE_DIRECTORY": f"{folder}/cache", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, errors="replace")
        archive = Path(folder) / "model.tar.gz"
        if done.returncode != 0 or not archive.exists():
            raise CannotTrain((done.stdout + done.stderr)[-2000:])
        shutil.copy(archive, kept.with_suffix(".part"))
        kept.with_suffix(".part").replace(kept)
