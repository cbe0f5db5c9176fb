"""Every request is a caller of the store: its queries end when the client leaves, and wait in turn with others'."""

from __future__ import annotations

import asyncio

import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivigraph.store.callers import CALLER, Caller

_LIGHT_SECONDS = 0.02


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
        watch = _Watch(receive, Caller(scope["client"][0] if scope.get("client") else ""), self._threads)
        named = CALLER.set(watch.caller)
        begin = asyncio.get_running_loop().call_later(_LIGHT_SECONDS, watch.begin)
        try:
            await self.app(scope, watch.receive, send)
        finally:
            begin.cancel()
            CALLER.reset(named)
            watch.end()


class _Watch:
    """Waits for a client to leave, from `begin` or the first `receive` on: for a light query that is not worth it."""

    def __init__(self, receive: Receive, caller: Caller, threads: int) -> None:
        self.caller = caller
        self._receive = receive
        self._threads = threads
        self._messages: asyncio.Queue[Message] | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> asyncio.Queue[Message]:
        if self._messages is None:
            limiter = anyio.to_thread.current_default_thread_limiter()
            limiter.total_tokens = max(limiter.total_tokens, self._threads)
            # The body is read ahead by one message at most; whoever waits for the next sees the client leave.
            self._messages = asyncio.Queue(maxsize=1)
            self._task = asyncio.create_task(self._watch(self._messages))
        return self._messages

    async def receive(self) -> Message:
        return await self.begin().get()

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _watch(self, messages: asyncio.Queue[Message]) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.caller.leave()
                while True:  # as often as it is asked for
                    await messages.put(message)
            await messages.put(message)
