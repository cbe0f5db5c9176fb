"""PubTator: "PMID|t|title" and "PMID|a|abstract", then lines of annotations, which are not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams
from ivigraph.ingest.readers.bibliography import identifiers
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, clean, document, labelled

_TEXT = re.compile(rb"([^|\t]{1,64})\|([a-z])\|(.*)")


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The documents of a file. Raises ReadError where reading ends."""
    current: bytes | None = None
    parts: dict[bytes, bytes] = {}
    start = 1
    for number, line in enumerate(streams.lines(streams.utf8(stream, where), where, max_bytes=max_bytes), start=1):
        match = _TEXT.match(line)
        if match is None:
            continue
        if match.group(1) != current:
            if current is not None:
                yield _document(current, parts, where, start)
            current, parts, start = match.group(1), {}, number
        parts.setdefault(match.group(2), match.group(3))
    if current is None:
        raise ReadError("the file holds no document (PMID|t|title)", where=where, remedy="export it again")
    yield _document(current, parts, where, start)


def _document(id: bytes, parts: dict[bytes, bytes], where: str, line: int) -> Item:
    place = f"{where}, line {line}"
    try:
        name, title, abstract = (part.decode("utf-8") for part in (id, parts.get(b"t", b""), parts.get(b"a", b"")))
    except UnicodeDecodeError:
        return ReadError("the document is not valid UTF-8", where=place, remedy="save the file as UTF-8")
    name = clean(name)
    pmcid = name if name.upper().startswith("PMC") else None
    citation = Citation(title=title, identifiers=identifiers(pmid=name, pmcid=pmcid))
    try:
        return document(citation, labelled(clean(abstract)), f"{where}#{name}")
    except ReadError as error:
        return error
