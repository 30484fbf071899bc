"""What customers see of their tickets, and that an outsider sees nothing at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from server.db import Database, WriteSession, new_id
from tickets.service import follow_customer

if TYPE_CHECKING:
    from tests.tickets.conftest import Cast, Someone


async def test_the_customer_sees_stage_and_public_words_only(cast: Cast) -> None:
    made = await cast.ticket(subject="Kettle", priority="high")
    number = made["number"]
    await cast.bob.post(f"/api/tickets/{number}/comments", text="INTERNAL: difficult")
    await cast.bob.post(f"/api/tickets/{number}/comments", text="A new lid is on its way.", public=True)
    await cast.bob.patch(f"/api/tickets/{number}", stage="in_work")
    seen = await cast.alice.get(f"/api/visitor/tickets/{number}")
    body = seen.json()
    assert "INTERNAL" not in seen.text
    assert set(body) == {
        "number", "subject", "stage", "merged_into", "created_at", "updated_at", "comments",
    }  # fmt: skip
    assert (body["number"], body["subject"], body["stage"]) == (number, "Kettle", "in_work")
    [comment] = body["comments"]
    assert comment["author"] == {"type": "agent", "name": "Bob"}
    assert comment["text"] == "A new lid is on its way."
    listed = (await cast.alice.get("/api/visitor/tickets")).json()
    assert listed == {"items": [{k: v for k, v in body.items() if k != "comments"}], "next": None}


async def test_internal_work_leaves_no_trace_outside(cast: Cast) -> None:
    number = (await cast.ticket())["number"]
    before = (await cast.alice.get(f"/api/visitor/tickets/{number}")).json()
    await cast.bob.post(f"/api/tickets/{number}/comments", text="internal")
    await cast.bob.patch(f"/api/tickets/{number}", priority="low", assignee_id=cast.bob.id)
    assert (await cast.alice.get(f"/api/visitor/tickets/{number}")).json() == before


async def test_the_customer_comments_once(cast: Cast) -> None:
    path = f"/api/visitor/tickets/{(await cast.ticket())['number']}/comments"
    body = {"client_id": new_id(), "text": "  It also leaks.\n"}
    first = await cast.alice.post(path, **body)
    second = await cast.alice.post(path, **body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["text"], first.json()["author"]["type"]) == ("It also leaks.", "customer")
    other = await cast.alice.post(path, **{**body, "text": "Other"})
    assert (other.status_code, other.json()["type"]) == (409, "client-id-reused")


async def test_the_customers_word_ends_the_waiting(cast: Cast) -> None:
    number = (await cast.ticket())["number"]
    await cast.bob.patch(f"/api/tickets/{number}", status="pending_customer")
    await cast.alice.post(f"/api/visitor/tickets/{number}/comments", text="Here is the photo.")
    now = (await cast.bob.get(f"/api/tickets/{number}")).json()
    assert now["status"] == "open"
    assert now["history"][-1]["by"]["type"] == "customer"


@pytest.mark.parametrize(("words", "status"), [("thanks!", "resolved"), ("It broke again.", "open")])
async def test_thanks_do_not_reopen_but_a_new_fact_does(cast: Cast, words: str, status: str) -> None:
    number = (await cast.ticket())["number"]
    await cast.bob.patch(f"/api/tickets/{number}", status="resolved")
    await cast.alice.post(f"/api/visitor/tickets/{number}/comments", text=words)
    assert (await cast.bob.get(f"/api/tickets/{number}")).json()["status"] == status


async def test_the_customer_reopens(cast: Cast) -> None:
    number = (await cast.ticket())["number"]
    path = f"/api/visitor/tickets/{number}/reopening"
    await cast.bob.patch(f"/api/tickets/{number}", status="resolved")
    body = {"client_id": new_id(), "text": "thanks"}
    reopened = await cast.alice.post(path, **body)
    assert (reopened.status_code, reopened.json()["stage"]) == (200, "in_work")
    await cast.bob.patch(f"/api/tickets/{number}", status="resolved")
    assert (await cast.alice.post(path, **body)).json()["stage"] == "solved", "a repeat reopens nothing"
    assert (await cast.alice.post(path)).json()["stage"] == "in_work"


async def test_not_yours_and_not_there_answer_alike(cast: Cast, db: Database) -> None:
    number = (await cast.ticket())["number"]
    await cast.ticket(customer_id=cast.charlie.id)
    statements: list[str] = []
    for engine in {db._readers, db._writers}:
        sa.event.listen(engine.sync_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    async def asked(who: Someone, path: str, **body: Any) -> tuple[Any, ...]:
        statements.clear()
        answer = await (who.post(path, **body) if body else who.get(path))
        headers = {k: v for k, v in answer.headers.items() if k != "date"}
        return answer.status_code, answer.content, headers, list(statements)

    for outsider in (cast.charlie, cast.dora, cast.eve):
        for tail, body in (("", {}), ("/comments", {"text": "hello"}), ("/reopening", {"text": "hello"})):
            foreign = await asked(outsider, f"/api/visitor/tickets/{number}{tail}", **body)
            unknown = await asked(outsider, f"/api/visitor/tickets/T-999999{tail}", **body)
            nonsense = await asked(outsider, f"/api/visitor/tickets/nonsense{tail}", **body)
            assert foreign[0] == 404
            assert foreign == unknown == nonsense, (tail, "same words, same work")
    assert (await cast.alice.get(f"/api/visitor/tickets/{number}")).json()["comments"] == []


async def test_outsiders_lists_are_empty_and_strangers_are_turned_away(cast: Cast) -> None:
    number = (await cast.ticket())["number"]
    for outsider in (cast.charlie, cast.dora, cast.eve):
        assert (await outsider.get("/api/visitor/tickets")).json() == {"items": [], "next": None}
    for stranger in (cast.bob, cast.quinn):
        assert (await stranger.get("/api/visitor/tickets")).status_code == 401
        assert (await stranger.get(f"/api/visitor/tickets/{number}")).status_code == 401


async def test_a_merged_ticket_follows_its_matter_but_never_shows_a_strangers(cast: Cast) -> None:
    mine, twin = (await cast.ticket())["number"], (await cast.ticket())["number"]
    colleague = (await cast.ticket(customer_id=cast.dora.id, subject="Dora's own words"))["number"]
    await cast.bob.post(f"/api/tickets/{mine}/merge", into=twin)
    await cast.alice.post(f"/api/visitor/tickets/{mine}/comments", text="Any news?")
    seen = (await cast.alice.get(f"/api/visitor/tickets/{mine}")).json()
    assert seen["merged_into"] == twin
    assert [
        one["text"] for one in (await cast.alice.get(f"/api/visitor/tickets/{twin}")).json()["comments"]
    ] == ["Any news?"]
    await cast.bob.post(f"/api/tickets/{twin}/merge", into=colleague)
    await cast.bob.post(f"/api/tickets/{colleague}/comments", text="For Dora only", public=True)
    await cast.bob.patch(f"/api/tickets/{colleague}", stage="with_others")
    answer = await cast.alice.get(f"/api/visitor/tickets/{mine}")
    seen = answer.json()
    assert (seen["merged_into"], seen["stage"]) == (None, "with_others")
    assert colleague not in answer.text
    assert "Dora" not in answer.text
    assert "Any news?" not in (await cast.dora.get(f"/api/visitor/tickets/{colleague}")).text
    await cast.bob.patch(f"/api/tickets/{colleague}", status="resolved")
    await cast.alice.post(f"/api/visitor/tickets/{mine}/comments", text="It leaks again!")
    now = (await cast.bob.get(f"/api/tickets/{colleague}")).json()
    assert now["status"] == "open", "what is said about a merged ticket is not lost"
    assert now["comments"][-1]["text"] == "It leaks again!"


async def test_the_list_is_paged(cast: Cast) -> None:
    made = [(await cast.ticket())["number"] for _ in range(3)]
    first = (await cast.alice.get("/api/visitor/tickets", limit=2)).json()
    second = (await cast.alice.get("/api/visitor/tickets", limit=2, after=first["next"])).json()
    assert [item["number"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


async def test_tickets_follow_somebody_who_turns_out_to_be_known(cast: Cast, db: Database) -> None:
    number = (await cast.ticket())["number"]
    async with db.write() as session:
        assert isinstance(session, WriteSession)
        await follow_customer(session, from_id=str(cast.alice.id), to_id=str(cast.charlie.id))
    assert (await cast.charlie.get(f"/api/visitor/tickets/{number}")).status_code == 200
    assert (await cast.alice.get(f"/api/visitor/tickets/{number}")).status_code == 404
