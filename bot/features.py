"""What a sentence is made of for the classifier: words, pieces of words, right spelling."""

from __future__ import annotations

import functools
import re
import unicodedata
from importlib.resources import files
from typing import Any, Container, Dict, List

import rjieba
from opencc import OpenCC
from symspellpy import SymSpell, Verbosity

_DIGITS = re.compile(r"\d+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]")
_WORD = r"(?u)\b\w+\b"  # also words of one character

# Words and pairs of words; and within words one to five characters, which serve Chinese and typing errors.
FEATURES: List[Dict[str, Any]] = [
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": _WORD},
    {"analyzer": "char_wb", "ngram_range": (1, 5)},
]


@functools.lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@functools.lru_cache(maxsize=256)
def plain(sentence: str) -> str:
    """Lower case, one width, Simplified characters, Chinese words set apart, and every number alike."""
    text = unicodedata.normalize("NFKC", sentence).lower().replace("’", "'")
    if _HAN.search(text):
        text = _to_simplified().convert(text)
        text = _HAN.sub(lambda run: f" {' '.join(rjieba.cut(run.group()))} ", text)
    return " ".join(_DIGITS.sub("0", text).split())


def has_vector(plain_sentence: str) -> bool:
    """Whether the encoder, which knows English, can say what this means: mostly written in Latin letters."""
    latin = len(_LATIN.findall(plain_sentence))
    return latin > 3 * sum(len(run) for run in _HAN.findall(plain_sentence))


_LETTERS = re.compile(r"[a-z]{4,}")  # a shorter word has too many neighbours


class Speller:
    """Puts the likeliest English word in the place of one that nobody knows.

    Words of the training data are right as they are. Others are looked up among 82,765 English words with
    their frequencies (SymSpell's list); one letter wrong, missing, too many or out of order is mended, to a
    word of the training data rather than to another.
    """

    def __init__(self, known: Container[str]) -> None:
        self._known = known

    def corrected(self, plain_sentence: str) -> str:
        return _LETTERS.sub(self._mended, plain_sentence)

    def _mended(self, match: re.Match[str]) -> str:
        word = match.group()
        if word in self._known:
            return word
        found = [str(near.term) for near in _english().lookup(word, Verbosity.CLOSEST, max_edit_distance=1)]
        return next((near for near in found if near in self._known), found[0] if found else word)


@functools.lru_cache(maxsize=1)
def _english() -> SymSpell:
    english = SymSpell(max_dictionary_edit_distance=1)
    words = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    english.load_dictionary(str(words), term_index=0, count_index=1)
    return english
