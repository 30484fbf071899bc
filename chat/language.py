"""The language of a conversation: decided per message, with memory."""

import re
import unicodedata
from collections.abc import Iterable

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_CODE = re.compile(r"https?://[!-~]+|[!-~]*[\d@][!-~]*")
"""Addresses and whatever holds a digit; only ASCII, because Chinese is written around them without spaces."""

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

    Numbers, codes, addresses, names of `products` and mixed messages never switch; in the first message,
    where `current` is only a guess, a single word or Han character decides.
    """
    fallback = current if current in available else (available[0] if available else "en")
    if pinned:
        return fallback
    plain = normalise(text)
    for name in sorted(products, key=len, reverse=True):
        plain = re.sub(re.escape(name), " ", plain, flags=re.IGNORECASE)
    plain = _CODE.sub(" ", plain)
    han, words = len(_HAN.findall(plain)), len(_WORD.findall(plain))
    if "zh" in available and han >= (1 if first else HAN_TO_SWITCH) and words < WORDS_TO_SWITCH:
        return "zh"
    if "en" in available and words >= (1 if first else WORDS_TO_SWITCH) and han == 0:
        return "en"
    return fallback
