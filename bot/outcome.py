"""What a turn came to, read from the tracker's events, so that a replay answers as the first time did."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.shared.core.constants import (
    ACTION_DEFAULT_FALLBACK_NAME,
    ACTION_LISTEN_NAME,
    REQUESTED_SLOT,
    SESSION_START_METADATA_SLOT,
)
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

_RANKED = 3
_INTERNAL_SLOTS = {REQUESTED_SLOT, SESSION_START_METADATA_SLOT}
_REPHRASE = "utter_ask_rephrase"


class TurnOnRecord:
    """A turn as the tracker recorded it: the customer's message and all events up to the next one."""

    def __init__(self, tracker: DialogueStateTracker, start: int, end: int) -> None:
        events = list(tracker.events)
        self.message: UserUttered = events[start]
        self.events: List[Event] = events[start + 1 : end]
        # Slots and form as they were when the turn ended, also when later turns have moved on.
        if end == len(events):
            self._state = tracker
        else:
            slots = tracker.slots.values()
            self._state = DialogueStateTracker.from_events(tracker.sender_id, events[:end], slots=slots)

    @property
    def payloads(self) -> List[Dict[str, Any]]:
        """All that was uttered: messages and commands."""
        return [_payload(event) for event in self.events if isinstance(event, BotUttered)]

    def causes_of_failure(self) -> List[str]:
        """What the record itself gives away about a turn that Rasa takes for a success."""
        causes = []
        actions = [event.action_name for event in self.events if isinstance(event, ActionExecuted)]
        if ACTION_DEFAULT_FALLBACK_NAME in actions:
            causes.append("no rule covers this state of the dialogue")
        elif not actions or actions[-1] != ACTION_LISTEN_NAME:
            causes.append("the turn did not come to an end")
        causes += [f"{name} said nothing" for name in self._silent_utterances()]
        slots = {event.key for event in self.events if isinstance(event, SlotSet)}
        causes += [f"no slot is called {name}" for name in sorted(slots - set(self._state.slots))]
        if any("text_key" not in p and "command" not in p for p in self.payloads):
            causes.append("a message without a text key")
        if not self.payloads:
            causes.append("the turn is empty")
        return causes

    def _silent_utterances(self) -> List[str]:
        silent: List[str] = []
        pending: Optional[str] = None
        for event in [*self.events, ActionExecuted(ACTION_LISTEN_NAME)]:
            if isinstance(event, BotUttered):
                pending = None
            elif isinstance(event, ActionExecuted):
                silent += [pending] if pending else []
                name = event.action_name or ""
                pending = name if name.startswith("utter_") else None
        return silent

    def as_dict(self) -> Dict[str, Any]:
        """The body of the gateway's answer, without its timing."""
        ranking = self.message.parse_data.get("intent_ranking") or []
        return {
            "turn_id": self.message.message_id,
            "messages": [payload for payload in self.payloads if "command" not in payload],
            "commands": [payload for payload in self.payloads if "command" in payload],
            "intent": _named(self.message.intent),
            "ranking": [_named(intent) for intent in ranking[:_RANKED]],
            "entities": [{"entity": e["entity"], "value": e.get("value")} for e in self.message.entities],
            "actions": self._actions(),
            "fallbacks": sum(1 for payload in self.payloads if _is_fallback(payload)),
            "slots": self._slots(),
            "active_form": self._state.active_loop_name,
            "requested_slot": self._state.get_slot(REQUESTED_SLOT),
        }

    def _actions(self) -> List[str]:
        names = [event.action_name for event in self.events if isinstance(event, ActionExecuted)]
        return [name for name in names if name and name != ACTION_LISTEN_NAME]

    def _slots(self) -> Dict[str, Any]:
        values = self._state.current_slot_values()
        return {k: v for k, v in values.items() if v is not None and k not in _INTERNAL_SLOTS}


def find_turn(tracker: Optional[DialogueStateTracker], turn_id: str) -> Optional[TurnOnRecord]:
    """The latest record of this turn, or None where the tracker has never heard of it."""
    events = list(tracker.events) if tracker else []
    end = len(events)
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if isinstance(event, UserUttered):
            if event.message_id == turn_id:
                return TurnOnRecord(tracker, index, end)
            end = index
    return None


def _payload(event: BotUttered) -> Dict[str, Any]:
    return event.data.get("custom") or {}


def _named(intent: Dict[str, Any]) -> Dict[str, Any]:
    return {"name": intent.get("name"), "confidence": round(float(intent.get("confidence") or 0.0), 4)}


def _is_fallback(payload: Dict[str, Any]) -> bool:
    """An answer that is none: "I don't know", "please say it in other words"."""
    return bool(payload.get("abstained")) or payload.get("text_key") == _REPHRASE
