"""The language of a conversation: decided by each message, with memory."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat.language import next_language, normalise

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
        # mixed messages never switch, however the shares are
        ("en", "我的kettle坏了怎么办", "en"),
        ("en", "请问 refund 什么时候到账", "en"),
        ("zh", "我的 kettle is broken and it leaks", "zh"),
        # letters that Chinese has taken in are no second language
        ("en", "我的APP打不开了", "zh"),
        ("en", "连不上WiFi怎么办", "zh"),
        ("en", "请用email回复我好吗", "zh"),
        # exactly at the limits
        ("en", "水壶坏", "en"),
        ("en", "水壶坏了", "zh"),
        ("zh", "kettle broken", "zh"),
        ("zh", "kettle is broken", "en"),
        ("zh", "WHERE IS MY PARCEL", "en"),
        # a word is a word only with letters, and one letter is none
        ("zh", "a b c d e", "zh"),
        ("zh", "1 2 3 4 5", "zh"),
        ("zh", ":thumbs_up: :smile: :heart:", "zh"),
        ("zh", "www.shop.example/where/is/my/parcel", "zh"),
        ("zh", "my.order.pdf your_invoice.docx scan.jpeg", "zh"),
        ("zh", "T-1042, T1042, t 1042, #1042, ticket 1042", "zh"),
        ("zh", "Ｔ－１０４２", "zh"),
        ("zh", "EMBER KETTLE TEMPO, Moth R2, Hollow Fry 8 Duo", "zh"),
        # Traditional characters are Chinese, and so are rare ones
        ("en", "我的電熱水壺壞了", "zh"),
        ("en", "𠮷野家在哪", "zh"),
        # Japanese shares characters and is not Chinese
        ("en", "注文した商品が届きません", "en"),
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


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("hi 你好，我的水壶坏了", "zh"),
        ("my kettle 水壶 is broken", "en"),
        ("请问 delivery 多久", "zh"),
        ("EK-17T", "en"),
    ],
)
def test_a_mixed_first_message_is_of_the_language_it_has_more_of(text: str, then: str) -> None:
    assert next_language("en", text, BOTH, first=True) == then


def test_a_products_name_is_no_part_of_another_word() -> None:
    assert next_language("zh", "remember mother ember", BOTH, products=["Ember", "Moth"]) == "zh"
    assert next_language("zh", "remember my mother", BOTH, products=["Ember", "Moth"]) == "en"


@given(current=st.sampled_from(BOTH), text=st.text())
def test_anything_at_all_gives_a_language_of_the_inbox(current: str, text: str) -> None:
    assert next_language(current, text, BOTH) in BOTH
    assert next_language(current, text, [current]) == current
    assert next_language(current, text, BOTH, pinned=True) == current


@given(current=st.sampled_from(BOTH), text=st.text(alphabet=st.characters(categories=["N", "P", "S", "Z"])))
def test_what_has_no_letters_never_switches(current: str, text: str) -> None:
    assume(not any(sign.isalpha() for sign in normalise(text)))
    assert next_language(current, text, BOTH) == current


def test_an_explicit_wish_pins() -> None:
    assert next_language("en", "我的水壶坏了", BOTH, pinned=True) == "en"


@pytest.mark.parametrize("text", ["我的水壶坏了", "my kettle is broken"])
def test_only_languages_of_the_inbox(text: str) -> None:
    assert next_language("en", text, ["en"]) == "en"
    assert next_language("fr", text, ["zh"]) == "zh"
    assert next_language("fr", text, []) == "en"
