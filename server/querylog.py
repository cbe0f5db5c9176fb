"""One line for each query, when its answer has ended: what it was, how long it took, how it ended.

A line is a JSON object: `time`, `query` (a digest; the text itself with `log_queries`), `form`, `format`, `seconds`,
`rows`, `bytes`, `generation`, `outcome`. Neither tokens nor addresses of clients are in it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ivigraph.errors import (
    IvigraphError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    SettingsError,
)
from ivigraph.server.answers import Whole
from ivigraph.server.metrics import Metrics
from ivigraph.server.rowcount import RowCount
from ivigraph.store import Answer, Chunks

log = logging.getLogger("ivigraph.query")

_OUTCOMES = ((QuerySyntaxError, "syntax"), (QueryRefusedError, "refused"), (QueryTimeoutError, "timeout"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLog:
    """Where the lines go, and what may be in them. `max_rows` 0: any number."""

    metrics: Metrics
    texts: bool = False
    max_rows: int = 0

    def begin(self, query: str) -> Entry:
        return Entry(self, query)


class Entry:
    """One query on its way."""

    def __init__(self, to: QueryLog, query: str) -> None:
        self.log = to
        self._query = query
        self._start = time.perf_counter()
        self._about: dict[str, Any] = {}
        self._ended = False

    def watch(self, answer: Answer) -> Watched:
        self._about = {
            "form": answer.form.value,
            "format": answer.media_type,
            "generation": answer.generation,
        }
        return Watched(answer, self)

    def recalled(self, whole: Whole) -> None:
        """The answer was kept from before."""
        self._about = {"form": whole.form.value, "format": whole.media_type, "generation": whole.generation}
        self.end("complete", rows=whole.rows, bytes=len(whole.body), recalled=True)

    def failed(self, error: IvigraphError) -> None:
        self.end(next((name for kind, name in _OUTCOMES if isinstance(error, kind)), "error"))

    def end(self, outcome: str, **more: int) -> None:
        """Write the line; the first call counts."""
        if self._ended:
            return
        self._ended = True
        self.log.metrics.query(outcome)
        if not log.isEnabledFor(logging.INFO):
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "query": hashlib.sha256(self._query.encode("utf-8", "replace")).hexdigest()[:16],
            **self._about,
            "seconds": round(time.perf_counter() - self._start, 4),
            **more,
            "outcome": outcome,
        }
        if self.log.texts:
            line["text"] = self._query
        log.info("%s", json.dumps(line, ensure_ascii=False))


class Watched(Chunks):
    """The chunks of an answer, counted; cut off, visibly, after the most rows that are allowed."""

    def __init__(self, answer: Answer, entry: Entry) -> None:
        self._chunks = answer.chunks
        self._entry = entry
        self.generation = answer.generation
        self._most = entry.log.max_rows
        self._count = RowCount(answer.media_type, exact=self._most > 0)
        self._bytes = 0

    def __iter__(self) -> Watched:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._entry.end("complete", rows=self.rows, bytes=self._bytes)
            raise
        except IvigraphError as error:
            self._entry.failed(error)
            raise
        self._add(chunk)
        self._cut_off()
        return chunk

    @property
    def rows(self) -> int:
        """How many have come so far; 0 for a syntax in which they cannot be counted."""
        return self._count.rows

    def gathered(self, most: int, seconds: float) -> bytes | None:
        try:
            body = self._chunks.gathered(most, seconds)
        except IvigraphError as error:
            self._entry.failed(error)
            raise
        if body is None:
            return None
        self._add(body)
        self._cut_off()
        self._entry.end("complete", rows=self.rows, bytes=self._bytes)
        return body

    def close(self) -> None:
        self._chunks.close()
        self._entry.end("left", rows=self.rows, bytes=self._bytes)

    def _cut_off(self) -> None:
        if self._most and self.rows > self._most:
            self._entry.end("cut", rows=self._most, bytes=self._bytes)
            self._chunks.close()
            raise QueryError(f"has more than {self._most} rows", where="query", remedy="add a LIMIT")

    def _add(self, chunk: bytes) -> None:
        self._bytes += len(chunk)
        self._count.add(chunk)


def write_to(target: str) -> None:
    """Send the lines to a file, or to standard error for "-"; nowhere for "". Raises SettingsError."""
    if not target:
        return
    try:
        handler = logging.StreamHandler(sys.stderr) if target == "-" else logging.FileHandler(target, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"cannot be written: {error.strerror}", where=f"query_log {target}", remedy="name another file, or -"
        ) from error
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
