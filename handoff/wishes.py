"""Whether a customer's words ask for a person; "customs agent fee" and "人工费" are no such wish."""

import re

from chat.language import normalise
from handoff import wishes_en, wishes_zh
from handoff.wishes_zh import to_simplified

__all__ = ["MAX_SCANNED", "beside_declining", "declines_person", "to_simplified", "wants_person"]

MAX_SCANNED = 2000
"""Characters of a message that the patterns look at."""

_DECLINES = re.compile(
    rf"(?:{wishes_en.DECLINES}|{wishes_zh.DECLINES})(?:\s+(?:please|now))?[\s,.;:!，。；：！]*", re.IGNORECASE
)
_FRAGMENT = re.compile(r"[.,!?;:。，！？；：、~\n]+")


def wants_person(text: str) -> str | None:
    """The words with which a customer asks for a person, or None."""
    readable = _readable(text)
    english = wishes_en.spelt(readable)
    chinese = wishes_zh.spelt(wishes_en.NOT_MEANT.sub(" ", readable))
    found = (
        wishes_zh.REPROACHES.search(chinese)
        or wishes_zh.ASKS.search(wishes_zh.NOT_MEANT.sub("#", chinese))
        or wishes_en.REPROACHES.search(english)
        or wishes_en.ASKS.search(wishes_en.NOT_MEANT.sub(" ", english))
    )
    if found:
        return found.group().strip()
    return _alone(english, wishes_en.ALONE) or _alone(chinese, wishes_zh.ALONE)


def _alone(text: str, pattern: re.Pattern[str]) -> str | None:
    """The part between two signs that names a person and nothing else."""
    fragments = (fragment.strip() for fragment in _FRAGMENT.split(text))
    return next((fragment for fragment in fragments if pattern.fullmatch(fragment)), None)


def declines_person(text: str) -> bool:
    """Whether a message says that no person is wanted, and asks for none."""
    return bool(_DECLINES.search(_readable(text))) and wants_person(text) is None


def beside_declining(text: str) -> str:
    """What else a message says that wants no person; the whole of it where that is all."""
    if not declines_person(text):
        return text
    plain = normalise(text)
    match = _DECLINES.search(_readable(text))
    rest = (plain[: match.start()] + plain[match.end() :]).strip() if match else plain
    return rest if any(character.isalnum() for character in rest) else text


def _readable(text: str) -> str:
    """As the patterns want it; every character keeps its place."""
    return to_simplified(normalise(text)[:MAX_SCANNED].replace("’", "'"))
