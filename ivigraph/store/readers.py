"""A process that answers queries, from the side of the store."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import ivigraph
from ivigraph.store import frames
from ivigraph.store.frames import Kind

Frame = tuple[Kind, bytes]

OUT_OF_MEMORY = (
    "memory allocation of", "bad_alloc", "MemoryError", "Cannot allocate memory", "Resource temporarily unavailable",
)  # fmt: skip
_ROOT = str(Path(ivigraph.__file__).parents[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may take. `seconds` is the longest that a caller may ask for."""

    seconds: float
    memory_mb: int


class Reader:
    """One process: what it is asked, and what it answers."""

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

    def receive(self) -> Frame | None:
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


def _environment() -> dict[str, str]:
    """The reader's environment: this package can be found, and no setting or token of ours is in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    path = os.pathsep.join(filter(None, (_ROOT, kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "RUST_BACKTRACE": "0"}
