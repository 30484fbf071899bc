"""The moves that a ticket may make, and what holds after any row of them."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Conflict
from tickets.models import WORKING, NotAllowed, Stage, Status, Ticket

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def ticket(status: str = "open", stage: str = "received", **more: object) -> Ticket:
    fields = {"id": "one", "number": 1042, "customer_id": "alice", **more}
    return Ticket(status=status, stage=stage, **fields)


def test_a_ticket_goes_forward_to_its_end() -> None:
    one = ticket()
    for stage in ("understood", "in_work", "with_others", "in_work", "solved"):
        one.move_to(stage, at=NOW)
    assert (one.status, one.resolved_at) == ("resolved", NOW)
    one.confirm(at=NOW)
    assert (one.status, one.stage) == ("closed", "confirmed")


def test_reopened_it_is_in_work_again() -> None:
    one = ticket()
    one.resolve(at=NOW)
    one.reopen()
    assert (one.status, one.stage, one.resolved_at) == ("open", "in_work", None)


def test_closed_without_being_solved_it_keeps_its_stage() -> None:
    one = ticket(stage="understood")
    one.close(at=NOW)
    assert (one.status, one.stage, one.resolved_at) == ("closed", "understood", NOW)
    one.reopen()
    assert (one.status, one.stage) == ("open", "understood")


@pytest.mark.parametrize(
    ("status", "stage", "to"),
    [
        ("open", "in_work", "received"),
        ("open", "with_others", "understood"),
        ("open", "received", "confirmed"),
        ("resolved", "solved", "in_work"),
        ("closed", "confirmed", "solved"),
    ],
)
def test_a_stage_never_goes_back(status: Status, stage: Stage, to: Stage) -> None:
    with pytest.raises(NotAllowed, match="T-1042"):
        ticket(status, stage).move_to(to, at=NOW)


def test_what_is_over_does_not_wait_for_the_customer() -> None:
    with pytest.raises(NotAllowed):
        ticket("resolved", "solved").wait_for_customer()


def test_merging_keeps_the_earliest_due_and_ends_the_duplicate() -> None:
    early, late = NOW, NOW.replace(hour=9)
    one = ticket(first_response_due_at=early)
    other = ticket(id="two", number=1043, first_response_due_at=late, resolution_due_at=late)
    one.merge_into(other, at=NOW)
    assert (one.status, one.merged_into_id) == ("closed", "two")
    assert (other.first_response_due_at, other.resolution_due_at) == (early, late)
    with pytest.raises(NotAllowed):
        one.reopen()


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"customer_id": "alice"}, {"customer_id": "charlie"}),
        ({"customer_id": None}, {"customer_id": None}),
        (
            {"customer_id": "alice", "organisation_id": "firm"},
            {"customer_id": "charlie", "organisation_id": "else"},
        ),
    ],
)
def test_tickets_of_strangers_are_not_merged(mine: dict[str, object], theirs: dict[str, object]) -> None:
    with pytest.raises(Conflict) as refused:
        ticket(**mine).merge_into(ticket(id="two", number=1043, **theirs), at=NOW)
    assert refused.value.type == "not-the-same-customer"


MOVES = st.one_of(
    st.tuples(st.just("status"), st.sampled_from(get_args(Status))),
    st.tuples(st.just("stage"), st.sampled_from(get_args(Stage))),
)


@given(st.lists(MOVES, max_size=30))
def test_status_and_stage_always_agree(moves: list[tuple[str, str]]) -> None:
    one = ticket()
    for kind, to in moves:
        before = (one.status, one.stage)
        try:
            if kind == "status":
                one.set_status(to, at=NOW)  # type: ignore[arg-type]
            else:
                one.move_to(to, at=NOW)  # type: ignore[arg-type]
        except NotAllowed:
            assert (one.status, one.stage) == before, "a refused move changes nothing"
        else:
            assert to in (one.status, one.stage)
        assert (one.status == "resolved") <= (one.stage == "solved")
        assert (one.stage == "confirmed") <= (one.status == "closed")
        assert (one.status in ("open", "pending_customer")) <= (one.stage in WORKING)
        assert one.is_over == (one.resolved_at is not None)
