"""Every request is a caller of the store: its queries end when the client leaves, and wait in turn with others'."""

from __future__ import annotations

import asyncio

import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivigraph.store.callers import CALLER, Caller


class Callers:
    """Names the caller of each request, and notices that it left while an answer is still being made.

    `threads` is how many requests may wait for the store at once; the store itself turns away what is too much.
    """

    def __init__(self, app: ASGIApp, *, threads: int = 256) -> None:
        self.app = app
        self._threads = threads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = max(limiter.total_tokens, self._threads)
        caller = Caller(scope["client"][0] if scope.get("client") else "")
        # The body is read ahead by one message at most; whoever waits for the next sees the client leave.
        messages: asyncio.Queue[Message] = asyncio.Queue(maxsize=1)
        watch = asyncio.create_task(_watch(receive, messages, caller))
        named = CALLER.set(caller)
        try:
            await self.app(scope, messages.get, send)
        finally:
            CALLER.reset(named)
            watch.cancel()


async def _watch(receive: Receive, messages: asyncio.Queue[Message], caller: Caller) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            caller.leave()
            while True:  # as often as it is asked for
                await messages.put(message)
        await messages.put(message)
