"""What must hold: of every message in every dialogue, and of each step what its file expects."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from dialogue_play import Outcome, Player
from dialogue_script import Expect, as_list

from chat.models import Message
from tickets.models import Ticket

MAX_WORDS = 60
MAX_HAN = 120
MOST_ALIKE = 2

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_WORD = re.compile(r"\S*\w\S*")
_CODE = re.compile(r"[!-~]*[\d@/][!-~]*|Hearth & Hollow|PayPal|Klarna|iDEAL|App Store", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\w*\}|\{\{|utter_\w+|notice_\w+|None\b|\$\{")
ANSWERED_BY_SYSTEM = {"queued", "nobody_available", "closed_hours", "safety", "masked", "assistant_back"}


async def faults_of(player: Player, outcome: Outcome) -> list[str]:
    """Everything that is wrong with a step, in words; an empty list is a pass."""
    if outcome.step.expect.refused or outcome.refused:
        return (
            [] if outcome.step.expect.refused == outcome.refused else ["accepted, or refused, unexpectedly"]
        )
    found = list(_rules_of_every_message(player, outcome))
    found += _expectations(outcome, outcome.step.expect)
    found += await _wrong_words(player, outcome)
    return found


def _rules_of_every_message(player: Player, outcome: Outcome) -> Iterable[str]:
    yield from _one_answer(outcome)
    language = outcome.conversation.language
    for message in outcome.said:
        yield from _form_of(message, player.words, language)
    for message in outcome.messages:
        if message.author_type == "system" and _PLACEHOLDER.search(_without(message.text, player.words)):
            yield f"a placeholder in {message.text!r}"
    if not player.dialogue.may_repeat:
        yield from _too_often(player)


def _one_answer(outcome: Outcome) -> Iterable[str]:
    step = outcome.step
    asked = step.customer or step.button or step.form
    if not asked or outcome.owner_before == "agent":
        return
    count = len(outcome.said)
    if step.expect.silent:
        if count:
            yield "the assistant was to be silent"
    elif count > 1:
        yield f"{count} messages instead of one"
    elif count == 0 and not ANSWERED_BY_SYSTEM & set(outcome.notices):
        yield "no answer at all"


def _form_of(message: Message, words: Sequence[str], language: str) -> Iterable[str]:
    own = _without(message.text, words)
    if not message.text.strip():
        yield "an empty message"
    if _PLACEHOLDER.search(own):
        yield f"a placeholder in {message.text!r}"
    if len(_HAN.findall(own)) > MAX_HAN or len(_WORD.findall(own)) > MAX_WORDS:
        count = f"{len(_WORD.findall(own))} words, {len(_HAN.findall(own))} Han characters"
        yield f"too long ({count}): {message.text!r}"
    foreign = [one["passage"] for one in message.payload.get("sources", []) if one["locale"] != language]
    told = [*_lines(own, [*words, *foreign]), *(one["label"] for one in message.payload.get("buttons", []))]
    yield from (f"not in {language}: {one!r}" for one in told if not is_in(one, language))


def _lines(text: str, quoted: Sequence[str]) -> list[str]:
    return [line for line in _without(text, quoted).split("\n") if line.strip()]


def _without(text: str, quoted: Sequence[str]) -> str:
    """The text without what it quotes: the customer's words, an article in another language."""
    parts = {piece.strip(" .,!。，！") for one in quoted for piece in (one, *re.split(r"[\n.;。；]", one))}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) > 2:
            text = re.sub(re.escape(part), " ", text, flags=re.IGNORECASE)
    return text


def is_in(text: str, language: str) -> bool:
    """Whether these words are of that language; names, codes and addresses belong to both."""
    plain = _CODE.sub(" ", text)
    han, latin = len(_HAN.findall(plain)), len(_LATIN.findall(plain))
    if language == "zh":
        return han > 0 or latin <= 3
    return han == 0 or ("中文" in plain and han == 2)


def _too_often(player: Player) -> Iterable[str]:
    """The same words, or the same article, at most twice in a conversation."""
    said = [one for one in player.history if one.author_type == "bot"]
    texts = Counter((one.conversation_id, one.text) for one in said)
    yield from (f"said {n} times: {text!r}" for (_, text), n in texts.items() if n > MOST_ALIKE)
    quoted = Counter(
        (one.conversation_id, source["slug"]) for one in said for source in one.payload.get("sources", [])
    )
    yield from (f"article {slug} quoted {n} times" for (_, slug), n in quoted.items() if n > MOST_ALIKE)


def _expectations(outcome: Outcome, expect: Expect) -> list[str]:
    keys, row = outcome.keys, outcome.conversation
    slugs = [source["slug"] for source in outcome.sources]
    wanted_slugs = None if expect.article is None else as_list(expect.article)
    checks = [
        (expect.keys is None or keys == expect.keys, f"says {keys}, not {expect.keys}"),
        (all(_is_said(key, keys) for key in expect.says), f"says {keys}, without {expect.says}"),
        (
            not expect.one_of or any(_is_said(key, keys) for key in expect.one_of),
            f"says {keys}, none of {expect.one_of}",
        ),
        (not any(_is_said(key, keys) for key in expect.never), f"says {keys}, never {expect.never}"),
        (expect.mail is None or expect.mail in outcome.mailed, f"mails to {outcome.mailed}"),
        (wanted_slugs in (None, slugs), f"quotes {slugs}, not {expect.article}"),
        (expect.owner in (None, row.owner), f"the owner is {row.owner}, not {expect.owner}"),
        (expect.status in (None, row.status), f"the status is {row.status}, not {expect.status}"),
        (
            expect.notices is None or outcome.notices == expect.notices,
            f"notices {outcome.notices}, not {expect.notices}",
        ),
        (
            expect.reasons is None or sorted(outcome.reasons) == sorted(expect.reasons),
            f"reasons {outcome.reasons}, not {expect.reasons}",
        ),
        (
            set(expect.choices or []) <= set(outcome.buttons),
            f"choices {outcome.buttons}, without {expect.choices}",
        ),
        (not set(expect.no_choices) & set(outcome.buttons), f"choices {outcome.buttons}"),
    ]
    found = [words for holds, words in checks if not holds]
    if expect.comment and expect.comment not in "\n".join(outcome.comments):
        found.append(f"added to tickets: {list(outcome.comments)}, not {expect.comment!r}")
    found += _wrong_slots(row.slots, expect.slots)
    return found + _wrong_ticket(outcome.tickets, expect.ticket)


def _is_said(wanted: str, keys: Sequence[str]) -> bool:
    """`utter_offer*` is any text whose key begins like that."""
    return any(fnmatchcase(key, wanted) for key in keys)


async def _wrong_words(player: Player, outcome: Outcome) -> list[str]:
    expect = outcome.step.expect
    text = "\n".join(one.text for one in outcome.messages if one.author_type != "customer").lower()
    wanted = [(await player.filled_in(part)).lower() for part in as_list(expect.contains)]
    found = [f"without {part!r}" for part in wanted if part not in text]
    return found + [f"with {part!r}" for part in as_list(expect.not_contains) if part.lower() in text]


def _wrong_slots(slots: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [
        f"{name} is {slots.get(name)!r}, not {value!r}"
        for name, value in expected.items()
        if slots.get(name) != value
    ]


def _wrong_ticket(made: Sequence[Ticket], expected: bool | dict[str, str | None] | None) -> list[str]:
    if expected is None or expected is False:
        # Nothing was said of a ticket: then none is to be made.
        return [f"a ticket was made: {made[0].description!r}"] if made else []
    if len(made) != 1:
        return [f"{len(made)} tickets were made, not one"]
    fields = expected if isinstance(expected, dict) else {}
    return [
        f"the ticket's {name} is {getattr(made[0], name)!r}, not {value!r}"
        for name, value in fields.items()
        if not _fits(getattr(made[0], name), value)
    ]


def _fits(actual: str | None, wanted: str | None) -> bool:
    return actual is None if wanted is None else wanted.lower() in (actual or "").lower()
