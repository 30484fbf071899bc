"""Serves the real actions over a fake desk, for the bot's tests: `action_server.py TOKEN`.

Prints its port; `GET /desk` shows the tickets made and the questions searched.
"""

import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from action_fakes import Desk
from look_up_fakes import ORDER

from actions.endpoint import actions_router


def make_app(desk: Desk, token: str) -> FastAPI:
    app = FastAPI()
    app.include_router(actions_router(desk, token=token))

    @app.get("/desk")
    def show_desk() -> dict[str, Any]:
        return {
            "made": list(desk.made.values()),
            "searched": desk.searched,
            "comments": list(desk.comments.values()),
        }

    @app.post("/desk/tickets/{conversation_id}/{number}")
    def add_ticket(conversation_id: str, number: str, stage: str = "in_work") -> None:
        desk.add_ticket(conversation_id, number, stage=stage)

    @app.post("/desk/look_ups/{conversation_id}")
    def declare_look_up(conversation_id: str, proven: str = "") -> None:
        desk.look_ups[conversation_id] = ORDER
        if proven:
            desk.proof(conversation_id).level = "email"
            desk.proof(conversation_id).proven = [proven]

    @app.get("/desk/look_ups/{conversation_id}")
    def show_codes(conversation_id: str) -> dict[str, Any]:
        """Addresses that codes were sent to, and what the shop was asked."""
        asked = [inputs for who, inputs in desk.asked if who == conversation_id]
        return {"codes": list(desk.proof(conversation_id).sent.values()), "asked": asked}

    return app


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(make_app(Desk(), sys.argv[1]), log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
