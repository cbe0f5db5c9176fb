"""An ontology that somebody else wrote, as terms, names and mappings, whatever its file format.

    file -> Source (header, terms, mappings, problems) -> TermIndex.add

Formats: OWL (RDF/XML, OWL/XML) and SKOS in any RDF syntax, OBO, OBO Graphs JSON, SSSOM and tables of labels; all of
them plain or compressed with gzip. `owl:imports` are never fetched. A file whose syntax is broken is refused as a
whole, with the line; a statement that makes no sense is left out and reported, and the rest is loaded.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from ivigraph.errors import ReadError


class Scope(StrEnum):
    """How a name stands to its term, the closest first."""

    LABEL = "label"
    EXACT = "exact"
    ABBREVIATION = "abbreviation"
    LAY = "lay"
    NARROW = "narrow"
    BROAD = "broad"
    RELATED = "related"


class ProblemKind(StrEnum):
    SYNTAX = "statement left out"
    IMPORT = "import not fetched"
    PREFIX = "unknown prefix"
    CYCLE = "cyclic hierarchy"
    DUPLICATE = "duplicate label"
    OBSOLETE = "mapping to an obsolete term"
    UNLABELLED = "term without a label"


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` names the line or the term."""

    kind: ProblemKind
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class TermName:
    text: str
    scope: Scope
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """`id`, `parents` and `replaced_by` are CURIEs, or IRIs where no prefix fits; `names` excludes the label."""

    id: str
    label: str
    names: tuple[TermName, ...] = ()
    parents: tuple[str, ...] = ()
    definition: str = ""
    obsolete: bool = False
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One identifier for another. A cross reference without a stated meaning has the predicate `oboInOwl:hasDbXref`."""

    subject: str
    predicate: str
    object: str
    justification: str = ""
    confidence: float | None = None


XREF = "oboInOwl:hasDbXref"
EXACT = "skos:exactMatch"


@dataclass(slots=True, kw_only=True)
class Source:
    """`terms` and `mappings` may be read once, `terms` first; `problems` grows while they are read."""

    format: str
    terms: Iterable[Term]
    mappings: Iterable[Mapping] = ()
    problems: list[Problem] = field(default_factory=list)
    title: str = ""
    version: str = ""
    licence: str = ""


Progress = Callable[[float], None]
"""Is told the fraction of a file that has been read, 0 to 1."""


def read(path: Path, *, prefix: str = "", progress: Progress = lambda _: None) -> Source:
    """The ontology in a file. `prefix` completes bare identifiers of a table ("D003920"). Raises ReadError."""
    from ivigraph.ontology import obo, obograph, owl, tables

    kind = detect(path)
    if kind == "obo":
        with opened(path, progress) as stream:
            return obo.read(stream, where=path.name)
    if kind == "obograph":
        with opened(path, progress) as stream:
            return obograph.read(stream, where=path.name)
    if kind == "tsv":
        with opened(path, progress) as stream:
            return tables.read(stream, where=path.name, prefix=prefix)
    return owl.read(path, kind, progress)


_BY_SUFFIX = {
    ".obo": "obo",
    ".json": "obograph",
    ".tsv": "tsv",
    ".ttl": "turtle",
    ".nt": "ntriples",
    ".jsonld": "jsonld",
    ".trig": "trig",
    ".nq": "nquads",
}
# What a file begins with decides between the XML formats, and for a suffix that says nothing.
_BY_START = (
    (re.compile(r"<\?xml.*?<(?:[\w-]+:)?RDF\b|^\s*<(?:[\w-]+:)?RDF\b", re.DOTALL), "rdfxml"),
    (re.compile(r"<(?:[\w-]+:)?Ontology\b"), "owlxml"),
    (re.compile(r"^format-version:|^\[Term\]", re.MULTILINE), "obo"),
    (re.compile(r'^\s*\{\s*"graphs"'), "obograph"),
    (re.compile(r"^\s*(?:@prefix|PREFIX|@base|BASE)\b", re.MULTILINE), "turtle"),
)


def detect(path: Path) -> str:
    """The format of a file: obo, obograph, tsv, rdfxml, owlxml, turtle, ntriples, jsonld, trig or nquads."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if suffixes and suffixes[-1] in _BY_SUFFIX:
        return _BY_SUFFIX[suffixes[-1]]
    with opened(path) as stream:
        start = stream.read(16_384).decode("utf-8", errors="replace").lstrip("\ufeff")
    for pattern, kind in _BY_START:
        if pattern.search(start):
            return kind
    if start.lstrip().startswith("<"):
        return "rdfxml"  # the parser will say in which line it stops being that
    raise ReadError(
        "not an ontology in a known format",
        where=path.name,
        remedy="give OWL, SKOS, OBO, OBO Graphs JSON, SSSOM TSV or a table of labels, with its usual suffix",
    )


@contextmanager
def opened(path: Path, progress: Progress = lambda _: None) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is gzip; `progress` follows the packed bytes. Raises ReadError."""
    try:
        with path.open("rb") as raw:
            counted = _Counted(raw, path.stat().st_size, progress)
            if raw.peek(2)[:2] == b"\x1f\x8b":
                with gzip.open(counted) as stream:
                    yield stream  # type: ignore[misc]
            else:
                yield counted  # type: ignore[misc]
    except (OSError, EOFError) as error:
        raise ReadError(
            f"cannot be read: {error}", where=path.name, remedy="check the file and its permissions"
        ) from error


class _Counted:
    """A binary stream that tells how much of it has been read."""

    def __init__(self, raw: IO[bytes], size: int, progress: Progress) -> None:
        self._raw, self._size, self._progress, self._done = raw, max(size, 1), progress, 0
        self.name = getattr(raw, "name", "")

    def _count(self, data: bytes) -> bytes:
        self._done += len(data)
        self._progress(min(self._done / self._size, 1.0))
        return data

    def read(self, size: int = -1) -> bytes:
        return self._count(self._raw.read(size))

    def readline(self, size: int = -1) -> bytes:
        return self._count(self._raw.readline(size))

    def __iter__(self) -> Iterator[bytes]:
        return map(self._count, self._raw)

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset == 0 and whence == 0:
            self._done = 0
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        """The owner of the file closes it."""


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load_json(stream: IO[bytes], where: str) -> object:
    try:
        return json.load(stream)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ReadError(f"is no JSON: {error}", where=where, remedy="correct the file, or get it again") from error
