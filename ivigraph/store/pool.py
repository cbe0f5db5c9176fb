"""The pool of reader processes: who gets one, who waits, and who is turned away.

A process is idle, or leased to one answer. Whatever ends it, the deadline, its memory limit, a caller that leaves or
a crash, the thread that waits for its end starts another in its place.

There are as many as the machine has cores, so that light queries do not share one. A query that has run for half a
second is a long one: it goes on at a lower priority and gives up its place, so that the same number again may run
beside the long ones. One client never has them all, and one place more is there for a client that has no query
running, with a reader that has started: to start one takes longer than a light query, most of all beside heavy ones.
Those who wait are served in turn, client by client.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivigraph.errors import QueryCancelledError, QueryTimeoutError, StoreBusyError, StoreError
from ivigraph.store.callers import Caller
from ivigraph.store.readers import Reader

LONG_SECONDS = 0.5
_SPARE = 1  # place for who has none
_COSTLY_SECONDS = 5.0  # for which a client whose query had to be ended is none that has no query running
_PRIORITY = 10  # as with `nice`: a tenth of the share of a light query, if both want the processor


@dataclass(slots=True)
class _Lease:
    client: str
    since: float
    long: bool = False  # gave up its place
    slowed: bool = False


@dataclass(slots=True, eq=False)
class Ticket:
    """Somebody who waits. `reader` or `refused` is set before `ready`."""

    client: str
    ready: threading.Event = field(default_factory=threading.Event)
    reader: Reader | None = None
    refused: bool = False


class Pool:
    """Reader processes, started when they are needed: `size`, and as many for long queries; `queue` may wait.

    Safe to use from many threads.
    """

    def __init__(self, size: int, configuration: Mapping[str, Any], *, queue: int = 64) -> None:
        self.closed = False
        self.killed = 0  # queries that were ended with their reader
        self.prefixes: Mapping[str, str] = configuration["prefixes"]
        self._size = size
        self._queue = queue
        self._configuration = configuration
        self._idle: list[Reader] = []
        self._keepers: dict[Reader, threading.Thread] = {}
        self._leases: dict[Reader, _Lease] = {}
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._lock = threading.Lock()
        self._has_clients = False  # else the program itself is the only one
        self._costly: dict[str, float] = {}  # when a client's reader was lost last

    def running(self) -> int:
        """How many have a reader."""
        return len(self._leases)

    def waiting(self) -> int:
        """How many wait for a reader."""
        return sum(map(len, self._waiting.values()))

    def lease(self, deadline: float, caller: Caller | None = None, ticket: Ticket | None = None) -> Reader:
        """A reader for one query; give it back with `release`. `ticket` is one that `lease_idle` gave.

        Raises StoreBusyError when too many wait already, QueryTimeoutError when none becomes free in time,
        QueryCancelledError when the caller leaves.
        """
        caller = caller or Caller()
        with self._lock:
            if ticket is None:
                ticket = self._queue_up(caller.key)
            self._serve()
        with caller.when_left(ticket.ready.set):
            while not ticket.ready.wait(min(LONG_SECONDS / 2, max(deadline - time.monotonic(), 0.0))):
                if time.monotonic() >= deadline:
                    break
                with self._lock:  # somebody's query may have become a long one
                    self._serve()
        with self._lock:
            self._leave_queue(ticket)
            if ticket.reader is not None and caller.left:
                self._take_back(ticket.reader)
            elif ticket.reader is not None:
                return ticket.reader
        if caller.left:
            raise QueryCancelledError("was given up by its caller", where="query")
        if self.closed:
            raise StoreError("is closed", where="the store", remedy="open it again")
        if ticket.refused:
            raise self._full()
        raise QueryTimeoutError(
            f"no reader became free in time (there are {self._size})",
            remedy="try again later, or allow more readers",
        )

    def lease_idle(self, caller: Caller) -> Reader | Ticket | None:
        """A reader that is ready, else a place in the queue, to be given to `lease` or back with `leave`; never waits.

        None where that would be to wait. Raises as `lease`: who is turned away costs no thread.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            # Clients that wait have no place, or they would have been served; what is ready is not for them.
            if not self.closed and caller.key not in self._waiting and self._place_for(caller.key):
                reader = self._idle_for(caller.key)
                if reader is not None and reader.ready():
                    return self._lend(reader, caller.key)
            return self._queue_up(caller.key)
        finally:
            self._lock.release()

    def leave(self, ticket: Ticket) -> None:
        """Give up a place in the queue."""
        with self._lock:
            self._leave_queue(ticket)
            if ticket.reader is not None:
                self._take_back(ticket.reader)

    def release(self, reader: Reader, *, usable: bool) -> None:
        """Take a reader back; one that is not usable is ended and replaced."""
        with self._lock:
            lease = self._leases.get(reader)
            slowed = lease is not None and lease.slowed
            if usable and reader in self._keepers and not self.closed and (not slowed or _set_priority(reader.pid, 0)):
                self._take_back(reader)
                return
            self._leases.pop(reader, None)
            if lease is not None and not usable:
                self._remember_cost(lease.client)
        reader.kill()
        reader.close()

    def close(self) -> None:
        """End all readers, at once."""
        with self._lock:
            self.closed = True
            keepers = dict(self._keepers)
            for tickets in self._waiting.values():
                for ticket in tickets:
                    ticket.ready.set()
        for reader in keepers:
            reader.kill()
        for keeper in keepers.values():
            keeper.join()

    def _queue_up(self, client: str) -> Ticket:
        """A place in the queue. Where it is full, the client that has most in it loses its last."""
        if self.closed:
            raise StoreError("is closed", where="the store", remedy="open it again")
        own = self._waiting.get(client, ())
        free = len(self._idle) + self._startable() if self._place_for(client) else 0
        if self.waiting() >= self._queue + free:
            greediest = max(self._waiting.values(), key=len)
            if len(greediest) <= len(own) + 1:
                raise self._full()
            last = greediest.pop()
            last.refused = True
            last.ready.set()
        ticket = Ticket(client)
        self._waiting.setdefault(client, deque()).append(ticket)
        return ticket

    def _full(self) -> StoreBusyError:
        return StoreBusyError(
            f"{self._queue} queries wait already", where="the store", remedy="try again in a few seconds"
        )

    def _leave_queue(self, ticket: Ticket) -> None:
        tickets = self._waiting.get(ticket.client)
        if tickets is not None:
            with contextlib.suppress(ValueError):
                tickets.remove(ticket)
            if not tickets:
                del self._waiting[ticket.client]

    def _serve(self) -> None:
        """Give what is free to those who wait, one for each client in turn."""
        if self.closed:
            return
        self._slow_down()
        for client in list(self._waiting):
            if not self._place_for(client):
                continue
            reader = self._idle_for(client) or (self._start() if self._startable() else None)
            if reader is None:
                continue
            tickets = self._waiting.pop(client)
            ticket = tickets.popleft()
            if tickets:
                self._waiting[client] = tickets  # at the end of the turn
            ticket.reader = self._lend(reader, client)
            ticket.ready.set()

    def _idle_for(self, client: str) -> Reader | None:
        """An idle reader, one that has started where there is one; the last of these is for who has none."""
        ready = [reader for reader in self._idle if reader.ready()]
        if len(ready) > 1 or (ready and self._is_new(client)):
            return ready[-1]
        return next((reader for reader in self._idle if reader not in ready), None)

    def _is_new(self, client: str) -> bool:
        """Whether it has no query running, and none had to be ended just now. The program itself always is."""
        if not client:
            return True
        if any(lease.client == client for lease in self._leases.values()):
            return False
        return time.monotonic() - self._costly.get(client, -math.inf) >= _COSTLY_SECONDS

    def _remember_cost(self, client: str) -> None:
        now = time.monotonic()
        self._costly = {key: at for key, at in self._costly.items() if now - at < _COSTLY_SECONDS}
        self._costly[client] = now

    def _lend(self, reader: Reader, client: str) -> Reader:
        if reader in self._idle:
            self._idle.remove(reader)
        self._leases[reader] = _Lease(client, time.monotonic())
        self._has_clients |= bool(client)
        self._prepare()
        return reader

    def _prepare(self) -> None:
        """Start a reader for the next client before it comes."""
        if not self._idle and self._has_clients and not self.closed and self._startable():
            self._idle.append(self._start())

    def _place_for(self, client: str) -> bool:
        """False for a client that has its part of the places; the program itself, "", has no part but all."""
        own = sum(lease.client == client for lease in self._leases.values()) if client else 0
        short = sum(not lease.long for lease in self._leases.values())
        places = self._size + _SPARE if client and not own else self._size
        return own < max(1, 2 * self._size - 1) and short < places

    def _startable(self) -> int:
        return max(self._size + _SPARE - self._own_places(), 0)

    def _own_places(self) -> int:
        """Readers but for those that gave up their place."""
        return len(self._keepers) - sum(lease.long for lease in self._leases.values())

    def _slow_down(self) -> None:
        """Find the long queries: they get a lower priority and, as many as there are places, give up theirs."""
        long = sum(lease.long for lease in self._leases.values())
        now = time.monotonic()
        for reader, lease in self._leases.items():
            if now - lease.since < LONG_SECONDS:
                continue
            if not lease.slowed:
                lease.slowed = True
                _set_priority(reader.pid, _PRIORITY)
            if not lease.long and long < self._size:
                lease.long = True
                long += 1

    def _take_back(self, reader: Reader) -> None:
        self._leases.pop(reader, None)
        if reader in self._keepers:
            self._idle.append(reader)
        else:  # it has ended meanwhile
            reader.close()
        self._serve()
        self._retire_surplus()

    def _retire_surplus(self) -> None:
        """End idle readers that took the place of long queries which are over, but for one."""
        while len(self._idle) > 1 and self._own_places() > self._size + _SPARE:
            surplus = self._idle.pop(0)
            surplus.asked = False  # its keeper puts no other in its place
            surplus.kill()
            surplus.close()

    def _start(self) -> Reader:
        reader = Reader(self._configuration)
        keeper = threading.Thread(target=self._keep, args=(reader,), name="ivigraph-reader", daemon=True)
        self._keepers[reader] = keeper
        keeper.start()
        return reader

    def _keep(self, reader: Reader) -> None:
        """Wait for the end of a reader and put another in its place."""
        status = reader.wait()
        with self._lock:
            self.killed += status < 0 and reader.asked and not self.closed
            del self._keepers[reader]
            self._leases.pop(reader, None)  # its consumer may be in no hurry to learn of it
            if reader in self._idle:
                self._idle.remove(reader)
                reader.close()
            # One that was never asked failed to start, and so would the next: leave that to who needs it.
            if reader.asked and not self.closed and self._own_places() < self._size:
                self._idle.append(self._start())
            self._serve()
            if reader.asked:
                self._prepare()


def _set_priority(process: int, niceness: int) -> bool:
    """False where the system does not allow it: only the mighty may raise a priority again."""
    try:
        os.setpriority(os.PRIO_PROCESS, process, niceness)
        # The kernel may group processes by session, and then it is the group's priority that counts.
        group = Path(f"/proc/{process}/autogroup")
        if group.exists():
            group.write_text(str(niceness), encoding="ascii")
    except OSError:
        return False
    return True
