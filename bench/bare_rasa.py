"""`python -m bot run …` without bot/patches.py: Rasa as it comes, behind our gateway. Bot's own Python."""

from __future__ import annotations

import os
import sys

from bot.__main__ import ENVIRONMENT, arguments


def main() -> None:
    sys.argv = arguments(["run", *sys.argv[1:]])
    os.environ.update(ENVIRONMENT)
    from bot import patches

    patches.apply = lambda: False  # the gateway calls it when it is set up
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
