"""What is wrong with the rules that an admin wants to save, in the admin's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import phonenumbers

from entities.find import EMAIL, ORDER, PHONE, PRODUCT, TICKET, compared, find_entities
from entities.patterns import AdminPattern
from entities.rules import MAX_NAMES, MAX_PRODUCTS, Product, Rules
from entities.syntax import Unreadable

_ORDINARY = (
    "Hello, I have a question about my order and the ticket from 2024: when will it come?",
    "I bought 2 of them for 19.99 on 12/11/2026 at 14:30, and 1 broke after 3 weeks. 100 % refund, please.",
    "你好，我2026年11月3日买了两个，用了15天就坏了，花了1299元，怎么退货？",
    "Please call me back before 17:00 or write to ann.lee@example.com, thank you!",
    "WHERE IS MY PARCEL? IT IS NOT HERE",
)
"""What no pattern of ours may take for a number of ours."""

_TICKETS = ("T-1042", "T1042", "T-104233")
_ALPHABETS = ("1", "A", "a", "A1", "1-", "HH-1", " ", "是")
_SLOW_S = 0.02

_COMMON = frozenset(
    "the it this that my your our order orders ticket tickets number product products item items hello hi "
    "yes no ok help refund return delivery parcel invoice account e-mail email phone person please thanks "
    "订单 工单 产品 商品 东西 退货 退款 快递 你好 谢谢 电话 邮箱 客服".split()
)

_KINDS = {TICKET: "ticket number", PHONE: "telephone number", EMAIL: "e-mail address", PRODUCT: "product"}


class Fault(NamedTuple):
    """A field of the rules (`order_pattern`, `products.3.aliases`), and the sentence about it."""

    field: str
    message: str


def faults(rules: Rules, order_example: str) -> list[Fault]:
    """Everything that speaks against saving; an empty list where nothing does."""
    found = [
        *_of_pattern("order_pattern", rules.order_pattern),
        *_of_pattern("ticket_pattern", rules.ticket_pattern),
        *_of_region(rules.region),
        *_of_products(rules.products),
    ]
    return found or [*_of_example(rules, order_example), *_of_both(rules, order_example)]


def _of_pattern(field: str, typed: str) -> Iterator[Fault]:
    if typed and (message := _against(typed, is_order=field == "order_pattern")):
        yield Fault(field, message)


def _against(typed: str, *, is_order: bool) -> str:
    try:
        AdminPattern(typed)
    except Unreadable as error:
        return str(error)
    if slow := _slow_on(typed):
        return f"The pattern takes too long on some messages, such as “{slow}…”. Please make it simpler."
    if AdminPattern(typed).fullmatch(""):
        return "The pattern also fits an empty text. At least one character must be needed."
    if ordinary := _first(typed, _ORDINARY):
        return f"The pattern also fits ordinary words or numbers, such as “{ordinary}”. Make it stricter."
    if is_order and (ticket := _first(typed, _TICKETS)):
        return f"The pattern also fits ticket numbers, such as “{ticket}”."
    return ""


def _slow_on(typed: str) -> str | None:
    for alphabet in _ALPHABETS:
        for ending in ("", "!", "x-1"):
            pattern = AdminPattern(typed, budget_s=_SLOW_S)
            pattern.find((alphabet * 300)[:300] + ending)
            if pattern.spent:
                return (alphabet * 12)[:12]
    return None


def _first(typed: str, texts: tuple[str, ...]) -> str | None:
    for text in texts:
        for match in AdminPattern(typed).find(text):
            return text[match.start : match.end]
    return None


def _of_region(region: str) -> Iterator[Fault]:
    if region and region not in phonenumbers.SUPPORTED_REGIONS:
        yield Fault("region", f"“{region}” is not the code of a country. It has two letters, such as NL.")


def _of_example(rules: Rules, example: str) -> Iterator[Fault]:
    if not rules.order_pattern:
        if example:
            yield Fault("order_example", "There is an example but no pattern that it follows.")
        return
    if not example:
        yield Fault("order_example", "Please give an example. Customers see it when they are asked.")
        return
    if AdminPattern(rules.order_pattern).normal_form(example) != example:
        yield Fault("order_example", f"The example “{example}” does not follow the pattern.")
        return
    taken = find_entities(f"about {example}, please", rules)
    if [one.value for one in taken if one.entity == ORDER] != [example]:
        kind = next((_KINDS[one.entity] for one in taken if one.entity in _KINDS), "part of a word")
        yield Fault("order_example", f"In a message, “{example}” would be taken for a {kind}.")


def _of_both(rules: Rules, example: str) -> Iterator[Fault]:
    if rules.ticket_pattern and example and AdminPattern(rules.ticket_pattern).find(example):
        yield Fault("ticket_pattern", f"The pattern also fits the order number “{example}”.")


def _of_products(products: tuple[Product, ...]) -> Iterator[Fault]:
    if len(products) > MAX_PRODUCTS:
        yield Fault("products", f"There may be at most {MAX_PRODUCTS} products.")
        return
    if sum(len(name) for product in products for name in product.names) > MAX_NAMES:
        yield Fault("products", f"All names together may have at most {MAX_NAMES} characters.")
        return
    said: dict[str, int] = {}
    for place, product in enumerate(products):
        for name, field in _fields(place, product):
            before = said.setdefault(compared(name), place)
            if message := _blank(name) or _number(name) or _common(name):
                yield Fault(field, message)
            elif before != place:
                yield Fault(field, f"“{name}” already stands for {products[before].name}.")


def _fields(place: int, product: Product) -> Iterator[tuple[str, str]]:
    yield product.name, f"products.{place}.name"
    for alias in product.aliases:
        yield alias, f"products.{place}.aliases"


def _blank(name: str) -> str:
    form = compared(name)
    if not form:
        return "A product needs a name."
    if len(form) == 1:
        return f"“{name}” is too short: one character is in too many messages."
    return ""


def _number(name: str) -> str:
    if compared(name).replace(" ", "").isdigit():
        return f"“{name}” is only a number. It would be found in prices and dates."
    return ""


def _common(name: str) -> str:
    if compared(name) in _COMMON:
        return f"“{name}” is an ordinary word. It would be found in most messages."
    return ""
