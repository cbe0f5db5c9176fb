"""On whose behalf a query runs, so that it ends when they leave and waits in turn with those of others.

The server names the caller of a request in the context of that request; whatever asks the store within it, in whatever
thread, is asked by this caller. Without one a query belongs to the program itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

CALLER: ContextVar[Caller | None] = ContextVar("ivigraph_caller", default=None)


class Caller:
    """One request. `key` is the same for all requests of a client. Safe to use from many threads."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.left = False
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def leave(self) -> None:
        """Nobody waits for an answer any more: queries that run or wait for this caller end."""
        with self._lock:
            self.left = True
            listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()

    @contextmanager
    def when_left(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call `listener` when the caller leaves within the block, or has left."""
        with self._lock:
            gone = self.left
            self._listeners.append(listener)
        try:
            if gone:
                listener()
            yield
        finally:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)
