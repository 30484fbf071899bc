"""Answers a question with a passage of an article, or says honestly that it does not know."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue
from actions.services import Services
from actions.ticket_status import say_ticket_status

Events = list[dict[str, Any]]


class AnswerQuestion(Action):  # type: ignore[misc]
    """Whatever no service intent claimed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object) -> Events:
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
            said = dialogue.article_message(result.hits[0])
        else:
            said = {**dialogue.message("utter_dont_know"), "abstained": True}
        dispatcher.utter_message(json_message=said)
        return []
