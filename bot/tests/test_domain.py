"""Walks the domain, the rules and the wiring: what Rasa would only find out in mid-conversation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import yaml
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.rule_policy import RulePolicy

from bot.__main__ import ENVIRONMENT, arguments
from bot.tests.conftest import ROOT


def _read(name: str) -> Dict[str, Any]:
    content: Dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


def _merged(folder: str) -> Dict[str, Any]:
    """The files of a folder as Rasa merges them."""
    merged: Dict[str, Any] = {}
    for file in sorted((ROOT / folder).glob("*.yml")):
        for key, value in _read(f"{folder}/{file.name}").items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                merged.setdefault(key, []).extend(value)
    return merged


DOMAIN = _merged("bot/domain")
RULES = _merged("bot/data")["rules"]
CONFIG = _read("config.yml")


def _mappings() -> Iterator[Tuple[str, Dict[str, Any]]]:
    for name, slot in DOMAIN["slots"].items():
        for mapping in slot["mappings"]:
            yield name, mapping


def test_no_slot_is_filled_by_every_message() -> None:
    """A `from_text` without loop and requested slot takes the opening sentence, and then whatever is said."""
    forms = DOMAIN["forms"]
    from_text = [(name, mapping) for name, mapping in _mappings() if mapping["type"] == "from_text"]
    for name, mapping in from_text:
        asking = [form for form, content in forms.items() if name in content["required_slots"]]
        conditions = [{"active_loop": form, "requested_slot": name} for form in asking]
        assert conditions
        assert [c for c in mapping.get("conditions", []) if c in conditions] == mapping["conditions"], name


def test_no_slot_chooses_the_next_action() -> None:
    assert [n for n, slot in DOMAIN["slots"].items() if slot.get("influence_conversation") is not False] == []


def test_every_intent_and_entity_that_a_mapping_names_exists() -> None:
    intents, entities = set(DOMAIN["intents"]), set(DOMAIN["entities"])
    for name, mapping in _mappings():
        named = [*_as_list(mapping.get("intent")), *_as_list(mapping.get("not_intent"))]
        assert set(named) <= intents, name
        assert mapping.get("entity") in {None, *entities}, name


def test_every_slot_of_the_form_exists_and_has_a_question() -> None:
    for form, content in DOMAIN["forms"].items():
        for slot in content["required_slots"]:
            assert slot in DOMAIN["slots"]
            asks = {f"utter_ask_{form}_{slot}", f"action_ask_{form}_{slot}"}
            assert asks & {*DOMAIN["responses"], *DOMAIN["actions"]}, slot


def test_every_action_in_the_rules_exists_and_every_intent_has_a_rule() -> None:
    known = {*DOMAIN["actions"], *DOMAIN["responses"], *DOMAIN["forms"], "action_deactivate_loop"}
    steps = [step for rule in RULES for step in rule["steps"]]
    assert {step["action"] for step in steps if "action" in step} <= known
    without_condition = [rule for rule in RULES if "condition" not in rule]
    ruled = {step["intent"] for rule in without_condition for step in rule["steps"] if "intent" in step}
    assert ruled == {*DOMAIN["intents"], "nlu_fallback"}


def test_sessions_never_expire_in_rasa() -> None:
    assert DOMAIN["session_config"]["session_expiration_time"] == 0


def test_the_rejection_class_is_no_intent_of_the_domain() -> None:
    [classifier] = [c for c in CONFIG["pipeline"] if c["name"] == "bot.intents.ServiceIntentClassifier"]
    assert classifier["rejection_intent"] == "unclaimed"
    assert "unclaimed" not in DOMAIN["intents"]
    assert set(classifier["thresholds"]) <= set(DOMAIN["intents"])


def test_the_config_is_explicit_and_uses_rules_and_memory_only() -> None:
    assert CONFIG["assistant_id"] == "deskhand"
    assert CONFIG["pipeline"]
    names = [policy["name"] for policy in CONFIG["policies"]]
    assert names == [MemoizationPolicy.__name__, RulePolicy.__name__]


def test_every_text_key_that_the_assistant_may_say_has_its_wording() -> None:
    keys = set(DOMAIN["responses"])
    for file in (ROOT / "actions").glob("*.py"):
        keys |= set(re.findall(r'"(utter_\w+)"', file.read_text(encoding="utf-8")))
    for language in ("en", "zh"):
        wording = _read(f"assistant/wording/{language}.yml")
        assert keys - set(wording) == set(), language


def test_telemetry_is_off_and_threads_are_few() -> None:
    assert ENVIRONMENT["RASA_TELEMETRY_ENABLED"] == "false"
    assert ENVIRONMENT["OMP_NUM_THREADS"] == ENVIRONMENT["SANIC_WORKERS"] == "1"
    script = (
        "import os, sys; sys.argv = ['bot', 'run', '--help']\n"
        "from bot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "from rasa import telemetry; print('telemetry', telemetry.is_telemetry_enabled())"
    )
    env = {**os.environ, "RASA_TELEMETRY_ENABLED": "true", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "telemetry False"


def test_defaults_come_first_so_that_arguments_override_them() -> None:
    assert arguments(["run", "--port", "5005"])[:2] == ["rasa", "run"]
    given = arguments(["train", "--config", "other.yml"])
    assert given.index("config.yml") < given.index("other.yml")


@pytest.mark.parametrize("given", [["run", "--enable-api"], ["run", "--enable-api=true"], [], ["shell"]])
def test_what_deskhand_never_runs(given: List[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(given)


@pytest.mark.parametrize("name", ["bot/endpoints.yml", "bot/endpoints.production.yml"])
def test_the_endpoints(name: str) -> None:
    endpoints = _read(name)
    assert endpoints["nlg"] == {"type": "bot.nlg.Keys"}
    assert endpoints["action_endpoint"]["enable_selective_domain"] is True
    assert endpoints["models"]["wait_time_between_pulls"] == 5
    for part in ("models", "action_endpoint"):
        assert endpoints[part]["headers"] == {"Authorization": "Bearer ${INTERNAL_TOKEN}"}
    assert "secret" not in (ROOT / name).read_text(encoding="utf-8").lower()


def _as_list(value: Any) -> List[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
