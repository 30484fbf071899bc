"""What an action reads from Rasa's tracker, and the shapes of what it says."""

import re
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


CLEAR = 0.6
"""What a running form asked for comes first: from this certainty on a message is something else."""


def clear_intent(tracker: Tracker) -> str:
    """The intent that takes a message away from a running form; empty where it is not clear enough.

    A number or an address alone is an answer, whatever its characters resemble.
    """
    certainty = float((tracker.latest_message.get("intent") or {}).get("confidence") or 0.0)
    return intent(tracker) if certainty >= CLEAR and not _is_code(tracker) else ""


def _is_code(tracker: Tracker) -> bool:
    typed = text(tracker)
    rest = typed
    for found in tracker.latest_message.get("entities") or []:
        start, end = found.get("start"), found.get("end")
        if isinstance(start, int) and isinstance(end, int):
            rest = rest.replace(typed[start:end], "")
    return has_words(typed) and not has_words(rest)


def ranking(tracker: Tracker) -> list[tuple[str, float]]:
    """The service intents that this message resembles, likeliest first, with their probabilities."""
    ranked = tracker.latest_message.get("intent_ranking") or []
    return [(str(one.get("name")), float(one.get("confidence") or 0.0)) for one in ranked]


def entities(tracker: Tracker, name: str) -> list[str]:
    """All entities of that name in this message, in reading order."""
    return [str(value) for value in tracker.get_latest_entity_values(name) if value]


def entity(tracker: Tracker, name: str) -> str | None:
    """The last entity of that name in this message."""
    values = entities(tracker, name)
    return values[-1] if values else None


def ticket_spoken_of(tracker: Tracker) -> str | None:
    """The ticket that this message names, else the one last spoken of; Rasa keeps a list of several."""
    last = tracker.slots.get("ticket_number")
    return entity(tracker, "ticket_number") or (last[-1] if isinstance(last, list) and last else last) or None


def locale(tracker: Tracker) -> str:
    return tracker.slots.get("language") or "en"


def answers_form(tracker: Tracker, form: str) -> bool:
    """Whether this message is heard by the running form first; not while the form begins or is resumed."""
    if tracker.active_loop_name != form:
        return False
    done = []
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "action":
            done.append(event.get("name"))
    return done == [form]


def begins_form(tracker: Tracker, form: str) -> bool:
    """Whether the form is begun by this very message."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "active_loop" and event.get("name") == form:
            return True
    return bool(tracker.active_loop_name != form)


def last_answer(tracker: Tracker) -> list[dict[str, Any]]:
    """What the customer is answering to: the messages said between the last message and this one."""
    earlier = turns_before(tracker)
    return earlier[0][1] if earlier else []


def last_said(tracker: Tracker) -> str | None:
    """The text key that the customer is answering to: the last one before this message."""
    keys = [str(said["text_key"]) for said in last_answer(tracker) if said.get("text_key")]
    return keys[-1] if keys else None


def turns_before(tracker: Tracker) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The turns before this one, latest first: the customer's message and what was said to it."""
    turns: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    said: list[dict[str, Any]] = []
    for event in reversed(tracker.applied_events()):
        if event.get("event") == "user":
            turns.append((event, said[::-1]))
            said = []
        elif event.get("event") == "bot":
            custom = (event.get("data") or {}).get("custom")
            if custom:
                said.append(custom)
    return turns[1:]


def message(text_key: str, **variables: Any) -> dict[str, Any]:
    """A message by its text key; the desk renders the wording."""
    return {"text_key": text_key, "vars": variables}


def abstention() -> dict[str, Any]:
    """The honest answer where there is none."""
    return {**message("utter_dont_know"), "abstained": True}


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
