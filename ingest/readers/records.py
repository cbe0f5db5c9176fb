"""JSON Lines of texts: one object a line with `text`, and what is known of `id`, `title`, `doi`, `year` and so on."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams
from ivigraph.ingest.readers.bibliography import identifiers, language, written_date
from ivigraph.ingest.readers.furniture import is_article_heading
from ivigraph.ingest.readers.lines import lines
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, Section, clean, document, unique
from ivigraph.model import Document

_TEXTS = ("text", "body", "abstract")  # the first that is there


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The texts of a file, each a document. Raises ReadError where reading ends."""
    found = False
    for number, line in enumerate(streams.lines(streams.utf8(stream, where), where, max_bytes=max_bytes), start=1):
        if not line.strip():
            continue
        found = True
        try:
            yield _document(_object(line), where, number)
        except ReadError as error:
            yield ReadError(error.message, where=f"{where}, line {number}", remedy=error.remedy)
    if not found:
        raise ReadError("the file holds no record", where=where, remedy="write one JSON object a line")


def _object(line: bytes) -> dict[str, object]:
    try:
        # Python's decoder limits digits of integers and, through the call stack, depth.
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"the line is no JSON: {error}", remedy="write one JSON object a line, in UTF-8") from error
    if not isinstance(value, dict):
        raise ReadError("the line is no JSON object", remedy='write {"id": …, "text": …} on each line')
    return value


def _document(value: dict[str, object], where: str, number: int) -> Document:
    text = next((str(value[key]) for key in _TEXTS if isinstance(value.get(key), str) and value[key]), "")
    name = _string(value, "id")
    authors = value.get("authors")
    citation = Citation(
        title=_string(value, "title"),
        identifiers=_identifiers(value, name),
        published=written_date(_string(value, "published") or _string(value, "year")),
        journal=_string(value, "journal") or None,
        authors=unique(map(clean, map(str, authors))) if isinstance(authors, list) else (),
        language=language(_string(value, "language")),
    )
    return document(citation, _sections(lines(text)), f"{where}#{name or number}")


def _sections(paragraphs: list[str]) -> Iterator[Section]:
    """All of the text, for it was chosen by whoever wrote the file; headings of articles part it."""
    heading = ""
    run: list[str] = []
    for paragraph in paragraphs:
        if is_article_heading(paragraph):
            yield Section((heading,), tuple(run))
            heading, run = paragraph, []
        run.append(paragraph)
    yield Section((heading,), tuple(run))


def _string(value: dict[str, object], key: str) -> str:
    found = value.get(key)
    return clean(str(found)) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _identifiers(value: dict[str, object], name: str) -> tuple[str, ...]:
    prefix, _, local = name.partition(":")
    named = {prefix.lower(): local} if local else {}
    return identifiers(
        doi=_string(value, "doi") or named.get("doi"),
        pmid=_string(value, "pmid") or named.get("pmid"),
        pmcid=_string(value, "pmcid") or named.get("pmcid"),
    )
