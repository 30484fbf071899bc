"""The database's history, one file a step; `scripts/new_migration.py` writes the next."""

from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"
