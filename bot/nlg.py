"""Answers with text keys instead of texts: the desk renders the wording when it writes the message."""

from __future__ import annotations

from typing import Any, Dict

from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


class Keys(NaturalLanguageGenerator):
    """Rasa's generator of texts, in its own process (`endpoints.yml: nlg: {type: bot.nlg.Keys}`)."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        """Rasa hands both over; a text key needs neither."""

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Dict[str, Any]:
        return {"custom": {"text_key": utter_action, "vars": {}}}
