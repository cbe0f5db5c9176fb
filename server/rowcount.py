"""How many rows or triples an answer holds, counted in its bytes as they pass, in every syntax of the engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_JSON = "application/sparql-results+json"
_OUTSIDE = {b"[{": 1, b"},{": 1}  # the first row of JSON, and each other, outside of quotes
# What begins, ends or separates the rows of an answer, with how many each adds, and what comes on top. None of it can
# stand within a term of the syntax; CSV has no such mark.
_MARKS: Mapping[str, tuple[Mapping[bytes, int], int]] = MappingProxyType(
    {
        _JSON: ({b'}},{"': 1}, 1),  # between two rows that bind something; the one more is the first
        "application/sparql-results+xml": ({b"<result>": 1}, 0),
        "text/csv": ({}, -1),  # the head is one
        "text/tab-separated-values": ({b"\n": 1}, -1),
        "application/n-triples": ({b"\n": 1}, 0),
        "application/n-quads": ({b"\n": 1}, 0),
        # A property of a subject; and the type of one, which may be the name of its element.
        "application/rdf+xml": ({b"\n\t\t<": 1, b"\n\t<": 1, b"\n\t</": -1, b"\n\t<rdf:Description ": -1}, 0),
        "application/ld+json": ({b'":[{"@': 1, b'"},{"@': 1}, 0),  # the first value of a property, and each other
    }
)
_CSV = "text/csv"  # lines that end outside of quotes
_BY_LINES = frozenset({"text/turtle", "application/trig"})  # a line for each property, its values between commas
_TERM = re.compile(rb'"(?:[^"\\]|\\.)*"|<[^>]*>')


class RowCount:
    """Counts what `add` is given; `rows` is 0 for a syntax that is unknown. Turtle is counted by whole lines.

    `exact` takes ten times as long for JSON, and counts rows that bind nothing and no text that looks like their marks.
    """

    def __init__(self, media_type: str, *, exact: bool) -> None:
        self._json = exact and media_type == _JSON
        self._marks, self._rows = (_OUTSIDE, 0) if self._json else _MARKS.get(media_type, ({}, 0))
        self._rests = dict.fromkeys(self._marks, b"")
        self._by_lines = media_type in _BY_LINES
        self._line = b""
        self._csv = media_type == _CSV
        self._escape = b""
        self._quoted = False

    @property
    def rows(self) -> int:
        return max(self._rows, 0)

    def add(self, chunk: bytes) -> None:
        if self._json:
            chunk = self._outside(chunk)
        for mark, number in self._marks.items():
            seen = self._rests[mark] + chunk
            self._rows += number * seen.count(mark)
            self._rests[mark] = seen[-(len(mark) - 1) :] if len(mark) > 1 else b""
        if self._csv:
            for part in chunk.split(b'"'):
                self._rows += 0 if self._quoted else part.count(b"\n")
                self._quoted = not self._quoted
            self._quoted = not self._quoted  # as many quotes as there are places between parts
        if self._by_lines:
            lines, _, self._line = (self._line + chunk).rpartition(b"\n")
            if lines:
                bare = _TERM.sub(b"", lines)
                self._rows += bare.count(b"\n") + 1 + bare.count(b" , ")

    def _outside(self, chunk: bytes) -> bytes:
        """What stands outside of the strings of JSON."""
        chunk = self._escape + chunk
        # An escape that is cut in two waits for its other half.
        end = len(chunk) - (len(chunk) - len(chunk.rstrip(b"\\"))) % 2
        chunk, self._escape = chunk[:end], chunk[end:]
        parts = chunk.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
        outside = b"".join(parts[self._quoted :: 2])
        self._quoted ^= len(parts) % 2 == 0
        return outside
