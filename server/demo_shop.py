"""The demo shop's own service: orders and warranties, as a company's shop system would answer for them.

`python -m server.demo_shop --port 8002`. Python's own HTTP server: it answers 0.1 s after its start, where
a framework would first be imported for a second, and a demo has one visitor. It listens on the loopback
address only and knows only invented customers. Days are counted from today: a parcel is always on its way.
"""

import argparse
import hmac
import json
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "demo-shop-key"
"""Shown in the header `X-Shop-Key`; no secret worth keeping, for nothing here is real."""

HEADER = "X-Shop-Key"
HOST = "127.0.0.1"
WARRANTY_DAYS = 2 * 365


@dataclass(frozen=True, slots=True)
class Order:
    """Days are relative to today: negative ones are past."""

    email: str
    product: str
    status: str
    placed: int
    carrier: str = ""
    tracking: str = ""
    expected: int | None = None
    delivered: int | None = None
    refund: str = ""
    refunded: int | None = None


ORDERS: Mapping[str, Order] = {
    "HH-204817": Order("ann@example.com", "Ember Kettle", "shipped", -4, "Wagtail", "WT55190382", expected=2),
    "HH-204818": Order("ann@example.com", "Halo Desk", "packing", -1, expected=5),
    "HH-204819": Order("ann@example.com", "Wren Buds", "delivered", -12, delivered=-8),
    "HH-204820": Order("ann@example.com", "Moth R2", "returned", -30, refund="329.00", refunded=-3),
    "HH-204821": Order("li@example.com", "Folio 7", "shipped", -6, "Crane Express", "CE20817745", expected=4),
    "HH-204822": Order("li@example.com", "Marrow Espresso", "delivered", -40, delivered=-31),
    "HH-204823": Order("chris@example.com", "Hollow Fry 5", "delayed", -9, expected=3),
    "HH-203115": Order("chris@example.com", "Ember Kettle", "delivered", -900, delivered=-896),
}

Answer = dict[str, Any]


def order(number: str, email: str, today: date) -> Answer | None:
    """None alike for an order that does not exist and for somebody else's."""
    found = ORDERS.get(number.strip().upper())
    if found is None or not hmac.compare_digest(found.email, email.strip().lower()):
        return None

    def on(days: int | None) -> str | None:
        return None if days is None else (today + timedelta(days=days)).isoformat()

    return {
        "number": number.strip().upper(),
        "status": found.status,
        "items": [{"name": found.product, "quantity": 1}],
        "placed_on": on(found.placed),
        "expected_on": on(found.expected),
        "delivered_on": on(found.delivered),
        "shipment": {"carrier": found.carrier, "tracking": found.tracking} if found.carrier else None,
        "refund": {"amount": found.refund, "currency": "EUR"} if found.refund else None,
        "refunded_on": on(found.refunded),
    }


def warranty(number: str, today: date) -> Answer | None:
    """Without a name or an address: whoever knows the number may know this."""
    found = ORDERS.get(number.strip().upper())
    if found is None:
        return None
    ends = today + timedelta(days=found.placed + WARRANTY_DAYS)
    covered = ends >= today
    day = {"covered_until": ends.isoformat()} if covered else {"ended_on": ends.isoformat()}
    return {"order_number": number.strip().upper(), "product": found.product, "covered": covered, **day}


class Shop(BaseHTTPRequestHandler):
    """GET /orders/{number}?email=… and GET /warranty/{order_number}, each with the shop's key."""

    timeout = 5
    server_version, sys_version = "HearthHollow/1", ""
    today: Callable[[], date] = staticmethod(date.today)

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/healthz":
            self._answer(200, {"status": "ok"})
        elif not hmac.compare_digest(self.headers.get(HEADER, "").encode(), KEY.encode()):
            self._answer(401, {"error": "The key is missing or wrong."})
        elif (found := self._find()) is None:
            self._answer(404, {"error": "There is nothing here."})
        else:
            self._answer(200, found)

    def _find(self) -> Answer | None:
        url = urlsplit(self.path)
        kind, _, number = url.path.lstrip("/").partition("/")
        if kind == "orders":
            email = parse_qs(url.query).get("email", [""])[0]
            return order(unquote(number), email, self.today())
        return warranty(unquote(number), self.today()) if kind == "warranty" else None

    def _answer(self, status: int, content: Answer) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Only what was asked and how it ended: an address in a query is nobody's business here."""
        sys.stderr.write(f"{self.command} {urlsplit(self.path).path} {args[1] if len(args) > 1 else ''}\n")


def make_server(port: int) -> ThreadingHTTPServer:
    """Listening, on any free port where `port` is 0."""
    server = ThreadingHTTPServer((HOST, port), Shop)
    server.daemon_threads = True
    return server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m server.demo_shop", description=__doc__)
    parser.add_argument("--port", type=int, default=8002)
    server = make_server(parser.parse_args().port)
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stderr.write(f"The demo shop listens on http://{HOST}:{server.server_port}\n")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
    finally:
        server.server_close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
