"""The internal route of the actions: its token, its status codes, and what it must not tell."""

from pathlib import Path

import httpx
import pytest
import yaml
from action_fakes import TOKEN, Desk
from fastapi import FastAPI
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection, ActionMissingDomainException

from actions import endpoint
from actions.endpoint import actions_router
from actions.ticket_form import SLOTS


class Rejecting(Action):
    def name(self):
        return "action_rejecting"

    async def run(self, dispatcher, tracker, domain):
        raise ActionExecutionRejection(self.name(), "not now")


class NeedsDomain(Action):
    def name(self):
        return "action_needs_domain"

    async def run(self, dispatcher, tracker, domain):
        raise ActionMissingDomainException(self.name())


class ReturnsRubbish(Action):
    def name(self):
        return "action_returns_rubbish"

    async def run(self, dispatcher, tracker, domain):
        return ["rubbish", {"no": "event"}, {"event": "slot", "name": "email", "value": None}]


@pytest.fixture
async def odd(conversation, monkeypatch):
    """The conversation, with three more actions behind the endpoint."""
    actions = endpoint.all_actions
    odd_ones = [Rejecting(), NeedsDomain(), ReturnsRubbish()]
    monkeypatch.setattr(endpoint, "all_actions", lambda services: [*actions(services), *odd_ones])
    app = FastAPI()
    app.include_router(actions_router(Desk(), token=TOKEN))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as http:
        conversation.http = http
        yield conversation


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x"])
async def test_another_token_is_refused(conversation, desk, token):
    conversation.heard("where is my parcel")
    response = await conversation.post(conversation.call("action_answer_question"), token=token)
    assert (response.status_code, response.json()) == (401, {"error": "unauthorized"})
    assert desk.searched == []


async def test_no_token_at_all_is_refused(conversation):
    response = await conversation.http.post("/internal/actions", json={})
    assert response.status_code == 401


def test_the_route_is_not_made_without_a_token():
    with pytest.raises(ValueError, match="token"):
        actions_router(Desk(), token="")


_NO_CALLS = [
    "",
    "{",
    "[]",
    "null",
    b"\xff",
    "[" * 100_000,
    '{"next_action": "action_hand_off"}',
    {"next_action": None, "tracker": {"sender_id": "c.1.0"}},
    {"next_action": "action_hand_off", "tracker": {}},
]


@pytest.mark.parametrize("body", _NO_CALLS, ids=lambda body: str(body)[:20])
async def test_what_is_no_call_is_refused(conversation, body):
    response = await conversation.post(body)
    assert response.status_code == 422


async def test_an_unknown_action(conversation):
    conversation.heard("hello")
    response = await conversation.post(conversation.call("action_unknown"))
    assert (response.status_code, response.json()["action_name"]) == (404, "action_unknown")


async def test_a_rejection_names_the_action(odd):
    odd.heard("hello")
    response = await odd.post(odd.call("action_rejecting"))
    assert (response.status_code, response.json()) == (
        400,
        {"error": "not now", "action_name": "action_rejecting"},
    )


async def test_a_missing_domain(odd):
    odd.heard("hello")
    response = await odd.post(odd.call("action_needs_domain"))
    assert (response.status_code, response.json()["action_name"]) == (449, "action_needs_domain")
    call = {**odd.call("action_hand_off"), "domain_digest": "of a domain never sent"}
    assert (await odd.post(call)).status_code == 449


async def test_only_real_events_are_returned(odd):
    odd.heard("hello")
    response = await odd.post(odd.call("action_returns_rubbish"))
    assert response.json()["events"] == [{"event": "slot", "name": "email", "value": None}]


async def test_a_failing_action_is_told_without_the_customers_words(conversation, desk):
    desk.broken = True
    conversation.heard("where is my parcel")
    response = await conversation.post(conversation.call("action_answer_question"))
    assert (response.status_code, response.json()) == (
        500,
        {"error": "RuntimeError", "action_name": "action_answer_question"},
    )


def test_every_action_of_the_domain_is_served():
    folder = Path(__file__).parents[2] / "bot" / "domain"
    domains = {file.name: yaml.safe_load(file.read_text()) for file in sorted(folder.glob("*.yml"))}
    served = [action.name() for action in endpoint.all_actions(Desk())]
    assert sorted(served) == sorted(name for domain in domains.values() for name in domain.get("actions", []))
    assert domains["service.yml"]["forms"]["ticket_form"]["required_slots"] == SLOTS
