"""Scrubbing: card numbers, ID numbers and passwords are masked before anything is committed."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol

_BETWEEN = (
    r"\s\-.,/_|\u00b7\u2010-\u2015\u2212"
    r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u20e3\ufe00-\ufe0f\ufeff"
)
_DIGIT_RUN = re.compile(rf"\d(?:[{_BETWEEN}]{{0,3}}\d){{11,}}")
"""Twelve or more digits, grouped by spaces, dots, dashes or invisible signs as people type a card number."""

_GROUP = re.compile(r"\d+")

_CHINESE_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_OTHER_TALK = (
    r"(?:not|wrong|incorrect|invalid|expired|too|correct|reset|required|very|rejected|refused|never|the|what|"
    r"still|empty|needed|case|ok|okay|fine|now|also|being|saved|safe|weak|strong|same|forgotten|lost)"
    r"(?=[\s.,;!?]|$)|"
    r"什么|多少|啥|怎|如何|不|否|错|對|对|正确|空|忘|谁|哪|几"
)
_PASSWORD = re.compile(
    r"((?:pass\s?word|passwd|pwd|passcode|pin code)(?:\s+(?:for|to|of)(?:\s+\w+){1,4}?)?"
    r"\s*(?:(?:is|was)\s*[:=]?|[:=])\s*|密[码碼]\s*(?:[是为為]\s*[:=]?|[:=])\s*)"
    rf"(?!{_OTHER_TALK})[\"'“‘]?(\S{{3,}})",
    re.IGNORECASE,
)

# Issuer prefixes and lengths, after ISO/IEC 7812 and the card schemes' published ranges:
# Visa 4; Mastercard 51-55, 2221-2720; American Express 34, 37; Discover 6011, 644-649, 65; Diners 300-305,
# 36, 38; JCB 3528-3589; UnionPay 62; Maestro 50, 56-58, 6304, 6759-6763.
_ISSUERS = (
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"6011|64[4-9]|65"), {16, 19}),
    (re.compile(r"30[0-5]|36|38"), {14, 16}),
    (re.compile(r"35(?:2[89]|[3-8])"), {16}),
    (re.compile(r"62"), {16, 17, 18, 19}),
    (re.compile(r"50|5[678]|6304|6759|676[1-3]"), {12, 13, 14, 15, 16, 17, 18, 19}),
)

MASK = "••••"

LONGEST_CARD = 19
SHORT_CARD = 14
LONGEST_PHONE = 15
"""Digits of an international telephone number (ITU-T E.164)."""


FEW_WORDS = 4


class Keep(Protocol):
    """Knows numbers that look like secrets and are none."""

    def fullmatch(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A text that may be stored, and the kinds of secret (`card`, `id`, `password`) taken out of it."""

    text: str
    found: tuple[str, ...]


def scrub(text: str, keep: Keep | None = None) -> Scrubbed:
    """Mask what must never be stored; `keep` is the inbox's pattern of order and product numbers.

    A card number passes Luhn's check *and* has a known issuer's prefix and length *and* is no order number:
    about one in ten random long numbers passes Luhn alone. Digits of any script count (NFKC).
    """
    kinds: list[str] = []
    while True:  # what stands beside a masked number may be seen to be a number of its own only then
        masked, found = _mask(text, keep)
        kinds += found
        if masked == text:
            return Scrubbed(text, tuple(dict.fromkeys(kinds)))
        text = masked


def _mask(text: str, keep: Keep | None) -> tuple[str, list[str]]:
    """The text with what can be seen at once masked, and the kinds of what that was."""
    found: list[str] = []
    digits = _ascii_digits(text)  # same length, so that spans fit both
    spans: list[tuple[int, int]] = []
    for match in _DIGIT_RUN.finditer(digits):
        cards = _card_spans(match, keep)
        spans += cards
        found += ["card"] * len(cards)
    for pattern, check in ((_CHINESE_ID, _is_chinese_id), (_SSN, lambda _: True)):
        for match in pattern.finditer(digits):
            kept = keep is not None and keep.fullmatch(match.group())
            if check(match.group()) and not kept and not _overlaps(match.span(), spans):
                spans.append(match.span())
                found.append("id")
    for match in _PASSWORD.finditer(digits):
        if not _overlaps(match.span(2), spans):
            spans.append(match.span(2))
            found.append("password")
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + MASK + text[end:]
    return text, found


def _ascii_digits(text: str) -> str:
    """The text with every digit and every full-width sign as one ASCII character; length unchanged."""
    if text.isascii():
        return text
    return "".join(map(_as_ascii, text))


def _as_ascii(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) != 1:
        return character
    digit = unicodedata.digit(folded, None)
    return folded if digit is None else str(digit)


def _card_spans(run: re.Match[str], keep: Keep | None) -> list[tuple[int, int]]:
    """Where card numbers stand in a run of digit groups; an expiry date or a second card may follow one."""
    groups = [(m.start() + run.start(), m.end() + run.start()) for m in _GROUP.finditer(run.group())]
    spans: list[tuple[int, int]] = []
    first = 0
    while first < len(groups):
        last = _card_ends_at(run.string, groups, first, keep)
        if last is None:
            first += 1
        else:
            spans.append((groups[first][0], groups[last][1]))
            first = last + 1
    return spans


def _card_ends_at(text: str, groups: list[tuple[int, int]], first: int, keep: Keep | None) -> int | None:
    """The last group of a card number that begins with group `first`, the longest that fits; else None."""
    number, found = "", None
    start = groups[first][0]
    after_plus = text[start - 1 : start] == "+"
    for last in range(first, len(groups)):
        number += text[groups[last][0] : groups[last][1]]
        if len(number) > LONGEST_CARD:
            break
        is_phone = after_plus and len(number) <= LONGEST_PHONE
        # So few digits of a longer number pass by chance: they must stand alone.
        whole = last - first in (0, len(groups) - 1) or len(number) >= SHORT_CARD
        if not whole or is_phone or not is_card_number(number):
            continue
        written = text[start : groups[last][1]]
        if keep is None or not (keep.fullmatch(written) or keep.fullmatch(number)):
            found = last
    return found


def is_card_number(number: str) -> bool:
    """Whether a string of digits has a card issuer's prefix and length and passes Luhn's check."""
    known = any(prefix.match(number) and len(number) in lengths for prefix, lengths in _ISSUERS)
    return known and luhn(number)


def luhn(number: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1, annex B): from the right, every second digit doubled."""
    total = 0
    for index, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_chinese_id(value: str) -> bool:
    """Resident ID number: check character by ISO 7064 MOD 11-2 (GB 11643-1999), a plausible birth date."""
    if not ("18" <= value[6:8] <= "20" and "01" <= value[10:12] <= "12" and "01" <= value[12:14] <= "31"):
        return False
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(value[:17]))
    return "10X98765432"[weighted % 11] == value[17].upper()


def _overlaps(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in spans)


def is_only_secret(text: str) -> bool:
    """Whether a scrubbed text says next to nothing beside what was masked ("my card is ••••")."""
    rest = text.replace(MASK, " ")
    size = len(re.findall(r"[A-Za-z0-9']+", rest)) + len(re.findall(r"[\u3400-\u9fff]", rest)) / 2
    return MASK in text and size < FEW_WORDS
