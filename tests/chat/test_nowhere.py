"""A card number that a visitor types anywhere is nowhere: not in the database's files, logs or Rasa."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from public_site import PNG_BYTES, Site, open_site
from world import World

from server.log import configure_logging

CARD = "4111 1111 1111 1111"
IN_ONE = "5555555555554444"
ORDER = "5500000000000004"
"""An order number of this inbox that passes Luhn's check and begins like a card's."""


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[None]:
    """The product's own logging, into a file, at its most talkative; undone afterwards."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    with (tmp_path / "log.jsonl").open("w") as log:
        configure_logging("DEBUG", log)
        structlog.configure(cache_logger_on_first_use=False)
        yield
        structlog.configure(**before)
        root.handlers, root.level = handlers, level


@pytest.fixture
async def on_file(sqlite_url: str) -> World:
    return await World(sqlite_url).begin()


async def type_it_everywhere(site: Site) -> None:
    world, alice = site.world, site["alice"]
    talk = (await alice.send("/api/visitor/conversations", page_url=f"https://shop.example/{IN_ONE}")).json()[
        "id"
    ]
    path = f"/api/visitor/conversations/{talk}/messages"
    for text in (f"my card is {CARD}", f"or {IN_ONE}?", f"order {ORDER}", "my password is hunter2-hunter2"):
        assert (await alice.send(path, text=text)).status_code == 201
    upload = await alice.http.post("/api/visitor/files", files={"file": (f"{IN_ONE}.png", PNG_BYTES)})
    await alice.send(path, file_ids=[upload.json()["id"]], text=f"card {CARD}")
    await world.runs_turn(talk)
    world.rasa.mode = "refusing"
    await alice.send(path, text="and now?")
    await world.runs_turn(talk)
    await alice.send(
        path, action={"message_id": (await world.messages(talk, "bot"))[-1].id, "value": "open_ticket"}
    )
    await world.runs_turn(talk)
    form = (await world.messages(talk, "bot"))[-1]
    filled = {"what": f"They charged {CARD}", "order_number": IN_ONE, "email": "alice@shop.example"}
    assert (await alice.send(path, action={"message_id": form.id, "value": filled})).status_code == 201
    await world.runs_turn(talk)
    await world.online("bob")
    await alice.post(f"/api/visitor/conversations/{talk}/handoff", topic=f"card {CARD}", reason=IN_ONE)
    await world.claims("bob", talk)
    bob = site["bob"]
    await bob.send(f"/api/conversations/{talk}/messages", text=f"Is it {CARD}?")
    await bob.send(f"/api/conversations/{talk}/notes", text=IN_ONE)
    await bob.post(f"/api/conversations/{talk}/closure", reason=IN_ONE, result=CARD, note=CARD)


@pytest.mark.usefixtures("log_file")
async def test_a_card_number_is_nowhere(on_file: World, tmp_path: Path) -> None:
    async with open_site(on_file) as site:
        await type_it_everywhere(site)
    await on_file.end()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert any(name.endswith(".db") for name in kept)
    assert b"turn_ended" in kept["log.jsonl"]
    asked = repr(on_file.rasa.asked)
    for secret in (CARD, CARD.replace(" ", ""), IN_ONE, "hunter2-hunter2"):
        assert [name for name, content in kept.items() if secret.encode() in content] == []
        assert secret not in asked
    database = next(content for name, content in kept.items() if name.endswith(".db"))
    assert ORDER.encode() in database, "an order number is kept"
    assert b"alice@shop.example" not in kept["log.jsonl"]
    assert b"They charged" not in kept["log.jsonl"], "logs hold no words of customers"
