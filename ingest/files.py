"""Which files are read: those that are named, and the documents below the directories that are named.

A file that is named is read whatever it is called; below a directory its name has to promise a document.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ivigraph.errors import ReadError
from ivigraph.ingest.readers.recognise import SUFFIXES


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """The documents in the order of `paths`, below a directory sorted by name; each file once.

    Raises ReadError for a path that does not exist and for a directory without documents.
    """
    seen: set[Path] = set()
    for path in paths:
        for file in _documents(path):
            real = file.resolve()
            if real not in seen:
                seen.add(real)
                yield file


def skipped(paths: Iterable[Path]) -> Iterator[Path]:
    """The files below the directories that `find` leaves out, because their name promises no document."""
    for path in paths:
        if path.is_dir():
            yield from (file for file in _files(path) if not _promises_document(file))


def _documents(path: Path) -> Iterator[Path]:
    if path.is_dir():
        files = [file for file in _files(path) if _promises_document(file)]
        if not files:
            raise ReadError(
                "the directory holds no document",
                where=str(path),
                remedy=f"documents end in {', '.join(sorted(SUFFIXES))}; name any other file itself",
            )
        yield from files
    elif path.exists():
        yield path
    else:
        raise ReadError("there is no such file or directory", where=str(path), remedy="check the path")


def _files(directory: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise ReadError(
            f"the directory cannot be read: {error.strerror}",
            where=str(error.filename or directory),
            remedy="check its permissions",
        ) from error

    found: list[Path] = []
    for folder, folders, names in os.walk(directory, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder) / name for name in names if not name.startswith(".")]
    return sorted(found)


def _promises_document(file: Path) -> bool:
    return file.suffix.lower() in SUFFIXES
