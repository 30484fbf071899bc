"""Ticket numbers are understood in whatever way a customer writes them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.numbers import find_ticket_numbers, format_number, parse_ticket_number

NUMBERS = st.integers(min_value=1, max_value=999_999_999)

WAYS = [
    "T{}", "t {}", "T-{}", "t-{}", "T–{}", "#{}", "# {}", "#T-{}", "工单{}", "工单 {}", "工單{}",
    "工单号：{}", "工单编号 {}", "ticket {}",
    "Ticket no. {}", "ticket number {}", "ticket #{}", "TICKET T-{}", " {} ",
]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["T1042", "t 1042", "#1042", "工单1042", "ticket 1042", "Ｔ－１０４２", "T-1042", "1042", "＃１０４２"],
)
def test_the_promised_ways_of_writing_are_one_ticket(written: str) -> None:
    assert parse_ticket_number(written) == 1042


@pytest.mark.parametrize(
    "written",
    ["", " ", "T-", "T", "#", "T-10x", "DH-2213", "AT1042", "T-1042 please", "-1042", "1042.5", "0", "T-0",
     "T-1234567890", "9" * 4000, "T-１０４２a", "\x00", "T-\x001042", "🎫1042", "١٠٤٢", "HH-204817"],
)  # fmt: skip
def test_anything_else_is_none(written: str) -> None:
    assert parse_ticket_number(written) is None


@given(NUMBERS)
def test_what_is_shown_is_understood(number: int) -> None:
    assert parse_ticket_number(format_number(number)) == number


@given(NUMBERS, st.sampled_from(WAYS), st.booleans())
def test_every_way_of_writing_every_number(number: int, way: str, full_width: bool) -> None:
    written = way.format(number)
    if full_width:
        written = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert parse_ticket_number(written) == number


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    number = parse_ticket_number(text)
    assert number is None or 1 <= number <= 999_999_999
    assert all(1 <= found <= 999_999_999 for found in find_ticket_numbers(text))


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("What about T-1042?", [1042]),
        ("ticket 1042 and #1043, then T-1042 again", [1042, 1043]),
        ("我的工单1042怎么样了？", [1042]),
        ("Ｔ－１０４２到哪了", [1042]),
        ("my order HH-204817 of 2026-11-23, 1042 pieces", []),
        ("I don't 1042 and can't 7", []),
        ("the EK-17T 1042", []),
        ("call 1042", []),
    ],
)
def test_tickets_named_in_a_sentence(sentence: str, numbers: list[int]) -> None:
    assert find_ticket_numbers(sentence) == numbers


@pytest.mark.parametrize("filler", [" ", "t ", "ticket ", "#", "t-", "工单 ", "1", "no "])
def test_a_long_message_is_read_in_no_time(filler: str) -> None:
    text = "ticket" + filler * (8000 // len(filler)) + "x"
    began = time.process_time()
    find_ticket_numbers(text)
    parse_ticket_number(text)
    assert time.process_time() - began < 0.5
