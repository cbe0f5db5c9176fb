"""Work in processes of their own: results in the order of the tasks, memory bounded, no task lost with its process.

A step is a function from a task to an iterator of results. A process makes its step once and runs it on one task
after another. Where a process dies (a crash in a library, the kernel's out-of-memory killer), the task that it was at
is told as `Died` and another process takes its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Step = Callable[[T], Iterator[R]]

_WAITING = 8  # tasks a process that may be done before the one that is first in order
_RESULTS = 64  # results of one task that are kept until their turn comes
_GRACE = 5  # seconds that a process has to end
# What a step will need and no module loads before it is used; each process has it from the one that it is forked from.
_PRELOADED = ["ivigraph.reading", "ivigraph.ingest.extract", "ivigraph.ingest.links", "trafilatura"]


@dataclass(frozen=True, slots=True)
class Died:
    """The process of a task died, for this reason."""

    reason: str


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True, eq=False)
class _Slot(Generic[T, R]):
    """A task under way, and its results that were not yet passed on."""

    task: T
    begun: float
    results: deque[R | Died] = field(default_factory=deque)
    done: bool = False


def results(
    tasks: Iterable[T],
    make: Callable[[], Step[T, R]],
    processes: int,
    *,
    ordered: bool = True,
    seconds: float | None = None,
) -> Iterator[tuple[T, R | Died]]:
    """Each task with each of its results. With no processes, all is done in this one.

    `make` is called in each process and has to be picklable, as tasks and results have to be. Where `ordered`, results
    come in the order of the tasks, else as they are ready. A task that gives no result for `seconds` is ended. An
    exception that a step raises is raised here. Tasks are taken as processes become free.
    """
    if processes == 0:
        step = make()
        for task in tasks:
            for result in step(task):
                yield task, result
        return
    crew = _Crew(make, processes, seconds)
    try:
        yield from crew.run(iter(tasks), ordered=ordered)
    finally:
        crew.end()


class _Crew(Generic[T, R]):
    def __init__(self, make: Callable[[], Step[T, R]], size: int, seconds: float | None) -> None:
        self._make, self._size, self._seconds = make, size, seconds
        # Forked from a process that has nothing but the modules loaded: neither threads nor open files are inherited.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_PRELOADED)
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, _Slot[T, R]] = {}

    def run(self, tasks: Iterator[T], *, ordered: bool) -> Iterator[tuple[T, R | Died]]:
        slots: deque[_Slot[T, R]] = deque()
        more = True
        while more or slots:
            while more and len(self._busy) < self._size and len(slots) < self._size * _WAITING:
                task = next(tasks, None)
                if task is None:
                    more = False
                else:
                    slots.append(self._begin(task))
            for slot in [slots[0]] if ordered and slots else list(slots):
                while slot.results:
                    yield slot.task, slot.results.popleft()
            finished = [slot for slot in slots if slot.done and not slot.results]
            if ordered:
                finished = [slots[0]] if slots and slots[0] in finished else []
            for slot in finished:
                slots.remove(slot)
            if not finished and self._busy:
                self._receive()

    def _begin(self, task: T) -> _Slot[T, R]:
        worker = self._idle.pop() if self._idle else _Worker(self._context, self._make)
        slot = _Slot[T, R](task, time.monotonic())
        self._busy[worker] = slot
        with contextlib.suppress(OSError):  # it died while it was idle: told when its end is received
            worker.connection.send(task)
        return slot

    def _receive(self) -> None:
        """Wait for messages and take one from each process that has one and whose results find room."""
        by_connection = {
            worker.connection: (worker, slot) for worker, slot in self._busy.items() if len(slot.results) < _RESULTS
        }
        for connection in wait(list(by_connection), timeout=None if self._seconds is None else 1):
            worker, slot = by_connection[connection]  # type: ignore[index]
            try:
                kind, content = worker.connection.recv()
            except (EOFError, OSError):
                self._lose(worker, slot, worker.last_words())
                continue
            slot.begun = time.monotonic()
            if kind == "result":
                slot.results.append(content)
            elif kind == "done":
                slot.done = True
                self._idle.append(worker)
                del self._busy[worker]
            else:
                raise content
        if self._seconds is not None:
            late = time.monotonic() - self._seconds
            for worker, slot in list(self._busy.items()):
                # What waits for room is not late.
                if slot.begun < late and len(slot.results) < _RESULTS:
                    self._lose(worker, slot, f"nothing came of it for {self._seconds:g} seconds")

    def _lose(self, worker: _Worker, slot: _Slot[T, R], reason: str) -> None:
        slot.results.append(Died(reason))
        slot.done = True
        del self._busy[worker]
        worker.end()

    def end(self) -> None:
        for worker in [*self._idle, *self._busy]:
            worker.end()


class _Worker:
    """One process, from the side of the program."""

    def __init__(self, context: BaseContext, make: Callable[[], Step[T, R]]) -> None:
        self.connection, other = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(other, make), daemon=True)  # type: ignore[attr-defined]
        with _without_main():
            self._process.start()
        other.close()

    def last_words(self) -> str:
        self._process.join(_GRACE)
        status = self._process.exitcode
        if status is not None and status < 0:
            return f"the process that read it was ended by {signal.Signals(-status).name}"
        return f"the process that read it ended with status {status}"

    def end(self) -> None:
        self.connection.close()
        self._process.terminate()
        self._process.join(_GRACE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Hide the main module: a process would run it again, a script without a guard with all that it does."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _serve(connection: Connection, make: Callable[[], Step[T, R]]) -> None:
    """What a process does until the other end of its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt at the keyboard is for the program
    with contextlib.suppress(EOFError, OSError):
        try:
            step = make()
            while True:
                for result in step(connection.recv()):
                    connection.send(("result", result))
                connection.send(("done", None))
        except (EOFError, OSError):
            raise
        except Exception as error:
            connection.send(("error", error))
