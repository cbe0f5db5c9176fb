"""Where the concepts of the vocabulary are found in other ontologies, as an SSSOM mapping set.

Four ways lead to a mapping, the more certain first; where two give the same pair, the first is kept:

    curated      the columns `exact` and `close` of the tables in `terms/`
    published    a mapping set of MONDO or Biomappings that holds the concept, either way round
    same name    a disease and a phenotype, or a phenotype and an adverse event, of one name: near, not the same
    chain        what MONDO gives as exact for the disease of that name

The format is SSSOM (https://mapping-commons.github.io/sssom/), the justifications are terms of semapv.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from ivigraph import __version__
from ivigraph.namespaces import IDENTIFIERS
from ivigraph.ontology.names import normalise
from ivigraph.ontology.sources import Catalogue
from ivigraph.ontology.vocabulary import SSSOM_COLUMNS, Concept, Vocabulary

EXACT, CLOSE = "skos:exactMatch", "skos:closeMatch"
_INVERSE = {
    EXACT: EXACT,
    CLOSE: CLOSE,
    "skos:broadMatch": "skos:narrowMatch",
    "skos:narrowMatch": "skos:broadMatch",
    "skos:relatedMatch": "skos:relatedMatch",
}
# How sure a mapping is by the way that led to it: read by people, by rule over published ones, by name alone.
_CURATED = ("semapv:ManualMappingCuration", "0.95")
_SAME_NAME = ("semapv:LexicalMatching", "0.8")
_CHAIN = ("semapv:MappingChaining", "0.7")
# Ontologies in which a concept is looked up by its label: a disease of the name of a phenotype, and so on.
_NEIGHBOURS = {"HP": ("MONDO", "OAE", "MESH"), "MONDO": ("HP", "OAE"), "OAE": ("HP", "MONDO", "MESH")}
TARGETS = ("MONDO", "DOID", "HP", "OAE", "MESH", "UMLS", "NCIT", "SCTID", "ICD10CM", "ICD11", "Orphanet", "ATC")
"""Where people look for their identifiers."""

_CHAINED = ("MESH", "DOID", "UMLS", "SCTID", "NCIT", "ICD10CM", "ICD11")


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of the mapping set, its fields in the order of SSSOM_COLUMNS."""

    subject: str
    subject_label: str
    predicate: str
    object: str
    object_label: str
    justification: str
    confidence: str
    source: str


def mapping_set(vocabulary: Vocabulary, catalogue: Catalogue) -> list[Line]:
    """All mappings, sorted; `vocabulary` as read without a mapping file, so that its matches are the curated ones."""
    concepts = vocabulary.concepts
    found: dict[tuple[str, str], Line] = {}
    for way in (_curated, _published, _same_name):
        for line in way(concepts.values(), catalogue):
            found.setdefault((line.subject, line.object), line)
    for line in _chained(found.values(), catalogue):
        found.setdefault((line.subject, line.object), line)
    return sorted(line for line in found.values() if line.object not in catalogue.obsolete)


def to_sssom(lines: Iterable[Line]) -> str:
    """The mapping set as SSSOM TSV with its metadata; the same mappings give the same text."""
    prefixes = {prefix: iri for prefix, iri in sorted(IDENTIFIERS.items()) if prefix not in {"doi", "pmid", "pmcid"}}
    prefixes |= {
        "infores": "https://w3id.org/information-resource-registry/",
        "semapv": "https://w3id.org/semapv/vocab/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
    }
    head = [
        "# curie_map:",
        *(f"#   {prefix}: {iri}" for prefix, iri in prefixes.items()),
        "# license: https://creativecommons.org/publicdomain/zero/1.0/",
        "# mapping_set_id: https://w3id.org/ivigraph/mappings/ivigraph.sssom.tsv",
        f'# mapping_set_version: "{__version__}"',
        "# mapping_set_description: Concepts of ivigraph in other ontologies.",
        "# subject_source: https://w3id.org/ivigraph/ontology",
    ]
    return "\n".join([*head, "\t".join(SSSOM_COLUMNS), *("\t".join(astuple(line)) for line in lines), ""])


def _curated(concepts: Iterable[Concept], catalogue: Catalogue) -> Iterator[Line]:
    for concept in concepts:
        for match in concept.matches:
            label = catalogue.labels.get(match.id, "")
            yield Line(concept.id, concept.label, match.predicate, match.id, label, *_CURATED, "ivo:")


def _published(concepts: Iterable[Concept], catalogue: Catalogue) -> Iterator[Line]:
    labels = {concept.id: concept.label for concept in concepts}
    for row in catalogue.correspondences:
        if row.subject in labels:
            label = row.object_label or catalogue.labels.get(row.object, "")
            yield Line(row.subject, labels[row.subject], row.predicate, row.object, label, *_CURATED, row.source)
        if row.object in labels and row.predicate in _INVERSE:
            inverse = _INVERSE[row.predicate]
            yield Line(row.object, labels[row.object], inverse, row.subject, row.subject_label, *_CURATED, row.source)


def _same_name(concepts: Iterable[Concept], catalogue: Catalogue) -> Iterator[Line]:
    by_label: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for id, label in catalogue.labels.items():
        prefix = id.partition(":")[0]
        by_label[prefix, normalise(label.removesuffix(" AE") if prefix == "OAE" else label)].append(id)
    for concept in concepts:
        for prefix in _NEIGHBOURS.get(concept.id.partition(":")[0], ()):
            for id in by_label.get((prefix, normalise(concept.label)), ()):
                yield Line(concept.id, concept.label, CLOSE, id, catalogue.labels[id], *_SAME_NAME, "ivo:")


def _chained(lines: Iterable[Line], catalogue: Catalogue) -> list[Line]:
    subjects = defaultdict(list)
    for line in lines:
        if line.justification == _SAME_NAME[0] and line.object.startswith("MONDO:"):
            subjects[line.object].append(line)
    return [
        Line(near.subject, near.subject_label, CLOSE, row.object, row.object_label, *_CHAIN, row.source)
        for row in catalogue.correspondences
        if row.predicate == EXACT and row.object.partition(":")[0] in _CHAINED
        for near in subjects.get(row.subject, ())
    ]
