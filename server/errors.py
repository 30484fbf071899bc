"""Errors that know their status and their words, answered as problem+json (RFC 9457).

Problem
├── BadRequest    400
├── Unauthorized  401   who are you?
├── Forbidden     403   you may not
├── NotFound      404   not there, or not yours: the same words
├── Conflict      409   somebody was faster, or the state does not allow it
├── TooLarge      413
├── Malformed     422
├── TooMany       429
└── Unavailable   503
"""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)


class Problem(Exception):
    """Base of all answers that are not the wanted one."""

    status = 500
    type = "internal-error"
    title = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        type: str | None = None,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.type = type or self.type
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        base = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        return {**base, **self.extra}


class BadRequest(Problem):
    status, type, title = 400, "bad-request", "The request could not be understood"


class Unauthorized(Problem):
    status, type, title = 401, "unauthorized", "Please sign in"


class Forbidden(Problem):
    status, type, title = 403, "forbidden", "You may not do this"


class NotFound(Problem):
    status, type, title = 404, "not-found", "There is nothing here"


class Conflict(Problem):
    status, type, title = 409, "conflict", "This is no longer possible"


class TooLarge(Problem):
    status, type, title = 413, "too-large", "This is too large"


class Malformed(Problem):
    status, type, title = 422, "malformed", "The input does not fit"


class TooMany(Problem):
    status, type, title = 429, "too-many-requests", "Too many requests"


class Unavailable(Problem):
    status, type, title = 503, "unavailable", "Not available right now"


def problem_response(problem: Problem) -> JSONResponse:
    return JSONResponse(
        problem.body(), problem.status, problem.headers, media_type="application/problem+json"
    )


def _sentence(error: RequestValidationError) -> str:
    """The first few faults, each with its place; never the value, which may be a customer's words."""
    faults = []
    for fault in error.errors()[:3]:
        place = ".".join(str(part) for part in fault["loc"] if part not in ("body", "query", "path"))
        faults.append(f"{place}: {fault['msg']}" if place else str(fault["msg"]))
    return "; ".join(faults) or Malformed.title


_BY_STATUS: dict[int, type[Problem]] = {
    kind.status: kind
    for kind in (BadRequest, Unauthorized, Forbidden, NotFound, Conflict, TooLarge, Malformed, TooMany)
}


def install_error_handlers(app: FastAPI) -> None:
    """Every error leaves the app as problem+json, and none with a stack trace."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)  # noqa: S101 - Starlette's signature is wider than the fact
        return problem_response(error)

    @app.exception_handler(RequestValidationError)
    async def _malformed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return problem_response(Malformed(_sentence(error)))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        if error.status_code in _BY_STATUS:
            kind = _BY_STATUS[error.status_code]
            detail = "" if error.status_code == 404 else str(error.detail)
            return problem_response(kind(detail, headers=dict(error.headers or {})))
        problem = Problem(str(error.detail), type="http", headers=dict(error.headers or {}))
        problem.status = error.status_code
        problem.title = str(error.detail)
        return problem_response(problem)

    @app.exception_handler(DataError)
    @app.exception_handler(UnicodeEncodeError)
    async def _not_storable(request: Request, error: Exception) -> JSONResponse:
        """Signs that no database can hold, in a place where nobody looked for them."""
        log.warning("not_storable", path=request.url.path, error=type(error).__name__)
        return problem_response(Malformed("The input holds a sign or a number that cannot be stored."))

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, error=type(error).__name__, exc_info=error)
        return problem_response(Problem("The fault has been logged. Please try again."))
