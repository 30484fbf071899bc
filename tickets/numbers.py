"""Ticket numbers: how they are given out, shown, and understood in whatever way a customer writes them."""

import re
import unicodedata

from sqlalchemy import text

from server.db import WriteSession

FIRST_NUMBER = 1001

_DASH = r"[-\u2010-\u2015\u2212_]"
_GAP = r"\s{0,3}"
"""Bounded: a customer may send thousands of spaces, and adjoining open repetitions would take minutes."""

_DIGITS = r"(?P<number>[0-9]{1,9})(?![0-9A-Za-z])"
"""Nine digits fit the column; a longer run of digits is no ticket."""

_CALLED = r"(?:tickets?|工[单單](?:[编編][号號]|[号號][码碼]?)?)"
_WORD = rf"{_CALLED}{_GAP}(?:(?:no|nr|number)\b\.?)?{_GAP}[:#]?{_GAP}"
_LETTER = rf"t{_GAP}{_DASH}?{_GAP}"
_MARKED = re.compile(
    rf"(?<![0-9A-Za-z'’])(?:{_WORD}(?:{_LETTER})?|\#{_GAP}(?:{_LETTER})?|{_LETTER}){_DIGITS}", re.IGNORECASE
)
_BARE = re.compile(_DIGITS)


def format_number(number: int) -> str:
    """The one form in which the product writes a ticket's number: `T-1042`."""
    return f"T-{number}"


def parse_ticket_number(written: str) -> int | None:
    """The number if the whole text names one ticket, else None.

    `T-1042`, `t 1042`, `#1042`, `ticket 1042`, `工单1042` and `1042` all do. Full-width letters and
    digits (`Ｔ－１０４２`) are read as the plain ones.
    """
    plain = _plain(written).strip()
    match = _MARKED.fullmatch(plain) or _BARE.fullmatch(plain)
    return int(match["number"]) or None if match else None


def find_ticket_numbers(sentence: str) -> list[int]:
    """The tickets named within a sentence, in order and once each; a bare number there is no ticket."""
    found = (int(match["number"]) for match in _MARKED.finditer(_plain(sentence)))
    return list(dict.fromkeys(number for number in found if number))


async def next_number(session: WriteSession) -> int:
    """Give out the next number. Whoever else asks waits until this transaction has ended.

    A number of a transaction that is rolled back is given out again; one that was committed never is, even
    after its ticket has been erased, because the counter and not the table of tickets remembers it.
    """
    given = await session.scalar(
        text(
            "INSERT INTO ticket_counter (id, last) VALUES (1, :first) "
            "ON CONFLICT (id) DO UPDATE SET last = ticket_counter.last + 1 RETURNING last"
        ),
        {"first": FIRST_NUMBER},
    )
    assert given is not None  # noqa: S101 - an upsert always returns its row
    return int(given)


def _plain(written: str) -> str:
    return unicodedata.normalize("NFKC", written)
