"""The escalation policy: which words go straight to people, before any article is quoted."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from chat.language import normalise
from handoff.models import HIGH, NORMAL, URGENT
from handoff.wishes import MAX_SCANNED, to_simplified, wants_person


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a conversation goes to people: a code, the message that gave it, the words, a weight 0–1."""

    code: str
    seq: int
    quote: str
    weight: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


PRIORITY = {"safety": URGENT, "self_harm": URGENT, "legal": HIGH, "important": HIGH, "agent_lost": HIGH}


def priority_of(reasons: list[Reason]) -> int:
    return max((PRIORITY.get(reason.code, NORMAL) for reason in reasons), default=NORMAL)


_LEGAL = re.compile(
    r"(?<!i'm a )(?<!i am a )\b(?:lawyers?|attorneys?|solicitors?)\b|\bsue\s+you\b|\blegal\s+action\b"
    r"|\btake\s+you\s+to\s+court\b|\bombudsman\b|\btrading\s+standards\b|\bjournalists?\b"
    r"|\bconsumer\s+(?:authority|protection)\b|\b(?:to|contact(?:ing)?|inform(?:ing)?)\s+the\s+(?:press|regulator)\b"
    r"|律师|起诉|法院|法律途径|消费者协会|消协|(?<!\d)12315(?!\d)|工商局|市场监管|记者|媒体曝光",
    re.IGNORECASE,
)
_SAFETY = re.compile(
    r"\b(?:caught|on|catch(?:es|ing)?)\s+fire\b|\bfire\s+in\s+(?:my|our|the)\b"
    r"|\bsmok(?:e|ing)\s+(?:(?:is|was)\s+)?(?:from|coming)\b|\bsparks?\b|\bsparking\b"
    r"|\belectric(?:al)?\s+shock\b|\bgot\s+(?:a\s+)?shock(?:ed)?\b|\bexplo(?:ded?|ding|sion)\b"
    r"|\bburn(?:ed|t|ing)\s+(?:my|her|his|our|smell)|\bgas\s+leak\b|\bmelt(?:ed|ing)\s+(?:plug|cable|socket)"
    r"|\bbattery\s+(?:is\s+)?(?:swollen|bulging|leaking|smoking)|\b(?:swollen|bulging)\s+battery\b"
    r"|着火|起火|冒烟|触电|漏电|爆炸|烧伤|烫伤|电池鼓包|火花|烧焦",
    re.IGNORECASE,
)
_SELF_HARM = re.compile(
    r"\b(?:kill(?:ing)?\s+myself|suicid(?:e|al)|end\s+my\s+life|want\s+to\s+die|hurt(?:ing)?\s+myself|"
    r"self[- ]harm)\b|自杀|不想活(?!动|跃)|想死(?!你|机)|轻生|自残|结束(?:我的)?生命",
    re.IGNORECASE,
)


def straight_to_people(text: str, seq: int) -> list[Reason]:
    """What in a message goes to people without asking the assistant, most urgent first."""
    plain = to_simplified(normalise(text)[:MAX_SCANNED]).replace("’", "'")
    found: list[Reason] = []
    for code, pattern in (("self_harm", _SELF_HARM), ("safety", _SAFETY), ("legal", _LEGAL)):
        match = pattern.search(plain)
        if match:
            found.append(Reason(code, seq, _around(plain, match)))
    if wants_person(text):
        found.append(Reason("asked_for_person", seq, text.strip()[:300]))
    return found


_COMPLAINS = re.compile(
    r"\bcomplain(?:t|ts|s|ed|ing)?\b|\bombuds\w*|\bformal(?:ly)? (?:object|protest)|投诉|举报|申诉|控告",
    re.IGNORECASE,
)


def complains(text: str) -> bool:
    """Whether a complaint is named as one. What only sounds displeased is a grumble: it gets an offer."""
    return bool(_COMPLAINS.search(to_simplified(normalise(text)[:MAX_SCANNED])))


def _around(text: str, match: re.Match[str]) -> str:
    """The sentence in which the words stand, at most 300 characters."""
    start = max((text.rfind(mark, 0, match.start()) for mark in ".!?。!?\n"), default=-1) + 1
    return text[start : start + 300].strip()
