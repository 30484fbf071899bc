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
    """The wording of `key`: in `locale` before English, and there the inbox's own before the company's.

    A key without any wording is a fault of ours: it is logged, and the company's plain apology is used.
    """
    found = await _find(session, key, locale, inbox_key)
    if found is None:
        log.error("text_missing", key=key, locale=locale)
        found = await _find(session, "utter_dont_know", locale, inbox_key)
    if found is None:
        return Rendered("", [])
    buttons = [{"label": fill(b["label"], variables), "value": b["value"]} for b in found.buttons]
    return Rendered(fill(found.text, variables), buttons)


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
    """Add the product's own wording where a key has none yet; what admins wrote is never overwritten."""
    ours = select(WordingText.key, WordingText.locale).where(
        WordingText.inbox_key == "", WordingText.register == "plain"
    )
    known = {(key, locale) for key, locale in await session.execute(ours)}
    missing = [
        WordingText(
            key=key, locale=locale, text=entry["text"].strip(), buttons=list(entry.get("buttons", []))
        )
        for locale, entries in wording.items()
        for key, entry in entries.items()
        if (key, locale) not in known
    ]
    session.add_all(missing)
    await session.flush()
    return len(missing)
