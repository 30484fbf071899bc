"""Says articles: the best one, another one after a "no", the one that was clicked; and when none will do."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.services import SearchResult, Services

NEAR = 0.5
"""An article is a plausible meaning from this share of the threshold on."""


def is_near(result: SearchResult, score: float) -> bool:
    return score >= NEAR * result.threshold


async def say_another_article(services: Services, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """The article did not help: the next best one to the same question, once; then a person or a ticket."""
    question = last_question(tracker)
    tried_already = any(said.get("text_key") == "utter_try_another" for said in dialogue.last_answer(tracker))
    if question and not tried_already:
        result = await services.search(dialogue.conversation_id(tracker), question, dialogue.locale(tracker))
        shown = _articles_shown(tracker)
        others = [hit for hit in result.hits if hit.article_id not in shown]
        if others and is_near(result, others[0].score):
            dispatcher.utter_message(json_message=dialogue.message("utter_try_another"))
            dispatcher.utter_message(json_message=dialogue.article_message(others[0]))
            return
    dispatcher.utter_message(json_message=dialogue.message("utter_unhelpful"))


async def say_what_follows_no(
    services: Services, dispatcher: CollectingDispatcher, tracker: Tracker, *, otherwise: str
) -> None:
    """A "no" to what was said last: another article, other meanings; or the text `otherwise`."""
    last = dialogue.last_said(tracker)
    if last == "utter_article":
        await say_another_article(services, dispatcher, tracker)
    elif last == "utter_did_you_mean":
        say_none_of_these(dispatcher, tracker)
    else:
        dispatcher.utter_message(json_message=dialogue.message(otherwise))


def say_none_of_these(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Asked for in other words once; after another miss there is no answer to be had here."""
    for _, said in dialogue.turns_before(tracker):
        keys = {message.get("text_key") for message in said}
        if "utter_article" in keys:
            break
        if "utter_ask_rephrase" in keys:
            dispatcher.utter_message(json_message=dialogue.abstention())
            return
    dispatcher.utter_message(json_message=dialogue.message("utter_ask_rephrase"))


def last_question(tracker: Tracker) -> str:
    """What the customer typed last before this message; empty where nothing was."""
    return next((str(heard["text"]) for heard, _ in dialogue.turns_before(tracker) if heard.get("text")), "")


def _articles_shown(tracker: Tracker) -> set[str]:
    return {
        str(source.get("article_id"))
        for _, said in dialogue.turns_before(tracker)
        for message in said
        for source in message.get("sources") or []
    }
