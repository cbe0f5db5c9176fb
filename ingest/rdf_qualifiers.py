"""The qualifiers of a claim as triples, and the literals that all triples of a document share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from rdflib import RDF, RDFS, XSD, Literal, Namespace, URIRef
from rdflib.term import Node

from ivigraph.model import Dose, Onset, Qualifiers
from ivigraph.namespaces import ONTOLOGY


class Terms(Namespace):
    """A namespace that makes each of its terms once; rdflib's own checks and copies the IRI whenever it is used."""

    def __getattr__(self, name: str) -> URIRef:
        term = super().__getattr__(name)
        setattr(self, name, term)
        return term


IVO = Terms(ONTOLOGY)

# Qualifiers with a closed list of values are individuals of the ontology, the others the text's own words.
_INDIVIDUALS = {
    "unit": IVO.unit,
    "severity": IVO.severity,
    "dechallenge": IVO.dechallenge,
    "rechallenge": IVO.rechallenge,
    "route": IVO.administrationRoute,
    "effect": IVO.effect,
    "line": IVO.line,
    "label_status": IVO.labelStatus,
}
_TEXTS = {
    "frequency": IVO.frequency,
    "outcome": IVO.outcome,
    "rate": IVO.rate,
    "schedule": IVO.schedule,
    "population": IVO.population,
    "product_class": IVO.productClass,
}
# What a text says of the end of an event, where that is one of the outcomes of the ontology.
_OUTCOMES = {
    "recovered": IVO.Recovered,
    "spontaneous remission": IVO.SpontaneousRemission,
    "recovering": IVO.Recovering,
    "not_recovered": IVO.NotRecovered,
    "sequelae": IVO.Sequelae,
    "fatal": IVO.FatalOutcome,
}
_NUMBERS = {
    "count": (IVO["count"], XSD.integer),
    "total": (IVO.total, XSD.integer),
    "percent": (IVO.percent, XSD.decimal),
}

Triples: TypeAlias = Iterator[tuple[Node, Node, Node]]


def qualifiers(node: URIRef, said: Qualifiers) -> Triples:
    """What is said of the claim `node` besides its three terms."""
    for name, (number, datatype) in _NUMBERS.items():
        if (amount := getattr(said, name)) is not None:
            yield node, number, decimal(amount) if datatype == XSD.decimal else Literal(int(amount))
    for name, relation in _INDIVIDUALS.items():
        if (value := getattr(said, name)) is not None:
            yield node, relation, individual(value)
    for name, relation in _TEXTS.items():
        if (value := getattr(said, name)) is not None:
            yield node, relation, Literal(value)
    if said.outcome in _OUTCOMES:
        yield node, IVO.outcomeCategory, _OUTCOMES[said.outcome]
    if said.onset is not None:
        yield from _onset(node, said.onset)
    if said.dose is not None:
        yield from _dose(node, said.dose)


def _onset(node: URIRef, onset: Onset) -> Triples:
    part = URIRef(f"{node}#onset")
    yield node, IVO.onset, part
    yield part, RDF.type, IVO.Onset
    yield part, RDFS.label, Literal(onset.text)
    yield part, IVO.anchor, IVO.TherapyEnd if onset.anchor == "end" else IVO.TherapyStart
    if onset.min_days is not None:
        yield part, IVO.minDays, decimal(onset.min_days)
    if onset.max_days is not None:
        yield part, IVO.maxDays, decimal(onset.max_days)


def _dose(node: URIRef, dose: Dose) -> Triples:
    part = URIRef(f"{node}#dose")
    yield node, IVO.dose, part
    yield part, RDF.type, IVO.Dose
    yield part, RDFS.label, Literal(dose.text)
    if dose.value is not None:
        yield part, IVO.value, decimal(dose.value)
    if dose.unit is not None:
        yield part, IVO.doseUnit, Literal(dose.unit)


@lru_cache(maxsize=256)
def individual(value: str) -> URIRef:
    """`on-label` is ivo:OnLabel, `no_response` ivo:NoResponse."""
    return IVO["".join(word.capitalize() for word in value.replace("-", "_").split("_"))]


def decimal(value: float) -> Literal:
    # The shortest form, which every store keeps as it is: 3 and 3.0 must not become two triples.
    return Literal(format(Decimal(repr(value)).normalize(), "f"), datatype=XSD.decimal)
