"""Turns text into the terms that lexical search compares: normalised, stemmed or segmented."""

import re
import unicodedata
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import rjieba
import yaml
from opencc import OpenCC

SYNONYMS = Path(__file__).with_name("synonyms.yml")

RULES = zlib.crc32(b"2" + SYNONYMS.read_bytes()) & 0x7FFFFFFF
"""Changes with the synonyms, and with the digit, to be raised with every change to what `terms` returns:
stored terms of other rules are not used."""

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_RUNS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+(?:'[^\W\d_]+)?")
_CODE = re.compile(r"[^\W_\u3400-\u4dbf\u4e00-\u9fff]+(?:[-_./][^\W_\u3400-\u4dbf\u4e00-\u9fff]+)*")
_LATIN_WORD = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]+")
_SEPARATORS = re.compile(r"[\s\-_./#:]+")

# Function words: they say how something is asked, not what about. Kept short on purpose; "not", "out" and
# the like change what a question means and stay.
STOP_EN = frozenset(
    "a about all also am an and any anyone are as at be been but by can could did do does doing for from get "
    "getting go going got had has have having he hello help her hey hi him his how i i'd i'll i'm i've if in "
    "into is it it's its just know let like may me mine more much my need of oh ok on or our ours please s "
    "see she should since so some someone still tell than thank thanks that that's the their them then there "
    "these they thing things this those to too up us very want was we well were what what's when where "
    "where's which who why will with would you your yours".split()
)
STOP_ZH = frozenset(
    "的 了 吗 呢 吧 啊 呀 哦 嗯 么 嘛 我 你 您 他 她 它 我们 你们 您们 他们 是 在 有 和 与 或 就 都 也 还 又 "
    "很 会 要 想 想要 能 能够 可以 可 把 被 给 让 对 从 到 去 来 这 那 这个 那个 这样 那样 哪 哪个 什么 怎么 "
    "怎样 怎么样 怎么办 如何 为什么 为何 请 请问 一下 一个 个 吗 呢 我的 你的 您好 你好 谢谢 帮 帮我 帮忙 "
    "好的 好吧 好 行 嗯嗯 再见 拜拜 多谢 感谢 早上好 晚上好 "
    "知道 告诉 该 应该 需要 办 呗 啦 得 地 着 过 上 里 下 之 而 但 但是 如果 因为 所以 时候 时".split()
)


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def is_han(text: str) -> bool:
    return HAN.search(text) is not None


def normalise(text: str) -> str:
    """NFKC, lower case, plain apostrophes, Traditional characters as Simplified ones."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("\u2018", "'")
    return _simplifier().convert(text) if is_han(text) else text


def language_of(text: str) -> str:
    """ "zh" where there are at least as many Han characters as words of another script, else "en"."""
    han = len(HAN.findall(text))
    return "zh" if han and han >= len(_LATIN_WORD.findall(text)) else "en"


def code_key(code: str) -> str:
    """One spelling for a code however it is typed: `E-04`, `e 04` and `Ｅ０４` are `e04`."""
    return _SEPARATORS.sub("", normalise(code))


def code_keys(text: str) -> set[str]:
    """Everything in a text that could be a code: each word, and a word together with the next one."""
    words = [code_key(found) for found in _CODE.findall(normalise(text))]
    pairs = (a + b for a, b in pairwise(words) if b[:1].isdigit())
    return {key for key in (*words, *pairs) if len(key) >= 2}


_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([bdgklmnprtz])\1$")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A light English stem: plural, -ing, -ed, -ly, -ation, and a last e or y taken off.

    Good enough that "deliveries", "delivered" and "delivery" meet; what it misses, the dense score finds.
    """
    word = word.removesuffix("'s").replace("'", "")
    if len(word) <= 3 or not word.isalpha() or not word.isascii():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ation", "ed", "ly"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = _DOUBLED.sub(r"\1", rest)
            break
    return word[:-1] if len(word) > 3 and word[-1] in "ey" else word


def terms(text: str) -> list[str]:
    """The terms of a text in order, function words left out; for Chinese see `_han_terms`."""
    text = normalise(text)
    return list(_terms(_one_word(text) if is_han(text) else text))


@cache
def _synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    loaded = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    first = {word: line[0] for line in loaded["zh"] for word in line[1:]}
    return re.compile("|".join(sorted(map(re.escape, first), key=len, reverse=True))), first


def _one_word(text: str) -> str:
    """The text with one word for each meaning; in question and article alike."""
    pattern, first = _synonyms()
    return pattern.sub(lambda found: first[found.group()], text)


def _terms(text: str) -> Iterator[str]:
    for run in _RUNS.findall(text):
        if is_han(run):
            yield from _han_terms(run)
        elif run not in STOP_EN:
            yield stem(run)
    for code in _CODE.findall(text):
        key = code_key(code)
        if key != code and any(char.isdigit() for char in key):
            yield key


def _han_terms(run: str) -> Iterator[str]:
    """Words, characters and pairs of characters: three witnesses, each in a spelling of its own.

    A segmenter cuts a question and an article differently often enough that words alone lose ten points.
    """
    words = [word for word in rjieba.cut(run) if word not in STOP_ZH]
    if not words:  # a greeting must not leave its characters behind
        return
    yield from (word for word in words if len(word) > 1)
    yield from (f"\u00b7{char}" for char in run if char not in STOP_ZH)
    for first, second in pairwise(run):
        if first not in STOP_ZH and second not in STOP_ZH:
            yield f"{first}{second}\u00b7"
