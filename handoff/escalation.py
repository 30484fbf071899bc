"""The escalation policy: which words go straight to people, before any article is quoted."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from chat.language import normalise
from handoff.models import HIGH, NORMAL, URGENT

MAX_SCANNED = 2000
"""Characters of a message that the patterns look at."""


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


_REAL = r"(?:(?:real|live|actual|human|normal|non-robotic|another|other|different|proper)\s+)"
_PERSON = (
    rf"{_REAL}*(?:person|people|humans?(?:\s+being)?|agents?|someone|somebody|representative|rep|manager|"
    r"supervisor|advis[eo]r|operator|members? of (?:your )?staff|staff(?: member)?|support team|colleague|"
    r"customer (?:service|support))"
)
_ASK = (
    r"(?:(?:talk|speak|chat)(?:ing)?|a (?:chat|word)|connect(?: me)?|transfer(?: me)?|put me (?:through)?|get me|"
    r"hand me over|pass me)"
)
_ARTICLE = r"(?:an?\s+|the\s+|your\s+|one of your\s+|some\s+|any\s+)?"
_ASKS_PERSON_EN = re.compile(
    rf"\b{_ASK}\s+(?:directly\s+)?(?:to|with)\s+{_ARTICLE}{_PERSON}\b"
    rf"|\b(?:get|give|find|fetch|want|need|prefer|like|have|reach)\s+(?:me\s+)?(?:to\s+(?:see|reach)\s+)?{_ARTICLE}"
    rf"{_REAL}*(?:person|human(?:\s+being)?|agent|operator|representative|advis[eo]r|rep)\b"
    r"(?!\s*(?:fee|number|name|readable|error|shaped|size|called|told|was|said))"
    rf"|\b(?:someone|somebody|anyone)\s+else\b.{{0,30}}\b(?:help|look|line|talk|speak)\b"
    rf"|\b(?:help|line|talk|speak|answer)\b.{{0,30}}\b(?:someone|somebody)\s+else\b|\bget\s+someone\s+to\s+help\b"
    rf"|\bfrom\s+an?\s+{_REAL}*(?:agent|human|person)\b"
    r"|\bis\s+(?:there\s+)?(?:anyone|anybody|someone|somebody)\s+(?:real\s+)?"
    r"(?:there|available|around|i can (?:talk|speak))"
    r"|\b(?:real|live|actual)\s+(?:person|human|agent)\b"
    r"|^\W*(?:human|agent|person|operator|representative|real person|live agent)s?\W*(?:please|pls|plz|now)?\W*$"
    r"|\bcall\s+(?:a\s+)?(?:human|agent)\b"
    r"|\bstop\s+(?:the\s+)?(?:bot|robot)\b|\bno(?:t)?\s+(?:more\s+)?(?:a\s+)?(?:bot|robot|machine)s?\b"
    r"|\b(?:to|with)\s+a\s+(?:bot|robot|machine)\b",
    re.IGNORECASE,
)
_NO_PERSON_EN = re.compile(
    r"\b(?:customs|cleaning|descaling|shipping|estate|travel|wetting|bleaching|user|delivery)\s+agents?\b"
    r"|\bhuman[- ](?:readable|resources|error|hair|voice)\b"
    r"|\b(?:don'?t|do not|no need to|rather not)\s+(?:want to\s+|need to\s+|have to\s+)?(?:talk|speak)\b",
    re.IGNORECASE,
)
_ASKS_PERSON_ZH = re.compile(
    r"转人工|转接?(?:人工|客服|真人)|(?:找|要|叫|接|换|想和|想跟|需要|请|联系|来)(?:一?[个位名])?(?:真人|活人|人工客服|客服|专员|工作人员|人工服务)"
    r"|(?:真人|人工)(?:客服|服务|接待|处理|坐席)|有没有(?:真?人|客服)(?:啊|吗|在|呢|呀|$)|有(?:真?人|客服)(?:吗|在吗|没有)|人工(?:呢|在吗|[!!。.??]|$)"
    r"|(?:和|跟|找)(?:你们)?(?:的)?(?:真?人|客服|工作人员)(?:说话|聊|谈|沟通|讲)|叫个?活?人来|不(?:要|想)(?:跟|和)?机器人|别(?:用)?机器人"
)
_NO_PERSON_ZH = re.compile(
    r"人工(?:费|智能|降雨|革|草|合成|授精|湖|成本|色素|香精|呼吸|耳蜗|心脏|翻译|湿地)|人造"
)

_LEGAL = re.compile(
    r"\b(?:my\s+lawyer|lawyers?|attorney|solicitor|sue\s+you|legal\s+action|take\s+you\s+to\s+court|ombudsman|"
    r"trading\s+standards|consumer\s+(?:authority|protection)|regulator|journalist|the\s+press)\b"
    r"|律师|起诉|法院|法律途径|消费者协会|消协|12315|工商局|市场监管|记者|媒体曝光",
    re.IGNORECASE,
)
_SAFETY = re.compile(
    r"\b(?:caught|on|catch(?:es|ing)?)\s+fire\b|\bfire\s+in\b|\bsmok(?:e|ing)\s+(?:from|coming)|\bsparks?\b|\bsparking\b"
    r"|\belectric(?:al)?\s+shock\b|\bgot\s+(?:a\s+)?shock(?:ed)?\b|\bexplo(?:ded?|ding|sion)\b|\bburn(?:ed|t|ing)\s+(?:my|her|his|our|smell)"
    r"|\bbattery\s+(?:is\s+)?(?:swollen|bulging|leaking|smoking)|\bswollen\s+battery\b|\bgas\s+leak\b|\bmelt(?:ed|ing)\s+(?:plug|cable|socket)"
    r"|着火|起火|冒烟|触电|漏电|爆炸|烧伤|烫伤|电池鼓包|火花|烧焦",
    re.IGNORECASE,
)
_SELF_HARM = re.compile(
    r"\b(?:kill(?:ing)?\s+myself|suicid(?:e|al)|end\s+my\s+life|want\s+to\s+die|hurt(?:ing)?\s+myself|self[- ]harm)\b"
    r"|自杀|不想活了?|想死|轻生|自残|结束(?:我的)?生命",
    re.IGNORECASE,
)


def wants_person(text: str) -> str | None:
    """The words with which a customer asks for a person, or None ("customs agent fee" is no such wish)."""
    plain = normalise(text)[:MAX_SCANNED]
    simplified = _to_simplified(plain)
    found = _ASKS_PERSON_ZH.search(_NO_PERSON_ZH.sub("", simplified))
    found = found or _ASKS_PERSON_EN.search(_NO_PERSON_EN.sub(" ", plain))
    return found.group().strip() if found else None


def _to_simplified(text: str) -> str:
    """The few Traditional characters of these patterns; the search has the full conversion."""
    return text.translate(
        str.maketrans(
            "轉個麼們專員換聯繫請與還說話務處機來長記師", "转个么们专员换联系请与还说话务处机来长记师"
        )
    )


def straight_to_people(text: str, seq: int) -> list[Reason]:
    """What in a message goes to people without asking the assistant, most urgent first."""
    plain = _to_simplified(normalise(text)[:MAX_SCANNED])
    found: list[Reason] = []
    for code, pattern in (("self_harm", _SELF_HARM), ("safety", _SAFETY), ("legal", _LEGAL)):
        match = pattern.search(plain)
        if match:
            found.append(Reason(code, seq, _around(plain, match)))
    if wants_person(text):
        found.append(Reason("asked_for_person", seq, text.strip()[:300]))
    return found


def _around(text: str, match: re.Match[str]) -> str:
    """The sentence in which the words stand, at most 300 characters."""
    start = max((text.rfind(mark, 0, match.start()) for mark in ".!?。!?\n"), default=-1) + 1
    return text[start : start + 300].strip()
