"""Hears in a sentence what a customer takes back: a code, a part of the ticket by its name, a thing."""

import re
from collections.abc import Collection

_LONGEST = 100  # characters; whoever writes more is telling something

_TAKES_BACK = re.compile(
    r"\b(?:no|not|nope|wrong|other|another|different|actually|sorry|oops|mistake|mistaken|incorrect|change"
    r"|correct|fix|instead|wait)\b|不对|不對|不是|错|錯|另一|另外|别的|別的|改|换|換|更正|其他|弄混|写成",
    re.IGNORECASE,
)
_NAMES = {
    "order_number": re.compile(r"\border\b|订单|訂單|单号|單號", re.IGNORECASE),
    "email": re.compile(
        r"\be-?mail\b|\bmail\b|\baddress\b|邮箱|郵箱|邮件|郵件|邮址|电邮|地址", re.IGNORECASE
    ),
    "ticket_description": re.compile(
        r"\bdescription\b|\bwhat happened\b|\bproblem\b|\bthe (?:text|details|story)\b"
        r"|描述|问题|問題|内容|情况|情況",
        re.IGNORECASE,
    ),
}
_THING = r"(?:the |a |an |my |our )?(?P<{}>[^\s,.;!?][^,.;!?]{{0,40}}?)"
_SWAPS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bnot " + _THING.format("old") + r"(?:,| but)+\s*(?:but |it'?s |it is |i meant? )*"
        r"(?:the |a |an |my |our )" + _THING.format("new") + r"\s*[.!]*$",
        r"\b(?:the |a |an |my |our |it'?s |it is )" + _THING.format("new")
        + r",? not (?:the |a |an |my |our )" + _THING.format("old") + r"\s*[.!]*$",
        r"不是(?P<old>[^,，。;；]{1,20}?)[,，]?\s*(?:而?是|要)(?P<new>[^,，。;；]{1,20}?)[。.!！了]*$",
        r"是(?P<new>[^,，。;；]{1,20}?)[,，]\s*不是(?P<old>[^,，。;；]{1,20}?)[。.!！]*$",
    )
]  # fmt: skip


def named(sentence: str, parts: Collection[str], *, is_asked: bool = False) -> list[str]:
    """The parts of a ticket that "no, the other order" takes back; `is_asked`: the name alone is enough."""
    if len(sentence) > _LONGEST or not (is_asked or _TAKES_BACK.search(sentence)):
        return []
    return [part for part in parts if part in _NAMES and _NAMES[part].search(sentence)]


def swapped(sentence: str, *told: str | None) -> tuple[str, str] | None:
    """ "Not the kettle, the toaster" → kettle, toaster; only where what was `told` speaks of the kettle."""
    if len(sentence) > _LONGEST:
        return None
    for pattern in _SWAPS:
        match = pattern.search(sentence)
        if match and any(match["old"].casefold() in text.casefold() for text in told if text):
            return match["old"], match["new"]
    return None


def swap(text: str, old: str, new: str) -> str:
    return re.sub(re.escape(old), lambda _: new, text, flags=re.IGNORECASE)
