"""Runs one turn through Rasa's processor without saving it, so that a failed turn leaves no trace.

`MessageProcessor.handle_message` saves whatever came of a turn, also one whose action failed, and Rasa's
`UserUtteranceReverted` cannot take that back: within a form it takes the whole form back with it. So the
steps of `handle_message` are taken here one by one, and who calls decides whether to save. They follow
rasa 3.6.21; bot/tests/test_gateway.py runs them.
"""

from __future__ import annotations

import copy
from typing import Any, Dict, List

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.outcome import part_id
from bot.parts import split
from bot.typed_text import neutralise


async def run_turn(processor: MessageProcessor, tracker: DialogueStateTracker, message: UserMessage) -> None:
    """Take each wish of `message` as a step of its own, in one turn; all of it into `tracker`."""
    for step in await _steps(processor, tracker, message):
        await _run_step(processor, tracker, step)


async def _steps(
    processor: MessageProcessor, tracker: DialogueStateTracker, message: UserMessage
) -> List[UserMessage]:
    """The message, or one for each of its wishes. A click has one; a running form hears its answer whole."""
    if message.parse_data or tracker.active_loop_name or not message.text:
        return [message]

    async def parse(text: str) -> Dict[str, Any]:
        parsed: Dict[str, Any] = await processor.parse_message(_with(message, text=neutralise(text)), tracker)
        return parsed

    parts = await split(message.text, parse)
    return [
        _with(
            message,
            text=neutralise(part.text),  # each may begin with a slash
            parse_data=part.parsed,
            message_id=part_id(message.message_id, n),
        )
        for n, part in enumerate(parts)
    ]


def _with(message: UserMessage, **changes: Any) -> UserMessage:
    changed = copy.copy(message)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


async def _run_step(processor: MessageProcessor, tracker: DialogueStateTracker, message: UserMessage) -> None:
    """Understand `message`, fill slots, run actions until Rasa listens again."""
    parsed = message.parse_data or await processor.parse_message(message, tracker)
    tracker.update(
        UserUttered(
            message.text,
            parsed["intent"],
            parsed["entities"],
            parsed,
            input_channel=message.input_channel,
            message_id=message.message_id,
        ),
        processor.domain,
    )
    tracker = await processor.run_action_extract_slots(message.output_channel, tracker)
    await processor._run_prediction_loop(message.output_channel, tracker)
