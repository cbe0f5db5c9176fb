"""An answer on its way from a reader of the pool."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from ivigraph.errors import QueryCancelledError, QueryError, QueryRefusedError, QueryTimeoutError, StoreError
from ivigraph.store import frames
from ivigraph.store.callers import CALLER, Caller
from ivigraph.store.frames import Kind
from ivigraph.store.pool import Pool, Ticket
from ivigraph.store.readers import OUT_OF_MEMORY, Frame, Limits, Reader
from ivigraph.store.syntax import syntax_error

log = logging.getLogger(__name__)

_BEGUN_BYTES = frames.PIPE_BYTES // 2  # a pipe that is empty takes it at once
_GRACE_SECONDS = 0.1  # for the kernel to end a reader before we do


class Stream:
    """An answer on its way: its head, then its chunks. It owns the reader until the end, an error or `close`.

    Nothing is asked before `start`, which waits, or `begin`, which does not and comes before it.

    For one consumer. Implements `base.Chunks`. When the caller leaves, whatever it waits for ends with an error.
    """

    def __init__(self, pool: Pool, request: Mapping[str, Any], limits: Limits) -> None:
        self._reader: Reader | None = None
        self._ticket: Ticket | None = None  # its place in the queue
        self._own = threading.Lock()  # held while the reader is taken or given up, by whichever thread
        self._caller = CALLER.get() or Caller()
        self._pool = pool
        self.head: Mapping[str, Any] = {}
        self._request = request
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._ready: deque[bytes] = deque()
        self._error: StoreError | None = None
        self._late = False

    def begin(self) -> bool:
        """Give the query to a reader that is idle, never waiting; False where there is none, or it is long.

        It has a place in the queue then, if there is one: raises StoreBusyError where there is none.
        """
        message = self._message()
        if len(message) > _BEGUN_BYTES:
            return False
        found = self._pool.lease_idle(self._caller)
        if not isinstance(found, Reader):
            self._ticket = found
            return False
        self._reader = found
        if not found.ask(message):
            self._give_back(usable=False)
        return self._reader is not None

    def fileno(self) -> int:
        """What becomes readable when the answer begins to arrive, after `begin`."""
        return -1 if self._reader is None else self._reader.fileno()

    def arrives(self, seconds: float) -> bool:
        """Whether that is so within so many seconds."""
        return self._reader is not None and self._reader.pending(seconds)

    def start(self) -> None:
        """Wait for the head and the first bytes. Raises the error where the answer is one."""
        try:
            with self._caller.when_left(self._stop):
                self._take(*self._ask())
                while not self._ready and self._reader is not None:
                    self._take(self._reader, self._received(self._reader))
        except BaseException:
            self._give_back(usable=False)
            raise
        if self._error is not None and not self._ready:
            raise self._error

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        if not self._ready and (reader := self._reader) is not None:
            with self._caller.when_left(self._stop):
                self._take(reader, self._received(reader))
        if self._ready:
            return self._ready.popleft()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopIteration

    def gathered(self, most: int, seconds: float) -> bytes | None:
        until, size = time.monotonic() + seconds, sum(map(len, self._ready))
        with self._caller.when_left(self._stop):
            while size <= most and (reader := self._reader) is not None:
                if not reader.pending(max(until - time.monotonic(), 0.0)):
                    return None
                held = len(self._ready)
                self._take(reader, self._received(reader))
                size += sum(len(self._ready[i]) for i in range(held, len(self._ready)))
        if size > most or self._reader is not None:
            return None
        if self._error is not None:
            error, self._error = self._error, None
            self._ready.clear()
            raise error
        body = b"".join(self._ready)
        self._ready.clear()
        return body

    def close(self) -> None:
        self._ready.clear()
        self._error = None
        self._give_back(usable=False)

    def __del__(self) -> None:
        self._give_back(usable=False)

    def _ask(self) -> tuple[Reader, Frame | None]:
        """Give the query to a reader; with its first frame, or None when it died over it."""
        while True:
            if (reader := self._reader) is None:
                ticket, self._ticket = self._ticket, None
                reader = self._pool.lease(self._deadline, self._caller, ticket)
                with self._own:
                    self._reader = reader
                if self._caller.left:
                    self._stop()
                sent = reader.ask(self._message())
            else:  # by `begin`
                sent = True
            worked = reader.answered
            if sent and (first := self._received(reader)) is not None:
                return reader, first
            # One that has worked may end before it sees this query: killed from outside, or by the deadline of
            # the query before, which it was about to take back.
            early = not self._late and reader.wait() == -signal.SIGALRM and time.monotonic() < self._deadline
            if self._caller.left or not worked or (sent and not early):
                return reader, None
            self._give_back(usable=False)

    def _message(self) -> bytes:
        seconds = max(self._deadline - time.monotonic(), 0.001)
        return frames.message(Kind.QUERY, seconds=seconds, **self._request)

    def _received(self, reader: Reader) -> Frame | None:
        """The next frame. The kernel ends a reader at the deadline of a query that it has read, this any other."""
        while True:
            if not reader.pending(max(self._deadline - time.monotonic(), 0.0) + _GRACE_SECONDS):
                # It may take the kernel long to free what it holds, and nobody needs to wait for that.
                self._late = True
                return None
            frame = reader.receive()
            if frame is None or frame[0] is not Kind.STARTED:
                return frame

    def _take(self, reader: Reader, frame: Frame | None) -> None:
        """Sort in a frame and all that are here already, so that a small answer frees its reader at once."""
        self._sort(reader, frame)
        while self._reader is not None and (reader.pending() or self.head.get("whole")):
            self._sort(reader, reader.receive())

    def _sort(self, reader: Reader, frame: Frame | None) -> None:
        if frame is None:
            self._error = self._cause_of_death(reader)
            self._give_back(usable=False)
            return
        kind, payload = frame
        if kind is Kind.DATA:
            self._ready.append(payload)
            return
        values = json.loads(payload)
        if kind is Kind.HEAD:
            self.head = values
            return
        if kind is Kind.ERROR:
            self._error = self._reported(values)
        taken = self.head.get("whole", True) or reader.send(frames.frame(Kind.TAKEN))
        self._give_back(usable=taken and not values["last"])

    def _give_back(self, *, usable: bool) -> None:
        with self._own:
            reader, self._reader = self._reader, None
            ticket, self._ticket = self._ticket, None
        if ticket is not None:
            self._pool.leave(ticket)
        if reader is not None:
            self._pool.release(reader, usable=usable)

    def _stop(self) -> None:
        """End the query, from another thread than the one that waits for it."""
        with self._own:
            if self._reader is not None:
                self._reader.kill()

    def _reported(self, error: Mapping[str, Any]) -> StoreError:
        text = error["message"]
        if error["cause"] == "syntax":
            return syntax_error(text, self._request["query"], self._pool.prefixes)
        if error["cause"] == "memory":
            return self._too_large()
        if error["cause"] == "store":
            return StoreError(text, where=error["where"], remedy=error["remedy"])
        return QueryError(text, where="query", remedy=error.get("remedy", "change the query"))

    def _cause_of_death(self, reader: Reader) -> StoreError:
        if self._caller.left:
            return QueryCancelledError("was given up by its caller", where="query")
        status, words = (-signal.SIGALRM, "") if self._late else (reader.wait(), reader.last_words())
        if status == -signal.SIGALRM or (status == -signal.SIGKILL and time.monotonic() >= self._deadline):
            return QueryTimeoutError(
                f"took longer than {self._limits.seconds:g} s",
                where="query",
                remedy="make it more selective, add a LIMIT, or allow more time",
            )
        if status == -signal.SIGSYS:
            return QueryRefusedError("tried to use the network", where="query", remedy="leave out SERVICE")
        if any(phrase in words for phrase in OUT_OF_MEMORY):
            return self._too_large()
        if self._pool.closed:
            return StoreError("was closed while it answered", where="the store", remedy="open it again")
        if not reader.answered and status > 0:
            return StoreError(
                f"cannot start a reader: {words.strip().rpartition(chr(10))[2]}",
                where=sys.executable,
                remedy="check the installation with ivigraph doctor",
            )
        log.error("a reader ended with status %d: %s", status, words)
        return QueryError(
            f"its process ended unexpectedly (status {status})",
            where="query",
            remedy="try again; if it happens again, report it with the query",
        )

    def _too_large(self) -> QueryError:
        return QueryError(
            f"needed more than {self._limits.memory_mb} MB of memory",
            where="query",
            remedy="make it more selective, sort or group less, or allow more memory",
        )
