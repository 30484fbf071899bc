"""Finds what a message names, and brings it into one form; no two findings overlap.

The stronger evidence keeps its place, and among equals the longer:

1. an e-mail address; a telephone number with its country (+31 …)
2. a ticket number that says so (T-1042, ticket 1042, 工单1042), and what the admins' patterns describe:
   order numbers, further ticket numbers
3. #1042, a ticket
4. an order number that is called one, where admins have no pattern ("order 204817")
5. a telephone number of the inbox's region
6. a product
7. what looks like an order number anywhere, where admins have no pattern
8. three to five digits alone, which answer "which ticket?"
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import phonenumbers

from entities.patterns import AdminPattern
from entities.rules import Product, Rules
from entities.syntax import Unreadable

EMAIL, PHONE, TICKET, ORDER, PRODUCT = "email", "phone", "ticket_number", "order_number", "product"

_MOST_PHONES = 10
_PHONE_TRIES = 50
_PHONE_TEXT = 4_000
"""Characters that are read for telephone numbers: their rules are many, and slow on long texts."""

# Classes are spelled in ASCII because Chinese words touch codes without a space ("工单1042谢谢"),
# and every repetition is bounded, so that no typed text can make a pattern slow.
_BEFORE = r"(?<![A-Za-z0-9])"
_AFTER = r"(?![A-Za-z0-9])"

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_TICKET = [
    re.compile(_BEFORE + r"T[- ]?(\d{3,8})" + _AFTER, re.IGNORECASE),
    re.compile(
        _BEFORE
        + r"(?:ticket|tiket|case)\s{0,3}(?:number|no\.?|nr\.?|id)?\s{0,3}[:#]?\s{0,3}(\d{3,8})"
        + _AFTER,
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:工单|工單|报修单|報修單)(?:编号|編號|号|號)?[是为為:# ]{0,3}(?:T-?)?(\d{3,8})" + _AFTER,
        re.IGNORECASE,
    ),
    re.compile(_BEFORE + r"(\d{3,8}) ?(?:号|號)?(?:的)?(?:工单|工單)"),
]
# "#1042" is a ticket unless the words before it say that it is an order.
_HASH = re.compile(
    r"(?<!order )(?<!order)(?<!订单)(?<!订单号)(?<!訂單)(?<![A-Za-z0-9])#\s?(\d{3,8})" + _AFTER,
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\s*(\d{3,5})\s*[.?!]?\s*")
_ORDER = [
    re.compile(_BEFORE + r"([A-Z]{2}[-\u2010-\u2015]?\d{4,8})" + _AFTER, re.IGNORECASE),
    re.compile(r"(?<![A-Za-z0-9.+-])(\d{6,12})(?![A-Za-z0-9])"),
]
_ORDER_BY_NAME = re.compile(
    r"(?:order|订单|訂單|单号|單號)\s{0,3}(?:number|no\.?|nr\.?|号|號|编号|編號)?\s{0,3}(?:is|是|为|為)?[\s:#]{0,3}"
    r"([A-Z]{2}[-\u2010-\u2015]?\d{4,8}|\d{6,12})" + _AFTER,
    re.IGNORECASE,
)


class Found(NamedTuple):
    """One thing that a text names: which kind, where, and its normal form."""

    entity: str
    start: int
    end: int
    value: str


def find_entities(text: str, rules: Rules) -> list[Found]:
    """All that a text in NFKC names, in reading order. A pattern that cannot be read counts as none."""
    found: list[Found] = []
    for tier in _tiers(text, rules):
        for one in sorted(tier(), key=lambda one: one.start - one.end):  # stable: of one length, as listed
            if all(one.end <= other.start or one.start >= other.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


def order_number(typed: str, rules: Rules) -> str | None:
    """The order number that somebody gives who was asked for one, in normal form; None where it is none."""
    pattern = readable(rules.order_pattern)
    number = pattern.normal_form(typed) if pattern else _generic_number(typed)
    found = find_entities(typed.strip(), rules)
    if number and (pattern or not any(one.entity in (PHONE, EMAIL) for one in found)):
        return number
    numbers = {one.value for one in found if one.entity == ORDER}
    return numbers.pop() if len(numbers) == 1 else None


def readable(pattern: str) -> AdminPattern | None:
    """The pattern, unless it is empty or one that must not be used."""
    try:
        return AdminPattern(pattern) if pattern else None
    except Unreadable:
        return None


def _tiers(text: str, rules: Rules) -> Iterator[Callable[[], Iterable[Found]]]:
    order, ticket = readable(rules.order_pattern), readable(rules.ticket_pattern)
    yield lambda: itertools.chain(_emails(text), _phones(text, ""))
    yield lambda: itertools.chain(_orders(text, order), _tickets(text, _TICKET), _own_tickets(text, ticket))
    yield lambda: _tickets(text, [_HASH])
    if order is None:
        yield lambda: _generic_orders(text, [_ORDER_BY_NAME])
    yield lambda: _phones(text, rules.region)
    yield lambda: _products(text, rules.products)
    if order is None:
        yield lambda: _generic_orders(text, _ORDER)
    yield lambda: _bare_number(text)


def _emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found(EMAIL, match.start(), match.end(), match.group())


def _phones(text: str, region: str) -> Iterator[Found]:
    """Numbers that exist, in E.164; without a region those alone that name their country."""
    known = region if region in phonenumbers.SUPPORTED_REGIONS else None
    matches = phonenumbers.PhoneNumberMatcher(
        text[:_PHONE_TEXT], known, leniency=phonenumbers.Leniency.VALID, max_tries=_PHONE_TRIES
    )
    for match in itertools.islice(matches, _MOST_PHONES):
        value = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        yield Found(PHONE, match.start, match.end, value)


def _orders(text: str, pattern: AdminPattern | None) -> Iterator[Found]:
    for match in pattern.find(text) if pattern else ():
        yield Found(ORDER, match.start, match.end, match.value)


def _own_tickets(text: str, pattern: AdminPattern | None) -> Iterator[Found]:
    """By the admins' pattern: the digits (of its first group, where it has one) are the ticket's number."""
    for match in pattern.find(text) if pattern else ():
        digits = re.sub(r"\D", "", pattern.core(match.value)) if pattern else ""
        if digits:
            yield Found(TICKET, match.start, match.end, f"T-{digits}")


def _tickets(text: str, patterns: list[re.Pattern[str]]) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Found(TICKET, match.start(), match.end(), f"T-{match.group(1)}")


def _generic_orders(text: str, patterns: list[re.Pattern[str]]) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Found(ORDER, match.start(1), match.end(1), _plain(match.group(1)))


def _generic_number(typed: str) -> str | None:
    number = _plain("".join(unicodedata.normalize("NFKC", typed).split()))
    return number if any(pattern.fullmatch(number) for pattern in _ORDER) else None


def _plain(number: str) -> str:
    return re.sub("[\u2010-\u2015]", "-", number).upper()


def _bare_number(text: str) -> Iterator[Found]:
    # Three to five digits alone answer "which ticket?"; nobody sends them for anything else.
    if alone := _BARE_NUMBER.fullmatch(text):
        yield Found(TICKET, alone.start(1), alone.end(1), f"T-{alone.group(1)}")


def _products(text: str, products: tuple[Product, ...]) -> Iterator[Found]:
    if not products:
        return
    names, pattern = _product_names(products)
    for match in pattern.finditer(lowered(text)):
        yield Found(PRODUCT, match.start(), match.end(), names[_spaced(match.group(1))])


@functools.lru_cache(maxsize=32)
def _product_names(products: tuple[Product, ...]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Each name as it is compared → the product's own name; and what finds them, the longest first."""
    names: dict[str, str] = {}
    for product in products:
        for name in product.names:
            names.setdefault(compared(name), product.name)
    names.pop("", None)
    listed = sorted(names, key=len, reverse=True)
    found = "|".join(_name_pattern(name) for name in listed) or "(?!)"
    ending = r"(?<=[a-z0-9])(?:['’]s|s['’]?)?(?![a-z0-9])|(?<![a-z0-9])"
    return names, re.compile(f"({found})(?:{ending})")


def _name_pattern(name: str) -> str:
    """A name with its words as far apart as people type them; a Chinese one need not stand alone."""
    written = r"[\s-]{1,3}".join(re.escape(word) for word in name.split(" "))
    return (r"(?<![a-z0-9])" if name[0].isascii() else "") + written


def compared(name: str) -> str:
    """A product's name as it is looked for: two names that are alike in this form cannot be told apart."""
    return _spaced(lowered(unicodedata.normalize("NFKC", name)))


def _spaced(name: str) -> str:
    return re.sub(r"[\s-]+", " ", name).strip()


def lowered(text: str) -> str:
    """In small letters, of the same length, so that places in it are places in the text."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)
