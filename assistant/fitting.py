"""Keeps a bot message short: at most 60 words or 120 Han characters, cut between sentences."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import rjieba

from chat.texts import fill, variables_of
from knowledge_base.words import HAN

LIMIT = 60.0
"""Words of one bot message at most; two Han characters count as one word."""

SHORTEST = 8.0
"""What is quoted gets at least this much: less says nothing."""

LABEL = 60
"""Characters of a button's label at most."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+|(?<=[。！？；])[”’）]*\s*|\n+")
_NO_END = re.compile(r"(?:^|\s)(?:\d+\.|-|e\.g\.|i\.e\.|approx\.|No\.|Nr\.|Mr\.|Mrs\.|Ms\.|Dr\.|vs\.)$")
"""What a full stop does not end: the number of a list's item, an abbreviation."""


@dataclass(frozen=True, slots=True)
class Part:
    """A text whose long values may be shortened, and how to write it with shorter ones.

    `template` holds `{name}` places; values of `quoted` are passages, cut at a sentence's end without a mark.
    """

    template: str
    values: dict[str, str]
    quoted: frozenset[str] = frozenset()

    def written(self, room: float | None = None) -> str:
        """The text, its long values within `room` together."""
        values = dict(self.values)
        for name in self._elastic():
            mark = "" if name in self.quoted else "…"
            values[name] = shorten(values[name], room, mark=mark) if room else ""
        return fill(self.template, values)

    @property
    def whole(self) -> str:
        return fill(self.template, self.values)

    def _elastic(self) -> list[str]:
        places = variables_of(self.template)
        return [name for name, value in self.values.items() if name in places and _is_long(value)]

    @property
    def need(self) -> float:
        """Room that the long values ask for."""
        return sum(size(self.values[name]) for name in self._elastic())


def _is_long(value: str) -> bool:
    return size(value) > SHORTEST


def size(text: str) -> float:
    """Length in words; never less than half the Han characters."""
    return max(float(len(text.split())), len(HAN.findall(text)) / 2)


def fit(parts: Sequence[Part], limit: float = LIMIT) -> list[str]:
    """The parts' texts, together within the limit: what is quoted shares the room that fixed words leave.

    Short quotations leave their rest to long ones. Where the fixed words alone are too many, all but the
    last part, which usually asks something, keep their first sentences only.
    """
    whole = [part.whole for part in parts]
    if sum(map(size, whole)) <= limit:
        return whole
    fixed = [part.written() for part in parts]
    elastic = [number for number, part in enumerate(parts) if part.need]
    least = SHORTEST * len(elastic)
    texts = dict(enumerate(fixed))
    for number in (*range(len(parts) - 1), len(parts) - 1):
        if sum(map(size, texts.values())) + least > limit and number not in elastic:
            texts[number] = first_sentence(texts[number])
    room = max(limit - sum(map(size, texts.values())), least)
    for done, number in enumerate(sorted(elastic, key=lambda one: parts[one].need)):
        share = min(parts[number].need, room / (len(elastic) - done))
        texts[number] = parts[number].written(share / max(1, len(parts[number]._elastic())))
        room -= size(texts[number]) - size(fixed[number])
    return _at_most(list(texts.values()), limit)


def _at_most(texts: list[str], limit: float) -> list[str]:
    """The last resort: what is still too long loses its end, the last part last."""
    for number in range(len(texts)):
        over = sum(map(size, texts)) - limit
        if over > 0:
            left = size(texts[number]) - over
            texts[number] = shorten(texts[number], left) if left >= 1 else ""
    return [text for text in texts if text]


def shorten(text: str, limit: float, *, mark: str = "") -> str:
    """Whole sentences within the limit; where not even the first one fits, whole words and an ellipsis."""
    if size(text) <= limit:
        return text
    kept = 0
    for end in _SENTENCE_END.finditer(text):
        head = text[: end.start()]
        if size(head) > limit:
            break
        if not _NO_END.search(head):
            kept = end.start()
    if kept:
        whole = text[: _with_closing(text, kept)].rstrip()
        return f"{whole} {mark}" if mark else whole
    return _words(text, limit) + "…"


def _with_closing(text: str, end: int) -> int:
    """Past the quotation marks and brackets that close with the sentence."""
    match = re.compile(r"[\"”’)）]*").match(text, end)
    return match.end() if match else end


def first_sentence(text: str) -> str:
    for end in _SENTENCE_END.finditer(text):
        if not _NO_END.search(text[: end.start()]):
            return text[: _with_closing(text, end.start())].rstrip()
    return text


def _words(text: str, limit: float) -> str:
    """As many whole words as fit; Chinese words are found by segmentation."""
    kept = ""
    for token in re.findall(r"\s+|\S+", text):
        for piece in rjieba.cut(token) if HAN.search(token) else [token]:
            if size(kept + piece) > limit:
                return kept.rstrip().rstrip(",;:，；：、").rstrip()
            kept += piece
    return kept


def label(text: str) -> str:
    """A button's label on one line, cut between words."""
    line = " ".join(text.split())
    if len(line) <= LABEL:
        return line
    head = line[: LABEL - 1]
    if not HAN.search(line) and not line[LABEL - 1].isspace():
        head = head.rpartition(" ")[0] or head
    return head.rstrip(" ,;:，；：") + "…"
