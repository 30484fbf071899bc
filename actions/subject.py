"""Finds a ticket's subject: in the sentence that asked for the ticket, or in what happened."""

import re

MAX_SUBJECT = 80  # characters

# The words that ask for a ticket and say nothing about the matter, in the order in which people use them.
_ENGLISH = (
    r"(?:(?:hi|hello|hey|ok|okay|yes|so|well|right|actually|fine|i(?:'ve)? changed my mind)\b[\s,.!]*){0,3}",
    r"(?:please|pls|kindly)\b[\s,]*",
    r"(?:(?:can|could|would|will) (?:you|i|we)(?: please)?|let me|let'?s|let us|i wanna|i'm|i am"
    r"|(?:i|we)(?:'d| would| do)? (?:like|want|need|have|wish) to"
    r"|(?:i|we)(?:'d| do)? (?:like|want|need)(?= (?:that|the|this) ticket))\b[\s,]*",
    r"(?:please|pls)\b\s*",
    r"(?:report|open|create|raise|submit|file|log|make|start|register|leave|put in|have|do|get"
    r"|reporting|opening|creating|raising|submitting|filing|logging|making|registering)\b\s*",
    r"(?:me )?(?:(?:a|an|another|one|the|that|this|my|new|support|service) )*"
    r"(?:ticket|case|request|problem|issue|fault|defect|claim)s?\b(?: for (?:me|us))?[\s,:;.-]*",
    r"(?:about|for|regarding|concerning|because of|because|since|as|with|that|on|of)\b[\s:]*",
)
_CHINESE = (
    r"(?:(?:你好|您好|好的|请问|那|算了|我改主意了|还是|還是)[\s,.!]*){0,3}",
    r"(?:我们?)?(?:想要|想|需要|要|得)?(?:麻烦|请)?(?:你们?|您)?(?:帮我|帮忙|给我|幫我)?(?:申请|申請)?",
    r"(?:报修|報修|报障|报告|報告|上报|反馈|反映|登记|登記|提交|创建|新建|建立|开|開|提|建|留|记录|记)(?:一下)?",
    r"(?:一?(?:个|個|张|張|份|条))?(?:新的?)?(?:工单|工單|售后单|报修单|问题|問題|故障|单子|单)?(?:吧|了)?[\s,:;.]*",
    r"(?:关于|關於|因为|因為|是)?",
)
_PREFIXES = [
    [re.compile(pattern, re.IGNORECASE) for pattern in patterns] for patterns in (_ENGLISH, _CHINESE)
]
_SAYS_NOTHING = re.compile(
    r"(?:i|do|want|like|need|it|this|that"
    r"|something|someone|one|a|the|my|please|pls|thanks|thank you|now|here|for me|ticket|yes"
    r"|after all|then|anyway|吧|了|呢|啊|谢谢|一下|工单|\W)*",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[\n.!?;。!?;]")


def subject_of_request(sentence: str) -> str | None:
    """The matter in "I want to report a broken kettle"; None where the sentence only asks for a ticket."""
    rest = sentence.strip()
    for patterns in _PREFIXES:
        for pattern in patterns:
            match = pattern.match(rest)
            rest = rest[match.end() :] if match else rest
    rest = rest.strip(" ,.:;!?-")
    if _SAYS_NOTHING.fullmatch(rest):
        return None
    return shorten(rest)


def subject_of_description(description: str) -> str:
    """The first sentence of what happened."""
    first = next((part.strip() for part in _SENTENCE_END.split(description) if part.strip()), description)
    return shorten(first)


def shorten(words: str) -> str:
    """At most MAX_SUBJECT characters, cut between words where there are any."""
    words = " ".join(words.split())
    if len(words) <= MAX_SUBJECT:
        return words
    cut = words[: MAX_SUBJECT - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > MAX_SUBJECT // 2 else cut).rstrip(" ,;:") + "…"
