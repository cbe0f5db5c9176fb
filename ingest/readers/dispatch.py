"""A stream of any format to documents: recognised, then handed to its reader."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import IO

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import (
    archive,
    bioc,
    html,
    jats,
    medline,
    pdf,
    pubmed,
    pubtator,
    records,
    ris,
    streams,
    text,
)
from ivigraph.ingest.readers.archive import Budget
from ivigraph.ingest.readers.decoding import decode
from ivigraph.ingest.readers.recognise import Format, recognise
from ivigraph.ingest.readers.streams import HEAD, Prefixed, Readable
from ivigraph.ingest.readers.structured import Item
from ivigraph.model import Document

Keep = Callable[[bytes], bool]
"""Whether the raw record of an article is worth parsing."""

_DEPTH = 4  # archives within archives; a tar.gz in a ZIP is three
_READERS = {
    Format.JATS: jats.documents,
    Format.BIOC_XML: bioc.xml_documents,
    Format.BIOC_JSON: bioc.json_documents,
    Format.MEDLINE: medline.documents,
    Format.RIS: ris.documents,
    Format.PUBTATOR: pubtator.documents,
    Format.RECORDS: records.documents,
    Format.PDF: pdf.documents,
}
_SINGLE = frozenset({Format.TEXT, Format.HTML, Format.PDF, Format.BIOC_JSON})  # kept in memory as a whole
_ARCHIVES = {Format.GZIP: archive.unpacked, Format.ZIP: archive.zipped, Format.TAR: archive.tarred}
_REMEDIES = {
    Format.OFFICE: "save the document as PDF, as a web page or as plain text",
    Format.OTHER_XML: "PubMed, JATS and BioC are read; save the article's web page, or its text",
    Format.OTHER_JSON: 'BioC and JSON Lines ({"id": …, "text": …} on each line) are read',
}


def documents(
    stream: Readable, where: str, *, max_bytes: int, budget: Budget, keep: Keep | None = None, depth: int = 0
) -> Iterator[Item]:
    """What a stream holds, in its order; a ReadError among it is a record, or a file in an archive, that was left out.

    `max_bytes` bounds a single document; a file of many records may have any size. `keep` chooses among the records
    of PubMed files before they are parsed. Raises ReadError where the stream as a whole cannot be read, or not further.
    """
    head, rest = _head(stream)
    format = recognise(head)
    rewound: Readable = Prefixed(head, rest)
    if format in _ARCHIVES:
        if depth == _DEPTH:
            raise ReadError(
                "archives are packed into each other too deeply", where=where, remedy="unpack them yourself"
            )
        # What is merely compressed is one stream, so its errors are those of the file.
        read = documents if format is Format.GZIP else _member
        inner = partial(read, max_bytes=max_bytes, budget=budget, keep=keep, depth=depth + 1)
        if hasattr(stream, "seek"):
            stream.seek(0)
            rewound = stream
        yield from _ARCHIVES[format](rewound, where, budget, inner)
    elif format in _REMEDIES:
        raise ReadError(f"this is {format}, which is not read", where=where, remedy=_REMEDIES[format])
    else:
        for item in _items(format, rewound, where, max_bytes=max_bytes, keep=keep):
            yield replace(item, format=format.value) if isinstance(item, Document) else item


def refused_for_size(file: IO[bytes], where: str, *, max_bytes: int) -> ReadError | None:
    """The error for a file that is one document and too large for it, told from its size and its first bytes."""
    if not file.seekable():
        return None
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size <= max_bytes:
        return None
    format = recognise(_head(file)[0])
    file.seek(0)
    return streams.too_large(where, max_bytes=max_bytes, size=size) if format in _SINGLE else None


def _items(format: Format, stream: Readable, where: str, *, max_bytes: int, keep: Keep | None) -> Iterator[Item]:
    if format is Format.PUBMED:
        yield from pubmed.documents(stream, where, max_bytes=max_bytes, keep=keep)
    elif format in _READERS:
        yield from _READERS[format](stream, where, max_bytes=max_bytes)
    else:
        content = decode(streams.whole(stream, where, max_bytes=max_bytes), where)
        yield html.document(content, where) if format is Format.HTML else text.document(content, where)


def _member(
    stream: Readable, where: str, *, max_bytes: int, budget: Budget, keep: Keep | None, depth: int
) -> Iterator[Item]:
    """A file in an archive: where it cannot be read, the next one still is."""
    try:
        yield from documents(stream, where, max_bytes=max_bytes, budget=budget, keep=keep, depth=depth)
    except ReadError as error:
        yield error


def _head(stream: Readable) -> tuple[bytes, Readable]:
    """The first bytes, though a stream may give fewer at a time, and what follows them.

    Where the stream breaks off within them, that is told behind them: what is whole is read.
    """
    head = b""
    try:
        while len(head) < HEAD and (data := stream.read(HEAD - len(head))):
            head += data
    except ReadError as error:
        if not head:
            raise
        return head, streams.BrokenOff(error)
    return head, stream
