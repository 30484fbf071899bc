"""What every request passes: an id for the logs, a bound on its size, and the security headers."""

import re
import secrets
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.files import MAX_BYTES
from server.errors import BadRequest, Problem, TooLarge, problem_response
from server.log import bind_contextvars, clear_contextvars

log = structlog.get_logger(__name__)

MAX_JSON = 256 * 1024
MAX_UPLOAD = MAX_BYTES + 64 * 1024
"""A file and the wrapping of its form."""

_CONVERSATION = re.compile(r"/conversations/([0-9a-f-]{36})")

_PROBES = frozenset({"/healthz", "/readyz"})
"""Asked every second by supervisors and proxies; a line for each would drown the others."""

_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class _Refused(BaseException):
    """Not an Exception: FastAPI answers 400 to whatever Exception meets it while it reads a body."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class RequestFrame:
    """The outermost layer. Raw ASGI: it costs no task per request, and sockets pass it untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        clear_contextvars()
        request_id = secrets.token_hex(8)
        path = scope["path"]
        bind_contextvars(request_id=request_id)
        if found := _CONVERSATION.search(path):
            bind_contextvars(conversation_id=found.group(1))
        began, status = time.perf_counter(), 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                extra = {**_SECURITY, "X-Request-Id": request_id}
                message["headers"] = list(message["headers"]) + [
                    (name.encode(), value.encode())
                    for name, value in extra.items()
                    if name.lower().encode() not in present
                ]
            await send(message)

        try:
            if "\x00" in path or b"%00" in scope["query_string"]:
                raise _Refused(BadRequest("An address cannot hold this character."))
            await self._app(scope, _bounded(scope, receive), send_framed)
        except _Refused as refused:
            await problem_response(refused.problem)(scope, receive, send_framed)
        finally:
            took = round((time.perf_counter() - began) * 1000, 1)
            if path not in _PROBES:
                log.info("request", method=scope["method"], path=path, status=status, ms=took)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """A `receive` that refuses a body above the limit, whatever its Content-Length claims."""
    limit = MAX_UPLOAD if scope["path"].endswith("/files") else MAX_JSON
    claimed = dict(scope["headers"]).get(b"content-length", b"0")
    if not claimed.isdigit():
        raise _Refused(BadRequest("The request's length is not a number."))
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        if int(claimed) > limit:
            raise _Refused(_too_large(limit))
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _Refused(_too_large(limit))
        return message

    return bounded


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"At most {limit // 1024} KB can be sent at once.")
