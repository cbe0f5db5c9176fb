"""What the index holds of a graph: the texts that can be searched, with what each is called by, and rows of claims.

One named graph at a time, because graphs are what a write replaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES, compress
from ivigraph.store import claims
from ivigraph.store.base import Field, Kind
from ivigraph.store.claims import ClaimRow, DocumentRow

Graph = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.DefaultGraph


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of `iri`. `label` is what to call it by; `language` is empty where the text has none."""

    iri: str
    kind: Kind
    field: Field
    text: str
    language: str
    label: str


def _iri(prefix: str, local: str) -> pyoxigraph.NamedNode:
    return pyoxigraph.NamedNode({"ivo": ONTOLOGY, **VOCABULARIES}[prefix] + local)


_TYPE = _iri("rdf", "type")
_LABEL = _iri("rdfs", "label")
_TITLE = _iri("dcterms", "title")
_SENTENCE = _iri("biolink", "supporting_text")
_EXACT_MATCH = _iri("skos", "exactMatch")
_OTHERS = {_iri("skos", "altLabel"): Field.SYNONYM, _iri("dcterms", "identifier"): Field.IDENTIFIER}
_KINDS = {_iri("ivo", "Document"): Kind.DOCUMENT, _iri("ivo", "UnlinkedTerm"): Kind.TERM}
# Parts of a claim and runs of an extractor have labels too, but nobody looks for them.
_UNNAMED = {_iri("ivo", "Onset"), _iri("ivo", "Dose"), _iri("prov", "Activity")}


def of_graph(store: pyoxigraph.Store, graph: Graph) -> set[Entry | ClaimRow | DocumentRow]:
    """The texts and rows of one graph; blank nodes have no name that could be given, and none."""
    return {*_sentences(store, graph), *_named(store, graph), *claims.of_graph(store, graph)}


def graphs(store: pyoxigraph.Store, *, merged: bool) -> Iterator[Graph]:
    """All that hold something of their own: the default graph does not where it is the merge of the others."""
    if not merged:
        yield pyoxigraph.DefaultGraph()
    yield from store.named_graphs()


def differing(one: pyoxigraph.Store, other: pyoxigraph.Store) -> set[str]:
    """The graphs whose texts or rows may differ between two stores, by name."""
    patterns: list[tuple[pyoxigraph.NamedNode, pyoxigraph.NamedNode | None]]
    predicates = dict.fromkeys((_LABEL, _TITLE, _SENTENCE, _EXACT_MATCH, *_OTHERS, *claims.PROPERTIES))
    patterns = [(predicate, None) for predicate in predicates]
    patterns += [(_TYPE, type_) for type_ in dict.fromkeys((*_KINDS, *_UNNAMED, *claims.TYPES))]
    graphs: set[str] = set()
    for predicate, value in patterns:
        there, here = (set(store.quads_for_pattern(None, predicate, value, None)) for store in (one, other))
        graphs.update(name(quad.graph_name) for quad in there ^ here)
    return graphs


def name(graph: Graph) -> str:
    """The name of a graph as text; empty for the default graph."""
    return "" if isinstance(graph, pyoxigraph.DefaultGraph) else graph.value


def _sentences(store: pyoxigraph.Store, graph: Graph) -> Iterator[Entry]:
    for subject, text, language in _literals(store, _SENTENCE, graph):
        yield Entry(subject.value, Kind.CLAIM, Field.SENTENCE, text, language, text)


def _named(store: pyoxigraph.Store, graph: Graph) -> Iterator[Entry]:
    names: dict[pyoxigraph.NamedNode, list[tuple[Field, str, str]]] = {}
    for predicate, field in ((_LABEL, Field.LABEL), (_TITLE, Field.TITLE)):
        for subject, text, language in _literals(store, predicate, graph):
            names.setdefault(subject, []).append((field, text, language))
    for subject, own in names.items():
        types = {quad.object for quad in store.quads_for_pattern(subject, _TYPE, None, graph)}
        if types & _UNNAMED:
            continue
        kind = next((kind for type_, kind in _KINDS.items() if type_ in types), Kind.CONCEPT)
        label = min(own, key=lambda one: (one[2] != "en", one[2], one[1]))[1]
        for field, text, language in (*own, *_more(store, subject, kind, graph)):
            yield Entry(subject.value, kind, field, text, language, label)


def _more(
    store: pyoxigraph.Store, subject: pyoxigraph.NamedNode, kind: Kind, graph: Graph
) -> Iterator[tuple[Field, str, str]]:
    for predicate, field in _OTHERS.items():
        for quad in store.quads_for_pattern(subject, predicate, None, graph):
            if isinstance(quad.object, pyoxigraph.Literal):
                yield field, quad.object.value, quad.object.language or ""
    if kind is Kind.CONCEPT:
        same = (quad.object for quad in store.quads_for_pattern(subject, _EXACT_MATCH, None, graph))
        for node in (subject, *same):
            if isinstance(node, pyoxigraph.NamedNode) and (curie := compress(node.value)):
                yield Field.IDENTIFIER, curie, ""


def _literals(
    store: pyoxigraph.Store, predicate: pyoxigraph.NamedNode, graph: Graph
) -> Iterator[tuple[pyoxigraph.NamedNode, str, str]]:
    for quad in store.quads_for_pattern(None, predicate, None, graph):
        if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(quad.object, pyoxigraph.Literal):
            yield quad.subject, quad.object.value, quad.object.language or ""
