"""What is recognised in a message, by which rules, in which form, and how fast."""

import time

import pytest

from entities.find import find_entities, order_number
from entities.rules import Rules

NOTHING = Rules()
OURS = Rules.of(
    {
        "order_pattern": r"HH-\d{6}",
        "ticket_pattern": r"REF-(\d+)",
        "region": "NL",
        "products": [
            "Ember Kettle",
            {"name": "Ember Kettle Tempo", "aliases": ["Tempo", "温控壶"]},
            {"name": "Wren Over-Ear", "aliases": ["头戴式耳机", "耳机"]},
        ],
    }
)

Names = list[tuple[str, str]]


def named(text: str, rules: Rules) -> Names:
    return [(one.entity, one.value) for one in find_entities(text, rules)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What about T-1042?", [("ticket_number", "T-1042")]),
        ("T1042", [("ticket_number", "T-1042")]),
        ("t 1042", [("ticket_number", "T-1042")]),
        ("t-1042", [("ticket_number", "T-1042")]),
        ("#1042", [("ticket_number", "T-1042")]),
        ("工单1042", [("ticket_number", "T-1042")]),
        ("工单T-1042怎么样了", [("ticket_number", "T-1042")]),
        ("我的工单号是1042", [("ticket_number", "T-1042")]),
        ("1042号工单", [("ticket_number", "T-1042")]),
        ("ticket 1042", [("ticket_number", "T-1042")]),
        ("ticket number: 1042", [("ticket_number", "T-1042")]),
        ("any news on Ticket #104233?", [("ticket_number", "T-104233")]),
        ("1042", [("ticket_number", "T-1042")]),
        (" 1042. ", [("ticket_number", "T-1042")]),
        ("my order HH-204817 is late", [("order_number", "HH-204817")]),
        ("hh204817", [("order_number", "HH204817")]),
        ("HH–204817", [("order_number", "HH-204817")]),
        ("订单HH-204817谢谢", [("order_number", "HH-204817")]),
        ("order #20231177", [("order_number", "20231177")]),
        ("20231177", [("order_number", "20231177")]),
        ("write to Ann.Lee+shop@mail.example.com.", [("email", "Ann.Lee+shop@mail.example.com")]),
        ("邮箱abc@qq.com谢谢", [("email", "abc@qq.com")]),
        ("HH-204817, ann@example.com", [("order_number", "HH-204817"), ("email", "ann@example.com")]),
        ("call +31 6 1234 5678", [("phone", "+31612345678")]),
        ("it broke in 2023 after 3 weeks", []),
        ("at 1042 metres", []),
        ("no codes here", []),
        ("a@b", []),
    ],
)
def test_what_looks_the_same_everywhere(text: str, names: Names) -> None:
    assert named(text, NOTHING) == names


@pytest.mark.parametrize(
    "text",
    ["HH-204817", "hh-204817", "hh204817", "HH 204817", "HH–204817", "my order is hh 204817 and late",
     "订单HH204817谢谢", "#HH-204817", "HH - 204817", "it's HH-204817."],
)  # fmt: skip
def test_an_order_number_has_one_form_however_it_is_written(text: str) -> None:
    assert named(text, OURS) == [("order_number", "HH-204817")]


@pytest.mark.parametrize("text", ["20231177", "HK-204817", "HH-2048170", "XHH-204817", "in 2023 HH-20481"])
def test_with_a_pattern_nothing_else_is_an_order_number(text: str) -> None:
    assert named(text, OURS) == []


@pytest.mark.parametrize(
    ("text", "pattern", "names"),
    [
        ("1042", r"\d{4}", [("order_number", "1042")]),
        ("#1042", r"\d{4}", [("order_number", "1042")]),
        ("ticket 1042", r"\d{4}", [("ticket_number", "T-1042")]),
        ("T-1042", r"\d{4}", [("ticket_number", "T-1042")]),
        ("0612345678", r"\d{10}", [("order_number", "0612345678")]),
        ("+31612345678", r"\d{11}", [("phone", "+31612345678")]),
        ("in 2023", r"[A-Z]{2}-\d{4}", []),
        ("AB 2023", r"[A-Z]{2}-\d{4}", [("order_number", "AB-2023")]),
        ("ab2023", r"[A-Z]{2}-\d{4}", [("order_number", "AB-2023")]),
        ("ab/12-3", r"ab/\d{2}-\d", [("order_number", "ab/12-3")]),
        ("12345678", r"\d{3}-\d{4}-\d", [("order_number", "123-4567-8")]),
        ("2024-11-0042", r"(?:19|20)\d\d-\d{2}-\d{4}", [("order_number", "2024-11-0042")]),
        ("my number is AB-1", r"^[A-Z]{2}-\d$", [("order_number", "AB-1")]),
        ("ann12@example.com", r"[a-z]{3}\d\d", [("email", "ann12@example.com")]),
    ],
)
def test_the_admins_pattern_wins_where_nothing_says_otherwise(text: str, pattern: str, names: Names) -> None:
    assert named(text, Rules(order_pattern=pattern, region="NL")) == names


@pytest.mark.parametrize("text", ["REF-1042", "ref1042", "any news on ref 1042?"])
def test_the_admins_other_ticket_numbers(text: str) -> None:
    assert named(text, OURS) == [("ticket_number", "T-1042")]


@pytest.mark.parametrize(
    ("text", "region", "names"),
    [
        ("06-12345678", "NL", [("phone", "+31612345678")]),
        ("call me: 06 1234 5678", "NL", [("phone", "+31612345678")]),
        ("电话13812345678谢谢", "CN", [("phone", "+8613812345678")]),
        ("0049 30 901820", "NL", [("phone", "+4930901820")]),
        ("(202) 555-0143", "US", [("phone", "+12025550143")]),
        ("0612345678", "XX", [("order_number", "0612345678")]),
        ("my order is 2025550143", "US", [("order_number", "2025550143")]),
        ("20231177", "NL", [("order_number", "20231177")]),
    ],
)
def test_a_telephone_number_that_exists_is_no_order_number(text: str, region: str, names: Names) -> None:
    assert named(text, Rules(region=region)) == names


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("the EMBER KETTLE leaks", "Ember Kettle"),
        ("two ember kettles", "Ember Kettle"),
        ("the ember-kettle’s lid", "Ember Kettle"),
        ("ember kettle tempo", "Ember Kettle Tempo"),
        ("my Tempo is loud", "Ember Kettle Tempo"),
        ("温控壶坏了", "Ember Kettle Tempo"),
        ("头戴式耳机HH", "Wren Over-Ear"),
        ("wren over ear", "Wren Over-Ear"),
    ],
)
def test_a_product_has_one_name_however_it_is_called(text: str, product: str) -> None:
    assert named(text, OURS) == [("product", product)]


@pytest.mark.parametrize("text", ["a temporary problem", "contempo", "December kettle", "ember, kettle"])
def test_a_part_of_a_word_is_no_product(text: str) -> None:
    assert named(text, OURS) == []


def test_findings_stand_where_they_are_said_and_do_not_overlap() -> None:
    text = "Tempo HH204817, T-1042, ann@example.com, +31612345678"
    assert [text[one.start : one.end] for one in find_entities(text, OURS)] == text.replace(",", "").split()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("hh204817", "HH-204817"),
        ("HH 204 817", "HH-204817"),
        ("ＨＨ２０４８１７", "HH-204817"),
        ("I think it is HH-204817", "HH-204817"),
        ("HH-204817 or HH-204818", None),
        ("204817", None),
        ("0612345678", None),
        ("", None),
    ],
)
def test_the_answer_to_the_question_for_an_order_number(typed: str, number: str | None) -> None:
    assert order_number(typed, OURS) == number


@pytest.mark.parametrize(
    ("typed", "number"), [("hh 204817", "HH204817"), ("20231177", "20231177"), ("12345", None)]
)
def test_without_a_pattern_many_things_are_order_numbers(typed: str, number: str | None) -> None:
    assert order_number(typed, NOTHING) == number
    assert order_number("0612345678", Rules(region="NL")) is None


@pytest.mark.parametrize(
    "text",
    ["T" * 20_000, "1" * 20_000, "a@" * 10_000, "工单" * 10_000, "# " * 10_000, "ticket " * 3_000,
     "0612345678 " * 1_800, "order " * 3_000, "12-" * 6_000, "ember " * 3_000],
)  # fmt: skip
def test_no_text_makes_it_slow(text: str) -> None:
    find_entities("warm", OURS)
    for rules in (NOTHING, OURS):
        began = time.perf_counter()
        find_entities(text, rules)
        assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "pattern", [r"(a|a)+x", r"\d*\d*\d*\d*\d*x", r"(?:1|1)*b", r"(?=(?:1|1)*x)1", r"(?:\w|\w)*-x", r"(.)+!"]
)
def test_no_pattern_makes_it_slow(pattern: str) -> None:
    rules = Rules(order_pattern=pattern, ticket_pattern=pattern)
    for run in ("1" * 60, "a" * 60, "1" * 19_000, "a" * 19_000, "a1-" * 6_000):
        text = run + "?x ?b ?-x"  # what the pattern ends with must be there, or it is given up at once
        began = time.perf_counter()
        find_entities(text, rules)
        order_number(text, rules)
        assert time.perf_counter() - began < 1.0, text[:10]


def test_many_products_do_not_make_it_slow() -> None:
    rules = Rules.of(
        {"products": [{"name": f"Product {n} Plus", "aliases": [f"PP{n}", f"产品{n}号"]} for n in range(500)]}
    )
    find_entities("warm", rules)
    began = time.perf_counter()
    for _ in range(20):
        assert named("my pp499 and 产品12号 broke", rules) == [
            ("product", "Product 499 Plus"),
            ("product", "Product 12 Plus"),
        ]
    assert (time.perf_counter() - began) / 20 < 0.02
