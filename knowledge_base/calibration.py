"""What the search has learnt: how to weigh its evidence, and when it is sure enough to answer.

The numbers live in calibration.yml, per encoder and language; `bench/calibrate_search.py` writes them.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

FILE = Path(__file__).with_name("calibration.yml")
LEXICAL_ONLY = "none"
"""Stands for "no encoder" in the table: used where the encoder does not know the language, or is missing."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the features by name (see `index.Evidence`); a feature without a weight does not count."""

    rank: Mapping[str, float]
    answer: Mapping[str, float]
    bias: float
    threshold: float

    @property
    def needs_vectors(self) -> bool:
        return any(self.rank.get(name) for name in ("best", "whole"))

    def rank_score(self, features: Mapping[str, Floats]) -> Floats:
        """One number per article, on the scale of log odds: its order and its distances mean something."""
        total = np.zeros_like(next(iter(features.values())))
        for name, weight in self.rank.items():
            total += np.float32(weight) * features[name]
        return total

    def probability(self, features: Mapping[str, float]) -> float:
        """How likely it is that this article answers the question; 0–1."""
        odds = self.bias + sum(weight * features[name] for name, weight in self.answer.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


@functools.cache
def _table() -> Mapping[str, Mapping[str, Calibration]]:
    loaded = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        encoder: {
            language: Calibration(row["rank"], row["answer"], row["bias"], row["threshold"])
            for language, row in rows.items()
        }
        for encoder, rows in loaded.items()
    }


def calibration_for(encoder: str, language: str) -> Calibration:
    """The row of encoder and language, else that of words alone: an unmeasured encoder is not trusted."""
    table = _table()
    words_alone = table[LEXICAL_ONLY]
    return table.get(encoder, {}).get(language) or words_alone.get(language) or words_alone["en"]
