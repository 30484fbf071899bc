"""A real HTTP service on this machine that behaves well or badly, as its path says."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

from lookups.guard import Guard, InternalHosts

ORDER = {
    "status": "shipped",
    "shipment": {"carrier": "Wagtail", "expected_on": "2026-03-12"},
}

Behaviour = Callable[["CompanyService", asyncio.StreamWriter], Awaitable[None]]


class CompanyService:
    """Speaks HTTP/1.1 by hand, so that it can break its rules. `asked` holds what came in."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.body: Any = ORDER
        self.at_once = self.most_at_once = 0
        self.go_on = asyncio.Event()
        self._tls = tls
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *failure: object) -> None:
        self.go_on.set()
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def guard(self, name: str = "shop.internal", port: int = 80) -> Guard:
        """An operator allows the service under this name."""
        return Guard(InternalHosts.parse(f"{name}:{port}=127.0.0.1:{self.port}"))

    def url(self, path: str) -> str:
        return f"http://shop.internal{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(line.split(": ", 1) for line in head[1:] if line)
                target = head[0].split(" ")[1]
                self.asked.append((target, {name.lower(): value for name, value in headers.items()}))
                behaviour = BEHAVIOURS.get(target.split("?")[0].split("/")[1], good)
                await behaviour(self, writer)
        finally:
            self.at_once -= 1
            self._open.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


def _head(status: str, kind: str = "application/json", **headers: Any) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _whole(writer: asyncio.StreamWriter, head: bytes, body: bytes = b"") -> None:
    writer.write(head + body)
    await writer.drain()


async def good(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    body = service.body if isinstance(service.body, bytes) else json.dumps(service.body).encode()
    await _whole(writer, _head("200 OK", Content_Length=len(body)), body)


async def slow(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    """Takes the question and says nothing."""
    await service.go_on.wait()
    await good(service, writer)


async def drip(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    """A byte at a time, each in good time for itself."""
    await _whole(writer, _head("200 OK", Content_Length=5000))
    for _ in range(5000):
        await _whole(writer, b" ")
        await asyncio.sleep(0.02)


async def drip_headers(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(5000):
        await _whole(writer, f"X-{number}: 1\r\n".encode())
        await asyncio.sleep(0.02)


async def endless(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    """A body without an announced end."""
    await _whole(writer, _head("200 OK", Transfer_Encoding="chunked"))
    chunk = b"a" * 8192
    for _ in range(10_000):
        await _whole(writer, f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")


async def big_headers(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        await _whole(writer, f"X-{number}: {'a' * 1000}\r\n".encode())


async def redirect(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(
        writer, _head("302 Found", Location=f"http://127.0.0.1:{service.port}/good", Content_Length=0)
    )


async def page(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(writer, _head("200 OK", "text/html", Content_Length=13), b"<h1>Hello</h1>"[:13])


async def page_as_json(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(writer, _head("200 OK", Content_Length=6), b"<html>")


async def packed(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(writer, _head("200 OK", Content_Encoding="gzip", Content_Length=4), b"\x1f\x8b\x08\x00")


async def cut_off(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(writer, _head("200 OK", Content_Length=500), b'{"status":')


async def no_http(service: CompanyService, writer: asyncio.StreamWriter) -> None:
    await _whole(writer, b"SSH-2.0-OpenSSH_9.6\r\n")


def answering(status: str, body: bytes = b'{"status": "shipped"}') -> Behaviour:
    async def behaviour(service: CompanyService, writer: asyncio.StreamWriter) -> None:
        await _whole(writer, _head(status, Content_Length=len(body)), body)

    return behaviour


BEHAVIOURS: dict[str, Behaviour] = {
    "good": good,
    "slow": slow,
    "drip": drip,
    "drip-headers": drip_headers,
    "endless": endless,
    "big-headers": big_headers,
    "redirect": redirect,
    "page": page,
    "page-as-json": page_as_json,
    "packed": packed,
    "cut-off": cut_off,
    "no-http": no_http,
    "none": answering("404 Not Found"),
    "nothing": answering("204 No Content", b""),
    "broken": answering("500 Internal Server Error"),
    "forbidden": answering("401 Unauthorized"),
    "empty": answering("200 OK", b""),
    "null": answering("200 OK", b" null "),
    "list": answering("200 OK", b"[]"),
    "deep": answering("200 OK", b"[" * 60_000),
    "number": answering("200 OK", b"1" * 60_000),
    "infinity": answering("200 OK", b'{"status": Infinity}'),
    "latin": answering("200 OK", b'{"status": "\xe9"}'),
}
