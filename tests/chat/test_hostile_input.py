"""Bad input of every kind: a clear 4xx or plain text, never a 500, and nothing half-written."""

import itertools
import json
from typing import Any

import httpx
import pytest
from public_site import Site

from chat.schemas import MAX_TEXT
from server.db import new_id
from server.middleware import MAX_JSON

ID = "a" * 10


async def opened(site: Site, name: str = "alice") -> str:
    return str((await site[name].send("/api/visitor/conversations")).json()["id"])


def refused(answer: httpx.Response, *what: str) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert body["detail"]
    assert "Traceback" not in answer.text
    assert "sqlalchemy" not in answer.text.lower()
    return body


AS_TYPED = {
    "a command of Rasa's": "/restart",
    "a full-width command": "／restart",
    "an intent with entities": '/affirm{"order_number": "HH-000001"}',
    "a session start": "/session_start",
    "emoji": "👩‍👩‍👧‍👦🫠🇳🇱",
    "combining marks": "Z̸̡a̴l̶g̵o̷",
    "right to left": "\u202eabc\u202c مرحبا",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": "{{7*7}} ${7*7} {text} {0} %s %(x)s",
    "SQL": "'; DROP TABLE messages; --",
    "JSON": '{"type": "hello", "role": "admin"}',
    "lines": "one\ntwo\r\nthree\n\n\nfour",
    "the longest": "x" * MAX_TEXT,
    "the longest in Chinese": "水" * MAX_TEXT,
    "outside the first plane": "𠜎𠜱𠝹𠱓",
    "private use and unassigned": "\ue000\U000f0000",
    "one letter": "x",
    "null as a word": "null",
    "a link": "javascript:alert(1) data:text/html;base64,PHNjcmlwdD4=",
}


async def test_strange_texts_are_plain_text(site: Site) -> None:
    for text in AS_TYPED.values():
        talk = await opened(site)
        path = f"/api/visitor/conversations/{talk}/messages"
        answer = await site["alice"].send(path, text=text)
        assert answer.status_code == 201, answer.text
        assert answer.json()["text"] == text
        assert (await site["alice"].get(path)).json()["items"][0]["text"] == text
        await site.world.runs_turn(talk)
        asked = site.world.rasa.asked[-1]
        assert (asked.text, asked.intent) == (text, None), "what is typed is never an intent"
        site.world.bus._counters.clear()  # type: ignore[attr-defined] - limits are another matter


NOT_STORABLE = [
    ("a\x00b", "ab"),
    ("\x00\x01\x1f\x7fhello\x0b", "hello"),
    ("half \ud83d of it", "half \ufffd of it"),
    ("\udc00\ud800", "\ufffd\ufffd"),
    ("  spaces around \n\t", "spaces around"),
    ("\ud83d\ude00", "😀"),
]


async def test_what_no_database_can_hold_is_taken_out(site: Site) -> None:
    talk = await opened(site)
    path, headers = f"/api/visitor/conversations/{talk}/messages", {"content-type": "application/json"}
    for typed, kept in NOT_STORABLE:
        body = json.dumps({"client_id": new_id(), "text": typed})  # escaped, as a browser would send it
        answer = await site["alice"].http.post(path, content=body, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["text"] == kept


def _message(**fields: Any) -> bytes:
    return json.dumps({"client_id": ID, **fields}).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hello",
    "broken JSON": b'{"client_id": "aaaaaaaaaa", "text": "hel',
    "a list": b"[]",
    "a text": b'"hello"',
    "null": b"null",
    "a number": b"1e999",
    "NaN": b'{"client_id": "aaaaaaaaaa", "text": NaN}',
    "deep lists": b"[" * 20_000 + b"]" * 20_000,
    "deep objects": b'{"text":' * 10_000 + b"1" + b"}" * 10_000,
    "deep inside": _message(action={"message_id": "m", "value": {}}).replace(
        b"{}", b'{"a":' * 500 + b"1" + b"}" * 500
    ),
    "a huge number": b'{"client_id": "aaaaaaaaaa", "text": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"client_id": "aaaaaaaaaa", "text": "\xff\xfe"}',
    "UTF-16": '{"client_id": "aaaaaaaaaa", "text": 5}'.encode("utf-16"),
    "duplicate keys": b'{"client_id": "aaaaaaaaaa", "text": "a", "text": 5}',
    "empty text": _message(text=""),
    "only spaces": _message(text=" \n\t\u3000 "),
    "only control signs": _message(text="\x00\x01\x02"),
    "no content": _message(),
    "no client id": json.dumps({"text": "hello"}).encode(),
    "a short client id": json.dumps({"client_id": "a", "text": "hello"}).encode(),
    "a long client id": json.dumps({"client_id": "a" * 81, "text": "hello"}).encode(),
    "a client id with NUL": json.dumps({"client_id": "aaaaaaa\x00a", "text": "hello"}).encode(),
    "a client id with a line": json.dumps({"client_id": "aaaaaaaaa\n", "text": "hello"}).encode(),
    "a client id that is a number": json.dumps({"client_id": 1234567890, "text": "hello"}).encode(),
    "one too long": _message(text="x" * (MAX_TEXT + 1)),
    "100 KB": _message(text="x" * 100_000),
    "100 KB of Chinese": _message(text="水" * 34_000),
    "a number as text": _message(text=5),
    "a list as text": _message(text=["hello"]),
    "true as text": _message(text=True),
    "unknown fields": _message(text="hello", seq=99),
    "somebody else's words": _message(text="hello", author={"type": "agent"}),
    "a foreign conversation": _message(text="hello", conversation_id=new_id()),
    "text and action": _message(text="hello", action={"message_id": new_id(), "value": "affirm"}),
    "an action on nothing": _message(action={"message_id": new_id(), "value": "affirm"}),
    "an action with NUL": _message(action={"message_id": "\x00", "value": "affirm"}),
    "an action with half a sign": _message(action={"message_id": "\ud800", "value": "affirm"}),
    "an action's value with half a sign": _message(action={"message_id": new_id(), "value": "\ud800"}),
    "an action's value with NUL": _message(action={"message_id": new_id(), "value": "\x00"}),
    "a long value": _message(action={"message_id": new_id(), "value": "x" * 100_000}),
    "a form nobody offered": _message(action={"message_id": new_id(), "value": {"email": "a@b.example"}}),
    "a form with half a sign": _message(action={"message_id": new_id(), "value": {"\ud800": "\ud800"}}),
    "a form with a long name": _message(action={"message_id": new_id(), "value": {"x" * 61: "x"}}),
    "a form with a number": _message(action={"message_id": new_id(), "value": {"email": 5}}),
    "an action without value": _message(action={"message_id": new_id()}),
    "a list as value": _message(action={"message_id": new_id(), "value": ["affirm"]}),
    "files that are not there": _message(file_ids=[new_id()]),
    "too many files": _message(file_ids=[new_id()] * 11),
    "files with NUL": _message(file_ids=["\x00"]),
    "files with half a sign": _message(file_ids=["\ud800"]),
    "files that are numbers": _message(file_ids=[1]),
}

VISITOR_ROUTES = (
    ("POST", "/api/visitor/sessions"),
    ("POST", "/api/visitor/conversations"),
    ("POST", "/api/visitor/conversations/{talk}/messages"),
    ("PUT", "/api/visitor/conversations/{talk}/read"),
    ("PUT", "/api/visitor/conversations/{talk}/language"),
    ("POST", "/api/visitor/files"),
)
STAFF_ROUTES = (
    ("POST", "/api/auth/login"),
    ("PUT", "/api/me/presence"),
    ("POST", "/api/conversations/{talk}/messages"),
    ("POST", "/api/conversations/{talk}/notes"),
    ("POST", "/api/conversations/{talk}/assignment"),
    ("POST", "/api/conversations/{talk}/transfer"),
    ("POST", "/api/tickets"),
)
FINE = {("no content", "/api/visitor/conversations")}
"""A conversation needs no more than a client id."""


async def test_bad_bodies_are_refused_everywhere(site: Site) -> None:
    talk = await opened(site)
    before = await site.rows()
    routes = [("alice", *route) for route in VISITOR_ROUTES] + [("bob", *route) for route in STAFF_ROUTES]
    headers = {"content-type": "application/json"}
    for what, (who, method, path) in itertools.product(BODIES, routes):
        site.world.bus._counters.clear()  # type: ignore[attr-defined] - limits are another matter
        address = path.format(talk=talk)
        answer = await site[who].http.request(method, address, content=BODIES[what], headers=headers)
        if (what, path) in FINE:
            assert answer.status_code == 201
        else:
            refused(answer, what, path)
    after = await site.rows()
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"audit", "conversations"}, (
        "nothing but the trace of a refused sign-in, and what is fine"
    )
    assert after["conversations"] == before["conversations"] + len(FINE)
    assert (await site.world.row(talk)).last_event_seq == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "x", ""])
async def test_another_content_type_is_refused(site: Site, kind: str) -> None:
    talk = await opened(site)
    answer = await site["alice"].http.post(
        f"/api/visitor/conversations/{talk}/messages",
        content=_message(text="hello"),
        headers={"content-type": kind},
    )
    refused(answer)
    assert (await site.world.row(talk)).last_event_seq == 0


async def test_a_body_that_is_too_large_is_413(site: Site) -> None:
    talk = await opened(site)
    path = f"/api/visitor/conversations/{talk}/messages"
    huge = _message(text="x" * MAX_JSON)

    async def pieces() -> Any:
        for start in range(0, len(huge), 50_000):
            yield huge[start : start + 50_000]

    headers = {"content-type": "application/json"}
    for content in (huge, pieces()):
        answer = await site["alice"].http.post(path, content=content, headers=headers)
        assert refused(answer)["status"] == 413
    for length in ("x", "-1", "1e3"):
        answer = await site["alice"].http.post(
            path, content=b"{}", headers={**headers, "content-length": length}
        )
        refused(answer)


PATHS = [
    "x",
    "%00",
    "%0a",
    "..",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%ff%fe",
    "%ed%a0%80",
    "%F0%9F%98%80",
    "'%20OR%20'1'='1",
    "null",
    "-1",
    "0",
    "9" * 400,
    "x" * 3000,
    "%7B%7B7*7%7D%7D",
]


async def test_strange_ids_are_not_there(site: Site) -> None:
    before = await site.rows()
    body = {"client_id": ID, "text": "hello"}
    routes: tuple[tuple[str, str, str, Any], ...] = (
        ("alice", "GET", "/api/visitor/conversations/{}", None),
        ("alice", "GET", "/api/visitor/conversations/{}/messages", None),
        ("alice", "POST", "/api/visitor/conversations/{}/messages", body),
        ("alice", "POST", "/api/visitor/conversations/{}/handoff", {}),
        ("alice", "GET", "/api/visitor/tickets/{}", None),
        ("alice", "GET", "/api/files/{}", None),
        ("bob", "GET", "/api/files/{}", None),
        ("bob", "GET", "/api/conversations/{}", None),
        ("bob", "GET", "/api/conversations/{}/messages", None),
        ("bob", "POST", "/api/conversations/{}/messages", body),
        ("bob", "POST", "/api/conversations/{}/assignment", {"owner_epoch": 1}),
        ("bob", "GET", "/api/tickets/{}", None),
        ("sam", "PATCH", "/api/texts/{}", {"text": "x", "version": 1}),
        ("nobody", "GET", "/widget/{}", None),
        ("nobody", "GET", "/help/en/{}", None),
        ("nobody", "GET", "/console/{}", None),
    )
    for unknown, (who, method, path, content) in itertools.product(PATHS, routes):
        answer = await site[who].http.request(method, path.format(unknown), json=content)
        assert answer.status_code < 500, (path, unknown[:30], answer.text)
    assert await site.rows() == before


QUERIES = ["%00", "%ff", "%ed%a0%80", "'", "-1", "1e9", "9" * 30, "x" * 3000, "[]", ""]


async def test_strange_queries_break_nothing(site: Site) -> None:
    talk = await opened(site)
    routes = (
        ("alice", "/api/visitor/conversations", ("limit",)),
        ("alice", f"/api/visitor/conversations/{talk}/messages", ("after", "before", "limit")),
        ("alice", "/api/visitor/tickets", ("after", "limit")),
        ("alice", "/api/visitor/kb/search", ("q", "locale", "limit")),
        ("bob", "/api/conversations", ("owner", "status", "team", "agent", "after", "limit")),
        ("bob", f"/api/conversations/{talk}/messages", ("after", "before", "limit")),
        ("bob", f"/api/conversations/{talk}/events", ("after", "limit")),
        ("bob", "/api/tickets", ("status", "assignee", "q", "after", "limit")),
        ("bob", "/api/texts", ("locale", "after", "limit")),
        ("bob", "/api/users", ("after", "limit")),
        ("bob", "/api/agents", ("after", "limit")),
        ("bob", "/api/kb/articles", ("status", "locale", "q", "after")),
        ("nobody", "/help", ("q",)),
        ("nobody", "/help/search", ("q", "locale")),
    )
    for value, (who, path, names) in itertools.product(QUERIES, routes):
        for name in names:
            answer = await site[who].http.get(f"{path}?{name}={value}")
            assert answer.status_code < 500, (path, name, value[:20], answer.text)


HEADERS = (
    {"authorization": "Bearer " + "x" * 5000},
    {"authorization": "Bearer \xff\xfe"},
    {"cookie": "deskhand=" + "x" * 5000},
    {"cookie": "deskhand=\xff; deskhand=a; =; ;"},
    {"origin": "x" * 5000},
    {"accept-language": "x" * 5000},
    {"x-forwarded-for": "127.0.0.1, ::1, x"},
    {"x-remote-user": "admin"},
)


async def test_strange_headers_break_nothing(site: Site) -> None:
    http = site["nobody"].http
    paths = (("GET", "/api/visitor/conversations"), ("GET", "/api/me"), ("POST", "/api/auth/logout"))
    for header, (method, path) in itertools.product(HEADERS, paths):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in header.items()]
        answer = await http.request(method, path, headers=raw)
        assert 400 <= answer.status_code < 500, (header, answer.text)


HALF = "\ud800"


@pytest.mark.parametrize("sign", [HALF, "\x00", "a\x00b", "x" * 10_000], ids=lambda sign: ascii(sign)[:20])
async def test_signs_that_cannot_be_stored_in_any_field(site: Site, sign: str) -> None:
    await site.world.online("bob", "bea")
    talk = await opened(site)
    await site["alice"].post(f"/api/visitor/conversations/{talk}/handoff")
    await site.world.claims("bob", talk)
    own, client = f"/api/conversations/{talk}", {"client_id": ID}
    for who, method, path, body in (
        ("nobody", "POST", "/api/visitor/sessions", {"inbox": sign}),
        ("nobody", "POST", "/api/visitor/sessions", {"identity_token": sign}),
        ("nobody", "POST", "/api/visitor/sessions", {"locale": sign}),
        ("nobody", "POST", "/api/visitor/sessions", {"page_url": sign}),
        ("alice", "POST", "/api/visitor/conversations", {"client_id": ID, "page_url": sign}),
        ("alice", "POST", f"/api/visitor/conversations/{talk}/handoff", {"topic": sign, "reason": sign}),
        ("alice", "PUT", f"/api/visitor/conversations/{talk}/language", {"language": sign}),
        ("bob", "POST", "/api/auth/login", {"email": sign, "password": sign}),
        ("bob", "PUT", "/api/me/presence", {"status": sign}),
        ("bob", "POST", f"{own}/transfer", {"to": "agent", "id": sign, "reason": sign}),
        ("bob", "POST", "/api/tickets", {**client, "description": "A cracked lid", "subject": sign}),
        ("bob", "POST", "/api/tickets", {**client, "description": "A cracked lid", "email": sign}),
        ("bob", "POST", "/api/tickets", {**client, "description": "A cracked lid", "order_number": sign}),
        ("bob", "POST", "/api/tickets", {**client, "description": "A cracked lid", "customer_id": sign}),
        ("bob", "POST", f"{own}/closure", {"reason": sign, "result": sign, "note": sign}),
    ):
        content = json.dumps(body)
        headers = {"content-type": "application/json", "origin": "http://127.0.0.1:8000"}
        answer = await site[who].http.request(method, path, content=content, headers=headers)
        assert answer.status_code < 500, (path, body, answer.text)


async def test_methods_that_are_not_there(site: Site) -> None:
    talk = await opened(site)
    for method in ("DELETE", "PATCH", "TRACE", "OPTIONS", "FOO"):
        answer = await site["alice"].http.request(method, f"/api/visitor/conversations/{talk}/messages")
        assert answer.status_code == 405
        assert "access-control-allow-origin" not in answer.headers
