"""Formats of one field a line, "TAG - value": MEDLINE (.nbib) and RIS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams
from ivigraph.ingest.readers.streams import Readable

_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,3}-(?: (.*))?$")


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record in their order; `where` names file and line."""

    where: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def all(self, *tags: str) -> list[str]:
        return [value for tag in tags for value in self.fields.get(tag, ())]

    def first(self, *tags: str) -> str:
        """The value of the first of these tags that has one, else ""."""
        return next((value for value in self.all(*tags) if value), "")


def records(
    stream: Readable, where: str, *, first: str, last: str | None = None, max_bytes: int
) -> Iterator[Record | ReadError]:
    """The records of a file, each opened by the tag `first`; `last` closes one where the format has such a tag.

    A line without a tag goes on with the field above. A record that is not UTF-8, too large or cut off is an error.
    Raises ReadError for a file without a record.
    """
    block: list[bytes] = []
    start, size, found = 1, 0, False
    opening = re.compile(first.encode() + rb" {0,3}- ?")

    def record() -> Record | ReadError | None:
        return _record(block, f"{where}, line {start}", last, size > max_bytes) if block else None

    for number, line in enumerate(streams.lines(streams.utf8(stream, where), where, max_bytes=max_bytes), start=1):
        if opening.match(line):
            if item := record():
                yield item
            block, start, size, found = [], number, 0, True
        if found:
            size += len(line)
            if size <= max_bytes:
                block.append(line)
    if item := record():
        yield item
    if not found:
        raise ReadError(f"the file holds no record ({first})", where=where, remedy="export it again")


def _record(block: list[bytes], where: str, last: str | None, too_large: bool) -> Record | ReadError:
    if too_large:
        return ReadError("a record is too large", where=where, remedy="raise the setting max_document_mb")
    try:
        lines = b"\n".join(block).decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        return ReadError(
            f"the record is not valid UTF-8: byte 0x{error.object[error.start]:02x}",
            where=where,
            remedy="export it as UTF-8; for a file from Windows: iconv -f WINDOWS-1252 -t UTF-8",
        )
    result = Record(where)
    values: list[str] | None = None
    for line in lines:
        if match := _FIELD.match(line):
            tag, value = match.group(1), (match.group(2) or "").strip()
            if tag == last:
                return result
            values = result.fields.setdefault(tag, [])
            values.append(value)
        elif values is not None and line.strip():
            values[-1] = f"{values[-1]} {line.strip()}".strip()
    if last is not None:
        return ReadError(f"a record is cut off: {last} is missing", where=where, remedy="export it again")
    return result
