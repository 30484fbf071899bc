"""Speaks another language when asked to, or says which ones there are; and says the last thing again."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue

Events = list[dict[str, Any]]

_LONGEST = 300  # characters; nobody needs more to ask for a language

_NAMES = {
    "en": re.compile(r"\benglish\b|英文|英语|英語", re.IGNORECASE),
    "zh": re.compile(
        r"\bchinese\b|\bmandarin\b|\bputonghua\b|\bzhongwen\b|中文|汉语|漢語|普通话|普通話|国语|國語|华语|華語",
        re.IGNORECASE,
    ),
}
_OTHER = re.compile(
    r"\b(?:german|deutsch|french|fran[cç]ais|spanish|espa[nñ]ol|italian|italiano|portuguese|portugu[eê]s|dutch"
    r"|japanese|korean|russian|arabic|turkish|polish|hindi|thai|vietnamese|cantonese|swedish|danish|greek|hebrew"
    r"|ukrainian|czech|finnish|norwegian|indonesian|malay|romanian|hungarian)\b"
    r"|德语|德文|法语|法文|西班牙|意大利|葡萄牙|日语|日文|日本語|韩语|韩文|韓語|俄语|俄文|阿拉伯|粤语|粵語|广东话|泰语|越南",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(
    r"(?:n't|\bnot|\bno|\binstead of|\brather than|\bwithout"
    r"|不会|不會|不懂|不太懂|不说|不要|别|別|不想)"
    r"(?: (?:speak|understand|read|know|want|any|in|use|write|good at|much)){0,4}"
    r"\s{0,3}(?:说|說|用|讲|講|看|看懂)?\s{0,3}$",
    re.IGNORECASE,
)


def wanted_language(typed: str) -> str | None:
    """`en`, `zh`, or None for another one or none; "not in Chinese" and "我不懂英文" want the other."""
    typed = typed[:_LONGEST]
    mentions = sorted(
        (match.start(), language) for language, name in _NAMES.items() for match in name.finditer(typed)
    )
    refused = {language for start, language in mentions if _NOT_THIS.search(typed[:start])}
    wanted = [language for _, language in mentions if language not in refused]
    if wanted:
        return wanted[-1]
    if _OTHER.search(typed) or len(refused) != 1:
        return None
    return "zh" if "en" in refused else "en"


class ChangeLanguage(Action):  # type: ignore[misc]
    """A command to the desk, which says everything from here on, this answer too, in that language."""

    def name(self) -> str:
        return "action_change_language"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        language = wanted_language(dialogue.text(tracker))
        if language is None:
            dispatcher.utter_message(json_message=dialogue.message("utter_language_unavailable"))
            return []
        dispatcher.utter_message(json_message=dialogue.message("utter_language_set"))
        dispatcher.utter_message(json_message=dialogue.command("set_language", language=language))
        return [SlotSet("language", language)]


class Repeat(Action):  # type: ignore[misc]
    """The desk knows what it said last, with its buttons; a running form asks again by itself."""

    def name(self) -> str:
        return "action_repeat"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        if not tracker.active_loop_name:
            dispatcher.utter_message(json_message=dialogue.command("repeat"))
        return []
