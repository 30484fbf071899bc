"""Terms: what counts as the same word, and what counts as a code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.words import code_key, code_keys, language_of, normalise, stem, terms


@pytest.mark.parametrize(
    "family",
    [
        ("delivery", "deliveries", "delivered", "delivers"),
        ("cancel", "cancelled", "cancels", "cancelling", "cancellation"),
        ("charge", "charging", "charged", "charges"),
        ("address", "addresses"),
        ("return", "returns", "returned", "returning"),
        ("box", "boxes"),
    ],
)
def test_forms_of_one_word_meet(family: tuple[str, ...]) -> None:
    assert len({stem(word) for word in family}) == 1


@pytest.mark.parametrize("word", ["glass", "status", "this", "gas", "ring", "red", "bed", "e05"])
def test_short_and_odd_words_are_left_whole(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize("typed", ["E-04", "e04", "E 04", "Ｅ０４", "e_04", "E.04", "code E04!", "E04?"])
def test_a_code_is_one_code_however_it_is_typed(typed: str) -> None:
    assert code_key("E04") in code_keys(typed)


def test_product_codes_stay_whole_and_in_parts() -> None:
    assert {"hf8d", "hf", "8d"} == set(terms("HF-8D"))


def test_function_words_are_no_terms() -> None:
    assert terms("How do I get it to you, please?") == []
    assert terms("我的呢") == []


def test_negations_stay() -> None:
    assert "not" in terms("it does not arrive")


def test_traditional_and_simplified_are_the_same() -> None:
    assert terms("請問我的包裹在哪裡") == terms("请问我的包裹在哪里")
    assert normalise("ＡＢＣ　１２３") == "abc 123"


def test_chinese_gives_words_characters_and_pairs() -> None:
    found = set(terms("申请退款"))
    assert {"申请", "退款", "·退", "·款", "退款·"} <= found


@pytest.mark.parametrize(
    ("text", "language"),
    [("Where is my parcel?", "en"), ("我的包裹在哪里", "zh"), ("iPhone 15 Pro 退货", "zh"), ("", "en")],
)
def test_language_of(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(max_size=300))
def test_any_text_has_terms_that_can_be_stored(text: str) -> None:
    for term in terms(text):
        assert term
        assert not any(char.isspace() for char in term)
    code_keys(text)


@pytest.mark.parametrize(
    "said", ["你好", "您好！", "好的", "谢谢你", "再见", "在吗", "hello", "thanks", "ok", "👍"]
)
def test_a_greeting_leaves_nothing_to_search_for(said: str) -> None:
    assert terms(said) == []
