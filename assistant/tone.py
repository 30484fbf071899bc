"""How a customer's message sounds: signs of anger that can be named, so that no reply is cheerful then."""

import re
from dataclasses import dataclass

from handoff.wishes import MAX_SCANNED
from knowledge_base.words import normalise


@dataclass(frozen=True, slots=True)
class Tone:
    """`signs` are names of what was found, never the customer's words."""

    signs: tuple[str, ...] = ()

    @property
    def unhappy(self) -> bool:
        return bool(self.signs)

    @property
    def grumbles(self) -> bool:
        """Unhappy with us or our service, and not only with a parcel or a kettle."""
        return bool({"grumble", "negated_thanks"} & set(self.signs))


_NOT = r"(?<!not )(?<!n't )(?<!never )(?<!not very )(?<!not too )(?<!no longer )"
_SO = r"(?:so |really |just |absolutely |completely |totally |getting |a )*"
_US = r"(?:(?:chat ?)?bots?|robot|chat|assistant|service|support|company|shop|store|website|answers?|help)"
_BAD = r"(?:useless|hopeless|terrible|awful|horrible|rubbish|pathetic|appalling|lousy)"
_GRUMBLE = re.compile(
    rf"{_NOT}(?:\byou(?:'re| are|r)? {_SO}{_BAD}\b"
    rf"|\b(?:{_BAD}|worst|shocking|poor) (?:customer )?{_US}\b"
    rf"|\b{_US} (?:is|are|was) {_SO}(?:{_BAD}|joke|bad|disgrace|crap|shit)\b"
    r"|\b(?:waste of (?:my )?time|wasting my time)\b"
    rf"|\b(?:this|that|it) ?(?:'s| is) {_SO}(?:ridiculous|unacceptable|outrageous|pathetic|joke|disgrace|"
    r"disgraceful|nonsense|absurd|useless|not good enough)\b"
    r"|\b(?:so|very|really|extremely|deeply) (?:disappointed|unhappy|dissatisfied)\b"
    r"|\bdisappointed (?:in|with|by) you\b"
    r"|(?<!if )\bi(?:'m| am) (?:really |very |so |just )?not (?:at all |really |very |too )?"
    r"(?:happy|pleased|satisfied|impressed) with (?:how|you|your|the (?:service|support|way|delivery))\b"
    r"|\b(?:fed up|sick of|had enough of|sick and tired)\b"
    r"|\b(?:you|nobody|no one|bot) (?:do(?:es)?(?:n't| not)|never) (?:ever |even )?(?:listen|care)s?\b"
    r"|\bnot listening\b|\b(?:nobody|no one) (?:listens|cares)\b"
    r"|\bhow (?:many times|often) (?:do|must|should) i\b"
    r"|\bi(?:'ve| have)? (?:already |just )?(?:told|said) (?:you |that )?(?:twice|three times|already)\b"
    r"|^\W*(?:useless|ridiculous|unbelievable|pathetic)\W*$)",
)
_GRUMBLE_ZH = re.compile(
    r"(?<!不)(?<!没)(?:"
    r"(?:服务|客服|态度|体验|售后|机器人|你们)(?:真的?|也|就|实在|简直|都)*(?:太|好|这么|那么|很|特别)?(?:差|烂|垃圾)"
    r"|垃圾(?:客服|服务|机器人|公司|店|售后)|破(?:客服|机器人|公司|店|服务)|什么(?:破|烂|垃圾|鬼|态度)"
    r"|浪费(?:我的?|大家的?)?时间|受够了?|忍无可忍|太?离谱|太过分|岂有此理|太?让人失望|(?:太|很|非常|真)失望"
    r"|(?:说|讲|问)了(?:多少|几|好几|八百|一百)(?:遍|次|回)|听不懂人话|答非所问|敷衍|糊弄|坑人|骗子|没人管"
    r"|差评|气死(?:我|人)|太?差劲|(?:真|太)(?:没用|垃圾|烂)了?)"
)
_SWEARING = re.compile(
    r"\b(?:wtf|bull ?shit|f+u+c+k\w*|shit(?:ty|e)?|crap(?:py)?|(?:god)?damn(?:ed|it)?|bloody|pissed(?: off)?)"
    r"\b(?! (?:good|great|nice|well|brilliant|fine|awesome|amazing|love|perfect))"
    r"|他妈|妈的|卧槽|我靠|去死|混蛋|王八蛋|狗屁|滚(?:蛋|开)|神经病"
)
_ANGER = re.compile(
    rf"{_NOT}\b(?:angry|furious|annoyed|annoying|frustrated|frustrating|infuriating|outraged|livid)\b"
    r"|\bi hate (?:this|it|you|that)\b|\bmakes? me (?:so )?mad\b"
    r"|(?<!不)(?:生气|愤怒|火大|恼火)|烦死|急死|太气人|无语"
)
_NEGATED_THANKS = re.compile(
    r"\b(?:thanks?|thank you|thx|cheers) (?:a lot |very much |so much )?for "
    r"(?:nothing|no help|wasting|ignoring)\b"
    r"|\bno thanks to (?:you|your)\b|\bthanks?,? but (?:no help|that's useless|that didn't help at all)\b"
    r"|谢谢?(?:你们?|您)?(?:什么(?:都|也)没|的?敷衍|浪费)|谢谢?你个头|谢你全家|白谢"
)
_THANKS_BUT = re.compile(
    r"\b(?:thanks?|thank you|thx)\b.{0,40}\b(?:but|still)\b.{0,40}"
    r"(?:\b(?:still|not|wrong|broken|no luck)\b|n't\b)"
    r"|谢谢?.{0,12}(?:但|可是|还是|没用|不行|没解决|用(?:都|也)没有)"
)
_GLAD = re.compile(
    r"\b(?:thank|great|perfect|love|awesome|yay|wow|super|brilliant|amazing|yes)|谢|太好|棒|赞|哈哈"
)
_CODE = re.compile(r"\S*\d\S*")
_SIGNS = "😠😡🤬😤🖕👎"


def tone_of(text: str) -> Tone:
    """The signs in one message. A negation before a word, or praise after an oath, takes its sign away."""
    plain = normalise(text[:MAX_SCANNED])
    found = {
        "grumble": bool(_GRUMBLE.search(plain) or _GRUMBLE_ZH.search(plain)),
        "swearing": bool(_SWEARING.search(plain)),
        "anger": bool(_ANGER.search(plain)),
        "negated_thanks": bool(_NEGATED_THANKS.search(plain)),
        "thanks_but": bool(_THANKS_BUT.search(plain)),
        "shouting": _shouts(text[:MAX_SCANNED], plain),
        "angry_emoji": any(sign in text for sign in _SIGNS),
    }
    return Tone(tuple(name for name, is_there in found.items() if is_there))


def _shouts(text: str, plain: str) -> bool:
    """Three words or more in capitals, or signs in rows, where nothing glad is said."""
    if _GLAD.search(plain):
        return False
    words = re.findall(r"[^\W\d_]{2,}", _CODE.sub(" ", text))
    letters = "".join(words)
    capitals = sum(letter.isupper() for letter in letters)
    loud = len(words) >= 3 and len(letters) >= 10 and capitals >= 0.8 * len(letters)
    return loud or bool(re.search(r"[?!]{3,}", plain))
