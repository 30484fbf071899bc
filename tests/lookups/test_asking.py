"""From a message to an answer: which look-up it wants, who may ask, what a failing service does to others."""

import asyncio
import time
from datetime import UTC, datetime

import pytest
from declared import orders
from sqlalchemy import update
from structlog.testing import capture_logs

from accounts.service import SYSTEM
from calendars.schemas import CalendarIn
from calendars.service import save_calendar
from chat.models import Inbox
from lookups import restraint
from lookups.definitions import Change, change, create, remove
from lookups.guard import Guard
from lookups.models import LookUp
from lookups.schemas import LookUpIn
from lookups.service import LookUps
from lookups.views import LookUpView
from server.db import new_id

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def declare(world, internal):
    async def declared(**more):
        async with world.db.write() as session:
            wanted = LookUpIn.model_validate(orders(**more))
            row = await create(session, wanted, internal=internal, by=SYSTEM)
            return row.id

    return declared


@pytest.fixture
def amend(world, internal):
    async def amended(look_up_id, version, **fields):
        async with world.db.write() as session:
            await change(session, look_up_id, Change(version, fields), internal=internal, by=SYSTEM)

    return amended


async def asks(look_ups, number="HH-204817", *, level="anonymous", language="en", **more):
    return await look_ups.ask("orders", {"order_number": number, **more}, level=level, language=language)


async def wants(look_ups, text="", *, intent=None, inbox_id=None):
    found = await look_ups.matching(intent=intent, text=text, language="en", inbox_id=inbox_id)
    return found.name if found else None


async def test_a_message_is_matched_by_its_words_then_by_its_intent(look_ups, declare):
    await declare()
    warranty = {"en": ["still covered", "covered"], "zh": ["还在保修", "保修期嗎"]}
    await declare(name="warranty", intent="ask_warranty", phrases=warranty)
    for text, found in (
        ("TRACK  MY\nPARCEL please", "orders"),
        ("Ｔｒａｃｋ my parcel", "orders"),
        ("backtrack my parcels", None),
        ("track my parcels", None),
        ("Is it still covered? Please track my parcel", "orders"),  # the longer phrase
        ("还在保修吗", "warranty"),
        ("還在保修嗎", "warranty"),
        ("在保修期吗", "warranty"),
        ("我的包裹到哪了呀", "orders"),
        ("uncovered", None),
        ("", None),
    ):
        assert await wants(look_ups, text) == found, text
    assert await wants(look_ups, "hello", intent="order_status") == "orders"
    assert await wants(look_ups, "still covered", intent="order_status") == "warranty"
    assert await wants(look_ups, "hello", intent="greet") is None


async def test_what_is_needed_is_told(look_ups, declare):
    url = "https://shop.example/{order_number}?email={email}"
    await declare(url_template=url, inputs=["order_number", "email"], identity="email")
    view = LookUpView("orders", ("order_number", "email"), "email")
    assert await look_ups.get("orders") == view
    assert await look_ups.get("other") is None


async def test_an_inboxs_own_look_up_stands_before_the_companys(look_ups, declare, world):
    async with world.db.write() as session:
        session.add(Inbox(id="second", key="second", name="Second"))
    await declare(timeout_s=1)
    await declare(inbox="second", url_template="http://shop.internal/good/{order_number}")
    await declare(name="theirs", inbox="second", intent="theirs", phrases={"en": ["only ours"]})
    assert await wants(look_ups, "only ours", inbox_id="second") == "theirs"
    assert await wants(look_ups, "only ours") is None
    assert await wants(look_ups, intent="order_status", inbox_id="second") == "orders"
    found = await look_ups.ask(
        "orders", {"order_number": "7"}, level="anonymous", language="en", inbox_id="second"
    )
    assert found.state == "found"


async def test_found_not_found_and_failed(look_ups, declare, service):
    await declare(url_template="http://shop.internal/good/{order_number}", secret="s3cret")
    found = await asks(look_ups)
    assert (found.state, found.cause) == ("found", "")
    assert (
        found.text
        == "Your order HH-204817 is on its way. Wagtail brings it. It should reach you on 12 March."
    )
    assert found.fields == {"status": "is on its way", "carrier": "Wagtail", "expected": "12 March"}
    assert (await asks(look_ups, language="zh")).text.startswith("您的订单 HH-204817 已发货。由Wagtail配送。")
    assert (await asks(look_ups, language="zh-TW")).text.startswith("您的订单")
    assert (await asks(look_ups, language="nl")).text.startswith("Your order")
    assert service.asked[0][0] == "/good/HH-204817"
    assert service.asked[0][1]["authorization"] == "s3cret"
    for empty in ({}, [], "", None):
        service.body = empty
        missing = await asks(look_ups)
        assert (missing.state, missing.text) == ("not_found", "We find no order HH-204817.")
    service.body = {"something": "else", "shipment": [], "status": {"a": 1}}
    failed = await asks(look_ups)
    assert (failed.state, failed.text, failed.cause_code) == ("failed", "", "nothing_to_show")


async def test_404_is_not_found_and_500_a_failure_whose_cause_holds_no_secret(look_ups, declare, amend):
    look_up = await declare(url_template="http://shop.internal/none/{order_number}", secret="s3cret")
    assert (await asks(look_ups)).state == "not_found"
    await amend(look_up, 1, url_template="http://shop.internal/broken/{order_number}")
    failed = await asks(look_ups, "HH-1 and my password")
    assert failed.cause == "shop.internal answered with status 500."
    assert failed.text == ""


async def test_who_is_not_proven_enough_causes_no_request(look_ups, declare, service):
    url = "http://shop.internal/good/{order_number}?email={email}"
    await declare(url_template=url, inputs=["order_number", "email"], identity="email")
    for level in ("anonymous", "", "root"):
        assert (await asks(look_ups, level=level, email="a@b.example")).state == "identity_needed"
    assert (await asks(look_ups, level="verified")).state == "identity_needed"  # known, but by no address
    assert service.asked == []
    assert (await asks(look_ups, level="email", email="a@b.example")).state == "found"


async def test_what_was_not_given_or_is_gone_or_off_is_a_failure(look_ups, declare, amend, service):
    look_up = await declare(url_template="http://shop.internal/good/{order_number}")
    for nothing in ("", "  \n", "\x00", "x" * 255):
        failed = await asks(look_ups, nothing)
        assert (failed.state, failed.cause_code) == ("failed", "missing_input")
    await amend(look_up, 1, enabled=False)
    assert (await asks(look_ups)).cause_code == "unknown"
    assert await wants(look_ups, intent="order_status") is None
    assert service.asked == []


async def test_an_order_number_that_would_climb_finds_nothing(look_ups, declare, service):
    await declare(url_template="http://shop.internal/good/{order_number}")
    for climbing in ("..", "../none", "%2e%2e/none"):
        missing = await asks(look_ups, climbing)
        assert (missing.state, missing.cause) == ("not_found", "")
    assert service.asked == []
    await asks(look_ups, "HH/1?x=2#y")
    assert service.asked[0][0] == "/good/HH%2F1%3Fx%3D2%23y"


async def test_what_the_customer_typed_is_shown_as_plainly_as_what_the_service_says(look_ups, declare):
    await declare(url_template="http://shop.internal/none/{order_number}")
    missing = await asks(look_ups, "<b>https://evil.example</b> {status} " + "x" * 150)
    assert "evil" not in missing.text
    assert len(missing.text) < 90


async def test_a_service_that_sends_the_secret_back_does_not_get_it_shown(look_ups, declare, service):
    await declare(url_template="http://shop.internal/good/{order_number}", secret="s3cret")
    service.body = {"status": "shipped", "shipment": {"carrier": "key s3cret"}}
    found = await asks(look_ups)
    assert found.text == "Your order HH-204817 is on its way."
    assert found.fields == {"status": "is on its way"}


async def test_a_hostile_service_is_worded_plainly(look_ups, declare, service):
    await declare(url_template="http://shop.internal/good/{order_number}")
    evil = "<a href='https://evil.example'>[click](https://evil.example)</a> **now** {order_number}\n# Hello"
    service.body = {"status": "shipped", "shipment": {"carrier": evil * 40, "expected_on": evil}}
    found = await asks(look_ups)
    assert not [bad for bad in ("evil", "http", "<", "[", "**", "{", "\n") if bad in found.text]
    assert len(found.text.split()) <= 60


async def test_days_are_counted_in_the_companys_zone(world, internal, declare, service):
    async with world.db.write() as session:
        hours = {"name": "Far east", "zone": "Asia/Shanghai", "weekly": {}}
        calendar = await save_calendar(session, "default", CalendarIn.model_validate(hours))
        await session.execute(update(Inbox).values(calendar_id=calendar.id))
    await declare(url_template="http://shop.internal/good/{order_number}")
    service.body = {"status": "shipped", "shipment": {"expected_on": "2026-03-11T20:00:00Z"}}
    assert "12 March" in (await asks(LookUps(world.db, Guard(internal), now=lambda: NOW))).text


async def test_changes_count_with_the_next_question_in_every_process(world, internal, declare, amend):
    """Another process has read the old version already."""
    look_up = await declare(url_template="http://shop.internal/good/{order_number}")
    here, there = (LookUps(world.db, Guard(internal), now=lambda: NOW) for _ in range(2))
    assert (await asks(there)).state == "found"
    await amend(look_up, 1, url_template="http://shop.internal/none/{order_number}")
    began = time.monotonic()
    assert [(await asks(one)).state for one in (here, there)] == ["not_found", "not_found"]
    assert time.monotonic() - began < 1
    async with world.db.write() as session:
        await remove(session, look_up, 2, by=SYSTEM)
    assert (await asks(there)).cause_code == "unknown"


async def test_a_stored_address_that_is_no_longer_taken_leaves_only_itself_out(look_ups, declare, world):
    await declare(name="old", intent="old")
    async with world.db.write() as session:
        await session.execute(update(LookUp).values(url_template="https://user@shop.example/{order_number}"))
    await declare()
    assert await look_ups.get("old") is None
    assert await look_ups.get("orders") is not None


async def test_no_database_session_is_held_while_a_service_thinks(world, look_ups, declare, service):
    await declare(url_template="http://shop.internal/slow/{order_number}")
    asking = asyncio.create_task(asks(look_ups))
    while not service.asked:
        assert not asking.done()
        await asyncio.sleep(0.01)
    assert world.db._readers.pool.checkedout() == 0
    assert world.db._writers.pool.checkedout() == 0
    service.go_on.set()
    assert (await asking).state == "found"


async def test_so_many_at_once_and_no_more(look_ups, declare, service):
    await declare(url_template="http://shop.internal/slow/{order_number}", timeout_s=5)
    crowd = [asyncio.create_task(asks(look_ups, f"HH-{n}")) for n in range(12)]
    while len(service.asked) < restraint.AT_ONCE:
        assert not any(one.done() for one in crowd)
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert len(service.asked) == restraint.AT_ONCE
    service.go_on.set()
    assert {result.state for result in await asyncio.gather(*crowd)} == {"found"}
    assert service.most_at_once <= restraint.AT_ONCE


async def test_who_waits_in_vain_hears_it_in_time_and_it_is_no_failure_of_the_service(
    look_ups, declare, service
):
    await declare(url_template="http://shop.internal/slow/{order_number}", timeout_s=0.5)
    began = time.monotonic()
    results = await asyncio.gather(*(asks(look_ups, f"HH-{n}") for n in range(8)))
    assert time.monotonic() - began < 2.5
    assert {result.state for result in results} == {"failed"}
    assert {result.cause_code for result in results} == {"timeout", "busy"}


async def test_after_five_failures_in_a_minute_it_rests_for_half_a_minute(world, internal, declare, service):
    clock = Clock()
    look_ups = LookUps(world.db, Guard(internal), clock=clock)
    await declare(url_template="http://shop.internal/broken/{order_number}")
    await declare(name="other", intent="other", url_template="http://shop.internal/good/{order_number}")
    for _ in range(5):
        assert (await asks(look_ups)).cause_code == "status"
        clock.at += 5
    resting = await asks(look_ups)
    assert (resting.state, resting.cause_code) == ("failed", "resting")
    assert len(service.asked) == 5
    other = await look_ups.ask("other", {"order_number": "1"}, level="anonymous", language="en")
    assert other.state == "found"
    clock.at += 30
    assert (await asks(look_ups)).cause_code == "status"  # one tries again, and it rests again
    assert (await asks(look_ups)).cause_code == "resting"
    assert len(service.asked) == 7


async def test_failures_far_apart_do_not_add_up(world, internal, declare):
    clock = Clock()
    look_ups = LookUps(world.db, Guard(internal), clock=clock)
    await declare(url_template="http://shop.internal/broken/{order_number}")
    for _ in range(12):
        assert (await asks(look_ups)).cause_code == "status"
        clock.at += 16


async def test_who_corrects_a_resting_look_up_need_not_wait(look_ups, declare, amend):
    look_up = await declare(url_template="http://shop.internal/broken/{order_number}")
    for _ in range(6):
        last = await asks(look_ups)
    assert last.cause_code == "resting"
    await amend(look_up, 1, url_template="http://shop.internal/good/{order_number}")
    assert (await asks(look_ups)).state == "found"


async def test_the_log_tells_how_it_ended_and_nothing_of_whom(look_ups, declare):
    await declare(url_template="http://shop.internal/good/{order_number}", secret="s3cret")
    with capture_logs() as lines:
        await asks(look_ups, "HH-204817")
    (line,) = [line for line in lines if line["event"] == "look_up_asked"]
    assert (line["look_up"], line["state"]) == ("orders", "found")
    assert not [line for line in lines if "HH-204817" in str(line) or "s3cret" in str(line)]


def test_a_definition_does_not_print_its_secret(world):
    from lookups.definition import Definition

    wanted = LookUpIn.model_validate(orders(secret="s3cret")).model_dump()
    wanted.pop("inbox")
    row = LookUp(id=new_id(), version=1, **wanted)
    assert "s3cret" not in repr(Definition.of(row, "UTC"))
    assert "s3cret" not in repr(row)


# Trials


async def trial(ada, look_up, **inputs):
    answer = await ada.post(f"/api/look-ups/{look_up}/trial", inputs=inputs)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_admin_tries_it_out_in_both_languages(ada, declare, service):
    look_up = await declare(
        url_template="http://shop.internal/good/{order_number}", secret="s3cret", enabled=False
    )
    service.body = {"status": "shipped", "shipment": {"carrier": "s3cret"}, "secret": "s3cret"}
    found = await trial(ada, look_up, order_number="HH-1")
    assert (found["state"], found["cause"], found["missing"]) == ("found", "", ["expected"])
    assert found["text"] == {"en": "Your order HH-1 is on its way.", "zh": "您的订单 HH-1 已发货。"}
    assert found["fields"] == {"en": {"status": "is on its way"}, "zh": {"status": "已发货"}}
    assert "s3cret" not in str(found)
    assert len(service.asked) == 1


async def test_a_failing_trial_says_why_and_costs_customers_nothing(ada, declare, look_ups, service):
    look_up = await declare(url_template="http://shop.internal/page/{order_number}")
    for _ in range(6):
        failed = await trial(ada, look_up, order_number="HH-1")
        assert (failed["state"], failed["cause_code"]) == ("failed", "not_json")
        assert failed["cause"] == "shop.internal did not answer with JSON."
    assert (await asks(look_ups)).cause_code == "not_json"  # not resting


async def test_a_trial_needs_every_input_and_a_look_up(ada, declare):
    look_up = await declare()
    lacking = await ada.post(f"/api/look-ups/{look_up}/trial", inputs={})
    assert (lacking.status_code, lacking.json()["detail"]) == (422, "A trial needs a value for order_number.")
    unknown = await ada.post(f"/api/look-ups/{look_up}/trial", inputs={"password": "x"})
    assert unknown.status_code == 422
    nowhere = await ada.post(f"/api/look-ups/{new_id()}/trial", inputs={"order_number": "1"})
    assert nowhere.status_code == 404


async def test_a_trial_cannot_look_inside(ada, declare):
    look_up = await declare(url_template="https://127.0.0.1/{order_number}")
    refused = await trial(ada, look_up, order_number="HH-1")
    assert (refused["state"], refused["cause_code"]) == ("failed", "refused_address")
