"""Asks the desk to bring a person into the conversation."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue

_REASONS = {"complain": "complaint"}


class HandOff(Action):  # type: ignore[misc]
    """Returns a command and no words: what there is to say depends on who is there, which the desk knows."""

    def name(self) -> str:
        return "action_hand_off"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> list[dict[str, Any]]:
        reason = _REASONS.get(dialogue.intent(tracker), "asked_for_person")
        dispatcher.utter_message(json_message=dialogue.command("hand_off", reason=reason))
        return []
