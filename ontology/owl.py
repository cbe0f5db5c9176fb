"""OWL and SKOS, read into the quadstore of owlready2 and out of it as terms.

The quadstore holds 1.4 million triples in a quarter of a gigabyte, where rdflib needs six times as much and minutes.
pyoxigraph parses for it, since it knows every RDF syntax and tells the line of an error; OWL/XML is owlready2's own.
Its `load` is never used: it fetches what an ontology imports.
"""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from ivigraph.errors import ReadError
from ivigraph.namespaces import VOCABULARIES
from ivigraph.ontology.external import (
    EXACT,
    XREF,
    Mapping,
    Problem,
    ProblemKind,
    Progress,
    Scope,
    Source,
    Term,
    TermName,
    opened,
)
from ivigraph.ontology.identifiers import canonical, from_iri

_OBO_IN_OWL = "http://www.geneontology.org/formats/oboInOwl#"
_OBO = VOCABULARIES["obo"]
_OWL, _RDF, _RDFS, _SKOS, _DCTERMS = (VOCABULARIES[p] for p in ("owl", "rdf", "rdfs", "skos", "dcterms"))
_DC = "http://purl.org/dc/elements/1.1/"

_NAMES = {
    f"{_RDFS}label": Scope.LABEL,
    f"{_SKOS}prefLabel": Scope.LABEL,
    f"{_SKOS}altLabel": Scope.EXACT,
    f"{_SKOS}hiddenLabel": Scope.RELATED,  # misspellings and the like: for finding, not for showing
    f"{_OBO_IN_OWL}hasExactSynonym": Scope.EXACT,
    f"{_OBO_IN_OWL}hasNarrowSynonym": Scope.NARROW,
    f"{_OBO_IN_OWL}hasBroadSynonym": Scope.BROAD,
    f"{_OBO_IN_OWL}hasRelatedSynonym": Scope.RELATED,
    f"{_OBO}IAO_0000118": Scope.EXACT,  # alternative term
}
_DEFINITIONS = (f"{_OBO}IAO_0000115", f"{_SKOS}definition", f"{_RDFS}comment")
_REPLACED_BY = (f"{_OBO}IAO_0100001", f"{_DCTERMS}isReplacedBy")
_PARENTS = (f"{_RDFS}subClassOf", f"{_SKOS}broader")
_MATCHES = {
    f"{_OBO_IN_OWL}hasDbXref": XREF,
    f"{_OWL}equivalentClass": EXACT,
    **{f"{_SKOS}{name}Match": f"skos:{name}Match" for name in ("exact", "close", "broad", "narrow", "related")},
}
_CLASSES = (f"{_OWL}Class", f"{_RDFS}Class", f"{_SKOS}Concept")
# The last part of a synonym type's IRI, as HP, MONDO and the OBO metadata ontology name them.
_TYPES = (
    (re.compile(r"abbreviation|acronym|OMO_0003000|OMO_0003012", re.IGNORECASE), Scope.ABBREVIATION),
    (re.compile(r"layperson|OMO_0003003", re.IGNORECASE), Scope.LAY),
)
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BATCH = 50_000  # triples held at a time
_PLACE = re.compile(r"line (\d+)")


def read(path: Path, format: str, progress: Progress) -> Source:
    """The classes and concepts of an RDF file. `format` is one of those of `external.detect`. Raises ReadError."""
    world = parse(path, format, progress)
    try:
        graph = _Graph(world.graph.db)
        title, version, licence = graph.header()
        source = Source(format=format, terms=(), title=title, version=version, licence=licence)
        source.problems.extend(
            Problem(ProblemKind.IMPORT, path.name, f"{iri} was not fetched") for iri in graph.imports()
        )
        ids = graph.terms()
        if not ids:
            raise ReadError(
                "holds no class and no concept", where=path.name, remedy="give an OWL ontology or a SKOS scheme"
            )
    except BaseException:
        world.close()
        raise
    mappings: list[Mapping] = []
    source.mappings = mappings
    source.terms = _terms(world, graph, ids, mappings)
    return source


def _terms(world: Any, graph: _Graph, ids: list[int], mappings: list[Mapping]) -> Iterator[Term]:
    try:
        for storid in ids:
            term = graph.term(storid)
            mappings.extend(graph.mappings(storid, term.id))
            yield term
    finally:
        world.close()


def parse(path: Path, format: str, progress: Progress = lambda _: None) -> Any:
    """An owlready2 World that holds the triples of a file and fetches nothing. Raises ReadError naming the line."""
    import owlready2  # a third of a second

    world = owlready2.World()
    graph = world.get_ontology(f"file://{path.name}#").graph
    try:
        with opened(path, progress) as stream:
            if format == "owlxml":
                # The parser prints the traceback of what is raised below.
                with contextlib.redirect_stderr(io.StringIO()):
                    graph.parse(_Nameless(stream), format=format, default_base=f"file://{path.name}#")
            else:
                _fill(graph, stream, format)
    except (owlready2.OwlReadyOntologyParsingError, SyntaxError, ValueError) as error:
        world.close()
        place = _PLACE.search(str(error)) or _line_of_xml(path, format)
        raise ReadError(
            f"is not {format}: {getattr(error, 'msg', error)}",
            where=f"{path.name}, line {place.group(1)}" if place else path.name,
            remedy="nothing was loaded; correct the file, or get it again",
        ) from error
    except BaseException:
        world.close()
        raise
    return world


class _Nameless:
    """A stream without a file name: owlready2 forks a second process for a large file that has one."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.read, self.readline, self.seek = stream.read, stream.readline, stream.seek


def _fill(graph: Any, stream: IO[bytes], format: str) -> None:
    """Write the triples into the quadstore as owlready2's own parsers do, but in small batches."""
    import pyoxigraph as ox

    formats = {
        "rdfxml": ox.RdfFormat.RDF_XML,
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
        "trig": ox.RdfFormat.TRIG,
        "nquads": ox.RdfFormat.N_QUADS,
    }
    insert_objects, insert_literals, _, finish = graph.import_triples_from_queue(None)
    # Lenient: real ontologies hold IRIs with spaces and language tags that are none.
    quads = ox.parse(stream, formats[format], base_iri="file:///ontology", lenient=True)
    while batch := list(islice(quads, _BATCH)):
        objects, literals = [], []
        for subject, predicate, value, _ in batch:
            start = subject.value if isinstance(subject, ox.NamedNode) else f"_:{subject.value}"
            if isinstance(value, ox.Literal):
                kind = f"@{value.language}" if value.language else value.datatype.value
                literals.append((start, predicate.value, value.value, "" if kind == _STRING else kind))
            else:
                end = value.value if isinstance(value, ox.NamedNode) else f"_:{value.value}"
                objects.append((start, predicate.value, end))
        insert_objects(objects)
        insert_literals(literals)
    finish()


def _line_of_xml(path: Path, format: str) -> re.Match[str] | None:
    """The line where XML is not well formed, which not every parser tells."""
    if format != "rdfxml":
        return None
    parser = expat.ParserCreate()
    try:
        with opened(path) as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        return _PLACE.search(str(error))
    return None


class _Graph:
    """The tables of the quadstore: `objs(c, s, p, o)` between resources, `datas(c, s, p, o, d)` to literals.

    Resources are numbers, blank nodes negative ones; `d` is "@en" for a language and a number for a datatype.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        numbers: dict[str, int] = {iri: n for n, iri in db.execute("SELECT storid, iri FROM resources")}
        self._iris = {n: iri for iri, n in numbers.items()}
        self._number = numbers.get
        self._name_scopes = {n: scope for iri, scope in _NAMES.items() if (n := numbers.get(iri)) is not None}
        self._match_predicates = {n: p for iri, p in _MATCHES.items() if (n := numbers.get(iri)) is not None}
        self._parent_predicates = {n for iri in _PARENTS if (n := numbers.get(iri)) is not None}
        self._types = self._synonym_types()

    def header(self) -> tuple[str, str, str]:
        """Title, version and licence."""
        heads = self._subjects_of_type(f"{_OWL}Ontology") + self._subjects_of_type(f"{_SKOS}ConceptScheme")
        head = next((n for n in heads if n > 0 and not self._iris[n].startswith(("http://anonymous", "file:"))), None)
        if head is None:
            return "", "", ""
        return (
            self._value(head, f"{_DCTERMS}title", f"{_DC}title", f"{_RDFS}label") or self._iris.get(head, ""),
            self._value(head, f"{_OWL}versionIRI", f"{_OWL}versionInfo"),
            self._value(head, f"{_DCTERMS}license", f"{_DCTERMS}rights", f"{_DC}rights"),
        )

    def imports(self) -> list[str]:
        found = self._db.execute("SELECT DISTINCT o FROM objs WHERE p = ?", (self._number(f"{_OWL}imports"),))
        return [self._iris[o] for (o,) in found if o in self._iris]

    def terms(self) -> list[int]:
        found = dict.fromkeys(n for kind in _CLASSES for n in self._subjects_of_type(kind))
        builtin = (_OWL, _RDF, _RDFS, _SKOS)
        return [n for n in found if n > 0 and n in self._iris and not self._iris[n].startswith(builtin)]

    def term(self, storid: int) -> Term:
        label, names, deprecated = "", [], False
        deprecated_number = self._number(f"{_OWL}deprecated")
        for p, text, language in self._literals(storid):
            scope = self._name_scopes.get(p)
            if p == deprecated_number:
                deprecated = text.lower() in ("true", "1")
            elif scope is None or not text:
                continue
            elif scope is Scope.LABEL and not label and language in ("", "en"):
                label = text
            else:
                scope = Scope.EXACT if scope is Scope.LABEL else scope
                names.append(TermName(text, self._types.get((storid, text), scope), language or "en"))
        if not label and names:
            label = names.pop(0).text
        replaced = self._value(storid, *_REPLACED_BY)
        return Term(
            id=from_iri(self._iris[storid]),
            label=label,
            names=tuple(names),
            parents=tuple(
                from_iri(self._iris[o])
                for p, o in self._objects(storid)
                if p in self._parent_predicates and o > 0 and o in self._iris and o != storid
            ),
            definition=self._value(storid, *_DEFINITIONS),
            obsolete=deprecated,
            replaced_by=canonical(replaced) if replaced else "",
        )

    def mappings(self, storid: int, subject: str) -> Iterator[Mapping]:
        for p, text, _ in self._literals(storid):
            if (predicate := self._match_predicates.get(p)) is not None and ":" in text:
                yield Mapping(subject=subject, predicate=predicate, object=canonical(text))
        for p, o in self._objects(storid):
            if (predicate := self._match_predicates.get(p)) is not None and o > 0 and o in self._iris:
                yield Mapping(subject=subject, predicate=predicate, object=from_iri(self._iris[o]))

    def _subjects_of_type(self, iri: str) -> list[int]:
        wanted = (self._number(f"{_RDF}type"), self._number(iri))
        return [s for (s,) in self._db.execute("SELECT s FROM objs WHERE p = ? AND o = ? ORDER BY s", wanted)]

    def _objects(self, storid: int) -> Iterator[tuple[int, int]]:
        return iter(self._db.execute("SELECT p, o FROM objs WHERE s = ?", (storid,)))

    def _literals(self, storid: int) -> Iterator[tuple[int, str, str]]:
        for p, o, d in self._db.execute("SELECT p, o, d FROM datas WHERE s = ?", (storid,)):
            yield p, str(o).strip(), d[1:] if isinstance(d, str) and d.startswith("@") else ""

    def _value(self, storid: int, *predicates: str) -> str:
        """The first value of the first predicate that has one."""
        for predicate in predicates:
            if (number := self._number(predicate)) is None:
                continue
            for p, text, _ in self._literals(storid):
                if p == number:
                    return text
            for p, o in self._objects(storid):
                if p == number and o in self._iris:
                    return self._iris[o]
        return ""

    def _synonym_types(self) -> dict[tuple[int, str], Scope]:
        """(term, text) -> abbreviation or lay, from the axioms that annotate a synonym with its type."""
        rows = self._db.execute(
            """SELECT source.o, target.o, type.o FROM objs AS type
               JOIN objs AS source ON source.s = type.s AND source.p = ?
               JOIN datas AS target ON target.s = type.s AND target.p = ?
               WHERE type.p = ?""",
            (
                self._number(f"{_OWL}annotatedSource"),
                self._number(f"{_OWL}annotatedTarget"),
                self._number(f"{_OBO_IN_OWL}hasSynonymType"),
            ),
        )
        return {
            (source, str(text).strip()): scope
            for source, text, kind in rows
            for pattern, scope in _TYPES
            if pattern.search(self._iris.get(kind, "").rpartition("/")[2])
        }
