"""What must never be stored is masked, and what only looks like it is kept."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.scrub import MASK, is_card_number, luhn
from chat.scrub import scrub as scrub_text
from chat.service import scrub_values

# The card schemes' own published test numbers.
CARDS = {
    "visa": "4111111111111111",
    "visa of thirteen digits": "4222222222222",
    "mastercard": "5555555555554444",
    "mastercard, new range": "2223003122003222",
    "american express": "378282246310005",
    "discover": "6011111111111117",
    "diners": "30569309025904",
    "diners, sixteen digits": "3600000000000008",
    "jcb": "3530111333300000",
    "unionpay": "6200000000000005",
    "unionpay of nineteen digits": "6205500000000000004",
    "maestro": "6759649826438453",
}

ORDERS = re.compile(r"HH-\d{6}|55000\d{11}")


def scrub(text: str, keep: re.Pattern[str] | None = None) -> tuple[str, tuple[str, ...]]:
    scrubbed = scrub_text(text, keep)
    return scrubbed.text, scrubbed.found


def test_the_published_numbers_pass_luhn() -> None:
    assert [name for name, number in CARDS.items() if not is_card_number(number)] == []


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS.keys())
def test_a_card_is_masked(number: str) -> None:
    assert scrub(f"my card is {number}, thanks") == (f"my card is {MASK}, thanks", ("card",))


def _in_fours(number: str, between: str) -> str:
    return between.join(number[start : start + 4] for start in range(0, len(number), 4))


@pytest.mark.parametrize(
    "between",
    [
        *(" ", "  ", "-", ".", " - ", "/", "_", "\n", "\r\n", "\t", "\u00a0", "\u2009", "\u3000", "\u200b"),
        *("\u2060", "\ufeff", "\u00ad", "\u202c", "–", "—", "−", ",", ", ", "，", "·", "|", "\ufe0f\u20e3"),
    ],
    ids=ascii,
)
def test_a_grouped_card_is_masked(between: str) -> None:
    for number in CARDS.values():
        assert scrub(f"x {_in_fours(number, between)} y")[0] == f"x {MASK} y", number


@pytest.mark.parametrize(
    "zero",
    ["０", "𝟎", "𝟘", "𝟶", "٠", "۰", "०"],
    ids=["full width", "bold", "double struck", "typewriter", "Arabic", "Persian", "Devanagari"],
)
def test_digits_of_any_script_count(zero: str) -> None:
    foreign = "".join(chr(ord(zero) + int(digit)) for digit in CARDS["visa"])
    assert scrub(f"卡号{foreign}。")[0] == f"卡号{MASK}。"


def test_circled_and_keycap_digits_count() -> None:
    assert scrub("".join("①②③④⑤⑥⑦⑧⑨"[int(digit) - 1] for digit in CARDS["visa"]))[0] == MASK
    assert scrub("\ufe0f\u20e3".join(CARDS["visa"]))[0] == MASK


def test_what_follows_a_card_is_kept() -> None:
    assert scrub("4111 1111 1111 1111 12/27 please")[0] == f"{MASK} 12/27 please"
    assert scrub("4111-1111-1111-1111\n12/2027\n")[0] == f"{MASK}\n12/2027\n"
    assert scrub("order 1234 5555555555554444")[0] == f"order 1234 {MASK}"


def test_several_secrets_in_one_text() -> None:
    text = "378282246310005 and 4111 1111 1111 1111; my password is hunter2!"
    assert scrub(text) == (f"{MASK} and {MASK}; my password is {MASK}", ("card", "password"))


def test_two_cards_one_after_the_other() -> None:
    assert scrub("4111 1111 1111 1111 5555 5555 5555 4444")[0] == f"{MASK} {MASK}"


@pytest.mark.parametrize("number", ["5500012345678907", "5500000000000004", "5500 0123 4567 8907"])
def test_an_order_number_that_passes_luhn_is_kept(number: str) -> None:
    plain = re.sub(r"\D", "", number)
    assert is_card_number(plain)
    assert scrub(f"order {number}?", ORDERS)[0] == f"order {number}?"
    assert scrub(f"order {number}?")[0] == f"order {MASK}?"


def test_a_card_beside_a_kept_order_number_is_masked() -> None:
    text = "HH-204817, 5500012345678907, 4111111111111111"
    assert scrub(text, ORDERS)[0] == f"HH-204817, 5500012345678907, {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "call me on +31 20 794 0800 or 0049 176 1234 5678",
        "+49 1512 3456789 is my number",
        "+4915123456787",  # thirteen digits that begin with 4 and pass Luhn's check
        "+573001234562",  # twelve digits that begin with 57 and pass it too
        "手机 13912345678，谢谢",
        "mobile 138 1234 5678",
        "parcel 1Z999AA10123456784",
        "parcel 00340434161094042557",
        "tracking JD014600006281230704",
        "tracking RR123456785NL",
        "order HH-204817 of 2026-11-23 06:00:00",
        "serial 9876543210987654321",
        "1234 5678 9012 3456",
        "IBAN NL91 ABNA 0417 1643 00",
        "it costs 1.299,00 or 1,299.00 euro",
        "12345678901234567890123456789012345678901234567890",
        "ticket T-1042",
    ],
)
def test_other_numbers_are_kept(text: str) -> None:
    assert scrub(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my password is hunter2", f"my password is {MASK}"),
        ("password: correct-horse", f"password: {MASK}"),
        ("Password = Tr0ub4dor&3 ok?", f"Password = {MASK} ok?"),
        ("the password is: hunter2", f"the password is: {MASK}"),
        ("my pass word was 'secret'", f"my pass word was '{MASK}"),
        ("passwd：geheim", f"passwd：{MASK}"),
        ("我的密码是abc123", f"我的密码是{MASK}"),
        ("密码：mima2026", f"密码：{MASK}"),
        ("密码：geheim", f"密码：{MASK}"),
        ("密碼是 letmein", f"密碼是 {MASK}"),
        ("my password for the shop is hunter2", f"my password for the shop is {MASK}"),
    ],
)
def test_a_password_is_masked(text: str, masked: str) -> None:
    assert scrub(text) == (masked, ("password",))


@pytest.mark.parametrize(
    "text",
    [
        "my password is not working",
        "the password was rejected",
        "Password is wrong?",
        "I forgot my password",
        "how do I change my password",
        "is my password too short",
        "密码忘了怎么办",
        "密码是什么格式",
    ],
)
def test_talk_about_passwords_is_kept(text: str) -> None:
    assert scrub(text) == (text, ())


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "440524188001010014",
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_a_chinese_id_is_masked(number: str) -> None:
    assert scrub(f"身份证{number}。") == (f"身份证{MASK}。", ("id",))


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",
        "11010519491331002X",
        "11010517491231002X",
        "211010519491231002X",
        "11010519491231002XY",
    ],
)
def test_what_is_no_chinese_id_is_kept(number: str) -> None:
    assert scrub(f"编号{number}")[0] == f"编号{number}"


def test_an_american_social_security_number_is_masked() -> None:
    assert scrub("SSN 219-09-9999") == (f"SSN {MASK}", ("id",))
    assert scrub("part 000-12-3456 and 219-09-99990")[0] == "part 000-12-3456 and 219-09-99990"


def test_ids_are_no_card_numbers() -> None:
    identity = "01a20788-20e9-7abc-4111-111111111111"
    assert scrub(identity)[0] != identity
    assert scrub_values({"id": identity, "of": [f"card {CARDS['visa']}"]}, None) == {
        "id": identity,
        "of": [f"card {MASK}"],
    }


def test_long_and_strange_texts_take_no_time() -> None:
    for text in ("1 " * 4000, "4" * 8000, "4-" * 4000, "password is " * 600, "密码" * 4000, "1\u200b" * 4000):
        scrub(text)


no_digits = st.text(max_size=300).filter(
    lambda text: not any(c.isdigit() for c in text) and "pass" not in text.lower() and "密" not in text
)


@given(no_digits)
def test_a_text_without_digits_is_unchanged(text: str) -> None:
    assert scrub(text) == (text, ())


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(sorted(CARDS.values())),
    st.sampled_from(sorted(CARDS.values())).map(lambda number: _in_fours(number, " ")),
    st.integers(0, 10**20).map(str),
    st.text("0123456789 -./\u200b４５０xX密码是:password is", max_size=40),
)
texts = st.lists(pieces, max_size=8).map(" ".join)


@settings(max_examples=300)
@given(texts)
@example("password is 密码是 abcd 4111 1111 1111 1111")
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    once = scrub(text)[0]
    assert scrub(once)[0] == once


@st.composite
def written_cards(draw: st.DrawFn) -> tuple[str, str]:
    """A card number of a random issuer, and how somebody might type it."""
    prefix = draw(
        st.sampled_from(["4", "51", "55", "2221", "2720", "34", "37", "6011", "65", "36", "3528", "62"])
    )
    length = {"34": 15, "37": 15, "36": 14}.get(prefix, 16)
    body = prefix + draw(
        st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix))
    )
    number = next(body + check for check in "0123456789" if luhn(body + check))
    between = draw(st.sampled_from(["", " ", "-", ".", "\n", " - ", "\u200b", "\u00a0"]))
    cuts = sorted(draw(st.sets(st.integers(1, length - 1), max_size=5)))
    groups = [number[a:b] for a, b in zip([0, *cuts], [*cuts, length], strict=True)]
    return number, between.join(groups)


@settings(max_examples=300)
@given(
    card=written_cards(),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
    gap=st.sampled_from([" ", ", ", "\n"]),
)
def test_no_card_survives(card: tuple[str, str], before: str, after: str, gap: str) -> None:
    number, written = card
    # A digit that touches the number would make it another number.
    text, found = scrub(f"{before}x{gap}{written}{gap}x{after}")
    assert "card" in found
    assert number not in re.sub(r"\D", "", text)
