"""Understands texts and does nothing else: a JSON list of texts a line in, of milliseconds a line out.

`bot/.venv/bin/python -m bench.parse_alone MODEL`. The first line out is `ready`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from bench.customers import ENTITIES
from bot.__main__ import ENVIRONMENT


async def parsed_ms(agent: object, texts: list[str]) -> list[float]:
    from rasa.core.channels.channel import UserMessage

    took = []
    for text in texts:
        message = UserMessage(text, metadata={"entities": ENTITIES})
        began = time.perf_counter()
        await agent.processor.parse_message(message)  # type: ignore[attr-defined]
        took.append((time.perf_counter() - began) * 1000)
    return took


def main() -> None:
    os.environ.update(ENVIRONMENT)
    answers, sys.stdout = sys.stdout, sys.stderr  # Rasa's libraries print what they like
    from rasa.core.agent import Agent

    agent = Agent.load(sys.argv[1])
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        took = asyncio.run(parsed_ms(agent, json.loads(line)))
        print(json.dumps(took), file=answers, flush=True)


if __name__ == "__main__":
    main()
