"""The assistant's words: complete, alike in both languages, short, and with buttons that lead somewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant import phrases, policy

WORDING = Path(__file__).parents[2] / "assistant" / "wording"
LOCALES = ("en", "zh")

# What the code asks for by name, with the variables it fills in.
REQUIRED: dict[str, set[str]] = {
    "utter_greet": set(),
    "utter_goodbye": set(),
    "utter_thanks": set(),
    "utter_capabilities": set(),
    "utter_bot_challenge": set(),
    "utter_article": {"passage"},
    "utter_article_no_rasa": {"passage"},
    "utter_dont_know": set(),
    "utter_offer": set(),
    "utter_ask_ticket_form_ticket_description": set(),
    "utter_ask_ticket_form_order_number": {"order_hint"},
    "order_hint": {"example"},
    "utter_ask_ticket_form_email": set(),
    "utter_invalid_email": set(),
    "utter_invalid_order_number": {"order_hint"},
    "utter_invalid_description": set(),
    "utter_ticket_read_back": {"description", "order_number", "email"},
    "utter_ticket_read_back_no_order": {"description", "email"},
    "utter_ticket_created": {"number"},
    "utter_ticket_exists": {"number"},
    "utter_ticket_cancelled": set(),
    "utter_ticket_status": {"number", "stage", "updated"},
    "utter_ticket_unknown": {"number"},
    "utter_ask_ticket_number": set(),
    "utter_nothing_to_confirm": set(),
    "utter_helpful": set(),
    "utter_unhelpful": set(),
    "utter_ask_rephrase": set(),
    "utter_bot_failed": set(),
    "utter_bot_failed_queued": set(),
    "utter_queue_wait_choice": set(),
    "utter_empty_file": set(),
    "utter_form_lead": set(),
    "form_ticket_what": set(),
    "form_ticket_order": set(),
    "form_ticket_email": set(),
    "form_ticket_submit": set(),
    "notice_queued": set(),
    "notice_nobody_available": set(),
    "notice_closed_hours": {"opens"},
    "notice_agent_joined": {"name"},
    "notice_agent_left": set(),
    "notice_agent_lost": set(),
    "notice_assistant_back": set(),
    "notice_bot_failed": set(),
    "notice_ticket_created": {"number"},
    "notice_masked": set(),
    "notice_safety": set(),
    "notice_self_harm": set(),
    "notice_reopened": set(),
    "notice_resolved": set(),
    "utter_greet_again": set(),
    "utter_greet_sober": set(),
    "utter_goodbye_again": set(),
    "utter_goodbye_sober": set(),
    "utter_thanks_again": set(),
    "utter_thanks_sober": set(),
    "utter_helpful_again": set(),
    "utter_helpful_sober": set(),
    "utter_listening": set(),
    "utter_dont_know_again": set(),
    "utter_ask_rephrase_again": set(),
    "utter_unhelpful_again": set(),
    "utter_already_said": set(),
    "utter_nothing_new": set(),
    "utter_sorry": set(),
    "utter_offer_dont_know": set(),
    "utter_offer_unhappy": set(),
    "utter_offer_open_ticket": {"number"},
    "utter_offer_form": set(),
    "utter_offer_declined": set(),
    "utter_handing_over": set(),
    "utter_form_nobody": set(),
    "utter_file_kept": set(),
    "utter_nothing_to_repeat": set(),
    "utter_no_language": set(),
    "stage_received": set(),
    "stage_understood": set(),
    "stage_in_work": set(),
    "stage_with_others": set(),
    "stage_solved": set(),
    "stage_confirmed": set(),
}
REQUIRED_BUTTONS: dict[str, list[str]] = {
    "utter_dont_know": ["open_ticket", "ask_person"],
    "utter_offer": ["open_ticket", "ask_person"],
    "utter_ask_ticket_form_order_number": ["deny"],
    "utter_ticket_read_back": ["affirm", "deny"],
    "utter_ticket_read_back_no_order": ["affirm", "deny"],
    "utter_unhelpful": ["ask_person", "open_ticket"],
    "utter_bot_failed": ["open_ticket"],
    "utter_queue_wait_choice": ["keep_waiting", "ask_meanwhile", "open_ticket"],
    "utter_empty_file": ["ask_person", "open_ticket"],
}
DOMAIN = Path(__file__).parents[2] / "bot" / "domain"
PARTS = [yaml.safe_load(part.read_text(encoding="utf-8")) for part in sorted(DOMAIN.glob("*.yml"))]
INTENTS = {intent for part in PARTS for intent in part.get("intents") or []}
QUEUE_CHOICES = {"keep_waiting", "ask_meanwhile"}
DESK_CHOICES = {"ticket_form"}

MAX_WORDS = 60
MAX_HAN = 120
MAX_LABEL = 30
VARIABLE = re.compile(r"\{([a-z_]+)\}")
HAN = re.compile(r"[\u3400-\u9fff]")


def load(locale: str) -> dict[str, dict[str, Any]]:
    wording = yaml.safe_load((WORDING / f"{locale}.yml").read_text(encoding="utf-8"))
    assert isinstance(wording, dict)
    return wording


def button_values(entry: dict[str, Any]) -> list[str]:
    return [button["value"] for button in entry.get("buttons", [])]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_the_code_asks_for_exists(locale: str) -> None:
    assert REQUIRED.keys() - load(locale).keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_that_rasa_may_say_exists(locale: str) -> None:
    responses = {key for part in PARTS for key in part.get("responses") or {}}
    assert responses - load(locale).keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_of_the_policy_exists(locale: str) -> None:
    source = Path(policy.__file__).read_text(encoding="utf-8")
    named = re.findall(r"(?:Line\(|else )\"(utter_\w+)\"", source)
    asked = {*named, *phrases.AGAIN.values(), *phrases.SOBER.values(), *phrases.OFFER_TEXTS.values()}
    assert len(named) > 5
    assert asked - load(locale).keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_is_written_twice(locale: str) -> None:
    # YAML keeps the last of two equal keys without a word.
    keys = re.findall(r"^(\w+):", (WORDING / f"{locale}.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys))


def test_both_languages_have_the_same_keys_variables_and_buttons() -> None:
    english, chinese = load("en"), load("zh")
    assert english.keys() == chinese.keys()
    for key, entry in english.items():
        other = chinese[key]
        assert set(VARIABLE.findall(entry["text"])) == set(VARIABLE.findall(other["text"])), key
        assert button_values(entry) == button_values(other), key


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_use_exactly_the_variables_they_are_given(locale: str) -> None:
    for key, entry in load(locale).items():
        places = set(VARIABLE.findall(entry["text"]))
        assert places == REQUIRED.get(key, places), key
        assert not re.search(r"[{}]", VARIABLE.sub("", entry["text"])), f"{key}: stray brace"


@pytest.mark.parametrize("locale", LOCALES)
def test_an_entry_holds_a_text_and_perhaps_buttons(locale: str) -> None:
    for key, entry in load(locale).items():
        assert entry.keys() <= {"text", "buttons"}, key
        assert entry["text"].strip() == entry["text"] != "", key
        for button in entry.get("buttons", []):
            assert button.keys() == {"label", "value"}, key
            assert 0 < len(button["label"]) <= MAX_LABEL, key


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_are_short_and_calm(locale: str) -> None:
    for key, entry in load(locale).items():
        text = VARIABLE.sub("", entry["text"])
        assert len(text.split()) <= MAX_WORDS, key
        assert len(HAN.findall(text)) <= MAX_HAN, key
        assert not re.search("[!！]", text), key


def test_only_the_chinese_file_is_chinese() -> None:
    for key, entry in load("en").items():
        assert not HAN.search(entry["text"].replace("中文", "")), key  # the name that its speakers look for
    for key, entry in load("zh").items():
        assert HAN.search(VARIABLE.sub("", entry["text"])) or not VARIABLE.sub("", entry["text"]), key


@pytest.mark.parametrize("locale", LOCALES)
def test_every_button_leads_somewhere(locale: str) -> None:
    wording = load(locale)
    for key, entry in wording.items():
        assert set(button_values(entry)) <= INTENTS | QUEUE_CHOICES | DESK_CHOICES, key
    for key, values in REQUIRED_BUTTONS.items():
        assert button_values(wording[key]) == values, key


@pytest.mark.parametrize("locale", LOCALES)
def test_the_assistant_says_that_it_is_no_person(locale: str) -> None:
    wording = load(locale)
    word = {"en": "assistant", "zh": "助手"}[locale]
    for key in ("utter_greet", "utter_bot_challenge"):
        assert word in wording[key]["text"], key
