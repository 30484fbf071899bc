"""Hostile and careless input: secrets are stored nowhere, the rest is a clear error or plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from server.db import new_id

if TYPE_CHECKING:
    from tests.tickets.conftest import Cast


WRITTEN = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "４１１１１１１１１１１１１１１１",
]


@pytest.mark.parametrize("card", WRITTEN)
async def test_a_card_number_is_stored_nowhere(cast: Cast, dump: Any, card: str) -> None:
    made = await cast.ticket(
        conversation_id=cast.alice.ids["conversation"],
        subject=f"Paid with {card}",
        description=f"My card {card} was charged twice, the password is hunter2!",
        order_number=card,
    )
    number = made["number"]
    await cast.bob.patch(f"/api/tickets/{number}", subject=f"Card {card}", description=f"It was {card}.")
    said = await cast.alice.post(f"/api/visitor/tickets/{number}/comments", text=f"It is {card}")
    await cast.bob.post(f"/api/tickets/{number}/comments", text=f"noted {card}")
    assert said.json()["masked"] is True
    assert "••••" in said.json()["text"]
    assert "hunter2" not in made["description"]
    stored = await dump()
    assert number in stored
    assert card not in stored
    assert "hunter2" not in stored


async def test_an_address_that_hides_a_card_number_is_refused(cast: Cast, dump: Any) -> None:
    answer = await cast.bob.post("/api/tickets", description="x", email="4111-1111-1111-1111@mail.example")
    assert answer.status_code == 422
    assert "4111" not in answer.text
    assert "4111-1111-1111-1111" not in await dump()


async def test_an_order_number_that_looks_like_a_card_is_kept(cast: Cast) -> None:
    order = "5500005555555559"  # passes Luhn's check with an issuer's prefix, and is the inbox's pattern
    made = await cast.ticket(description=f"Order {order}", order_number=order)
    assert (made["description"], made["order_number"]) == (f"Order {order}", order)


TEXTS = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "emoji": "🫖💥 👩‍👩‍👧 é é ‮abc",
    "sql": "'; DROP TABLE tickets; --",
    "template": "{number} {{7*7}} ${x} %s",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_odd_texts_are_plain_text(cast: Cast, text: str) -> None:
    made = await cast.ticket(subject=text, description=text)
    assert (made["subject"], made["description"]) == (text, text)
    said = await cast.alice.post(f"/api/visitor/tickets/{made['number']}/comments", text=text)
    assert said.json()["text"] == text
    assert (await cast.bob.get("/api/tickets", q=text[:100])).json()["items"][0]["number"] == made["number"]


async def test_what_no_database_can_hold_is_taken_out(cast: Cast) -> None:
    made = await cast.ticket(
        description="a\x00b\x1bc", subject="\x00x", order_number="7\x00", email="a@b.example\x00"
    )
    assert (made["description"], made["subject"], made["order_number"]) == ("abc", "x", "7")
    raw = b'{"client_id": "surrogate-1", "text": "half \\ud83d pair"}'
    path = f"/api/visitor/tickets/{made['number']}/comments"
    said = await cast.alice.http.post(path, content=raw, headers={"content-type": "application/json"})
    assert said.status_code in (201, 422)
    assert (await cast.bob.get("/api/tickets", q="a\x00b")).status_code == 200
    assert (await cast.bob.get("/api/tickets", assignee="a\x00b")).status_code == 422


BAD: dict[str, Any] = {
    "empty": {"description": ""},
    "blank": {"description": " \n\t "},
    "only NUL": {"description": "\x00"},
    "100 KB": {"description": "x" * 100_000},
    "missing": {},
    "number": {"description": 5},
    "list": {"description": ["x"]},
    "object": {"description": {"$ne": None}},
    "null": {"description": None},
    "long subject": {"description": "x", "subject": "x" * 201},
    "long order": {"description": "x", "order_number": "1" * 81},
    "unknown type": {"description": "x", "type": "weapon"},
    "unknown priority": {"description": "x", "priority": "now"},
    "unknown key": {"description": "x", "status": "closed"},
    "short client id": {"description": "x", "client_id": "a"},
    "client id of another kind": {"description": "x", "client_id": 12345678},
    "client id with NUL": {"description": "x", "client_id": "abcdefgh\x00"},
    "no address": {"description": "x", "email": "a@"},
    "two addresses": {"description": "x", "email": "a@b.example, c@d.example"},
    "address with a line break": {"description": "x", "email": "a@b.example\nBcc: c@d.example"},
    "id that is none": {"description": "x", "customer_id": "' OR 1=1"},
}


async def test_bad_tickets_are_refused_whole(cast: Cast) -> None:
    for name, body in BAD.items():
        answer = await cast.bob.post("/api/tickets", **body)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), name
        assert len(answer.text) < 1000, name
    assert (await cast.bob.get("/api/tickets")).json()["items"] == []


async def test_bad_comments_are_refused(cast: Cast) -> None:
    path = f"/api/visitor/tickets/{(await cast.ticket())['number']}"
    texts: list[Any] = ["", " ", "x" * 100_000, 7, None, ["x"], {"x": "y"}]
    for body in [{"text": text} for text in texts] + [{}, {"text": "x", "public": True}]:
        assert (await cast.alice.post(f"{path}/comments", **body)).status_code == 422, body
    assert (await cast.alice.get(path)).json()["comments"] == []


async def test_what_is_no_json_is_refused(cast: Cast) -> None:
    number = (await cast.ticket())["number"]
    headers = {"content-type": "application/json"}
    for raw in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{" * 3000):
        for path, who in (
            ("/api/tickets", cast.bob),
            (f"/api/tickets/{number}/comments", cast.bob),
            (f"/api/tickets/{number}/merge", cast.bob),
            (f"/api/visitor/tickets/{number}/comments", cast.alice),
        ):
            answer = await who.http.post(path, content=raw, headers=headers)
            assert answer.status_code in (400, 422), (path, raw, answer.text)
            assert "Traceback" not in answer.text


async def test_a_flood_of_comments_is_slowed(cast: Cast) -> None:
    path = f"/api/visitor/tickets/{(await cast.ticket())['number']}/comments"
    codes = [(await cast.alice.post(path, text="more", client_id=new_id())).status_code for _ in range(62)]
    assert codes[-1] == 429
    assert codes.count(201) == 60
