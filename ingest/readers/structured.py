"""Formats that name the parts of an article: here its sections become the text and the passages of a Document."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import bibliography, metadata
from ivigraph.ingest.readers.lines import INVISIBLE
from ivigraph.model import Deletion, Document, Heading, Passage, Related

Item = Document | Deletion | ReadError
"""What a reader yields. An error among the documents is a record that was left out; the rest is read."""

_OPENING = 100  # characters of the text that stand for a missing title


@dataclass(frozen=True, slots=True)
class Section:
    """A run of text under one heading. `path` holds the headings above it, outermost first.

    Each paragraph is a string, its lines (rows of a table, items of a list) parted by line feeds.
    """

    path: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Citation:
    """What a record says about its article beside the text; the fields are those of Document."""

    identifiers: tuple[str, ...] = ()
    title: str = ""
    published: str | None = None
    journal: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    publication_types: tuple[str, ...] = ()
    mesh: tuple[Heading, ...] = ()
    keywords: tuple[str, ...] = ()
    licence: str | None = None
    references: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    revised: str | None = None


def document(citation: Citation, sections: Iterable[Section], source: str) -> Document:
    """The document of a record and its sections. Raises ReadError for one with neither title nor text."""
    title = clean(citation.title)
    text, passages = _layout(title, sections)
    if not text:
        raise ReadError(
            "the record has neither a title nor a text", where=source, remedy="fetch the record again from its source"
        )
    # A text in a record of an English article is English.
    written = "en" if citation.language == "en" else metadata.language(text)
    return Document(
        id=citation.identifiers[0] if citation.identifiers else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
        source=source,
        title=title or _opening(text),
        type=bibliography.document_type(citation.publication_types, title, _telling(text, passages)),
        text=text,
        passages=passages,
        identifiers=citation.identifiers,
        language=citation.language or written,
        text_language=written if citation.language and written != citation.language else None,
        year=int(citation.published[:4]) if citation.published else None,
        published=citation.published,
        journal=citation.journal,
        authors=citation.authors,
        publication_types=citation.publication_types,
        mesh=citation.mesh,
        keywords=citation.keywords,
        licence=citation.licence,
        references=citation.references,
        related=citation.related,
        revised=citation.revised,
    )


def clean(text: str | None) -> str:
    """One line: NFC, without control and invisible characters, single spaces, none at the ends."""
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")  # nearly all that is ever cleaned
    if not text.isprintable():
        text = INVISIBLE.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def label(heading: str) -> str:
    """A heading as the name of a section: lower case, without its number or the colon behind it."""
    return clean(re.sub(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[IVX]+\.)\s+(?=\S)", "", heading)).lower().rstrip(" :.")


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values in their order, each once, empty ones left out."""
    return tuple(dict.fromkeys(value for value in values if value))


def _layout(title: str, sections: Iterable[Section]) -> tuple[str, tuple[Passage, ...]]:
    """The text: title, then each heading with its paragraphs; an empty line between any two of them."""
    pieces: list[str] = []
    passages: list[Passage] = []
    length = 0

    def add(name: str, parts: Sequence[str]) -> None:
        nonlocal length
        block = "\n\n".join(parts)
        start = length + (2 if pieces else 0)
        pieces.append(block)
        length = start + len(block)
        passages.append(Passage(section=name, start=start, end=length))

    if title:
        add("title", [title])
    for section in sections:
        paragraphs = [paragraph for paragraph in map(_clean_lines, section.paragraphs) if paragraph]
        name = " / ".join(filter(None, map(label, section.path)))
        if paragraphs:
            add(name or "body", paragraphs)
    return "\n\n".join(pieces), tuple(passages)


def _clean_lines(paragraph: str) -> str:
    if "\n" not in paragraph:
        return clean(paragraph)
    return "\n".join(line for line in map(clean, paragraph.split("\n")) if line)


def _telling(text: str, passages: Sequence[Passage]) -> str:
    """The part that tells what kind of document it is: the abstract, or the text where there is none."""
    ends = [passage.end for passage in passages if passage.section.startswith("abstract")]
    return text[: max(ends)] if ends else text


def _opening(text: str) -> str:
    line = text.partition("\n")[0]
    sentence = re.split(r"(?<=[a-z)\]][.!?])\s", line, maxsplit=1)[0]
    if len(sentence) <= _OPENING:
        return sentence
    return sentence[:_OPENING].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


_LABEL = re.compile(r"(?:^|(?<=[.?!)\]] ))([A-Z][A-Z]+(?:[ ,/&-]+[A-Z]+){0,6}): (?=\S)")


def labelled(abstract: str) -> list[Section]:
    """The parts of an abstract in one string, "BACKGROUND: … METHODS: …"; a single one where it has no labels.

    An upper-case word before a colon is a label only where another follows: "IVIG: a review" is none.
    """
    found = list(_LABEL.finditer(abstract))
    if len(found) < 2:
        return [Section(("abstract",), (abstract,))] if abstract else []
    opening = abstract[: found[0].start()].strip()
    sections = [Section(("abstract",), (opening,))] if opening else []
    for match, following in zip(found, [*found[1:], None], strict=True):
        text = abstract[match.end() : following.start() if following else len(abstract)]
        sections.append(Section(("abstract", match.group(1)), (match.group(1), text)))
    return sections
