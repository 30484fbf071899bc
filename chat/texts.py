"""The wording of text keys: stored in a table, edited live, rendered when a message is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from chat.models import WordingText
from server.db import ReadSession, WriteSession

log = structlog.get_logger(__name__)

DEFAULT_LOCALE = "en"
_VARIABLE = re.compile(r"\{(\w+)\}")

Wording = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""locale → key → {text, buttons}"""


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    buttons: list[dict[str, str]]


def variables_of(text: str) -> set[str]:
    return set(_VARIABLE.findall(text))


def fill(text: str, variables: Mapping[str, Any]) -> str:
    """Put values into `{name}` places, once: a value that looks like a place stays as it is."""
    return _VARIABLE.sub(lambda match: str(variables.get(match.group(1), "")), text)


async def render(
    session: ReadSession, key: str, locale: str, variables: Mapping[str, Any], *, inbox_key: str = ""
) -> Rendered:
    """The wording of `key` with its variables filled in."""
    found = await wording(session, key, locale, inbox_key=inbox_key)
    buttons = [{"label": fill(b["label"], variables), "value": b["value"]} for b in found.buttons]
    return Rendered(fill(found.text, variables), buttons)


async def wording(session: ReadSession, key: str, locale: str, *, inbox_key: str = "") -> Rendered:
    """The wording of `key` with its places: in `locale` before English, there the inbox's own words first.

    A key without any wording is a fault of ours: it is logged, and the company's plain apology is used.
    """
    found = await find_wording(session, key, locale, inbox_key=inbox_key)
    if found is None:
        log.error("text_missing", key=key, locale=locale)
        found = await find_wording(session, "utter_dont_know", locale, inbox_key=inbox_key)
    return found or Rendered("", [])


async def find_wording(
    session: ReadSession, key: str, locale: str, *, inbox_key: str = ""
) -> Rendered | None:
    """The wording of `key`, or None where it has none."""
    found = await _find(session, key, locale, inbox_key)
    return Rendered(found.text, found.buttons) if found else None


async def _find(session: ReadSession, key: str, locale: str, inbox_key: str) -> WordingText | None:
    rows = await session.scalars(
        select(WordingText).where(
            WordingText.key == key,
            WordingText.locale.in_({locale, locale.split("-")[0], DEFAULT_LOCALE}),
            WordingText.inbox_key.in_({inbox_key, ""}),
        )
    )
    ranked = sorted(
        rows,
        key=lambda row: (row.locale == locale, row.locale != DEFAULT_LOCALE, row.inbox_key == inbox_key),
    )
    return ranked[-1] if ranked else None


async def seed(session: WriteSession, wording: Wording) -> int:
    """Bring the product's own wording into the table; how many texts were added or renewed.

    A key that has no wording yet gets ours. Where nobody has edited ours it follows the product's version;
    what admins wrote is never overwritten.
    """
    ours = select(WordingText).where(WordingText.inbox_key == "", WordingText.register == "plain")
    known = {(row.key, row.locale): row for row in await session.scalars(ours)}
    changed = 0
    for locale, entries in wording.items():
        for key, entry in entries.items():
            text, buttons = entry["text"].strip(), list(entry.get("buttons", []))
            row = known.get((key, locale))
            if row is None:
                session.add(WordingText(key=key, locale=locale, text=text, buttons=buttons))
                changed += 1
            elif _is_untouched(row) and (row.text, row.buttons) != (text, buttons):
                row.text, row.buttons = text, buttons
                changed += 1
    await session.flush()
    return changed


def _is_untouched(row: WordingText) -> bool:
    return row.version == 1 and row.updated_by is None
