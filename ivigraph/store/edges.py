"""The graph of derived edges, kept up with the claims: what `queries/edges.ru` says, at the cost of what changed.

The update is the definition: any engine can run it, and it derives all edges anew, which takes as long as the store is
large. Here the counts of an edge are changed by what the claims of the changed graphs added and took away. A claim, a
document or a patient may be spoken of in several graphs and counts once, so for each that a changed graph names it is
looked up, before and after, whether it counts.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import pyoxigraph

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES
from ivigraph.store.entries import Graph

MOST_GRAPHS = 500  # when more changed, reading all claims is faster
_HEADER = re.compile(r"(?m)^#\+ edges: <([^>]+)> <([^>]+)>$")

Term = Any  # of the engine: its types have no common name


def _node(namespace: str, *names: str) -> tuple[pyoxigraph.NamedNode, ...]:
    return tuple(pyoxigraph.NamedNode(namespace + name) for name in names)


_TYPE = pyoxigraph.NamedNode(VOCABULARIES["rdf"] + "type")
_CLAIM, _EDGE, _FROM, _RELATION, _TO = _node(ONTOLOGY, "Claim", "Edge", "from", "relation", "to")
_COUNTS = _node(ONTOLOGY, "claimCount", "negatedCount", "documentCount", "caseCount")
_CASE, _RETRACTED = _node(ONTOLOGY, "case", "retracted")
_SUBJECT, _PREDICATE, _OBJECT, _NEGATED, _SOURCE, _DISEASE = _node(
    VOCABULARIES["biolink"],
    "subject", "predicate", "object", "negated", "publications", "disease_context_qualifier",
)  # fmt: skip
_FALSE, _TRUE = pyoxigraph.Literal(False), pyoxigraph.Literal(True)

Key = tuple[Term, Term, Term]
"""Subject, relation and object of an edge."""


class Row(NamedTuple):
    """One way in which a graph states a claim; `negated` is None where that is neither true nor false."""

    key: Key
    claim: Term
    negated: bool | None
    document: Term
    case: Term | None
    diseases: frozenset[Term]


@dataclass(frozen=True, slots=True)
class Edges:
    """Which graph holds the edges, and how their IRIs begin."""

    graph: pyoxigraph.NamedNode
    start: str

    def iri(self, key: Key) -> pyoxigraph.NamedNode:
        """As `ivigraph.namespaces.Minter.edge`."""
        text = "\x1f".join(term.value for term in key)
        return pyoxigraph.NamedNode(self.start + hashlib.sha256(text.encode()).hexdigest()[:24])


def announced(update: str) -> Edges | None:
    """The edges that an update says it derives in its line `#+ edges: <graph> <start>`; None for any other."""
    match = _HEADER.search(update)
    return Edges(pyoxigraph.NamedNode(match[1]), match[2]) if match else None


def derive(edges: Edges, *, base: pyoxigraph.Store, draft: pyoxigraph.Store, touched: Set[str] | None) -> None:
    """Bring the edges of `draft` up to its claims. In `base` they were, and only the graphs `touched` differ since.

    `touched` is None where any graph may differ, or where the edges of `base` cannot be built on.
    """
    if touched is None or edges.graph.value in touched or len(touched) > MOST_GRAPHS:
        _derive_all(edges, draft)
        return
    before, after = _rows(base, touched), _rows(draft, touched)
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for row in before | after:
        by_key[row.key].append(row)
    for key in {row.key for row in before ^ after}:
        _change(edges, key, base, draft, by_key[key])


def _derive_all(edges: Edges, draft: pyoxigraph.Store) -> None:
    draft.remove_graph(edges.graph)
    by_key: dict[Key, list[Row]] = defaultdict(list)
    for row in _all_rows(draft):
        by_key[row.key].append(row)
    draft.extend(
        quad
        for key, rows in by_key.items()
        for quad in _quads(edges, key, [len(counted) for counted in _counted(rows)], _diseases(rows))
    )


def _change(edges: Edges, key: Key, base: pyoxigraph.Store, draft: pyoxigraph.Store, candidates: list[Row]) -> None:
    """Bring one edge up; `candidates` are the rows before and after of the graphs that changed."""
    edge = edges.iri(key)
    present = {quad.predicate: quad for quad in draft.quads_for_pattern(edge, None, None, edges.graph)}
    known = [int(present[count].object.value) if count in present else 0 for count in _COUNTS]  # type: ignore[union-attr]
    claims = {row.claim for row in candidates}
    documents = {row.document for row in candidates}
    cases = {row.case for row in candidates if row.case is not None}
    then, now = (_counted(_around(store, key, claims, documents, cases)) for store in (base, draft))
    counts = [
        number + len(n & named) - len(t & named)
        for number, named, t, n in zip(known, (claims, claims, documents, cases), then, now, strict=True)
    ]
    old = {quad.object for quad in draft.quads_for_pattern(edge, _DISEASE, None, edges.graph)}
    doubtful = {disease for row in candidates for disease in row.diseases}
    diseases = (old - doubtful) | {disease for disease in doubtful if _reported(draft, key, disease)}
    for quad in list(draft.quads_for_pattern(edge, None, None, edges.graph)):
        draft.remove(quad)
    if any(counts[:2]) or _stated(draft, key):
        draft.extend(_quads(edges, key, counts, diseases))


def _quads(edges: Edges, key: Key, counts: Iterable[int], diseases: Iterable[Term]) -> Iterator[pyoxigraph.Quad]:
    if any(isinstance(term, pyoxigraph.BlankNode) for term in key):
        return  # it has no name that would be the same tomorrow
    edge = edges.iri(key)
    values = [(_TYPE, _EDGE), *zip((_FROM, _RELATION, _TO), key, strict=True)]
    values += ((name, pyoxigraph.Literal(count)) for name, count in zip(_COUNTS, counts, strict=True))
    values += ((_DISEASE, disease) for disease in diseases)
    return (yield from (pyoxigraph.Quad(edge, predicate, value, edges.graph) for predicate, value in values))


def _counted(rows: Iterable[Row]) -> tuple[set[Term], set[Term], set[Term], set[Term]]:
    """The affirmed claims, the denied ones, and the documents and cases of the affirmed."""
    affirmed: set[Term] = set()
    denied: set[Term] = set()
    documents: set[Term] = set()
    cases: set[Term] = set()
    for row in rows:
        if row.negated is False:
            affirmed.add(row.claim)
            documents.add(row.document)
            if row.case is not None:
                cases.add(row.case)
        elif row.negated:
            denied.add(row.claim)
    return affirmed, denied, documents, cases


def _diseases(rows: Iterable[Row]) -> set[Term]:
    return {disease for row in rows for disease in row.diseases}


def _rows(store: pyoxigraph.Store, graphs: Collection[str]) -> set[Row]:
    """All rows of these graphs; the default graph holds none."""
    return {
        row
        for name in graphs
        if name
        for claim in store.quads_for_pattern(None, _TYPE, _CLAIM, pyoxigraph.NamedNode(name))
        for row in _of_claim(store, claim.subject, claim.graph_name)
    }


def _all_rows(store: pyoxigraph.Store) -> Iterator[Row]:
    for quad in store.quads_for_pattern(None, _TYPE, _CLAIM, None):
        if not isinstance(quad.graph_name, pyoxigraph.DefaultGraph):
            yield from _of_claim(store, quad.subject, quad.graph_name)


def _around(
    store: pyoxigraph.Store, key: Key, claims: set[Term], documents: set[Term], cases: set[Term]
) -> Iterator[Row]:
    """The rows of one edge for these claims, and for all others of these documents and cases."""
    named = set(claims)
    for predicate, values in ((_SOURCE, documents), (_CASE, cases)):
        for value in values:
            named.update(quad.subject for quad in store.quads_for_pattern(None, predicate, value, None))
    for claim in named:
        if next(store.quads_for_pattern(claim, _OBJECT, key[2], None), None) is None:
            continue  # most claims of a document are about something else
        for quad in store.quads_for_pattern(claim, _TYPE, _CLAIM, None):
            if not isinstance(quad.graph_name, pyoxigraph.DefaultGraph):
                yield from (row for row in _of_claim(store, claim, quad.graph_name) if row.key == key)


def _of_claim(store: pyoxigraph.Store, claim: Term, graph: Graph) -> Iterator[Row]:
    """How a graph states a claim; not at all where it says that the claim was retracted."""
    values: dict[Term, list[Term]] = defaultdict(list)
    for quad in store.quads_for_pattern(claim, None, None, graph):
        values[quad.predicate].append(quad.object)
    if _TRUE in values[_RETRACTED]:
        return
    parts = (values[name] for name in (_SUBJECT, _PREDICATE, _OBJECT, _NEGATED, _SOURCE))
    for subject, predicate, object_, negated, document in product(*parts):
        diseases = frozenset(values[_DISEASE]) if negated == _FALSE else frozenset[Term]()
        for case in values[_CASE] or [None]:
            yield Row((subject, predicate, object_), claim, _truth(negated), document, case, diseases)


def _truth(term: Term) -> bool | None:
    """The effective boolean value of SPARQL; None where there is none."""
    if not isinstance(term, pyoxigraph.Literal) or term.language:
        return None
    kind = term.datatype.value.removeprefix(VOCABULARIES["xsd"])
    if kind == "boolean":
        return term.value == "true"
    if kind == "string":
        return bool(term.value)
    try:
        return float(term.value) != 0 if kind in {"integer", "decimal", "double", "float"} else None
    except ValueError:
        return False


def _reported(store: pyoxigraph.Store, key: Key, disease: Term) -> bool:
    """True when some affirmed claim of the edge is about patients with the disease."""
    return _asks(store, key, disease=f"biolink:negated false ; biolink:disease_context_qualifier {disease}")


def _stated(store: pyoxigraph.Store, key: Key) -> bool:
    return _asks(store, key, disease="biolink:negated ?negated")


def _asks(store: pyoxigraph.Store, key: Key, *, disease: str) -> bool:
    subject, predicate, object_ = map(str, key)
    query = f"""PREFIX biolink: <{VOCABULARIES["biolink"]}> PREFIX ivo: <{ONTOLOGY}>
        ASK {{ GRAPH ?graph {{
            ?claim biolink:object {object_} ; biolink:subject {subject} ; biolink:predicate {predicate} ; a ivo:Claim ;
                   biolink:publications ?document ; {disease} .
            FILTER NOT EXISTS {{ ?claim ivo:retracted true }} }} }}"""
    return bool(store.query(query))
