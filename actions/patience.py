"""How long a form asks: twice more for a slot, and through a few interruptions; what it collected stays."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import dialogue

MOST_REASKS = 2
"""How often a slot is asked for again after an answer that could not be used."""

MOST_ASIDES = 5
"""How many other things in a row are talked about before the form is put aside."""

COUNTS = "form_counts"
"""The slot with `{slot, misses, asides}`; None where the form has just got on."""

Slots = dict[str, Any]

GOT_ON: Slots = {COUNTS: None}
"""Returned with what an answer has filled: both counts begin anew."""

LEFT: Slots = {COUNTS: None, "requested_slot": None}
"""Ends the form; Rasa takes a form that requests nothing as over."""


def missed(dispatcher: CollectingDispatcher, tracker: Tracker, text_key: str) -> Slots:
    """An answer that cannot be used: say why and ask again, or leave the form.

    What to offer instead is the desk's to say, which knows who is there.
    """
    asked = tracker.slots.get("requested_slot")
    counts = tracker.slots.get(COUNTS) or {}
    misses = (counts.get("misses", 0) if counts.get("slot") == asked else 0) + 1
    if misses > MOST_REASKS:
        stuck = dialogue.command("form_stuck", form=tracker.active_loop_name, slot=asked)
        dispatcher.utter_message(json_message=stuck)
        return LEFT
    dispatcher.utter_message(json_message=dialogue.message(text_key))
    return {COUNTS: {"slot": asked, "misses": misses, "asides": counts.get("asides", 0)}}


def aside(dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
    """Something else was talked about: no miss, but a form that nobody comes back to is put aside."""
    counts = tracker.slots.get(COUNTS) or {}
    asides = counts.get("asides", 0) + 1
    if asides > MOST_ASIDES:
        dispatcher.utter_message(json_message=dialogue.message("utter_ticket_put_aside"))
        return LEFT
    return {COUNTS: {**counts, "asides": asides}}
