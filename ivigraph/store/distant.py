"""The rows of claims and documents from an endpoint: what they are made of is asked for and put together here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import pyoxigraph

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES
from ivigraph.store.claims import PROPERTIES, Among, ClaimRow, DocumentRow, of_graph

Ask = Callable[[str], bytes]
"""Gives the answer to a SELECT as SPARQL JSON."""

_PROLOGUE = f"PREFIX ivo: <{ONTOLOGY}> PREFIX biolink: <{VOCABULARIES['biolink']}>\n"
_TYPE = pyoxigraph.NamedNode(VOCABULARIES["rdf"] + "type")
_ENDS = {
    "subjects": "biolink:subject",
    "relations": "biolink:predicate",
    "objects": "biolink:object",
    "documents": "biolink:publications",
    "cases": "ivo:case",
    "about": "biolink:subject|biolink:object|biolink:disease_context_qualifier",
}


def claims(ask: Ask, among: Among) -> list[ClaimRow]:
    """The rows of the claims that are wanted, each once, in the order of document and claim."""
    which = " . ".join(["?claim a ivo:Claim", *_restrictions(among)])
    store = _fetched(ask, (f"?s a ivo:Claim . BIND(?s AS ?claim) {which}", f"{which} . ?claim ivo:onset ?s"))
    rows = {row for graph in store.named_graphs() for row in of_graph(store, graph) if isinstance(row, ClaimRow)}
    return sorted((row for row in rows if _fits(row, among)), key=lambda row: (row.document, row.claim, str(row)))


def documents(ask: Ask, wanted: Collection[str] | None) -> dict[str, DocumentRow]:
    """These documents, or all; of what graphs say differently the first in order."""
    if wanted is not None and not wanted:
        return {}
    only = f"VALUES ?s {{ {_iris(wanted)} }}" if wanted is not None else ""
    store = _fetched(ask, (f"{only} ?s a ivo:Document",))
    rows = {row for graph in store.named_graphs() for row in of_graph(store, graph) if isinstance(row, DocumentRow)}
    return {row.document: row for row in sorted(rows, key=str, reverse=True)}


def sentences(ask: Ask, wanted: Collection[str]) -> dict[str, str]:
    """The sentences of these claims; of several the first in order."""
    if not wanted:
        return {}
    query = (
        f"{_PROLOGUE}SELECT ?claim ?text {{ VALUES ?claim {{ {_iris(wanted)} }} ?claim biolink:supporting_text ?text }}"
    )
    found = {(row["claim"].value, row["text"].value) for row in _rows(ask(query))}
    return dict(sorted(found, reverse=True))


def _fetched(ask: Ask, patterns: Collection[str]) -> pyoxigraph.Store:
    """All that rows are made from, of the subjects `?s` of the patterns, in the graphs that state it."""
    names = " ".join(map(str, (_TYPE, *PROPERTIES)))
    parts = " UNION ".join(f"{{ GRAPH ?g {{ {pattern} . ?s ?p ?o }} }}" for pattern in patterns)
    query = f"{_PROLOGUE}SELECT DISTINCT ?g ?s ?p ?o {{ VALUES ?p {{ {names} }} {parts} }}"
    store = pyoxigraph.Store()
    store.extend(pyoxigraph.Quad(row["s"], row["p"], row["o"], row["g"]) for row in _rows(ask(query)))
    return store


def _rows(document: bytes) -> Iterator[pyoxigraph.QuerySolution]:
    found = pyoxigraph.parse_query_results(document, pyoxigraph.QueryResultsFormat.JSON)
    return found if isinstance(found, pyoxigraph.QuerySolutions) else iter(())


def _restrictions(among: Among) -> Iterator[str]:
    if among.claims is not None:
        yield f"VALUES ?claim {{ {_iris(among.claims)} }}"
    for name, path in _ENDS.items():
        wanted = getattr(among, name)
        if wanted is not None:
            yield f"VALUES ?{name} {{ {_iris(wanted)} }} ?claim {path} ?{name}"


def _fits(row: ClaimRow, among: Among) -> bool:
    """Of a claim with several subjects or documents, some rows may be unwanted."""
    told = {
        "claims": {row.claim},
        "subjects": {row.subject},
        "relations": {row.relation},
        "objects": {row.object},
        "documents": {row.document},
        "cases": {row.case},
        "about": {row.subject, row.object, *row.diseases},
    }
    return all(getattr(among, name) is None or getattr(among, name) & values for name, values in told.items())


def _iris(names: Collection[str]) -> str:
    return " ".join(str(pyoxigraph.NamedNode(name)) for name in sorted(names))
