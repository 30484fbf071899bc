"""The language of a conversation: decided per message, with memory."""

import re
import unicodedata
from collections.abc import Iterable

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_CODE = re.compile(
    r"https?://[!-~]+|www\.[!-~]+|[!-~]*[\d@][!-~]*|[!-~]*[A-Za-z]\.[A-Za-z][!-~]*|:\w+:", re.ASCII
)
"""Addresses, file names, emoji by name, what holds a digit; ASCII: Chinese stands unspaced around them."""
_LOANED = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{2,6}|[Aa]pp|[Ww]i-?[Ff]i|[Bb]luetooth|[Ee]-?mail|ok|[a-z]+[A-Z][A-Za-z]*)"
    r"(?![A-Za-z])"
)
"""Latin words and letters at home in Chinese sentences: they do not make one mixed."""

HAN_TO_SWITCH = 4
WORDS_TO_SWITCH = 3


def normalise(text: str) -> str:
    """NFKC, so that full-width letters, digits and signs are understood as the plain ones."""
    return unicodedata.normalize("NFKC", text)


def next_language(
    current: str,
    text: str,
    available: list[str],
    *,
    products: Iterable[str] = (),
    first: bool = False,
    pinned: bool = False,
) -> str:
    """The language after this message: `current` unless the message is clearly in another one.

    Numbers, codes, addresses, emoji, names of `products` and mixed messages never switch; in the first
    message, where `current` is only a guess, a single word or Han character decides, and in a mixed one the
    language that has more of it.
    """
    fallback = current if current in available else (available[0] if available else "en")
    if pinned:
        return fallback
    plain = _CODE.sub(" ", _without(products, normalise(text)))
    han, words = len(_HAN.findall(plain)), len(_WORD.findall(plain))
    if _KANA.search(plain):  # Japanese: not ours, whatever characters it shares
        return fallback
    strange = len(_WORD.findall(_LOANED.sub(" ", plain)))
    if (
        "zh" in available
        and han >= (1 if first else HAN_TO_SWITCH)
        and (not strange or _mostly(first, han, strange))
    ):
        return "zh"
    if "en" in available and words >= (1 if first else WORDS_TO_SWITCH) and han == 0:
        return "en"
    return fallback


def _mostly(first: bool, han: int, words: int) -> bool:
    """Whether a mixed first message is Chinese rather than English."""
    return first and words < WORDS_TO_SWITCH and han >= words


def _without(names: Iterable[str], text: str) -> str:
    for name in sorted(map(normalise, names), key=len, reverse=True):
        if name:
            text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", " ", text, flags=re.IGNORECASE)
    return text
