"""Starts or trains Rasa the one way that Deskhand uses it: `python -m bot run …` or `python -m bot train …`.

Run from the repository's root with the bot's own Python. Anything after the verb goes to `rasa run` or
`rasa train` and overrides the defaults here. `run` needs RASA_TOKEN, INTERNAL_URL, INTERNAL_TOKEN and
RASA_TRACKER_DB in its environment (see bot/endpoints.yml).
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import List

# Set before Rasa is imported: it reads most of them at import.
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    # One thread each: the turns are small, and more threads only fight with the neighbours.
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "SANIC_WORKERS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
DEFAULTS = {
    "run": [
        "--interface", "127.0.0.1",
        "--credentials", "bot/credentials.yml",
        "--endpoints", "bot/endpoints.yml",
    ],
    # Validation is what tests/ does, in a tenth of the time; stories are not glued together at random.
    "train": [
        "--config", "config.yml",
        "--domain", "bot/domain",
        "--data", "bot/data",
        "--augmentation", "0",
        "--skip-validation",
    ],
}  # fmt: skip


def arguments(given: List[str]) -> List[str]:
    """Rasa's command line for what was typed after `python -m bot`; SystemExit where it must not run."""
    verb, rest = (given[0], given[1:]) if given else ("", [])
    if verb not in DEFAULTS:
        raise SystemExit("usage: python -m bot (run | train) [arguments of rasa run | rasa train]")
    if any(argument.startswith("--enable-api") for argument in rest):
        # Its routes change models and conversations for whoever holds a token, and nothing here needs them.
        raise SystemExit("Deskhand never runs Rasa with --enable-api.")
    return ["rasa", verb, *DEFAULTS[verb], *rest]


def main() -> None:
    sys.argv = arguments(sys.argv[1:])
    os.environ.update(ENVIRONMENT)
    warnings.simplefilter("ignore", DeprecationWarning)
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
