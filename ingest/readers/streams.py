"""Files as streams of UTF-8, whatever they are written in, and of lines that cannot fill the memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Protocol

from ivigraph.errors import ReadError

CHUNK = 1 << 18  # bytes read at a time
HEAD = 1 << 16  # bytes in which a file shows what it is
_MARKS = (
    # The mark of UTF-16 opens that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Readable(Protocol):
    """What the readers need of a stream."""

    def read(self, size: int, /) -> bytes: ...


class Prefixed:
    """Bytes already read, then the rest of the stream."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        data, self._head = self._head[:size], self._head[size:]
        return data


class BrokenOff:
    """The end of a stream that cannot be read further, for this reason."""

    def __init__(self, error: ReadError) -> None:
        self._error = error

    def read(self, size: int, /) -> bytes:
        raise self._error


def encoding_of(head: bytes) -> str | None:
    """The encoding that a byte order mark at the start names."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def utf8(stream: Readable, where: str, *, declared: str = "utf-8") -> Readable:
    """The stream in UTF-8 without a mark; a mark wins over what is declared.

    UTF-8 itself is passed on unchecked, so that a wrong byte costs the record that holds it and no other.
    Raises ReadError for an unknown encoding, and while reading for what is not valid in another than UTF-8.
    """
    head = stream.read(HEAD)
    encoding = encoding_of(head) or declared
    if encoding == "utf-8-sig":
        return Prefixed(head[len(codecs.BOM_UTF8) :], stream)
    try:
        if codecs.lookup(encoding).name in ("utf-8", "ascii"):
            return Prefixed(head, stream)
        decoder = codecs.getincrementaldecoder(encoding)()
        decoder.decode(b"")
    except (LookupError, TypeError, ValueError) as error:
        raise ReadError(
            f"the file declares an unknown encoding, {encoding!r}", where=where, remedy="save it as UTF-8"
        ) from error
    return _Transcoded(Prefixed(head, stream), decoder, encoding, where)


def lines(stream: Readable, where: str, *, max_bytes: int) -> Iterator[bytes]:
    """The lines of a stream without their ends. Raises ReadError for one longer than `max_bytes`."""
    rest = b""
    while data := stream.read(CHUNK):
        *whole, rest = (rest + data).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in whole)
        if len(rest) > max_bytes:
            raise ReadError(
                f"a line is longer than {max_bytes / 1e6:g} MB",
                where=where,
                remedy="raise the setting max_document_mb, if a document may be so long",
            )
    if rest:
        yield rest


def whole(stream: Readable, where: str, *, max_bytes: int) -> bytes:
    """All bytes of a stream. Raises ReadError for more than `max_bytes`."""
    parts: list[bytes] = []
    size = 0
    while data := stream.read(CHUNK):
        size += len(data)
        if size > max_bytes:
            raise too_large(where, max_bytes=max_bytes)
        parts.append(data)
    return b"".join(parts)


def too_large(where: str, *, max_bytes: int, size: int | None = None) -> ReadError:
    """The error for a single document above the limit, of so many bytes where they are known."""
    limit = f"{max_bytes / 1e6:g} MB"
    return ReadError(
        f"the file has {size / 1e6:,.1f} MB, the limit for a document is {limit}"
        if size
        else f"the file is larger than {limit}, the limit for a document",
        where=where,
        remedy="cut it, or raise the setting max_document_mb",
    )


class _Transcoded:
    def __init__(self, stream: Readable, decoder: codecs.IncrementalDecoder, encoding: str, where: str) -> None:
        self._stream, self._decoder, self._encoding, self._where = stream, decoder, encoding, where

    def read(self, size: int, /) -> bytes:
        while True:
            data = self._stream.read(size)
            try:
                text = self._decoder.decode(data, final=not data)
                if text or not data:
                    return text.encode("utf-8")
            except ValueError as error:
                raise ReadError(
                    f"the text is not valid {self._encoding}, which the file declares",
                    where=self._where,
                    remedy="save it as UTF-8",
                ) from error
