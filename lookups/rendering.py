"""Turns a service's answer into a few plain sentences.

Threats: the service, or whoever can write into its data, is not trusted. Nothing it says becomes a link, a
button, markup or a long text; signs that hide or turn round what is written are taken away. A field that is
missing or of another type takes its sentence with it: no customer ever reads "{expected}" or "None".
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from chat.schemas import clean_text
from lookups.days import day_in_words

PLACE = re.compile(r"\{(\w*)\}")

LIMITS: Mapping[str, int] = {"en": 60, "zh": 120}
"""Words of an English message, Han characters of a Chinese one."""

MAX_FIELD = 60
MAX_DIGITS = 15
ANY_CODE = "*"

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+(?:['’.,:/-][^\W_]+)*")
_SENTENCES = re.compile(r"(?<=[.!?])(?=\s)|(?<=[。！？])|(?=\n)")
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*:/\S*|www\.\S*|(?<![a-z])(?:javascript|data|mailto|tel):\S*|(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>\[\]{}`*|\\^]+|_{2,}|~{2,}|#{2,}|\$\{")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}\S{0,20})?")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
_MONEY = re.compile(r"(?:([A-Za-z]{3})\s*)?([+-]?\d{1,15}(?:\.\d{1,6})?)\s*([A-Za-z]{3})?")
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "US$", "CNY": "¥", "CHF": "CHF ", "JPY": "JP¥"}
_WITHOUT_CENTS = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "HUF"})


@dataclass(frozen=True, slots=True)
class Context:
    """In which language and as seen from which day, in which zone, an answer is worded."""

    language: str
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class ShownField:
    """A declared field: its name, the steps to its value, and how it is shown."""

    name: str
    path: tuple[str, ...]
    type: str
    words: Mapping[str, Mapping[str, str]]
    currency: str | None

    @classmethod
    def of(cls, declared: Mapping[str, Any]) -> "ShownField":
        return cls(
            name=declared["name"],
            path=tuple(declared["path"].split(".")),
            type=declared["type"],
            words=declared.get("words") or {},
            currency=declared.get("currency"),
        )


def shown_fields(answer: Any, fields: Sequence[ShownField], context: Context) -> dict[str, str]:
    """The fields that the answer holds in a form that can be shown, by name."""
    found = {field.name: _show(_at(answer, field.path), field, context) for field in fields}
    return {name: text for name, text in found.items() if text}


def fill(template: str, values: Mapping[str, str], language: str) -> str:
    """The template's sentences whose places all have a value, as many as a chat message holds."""
    room = LIMITS[language]
    kept: list[str] = []
    for sentence in _SENTENCES.split(template):
        places = PLACE.findall(sentence)
        if not all(values.get(name) for name in places):
            kept.append("\n" if sentence.startswith("\n") else "")
            continue
        text = PLACE.sub(lambda place: values[place[1]], sentence)
        size = size_of(text)
        if size > room:
            break
        room -= size
        kept.append(text)
    lines = (line.strip() for line in "".join(kept).split("\n"))
    return "\n".join(line for line in lines if line)


def size_of(text: str) -> int:
    """Words plus Han characters."""
    return len(_HAN.findall(text)) + len(_WORD.findall(text))


def plain(text: str, limit: int = MAX_FIELD) -> str:
    """A foreign text as one short line without links, markup, or signs that hide or turn round others."""
    cleaned = unicodedata.normalize("NFC", str(clean_text(text[: 20 * limit])))
    visible = "".join(_visible(cleaned))
    unlinked = _LINK.sub(" ", _MARKUP.sub(" ", visible)).replace("://", " ")
    line = " ".join(unlinked.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _visible(text: str) -> Iterator[str]:
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in ("Cc", "Zl", "Zp"):
            yield " "
        elif category[0] != "C" and marks <= 2:
            yield sign


def _at(answer: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(answer, dict):
            answer = answer.get(step)
        elif isinstance(answer, list) and step.isdecimal() and len(step) < 6 and int(step) < len(answer):
            answer = answer[int(step)]
        else:
            return None
    return answer


def _show(value: Any, field: ShownField, context: Context) -> str | None:
    match field.type:
        case "date":
            return _day(value, context)
        case "amount":
            return _amount(value, field.currency)
        case "number":
            number = _number(value)
            return None if number is None else _grouped(number)
        case "code":
            return _words(value, field.words, context.language)
        case _:
            return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return plain(value) or None
    number = _number(value)
    return None if number is None else format(number, "f")


def _words(value: Any, words: Mapping[str, Mapping[str, str]], language: str) -> str | None:
    code = str(value).lower() if isinstance(value, bool | int) else value
    if not isinstance(code, str):
        return None
    by_code = {known.lower(): named for known, named in words.items()}
    named = words.get(code) or by_code.get(code.strip().lower()) or words.get(ANY_CODE)
    return named.get(language) if named else None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) >= MAX_DIGITS:
        return None
    return round(number, 6).normalize() if number else Decimal(0)


def _grouped(number: Decimal) -> str:
    return format(number, ",f")


def _amount(value: Any, currency: str | None) -> str | None:
    if isinstance(value, dict):
        said = next((value[key] for key in ("currency", "currency_code") if key in value), currency)
        currency = said if isinstance(said, str) else None
        value = next((value[key] for key in ("amount", "value") if key in value), None)
    elif isinstance(value, str) and (found := _MONEY.fullmatch(value.strip())):
        value, currency = found[2], found[1] or found[3] or currency
    number = _number(value)
    if number is None or currency is None or not re.fullmatch(r"[A-Za-z]{3}", currency):
        return None
    code = currency.upper()
    cents = Decimal(1) if code in _WITHOUT_CENTS else Decimal("0.01")
    try:
        rounded = number.quantize(cents, ROUND_HALF_UP)
    except InvalidOperation:
        return None
    sign = "-" if rounded < 0 else ""
    return f"{sign}{_SIGNS.get(code, code + ' ')}{_grouped(abs(rounded))}"


def _day(value: Any, context: Context) -> str | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is not None:
            moment = moment.astimezone(context.zone)
    except (ValueError, OverflowError):
        return None
    return day_in_words(moment.date(), context.today, context.language)
