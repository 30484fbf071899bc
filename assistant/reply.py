"""From text keys to one message: wording looked up, variables filled, parts merged, sources kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import structlog

from assistant.fitting import Part, fit, label
from chat import texts
from chat.service import Draft
from server.db import ReadSession

log = structlog.get_logger(__name__)

MOST_BUTTONS = 4
QUOTED = frozenset({"passage", "text"})
"""Variables that hold whole sentences: they are cut between them."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say: a text key with its variables, and the articles that it comes from."""

    text_key: str
    variables: dict[str, Any] = field(default_factory=dict)
    kind: str = "text"
    sources: list[dict[str, Any]] = field(default_factory=list)
    abstained: bool = False
    form: dict[str, Any] | None = None
    choices: list[dict[str, Any]] = field(default_factory=list)
    """Buttons that were found for this answer: `{value, label?}`."""
    buttons: list[dict[str, str]] = field(default_factory=list)
    """Ready buttons of words that are said as they are."""

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Line":
        """From a custom payload of an action or of the text-key generator; a plain text is said as it is."""
        return cls(
            text_key=str(payload.get("text_key") or ""),
            variables=dict(payload.get("vars") or {"text": payload.get("text", "")}),
            kind=str(payload.get("kind") or "text"),
            sources=list(payload.get("sources") or []),
            abstained=bool(payload.get("abstained")),
            choices=[choice for choice in payload.get("choices") or [] if isinstance(choice, dict)],
        )


async def _spoken(session: ReadSession, variables: dict[str, Any], language: str) -> dict[str, Any]:
    """Codes and times as people say them: a ticket's stage by its wording, a moment as a day."""
    spoken = dict(variables)
    if "stage" in spoken:
        spoken["stage"] = (await texts.render(session, f"stage_{spoken['stage']}", language, {})).text
    for name in ("updated", "date"):
        if name in spoken:
            spoken[name] = day_in_words(str(spoken[name]), language)
    return spoken


def day_in_words(moment: str, language: str) -> str:
    """ "23 November 2026", "2026年11月23日"; what is no ISO time stays as it is."""
    try:
        day = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


async def compose(
    session: ReadSession,
    language: str,
    lines: Sequence[Line],
    *,
    inbox_key: str = "",
    everywhere: Mapping[str, str] = MappingProxyType({}),
) -> list[Draft]:
    """All lines of a turn as one bot message: a burst gets one answer, short, with one row of buttons.

    `language` is the one in which the turn's messages were written; the conversation may have gone on in
    another meanwhile. `everywhere`: variables that every text may use.
    """
    parts: list[Part] = []
    rows: list[list[dict[str, str]]] = []
    for line in lines:
        known = replace(line, variables={**everywhere, **line.variables})
        part, buttons = await _part(session, known, language, inbox_key)
        if part.whole and part not in parts:
            parts.append(part)
        rows.append(buttons)
    text = "\n\n".join(dict.fromkeys(one.strip() for one in fit(parts)))
    payload = await _payload(session, lines, rows, language, inbox_key)
    if not text and not payload:
        return []
    return [Draft("bot", kind=_kind(payload), text=text, payload=payload)]


async def _part(
    session: ReadSession, line: Line, language: str, inbox_key: str
) -> tuple[Part, list[dict[str, str]]]:
    """A line's wording with its values, and the wording's own buttons."""
    if not line.text_key:  # words that are said as they are
        return Part("{text}", {"text": str(line.variables.get("text", ""))}, QUOTED), list(line.buttons)
    variables = await _spoken(session, line.variables, language)
    wording = await texts.wording(session, line.text_key, language, inbox_key=inbox_key)
    values = {name: str(value) for name, value in variables.items()}
    buttons = [{**button, "label": texts.fill(button["label"], values)} for button in wording.buttons]
    return Part(wording.text, values, QUOTED), buttons


async def _payload(
    session: ReadSession,
    lines: Sequence[Line],
    rows: list[list[dict[str, str]]],
    language: str,
    inbox_key: str,
) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    choices = [choice for line in lines for choice in line.choices]
    offered = [await _button(session, choice, language, inbox_key) for choice in choices]
    row = one_row([button for button in offered if button], rows)
    if row:
        payload["buttons"] = row
    sources = [source for line in lines for source in line.sources]
    if sources:
        payload["sources"] = list(
            {str(source.get("article_id")): source for source in sources[::-1]}.values()
        )[::-1]
    if any(line.abstained for line in lines):
        payload["abstained"] = True
    for line in lines:
        if line.form:
            payload["form"] = line.form
    return payload


async def _button(
    session: ReadSession, choice: dict[str, Any], language: str, inbox_key: str
) -> dict[str, str] | None:
    """A dynamic button, labelled by itself or by the text `choice_<value>`; None where it has no words."""
    value = str(choice.get("value") or "")
    text = str(choice.get("label") or "")
    if value and not text:
        found = await texts.find_wording(session, f"choice_{value}", language, inbox_key=inbox_key)
        text = found.text if found else ""
    if not value or not text:
        log.error("choice_without_words", value=value)
        return None
    return {"label": label(text), "value": value}


def one_row(choices: Sequence[dict[str, str]], rows: Sequence[list[dict[str, str]]]) -> list[dict[str, str]]:
    """At most four buttons, each value once, what was found before the wording's own.

    A yes and a no belong to one question: the last line that asks for them keeps the row for itself.
    """
    asking = [row for row in rows if any(button["value"] in ("affirm", "deny") for button in row)]
    own = asking[-1] if asking else [button for row in rows for button in row]
    by_value: dict[str, dict[str, str]] = {}
    for button in [*choices, *own]:
        by_value.setdefault(button["value"], button)
    return list(by_value.values())[:MOST_BUTTONS]


def _kind(payload: dict[str, Any]) -> str:
    kinds = {"form": "form", "sources": "article", "buttons": "buttons"}
    return next((kind for part, kind in kinds.items() if payload.get(part)), "text")
