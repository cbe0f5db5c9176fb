"""The ledger for people: files and documents as rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file and its last reading. `time` is UTC, ISO 8601; `problems` counts records that were left out."""

    path: str
    sha256: str | None
    readers: str | None
    time: str | None
    seconds: float | None
    documents: int | None
    passed_over: int | None
    problems: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """An article and what was taken from it. `sources` are the places where it was found, the kept one first."""

    id: str
    identifiers: str
    sources: tuple[str, ...]
    extractor: str | None
    time: str | None
    seconds: float | None
    claims: int | None
    cases: int | None
    generation: int | None
    note: str | None
    error: str | None


def files(database: sqlite3.Connection, below: str = "") -> Iterator[FileRow]:
    """The files in the order in which they were first met; with `below`, the file or folder of this path."""
    rows = database.execute(
        "SELECT path, sha256, how, time, seconds, documents, passed_over,"
        " (SELECT COUNT(*) FROM problems WHERE file = number AND live = 1), message FROM files"
        " WHERE ?1 = '' OR path = ?1 OR substr(path, 1, length(?1) + 1) = ?1 || '/' ORDER BY number",
        (below,),
    )

    for row in rows:
        yield FileRow(**dict(zip(FileRow.__dataclass_fields__, row, strict=True)))


def document(database: sqlite3.Connection, identifier: str) -> DocumentRow | None:
    """The document that bears an identifier (doi:…, pmid:…, pmcid:…, sha256:…)."""
    row = database.execute(
        "SELECT a.id, a.identifiers, p.how, p.time, p.seconds, json_array_length(p.claims), p.cases, p.generation,"
        " p.note, COALESCE(p.message, r.message) FROM articles a LEFT JOIN published p ON p.id = a.id"
        " LEFT JOIN results r ON r.id = a.id WHERE a.id = ?1 OR a.id = (SELECT article FROM identifiers JOIN sources"
        " ON number = source WHERE identifier = ?1 AND article IS NOT NULL LIMIT 1)",
        (identifier,),
    ).fetchone()
    if row is None:
        return None
    found = database.execute(
        "SELECT name FROM sources WHERE article = ? ORDER BY rank DESC, file DESC, ordinal DESC", (row[0],)
    )
    names = [name for name in DocumentRow.__dataclass_fields__ if name != "sources"]
    return DocumentRow(**dict(zip(names, row, strict=True)), sources=tuple(name for (name,) in found))
