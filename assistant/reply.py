"""From text keys to one message: wording looked up, variables filled, parts merged, sources kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chat import texts
from chat.models import Conversation
from chat.service import Draft
from server.db import ReadSession


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


async def compose(
    session: ReadSession, conversation: Conversation, lines: Sequence[Line], *, inbox_key: str = ""
) -> list[Draft]:
    """All lines of a turn as one bot message: a burst gets one answer, with one row of buttons."""
    written: list[str] = []
    payload: dict[str, Any] = {}
    kind = "text"
    for line in lines:
        if not line.text_key:
            written.append(str(line.variables.get("text", "")))
            continue
        wording = await texts.render(
            session, line.text_key, conversation.language, line.variables, inbox_key=inbox_key
        )
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
