"""Which texts are which: small talk, offers, form prompts; and what counts as saying the same again."""

from assistant.reply import Line

AGAIN = {
    key: f"{key}_again"
    for key in (
        "utter_greet", "utter_goodbye", "utter_thanks", "utter_helpful", "utter_dont_know",
        "utter_ask_rephrase", "utter_unhelpful",
    )
}  # fmt: skip
"""Other words for the third and fourth time."""

SOBER = {
    f"{key}{again}": f"{key}_sober"
    for key in ("utter_greet", "utter_goodbye", "utter_thanks", "utter_helpful")
    for again in ("", "_again")
}
"""Words for somebody to whom cheer would sound like mockery."""

SMALL_TALK = frozenset(
    {"greet", "goodbye", "thanks", "bot_challenge", "capabilities", "helpful", "repeat", "change_language"}
)
CHATTY = frozenset({*SOBER, *SOBER.values()})
"""Texts of small talk: when they are used up, nobody needs a person for that."""

OFFERING = frozenset(
    {
        "utter_dont_know", "utter_dont_know_again", "utter_ask_rephrase", "utter_ask_rephrase_again",
        "utter_unhelpful", "utter_unhelpful_again", "utter_thanks_sober", "utter_greet_sober",
        "utter_goodbye_sober", "utter_offer", "utter_already_said", "utter_sorry", "utter_file_kept",
    }
)  # fmt: skip
"""Texts with the buttons of an offer: beside a real offer they would say the same twice."""

ASKS_WHETHER = frozenset({"utter_dont_know", "utter_dont_know_again", "utter_unhelpful", "utter_empty_file"})
"""Texts, besides the offers, to which a "yes" means: yes, a colleague."""

FLOOR = frozenset({"utter_listening", "utter_nothing_new", "utter_form_lead", "utter_form_nobody"})
"""What is left to say when all else has been said twice; these alone may come more often."""

NEW_EACH_TIME = (
    "utter_ask_", "utter_invalid_", "utter_ticket_", "utter_look_up", "utter_language_", "utter_form_",
    "utter_file_kept", "utter_handing_over", "utter_try_another",
)  # fmt: skip
"""Texts by their beginnings whose sense is new each time: prompts of forms, read-backs, results, deeds."""

REPHRASE = ("utter_ask_rephrase", "utter_ask_rephrase_again")
"""Begins like a form's prompt, and asks for nothing new."""

STUCK = ("utter_ask_ticket_form", "utter_form_stuck")
"""What a form that got stuck says; the form with all its fields takes its place."""

OF_CONSEQUENCE = ("utter_ticket_", "utter_ask_ticket", "utter_ask_look_up", "utter_look_up")
"""What a yes or no has set going in Rasa is Rasa's."""

NO_CONSEQUENCE = frozenset({"utter_helpful", "utter_unhelpful", "utter_offer", "utter_nothing_to_confirm"})
"""What Rasa says to a yes or no that it takes for nothing special."""

OFFER_TEXTS = {
    "abstained": "utter_offer_dont_know",
    "grumble": "utter_offer_unhappy",
    "unhappy": "utter_offer_unhappy",
    "repeated": "utter_already_said",
    "complex_file": "utter_empty_file",
    "complex_open_ticket": "utter_offer_open_ticket",
}


def is_unresolved(line: Line) -> bool:
    return line.abstained or line.text_key in ("utter_ask_rephrase", "utter_did_you_mean")


def token_of(line: Line) -> str | None:
    """What must not be said a third time: a text key, a set of choices or an article; None where its sense

    is new each time.
    """
    key = line.text_key
    if line.sources:
        return f"article:{line.sources[0].get('article_id')}"
    if not key or key in FLOOR or line.form is not None:
        return None
    if key.startswith(NEW_EACH_TIME) and key not in REPHRASE:
        return None
    if line.choices:
        return "|".join([key, *sorted(str(choice.get("value")) for choice in line.choices)])
    return None if any(line.variables.values()) else key
