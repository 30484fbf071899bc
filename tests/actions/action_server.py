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

from actions.endpoint import actions_router


def make_app(desk: Desk, token: str) -> FastAPI:
    app = FastAPI()
    app.include_router(actions_router(desk, token=token))

    @app.get("/desk")
    def show_desk() -> dict[str, Any]:
        return {"made": list(desk.made.values()), "searched": desk.searched}

    @app.post("/desk/tickets/{conversation_id}/{number}")
    def add_ticket(conversation_id: str, number: str, stage: str = "in_work") -> None:
        desk.add_ticket(conversation_id, number, stage=stage)

    return app


if __name__ == "__main__":
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(make_app(Desk(), sys.argv[1]), log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
