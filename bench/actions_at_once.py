"""An action server that answers at once, so that only Rasa is measured: `uvicorn bench.actions_at_once:app`.

Each action says one text key; a form's check takes every message for what was asked.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """ASGI."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        piece = await receive()
        body, more = body + piece.get("body", b""), piece.get("more_body", False)
    answer = json.dumps(reply(json.loads(body))).encode() if body else b"{}"
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def reply(call: dict[str, Any]) -> dict[str, Any]:
    """What the action named in `call` (Rasa's own format) says and sets."""
    name: str = call["next_action"]
    if not name.startswith("validate_"):
        return {"events": [], "responses": [{"custom": {"text_key": f"said_by_{name}", "vars": {}}}]}
    tracker, form = call["tracker"], name.removeprefix("validate_")
    done = []
    for event in reversed(tracker["events"]):
        if event["event"] == "user":
            break
        if event["event"] == "action":
            done.append(event["name"])
    events = []
    # Only the form itself has run in this turn: the message is an answer to it and did not begin it.
    if (tracker["active_loop"] or {}).get("name") == form and done == [form]:
        slot = tracker["slots"]["requested_slot"]
        events.append({"event": "slot", "name": slot, "value": tracker["latest_message"]["text"]})
    return {"events": events, "responses": []}
