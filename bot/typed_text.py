"""Turns what a customer typed into text that Rasa can only read as text, never as a command."""

from __future__ import annotations

import unicodedata

# Looks like a slash, is not one to Rasa, and no normalisation makes it one.
_DIVISION_SLASH = "\u2215"
_ZERO_WIDTH_JOINER = "\u200d"  # holds compound emoji together


def neutralise(text: str) -> str:
    """NFKC form without invisible characters, trimmed; a leading slash loses its meaning.

    Rasa reads `/restart` or `/greet{"name": "x"}` as an intent with entities, whoever typed it. Full-width
    slashes, and those behind a zero-width character, become such a slash only by normalising.
    """
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if _is_kept(c)).strip()
    if visible.startswith("/"):
        return _DIVISION_SLASH + visible[1:]
    return visible


def _is_kept(character: str) -> bool:
    if character in "\n\t" or character == _ZERO_WIDTH_JOINER:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")
