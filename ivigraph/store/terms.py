"""Terms and answers, from rdflib to the engine and back; the only place that converts them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Identifier, Node

from ivigraph.errors import QueryError, StoreError
from ivigraph.store.base import Row, Rows

_Term = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal


def iri(text: str) -> pyoxigraph.NamedNode:
    """Raises StoreError for what is no absolute IRI."""
    try:
        return pyoxigraph.NamedNode(text)
    except ValueError as error:
        raise StoreError(f"no IRI: {error}", where=text, remedy="give an absolute IRI") from error


def triples(graph: Graph | bytes) -> set[pyoxigraph.Triple]:
    """The triples of a graph, or of N-Triples, as the engine's terms. Raises StoreError for what RDF does not allow."""
    if isinstance(graph, bytes):
        try:
            return {quad.triple for quad in pyoxigraph.parse(graph, pyoxigraph.RdfFormat.N_TRIPLES)}
        except SyntaxError as error:
            raise StoreError(f"no N-Triples: {error}", remedy="write RDF 1.1 N-Triples") from error
    memo: dict[Node, _Term] = {}

    def engine(term: Node) -> Any:
        found = memo.get(term)
        if found is None:
            found = memo[term] = _engine(term)
        return found

    return {pyoxigraph.Triple(engine(s), engine(p), engine(o)) for s, p, o in graph}


def _engine(term: Node) -> _Term:
    if isinstance(term, URIRef):
        return iri(term)
    if isinstance(term, Literal):
        if term.language:
            return pyoxigraph.Literal(str(term), language=term.language)
        return pyoxigraph.Literal(str(term), datatype=iri(term.datatype) if term.datatype else None)
    if isinstance(term, BNode):
        return pyoxigraph.BlankNode(str(term))
    raise StoreError(f"a {type(term).__name__} cannot be stored", where=repr(term), remedy="use RDF 1.1 terms")


def rows(document: bytes) -> Rows:
    """The answer to a SELECT from its SPARQL 1.1 JSON."""
    content = json.loads(document)
    memo: dict[tuple[str | None, ...], Identifier] = {}
    return Rows(
        tuple(content["head"]["vars"]), tuple(_row(binding, memo) for binding in content["results"]["bindings"])
    )


def _row(binding: Mapping[str, dict[str, str]], memo: dict[tuple[str | None, ...], Identifier]) -> Row:
    row = {}
    for variable, value in binding.items():
        key = (value["value"], value["type"], value.get("datatype"), value.get("xml:lang"))
        term = memo.get(key) if isinstance(key[0], str) else None
        if term is None:
            term = memo[key] = _identifier(*key)
        row[variable] = term
    return row


def _identifier(text: str, kind: str, datatype: str | None, language: str | None) -> Identifier:
    if kind == "uri":
        return URIRef(text)
    if kind == "literal":
        return Literal(text, lang=language, datatype=URIRef(datatype) if datatype else None, normalize=False)
    if kind == "bnode":
        return BNode(text)
    raise QueryError(f"the answer holds a {kind}, which has no place in RDF 1.1", remedy="query for its parts")


def truth(document: bytes) -> bool:
    """The answer to an ASK from its SPARQL 1.1 JSON."""
    return bool(json.loads(document)["boolean"])


def graph(document: bytes) -> Graph:
    """The answer to a CONSTRUCT or DESCRIBE from its N-Triples."""
    made = Graph()
    memo: dict[Any, Identifier] = {}

    def known(term: Any) -> Identifier:
        found = memo.get(term)
        if found is None:
            found = memo[term] = _from_engine(term)
        return found

    for quad in pyoxigraph.parse(document, pyoxigraph.RdfFormat.N_TRIPLES):
        made.add((known(quad.subject), known(quad.predicate), known(quad.object)))
    return made


def _from_engine(term: Any) -> Identifier:
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        return Literal(term.value, datatype=_datatype(term), normalize=False)
    if isinstance(term, pyoxigraph.BlankNode):
        return BNode(term.value)
    raise QueryError("the answer holds a triple term, which has no place in RDF 1.1", remedy="query for its parts")


def _datatype(term: pyoxigraph.Literal) -> URIRef | None:
    """None for a plain string, so that it equals the Literal that was written."""
    datatype = term.datatype.value
    return None if datatype == "http://www.w3.org/2001/XMLSchema#string" else URIRef(datatype)
