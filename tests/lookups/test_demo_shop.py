"""The demo shop and its two look-ups: every order, in both languages, over a real wire."""

import threading
from datetime import UTC, date, datetime

import httpx
import pytest
import yaml
from world import fixed_id

from chat.models import Inbox
from lookups.checks import check
from lookups.guard import Guard, InternalHosts
from lookups.models import LookUp
from lookups.rendering import LIMITS, size_of
from lookups.schemas import LookUpIn
from lookups.service import LookUps
from server import demo_company
from server.demo_shop import HEADER, KEY, ORDERS, Shop, make_server
from server.settings import ROOT

DECLARED = yaml.safe_load((ROOT / "server" / "demo" / "look_ups.yml").read_text())
TODAY = date(2026, 11, 23)


@pytest.fixture
def shop(monkeypatch):
    """The shop on a free port; its address."""
    monkeypatch.setattr(Shop, "today", staticmethod(lambda: TODAY))
    server = make_server(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
async def demo(world, shop):
    """The demo's look-ups, seeded as `deskhand run --demo` does."""
    await demo_company._look_ups(world.db)
    place = shop.removeprefix("http://")
    guard = Guard(InternalHosts.parse(f"demo-shop:80={place}"))
    return LookUps(world.db, guard, now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))


async def asks(demo, number, email="", *, language="en", name="orders"):
    return await demo.ask(name, {"order_number": number, "email": email}, level="email", language=language)


async def test_the_shop_wants_its_key_and_tells_strangers_nothing(shop):
    async with httpx.AsyncClient(base_url=shop, trust_env=False) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/warranty/HH-204817")).status_code == 401
        http.headers[HEADER] = KEY
        theirs = await http.get("/orders/HH-204817", params={"email": "li@example.com"})
        nobodys = await http.get("/orders/HH-999999", params={"email": "li@example.com"})
        without = await http.get("/orders/HH-204817")
        assert {answer.status_code for answer in (theirs, nobodys, without)} == {404}
        assert theirs.content == nobodys.content == without.content
        own = await http.get("/orders/hh-204817", params={"email": "ANN@example.com"})
        assert own.json()["expected_on"] == "2026-11-25"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_order_is_answered_completely(demo, language):
    for number, order in ORDERS.items():
        for name in ("orders", "warranty"):
            found = await asks(demo, number, order.email, language=language, name=name)
            assert found.state == "found", (number, found.cause)
            assert number in found.text
            assert 0 < size_of(found.text) <= LIMITS[language]
            assert not [bad for bad in ("{", "}", "None", "()", "（）") if bad in found.text]


async def test_the_states_of_an_order_in_words(demo):
    texts = [(await asks(demo, f"HH-2048{n}", "ann@example.com")).text for n in (17, 18, 19, 20)]
    assert texts == [
        "Your order HH-204817 (Ember Kettle) is on its way. Wagtail brings it, tracking number WT55190382. "
        "It should reach you on Wednesday 25 November.",
        "Your order HH-204818 (Halo Desk) is being packed. It should reach you on Saturday 28 November.",
        "Your order HH-204819 (Wren Buds) was delivered. It arrived on Sunday 15 November.",
        "Your order HH-204820 (Moth R2) has come back to us. We paid back €329.00 on Friday 20 November.",
    ]
    chinese = await asks(demo, "HH-204821", "li@example.com", language="zh")
    assert chinese.text == (
        "您的订单 HH-204821（Folio 7）已经发货。由 Crane Express 配送，运单号 CE20817745。"
        "预计11月27日星期五送达。"
    )


async def test_a_warranty_that_runs_and_one_that_has_ended(demo):
    assert (await asks(demo, "HH-204817", name="warranty")).text == (
        "The Ember Kettle from order HH-204817 is still under warranty. "
        "The warranty runs until 18 November 2028."
    )
    ended = await asks(demo, "HH-203115", name="warranty")
    assert ended.text.endswith("is no longer under warranty. The warranty ended on 6 June.")


async def test_somebody_elses_order_is_not_found(demo):
    theirs, nobodys = (
        await asks(demo, "HH-204817", "li@example.com"),
        await asks(demo, "HH-999999", "x@y.example"),
    )
    assert theirs.state == nobodys.state == "not_found"
    assert theirs.text.replace("HH-204817", "HH-999999") == nobodys.text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Where is my order?", "orders"),
        ("where's my parcel??", "orders"),
        ("has my order shipped yet", "orders"),
        ("我的快递到哪了", "orders"),
        ("請查一下我的訂單", "orders"),
        ("Is my kettle still under warranty?", "warranty"),
        ("coffee machine died after 14 months, am I still covered?", "warranty"),
        ("when does my warranty end", "warranty"),
        ("我的水壶还在保修期吗", "warranty"),
        ("我的保修到什么时候", "warranty"),
        ("How long does the warranty last?", None),
        ("Does dropping it void the warranty", None),
        ("保修期是几年", None),
        ("进水保修吗", None),
        ("How long does delivery take?", None),
        ("I want to return my order", None),
    ],
)
async def test_questions_about_ones_own_purchase_and_others(demo, text, name):
    found = await demo.matching(intent=None, text=text, language="en", inbox_id=fixed_id("inbox"))
    assert (found.name if found else None) == name


@pytest.mark.parametrize("declared", DECLARED, ids=lambda one: one["name"])
def test_what_is_declared_would_be_taken_from_an_admin(declared):
    check(LookUpIn.model_validate(declared), InternalHosts.parse("demo-shop:80"))
    assert declared["secret"] == KEY
    assert declared["secret_header"] == HEADER


async def test_they_are_seeded_once_and_what_admins_do_with_them_stays(demo, world):
    assert await world.count(LookUp) == 2
    async with world.db.write() as session:
        for row in await session.scalars(LookUp.__table__.select().with_only_columns(LookUp.id)):
            await session.delete(await session.get_one(LookUp, row))
    await demo_company._look_ups(world.db)
    assert await world.count(LookUp) == 0
    assert await world.count(Inbox) == 1
