"""The product's own wording, read from the files beside the assistant."""

from typing import Any

import yaml

from server.settings import ROOT

FOLDER = ROOT / "assistant" / "wording"


def load_wording() -> dict[str, dict[str, dict[str, Any]]]:
    """locale → key → {text, buttons}."""
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yml"))}
