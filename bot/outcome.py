"""What a turn came to, read from the tracker's events, so that a replay answers as the first time did."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

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


class StepOnRecord:
    """A turn, or one of its wishes, as the tracker recorded it: a message and all events up to the next."""

    def __init__(self, tracker: DialogueStateTracker, start: int, end: int) -> None:
        events = list(tracker.events)
        self.message: UserUttered = events[start]
        self.events: List[Event] = events[start + 1 : end]
        self._tracker = tracker
        self._end = end

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
        causes += [f"no slot is called {name}" for name in sorted(slots - set(self._tracker.slots))]
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

    @property
    def intent(self) -> Dict[str, Any]:
        return _named(self.message.intent)

    @property
    def ranking(self) -> List[Dict[str, Any]]:
        return [_named(intent) for intent in (self.message.parse_data.get("intent_ranking") or [])[:_RANKED]]

    @property
    def entities(self) -> List[Dict[str, Any]]:
        return [{"entity": e["entity"], "value": e.get("value")} for e in self.message.entities]

    @property
    def actions(self) -> List[str]:
        names = [event.action_name for event in self.events if isinstance(event, ActionExecuted)]
        return [name for name in names if name and name != ACTION_LISTEN_NAME]

    @property
    def state(self) -> Dict[str, Any]:
        """Slots and form as they were when the step ended, also when later turns have moved on."""
        then, events = self._tracker, list(self._tracker.events)
        if self._end < len(events):
            slots = then.slots.values()
            then = DialogueStateTracker.from_events(then.sender_id, events[: self._end], slots=slots)
        values = then.current_slot_values()
        return {
            "slots": {k: v for k, v in values.items() if v is not None and k not in _INTERNAL_SLOTS},
            "active_form": then.active_loop_name,
            "requested_slot": then.get_slot(REQUESTED_SLOT),
        }


def as_answer(steps: List[StepOnRecord]) -> Dict[str, Any]:
    """The body of the gateway's answer, without its timing; a step answers a wish, and is named with it."""
    said = _once([(n, payload) for n, step in enumerate(steps) for payload in step.payloads])
    first, last = steps[0], steps[-1]
    return {
        "turn_id": first.message.message_id,
        "messages": [{**payload, "wish": n} for n, payload in said if "command" not in payload],
        "commands": [payload for _, payload in said if "command" in payload],
        "wishes": len(steps),
        "intent": first.intent,
        "intents": [step.intent for step in steps],
        "ranking": first.ranking,
        "entities": [entity for step in steps for entity in step.entities],
        "actions": [action for step in steps for action in step.actions],
        "fallbacks": sum(1 for _, payload in said if _is_fallback(payload)),
        **last.state,
    }


def _once(said: List[Tuple[int, Dict[str, Any]]]) -> List[Tuple[int, Dict[str, Any]]]:
    """A form that one wish began asks again after the next is answered: it is said once, and last."""
    kept: List[Tuple[int, Dict[str, Any]]] = []
    for n, payload in said:
        if str(payload.get("text_key")).startswith("utter_ask_"):
            earlier = [one for one in kept if one[1] == payload]
            n = earlier[0][0] if earlier else n
            kept = [one for one in kept if one[1] != payload]
        kept.append((n, payload))
    return kept


def part_id(turn_id: str, n: int) -> str:
    """The id of a turn's n-th step in the tracker; the first has the turn's own."""
    return f"{turn_id}#{n}" if n else turn_id


def find_turn(tracker: Optional[DialogueStateTracker], turn_id: str) -> List[StepOnRecord]:
    """The latest record of this turn, step by step; empty where the tracker has never heard of it."""
    events = list(tracker.events) if tracker else []
    said = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    ends = [*said[1:], len(events)]
    start = next((n for n in reversed(range(len(said))) if events[said[n]].message_id == turn_id), None)
    steps: List[StepOnRecord] = []
    while start is not None and start + len(steps) < len(said):
        at = start + len(steps)
        if events[said[at]].message_id != part_id(turn_id, len(steps)):
            break
        steps.append(StepOnRecord(tracker, said[at], ends[at]))
    return steps


def _payload(event: BotUttered) -> Dict[str, Any]:
    return event.data.get("custom") or {}


def _named(intent: Dict[str, Any]) -> Dict[str, Any]:
    return {"name": intent.get("name"), "confidence": round(float(intent.get("confidence") or 0.0), 4)}


def _is_fallback(payload: Dict[str, Any]) -> bool:
    """An answer that is none: "I don't know", "please say it in other words"."""
    return bool(payload.get("abstained")) or payload.get("text_key") == _REPHRASE
