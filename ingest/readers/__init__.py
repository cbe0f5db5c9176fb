"""Readers turn a file into documents; what a file is, is seen from its content rather than from its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ivigraph.errors import ReadError
from ivigraph.ingest.readers.archive import Budget
from ivigraph.ingest.readers.dispatch import Keep, documents, refused_for_size
from ivigraph.ingest.readers.structured import Item

__all__ = ["Item", "Keep", "read", "refused_for_size"]


def read(path: Path, *, max_bytes: int, keep: Keep | None = None, name: str = "") -> Iterator[Item]:
    """What a file holds, read when asked for: documents, deletions, and a ReadError for each record left out.

    `name` is what the file is called instead of its path. `max_bytes` bounds a single document, not a file of many;
    `keep` sees the XML of each record of a PubMed file and may drop it unparsed (`gate.Gate`). Raises ReadError for a
    file that cannot be opened or is of no known kind, and where one cannot be read to its end.
    """
    where = name or str(path)
    try:
        with path.open("rb") as file:
            if refused := refused_for_size(file, where, max_bytes=max_bytes):
                raise refused
            yield from documents(file, where, max_bytes=max_bytes, budget=Budget(path.stat().st_size), keep=keep)
    except OSError as error:
        raise ReadError(
            f"the file cannot be read: {error.strerror or error}",
            where=where,
            remedy="check that it is a file and that you may read it",
        ) from error
