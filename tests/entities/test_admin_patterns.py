"""Patterns that admins write: which are read, which are refused and why, and what a spent one does."""

import pytest

from entities.patterns import AdminPattern
from entities.syntax import Unreadable, check


@pytest.mark.parametrize(
    "pattern",
    [r"HH-\d{6}", r"\d{5,10}", r"[A-Z]{2,3}-?\d+", r"(?:\d{4}-){3}\d{4}", r"(DE|NL)\d{8}",
     r"HH-\d{6}|55000\d{11}", r"(?<!X)A\d{3}(?!0)", r"[\d-]{4,12}", r"(?:[A-Z]{2})?\d{6}",
     r"单\d{4,8}", r"\bA\d+\b", r"A\.\d", "^A-1$"],
)  # fmt: skip
def test_what_a_shop_needs_is_read(pattern: str) -> None:
    check(pattern)
    AdminPattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(a+)+", "same length"),
        (r"(\d{1,3})*", "same length"),
        (r"(a|bb){2,9}", "same length"),
        (r"(?:(?:a{999}){999}){999}", "too often"),
        (r"\d{501}", "too often"),
        (r"(\d)\1", "not supported"),
        (r"(?i)hh", "nothing before it"),
        (r"(?R)", "unknown extension"),
        (r"(?:HH){e<=2}", "not supported"),
        (r"\p{Lu}\d", "not supported"),
        (r"[[:alpha:]]\d", "cannot be read"),
        (r"HH-(\d{6}", "cannot be read"),
        (r"[A-Z", "not supported"),
        (r"*1", "cannot be read"),
        ("1" * 201, "longer than 200"),
    ],
)
def test_what_could_be_slow_or_cannot_be_read_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        AdminPattern(pattern)


def test_a_pattern_that_has_used_up_its_time_finds_nothing_more() -> None:
    slow = AdminPattern(r"(?:a|a)*b", budget_s=0.01)
    assert slow.find("a" * 40 + "!b") == []
    assert slow.spent
    assert not slow.fullmatch("b")
    assert slow.normal_form("b") is None
    assert AdminPattern(r"(?:a|a)*b").fullmatch("b")


def test_the_first_group_is_the_core() -> None:
    assert AdminPattern(r"REF-(\d+)/\d").core("REF-1042/7") == "1042"
    assert AdminPattern(r"REF-\d+").core("REF-1042") == "REF-1042"
    assert AdminPattern(r"REF(-\d+)?").core("REF") == "REF"
