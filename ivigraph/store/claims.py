"""Claims and documents of a graph as short rows, for pages that filter and count thousands of them at once.

As for the derived edges, a claim is what one graph states of it: a graph that names only a part of one states none.
A claim with two subjects, documents or patients has a row for each. Of a qualifier that is given twice the first in
the order of its text counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import pyoxigraph

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES

Graph = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.DefaultGraph
_Values = Mapping[pyoxigraph.NamedNode, Sequence[Any]]


class ClaimRow(NamedTuple):
    """IRIs and texts are as SPARQL prints them, "" where there is none; days and percent are texts, too.

    The sentence counts `counted` of `total`, in its unit. `retracted`: the graph says that of the claim.
    """

    claim: str
    subject: str
    relation: str
    object: str
    document: str
    case: str
    diseases: tuple[str, ...]
    certainty: str
    outcome: str
    unit: str
    percent: str
    population: str
    product_class: str
    onset: str
    anchor: str
    min_days: str
    max_days: str
    negated: bool
    retracted: bool
    counted: int | None
    total: int | None
    confidence: float | None


class DocumentRow(NamedTuple):
    """`design` is the IRI of the study design."""

    document: str
    title: str
    design: str
    year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Among:
    """Which claims are wanted: for each field that is given, those with one of its IRIs.

    `about` are those with one of them as subject, object or disease of the patients.
    """

    claims: frozenset[str] | None = None
    subjects: frozenset[str] | None = None
    relations: frozenset[str] | None = None
    objects: frozenset[str] | None = None
    documents: frozenset[str] | None = None
    cases: frozenset[str] | None = None
    about: frozenset[str] | None = None


def _iri(prefix: str, local: str) -> pyoxigraph.NamedNode:
    return pyoxigraph.NamedNode({"ivo": ONTOLOGY, **VOCABULARIES}[prefix] + local)


_TYPE, _LABEL, _TITLE = _iri("rdf", "type"), _iri("rdfs", "label"), _iri("dcterms", "title")
_CLAIM, _DOCUMENT = _iri("ivo", "Claim"), _iri("ivo", "Document")
_SUBJECT, _RELATION, _OBJECT, _NEGATED, _SOURCE, _DISEASE = (
    _iri("biolink", name)
    for name in ("subject", "predicate", "object", "negated", "publications", "disease_context_qualifier")
)
_CASE, _DESIGN, _YEAR, _ONSET, _COUNT, _TOTAL, _CONFIDENCE, _RETRACTED = (
    _iri("ivo", name) for name in ("case", "documentType", "year", "onset", "count", "total", "confidence", "retracted")
)
_WORDS = tuple(_iri("ivo", name) for name in ("certainty", "outcome", "unit", "percent", "population", "productClass"))
_OF_ONSET = (_LABEL, *(_iri("ivo", name) for name in ("anchor", "minDays", "maxDays")))

TYPES = (_CLAIM, _DOCUMENT)
PROPERTIES = (
    _SUBJECT, _RELATION, _OBJECT, _NEGATED, _SOURCE, _DISEASE, _CASE, _DESIGN, _YEAR, _ONSET, _COUNT, _TOTAL,
    _CONFIDENCE, _RETRACTED, _TITLE, *_WORDS, *_OF_ONSET,
)  # fmt: skip
"""All that rows are made from, beside the types."""


def of_graph(store: pyoxigraph.Store, graph: Graph) -> Iterator[ClaimRow | DocumentRow]:
    """The rows of one graph; the engine's default graph, which no write of ours fills, states no claims."""
    if isinstance(graph, pyoxigraph.DefaultGraph):
        return
    for quad in store.quads_for_pattern(None, _TYPE, _CLAIM, graph):
        if isinstance(quad.subject, pyoxigraph.NamedNode):
            yield from _of_claim(store, quad.subject, graph)
    for quad in store.quads_for_pattern(None, _TYPE, _DOCUMENT, graph):
        if isinstance(quad.subject, pyoxigraph.NamedNode):
            values = _values(store, quad.subject, graph)
            year = _integer(_first(values, _YEAR))
            yield DocumentRow(quad.subject.value, _first(values, _TITLE), _first(values, _DESIGN), year)


def _of_claim(store: pyoxigraph.Store, claim: pyoxigraph.NamedNode, graph: Graph) -> Iterator[ClaimRow]:
    values = _values(store, claim, graph)
    parts = [_iris(values, name) for name in (_SUBJECT, _RELATION, _OBJECT, _SOURCE)]
    truths = _truths(values, _NEGATED)
    retracted = True in _truths(values, _RETRACTED)
    if not truths or not all(parts):
        return
    onset = next((term for term in sorted(values.get(_ONSET, ()), key=str) if _is_node(term)), None)
    of_onset = _values(store, onset, graph) if onset is not None else {}
    rest = (
        tuple(sorted(_iris(values, _DISEASE))),
        *(_first(values, name) for name in _WORDS),
        *(_first(of_onset, name) for name in _OF_ONSET),
    )
    numbers = _integer(_first(values, _COUNT)), _integer(_first(values, _TOTAL)), _decimal(_first(values, _CONFIDENCE))
    for *ends, case, negated in product(*parts, _iris(values, _CASE) or [""], truths):
        yield ClaimRow._make((claim.value, *ends, case, *rest, negated, retracted, *numbers))


def _values(store: pyoxigraph.Store, subject: Any, graph: Graph) -> _Values:
    values: dict[pyoxigraph.NamedNode, list[Any]] = defaultdict(list)
    for quad in store.quads_for_pattern(subject, None, None, graph):
        values[quad.predicate].append(quad.object)
    return values


def _iris(values: _Values, name: pyoxigraph.NamedNode) -> list[str]:
    return [term.value for term in values.get(name, ()) if isinstance(term, pyoxigraph.NamedNode)]


def _first(values: _Values, name: pyoxigraph.NamedNode) -> str:
    found = values.get(name, ())
    return min((term.value for term in found if not isinstance(term, pyoxigraph.BlankNode)), default="")


def _truths(values: _Values, name: pyoxigraph.NamedNode) -> set[bool]:
    kind = VOCABULARIES["xsd"] + "boolean"
    literals = (term for term in values.get(name, ()) if isinstance(term, pyoxigraph.Literal))
    return {literal.value == "true" for literal in literals if literal.datatype.value == kind}


def _is_node(term: Any) -> bool:
    return isinstance(term, pyoxigraph.NamedNode | pyoxigraph.BlankNode)


def _integer(text: str) -> int | None:
    """None for what is no whole number that SQLite could hold."""
    sign, digits = text[:1], text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 and sign else None


def _decimal(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
