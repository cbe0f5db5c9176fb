"""What a store and its reader processes say to each other over two pipes.

A frame is one byte of kind, four bytes of length and a payload, JSON except for `DATA`. The store sends
`CONFIGURE` once, then for each query `QUERY`:

    store   CONFIGURE          QUERY                     QUERY                          TAKEN
    reader            STARTED        HEAD DATA END             HEAD DATA DATA … END            or ERROR at any place

The head tells whether the answer is `whole`: it was sent at once, fits into the pipe, and the reader takes the next
query. Of any other it awaits that the last frame was `TAKEN`.

The other kinds are those of `ivigraph.store.writer`.
"""

from __future__ import annotations

import json
import os
import select
import struct
from enum import IntEnum
from typing import Any

_HEADER = struct.Struct(">BI")
PIPE_BYTES = 65_536  # what a pipe holds


class Kind(IntEnum):
    CONFIGURE = 1
    QUERY = 2
    TAKEN = 3
    HEAD = 4
    DATA = 5
    END = 6
    ERROR = 7
    BEGIN = 8
    READY = 9
    CHANGE = 10
    APPLIED = 11
    COMMIT = 12
    PUBLISHED = 13
    STARTED = 14


def frame(kind: Kind, payload: bytes = b"") -> bytes:
    return _HEADER.pack(kind, len(payload)) + payload


def message(kind: Kind, **values: Any) -> bytes:
    return frame(kind, json.dumps(values).encode())


def send(descriptor: int, data: bytes) -> None:
    """Write all of it, waiting for the other side to take it; raises BrokenPipeError when that is gone."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class Incoming:
    """The frames that arrive at one end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = bytearray()

    def receive(self) -> tuple[Kind, bytes]:
        """The next frame, waiting for it; raises EOFError when the other side is gone."""
        while (end := self._end()) is None:
            data = os.read(self._descriptor, PIPE_BYTES)
            if not data:
                raise EOFError
            self._buffer += data
        payload = bytes(self._buffer[_HEADER.size : end])
        kind = Kind(self._buffer[0])
        del self._buffer[:end]
        return kind, payload

    def pending(self) -> bool:
        """True when a whole frame is here already."""
        return self._end() is not None

    def arriving(self, seconds: float) -> bool:
        """True once there is something to read, the end included; False where nothing comes within so many seconds."""
        watch = select.poll()
        watch.register(self._descriptor, select.POLLIN)
        return bool(watch.poll(seconds * 1000))

    def _end(self) -> int | None:
        if len(self._buffer) < _HEADER.size:
            return None
        end: int = _HEADER.size + _HEADER.unpack_from(self._buffer)[1]
        return end if len(self._buffer) >= end else None
