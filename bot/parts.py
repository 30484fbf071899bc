"""Hears that one text holds several wishes: "Where is my order? And can I still change the address?"

A text is cut into clauses, each is understood by itself, and where at least two of them are wishes of their
own the text becomes as many parts, each of which is run as a step of the same turn. Cutting loses nothing:
the parts put together are the text. What only tells something goes with the wish that follows it, and so do
greetings, which nobody answers beside a wish. A description with one question stays whole.
"""

from __future__ import annotations

import re
from typing import Any, Awaitable, Callable, Dict, List, NamedTuple, Optional, Sequence

from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

MOST_WISHES = 3
MOST_CLAUSES = 12
"""A text of more clauses is a letter, and is read as one."""
LONGEST = 1500  # characters

Parsed = Dict[str, Any]
Parse = Callable[[str], Awaitable[Parsed]]

SERVICES = {
    "open_ticket",
    "ticket_status",
    "add_to_ticket",
    "order_status",
    "ask_person",
    "complain",
    "change_language",
    "capabilities",
    "bot_challenge",
}
"""Intents that are wishes of their own; small talk, yes and no are heard with what stands beside them."""

# Where a text may be cut, always behind the match: at the ends of lines and sentences, and before words that
# begin another matter. A stop counts only before a space, so that codes, addresses and numbers stay whole.
_CUTS = re.compile(
    r"\n+"
    r"|(?<!\b[A-Za-z])(?<!\bno)(?<!\bnr)(?<!\bapprox)[.!?;]+(?=\s)\s*"
    r"|[。！？；]+\s*|[!?;]+(?=[\u3400-\u9fff])"
    r"|,?\s+(?=(?:and|also|plus|but)\s+(?:also\s+)?(?:please\s+)?(?:can|could|would|will|do|does|did|is|are|what|when"
    r"|where|how|which|who|why|may|i\s+(?:want|need|would|have)|open|tell|let|please)\b)"
    r"|,\s*(?=(?:how|what|where|when|why|can|could|do you|does|is there|are there|which)\b)"
    r"|[,，、]\s*(?=另外|还有|還有|顺便|順便|对了|對了|再问|再問|以及|并且|而且|同时|还想)"
    r"|[,，]\s*(?=[\u3400-\u9fff])",
    re.IGNORECASE,
)
_ASKS_IN_ENGLISH = re.compile(
    r"^\W*(?:(?:hi|hello|hey|and|but|also|so|ok|okay|oh|then|by the way|btw|plus|one more thing"
    r"|another question|please|well|sorry)\b[\s,:.!-]*){0,4}"
    r"(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|may|must)(?:'s)?\s+\w"
    r"|\b(?:(?:can|could|would) you (?:please )?tell me|i(?:'d| would)? (?:want|like|need) to know"
    r"|do you know)\b",
    re.IGNORECASE,
)
_ASKS_IN_CHINESE = re.compile(
    r"怎么|怎麼|怎样|如何|多久|多少|几天|什么|什麼|哪里|哪裡|哪儿|哪个|为什么|為什麼|能不能|可不可以|是不是|有没有|能否|吗|嗎"
)
_LEAD_IN = (
    r"(?:\b(?:hi|hello|hey|and|but|also|so|ok|okay|oh|then|by the way|btw|well|sorry|one more thing"
    r"|another question)\b|请问|請問|顺便|順便|问一下|問一下|另外|还有|還有|对了|對了|那么|你好|您好|再问)"
)
_LEAD_INS = re.compile(_LEAD_IN, re.IGNORECASE)
_BEGINS_LEADING_IN = re.compile(rf"(?:\W{{0,3}}{_LEAD_IN}){{1,4}}\W{{0,3}}", re.IGNORECASE)
_ANOTHER_MATTER = re.compile(
    r"\W*(?:also|and also|by the way|btw|another question|one more thing|besides"
    r"|另外|还有|還有|顺便|順便|对了|對了|再问)",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"n't\b|\bcannot\b|\bnot? (?:work|arriv|turn|start|open|charg)"
    r"|\b(?:broken|cracked|leaks?|leaking|missing|wrong|late|lost|stuck|error|fails?|failed|damaged|faulty|dead)\b"
    r"|用不了|不能|无法|無法|没有?反应|没收到|坏了|壞了|漏|裂|丢了|打不开|连不上|报错|失败|不工作|不对|错了",
    re.IGNORECASE,
)
"""What is wrong asks for help by itself, if another matter follows."""

_ENDS = re.compile(r"[.!?;。！？；]\s*$")
_ENDS_ASKING = re.compile(r"[?？][\s!.。！]*$")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff][\w'’-]*")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LEAST_WORDS, _LEAST_HAN = 3, 4
"""A question of less than this only goes on with the one before: "and why?", "要多久"."""


class Part(NamedTuple):
    """A piece of the text with its wish as it was understood; no `parsed` for a text that stays whole."""

    text: str
    parsed: Optional[Parsed]


class _Clause(NamedTuple):
    text: str
    parsed: Parsed
    is_wish: bool


async def split(text: str, parse: Parse) -> List[Part]:
    """The parts of a text, in the order in which they are answered; their texts make up the whole of it."""
    pieces = cut(text) if len(text) <= LONGEST else []
    if not 2 <= len(pieces) <= MOST_CLAUSES:
        return [Part(text, None)]
    parsed = [await parse(_core(piece)) for piece in pieces]
    clauses = [_clause(pieces, n, parsed[n]) for n in range(len(pieces))]
    parts = _gather(clauses)
    if not parts or (len(parts) == 1 and not _stands_out(clauses)):
        return [Part(text, None)]
    # The form of a ticket begins last: what it asks must be the last thing that is said.
    return sorted(parts, key=lambda part: (part.parsed or {})["intent"]["name"] == "open_ticket")


def cut(text: str) -> List[str]:
    """The clauses of a text; put together they are the text."""
    pieces: List[str] = []
    start = 0
    for match in _CUTS.finditer(text):
        if _says_something(text[start : match.end()]) and _says_something(text[match.end() :]):
            pieces.append(text[start : match.end()])
            start = match.end()
    return [*pieces, text[start:]]


def asks(clause: str, *, begins: bool = True) -> bool:
    """Whether a clause is a question that stands by itself.

    Where the one before it was not ended, a question mark alone may end that one: "Can I put it / into the
    dishwasher?".
    """
    if len(_WORD.findall(clause)) < _LEAST_WORDS and len(_HAN.findall(clause)) < _LEAST_HAN:
        return False
    return bool(
        (begins and _ENDS_ASKING.search(clause))
        or _ASKS_IN_ENGLISH.search(clause)
        or _ASKS_IN_CHINESE.search(clause)
    )


def _says_something(piece: str) -> bool:
    """Whether there is anything in a piece besides signs and the words that lead in to another."""
    return any(character.isalnum() for character in _LEAD_INS.sub("", piece))


def _core(piece: str) -> str:
    """A clause without the words that lead in to it: "by the way, do you ship abroad?"."""
    leads = _BEGINS_LEADING_IN.match(piece)
    core = piece[leads.end() :] if leads else piece
    return core if _says_something(core) else piece


def _clause(pieces: Sequence[str], n: int, parsed: Parsed) -> _Clause:
    text, name = pieces[n], parsed["intent"]["name"]
    if name != DEFAULT_NLU_FALLBACK_INTENT_NAME:
        return _Clause(text, parsed, is_wish=name in SERVICES)
    begins = n == 0 or bool(_ENDS.search(pieces[n - 1]))
    after = pieces[n + 1] if n + 1 < len(pieces) else ""
    is_trouble = bool(_TROUBLE.search(text) and _ANOTHER_MATTER.match(after) and asks(after))
    return _Clause(text, parsed, is_wish=is_trouble or asks(text, begins=begins))


def _gather(clauses: Sequence[_Clause]) -> List[Part]:
    """Each wish with what is told before it; what is left at the end goes with the last one."""
    parts: List[Part] = []
    waiting: List[_Clause] = []
    for clause in clauses:
        waiting.append(clause)
        is_own = clause.is_wish and len(parts) < MOST_WISHES
        if is_own and not (parts and _is_same(parts[-1].parsed or {}, clause)):
            parts.append(_join(waiting, clause.parsed))
            waiting = []
        elif clause.is_wish and parts:
            parts[-1] = _more(parts[-1], waiting)
            waiting = []
    if waiting and parts:
        parts[-1] = _more(parts[-1], waiting)
    return parts


def _stands_out(clauses: Sequence[_Clause]) -> bool:
    """Whether the one wish of a text is clearer by itself: where all beside it is small talk."""
    others = [clause for clause in clauses if not clause.is_wish]
    return all(clause.parsed["intent"]["name"] != DEFAULT_NLU_FALLBACK_INTENT_NAME for clause in others)


def _is_same(wish: Parsed, clause: _Clause) -> bool:
    """The same wish in other words: the same service, about nothing else; or the same words again."""
    name = clause.parsed["intent"]["name"]
    if name == DEFAULT_NLU_FALLBACK_INTENT_NAME:
        return _plain(clause.text) in _plain(wish.get("text") or "")
    named = [_codes(wish), _codes(clause.parsed)]
    return bool(name == wish["intent"]["name"] and (not all(named) or named[0] == named[1]))


def _codes(parsed: Parsed) -> List[Any]:
    return [(entity["entity"], entity["value"]) for entity in parsed["entities"]]


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _join(clauses: Sequence[_Clause], wish: Parsed) -> Part:
    """The wish as it was understood by itself, with the words and the codes of what stands beside it."""
    text = "".join(clause.text for clause in clauses)
    entities = [entity for clause in clauses for entity in clause.parsed["entities"]]
    return Part(text, {**wish, "text": text, "entities": entities})


def _more(part: Part, clauses: Sequence[_Clause]) -> Part:
    wish = part.parsed or {}
    entities = [*wish["entities"], *(entity for clause in clauses for entity in clause.parsed["entities"])]
    text = part.text + "".join(clause.text for clause in clauses)
    return Part(text, {**wish, "text": text, "entities": entities})
