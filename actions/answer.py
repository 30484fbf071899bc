"""Answers a question with a passage, asks what was meant, or says honestly that there is no answer."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.articles import is_near, last_question, say_none_of_these, say_what_follows_no
from actions.look_up import begins_look_up, start_look_up
from actions.services import SearchResult, Services
from actions.ticket_status import say_ticket_status

Events = list[dict[str, Any]]

MOST_MEANINGS = 2
NEAR_INTENT = 0.25
"""A service is a plausible meaning from this probability on; from CERTAIN on it would have been claimed."""
CERTAIN = 0.5

OFFERED = {"open_ticket", "ticket_status", "add_to_ticket", "order_status", "ask_person"}
"""Services that can be offered as a meaning: a click on one needs no more words."""


class AnswerQuestion(Action):  # type: ignore[misc]
    """Whatever no service intent claimed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        look_up = await begins_look_up(self._services, tracker)
        if look_up:
            return await start_look_up(self._services, dispatcher, tracker, look_up)
        question = dialogue.text(tracker)
        if not dialogue.has_words(question):
            dispatcher.utter_message(json_message=dialogue.message("utter_ask_rephrase"))
            return []
        number = dialogue.entity(tracker, "ticket_number")
        if number and dialogue.last_said(tracker) == "utter_ask_ticket_number":
            await say_ticket_status(self._services, dispatcher, tracker, number)
            return []
        result = await self._services.search(
            dialogue.conversation_id(tracker), question, dialogue.locale(tracker)
        )
        if result.answerable and result.hits:
            dispatcher.utter_message(json_message=dialogue.article_message(result.hits[0]))
            return []
        choices = [] if dialogue.last_said(tracker) == "utter_did_you_mean" else meanings(tracker, result)
        if choices:
            said = {**dialogue.message("utter_did_you_mean"), "choices": choices}
        else:
            said = dialogue.abstention()
        dispatcher.utter_message(json_message=said)
        return []


def meanings(tracker: Tracker, result: SearchResult) -> list[dict[str, str]]:
    """The likeliest meanings of a message that nothing claims and no article answers, as buttons."""
    likely: list[tuple[float, dict[str, str]]] = [
        (hit.score / result.threshold, {"value": f"article:{hit.article_id}", "label": hit.title})
        for hit in result.hits
        if is_near(result, hit.score)
    ]
    likely += [
        (probability / CERTAIN, {"value": name})
        for name, probability in dialogue.ranking(tracker)
        if name in OFFERED and probability >= NEAR_INTENT
    ]
    likely.sort(key=lambda meaning: -meaning[0])
    return [choice for _, choice in likely[:MOST_MEANINGS]]


class ChooseArticle(Action):  # type: ignore[misc]
    """A click on an article that was offered: its passage nearest to what was asked."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_choose_article"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        chosen = dialogue.entity(tracker, "article_id")
        conversation_id, locale = dialogue.conversation_id(tracker), dialogue.locale(tracker)
        question = last_question(tracker)
        found = await self._services.search(conversation_id, question, locale) if question else None
        hit = next((hit for hit in (found.hits if found else ()) if hit.article_id == chosen), None)
        if hit is None and chosen:
            hit = await self._services.article(conversation_id, chosen, locale)
        said = dialogue.article_message(hit) if hit else dialogue.abstention()
        dispatcher.utter_message(json_message=said)
        return []


class NoneOfThese(Action):  # type: ignore[misc]
    """A click on "none of these"."""

    def name(self) -> str:
        return "action_none_of_these"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        say_none_of_these(dispatcher, tracker)
        return []


class Unhelpful(Action):  # type: ignore[misc]
    """ "That didn't help": another article where one was said last and another is near."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_unhelpful"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
        await say_what_follows_no(self._services, dispatcher, tracker, otherwise="utter_unhelpful")
        return []
