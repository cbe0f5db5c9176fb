"""Who may do what: a Bearer token in the Authorization header, and nowhere else (RFC 6750).

No cookie is ever looked at, so that another site's page cannot make a browser write.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from ivigraph.server.pages import Pages
from ivigraph.server.problems import Problem, response
from ivigraph.server.tokens import Scope, Tokens

_OPEN = ("/health", "/static/")  # what a supervisor asks, and what every page needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Without tokens nobody can write. `open_reading`: reading needs no token."""

    tokens: Tokens | None = None
    open_reading: bool = True

    def scope(self, request: Request) -> Scope | None:
        """What this request may do; None: nothing. Raises Problem (401) for a token that is no longer good."""
        header = request.headers.get("authorization", "")
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            return Scope.READ if self.open_reading else None
        found = self.tokens.scope(token.strip()) if self.tokens is not None else None
        if found is None:
            raise _unauthorised("the token is unknown, revoked or expired", ' error="invalid_token"')
        return found

    def require(self, request: Request, needed: Scope) -> Scope:
        """Raises Problem: 401 without a token, 403 with one that does not allow it."""
        found = self.scope(request)
        if found is not None and found >= needed:
            return found
        if "authorization" not in request.headers:
            raise _unauthorised(f"this needs a token of scope {needed}")
        raise Problem(
            403,
            f"the token does not allow this: it needs scope {needed}",
            remedy=f"ivigraph token create --scope {needed}",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
        )


def _unauthorised(detail: str, more: str = "") -> Problem:
    return Problem(
        401,
        detail,
        remedy="send it as Authorization: Bearer TOKEN; `ivigraph token create` makes one",
        headers={"WWW-Authenticate": f'Bearer realm="ivigraph"{"," if more else ""}{more}'},
    )


class Gate:
    """Lets nobody read without a token, where reading is not open; refuses bad tokens everywhere."""

    def __init__(self, app: ASGIApp, access: Access, pages: Pages) -> None:
        self.app = app
        self._access = access
        self._pages = pages

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "OPTIONS" or scope["path"].startswith(_OPEN):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        try:
            self._access.require(request, Scope.READ)
        except Problem as problem:
            await response(request, problem, self._pages)(scope, receive, send)
            return
        await self.app(scope, receive, send)
