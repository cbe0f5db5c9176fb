"""The vocabulary as RDF, as docs/graph-model.md shows a concept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS

from ivigraph.namespaces import ONTOLOGY, expand
from ivigraph.ontology.vocabulary import Concept, Facts, Kind, Scope, Vocabulary

IVO = Namespace(ONTOLOGY)

CLASSES: Mapping[Kind, URIRef] = {
    Kind.DISEASE: IVO.Disease,
    Kind.EVENT: IVO.AdverseEvent,
    Kind.PRODUCT: IVO.ImmunoglobulinProduct,
    Kind.THERAPY: IVO.Therapy,
    Kind.MECHANISM: IVO.Mechanism,
    Kind.PROCEDURE: IVO.Procedure,
}
# A broad name finds the concept but does not name it, so it is searched and not shown.
_LABELS: Mapping[Scope, URIRef] = {
    Scope.LABEL: RDFS.label,
    Scope.EXACT: SKOS.altLabel,
    Scope.ABBREVIATION: SKOS.altLabel,
    Scope.LAY: SKOS.altLabel,
    Scope.BROAD: SKOS.hiddenLabel,
}
_FACTS: Mapping[str, URIRef] = {
    "manufacturer": IVO.manufacturer,
    "route": IVO.route,
    "concentration": IVO.concentration,
    "stabiliser": IVO.stabiliser,
    "iga_content": IVO.igaContent,
    "process": IVO.process,
    "status": IVO.factStatus,
}
Statement = tuple[URIRef, URIRef, URIRef | Literal]


def vocabulary_graph(vocabulary: Vocabulary) -> Graph:
    """All concepts with their labels, hierarchy, closure, matches and facts. No node is blank.

    A concept is an instance of its kind for queries, and an OWL class below its parents for OWL tools (OWL 2 punning).
    """
    graph = Graph()
    for concept in vocabulary.concepts.values():
        for statement in _statements(concept, vocabulary):
            graph.add(statement)
    return graph


def _statements(concept: Concept, vocabulary: Vocabulary) -> Iterator[Statement]:
    subject = URIRef(expand(concept.id))
    for kind in (CLASSES[concept.kind], SKOS.Concept, OWL.Class):
        yield subject, RDF.type, kind
    for name in concept.names:
        yield subject, _LABELS[name.scope], Literal(name.text, lang=name.language)
    if concept.definition:
        yield subject, SKOS.definition, Literal(concept.definition, lang="en")
    for parent in concept.parents:
        yield subject, SKOS.broader, URIRef(expand(parent))
        yield subject, RDFS.subClassOf, URIRef(expand(parent))
    for ancestor in vocabulary.ancestors(concept.id):
        yield subject, IVO.isA, URIRef(expand(ancestor))
    for match in concept.matches:
        yield subject, SKOS[match.predicate.removeprefix("skos:")], URIRef(expand(match.id))
    if concept.facts:
        yield from _facts(subject, concept.facts)


def _facts(subject: URIRef, facts: Facts) -> Iterator[Statement]:
    for field, predicate in _FACTS.items():
        if value := getattr(facts, field):
            yield subject, predicate, Literal(value)
    for page in facts.source.split():
        yield subject, DCTERMS.source, URIRef(page)
