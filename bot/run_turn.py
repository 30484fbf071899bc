"""Runs one turn through Rasa's processor without saving it, so that a failed turn leaves no trace.

`MessageProcessor.handle_message` saves whatever came of a turn, also one whose action failed, and Rasa's
`UserUtteranceReverted` cannot take that back: within a form it takes the whole form back with it. So the
steps of `handle_message` are taken here one by one, and who calls decides whether to save. They follow
rasa 3.6.21; bot/tests/test_gateway.py runs them.
"""

from __future__ import annotations

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker


async def run_turn(processor: MessageProcessor, tracker: DialogueStateTracker, message: UserMessage) -> None:
    """Understand `message`, fill slots, run actions until Rasa listens again; all of it into `tracker`."""
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
