"""A process that answers queries, and an answer on its way from it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import ivigraph
from ivigraph.errors import QueryCancelledError, QueryError, QueryRefusedError, QueryTimeoutError, StoreError
from ivigraph.store import frames
from ivigraph.store.callers import CALLER, Caller
from ivigraph.store.frames import Kind
from ivigraph.store.syntax import syntax_error

if TYPE_CHECKING:
    from ivigraph.store.pool import Pool, Ticket

_Frame = tuple[Kind, bytes]

log = logging.getLogger(__name__)

OUT_OF_MEMORY = (
    "memory allocation of", "bad_alloc", "MemoryError", "Cannot allocate memory", "Resource temporarily unavailable",
)  # fmt: skip
_BEGUN_BYTES = frames.PIPE_BYTES // 2  # a pipe that is empty takes it at once
_GRACE_SECONDS = 0.1  # for the kernel to end a reader before we do
_ROOT = str(Path(ivigraph.__file__).parents[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may take. `seconds` is the longest that a caller may ask for."""

    seconds: float
    memory_mb: int


class Reader:
    """One process, from the side of the store."""

    def __init__(self, configuration: Mapping[str, Any], module: str = "ivigraph.store.reader") -> None:
        self.asked = False
        self._started = False
        self.answered = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the reader
        self._process = subprocess.Popen(  # noqa: S603 - `module` is one of ours
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            env=_environment(),
            start_new_session=True,  # an interrupt at the keyboard is for the program, not for its readers
        )
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        self._incoming = frames.Incoming(self._answers.fileno())
        self.send(frames.message(Kind.CONFIGURE, **configuration))

    def ask(self, query: bytes) -> bool:
        """Send a query; False when the process is gone."""
        self.asked = True
        return self.send(query)

    def send(self, frame: bytes) -> bool:
        """False when the process is gone."""
        try:
            frames.send(self._requests.fileno(), frame)
        except BrokenPipeError:
            return False
        return True

    def receive(self) -> _Frame | None:
        """The next frame; None when the process is gone."""
        try:
            frame = self._incoming.receive()
        except EOFError:
            return None
        if frame[0] is Kind.STARTED:
            self._started = True
        else:
            self.answered = True
        return frame

    def ready(self) -> bool:
        """Whether it takes a query at once. For one that is idle."""
        if not self._started and self._incoming.arriving(0.0):
            self.receive()
        return self._started

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        """What its answers arrive by."""
        return self._answers.fileno()

    def pending(self, seconds: float = 0.0) -> bool:
        """True when a frame is here, or with `seconds` when the next begins to arrive within them."""
        return self._incoming.pending() or (seconds > 0 and self._incoming.arriving(seconds))

    def wait(self) -> int:
        """The exit status, negative for a signal, once the process has ended."""
        return self._process.wait()

    def last_words(self) -> str:
        """The end of what it wrote to its standard error."""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 4_000))
        return self._errors.read().decode(errors="replace")

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """Close this side of the pipes, which ends the process if it is still there."""
        for stream in (self._requests, self._answers, self._errors):
            with contextlib.suppress(BrokenPipeError):
                stream.close()


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

    def _ask(self) -> tuple[Reader, _Frame | None]:
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

    def _received(self, reader: Reader) -> _Frame | None:
        """The next frame. The kernel ends a reader at the deadline of a query that it has read, this any other."""
        while True:
            if not reader.pending(max(self._deadline - time.monotonic(), 0.0) + _GRACE_SECONDS):
                # It may take the kernel long to free what it holds, and nobody needs to wait for that.
                self._late = True
                return None
            frame = reader.receive()
            if frame is None or frame[0] is not Kind.STARTED:
                return frame

    def _take(self, reader: Reader, frame: _Frame | None) -> None:
        """Sort in a frame and all that are here already, so that a small answer frees its reader at once."""
        self._sort(reader, frame)
        while self._reader is not None and (reader.pending() or self.head.get("whole")):
            self._sort(reader, reader.receive())

    def _sort(self, reader: Reader, frame: _Frame | None) -> None:
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


def _environment() -> dict[str, str]:
    """The reader's environment: this package can be found, and no setting or token of ours is in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    path = os.pathsep.join(filter(None, (_ROOT, kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "RUST_BACKTRACE": "0"}
