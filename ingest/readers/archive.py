"""Archives and compressed files, read where they are: nothing is written to disk under a name of theirs.

What comes out is counted against what went in, so that a small file cannot keep the machine busy for hours.
"""

from __future__ import annotations

import gzip
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams
from ivigraph.ingest.readers.recognise import SUFFIXES
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Item

Inner = Callable[[Readable, str], Iterator[Item]]
"""Reads what an archive holds, given its stream and its name."""

_FREE = 256_000_000  # bytes that any file may unpack to
_RATIO = 100  # what a larger one may unpack to, by its size; baseline files of PubMed reach 10
_MEMBERS = 200_000
_SPOOLED = 64_000_000  # bytes of an archive within an archive that are kept in memory
_BROKEN = (
    EOFError,
    OSError,
    zlib.error,
    zipfile.BadZipFile,
    tarfile.TarError,
    ValueError,
    ArithmeticError,
    RuntimeError,
)


class Budget:
    """How much the whole of a file may unpack to, archives within archives included."""

    def __init__(self, size: int) -> None:
        self._left = max(_FREE, _RATIO * size)

    def spend(self, count: int, where: str) -> None:
        self._left -= count
        if self._left < 0:
            raise ReadError(
                f"the file unpacks to more than {_RATIO} times its size",
                where=where,
                remedy="unpack it yourself, if you trust it",
            )


def unpacked(stream: Readable, where: str, budget: Budget, inner: Inner) -> Iterator[Item]:
    """What a gzip file holds."""
    file = gzip.GzipFile(fileobj=cast("IO[bytes]", stream), mode="rb")
    yield from inner(_Counted(file.read1, where, budget), where)


def zipped(stream: Readable, where: str, budget: Budget, inner: Inner) -> Iterator[Item]:
    """What the documents of a ZIP archive hold. Raises ReadError for a broken one."""
    with tempfile.SpooledTemporaryFile(_SPOOLED) as copy:
        try:
            archive = zipfile.ZipFile(_seekable(stream, cast("IO[bytes]", copy)))
            members = archive.infolist()
        except _BROKEN as error:
            raise _broken("ZIP", where, error) from error
        _few(len(members), where)
        for member in members:
            place = f"{where}#{member.filename}"
            if member.is_dir() or not _is_document(member.filename):
                continue
            if refused := _refused(member.filename, place):
                yield refused
            elif member.flag_bits & 1:
                yield ReadError("the file is encrypted", where=place, remedy="unpack it yourself with its password")
            else:
                yield from _member(archive, member, place, budget, inner)


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str, budget: Budget, inner: Inner
) -> Iterator[Item]:
    try:
        file = cast("zipfile.ZipExtFile", archive.open(member))
    except _BROKEN as error:
        yield _broken("ZIP", where, error)
        return
    with file:
        yield from inner(_Counted(file.read1, where, budget), where)


def tarred(stream: Readable, where: str, budget: Budget, inner: Inner) -> Iterator[Item]:
    """What the documents of a tar archive hold. Raises ReadError where a broken one cannot be read on."""
    for count, (member, file) in enumerate(_files(stream, where), start=1):
        _few(count, where)
        place = f"{where}#{member.name}"
        if member.isdir() or not _is_document(member.name):
            continue
        if refused := _refused(member.name, place):
            yield refused
        elif file is None:
            yield ReadError("a link, which is not followed", where=place, remedy="pack the file itself")
        else:
            yield from inner(_Counted(file.read, place, budget), place)


def _files(stream: Readable, where: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """The members of a tar archive with the stream of each plain file."""
    followed = _Followed(stream)
    try:
        archive = tarfile.open(fileobj=cast("IO[bytes]", followed), mode="r|")  # noqa: SIM115 - closed below
    except _BROKEN as error:
        raise _broken("tar", where, error) from error
    with archive:
        while True:
            try:
                member = archive.next()
                file = archive.extractfile(member) if member is not None and member.isfile() else None
            except _BROKEN as error:
                raise _broken("tar", where, error) from error
            if member is None:
                # tarfile is content without the block of zeros that closes an archive.
                if followed.last.strip(b"\0"):
                    raise ReadError("the tar archive is cut off", where=where, remedy="fetch it again")
                return
            # Otherwise the archive remembers every member that it has passed.
            archive.members = []  # type: ignore[attr-defined]
            yield member, file


def _few(count: int, where: str) -> None:
    if count > _MEMBERS:
        raise ReadError(f"the archive holds more than {_MEMBERS:,} files", where=where, remedy="unpack it yourself")


def _is_document(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) and part not in ("..", ".") for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _refused(name: str, where: str) -> ReadError | None:
    """A name that leads out of the archive: nothing would be written there, but it is no honest archive."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name[:2]:
        return ReadError(
            "the name of the file leads out of the archive", where=where, remedy="pack it under another name"
        )
    return None


def _seekable(stream: Readable, copy: IO[bytes]) -> IO[bytes]:
    """The stream itself where it can be read from any place, else a copy."""
    if hasattr(stream, "seek"):
        return cast("IO[bytes]", stream)
    while data := stream.read(streams.CHUNK):
        copy.write(data)
    return copy


def _broken(kind: str, where: str, error: Exception) -> ReadError:
    return ReadError(f"the {kind} archive is broken: {error}", where=where, remedy="fetch it again")


class _Followed:
    """A stream that remembers the last block that was read from it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.last = b""

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self.last = (self.last + data)[-tarfile.BLOCKSIZE :]
        return data


class _Counted:
    """Unpacked bytes, counted; what breaks while unpacking is told as a ReadError."""

    def __init__(self, read: Callable[[int], bytes], where: str, budget: Budget) -> None:
        self._read, self._where, self._budget = read, where, budget

    def read(self, size: int, /) -> bytes:
        try:
            data = self._read(size)
        except _BROKEN as error:
            raise ReadError(
                f"the compressed file is broken or cut off: {error}", where=self._where, remedy="fetch it again"
            ) from error
        self._budget.spend(len(data), self._where)
        return data
