"""Finds what a sentence adds to a ticket: the lid … in "please add to T-1042 that the lid is cracked too"."""

import re
from collections.abc import Sequence

_LONGEST = 2000  # characters; whoever writes more has said it all

# As people put it, in this order: how they begin, the verb, and what still says nothing of the matter.
_NUMBER = r"[#(]?(?:T-? ?)?\d{3,8}\)?"
_TICKET = (
    r"(?:(?:to|on|in|into|for|about) )?(?:(?:my|the|this|that|our|an?|open|latest|last|existing|same) ){0,3}"
    rf"(?:(?:ticket|case|request|report)\b(?: number| no\.?)?(?: ?{_NUMBER})?|{_NUMBER})[ ,:;.-]*"
)
_NOTE = (
    r"(?:(?:an?other|an?|one|some|this|the|following|more|further|new|extra|also|short) ){0,4}"
    r"(?:(?:note|comment|remark|information|info|detail|message|line|thing|something"
    r"|update)s?\b|(?:this|it|the following)\b(?= ?(?:[:,]|to |on |in )))[ :,]*"
)
_ENGLISH = (
    [
        r"(?:(?:hi|hello|hey|ok|okay|oh|and|also|so|sorry|yes|please|pls|kindly"
        r"|one more thing)\b[ ,.!:]*){0,4}",
        r"(?:(?:can|could|would|will) (?:you|i|we)|let me"
        r"|(?:i|we)(?:'d| would)? (?:like|want|need|have|wish) to)\b ?",
        r"(?:please |pls |also ){0,2}",
    ],
    r"(?:add|append|attach|note|include|put|write|mention|update|leave|record|register)\b ?",
    [r"down\b ?", _NOTE, _TICKET, r"with\b ?", _NOTE, r"[:,.; -]*(?:that|saying)\b"],
)
_CHINESE_TICKET = (
    r"(?:在|把|往|给|給|到|向|对)?(?:我的?|这个|那个|上个)?(?:工单|工單)?(?:号|编号)? ?(?:(?:T-? ?)?\d{3,8})?"
    r" ?号?的?(?:工单|工單)?(?:里面?|裡|上|中)?"
)
_CHINESE = (
    [
        r"(?:(?:你好|您好|另外|还有|對了|对了|好的)[ ,，。!！]*){0,3}",
        r"(?:我(?:想|要|需要)?(?:再|还)?)?(?:请|麻烦|麻煩)?(?:你们?|您)?(?:帮我?|幫我?|给我)?再?",
        _CHINESE_TICKET,
        r"也?再?",
    ],
    r"补充|補充|添加|追加|备注|備註|加上|加|写上|写|记上|记",
    [_CHINESE_TICKET, r"(?:一下|一句|一条|一點|一点|几句|说明|說明|信息|内容){0,3}", _CHINESE_TICKET],
)
_ABOUT = (
    [r"(?:one more thing|another thing|more|an? addition|addition|something else)? ?"],
    r"(?:for|on|about|to|regarding) (?:my |the )?(?:ticket ?)?(?:T-? ?\d{3,8}|ticket) ?[:,-]",
    [r" ?that\b"],
)
_ENDS_NAMING = re.compile(
    r" (?:to|on|in|into) (?:(?:my|the|this|that|our|open|latest|last) ){0,3}"
    r"(?:(?:ticket|case)(?: number| no\.?)? ?[#(]?(?:(?:T-? ?)?\d{3,8})?\)?|T-? ?\d{3,8})(?: ?,? please)?"
    r"[.!]*$",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"(?:(?:it|this|that|something|some|more|one|an?|the|my|to|please|pls|thanks|thank you|now|here|else|too"
    r"|also|ticket|note|comment|info|information|details?)\b|吧|了|呢|啊|谢谢|一下|工单|信息|内容|点|东西|\d|\W)*",
    re.IGNORECASE,
)


def comment_of_request(sentence: str) -> str | None:
    """What is to be added; None where the sentence asks for nothing of the kind, or says nothing yet."""
    if len(sentence) > _LONGEST:
        return None
    written = re.sub(r"[ \t]+", " ", sentence).strip(" ,.!?，。！？")
    for before, verb, after in (_ENGLISH, _CHINESE, _ABOUT):
        asks = re.match(verb, _without(before, written), re.IGNORECASE)
        if asks:
            rest = _without(after, _without(before, written)[asks.end() :])
            rest = re.sub(_ENDS_NAMING, "", rest).strip(" ,.:;，。：-")
            return None if _SAYS_NOTHING.fullmatch(rest) else rest
    return None


def _without(prefixes: Sequence[str], words: str) -> str:
    for prefix in prefixes:
        match = re.match(prefix, words, re.IGNORECASE)
        words = words[match.end() :].lstrip(" ") if match else words
    return words
