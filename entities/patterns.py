"""A pattern of numbers as admins write it: bounded in time, lenient about hyphens."""

from __future__ import annotations

import functools
import itertools
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import regex

from entities.syntax import check, is_opening, is_repeat

BUDGET_S = 0.05
"""For all that one message asks of a pattern; a pattern that has used it up finds nothing more."""

_BEFORE = r"(?<![A-Za-z0-9+])"
_AFTER = r"(?![A-Za-z0-9])"
_SEPARATORS = {"-": "-", r"\-": "-", "_": "_", "/": "/", r"\/": "/", r"\.": ".", " ": " ", r"\ ": " "}
_LENIENT = r"(?P<s{}> ?[-\u2010-\u2015\u2212._/]? ?)"
_T = TypeVar("_T")


class Match(NamedTuple):
    """Where a number stands in a text, and its normal form."""

    start: int
    end: int
    value: str


@dataclass(frozen=True)
class _Compiled:
    whole: Any
    inside: Any
    lenient: Any
    separators: tuple[str, ...]
    own_letters: bool
    """Its letters are its own (HH), not any two: then "hh 204817" in a sentence cannot be "in 2023"."""


class AdminPattern:
    """One message's look through a pattern. Raises Unreadable; after `budget_s` seconds it finds nothing."""

    def __init__(self, pattern: str, *, budget_s: float = BUDGET_S) -> None:
        self._pattern = _compiled(pattern)
        self._left_s = budget_s

    @property
    def spent(self) -> bool:
        return self._left_s <= 0

    def fullmatch(self, text: str) -> bool:
        return bool(self._timed(lambda limit: self._pattern.whole.fullmatch(text, timeout=limit)))

    def find(self, text: str) -> list[Match]:
        """The numbers in a normalised text: as the pattern has them first, then those without its hyphens."""
        found = [
            Match(match.start(), match.end(), self._cased(match.group()))
            for match in self._all(self._pattern.inside, text)
            if match.group()
        ]
        if self._pattern.separators:
            for match in self._all(self._pattern.lenient, text):
                value = self._with_separators(match)
                if value and self._may_be_spaced(match) and not _overlaps(match, found):
                    found.append(Match(match.start(), match.end(), value))
        return found

    def core(self, number: str) -> str:
        """What the first group of the pattern holds of a number, or all of the number."""
        match = self._timed(lambda limit: self._pattern.whole.fullmatch(number, timeout=limit))
        return (match.group(1) or number) if match and match.re.groups else number

    def normal_form(self, typed: str) -> str | None:
        """What was typed for a number, as the pattern has it: "hh204817" is HH-204817; None if it is none."""
        text = unicodedata.normalize("NFKC", typed).strip()
        for tried in dict.fromkeys((text, "".join(text.split()))):
            cased = self._cased(tried)
            if self.fullmatch(cased):
                return cased
            if value := self._without_separators(tried):
                return value
        return None

    def _without_separators(self, typed: str) -> str | None:
        if not self._pattern.separators:
            return None
        match = self._timed(lambda limit: self._pattern.lenient.fullmatch(typed, timeout=limit))
        return self._with_separators(match) if match else None

    def _cased(self, number: str) -> str:
        """In capitals, unless the pattern has the number otherwise."""
        forms = (number.upper(), number, number.lower())
        return next((form for form in forms if self.fullmatch(form)), number.upper())

    def _with_separators(self, match: Any) -> str | None:
        """The match with the pattern's own separators in their places."""
        places = sorted(
            (span, sign)
            for number, sign in enumerate(self._pattern.separators)
            for span in match.spans(f"s{number}")
        )
        value, at = "", match.start()
        for (start, end), sign in places:
            value += match.string[at:start] + sign
            at = end
        value = self._cased(value + match.string[at : match.end()])
        return value if self.fullmatch(value) else None

    def _may_be_spaced(self, match: Any) -> bool:
        """Two words of a sentence are a number only where nothing else can be meant."""
        typed = match.group()
        return " " not in typed or self._pattern.own_letters or typed.isupper()

    def _all(self, compiled: Any, text: str) -> Iterator[Any]:
        matches = iter(self._timed(lambda limit: compiled.finditer(text, timeout=limit)) or ())
        while (match := self._timed(lambda _: next(matches, None))) is not None:
            yield match

    def _timed(self, use: Callable[[float], _T]) -> _T | None:
        if self.spent:
            return None
        began = time.perf_counter()
        try:
            return use(self._left_s)
        except TimeoutError:
            self._left_s = 0.0
            return None
        finally:
            self._left_s -= time.perf_counter() - began


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Compiled:
    parts = check(pattern)
    if parts[:1] in (["^"], [r"\A"]) and parts[-1] in ("$", r"\Z"):  # of a number that stands in a sentence
        parts = parts[1:-1]
    pattern = "".join(parts)
    lenient, separators = _lenient(parts)
    return _Compiled(
        whole=regex.compile(pattern),
        inside=regex.compile(f"{_BEFORE}(?:{pattern}){_AFTER}", regex.IGNORECASE),
        lenient=regex.compile(f"{_BEFORE}(?:{lenient}){_AFTER}", regex.IGNORECASE),
        separators=separators,
        own_letters=any(part.isalpha() for part in parts) and not any(_is_any_letter(part) for part in parts),
    )


def _lenient(parts: list[str]) -> tuple[str, tuple[str, ...]]:
    """The pattern with every hyphen (or the like) left to the customer, and those signs in order."""
    signs: list[str] = []
    written, looks = "", [False]
    for part, following in itertools.zip_longest(parts, parts[1:], fillvalue=""):
        if is_opening(part):
            looks.append(looks[-1] or part in ("(?=", "(?!", "(?<=", "(?<!"))
        elif part == ")":
            looks.pop()
        repeated = bool(following) and is_repeat(following)
        if part in _SEPARATORS and not repeated and not looks[-1]:
            written += _LENIENT.format(len(signs))
            signs.append(_SEPARATORS[part])
        else:
            written += "(?:" if part == "(" else part
    return written, tuple(signs)


def _is_any_letter(part: str) -> bool:
    if part == "." or part[0] == "[" or part in (r"\w", r"\D", r"\S"):
        return len(re.findall(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) > 1
    return False


def _overlaps(match: Any, found: list[Match]) -> bool:
    return any(match.start() < other.end and other.start < match.end() for other in found)
