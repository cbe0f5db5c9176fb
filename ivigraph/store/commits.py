"""Clients' changes on their way into the store: in order, by one process, with one publication for all that wait.

Publication costs the same for one change and for twenty (tens of files made durable), so whoever comes while one is
under way waits for the next, which takes all that have come. A change that fails or has to be ended takes its
transaction with it; the others are applied again without it.
"""

from __future__ import annotations

import json
import logging
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivigraph import errors
from ivigraph.errors import IvigraphError, QueryError, QueryRefusedError, QueryTimeoutError, StoreBusyError, StoreError
from ivigraph.store import frames
from ivigraph.store.changes import Applied, Change
from ivigraph.store.frames import Kind
from ivigraph.store.readers import OUT_OF_MEMORY, Limits, Reader

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Ticket:
    """One change that waits; `outcome` once it is published or has failed."""

    change: Change
    outcome: Applied | IvigraphError | None = None


class _SpoiltError(Exception):
    """A change ended the transaction."""

    def __init__(self, ticket: _Ticket, error: IvigraphError) -> None:
        super().__init__(str(error))
        self.ticket = ticket
        self.error = error


class Commits:
    """Applies changes one after the other. Safe to use from many threads.

    `wait` is how many seconds another process may hold the lock, `limits` what one change may take, `queue` how many
    may wait.
    """

    def __init__(self, configuration: Mapping[str, Any], *, limits: Limits, wait: float, queue: int) -> None:
        self._configuration = {**configuration, "memory_mb": limits.memory_mb}
        self._limits = limits
        self._wait = wait
        self._queue = queue
        self._waiting: list[_Ticket] = []
        self._change = threading.Lock()  # of the list
        self._turn = threading.Lock()  # whose holder talks to the process
        self._process: Reader | None = None
        self._closed = False

    def waiting(self) -> int:
        """How many changes wait."""
        return len(self._waiting)

    def apply(self, change: Change) -> Applied:
        """Apply and publish, durably. Raises StoreBusyError, StoreLockedError, QueryError, StoreError."""
        ticket = _Ticket(change)
        with self._change:
            if len(self._waiting) >= self._queue:
                raise StoreBusyError(
                    f"{self._queue} writes are waiting already", where="the store", remedy="try again in a few seconds"
                )
            self._waiting.append(ticket)
        with self._turn:
            if ticket.outcome is None:  # nobody took it along
                with self._change:
                    batch, self._waiting = self._waiting, []
                self._commit(batch)
        if isinstance(ticket.outcome, Applied):
            return ticket.outcome
        raise ticket.outcome or StoreError("was closed", where="the store", remedy="open it again")

    def close(self) -> None:
        """End the process; what is not published by then fails."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()
        with self._turn:  # who waits for its answer learns of its end
            if self._process is not None:
                self._process.wait()
                self._process.close()
                self._process = None

    def _commit(self, batch: Sequence[_Ticket]) -> None:
        left = list(batch)
        try:
            while left:
                try:
                    self._attempt(left)
                except _SpoiltError as spoilt:
                    spoilt.ticket.outcome = spoilt.error
                    left.remove(spoilt.ticket)
                else:
                    return
        except IvigraphError as error:
            for ticket in left:
                ticket.outcome = error

    def _attempt(self, batch: Sequence[_Ticket]) -> None:
        """One transaction. Raises _SpoiltError for the change that ended it, IvigraphError for all of them."""
        process = self._started()
        process.send(frames.message(Kind.BEGIN, wait=self._wait))
        self._reply(process, Kind.READY, "the store")
        done: list[Mapping[str, Any]] = []
        for ticket in batch:
            data = ticket.change.data()
            head = frames.message(
                Kind.CHANGE, change=ticket.change.head(), parts=len(data), seconds=self._limits.seconds
            )
            process.send(b"".join((head, *(frames.frame(Kind.DATA, part) for part in data))))
            try:
                done.append(self._reply(process, Kind.APPLIED, "the update"))
            except IvigraphError as error:
                raise _SpoiltError(ticket, error) from error
        process.send(frames.frame(Kind.COMMIT))
        generation = self._reply(process, Kind.PUBLISHED, "publication")["generation"]
        for ticket, values in zip(batch, done, strict=True):
            ticket.outcome = Applied(generation=generation, **values)

    def _started(self) -> Reader:
        if self._closed:
            raise StoreError("is closed", where="the store", remedy="open it again")
        if self._process is None:
            self._process = Reader(self._configuration, "ivigraph.store.writer")
        return self._process

    def _reply(self, process: Reader, wanted: Kind, where: str) -> Mapping[str, Any]:
        frame = process.receive()
        if frame is None:
            self._process = None
            error = self._cause_of_death(process, where)
            process.close()
            raise error
        kind, payload = frame
        values: Mapping[str, Any] = json.loads(payload)
        if kind is Kind.ERROR:
            raise _rebuilt(values)
        if kind is not wanted:
            raise StoreError(f"the writer said {kind.name}, not {wanted.name}", where=where, remedy="report this")
        return values

    def _cause_of_death(self, process: Reader, where: str) -> IvigraphError:
        status, words = process.wait(), process.last_words()
        if status == -signal.SIGALRM:
            return QueryTimeoutError(
                f"took longer than {self._limits.seconds:g} s",
                where=where,
                remedy="split it into smaller updates, or allow more time",
            )
        if status == -signal.SIGSYS:
            return QueryRefusedError("tried to use the network", where=where, remedy="leave out SERVICE and LOAD")
        if any(phrase in words for phrase in OUT_OF_MEMORY):
            return QueryError(
                f"needed more than {self._limits.memory_mb} MB of memory",
                where=where,
                remedy="split it into smaller updates, or allow more memory",
            )
        log.error("the writer ended with status %d: %s", status, words)
        return StoreError(
            f"its process ended unexpectedly (status {status})",
            where=where,
            remedy="look whether it was done, and try again",
        )


def _rebuilt(values: Mapping[str, Any]) -> IvigraphError:
    """The error that the writer met."""
    kind = getattr(errors, values["type"], StoreError)
    given: dict[str, Any] = dict(values["values"])
    message = given.pop("message")
    error: IvigraphError = kind(message, **given)
    return error
