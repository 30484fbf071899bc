"""What staff do with tickets over HTTP, and who may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from accounts.models import Audit
from chat.models import CustomerIdentity
from server.db import Database, new_id
from tickets.events import TicketChanged, TicketCommented, TicketCreated, TicketMerged, TicketReopened

if TYPE_CHECKING:
    from tests.tickets.conftest import Cast


async def test_a_ticket_is_made_and_read_again(cast: Cast) -> None:
    made = await cast.ticket(
        type="incident", priority="high", order_number="HH-204817", email=" Alice@Mail.Example "
    )
    assert re.fullmatch(r"T-\d{4,}", made["number"])
    assert made["subject"] == made["description"] == "The kettle's lid is cracked."
    assert (made["status"], made["stage"], made["version"]) == ("open", "received", 1)
    assert made["customer"] == {"id": cast.alice.id, "name": "Alice", "email": "Alice@mail.example"}
    assert [line["type"] for line in made["history"]] == ["created"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["created_at"])
    bare = made["number"].removeprefix("T-")
    for way in (made["number"], bare, f"t{bare}", f"%23{bare}", f"工单{bare}"):
        again = await cast.quinn.get(f"/api/tickets/{way}")
        assert again.json() == made, way


async def test_a_typed_address_is_contact_data_and_proves_nothing(cast: Cast, db: Database) -> None:
    for _ in range(2):
        await cast.ticket(email="alice@mail.example")
    async with db.read() as session:
        rows = (await session.scalars(select(CustomerIdentity))).all()
    assert [(row.customer_id, row.channel, row.level) for row in rows] == [
        (cast.alice.id, "email", "anonymous")
    ]


async def test_the_conversation_is_told_in_the_same_breath(
    cast: Cast, db: Database, happened: list[Any]
) -> None:
    made = await cast.ticket(customer_id=None, conversation_id=cast.alice.ids["conversation"])
    assert made["customer"]["id"] == cast.alice.id
    names = [type(event).__name__ for event in happened]
    assert names == ["TicketLinked", "MessagePosted", "TicketCreated"]
    notice = happened[1].message
    assert (notice.kind, notice.text) == ("notice", f"Ticket {made['number']} was made.")
    assert notice.payload["ticket"] == {"number": made["number"]}


async def test_the_same_client_id_makes_one_ticket(cast: Cast, happened: list[Any]) -> None:
    body = {
        "client_id": new_id(),
        "description": "Broken",
        "conversation_id": cast.alice.ids["conversation"],
    }
    first = await cast.bob.post("/api/tickets", **body)
    second = await cast.bob.post("/api/tickets", **body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert sum(isinstance(event, TicketCreated) for event in happened) == 1
    other = await cast.bob.post("/api/tickets", **{**body, "description": "Something else"})
    assert (other.status_code, other.json()["type"]) == (409, "client-id-reused")


async def test_what_is_named_must_exist(cast: Cast) -> None:
    for wrong, status in (
        ({"customer_id": new_id()}, 404),
        ({"conversation_id": new_id()}, 404),
        ({"inbox": "nowhere"}, 404),
        ({"assignee_id": new_id()}, 422),
        ({"conversation_id": cast.alice.ids["conversation"], "customer_id": cast.charlie.id}, 422),
        ({"email": "not an address"}, 422),
    ):
        answer = await cast.bob.post("/api/tickets", description="Broken", **wrong)
        assert answer.status_code == status, wrong
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await cast.bob.get("/api/tickets")).json() == {"items": [], "next": None}


async def test_changes_are_counted_and_written_down(cast: Cast, happened: list[Any]) -> None:
    made = await cast.ticket()
    path = f"/api/tickets/{made['number']}"
    changed = await cast.bob.patch(
        path, stage="in_work", priority="urgent", assignee_id=cast.bob.id, version=1
    )
    now = changed.json()
    assert (now["version"], now["stage"], now["priority"]) == (2, "in_work", "urgent")
    assert now["assignee"] == {"id": cast.bob.id, "name": "Bob"}
    line = now["history"][-1]
    assert line["by"] == {"type": "agent", "name": "Bob"}
    assert line["data"]["changes"] == {
        "stage": ["received", "in_work"],
        "priority": ["normal", "urgent"],
        "assignee_id": [None, cast.bob.id],
    }
    assert isinstance(happened[-1], TicketChanged)
    same = await cast.bob.patch(path, stage="in_work")
    assert same.json() == now, "nothing different, no line"


async def test_a_lost_update_is_a_conflict(cast: Cast) -> None:
    made = await cast.ticket()
    path = f"/api/tickets/{made['number']}"
    assert (await cast.bob.patch(path, priority="high", version=1)).status_code == 200
    late = await cast.bob.patch(path, priority="low", version=1)
    assert (late.status_code, late.json()["type"], late.json()["version"]) == (409, "ticket-changed", 2)
    assert (await cast.bob.get(path)).json()["priority"] == "high"
    assert (await cast.bob.patch(path, priority="low")).json()["version"] == 3


async def test_solved_reopened_and_confirmed(cast: Cast, happened: list[Any]) -> None:
    path = f"/api/tickets/{(await cast.ticket())['number']}"
    solved = (await cast.bob.patch(path, status="resolved")).json()
    assert (solved["stage"], solved["resolved_at"] is not None) == ("solved", True)
    again = (await cast.bob.patch(path, status="open", stage="with_others")).json()
    assert (again["status"], again["stage"], again["resolved_at"]) == ("open", "with_others", None)
    assert isinstance(happened[-1], TicketReopened)
    refused = await cast.bob.patch(path, stage="received", priority="low")
    assert (refused.status_code, refused.json()["type"]) == (409, "move-not-allowed")
    assert (await cast.bob.get(path)).json() == again, "a refused change leaves nothing behind"
    both = await cast.bob.patch(path, status="open", stage="solved")
    assert both.status_code == 409
    await cast.bob.patch(path, stage="solved")
    end = (await cast.bob.patch(path, stage="confirmed")).json()
    assert (end["status"], end["stage"]) == ("closed", "confirmed")


async def test_a_field_can_be_emptied_unless_it_must_be_there(cast: Cast) -> None:
    path = f"/api/tickets/{(await cast.ticket(order_number='HH-204817'))['number']}"
    assert (await cast.bob.patch(path, order_number=None)).json()["order_number"] is None
    for name in ("status", "stage", "subject", "description", "type", "priority"):
        assert (await cast.bob.patch(path, **{name: None})).status_code == 422
    assert (await cast.bob.patch(path, number=7)).status_code == 422


async def test_comments_are_internal_unless_said_otherwise(cast: Cast, happened: list[Any]) -> None:
    made = await cast.ticket()
    path = f"/api/tickets/{made['number']}/comments"
    body = {"client_id": new_id(), "text": "The customer sounds tired."}
    inner = await cast.bob.post(path, **body)
    assert (inner.status_code, inner.json()["public"]) == (201, False)
    assert (await cast.bob.post(path, **body)).status_code == 200
    assert (await cast.bob.post(path, **{**body, "text": "Other"})).json()["type"] == "client-id-reused"
    outer = await cast.bob.post(path, text="We send a new lid today.", public=True)
    assert outer.json()["author"] == {"type": "agent", "name": "Bob"}
    said = (await cast.bob.get(f"/api/tickets/{made['number']}")).json()["comments"]
    assert [(one["text"], one["public"]) for one in said] == [
        ("The customer sounds tired.", False),
        ("We send a new lid today.", True),
    ]
    assert sum(isinstance(event, TicketCommented) for event in happened) == 2


async def test_duplicates_of_one_customer_are_merged(cast: Cast, db: Database, happened: list[Any]) -> None:
    first, second, third = [(await cast.ticket())["number"] for _ in range(3)]
    await cast.bob.post(f"/api/tickets/{first}/comments", text="Said on the first")
    for _ in range(2):
        into = await cast.bob.post(f"/api/tickets/{first}/merge", into=second)
        assert into.status_code == 200
    assert into.json()["number"] == second
    assert [one["number"] for one in into.json()["comments"]] == [first]
    await cast.bob.post(f"/api/tickets/{second}/merge", into=third)
    for number in (first, second):
        gone = (await cast.bob.get(f"/api/tickets/{number}")).json()
        assert (gone["status"], gone["merged_into"]) == ("closed", third), "no chains"
        refused = await cast.bob.patch(f"/api/tickets/{number}", priority="low")
        assert (refused.status_code, refused.json()["type"]) == (409, "ticket-merged")
    assert sum(isinstance(event, TicketMerged) for event in happened) == 2
    async with db.read() as session:
        lines = await session.scalars(select(Audit).where(Audit.actor_id == cast.bob.id))
        assert [line.action for line in lines] == ["ticket.merged", "ticket.merged"]


async def test_what_is_not_one_matter_is_not_merged(cast: Cast) -> None:
    mine = (await cast.ticket())["number"]
    colleague = (await cast.ticket(customer_id=cast.dora.id))["number"]
    stranger = (await cast.ticket(customer_id=cast.charlie.id))["number"]
    nobody = (await cast.ticket(customer_id=None))["number"]
    for into, kind in (
        (stranger, "not-the-same-customer"),
        (nobody, "not-the-same-customer"),
        (mine, "move-not-allowed"),
    ):
        refused = await cast.bob.post(f"/api/tickets/{mine}/merge", into=into)
        assert (refused.status_code, refused.json()["type"]) == (409, kind)
    assert (await cast.bob.post(f"/api/tickets/{mine}/merge", into="T-1")).status_code == 404
    assert (await cast.bob.post(f"/api/tickets/{colleague}/merge", into=mine)).status_code == 200
    back = await cast.bob.post(f"/api/tickets/{mine}/merge", into=colleague)
    assert back.json()["type"] == "move-not-allowed", "no circles"


async def test_the_list_is_filtered_and_paged(cast: Cast) -> None:
    made = [
        (await cast.ticket(subject=f"Matter {n}", order_number=f"HH-10000{n}"))["number"] for n in range(5)
    ]
    await cast.bob.patch(f"/api/tickets/{made[0]}", status="resolved", assignee_id=cast.bob.id)
    await cast.bob.patch(f"/api/tickets/{made[1]}", stage="in_work", subject="100% _wool_")

    async def numbers(**query: Any) -> list[str]:
        return [item["number"] for item in (await cast.quinn.get("/api/tickets", **query)).json()["items"]]

    assert await numbers() == made[::-1]
    assert await numbers(status="resolved") == [made[0]]
    assert await numbers(stage="in_work") == [made[1]]
    assert await numbers(assignee=cast.bob.id) == [made[0]]
    assert len(await numbers(assignee="none")) == 4
    assert await numbers(assignee="me") == []
    assert await numbers(customer_id=cast.charlie.id) == []
    assert await numbers(q="matter 3") == [made[3]]
    assert await numbers(q="100004") == [made[4]]
    assert await numbers(q=made[2].lower().replace("-", " ")) == [made[2]]
    assert await numbers(q="% _WOOL") == [made[1]]
    assert await numbers(q="%%") == []
    first = (await cast.quinn.get("/api/tickets", limit=2)).json()
    second = (await cast.quinn.get("/api/tickets", limit=2, after=first["next"])).json()
    third = (await cast.quinn.get("/api/tickets", limit=2, after=second["next"])).json()
    assert [item["number"] for page in (first, second, third) for item in page["items"]] == made[::-1]
    assert third["next"] is None
    for wrong in ({"limit": 201}, {"limit": 0}, {"after": "x"}, {"after": 2**40}, {"status": "lost"}):
        assert (await cast.quinn.get("/api/tickets", **wrong)).status_code == 422


async def test_who_may_not_is_kept_out(cast: Cast) -> None:
    made = await cast.ticket()
    path = f"/api/tickets/{made['number']}"
    assert (await cast.quinn.patch(path, priority="low")).status_code == 403
    assert (await cast.quinn.post("/api/tickets", description="x")).status_code == 403
    assert (await cast.quinn.post(f"{path}/comments", text="x")).status_code == 403
    assert (await cast.quinn.post(f"{path}/merge", into=path)).status_code == 403
    assert (await cast.ed.get("/api/tickets")).status_code == 403
    assert (await cast.ed.get(path)).status_code == 403
    for visitor in (cast.alice, cast.charlie, cast.eve):
        assert (await visitor.get("/api/tickets")).status_code == 401
        assert (await visitor.get(path)).status_code == 401
    foreign = await cast.bob.http.patch(
        path, json={"priority": "low"}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    assert (await cast.bob.get(path)).json() == made


async def test_a_number_that_is_none_is_not_found(cast: Cast) -> None:
    for number in ("T-1", "1", "T-999999999", "99999999999999999999", "x", "T-", "-5", "%00"):
        answers = [
            await cast.bob.get(f"/api/tickets/{number}"),
            await cast.bob.patch(f"/api/tickets/{number}", priority="low"),
            await cast.bob.post(f"/api/tickets/{number}/comments", text="x"),
            await cast.bob.post(f"/api/tickets/{number}/merge", into=1),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4, number
