"""One question to an endpoint over HTTP: it ends at a deadline, and when the caller leaves."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from ivigraph.errors import QueryCancelledError, QueryError, QueryTimeoutError, StoreError
from ivigraph.store.callers import Caller

_CHUNK_BYTES = 65_536


class Exchange:
    """One request and its answer. `free` is called once, when it is closed.

    Raises StoreError where there is no answer, and the kinds of QueryError that say why one ended early.
    """

    def __init__(self, url: str, deadline: float, seconds: float, caller: Caller, free: Callable[[], None]) -> None:
        self._url = url
        self._deadline = deadline
        self._seconds = seconds
        self._caller = caller
        self._free = free
        self._lock = threading.Lock()
        self._open = True
        parts = urlsplit(url)
        self._target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        host = parts.hostname or ""
        self._connection = (
            http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=seconds)
        )
        self._answer: http.client.HTTPResponse | None = None
        self._socket: socket.socket | None = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        with self._translated():
            self._connection.connect()
            self._socket = self._connection.sock
            if self._caller.left:
                self._hang_up()
            self._connection.request("POST", self._target, body, dict(headers))
            self._wait()
            self._answer = self._connection.getresponse()
        return self._answer

    def chunks(self) -> Iterator[bytes]:
        if (answer := self._answer) is None:
            return
        while True:
            with self._translated():
                self._wait()
                data = answer.read1(_CHUNK_BYTES)
            if not data:
                break
            yield data
        if answer.length:  # else the library takes a lost connection for the end
            raise self._lost()

    def all(self, most: int) -> bytes:
        data = bytearray()
        for chunk in self.chunks():
            data += chunk
            if len(data) > most:
                raise QueryError(
                    "the endpoint lacks this format, and the answer is too large to be converted",
                    where="query",
                    remedy="ask for another format, or add a LIMIT",
                )
        return bytes(data)

    def head(self) -> str:
        """The first words of an answer that is an error."""
        try:
            text = next(self.chunks(), b"").decode(errors="replace")
        except StoreError:
            return ""
        return " ".join(text.split())[:300]

    def close(self) -> None:
        with self._lock:
            if not self._open:
                return
            self._open = False
        self._connection.close()
        if self._answer is not None:
            self._answer.close()
        self._free()

    def _wait(self) -> None:
        """What follows may take no longer than is left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if self._socket is not None:
            with suppress(OSError):  # closed already, as the library does after the last byte
                self._socket.settimeout(left)

    def _hang_up(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """What the network says, as errors of the store; ends when the caller leaves."""
        try:
            with self._caller.when_left(self._hang_up):
                yield
        except (OSError, http.client.HTTPException) as error:
            raise self._error(error) from error

    def _error(self, error: BaseException) -> StoreError:
        if self._caller.left:
            return QueryCancelledError("was given up by its caller", where="query")
        if isinstance(error, TimeoutError):
            return QueryTimeoutError(
                f"took longer than {self._seconds:g} s",
                where="query",
                remedy="make it more selective, add a LIMIT, or allow more time",
            )
        if self._answer is not None:
            return self._lost()
        return StoreError(f"cannot be reached: {error}", where=self._url, remedy="check that the endpoint runs")

    def _lost(self) -> QueryError:
        return QueryError("its answer was cut off by the endpoint", where="query", remedy="add a LIMIT, or try again")


def refuse_partial(answer: http.client.HTTPResponse) -> None:
    """Virtuoso tells in headers alone that it cut an answer off: by its limit of rows, or by its own deadline."""
    if rows := answer.getheader("X-SPARQL-MaxRows"):
        raise QueryError(
            f"the endpoint cuts this answer off after {rows} rows", where="query", remedy=f"add a LIMIT below {rows}"
        )
    if answer.getheader("X-SQL-State"):
        raise QueryTimeoutError(
            "the endpoint answers in part only", where="query", remedy="make it more selective, or add a LIMIT"
        )
