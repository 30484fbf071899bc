"""From text keys to one message: wording looked up, variables filled, parts merged, sources kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chat import texts
from chat.service import Draft
from server.db import ReadSession

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

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Line":
        """From a custom payload of an action or of the text-key generator; a plain text is said as it is."""
        return cls(
            text_key=str(payload.get("text_key") or ""),
            variables=dict(payload.get("vars") or {"text": payload.get("text", "")}),
            kind=str(payload.get("kind") or "text"),
            sources=list(payload.get("sources") or []),
            abstained=bool(payload.get("abstained")),
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
    session: ReadSession, language: str, lines: Sequence[Line], *, inbox_key: str = ""
) -> list[Draft]:
    """All lines of a turn as one bot message: a burst gets one answer, with one row of buttons.

    `language` is the one in which the turn's messages were written; the conversation may have gone on in
    another meanwhile.
    """
    written: list[str] = []
    payload: dict[str, Any] = {}
    kind = "text"
    for line in lines:
        if not line.text_key:
            written.append(str(line.variables.get("text", "")))
            continue
        variables = await _spoken(session, line.variables, language)
        wording = await texts.render(session, line.text_key, language, variables, inbox_key=inbox_key)
        written.append(wording.text)
        if wording.buttons:
            payload["buttons"] = wording.buttons
        if line.sources:
            payload.setdefault("sources", []).extend(line.sources)
        if line.abstained:
            payload["abstained"] = True
        if line.form:
            payload["form"], kind = line.form, "form"
    text = "\n\n".join(dict.fromkeys(part for part in written if part))
    if not text and not payload:
        return []
    if kind == "text" and payload.get("sources"):
        kind = "article"
    elif kind == "text" and payload.get("buttons"):
        kind = "buttons"
    return [Draft("bot", kind=kind, text=text, payload=payload)]
