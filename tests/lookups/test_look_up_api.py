"""Admins declare look-ups: faults are said in their words, nobody overwrites anybody, secrets stay."""

import json

import pytest
from declared import orders
from sqlalchemy import select

from accounts.models import Audit
from lookups.models import LookUp

PATH = "/api/look-ups"


async def created(ada, **more):
    answer = await ada.post(PATH, **orders(**more))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(ada, **more):
    """The faults by field."""
    answer = await ada.post(PATH, **orders(**more))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == "look-up-faults"
    return {fault["field"]: fault["message"] for fault in body["faults"]}


async def test_a_look_up_is_declared_read_changed_and_removed(ada):
    made = await created(ada)
    assert (await ada.get(PATH)).json() == {"items": [made], "next": None}
    assert (await ada.get(f"{PATH}/{made['id']}")).json() == made
    changed = await ada.http.patch(f"{PATH}/{made['id']}", json={"version": 1, "timeout_s": 2})
    assert changed.json() == made | {"timeout_s": 2, "version": 2, "updated_at": changed.json()["updated_at"]}
    gone = await ada.http.delete(f"{PATH}/{made['id']}", params={"version": 2})
    assert gone.status_code == 204
    assert (await ada.get(f"{PATH}/{made['id']}")).status_code == 404


async def test_only_admins_change_and_only_they_and_supervisors_read(site, ada):
    made = await created(ada)
    one = f"{PATH}/{made['id']}"
    before = await site.rows()
    for name, reads in (("bob", 403), ("sam", 200), ("nobody", 401), ("alice", 401)):
        who = site[name]
        assert [(await who.get(PATH)).status_code, (await who.get(one)).status_code] == [reads, reads]
        tries = [
            await who.post(PATH, **orders(name="other")),
            await who.http.patch(one, json={"version": 1, "enabled": False}),
            await who.http.delete(one, params={"version": 1}),
            await who.post(f"{one}/trial", inputs={"order_number": "HH-1"}),
        ]
        assert {answer.status_code for answer in tries} <= {401, 403}
    assert await site.rows() == before


async def test_two_admins_do_not_overwrite_each_other(ada):
    one = f"{PATH}/{(await created(ada))['id']}"
    assert (await ada.http.patch(one, json={"version": 1, "enabled": False})).status_code == 200
    for late in (
        await ada.http.patch(one, json={"version": 1, "timeout_s": 1}),
        await ada.http.delete(one, params={"version": 1}),
    ):
        assert (late.status_code, late.json()["type"]) == (409, "stale")
        assert "Somebody has changed this look-up" in late.json()["detail"]
    assert (await ada.get(one)).json()["timeout_s"] == 3


async def test_a_name_is_taken_once_for_the_company_and_once_per_inbox(ada):
    await created(ada)
    for inbox, expected in ((None, 409), ("default", 201), ("default", 409)):
        answer = await ada.post(PATH, **orders(inbox=inbox))
        assert answer.status_code == expected
        if expected == 409:
            assert (answer.json()["type"], answer.json()["detail"]) == (
                "name-taken",
                "There is a look-up named orders already.",
            )
    assert "inbox" in await refused(ada, name="other", inbox="nowhere")


async def test_a_secret_goes_in_and_never_comes_out(ada, world):
    secret = "s3cret-of-the-shop"
    made = await created(ada, secret=secret, secret_header="X-Shop-Key")
    one = f"{PATH}/{made['id']}"
    assert made["has_secret"] is True
    changed = await ada.http.patch(one, json={"version": 1, "timeout_s": 1})
    assert changed.json()["has_secret"] is True
    answers = [json.dumps(made), (await ada.get(PATH)).text, (await ada.get(one)).text, changed.text]
    wrong = await ada.http.patch(one, json={"version": 2, "secret": f"{secret}é"})
    assert wrong.status_code == 422
    answers.append(wrong.text)
    async with world.db.read() as session:
        assert (await session.get_one(LookUp, made["id"])).secret == secret
        audit = [str(line.detail) for line in await session.scalars(select(Audit))]
    assert not [text for text in (*answers, *audit) if secret in text]
    taken = await ada.http.patch(one, json={"version": 2, "secret": None})
    assert taken.json()["has_secret"] is False


async def test_a_secret_is_not_sent_to_another_host_by_somebody_who_may_not_read_it(ada):
    made = await created(ada, secret="s3cret")
    one = f"{PATH}/{made['id']}"
    moved = "https://elsewhere.example/orders/{order_number}"
    answer = await ada.http.patch(one, json={"version": 1, "url_template": moved})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "secret"
    same_host = "https://shop.example/v2/{order_number}"
    assert (await ada.http.patch(one, json={"version": 1, "url_template": same_host})).status_code == 200
    given = {"version": 2, "url_template": moved, "secret": "another"}
    assert (await ada.http.patch(one, json=given)).status_code == 200


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"inputs": []}, "inputs", "places that are no inputs: {order_number}"),
        ({"inputs": ["order_number", "phone"]}, "inputs", "without a place in the address: phone"),
        ({"inputs": ["order_number", "order_number"]}, "inputs", "Each input is named once"),
        ({"url_template": "http://shop.example/{order_number}"}, "url_template", "begin with https://"),
        ({"url_template": "https://{order_number}.example/"}, "url_template", "The host is fixed"),
        ({"url_template": "{order_number}://shop.example/"}, "url_template", "must look like https://"),
        ({"url_template": "https://me:pw@shop.example/{order_number}"}, "url_template", "Use the secret"),
        ({"url_template": "https://shop.example/{order_number"}, "url_template", "a brace too many"),
        ({"url_template": "https://shop.example/{order_number}#x"}, "url_template", "must look like"),
        ({"url_template": "https://shop.example\\@evil/{order_number}"}, "url_template", "Use the secret"),
        ({"url_template": "https://shop.example/a b/{order_number}"}, "url_template", "without spaces"),
        ({"url_template": "https://shop。example/{order_number}"}, "url_template", "xn--"),
        ({"url_template": "https://shop.example/../{order_number}"}, "url_template", "the steps . or .."),
        ({"url_template": "https://shop.example:8443/{order_number}"}, "url_template", "Port 8443"),
        ({"url_template": "https://2130706433/{order_number}"}, "url_template", "a plain one"),
        ({"url_template": "https://0x7f.1/{order_number}"}, "url_template", "a plain one"),
        ({"url_template": "https://0177.0.0.1/{order_number}"}, "url_template", "a plain one"),
        ({"answer": {"en": "It is {state}.", "zh": "好"}}, "answer.en", "{state} is not a field or an input"),
        ({"answer": {"en": "", "zh": "好"}}, "answer.en", "must not be empty"),
        ({"answer": {"en": "It is {status.", "zh": "好"}}, "answer.en", "a brace too many"),
        ({"answer": {"en": "word " * 61, "zh": "好"}}, "answer.en", "60 words at most"),
        ({"answer": {"en": "Yes.", "zh": "好" * 121}}, "answer.zh", "120 characters at most"),
        ({"not_found": {"en": "No {status}.", "zh": "没有"}}, "not_found.en", "{status} is not an input"),
        ({"phrases": {"en": ["it"]}}, "phrases", "too short"),
        ({"intent": None, "phrases": {}}, "phrases", "Nothing leads to this look-up"),
        ({"secret": "line\nbreak"}, "secret", "plain ASCII"),
        ({"secret": "x", "secret_header": "Host"}, "secret_header", "such as Authorization"),
        ({"secret": "x", "secret_header": "X Key"}, "secret_header", "such as Authorization"),
    ],
)
async def test_faults_are_said_in_the_admins_words(ada, more, field, words):
    assert words in (await refused(ada, **more))[field]


async def test_typed_addresses_are_no_proof(ada):
    url = "https://shop.example/{order_number}?email={email}"
    asked = {"url_template": url, "inputs": ["order_number", "email"]}
    assert "at least email" in (await refused(ada, **asked))["identity"]
    assert (await created(ada, **asked, identity="email"))["identity"] == "email"
    subject = {"url_template": "https://shop.example/{customer}", "inputs": ["customer"]}
    texts = {
        "not_found": {"en": "Nothing.", "zh": "没有。"},
        "answer": {"en": "{status}.", "zh": "{status}。"},
    }
    assert "at least verified" in (await refused(ada, **subject, **texts, identity="email"))["identity"]


async def test_faults_of_fields_name_the_field(ada):
    text, code = {"name": "status", "path": "status"}, {"name": "expected", "path": "a..b", "type": "code"}
    faults = await refused(ada, fields=[text, text, code, {"name": "order_number", "path": "n"}])
    assert faults["fields.2.path"] == "The path of expected must look like items.0.status."
    assert faults["fields.2.words"] == "The field expected needs words for its codes."
    assert "order_number is an input already" in faults["fields"]


async def test_what_an_operator_allows_inside_may_be_plain_http(ada):
    for elsewhere in ("orders.internal", "orders.internal:8081", "other.internal:8080"):
        assert "url_template" in await refused(ada, url_template=f"http://{elsewhere}/{{order_number}}")
    url = "http://orders.internal:8080/{order_number}"
    assert (await created(ada, url_template=url))["url_template"] == url


async def test_what_admins_do_is_in_the_audit_log(ada, world):
    made = await created(ada)
    one = f"{PATH}/{made['id']}"
    await ada.http.patch(one, json={"version": 1, "enabled": False, "timeout_s": 3.0})
    await ada.http.delete(one, params={"version": 2})
    async with world.db.read() as session:
        lines = await session.scalars(select(Audit).where(Audit.target_id == made["id"]).order_by(Audit.id))
        told = [(line.action, line.detail) for line in lines]
    assert told == [
        ("look_up.created", {"name": "orders"}),
        ("look_up.changed", {"name": "orders", "changed": ["enabled"]}),
        ("look_up.deleted", {"name": "orders"}),
    ]


@pytest.mark.parametrize("wrong", [{"version": 0}, {"version": 1, "name": None}, {"version": 1, "x": 1}, {}])
async def test_a_patch_that_does_not_fit_changes_nothing(ada, wrong):
    made = await created(ada)
    answer = await ada.http.patch(f"{PATH}/{made['id']}", json=wrong)
    assert answer.status_code == 422
    assert (await ada.get(f"{PATH}/{made['id']}")).json() == made
