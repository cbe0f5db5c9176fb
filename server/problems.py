"""Errors as answers: problem details (RFC 9457) for programs, a page that says what to do for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ivigraph.errors import (
    IvigraphError,
    PreconditionError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    StoreBusyError,
    StoreError,
    StoreLockedError,
    UnsupportedError,
)
from ivigraph.server.negotiation import HTML, choose
from ivigraph.server.pages import Pages
from ivigraph.server.security import HEADERS

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"

# The first that fits counts. A StoreError that is no QueryError is the store's fault, not the client's.
_STATUS: tuple[tuple[type[IvigraphError], int], ...] = (
    (QuerySyntaxError, 400),
    (QueryRefusedError, 403),
    (PreconditionError, 412),
    (StoreBusyError, 503),
    (StoreLockedError, 503),
    (UnsupportedError, 501),
    (QueryTimeoutError, 504),
    (QueryError, 400),
    (StoreError, 503),
    (IvigraphError, 500),
)
_RETRY_SECONDS = "5"


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer other than the one that was asked for. `more` adds members to the problem details."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def install(app: FastAPI, pages: Pages) -> None:
    """Make every error of the application a problem."""

    def answer(request: Request, problem: Problem) -> Response:
        return response(request, problem, pages)

    @app.exception_handler(Problem)
    def of_our_own(request: Request, problem: Problem) -> Response:
        return answer(request, problem)

    @app.exception_handler(IvigraphError)
    def of_the_rooms(request: Request, error: IvigraphError) -> Response:
        return answer(request, of(error))

    @app.exception_handler(HTTPException)
    def of_the_framework(request: Request, error: HTTPException) -> Response:
        remedy = "start from the home page, or search" if error.status_code == HTTPStatus.NOT_FOUND else ""
        return answer(request, Problem(error.status_code, _detail(error), remedy=remedy, headers=error.headers))

    @app.exception_handler(RequestValidationError)
    def of_parameters(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        name = str(first["loc"][-1])
        return answer(request, Problem(400, f"parameter {name!r}: {first['msg']}", remedy="correct it in the address"))

    @app.exception_handler(Exception)
    def of_a_bug(request: Request, error: Exception) -> Response:
        # The server logs the traceback; nothing of it is told to the client.
        # This handler stands outside of the middleware, so it adds the headers itself.
        problem = Problem(
            500, "an unexpected error occurred", remedy="please report it with the address", headers=HEADERS
        )
        return answer(request, problem)


def of(error: IvigraphError) -> Problem:
    """What a client is told of an error: nothing of this machine, which only the log names."""
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    if isinstance(error, StoreBusyError | StoreLockedError):
        detail = "another process is writing" if isinstance(error, StoreLockedError) else error.message
        return Problem(status, detail, remedy="try again in a few seconds", headers={"Retry-After": _RETRY_SECONDS})
    if status in (500, 503):
        log.error("%s", error)
        headers = {"Retry-After": _RETRY_SECONDS} if status == 503 else {}
        detail = "the graph cannot be read at the moment" if status == 503 else "an unexpected error occurred"
        return Problem(status, detail, remedy="try again in a few seconds", headers=headers)
    more: dict[str, Any] = {}
    if isinstance(error, QuerySyntaxError) and error.line is not None:
        more = {"line": error.line, "column": error.column}
    detail = f"{error.where}: {error.message}" if error.where else error.message
    return Problem(status, detail, remedy=error.remedy, more=more)


def response(request: Request, problem: Problem, pages: Pages) -> Response:
    title = HTTPStatus(problem.status).phrase
    headers = {**problem.headers, "Vary": "Accept", "Cache-Control": "no-store"}
    if choose(request.headers.get("accept"), (PROBLEM, "application/json", HTML)) == HTML:
        return pages.render(
            "error.html", status=problem.status, headers=headers,
            title=title, detail=problem.detail, remedy=problem.remedy, more=problem.more,
        )  # fmt: skip
    body = {
        "type": "about:blank",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        **({"remedy": problem.remedy} if problem.remedy else {}),
        **{name: value for name, value in problem.more.items() if name != "suggestions"},
    }
    return JSONResponse(body, status_code=problem.status, headers=headers, media_type=PROBLEM)


def _detail(error: HTTPException) -> str:
    return "there is no such page" if error.status_code == HTTPStatus.NOT_FOUND else str(error.detail)
