"""Whether a customer's words ask for a person; "customs agent fee" and "人工费" are no such wish."""

import re

from chat.language import normalise

MAX_SCANNED = 2000
"""Characters of a message that the patterns look at."""

_ADJECTIVE = r"(?:(?:real|live|actual|human|normal|proper|single|another|other|different)\s+)"
_DETERMINER = r"(?:an?\s+|the\s+|your\s+|ur\s+|one of your\s+|some\s+|any\s+)?"
_STAFF = (
    r"(?:persons?|humans?(?:\s+being)?|humen|agents?|operator|representative|rep|manager|supervisor|"
    r"advis[eo]r|employee|colleagues?)"
)
_ANYBODY = (
    rf"(?:{_STAFF}|people|some(?:one|body)|any(?:one|body)|whoever|"
    r"(?:members? of (?:your )?)?staff(?: member)?|(?:support|customer)\s+(?:team|service|care|staff))"
)
_NO_MORE = r"\b(?!\s*(?:fees?|number|name|readable|error|shaped|size|limit|discount|called|told|was|said)\b)"
_TO_STAFF = rf"{_DETERMINER}{_ADJECTIVE}*{_STAFF}{_NO_MORE}"
_TO_ANYBODY = rf"{_DETERMINER}{_ADJECTIVE}*{_ANYBODY}{_NO_MORE}"

_ASKS_EN = re.compile(
    # talk to, speak with, discuss this with; "someone I could talk to"
    r"\b(?:talk|spea?k|speek|chat|write|discuss|a word)(?:ing)?(?:\s+\w+){0,2}?"
    rf"\s+(?:to|2|with)\s+{_TO_ANYBODY}"
    rf"|\b{_ANYBODY}(?:\s+\w+)?\s+(?:i|we)\s+(?:can|could|may)\s+(?:talk|speak|chat|write)\b"
    r"|\b(?:talk|speak|chat)\s+(?:to|with)\s+\w+\s+again\b"
    # connect me to, put me through to, be transferred to
    r"|\b(?:connect|transfer|forward|switch|put|pass|hand|redirect)(?:r?ed)?(?:\s+(?:me|us|this))?"
    rf"(?:\s+(?:on|over|through))?\s+(?:to|with)\s+{_TO_ANYBODY}"
    # get me, I need, I want, I asked for
    r"|\b(?:get|give|find|fetch|bring|call|want|need|prefer|like|have|reach|asked for)\s+(?:me\s+)?"
    rf"(?:to\s+(?:see|reach)\s+)?{_TO_STAFF}"
    r"|\b(?:get|give|find)\s+me\s+some(?:one|body)\b|\bget\s+some(?:one|body)\s+to\s+help\b"
    rf"|\bfrom\s+an?\s+{_ADJECTIVE}*(?:agent|human|person)\b"
    r"|\b(?:can|could|may|would)\s+some(?:one|body)\s+from\s+(?:your|the|customer)\b"
    r"|\bsome(?:one|body)\s+from\s+(?:your|the|customer)\s+\w+\s+(?:please|pls)\b"
    r"|\b(?:some|any)(?:one|body)\s+else\b.{0,30}\b(?:help|look|line|talk|speak)\b"
    # is anybody there
    r"|\bis\s+(?:there\s+)?(?:any|some)(?:one|body)\s+(?:real\s+)?(?:there|available|around)\b"
    r"|\bany\s+(?:real\s+)?(?:humans?|people|agents?)\s+(?:there|around|here|available|online)\b"
    r"|\bis\s+an?\s+(?:real\s+)?(?:person|human)\s+(?:reading|there|here|available)\b"
    r"|\bcan\s+a\s+real\s+(?:person|human)\b|\breal\s+person\s+(?:here|please|pls)\b"
    # anything but a machine
    r"|\b(?:talk|speak|chat)(?:ing)?\s+(?:to|with)\s+a\s+(?:bot|robot|machine|computer)\b"
    r"|\bstop\s+(?:the\s+)?bot\b|\bno\s+(?:more\s+)?(?:bots|machines)\b",
    re.IGNORECASE,
)
_ALONE_EN = re.compile(
    r"(?:an?\s+)?(?:(?:real|live|actual|customer\s+service)\s+)?(?:person|humans?|human\s+being|agent|operator|"
    r"representative|advis[eo]r)(?:\s+(?:please|pls|plz|now))?",
    re.IGNORECASE,
)
_DECLINES_EN = (
    r"\b(?:i\s+)?(?:don'?t|do\s+not|needn'?t|no\s+need|rather\s+not)(?:\s+(?:want|need|have|like|for|to|be))*"
    r"(?:\s+(?:talk|speak|chat|transfer|connect|hand|put|forward)(?:r?ed)?(?:\s+me)?(?:\s+(?:over|through))?"
    rf"\s+(?:to|with))?\s+{_TO_ANYBODY}"
)
_NOT_MEANT_EN = re.compile(
    # "am I talking to a robot?" asks what this is
    r"\b(?:am\s+i|are\s+we)\s+(?:\w+\s+)?(?:talking|speaking|chatting|writing)\s+(?:to|with)"
    r"\s+(?:\w+\s+){0,3}?(?:bot|robot|machine|computer|person|human)\b"
    r"|\b(?:customs|cleaning|descaling|shipping|estate|travel|wetting|bleaching|user|delivery)\s+agents?\b"
    r"|\bhuman[- ](?:readable|resources|error|hair|voice)s?\b"
    rf"|{_DECLINES_EN}",
    re.IGNORECASE,
)

_STAFF_ZH = r"(?:人工|真人|活人|客服|专员|工作人员|主管|经理|领导|同事|接线员)"
_ASKS_ZH = re.compile(
    r"转(?:接|到)?(?:一下)?(?:售后)?(?:人工|真人|客服)"
    rf"|(?:找|要|叫|喊|接|换|请|联系|需要|安排|给我|来)(?:一下)?(?:你们)?(?:的)?(?:一?[个位名])?{_STAFF_ZH}"
    r"|(?:找|换|叫|派|给我|出来|来)个人(?!信息|资料|账|中心|数据)"
    rf"|(?:跟|和|与)(?:你们)?的?(?:{_STAFF_ZH}|人)(?:直接)?(?:说|聊|谈|沟通|讲|通话)"
    r"|(?:真人|人工)(?:客服|服务|接待|处理|坐席|帮助|帮忙)"
    r"|有(?:没有)?(?:真人|活人|客服|人)(?:啊|吗|在|呢|呀|没有|$)"
    r"|客服[\u4e00-\u9fff]{0,3}在(?:吗|不在)|客服.{0,6}(?:找|联系)[他她]"
    r"|让.{1,4}来(?:跟|和|给)我(?:说|聊|谈|讲)"
    r"|不(?:要|想)(?:跟|和)?机器人|别(?:用)?机器人"
)
_ALONE_ZH = re.compile(
    r"(?:zhuan)?(?:人工)+(?:的那种|客服|服务)?[吧呢啊]?(?:在吗|谢谢)?|(?:在线)?客服|接线员|人呢"
)
_DECLINES_ZH = r"(?:我)?(?:不用|不要|不需要|不必|无需|别)再?(?:转|找|叫)?(?:人工|真人|客服)(?:了|啦)?"
_NOT_MEANT_ZH = re.compile(
    r"人工(?:费|智能|降雨|革|皮革|草|合成|授精|湖|成本|色素|香精|呼吸|耳蜗|心脏|翻译|湿地|除垢|检测)|人造"
    rf"|{_DECLINES_ZH}"
    r"|(?:上次|上回|之前|刚才|昨天|已经)(?:已经)?(?:转|找|问|联系)了?过?(?:人工|客服)"
    r"|(?:找|问|联系)过?客服问?过"
)
_DECLINES = re.compile(
    rf"(?:{_DECLINES_EN}|{_DECLINES_ZH})(?:\s+(?:please|now))?[\s,.;:!，。；：！]*", re.IGNORECASE
)
_FRAGMENT = re.compile(r"[.,!?;:。，！？；：、~\n]+")
_SIMPLIFIED = str.maketrans(
    "轉個麼們專員換聯繫請與還說話務處機來長記師導電鼓燒觸漏煙",
    "转个么们专员换联系请与还说话务处机来长记师导电鼓烧触漏烟",
)


def wants_person(text: str) -> str | None:
    """The words with which a customer asks for a person, or None."""
    plain = normalise(text)[:MAX_SCANNED].replace("’", "'")
    chinese = _NOT_MEANT_ZH.sub(" ", to_simplified(plain))
    found = _ASKS_ZH.search(chinese) or _ASKS_EN.search(_NOT_MEANT_EN.sub(" ", plain))
    if found:
        return found.group().strip()
    for fragment in _FRAGMENT.split(plain):
        words = fragment.strip()
        if _ALONE_EN.fullmatch(words) or _ALONE_ZH.fullmatch(to_simplified(words)):
            return words
    return None


def to_simplified(text: str) -> str:
    """The few Traditional characters of the patterns here; the search has the full conversion."""
    return text.translate(_SIMPLIFIED)


def declines_person(text: str) -> bool:
    """Whether a message says that no person is wanted, and asks for none."""
    return bool(_DECLINES.search(_readable(text))) and wants_person(text) is None


def beside_declining(text: str) -> str:
    """What else a message says that wants no person; the whole of it where that is all."""
    if not declines_person(text):
        return text
    plain = normalise(text)
    match = _DECLINES.search(_readable(text))
    rest = (plain[: match.start()] + plain[match.end() :]).strip() if match else plain
    return rest if any(character.isalnum() for character in rest) else text


def _readable(text: str) -> str:
    """As the patterns want it; every character keeps its place."""
    return to_simplified(normalise(text)[:MAX_SCANNED].replace("’", "'"))
