"""The language of a conversation: decided by each message, with memory."""

import pytest

from chat.language import next_language

BOTH = ["en", "zh"]
PRODUCTS = ["Ember Kettle Tempo", "Hollow Fry 8 Duo", "Moth R2"]


@pytest.mark.parametrize(
    ("current", "text", "then"),
    [
        ("en", "我的水壶坏了", "zh"),
        ("en", "包裹还没到", "zh"),
        ("en", "我的Moth R2找不到充电座了", "zh"),
        ("zh", "my kettle is broken", "en"),
        ("zh", "Where is my parcel?", "en"),
        ("en", "订单204817什么时候到", "zh"),
        ("en", "我的订单是HH-204817。", "zh"),
        ("en", "好的", "en"),
        ("en", "谢谢你", "en"),
        ("zh", "ok", "zh"),
        ("zh", "thank you", "zh"),
        ("zh", "HH-204817", "zh"),
        ("zh", "HH-204817 EK-17T MR-2 WB-2", "zh"),
        ("zh", "👍👍👍", "zh"),
        ("zh", "12345", "zh"),
        ("en", "12345", "en"),
        ("zh", "somebody@shop.example https://shop.example/where/is/my/parcel", "zh"),
        ("en", "the kettle 水壶 is leaking 漏水了", "en"),
        ("zh", "the kettle 水壶 is leaking 漏水了", "zh"),
        ("zh", "Ｗｈｅｒｅ ｉｓ ｍｙ ｐａｒｃｅｌ", "en"),
        ("zh", "", "zh"),
    ],
)
def test_within_a_conversation(current: str, text: str, then: str) -> None:
    assert next_language(current, text, BOTH, products=PRODUCTS) == then


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_name_never_switches(name: str) -> None:
    assert next_language("zh", name, BOTH, products=PRODUCTS) == "zh"
    assert next_language("zh", name.lower() + "!", BOTH, products=PRODUCTS) == "zh"
    assert next_language("zh", f"my {name} is broken", BOTH, products=PRODUCTS) == "en"


@pytest.mark.parametrize(
    ("text", "then"), [("你好", "zh"), ("hello", "en"), ("HH-204817", "zh"), ("👋", "zh"), ("hi 你", "zh")]
)
def test_the_first_message_decides_sooner(text: str, then: str) -> None:
    assert next_language("zh", text, BOTH, first=True) == then


def test_an_explicit_wish_pins() -> None:
    assert next_language("en", "我的水壶坏了", BOTH, pinned=True) == "en"


@pytest.mark.parametrize("text", ["我的水壶坏了", "my kettle is broken"])
def test_only_languages_of_the_inbox(text: str) -> None:
    assert next_language("en", text, ["en"]) == "en"
    assert next_language("fr", text, ["zh"]) == "zh"
    assert next_language("fr", text, []) == "en"
