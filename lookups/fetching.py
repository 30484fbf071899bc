"""One request to a company's service: a GET that ends in time, stays small and follows nothing.

httpcore, the engine of httpx, is used directly: it takes host and path as separate values, knows no proxies
from the environment, no redirects, no cookies and no decompression, which all would have to be forbidden.
Each look-up gets a connection of its own; what one service does to its connection harms no other look-up.
"""

import asyncio
import json
import ssl
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, NoReturn

import httpcore
import httpx

from lookups.guard import Guard, GuardedNetwork
from lookups.views import LookUpFailed

MAX_BYTES = 64 * 1024
AGENT = "Deskhand look-up"

Headers = list[tuple[str, str]]
Origin = tuple[str, str, int]
"""Scheme, host, port."""


class Fetcher:
    """Asks services through the guard."""

    def __init__(self, guard: Guard, *, certificates: ssl.SSLContext | None = None) -> None:
        self._network = GuardedNetwork(guard)
        self._certificates = certificates

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        # Made with the first look-up: reading the certificates takes a moment that no start should pay.
        return self._certificates or httpx.create_ssl_context()

    async def get(self, origin: Origin, target: str, headers: Headers, *, within_s: float) -> Any:
        """What the service says, read as JSON; None where it says that there is no such thing (404).

        `within_s` is for everything: name, connection, and the last byte of the answer. Raises LookUpFailed.
        """
        try:
            async with asyncio.timeout(within_s):
                return await self._exchange(origin, target, headers)
        except (TimeoutError, httpcore.TimeoutException):
            raise LookUpFailed("timeout", f"{origin[1]} did not answer within {within_s:g} s.") from None
        except httpcore.ConnectError as error:
            raise _not_connected(origin, error) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise LookUpFailed("broken", f"{origin[1]} broke off in the middle of its answer.") from None

    async def _exchange(self, origin: Origin, target: str, headers: Headers) -> Any:
        scheme, host, port = origin
        url = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
        own = [("Host", _host_header(url)), ("Accept", "application/json"), ("User-Agent", AGENT)]
        own += [("Accept-Encoding", "identity"), ("Connection", "close"), *headers]
        context = self._trusted if scheme == "https" else None
        connection = httpcore.AsyncHTTPConnection(url.origin, context, network_backend=self._network)
        async with connection, connection.stream("GET", url, headers=own) as response:
            return await _read(host, response)


def _host_header(url: httpcore.URL) -> str:
    host = url.host.decode()
    shown = f"[{host}]" if ":" in host else host
    return shown if (url.scheme, url.port) in ((b"http", 80), (b"https", 443)) else f"{shown}:{url.port}"


def _not_connected(origin: Origin, error: BaseException) -> LookUpFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return LookUpFailed("tls", f"The certificate of {origin[1]} is not valid for that name.")
        cause = cause.__cause__ or cause.__context__
    return LookUpFailed("unreachable", f"Nothing answers at {origin[1]}:{origin[2]}.")


async def _read(host: str, response: httpcore.Response) -> Any:
    status = response.status
    if status in (204, 404):
        return None
    if 300 <= status < 400:
        raise LookUpFailed("redirect", f"{host} sends elsewhere (status {status}), which is not followed.")
    if status != 200:
        raise LookUpFailed("status", f"{host} answered with status {status}.")
    kind, encoding = _header(response, b"content-type"), _header(response, b"content-encoding")
    if not _is_json(kind) or encoding not in ("", "identity"):
        raise LookUpFailed("not_json", f"{host} did not answer with JSON.")
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise LookUpFailed("too_large", f"{host} answered with more than {MAX_BYTES // 1024} KB.")
    return parse(bytes(body), host)


def parse(body: bytes, host: str) -> Any:
    """JSON with exact decimals. Raises LookUpFailed for anything else, endlessly nested lists included."""
    if not body.strip():
        return None
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        raise LookUpFailed("not_json", f"{host} did not answer with readable JSON.") from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _header(response: httpcore.Response, name: bytes) -> str:
    found: Sequence[bytes] = [value for key, value in response.headers if key.lower() == name]
    return b",".join(found).decode("latin-1").strip().lower()


def _is_json(kind: str) -> bool:
    essence = kind.split(";")[0].strip()
    return essence in ("application/json", "text/json") or essence.endswith("+json")
