"""Words after the end: thanks alone does not reopen a conversation, a new fact does."""

import re
import unicodedata

_THANKS = re.compile(
    r"(?:(?:ok(?:ay)?|thanks?|thank you|thx|ty|cheers|great|perfect|super|cool|nice|awesome|got it|"
    r"bye|goodbye|see you|have a (?:nice|good|great) day|you too|very much|so much|a lot|all good|"
    r"good|much appreciated|"
    r"appreciate it|and|then|you|for (?:the|your) help|"
    r"好的?|好滴|嗯|谢谢(?:你|您|啦|了)?|多谢|感谢|再见|拜拜|明白了?|知道了|收到|可以了?|没问题|辛苦了?|了|啦|呢)\s*)+",
    re.IGNORECASE,
)


_UNHAPPY = frozenset("👎😠😡🤬😢😭😞😟😣😤🙁☹😒😕💔❌🤮🖕")
_PUZZLED = frozenset("🤷🤔🤨🙄😐😑😬😶🧐❓❔❗❕‼⁉")


def is_only_thanks(text: str) -> bool:
    """Whether a message says nothing but thanks, ok, goodbye or a friendly emoji."""
    plain = unicodedata.normalize("NFKC", text)
    if "?" in plain or not (_UNHAPPY | _PUZZLED).isdisjoint(plain):
        return False
    words = "".join(
        character if character.isalnum() or character.isspace() else " " for character in plain
    ).strip()
    if len(words) > 80:
        return False
    if not words:
        return "!" not in plain
    return _THANKS.fullmatch(words) is not None
