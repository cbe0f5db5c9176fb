"""How a process of the store begins and ends, whatever it does in between."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable

from ivigraph.store import confinement, frames


def run(serve: Callable[[frames.Incoming, int], None]) -> None:
    """Serve the frames of standard input on standard output, until the other side closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confinement.accept_deadlines()
    confinement.leave_no_core()
    out = os.dup(1)
    os.dup2(2, 1)  # a stray print must not become a frame
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError):
        serve(frames.Incoming(0), out)


def _end_with_parent() -> None:
    """Wait for the other end of standard input to close, then end, whatever the engine is doing."""
    watch = select.poll()
    watch.register(0, 0)
    watch.poll()
    os._exit(0)
