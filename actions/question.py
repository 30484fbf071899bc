"""Tells a question that comes in between from an answer to what the ticket form asks."""

import re

_LEAD_IN = re.compile(
    r"(?:(?:but|and|ok|okay|wait|hi|hello|hey|sorry|first|one question|quick question|before that"
    r"|你好|您好|等等|等一下|对了|那|请问|先问一下)[\s,.:!]*){0,3}",
    re.IGNORECASE,
)
_ASKS_IN_ENGLISH = re.compile(
    # "how long does …", "what is …", and not "when I press it …", "what happened is …"
    r"(?:how|what|when|where|which|who|why)(?:'s\b|\b)"
    r"(?:\s+(?!(?:i|it|its|the|we|my|you|this|that|they|happened)\b)[\w-]+){0,3}?"
    r"\s+(?:do|does|did|is|are|was|can|could|will|would|should|must)\s"
    r"|(?:can|could|do|does|did|is|are|will|would|should|may|must)\s+(?:i|you|we|it|they|there|the|a|an|my|your|this)\s",
    re.IGNORECASE,
)
_ASKS_IN_CHINESE = re.compile(
    r"怎么|怎麼|怎样|如何|多久|多少|几天|什么时候|什麼時候|哪里|哪裡|哪儿|哪个|为什么|為什麼|能不能|可不可以|是不是|有没有"
)
_ENDS_ASKING = re.compile(r"(?:[??]|[吗嗎呢])[\s!.。]{0,5}$")
_CLAUSE_END = re.compile(r"[.!?。;；\n]+(?:\s|$)|[,，。;；](?=[\u3400-\u9fff])")
_LONGEST = 200  # characters; whoever writes more is describing something


def looks_like_a_question(typed: str) -> bool:
    """True for one clause that asks. "It leaks. What can I do?" tells something, and so is an answer."""
    words = typed.strip()
    if len(words) > _LONGEST:
        return False
    words = words[_lead_in_length(words) :]
    if sum(1 for clause in _CLAUSE_END.split(words) if clause.strip()) != 1:
        return False
    return bool(_ENDS_ASKING.search(words) or _ASKS_IN_ENGLISH.match(words) or _ASKS_IN_CHINESE.search(words))


def _lead_in_length(words: str) -> int:
    match = _LEAD_IN.match(words)
    return match.end() if match else 0
