"""The directory of an embedded store: immutable generations, and which of them is the newest.

    DIR/store.json                       format version and base IRI
    DIR/writer.lock                      held (flock) by the one process that writes; names its pid
    DIR/writer.lock.next                 held by the one that is to write next
    DIR/current                          number of the newest generation, replaced atomically
    DIR/generations/000042/graph/        the quads, never changed again
    DIR/generations/000042/text/         their text index
    DIR/generations/000042/generation.json
    DIR/generations/000042/lock          held shared by every process that reads this generation
    DIR/generations/.draft-…             what a writer is preparing; left behind by a kill, removed by the next one

A generation becomes visible when `current` names it, and not before. Reader processes import this module,
so it needs nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ivigraph.errors import StoreError, StoreLockedError

_DRAFT = ".draft"
_PRUNED = ".pruned-"
_LOOK_SECONDS = 0.02  # between two looks whether the lock is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One published state. `derivation` is a digest of the update that made its derived graph.

    `merged`: its default graph is the merge of the others.
    """

    number: int
    time: datetime
    derivation: str = ""
    merged: bool = False


class Held:
    """A generation that cannot be pruned until it is closed."""

    def __init__(self, number: int, directory: Path, lock: int) -> None:
        self.number = number
        self.graph = directory / "graph"
        self.text = directory / "text"
        self._lock: int | None = lock

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Held:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Generations:
    """What is published in the directory of one store."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._all = directory / "generations"
        self._current = directory / "current"
        self.draft = self._all / _DRAFT

    def current(self) -> int:
        """The number of the newest generation; 0 while nothing was published."""
        try:
            # Asked for with each query: the system's own calls take a third of the time of pathlib's.
            file = os.open(self._current, os.O_RDONLY)
            try:
                return int(os.read(file, 32))
            finally:
                os.close(file)
        except (OSError, ValueError) as error:
            raise StoreError(
                f"does not name a generation: {error}",
                where=str(self._current),
                remedy="write the number of the newest folder below generations/ into it",
            ) from error

    def begin(self) -> None:
        """Make the directory one in which nothing is published yet."""
        replace(self._current, "0\n")

    def published(self) -> tuple[Generation, ...]:
        """Every generation that still exists, oldest first."""
        newest = self.current()
        return tuple(self.about(number) for number in self._numbers() if number <= newest)

    def about(self, number: int) -> Generation:
        file = self._folder(number) / "generation.json"
        try:
            values = json.loads(file.read_bytes())
            return Generation(
                number=number,
                time=datetime.fromisoformat(values["time"]),
                derivation=values["derivation"],
                merged=values.get("merged", False),
            )
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"cannot be read: {error}", where=str(file), remedy="remove this generation's folder"
            ) from error

    def hold(self, number: int | None = None) -> Held | None:
        """Keep generation `number`, or the newest, from being pruned; None while nothing was published.

        Raises StoreError when it does not exist (any more).
        """
        while True:
            newest = self.current()
            wanted = newest if number is None else number
            if wanted == newest == 0:
                return None
            folder = self._folder(wanted)
            if wanted <= newest and (lock := _shared(folder / "lock")) is not None:
                return Held(wanted, folder, lock)
            if number is not None or self.current() == newest:
                there = ", ".join(str(n) for n in self._numbers() if n <= newest)
                raise StoreError(
                    f"has no generation {wanted}", where=str(self.directory), remedy=f"there are: {there or 'none'}"
                )
            # It was pruned between the two looks, so a newer one is there.

    def publish(self, derivation: str, *, merged: bool) -> None:
        """Make the draft the newest generation, durably. Only for the holder of the writer's lock."""
        number = self.current() + 1
        values = {"time": datetime.now(UTC).isoformat(), "derivation": derivation, "merged": merged}
        (self.draft / "generation.json").write_text(json.dumps(values), encoding="utf-8")
        (self.draft / "lock").touch()
        for folder, _, files in os.walk(self.draft):
            for name in files:
                _sync(Path(folder, name))
            _sync(Path(folder))
        self.draft.rename(self._folder(number))
        _sync(self._all)
        replace(self._current, f"{number}\n")

    def recover(self) -> None:
        """Remove what a writer that was killed left behind. Only for the holder of the writer's lock."""
        newest = self.current()
        self._all.mkdir(exist_ok=True)
        leftovers = [self._folder(number) for number in self._numbers() if number > newest]
        leftovers += [*self._all.glob(f"{_DRAFT}*"), *self._all.glob(f"{_PRUNED}*")]
        for folder in leftovers:
            shutil.rmtree(folder, ignore_errors=True)
        # A name of its own. The engine of a transaction that failed is closed when the last traceback is gone, perhaps
        # after its lock is free; it then deletes, by their paths, all files of its folder that it does not know.
        self.draft = self._all / f"{_DRAFT}-{secrets.token_hex(4)}"

    def prune(self, keep: int) -> None:
        """Remove all but the `keep` newest generations, except those that somebody reads."""
        newest = self.current()
        for number in self._numbers():
            if number <= newest - keep:
                self._remove(number)

    def _remove(self, number: int) -> None:
        folder = self._folder(number)
        # Somebody reads it, or the system refuses: a later publication tries again.
        with contextlib.suppress(OSError), (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Renamed first: a reader that got the lock afterwards sees that the generation is gone.
            pruned = folder.rename(self._all / f"{_PRUNED}{number}")
            shutil.rmtree(pruned, ignore_errors=True)

    def _numbers(self) -> list[int]:
        with contextlib.suppress(FileNotFoundError):
            return sorted(int(entry.name) for entry in self._all.iterdir() if entry.name.isdecimal())
        return []

    def _folder(self, number: int) -> Path:
        return self._all / f"{number:06d}"


@contextlib.contextmanager
def locked(file: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Be the one writer. The kernel frees the lock when its holder dies.

    Who waits goes before the holder that wants it again: only one at a time may wait for the lock itself. Raises
    StoreLockedError when another holds it for longer than `wait` seconds, StoreError when the store was taken away.
    """
    deadline = time.monotonic() + wait
    with contextlib.ExitStack() as held:
        with contextlib.ExitStack() as turn:
            turn.enter_context(_flock(file.with_name(f"{file.name}.next"), file, deadline))
            lock = held.enter_context(_flock(file, file, deadline))
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield


@contextlib.contextmanager
def _flock(wanted: Path, file: Path, deadline: float) -> Iterator[int]:
    """Hold a file; `file` names the one that writes meanwhile."""
    lock = os.open(wanted, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _exclusive(lock):
            if time.monotonic() >= deadline:
                raise StoreLockedError(
                    f"is being written by another process (pid {_holder(file)})",
                    where=str(file.parent),
                    remedy="wait until it has finished, or end it, and try again",
                )
            time.sleep(_LOOK_SECONDS)
        if not _is_still(wanted, lock):
            raise StoreError("was taken away meanwhile", where=str(file.parent), remedy="try again")
        yield lock
    finally:
        os.close(lock)


def _holder(file: Path) -> str:
    with contextlib.suppress(OSError):
        return file.read_text(encoding="ascii", errors="replace").strip() or "unknown"
    return "unknown"


def _is_still(file: Path, descriptor: int) -> bool:
    """False where the name now belongs to another file, which others may hold, or to none."""
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _exclusive(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def replace(file: Path, text: str) -> None:
    """Write a small file so that, whatever happens, it holds either its old or its new content."""
    temporary = file.with_name(f"{file.name}.new")
    temporary.write_text(text, encoding="utf-8")
    _sync(temporary)
    temporary.replace(file)
    _sync(file.parent)


def _shared(file: Path) -> int | None:
    """A shared lock on the file, as its descriptor; None when it is gone or about to go."""
    try:
        lock = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if file.exists():
            return lock
    os.close(lock)
    return None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
