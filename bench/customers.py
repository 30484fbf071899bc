"""What the speed bench's customers write: small talk, questions and a ticket, each question in new words.

New words, because a sentence that was just understood is remembered, and would flatter the assistant.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["small_talk", "question", "form"]
Language = Literal["en", "zh"]

ENTITIES = {
    "order_pattern": r"\b[A-Z]{2}-\d{6}\b",
    "products": [
        {"name": "Brisa 2 kettle", "aliases": ["Brisa 2 电热水壶", "KT-200"]},
        {"name": "Lume desk lamp", "aliases": ["Lume 台灯", "DL-100"]},
        {"name": "Onda headphones", "aliases": ["Onda 耳机", "HP-300"]},
    ],
    "region": "US",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message; `action` is the first that Rasa should run for it."""

    text: str
    language: Language
    kind: Kind
    action: str


_THINGS: dict[Language, tuple[str, ...]] = {
    "en": (
        *("kettle", "desk lamp", "headphones", "vacuum cleaner", "rice cooker", "blender", "air purifier"),
        *("smart watch", "keyboard", "office chair", "coffee grinder", "water filter", "bicycle helmet"),
        *("tent", "sleeping bag", "camera bag", "electric toothbrush", "hair dryer", "baby monitor"),
        *("printer", "projector", "mattress", "bookshelf", "gaming mouse", "power bank", "toaster", "iron"),
        *("dehumidifier", "yoga mat", "backpack", "scooter", "doorbell"),
    ),
    "zh": (
        *(
            "电热水壶",
            "台灯",
            "耳机",
            "吸尘器",
            "电饭煲",
            "搅拌机",
            "空气净化器",
            "智能手表",
            "键盘",
            "办公椅",
        ),
        *(
            "磨豆机",
            "滤水壶",
            "自行车头盔",
            "帐篷",
            "睡袋",
            "相机包",
            "电动牙刷",
            "吹风机",
            "婴儿监视器",
            "打印机",
        ),
        *(
            "投影仪",
            "床垫",
            "书架",
            "游戏鼠标",
            "充电宝",
            "烤面包机",
            "熨斗",
            "除湿机",
            "瑜伽垫",
            "背包",
            "滑板车",
        ),
    ),
}
_QUESTIONS: dict[Language, tuple[str, ...]] = {
    "en": (
        "How do I clean the {}?",
        "How long is the warranty of the {}?",
        "What does it cost to ship a {} to Norway?",
        "Which battery does the {} take?",
        "Can I return a {} that I have opened?",
        "Where do I find the manual of the {}?",
        "Is the {} suitable for children?",
    ),
    "zh": (
        "{}怎么清洗？",
        "{}的保修期是多久？",
        "把{}寄到挪威的运费是多少？",
        "{}用的是哪种电池？",
        "拆封的{}可以退货吗？",
        "{}的说明书在哪里可以找到？",
        "{}适合儿童使用吗？",
    ),
}
_GREETINGS: dict[Language, tuple[str, ...]] = {
    "en": ("Hello", "Hi there", "Good morning", "Hey", "Good evening"),
    "zh": ("你好", "您好", "早上好", "嗨", "晚上好"),
}
_THANKS: dict[Language, tuple[str, ...]] = {
    "en": ("Thank you", "Thanks a lot", "Thanks", "Many thanks", "Thank you very much"),
    "zh": ("谢谢", "谢谢你", "多谢", "非常感谢", "谢谢啦"),
}
_TICKET: dict[Language, tuple[str, ...]] = {
    "en": ("I want to open a ticket", "The {} has stopped working since yesterday", "AB-123456"),
    "zh": ("我要提交工单", "{}从昨天起就不能用了", "AB-123456"),
}
_YES: dict[Language, str] = {"en": "yes", "zh": "是的"}


class Customers:
    """An endless row of customers; two of them made anew say the same in the same order."""

    def __init__(self) -> None:
        self._questions = {language: self._asked(language) for language in _QUESTIONS}
        self._turn = itertools.count()

    def conversation(self, language: Language) -> list[Said]:
        """Fourteen messages: three of small talk, six questions, a ticket in five."""
        n = next(self._turn)
        question = [
            Said(next(self._questions[language]), language, "question", "action_answer_question")
            for _ in range(6)
        ]
        greeting, thanks = (words[language][n % 5] for words in (_GREETINGS, _THANKS))
        wish, fault, number = _TICKET[language]
        thing = _THINGS[language][n % len(_THINGS[language])]
        answers = (fault.format(thing), number, f"customer{n}@example.org", _YES[language])
        return [
            Said(greeting, language, "small_talk", "utter_greet"),
            *question[:3],
            Said(thanks, language, "small_talk", "utter_thanks"),
            *question[3:5],
            Said(wish, language, "form", "action_start_ticket"),
            *(Said(answer, language, "form", "ticket_form") for answer in answers),
            question[5],
            Said(thanks, language, "small_talk", "utter_thanks"),
        ]

    def questions(self, count: int) -> list[str]:
        """Texts of questions alone, in both languages."""
        rows = itertools.cycle(self._questions.values())
        return [next(next(rows)) for _ in range(count)]

    @staticmethod
    def _asked(language: Language) -> Iterator[str]:
        pairs = [template.format(thing) for thing in _THINGS[language] for template in _QUESTIONS[language]]
        return itertools.cycle(pairs)
