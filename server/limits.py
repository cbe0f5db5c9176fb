"""What keeps one client from taking the server for itself, and other sites' pages from speaking to it."""

from __future__ import annotations

import math
import time
from collections import OrderedDict

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ivigraph.server.pages import Pages
from ivigraph.server.problems import Problem, response

_MOST_CLIENTS = 10_000  # whose buckets are remembered


class RateLimit:
    """A bucket of tokens for each client address: `rate` come in a second, up to `burst` wait; 429 without one."""

    def __init__(self, app: ASGIApp, rate: float, pages: Pages) -> None:
        self.app = app
        self._rate = rate
        self._burst = max(1.0, 2 * rate)
        self._pages = pages
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and when it was counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/health", "/static/")):
            await self.app(scope, receive, send)
            return
        wait = self._take((scope.get("client") or ("",))[0], time.monotonic())
        if wait == 0:
            await self.app(scope, receive, send)
            return
        problem = Problem(
            429,
            f"more than {self._rate:g} requests a second",
            remedy="send fewer at a time",
            headers={"Retry-After": str(math.ceil(wait))},
        )
        await response(Request(scope), problem, self._pages)(scope, receive, send)

    def _take(self, client: str, now: float) -> float:
        """0 when the request may pass, else the seconds until one may."""
        left, at = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._buckets[client] = (left - 1 if wait == 0 else left, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait


class HostCheck:
    """Answers only to its own names: a name that another site lets point to this machine is refused (DNS rebinding)."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], pages: Pages) -> None:
        self.app = app
        self._hosts = hosts
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            host = request.headers.get("host", "")
            name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
            if name.lower().rstrip(".") not in self._hosts:
                problem = Problem(
                    421,
                    "this server does not go by that name",
                    remedy="use the address it told at its start, or name it in the setting allowed_hosts",
                )
                await response(request, problem, self._pages)(scope, receive, send)
                return
        await self.app(scope, receive, send)
