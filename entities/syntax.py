"""The part of the regular expressions' language that admins may use, and what is wrong with the rest.

A pattern that admins write is tried on every message. Three things make one dangerous: repeats within
repeats (time grows with a power of the text's length), huge counts (memory), and what only one of our two
engines knows. They are refused by reading the pattern, not by trying it; `patterns.py` also limits the time.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field

from entities.rules import MAX_PATTERN

_TOKEN = re.compile(
    r"\\[dDwWsSbBAZ]|\\[^A-Za-z0-9]"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|\((?:\?(?::|=|!|<=|<!))?"
    r"|(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\}|\{,\d{1,3}\})[?+]?"
    r"|[^\\\[{}]"
)
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")
_LONGEST = 500
_UNBOUNDED = 100
_NO_LENGTH = ("^", "$", r"\b", r"\B", r"\A", r"\Z")


class Unreadable(ValueError):
    """A pattern that is not used; the message says why, to the admin who wrote it."""


@dataclass
class _Group:
    """Lengths of what has been read of a group: of its alternatives so far, and of the one at hand."""

    opening: str = ""
    alternatives: list[tuple[int, int]] = field(default_factory=list)
    shortest: int = 0
    longest: int = 0
    last: tuple[int, int] | None = None

    def add(self, item: tuple[int, int]) -> None:
        self.last = item
        self.shortest += item[0]
        self.longest += item[1]

    def next_alternative(self) -> None:
        self.alternatives.append((self.shortest, self.longest))
        self.shortest, self.longest, self.last = 0, 0, None

    def closed(self) -> tuple[int, int]:
        self.next_alternative()
        if self.opening in ("(?=", "(?!", "(?<=", "(?<!"):
            return 0, 0
        return min(low for low, _ in self.alternatives), max(high for _, high in self.alternatives)


def parts(pattern: str) -> list[str]:
    """The pattern in pieces: a character, class or escape, an opening or closing, a repeat."""
    if len(pattern) > MAX_PATTERN:
        raise Unreadable(f"The pattern is longer than {MAX_PATTERN} characters.")
    found, at = [], 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            raise Unreadable(f"“{pattern[at : at + 2]}” at character {at + 1} is not supported in patterns.")
        found.append(match.group())
        at = match.end()
    return found


def check(pattern: str) -> list[str]:
    """The pattern in pieces; raises Unreadable where it is not one, or could be slow."""
    found = parts(pattern)
    _compiles(pattern)
    stack = [_Group()]
    for part in found:
        _read(stack, part)
    if stack[0].closed()[1] > _LONGEST:
        raise Unreadable("The pattern repeats too often: what it describes is longer than any number.")
    return found


def _compiles(pattern: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise Unreadable(f"The pattern cannot be read: {error}.") from None


def _read(stack: list[_Group], part: str) -> None:
    group = stack[-1]
    if is_opening(part):
        stack.append(_Group(part))
    elif part == ")":
        stack.pop()
        stack[-1].add(group.closed())
    elif part == "|":
        group.next_alternative()
    elif is_repeat(part):
        _repeat(group, part)
    else:
        group.add((0, 0) if part in _NO_LENGTH else (1, 1))


def _repeat(group: _Group, part: str) -> None:
    if group.last is None:
        raise Unreadable(f"“{part}” has nothing before it that it could repeat.")
    low, high = _times(part)
    shortest, longest = group.last
    if high > 1 and shortest != longest:
        raise Unreadable(
            "A group that is repeated must always have the same length: "
            "a repeat or a choice within a repeat can take very long."
        )
    group.shortest += shortest * (low - 1)
    group.longest += longest * (high - 1)
    group.last = (shortest * low, longest * high)


def _times(part: str) -> tuple[int, int]:
    if part[0] in "*+?":
        return (1 if part[0] == "+" else 0), (1 if part[0] == "?" else _UNBOUNDED)
    counted = _COUNT.match(part)
    if counted is None:
        raise Unreadable(f"“{part}” is not supported in patterns.")
    low, comma, high = counted.groups()
    return int(low or 0), (int(high) if high else _UNBOUNDED) if comma else int(low)


def is_opening(part: str) -> bool:
    return part.startswith("(")


def is_repeat(part: str) -> bool:
    return part[0] in "*+?{"
