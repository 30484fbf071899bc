"""Measures the project's own pipeline on anybody's data: `python -m bot.evaluate TRAIN TEST [--oos FILE]`.

Files are JSON lines `{"text": …, "label": …}`. In TEST the label `oos` stands for what no label of TRAIN
covers, and all of the file of `--oos` does. The pipeline of config.yml is trained in a scratch folder. The
last line printed is one JSON object:

- `accuracy`: share of the in-scope messages of TEST whose likeliest label is the right one
- `auroc`: how well the confidence tells in-scope from out-of-scope messages, where there are any
- `kept_at_5_percent_oos`: share of in-scope messages above the confidence that 5 % of the others pass
- `ece`: expected calibration error of the confidence on in-scope messages, ten bins (Guo et al. 2017)
- `train_seconds`: wall time of the training
- `parse_ms_p50`: median wall time of understanding one message
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

from bot.__main__ import ENVIRONMENT

os.environ.update(ENVIRONMENT)

import numpy as np
from sklearn.metrics import roc_auc_score

OUT_OF_SCOPE = "oos"
_BINS = 10


class Unreadable(Exception):
    """A file or a line that is no evaluation data; the words say which and why."""


class Example(NamedTuple):
    text: str
    label: str


def read_examples(file: Path) -> List[Example]:
    """All lines of a file. Raises Unreadable."""
    examples = []
    try:
        with file.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    examples.append(_example(line, f"{file}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file} cannot be read: {error}") from None
    if not examples:
        raise Unreadable(f"{file} holds no line.")
    return examples


def _example(line: str, place: str) -> Example:
    try:
        row = json.loads(line)
    except ValueError:
        raise Unreadable(f"{place}: this is not JSON.") from None
    text, label = (row.get("text"), row.get("label")) if isinstance(row, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(label, str) or not label:
        raise Unreadable(f'{place}: an object with the texts "text" and "label" is expected.')
    return Example(text, label)


def evaluate(train: List[Example], test: List[Example]) -> Dict[str, Any]:
    """Train on `train`, measure on `test`. Raises Unreadable where the two do not fit together."""
    labels = sorted({example.label for example in train} - {OUT_OF_SCOPE})
    inside = [example for example in test if example.label != OUT_OF_SCOPE]
    if len(labels) < 2:
        raise Unreadable("The training data needs at least two labels.")
    if not inside:
        raise Unreadable("The test data holds no message with a label of its own.")
    # Rasa reads a "/" in a name as a name within a name, and splits texts at marks of its own: labels get
    # numbers, and texts travel as JSON.
    names = {label: f"label_{number}" for number, label in enumerate(labels)}
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["RASA_CACHE_DIRECTORY"] = str(Path(scratch, "cache"))
        began = time.perf_counter()
        model = _train([Example(e.text, names[e.label]) for e in train if e.label in names], Path(scratch))
        seconds = time.perf_counter() - began
        found, times = asyncio.run(_parse_all(model, [example.text for example in test]))
    confidence = np.array([sure for _, sure in found])
    scoped = np.array([example.label != OUT_OF_SCOPE for example in test])
    right = np.array([name == names.get(e.label) for (name, _), e in zip(found, test, strict=False)])
    result: Dict[str, Any] = {
        "accuracy": round(float(right[scoped].mean()), 4),
        "ece": round(_calibration_error(confidence[scoped], right[scoped]), 4),
        "train_seconds": round(seconds, 1),
        "parse_ms_p50": round(float(np.median(times)) * 1000, 2),
        "labels": len(labels),
        "trained_on": len(train),
        "in_scope": int(scoped.sum()),
        "out_of_scope": int((~scoped).sum()),
    }
    if not scoped.all():
        result["auroc"] = round(float(roc_auc_score(scoped, confidence)), 4)
        passing = np.quantile(confidence[~scoped], 0.95)
        result["kept_at_5_percent_oos"] = round(float((confidence[scoped] > passing).mean()), 4)
    return result


def _train(examples: List[Example], folder: Path) -> str:
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)  # or each parse is told on standard output
    rows = [{"text": example.text, "intent": example.label, "entities": []} for example in examples]
    data = folder / "data.json"
    data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": rows}}), encoding="utf-8")
    model = train_nlu("config.yml", str(data), str(folder), fixed_model_name="model")
    if model is None:
        raise Unreadable("Rasa could make no model of the training data.")
    return str(model)


async def _parse_all(model: str, texts: List[str]) -> Tuple[List[Tuple[str, float]], List[float]]:
    """The likeliest label of each text with its confidence, and how long each took in seconds."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage

    from bot.typed_text import neutralise

    processor = Agent.load(model).processor
    found: List[Tuple[str, float]] = []
    times: List[float] = []
    for text in texts:
        began = time.perf_counter()
        parsed = await processor.parse_message(UserMessage(neutralise(text)))
        times.append(time.perf_counter() - began)
        ranking: List[Dict[str, Any]] = parsed["intent_ranking"]
        found.append((ranking[0]["name"], ranking[0]["confidence"]) if ranking else ("", 0.0))
    return found, times


def _calibration_error(confidence: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> float:
    """Mean distance between confidence and share of right ones, over bins of equal width."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    parts = [(bins == number) for number in range(_BINS) if (bins == number).any()]
    return float(sum(abs(confidence[part].mean() - right[part].mean()) * part.mean() for part in parts))


def main() -> int:
    parser = argparse.ArgumentParser(prog="deskhand nlu eval")
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--oos", type=Path)
    given = parser.parse_args()
    try:
        test = read_examples(given.test)
        if given.oos:
            test += [Example(example.text, OUT_OF_SCOPE) for example in read_examples(given.oos)]
        result = evaluate(read_examples(given.train), test)
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{json.dumps(result)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
