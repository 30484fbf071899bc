"""What customers read: a few plain sentences in their language, whatever the service has said."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from lookups.days import day_in_words
from lookups.fetching import parse
from lookups.rendering import LIMITS, MAX_FIELD, Context, ShownField, fill, plain, shown_fields, size_of
from lookups.url_template import UnsafeInput, UrlTemplate
from lookups.views import LookUpFailed

NOW = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
"""Half past midnight on Wednesday, 11 March in Amsterdam."""

EN, ZH = (Context(code, ZoneInfo("Europe/Amsterdam"), NOW) for code in ("en", "zh"))
STATUS = {"PKD": {"en": "is being packed", "zh": "正在打包"}}


def show(value, kind="text", context=EN, **more):
    """A single value as it is shown, after its way through JSON."""
    field = ShownField.of({"name": "it", "path": "it", "type": kind, **more})
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return shown_fields(parse(b'{"it": ' + body + b"}", "test"), [field], context).get("it")


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        ("2026-03-12", "Thursday 12 March", "3月12日星期四"),
        ("2026-03-11", "Wednesday 11 March", "3月11日星期三"),
        ("2026-02-20", "20 February", "2月20日"),
        ("2027-11-27", "27 November 2027", "2027年11月27日"),
        ("2026-03-11T22:30:00Z", "Wednesday 11 March", "3月11日星期三"),
        ("2026-03-11T23:30:00Z", "Thursday 12 March", "3月12日星期四"),
        ("2026-03-12T08:00:00", "Thursday 12 March", "3月12日星期四"),
        ("2026-03-12 08:00:00+08:00", "Thursday 12 March", "3月12日星期四"),
    ],
)
def test_a_date_is_a_day_in_words_as_seen_from_the_companys_zone(value, en, zh):
    assert (show(value, "date"), show(value, "date", ZH)) == (en, zh)


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "",
        "2026-13-01",
        "2026-02-30",
        "12.03.2026",
        "0000-00-00",
        "9999-12-31T23:59:59-12:00",
        1773300000,
        None,
        True,
        [],
        {},
        ["2026-03-12"],
        "2026-03-12T08:00:00" + "0" * 50,
        "2026-W11-4",
    ],
)
def test_what_is_no_date_is_missing(value):
    assert show(value, "date") is None


def test_the_turn_of_the_year_needs_no_year_nearby():
    assert day_in_words(date(2027, 1, 2), date(2026, 12, 30), "en") == "Saturday 2 January"
    assert day_in_words(date(2027, 1, 2), date(2026, 12, 30), "zh") == "1月2日星期六"


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [
        (b"49.9", "EUR", "€49.90"),
        (b"1234567.005", "EUR", "€1,234,567.01"),
        (b"0", "EUR", "€0.00"),
        (b"-12.5", "GBP", "-£12.50"),
        (b"1500", "JPY", "JP¥1,500"),
        (b"12", "SEK", "SEK 12.00"),
        ("19.99 USD", None, "US$19.99"),
        ("EUR 5", "USD", "€5.00"),
        ("5", "CNY", "¥5.00"),
        ({"amount": "329.00", "currency": "EUR"}, None, "€329.00"),
        ({"value": 3, "currency_code": "eur"}, None, "€3.00"),
        ({"value": 3}, "EUR", "€3.00"),
        (b"49.9", None, None),
        ("a lot", "EUR", None),
        ("5 euros", "EUR", None),
        (b"1e400", "EUR", None),
        (b"1e999999999", "EUR", None),
        (b"1e-999999999", "EUR", None),
        (b"123456789012345678", "EUR", None),
        (True, "EUR", None),
        (None, "EUR", None),
        ({"amount": {}, "currency": []}, "EUR", None),
        ([5], "EUR", None),
    ],
)
def test_an_amount_has_its_currency_or_is_missing(value, currency, shown):
    for context in (EN, ZH):
        assert show(value, "amount", context, currency=currency) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"3", "3"),
        (b"1234.50", "1,234.5"),
        ("12", "12"),
        (b"100", "100"),
        (b"-1", "-1"),
        (b"0.0", "0"),
        (b"1e20", None),
        ("many", None),
        (True, None),
        (None, None),
        (b"0.1234567", "0.123457"),
    ],
)
def test_a_number_is_grouped(value, shown):
    assert show(value, "number") == shown


def test_a_code_becomes_words_or_is_missing():
    assert (show("PKD", "code", words=STATUS), show("PKD", "code", ZH, words=STATUS)) == (
        "is being packed",
        "正在打包",
    )
    assert show(" pkd", "code", words=STATUS) == "is being packed"
    for unknown in ("SHP", "", None, [], {"PKD": 1}, 3, "is being packed"):
        assert show(unknown, "code", words=STATUS) is None
    fallback = {**STATUS, "*": {"en": "is in progress", "zh": "处理中"}}
    assert show("SHP", "code", words=fallback) == "is in progress"
    assert show(None, "code", words=fallback) is None
    numbered = {"true": {"en": "yes", "zh": "是"}, "7": {"en": "seven", "zh": "七"}}
    assert [show(one, "code", words=numbered) for one in (True, "True", 7, "7", False)] == [
        "yes",
        "yes",
        "seven",
        "seven",
        None,
    ]


def test_paths_lead_through_objects_and_lists_and_nowhere_else():
    answer = {"items": [{"name": "Ember Kettle"}], "0": "zero", "a.b": 1, "deep": {"": "x"}}
    for path, found in (
        ("items.0.name", "Ember Kettle"),
        ("0", "zero"),
        ("items.1.name", None),
        ("items.-1.name", None),
        ("items.name", None),
        ("items.0.name.0", None),
        ("items.99999999999999999999", None),
        ("__class__", None),
    ):
        field = ShownField.of({"name": "it", "path": path, "type": "text"})
        assert shown_fields(answer, [field], EN).get("it") == found


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("Ember Kettle", "Ember Kettle"),
        ("  two\n\nlines\tand\x00a\x07bell ", "two lines anda bell".replace("anda b", "andab")),
        ("see https://evil.example/a?b=1 now", "see now"),
        ("see HTTP://EVIL.EXAMPLE now", "see now"),
        ("h\u200bttps://evil.example", None),
        ("https:\u200b//evil.example", None),
        ("www.evil.example", None),
        ("evil.example/login", None),
        ("javascript:alert(1)", None),
        ("mailto:a@evil.example", None),
        ("[pay here](https://evil.example)", "pay here ("),
        ("<b>bold</b> <script>", "b bold /b script"),
        ("**bold** `code` __x__ ~~y~~", "bold code x y"),
        ("{order_number} {secret}", "order_number secret"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2066b\u2069c\ufeffd\u00ade", "abcde"),
        ("\ud800half", "\ufffdhalf"),
        ("Z" + "\u0301\u0302\u0303\u0304\u0305" * 20, None),
        ("AB_12-3#4", "AB_12-3#4"),
        ("王小明的水壶", "王小明的水壶"),
        ("", None),
        ("\u200b\u200b", None),
    ],
)
def test_a_foreign_text_is_one_plain_line(hostile, shown):
    found = show(hostile)
    if shown is None and hostile.startswith("Z"):
        assert len(found) <= 4
    else:
        assert found == shown


def test_nothing_hostile_gets_through_in_any_mixture():
    dice = random.Random(7)
    parts = [
        "https://evil.example/x",
        "www.evil.example",
        "<a href=x>",
        "[x](y)",
        "`",
        "**",
        "\u202e",
        "\x1b[31m",
    ]
    parts += [
        "\n",
        "{status}",
        "None",
        "好" * 50,
        "word " * 30,
        "\u0301",
        "://",
        "ht",
        "tps",
        ":/",
        "/",
        "\u200d",
    ]
    for _ in range(3000):
        text = plain("".join(dice.choices(parts, k=dice.randint(1, 8))))
        assert len(text) <= MAX_FIELD
        assert not [
            bad for bad in ("://", "www.", "<", ">", "[", "](", "`", "**", "{", "}", "\n") if bad in text
        ]
        assert text.isprintable()


def test_a_sentence_with_a_missing_place_is_left_out():
    template = "Your order {n} {status}. {carrier} brings it! It comes on {day}.\nTotal: {sum}.\nAsk away."
    assert fill(template, {"n": "7", "status": "is packed"}, "en") == "Your order 7 is packed.\nAsk away."
    assert fill(template, {"day": "Monday"}, "en") == "It comes on Monday.\nAsk away."
    assert fill(template, {"n": "7", "status": "", "sum": "€1"}, "en") == "Total: €1.\nAsk away."
    chinese = "订单 {n} {status}。由{carrier}配送。预计{day}送达！"
    assert (
        fill(chinese, {"n": "7", "status": "已发货", "day": "周一"}, "zh") == "订单 7 已发货。预计周一送达！"
    )
    assert fill("{a}", {}, "en") == ""


def test_values_are_not_read_as_templates_or_sentences():
    values = {"status": "{carrier}. None! {n}", "carrier": "X"}
    assert fill("It is {status}. By {carrier}.", values, "en") == "It is {carrier}. None! {n}. By X."


def test_an_answer_is_never_longer_than_a_chat_message():
    dice = random.Random(3)
    for _ in range(500):
        for code, word, end in (("en", "word ", ". "), ("zh", "字", "。")):
            template = "".join(f"A{{f{n}}}{end}" for n in range(8))
            values = {f"f{n}": plain(word * dice.randint(1, 60)) for n in range(8)}
            text = fill(template, values, code)
            assert text
            assert size_of(text) <= LIMITS[code]


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"{",
        b"[" * 40_000,
        b"\xff\xfe",
        b"1" * 5000,
        b'{"a": "\x01"}',
        b"{}{}",
    ],
)
def test_what_is_no_json_is_a_failure(body):
    with pytest.raises(LookUpFailed):
        parse(body, "test")


def test_decimals_are_exact():
    assert parse(b'{"a": 0.1}', "test") == {"a": Decimal("0.1")}


URL = UrlTemplate.parse("https://shop.example/v1/orders/{order_number}/state?email={email}&x=%20")


@pytest.mark.parametrize(
    ("order", "email", "target"),
    [
        ("HH-204817", "ann@example.com", "/v1/orders/HH-204817/state?email=ann%40example.com&x=%20"),
        ("a/b", "a&admin=1", "/v1/orders/a%2Fb/state?email=a%26admin%3D1&x=%20"),
        ("a?b#c", "x#y?z", "/v1/orders/a%3Fb%23c/state?email=x%23y%3Fz&x=%20"),
        ("a%2e", "%00", "/v1/orders/a%252e/state?email=%2500&x=%20"),
        ("a b\r\nHost: x", "../..", "/v1/orders/a%20b%0D%0AHost%3A%20x/state?email=..%2F..&x=%20"),
        ("水壶", "é", "/v1/orders/%E6%B0%B4%E5%A3%B6/state?email=%C3%A9&x=%20"),
        ("{email}", "{order_number}", "/v1/orders/%7Bemail%7D/state?email=%7Border_number%7D&x=%20"),
        ("@evil.example", "\\", "/v1/orders/%40evil.example/state?email=%5C&x=%20"),
        ("...", "a", "/v1/orders/.../state?email=a&x=%20"),
    ],
)
def test_what_is_filled_in_stays_in_its_place(order, email, target):
    assert URL.target({"order_number": order, "email": email}) == target


@pytest.mark.parametrize(
    "climbing",
    [
        "..",
        ".",
        "../admin",
        "a/../../b",
        "..\\admin",
        "%2e%2e",
        "%2e%2e%2fadmin",
        "%252e%252e",
        ".%2e/x",
        "a/..",
        "..%5c",
    ],
)
def test_what_would_climb_is_never_asked(climbing):
    with pytest.raises(UnsafeInput):
        URL.target({"order_number": climbing, "email": "a"})


def test_any_value_at_all_leaves_the_shape_of_the_address():
    dice = random.Random(11)
    signs = "ab./\\%?#&=@:;{}[]\r\n\t \x00é水2eE5cCfF"
    for _ in range(5000):
        values = {
            name: "".join(dice.choices(signs, k=dice.randint(1, 12))) for name in ("order_number", "email")
        }
        try:
            target = URL.target(values)
        except UnsafeInput:
            continue
        path, _, query = target.partition("?")
        assert target.isascii()
        assert path.split("/")[:3] == ["", "v1", "orders"]
        assert path.count("/") == 4
        assert path.endswith("/state")
        assert query.startswith("email=")
        assert query.count("&") == 1
        assert not [sign for sign in "#\r\n\\ " if sign in target]


def test_a_day_is_worded_for_every_month_and_weekday():
    for code in ("en", "zh"):
        shown = {
            day_in_words(date(2026, 1, 1) + timedelta(days=n), date(2026, 6, 1), code) for n in range(365)
        }
        assert len(shown) == 365
