"""What an action reads from Rasa's tracker, and the shapes of what it says."""

import re
from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from actions.services import ArticleHit

_WORD = re.compile(r"\w")


def conversation_id(tracker: Tracker) -> str:
    """The sender id is `{conversation}.{owner_epoch}.{n}`."""
    return str(tracker.sender_id).partition(".")[0]


def turn_id(tracker: Tracker) -> str:
    """The desk's id of this turn, which the gateway hands to Rasa as the message's id."""
    return str(tracker.latest_message["message_id"])


def text(tracker: Tracker) -> str:
    """What the customer typed; empty for a click."""
    return tracker.latest_message.get("text") or ""


def has_words(typed: str) -> bool:
    """False for emoji and punctuation alone."""
    return bool(_WORD.search(typed))


def intent(tracker: Tracker) -> str:
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def entity(tracker: Tracker, name: str) -> str | None:
    """The last entity of that name in this message."""
    values = [str(value) for value in tracker.get_latest_entity_values(name) if value]
    return values[-1] if values else None


def locale(tracker: Tracker) -> str:
    return tracker.slots.get("language") or "en"


def last_said(tracker: Tracker) -> str | None:
    """The text key that the customer is answering to: the last one before this message."""
    before_this_message = False
    for event in reversed(tracker.applied_events()):
        if event.get("event") == "user":
            if before_this_message:
                return None
            before_this_message = True
        elif before_this_message and event.get("event") == "bot":
            custom: Mapping[str, Any] = (event.get("data") or {}).get("custom") or {}
            if custom.get("text_key"):
                return str(custom["text_key"])
    return None


def message(text_key: str, **variables: Any) -> dict[str, Any]:
    """A message by its text key; the desk renders the wording."""
    return {"text_key": text_key, "vars": variables}


def article_message(hit: ArticleHit) -> dict[str, Any]:
    """A passage quoted with its source, so that whoever was told a retracted version can be found."""
    source = {
        "article_id": hit.article_id,
        "version": hit.version,
        "locale": hit.locale,
        "passage": hit.passage,
        "score": hit.score,
        "title": hit.title,
        "slug": hit.slug,
        "url": hit.url,
    }
    variables = {
        "title": hit.title,
        "passage": hit.passage,
        "url": hit.url,
        "date": hit.updated_at.date().isoformat(),
    }
    return {**message("utter_article", **variables), "kind": "article", "sources": [source]}


def command(name: str, **details: Any) -> dict[str, Any]:
    """Something for the desk to do when it writes the reply: actions change no conversation themselves."""
    return {"command": name, **details}
