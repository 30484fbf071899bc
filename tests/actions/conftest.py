"""What the tests of the actions share: a fake desk, and an action run as Rasa runs it."""

from typing import Any

import httpx
import pytest
from action_fakes import TOKEN, Desk
from action_server import make_app


class Conversation:
    """Plays Rasa: keeps slots and events, calls actions over HTTP, and takes over what they return."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.sender_id = "conv7.2.0"
        self.slots: dict[str, Any] = {"language": "en"}
        self.events: list[dict[str, Any]] = []
        self.message: dict[str, Any] = {}
        self.active_loop: str | None = None

    def heard(
        self,
        text: str,
        *,
        intent: str = "nlu_fallback",
        confidence: float = 0.9,
        turn_id: str = "turn-1",
        **entities: str,
    ) -> None:
        self.message = {
            "message_id": turn_id,
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }
        self.events.append({"event": "user", "text": text, "parse_data": self.message})

    def said(self, text_key: str) -> None:
        self.events.append({"event": "bot", "text": None, "data": {"custom": {"text_key": text_key}}})

    async def post(self, call: Any, token: str = TOKEN) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        if isinstance(call, (str, bytes)):
            return await self.http.post("/internal/actions", content=call, headers=headers)
        return await self.http.post("/internal/actions", json=call, headers=headers)

    def call(self, action: str) -> dict[str, Any]:
        tracker = {
            "sender_id": self.sender_id,
            "slots": dict(self.slots),
            "latest_message": self.message,
            "events": list(self.events),
            "active_loop": {"name": self.active_loop} if self.active_loop else {},
            "latest_action_name": "action_listen",
        }
        return {"next_action": action, "sender_id": self.sender_id, "tracker": tracker, "version": "3.6.21"}

    async def run(self, action: str) -> list[dict[str, Any]]:
        """The payloads that the action says; its slots are taken over."""
        response = await self.post(self.call(action))
        assert response.status_code == 200, response.text
        result = response.json()
        for event in result["events"]:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        payloads = [said["custom"] for said in result["responses"]]
        self.events += [{"event": "bot", "text": None, "data": {"custom": payload}} for payload in payloads]
        return payloads

    async def fill(
        self, slot: str, typed: str, *, form: str = "ticket_form", **heard: Any
    ) -> list[dict[str, Any]]:
        """The form heard this while it asked for `slot`."""
        self.slots["requested_slot"] = slot
        self.active_loop = form
        self.heard(typed, **heard)
        return await self._validate(form)

    async def resume(self, form: str = "ticket_form") -> list[dict[str, Any]]:
        """A rule has answered the message in between; the form goes on."""
        self.events.append({"event": "action", "name": "utter_thanks"})
        return await self._validate(form)

    async def _validate(self, form: str) -> list[dict[str, Any]]:
        self.events.append({"event": "action", "name": form})
        return await self.run(f"validate_{form}")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def conversation(desk: Desk):
    transport = httpx.ASGITransport(app=make_app(desk, TOKEN))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as http:
        yield Conversation(http)
