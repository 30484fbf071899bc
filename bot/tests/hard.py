"""Measures a model on the hard messages, and draws what it confuses.

    python -m bot.tests.hard MODEL.tar.gz docs/images/confusion.svg

A message counts as often as it holds wishes: of two wishes each must be found, in the order asked.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from itertools import groupby
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.utils.log_utils import configure_structlog
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from bot.parts import split
from bot.typed_text import neutralise

FILE = Path(__file__).parent / "hard_messages.yml"
SEARCH = "search"
NOTHING = "nothing"
"""What stands for a wish that was not found, or for one found where there is none."""


class Read(NamedTuple):
    """One wish of a message, as it is meant and as it was understood."""

    text: str
    language: str
    kinds: List[str]
    meant: str
    understood: str


def messages() -> List[Dict[str, Any]]:
    found: List[Dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["messages"]
    return found


async def read_all(agent: Agent) -> List[Read]:
    """Every hard message through the gateway's own way of taking a text apart."""

    async def parse(text: str) -> Dict[str, Any]:
        parsed: Dict[str, Any] = await agent.processor.parse_message(UserMessage(neutralise(text)))
        return parsed

    found: List[Read] = []
    for message in messages():
        meant = message.get("labels") or [message["label"]]
        parts = await split(neutralise(message["text"]), parse)
        parsed = [part.parsed or await parse(part.text) for part in parts]
        understood = [_label(one["intent"]["name"]) for one in parsed]
        if len(meant) == 1:  # two questions of one sort are searched one by one, which is no mistake
            understood = [label for label, _ in groupby(understood)]
        pad = max(len(meant), len(understood))
        for one, other in zip(_padded(meant, pad), _padded(understood, pad), strict=True):
            found.append(Read(message["text"], message["language"], message["kinds"], one, other))
    return found


def _label(intent: str) -> str:
    return SEARCH if intent == "nlu_fallback" else intent


def _padded(labels: List[str], length: int) -> List[str]:
    return [*labels, *[NOTHING] * (length - len(labels))]


def weighted_f1(reads: List[Read]) -> float:
    """F1 of each label, weighted by how often it is meant; a message may have several labels."""
    by_message = [list(own) for _, own in groupby(reads, key=lambda read: read.text)]
    meant = [{read.meant for read in own} - {NOTHING} for own in by_message]
    understood = [{read.understood for read in own} - {NOTHING} for own in by_message]
    labels = MultiLabelBinarizer().fit([*meant, *understood])
    return float(f1_score(labels.transform(meant), labels.transform(understood), average="weighted"))


def draw(reads: List[Read], file: Path) -> None:
    """The confusion matrix as a picture: what is meant downwards, what was understood to the right."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "deskhand"  # the same picture from the same numbers
    from matplotlib import pyplot

    names = sorted({r.meant for r in reads} | {r.understood for r in reads}, key=lambda n: (n == NOTHING, n))
    counts = confusion_matrix([r.meant for r in reads], [r.understood for r in reads], labels=names)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    figure, axes = pyplot.subplots(figsize=(10, 9))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            if count:
                colour = "white" if shares[row, column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_xlabel("understood")
    axes.set_ylabel("meant")
    axes.set_title(f"{len(reads)} wishes in hard messages, weighted F1 {weighted_f1(reads):.3f}", fontsize=10)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    configure_structlog(logging.ERROR)
    reads = asyncio.run(read_all(Agent.load(sys.argv[1])))
    for language in ("en", "zh"):
        own = [read for read in reads if read.language == language]
        sys.stdout.write(f"{language}: {len(own)} wishes, weighted F1 {weighted_f1(own):.4f}\n")
    for kind in sorted({kind for read in reads for kind in read.kinds}):
        own = [read for read in reads if kind in read.kinds]
        right = sum(read.meant == read.understood for read in own) / len(own)
        sys.stdout.write(f"{kind}: {len(own)} wishes, {right:.3f} understood\n")
    sys.stdout.write(f"all: {len(reads)} wishes, weighted F1 {weighted_f1(reads):.4f}\n")
    draw(reads, Path(sys.argv[2]))


if __name__ == "__main__":
    main()
