"""Graphs of any size that are shaped like those that ingest writes, for the benchmarks; the same for the same seed.

The concepts are those of the vocabulary and as unevenly frequent as in the literature (Zipf). Sentences are made of a
frame, the names of the concepts and invented words, some of them rare, so that a text search has something to find.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES, Minter, expand
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.vocabulary import Kind, load

CLAIMS = 6  # a document, on average
UNLINKED = 4_000
_SYLLABLES = ("ba", "cor", "den", "fi", "gra", "hel", "lin", "mo", "nep", "ox", "pla", "ri", "sep", "tu", "ven", "zo")
_FRAMES = (
    "{object} developed after {subject} in a patient with {disease} and {words}.",
    "The {words} course of {disease} was complicated by {object}, which was attributed to {subject}.",
    "No {object} was observed among those who received {subject} for {disease}, {words}.",
    "Treatment of {disease} with {subject} was followed by {words} and {object}.",
)
_XSD = VOCABULARIES["xsd"]
_RDF_TYPE = f"<{VOCABULARIES['rdf']}type>"


def iri(prefix: str, local: str) -> str:
    return f"<{({'ivo': ONTOLOGY, **VOCABULARIES})[prefix]}{local}>"


def literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def typed(value: object, datatype: str) -> str:
    return f'"{value}"^^<{_XSD}{datatype}>'


@dataclass(frozen=True, slots=True)
class Named:
    node: str
    label: str


class Documents:
    """Yields (name of the graph, lines in N-Triples)."""

    def __init__(self, minter: Minter, seed: int = 1) -> None:
        self._minter = minter
        self._seed = seed
        draw = random.Random(seed)
        by_kind: dict[Kind, list[Named]] = {}
        for concept in load().concepts.values():
            by_kind.setdefault(concept.kind, []).append(Named(f"<{expand(concept.id)}>", concept.label))
        self._events, self._diseases = by_kind[Kind.EVENT], by_kind[Kind.DISEASE]
        self._products = [*by_kind[Kind.PRODUCT], *by_kind[Kind.THERAPY]]
        self._mechanisms = by_kind[Kind.MECHANISM]
        for names in (self._events, self._diseases, self._products, self._mechanisms):
            draw.shuffle(names)
        ivig = next(named for named in self._products if named.node == iri("ivo", "IVIG"))
        self._products = [ivig, *(named for named in self._products if named is not ivig)]
        self._words = [self._word(draw, 3) for _ in range(4000)]
        # Names without a concept: each in a handful of documents, together in every third.
        self._unlinked = [self._term(self._word(draw, 4)) for _ in range(UNLINKED)]
        self._unknown = {named.node for named in self._unlinked}

    def ranked(self, kind: Kind, rank: int) -> str:
        """The IRI of a concept by how often claims speak of it, 0 the most."""
        names = {Kind.EVENT: self._events, Kind.DISEASE: self._diseases, Kind.PRODUCT: self._products}
        return names[kind][rank].node[1:-1]

    def rare_word(self) -> str:
        """A word that few sentences have, and that stands in no other word or name."""
        others = [named.label for names in (self._events, self._diseases, self._products) for named in names]
        others += [named.label for named in (*self._unlinked, *self._mechanisms)]
        text = " ".join([*others, *dict.fromkeys(self._words)]).casefold()
        return next(word for word in self._words[2_000:] if text.count(word) == 1)

    def vocabulary(self) -> tuple[str, list[str]]:
        graph = vocabulary_graph(load())
        return self._minter.vocabulary_graph, [f"{s.n3()} {p.n3()} {o.n3()} ." for s, p, o in graph]

    def document(self, number: int) -> tuple[str, list[str]]:
        draw = random.Random(f"{self._seed}-{number}")
        curie = f"pmid:{10_000_000 + number}"
        node = f"<{self._minter.document(curie)}>"
        lines = [
            f"{node} {_RDF_TYPE} {iri('ivo', 'Document')} .",
            f"{node} {iri('dcterms', 'title')} {literal(' '.join(self._some(draw, 8)).capitalize())} .",
            f"{node} {iri('dcterms', 'identifier')} {literal(curie)} .",
            f"{node} {iri('ivo', 'documentType')} {iri('ivo', draw.choice(['CaseReport', 'Review', 'Cohort']))} .",
            f"{node} {iri('ivo', 'year')} {typed(draw.randint(1985, 2025), 'integer')} .",
            f"{node} {iri('dcterms', 'language')} {literal('en')} .",
            f"{node} {iri('ivo', 'journal')} {literal('Journal of ' + draw.choice(self._words[:60]))} .",
        ]
        case = f"<{self._minter.case(curie, '1')}>"
        lines += [
            f"{case} {_RDF_TYPE} {iri('ivo', 'Case')} .",
            f"{case} {iri('ivo', 'inDocument')} {node} .",
            f"{case} {iri('ivo', 'ageYears')} {typed(draw.randint(1, 90), 'decimal')} .",
            f"{case} {iri('ivo', 'sex')} {iri('ivo', draw.choice(['Female', 'Male']))} .",
        ]
        disease = self._pick(draw, self._diseases)
        for i in range(draw.randint(CLAIMS - 3, CLAIMS + 3)):
            lines += self._claim(draw, curie, node, case if draw.random() < 0.6 else None, disease, i)
        return self._minter.document_graph(curie), list(dict.fromkeys(lines))

    def _claim(
        self, draw: random.Random, curie: str, document: str, case: str | None, disease: Named, number: int
    ) -> Iterator[str]:
        chance, subject = draw.random(), self._pick(draw, self._products)
        treats = chance < 0.35
        if treats:
            relation, thing = "biolink:treats_or_applied_or_studied_to_treat", disease
        elif chance < 0.4:
            relation, thing = "ivo:hasMechanism", self._pick(draw, self._mechanisms)
        else:
            relation = "biolink:has_adverse_event"
            thing = draw.choice(self._unlinked) if draw.random() < 0.08 else self._pick(draw, self._events)
        sentence = draw.choice(_FRAMES).format(
            subject=subject.label, object=thing.label, disease=disease.label, words=" ".join(self._some(draw, 6))
        )
        claim = self._minter.claim(curie, str(number))
        node, begin = f"<{claim}>", number * 200
        yield f"{node} {_RDF_TYPE} {iri('ivo', 'Claim')} ."
        yield f"{node} {_RDF_TYPE} {iri('biolink', 'Association')} ."
        yield f"{node} {iri('biolink', 'subject')} {subject.node} ."
        yield f"{node} {iri('biolink', 'predicate')} {iri(*relation.split(':'))} ."
        yield f"{node} {iri('biolink', 'object')} {thing.node} ."
        yield f"{node} {iri('biolink', 'negated')} {typed('true' if draw.random() < 0.1 else 'false', 'boolean')} ."
        yield f"{node} {iri('biolink', 'knowledge_level')} {literal('knowledge_assertion')} ."
        yield f"{node} {iri('biolink', 'agent_type')} {literal('text_mining_agent')} ."
        yield f"{node} {iri('biolink', 'has_evidence')} {iri('obo', 'ECO_0006156')} ."
        yield f"{node} {iri('ivo', 'certainty')} {iri('ivo', draw.choice(['Asserted', 'Asserted', 'Suspected']))} ."
        yield f"{node} {iri('ivo', 'confidence')} {typed(round(draw.uniform(0.5, 1), 2), 'decimal')} ."
        yield f"{node} {iri('biolink', 'publications')} {document} ."
        yield f"{node} {iri('biolink', 'supporting_text')} {literal(sentence)} ."
        if case is not None:
            yield f"{node} {iri('ivo', 'case')} {case} ."
        if relation == "biolink:has_adverse_event":
            yield f"{node} {iri('biolink', 'disease_context_qualifier')} {disease.node} ."
        if treats and draw.random() < 0.5:
            yield f"{node} {iri('ivo', 'effect')} {iri('ivo', draw.choice(['Improved', 'NoResponse', 'Worsened']))} ."
        if draw.random() < 0.005:
            yield f"{node} {iri('ivo', 'retracted')} {typed('true', 'boolean')} ."
        if draw.random() < 0.1:
            yield f"{node} {iri('ivo', 'labelStatus')} {iri('ivo', 'OffLabel')} ."
        if draw.random() < 0.15:
            yield f"{node} {iri('ivo', 'count')} {typed(draw.randint(1, 40), 'integer')} ."
            yield f"{node} {iri('ivo', 'total')} {typed(draw.randint(40, 400), 'integer')} ."
        if draw.random() < 0.2:
            yield from self._onset(draw, claim)
        yield from self._evidence(claim, document, sentence, begin)
        yield from self._passage(curie, document, sentence, begin, number + 1)
        for role, named in (("subjectMention", subject), ("objectMention", thing)):
            place = begin + (5 if role == "subjectMention" else 60)
            yield f"{node} {iri('ivo', role)} <{self._minter.place(curie, place, place + len(named.label))}> ."
            yield from self._mention(curie, document, named, place, "drug" if role == "subjectMention" else "condition")

    def _onset(self, draw: random.Random, claim: str) -> Iterator[str]:
        part, days = f"<{claim}#onset>", draw.randint(1, 30)
        yield f"<{claim}> {iri('ivo', 'onset')} {part} ."
        yield f"{part} {_RDF_TYPE} {iri('ivo', 'Onset')} ."
        yield f"{part} {iri('rdfs', 'label')} {literal(f'{days} days after the infusion')} ."
        yield f"{part} {iri('ivo', 'minDays')} {typed(days, 'decimal')} ."
        yield f"{part} {iri('ivo', 'maxDays')} {typed(days, 'decimal')} ."
        yield f"{part} {iri('ivo', 'anchor')} {iri('ivo', 'TherapyStart')} ."

    def _evidence(self, claim: str, document: str, sentence: str, begin: int) -> Iterator[str]:
        evidence, position, quote = (f"<{claim}#{part}>" for part in ("evidence", "position", "quote"))
        yield f"<{claim}> {iri('prov', 'wasDerivedFrom')} {evidence} ."
        yield f"{evidence} {_RDF_TYPE} {iri('oa', 'SpecificResource')} ."
        yield f"{evidence} {iri('oa', 'hasSource')} {document} ."
        yield f"{evidence} {iri('oa', 'hasSelector')} {position} ."
        yield f"{evidence} {iri('oa', 'hasSelector')} {quote} ."
        yield f"{position} {_RDF_TYPE} {iri('oa', 'TextPositionSelector')} ."
        yield f"{position} {iri('oa', 'start')} {typed(begin, 'integer')} ."
        yield f"{position} {iri('oa', 'end')} {typed(begin + len(sentence), 'integer')} ."
        yield f"{quote} {_RDF_TYPE} {iri('oa', 'TextQuoteSelector')} ."
        yield f"{quote} {iri('oa', 'exact')} {literal(sentence)} ."

    def _passage(self, curie: str, document: str, text: str, begin: int, number: int) -> Iterator[str]:
        part = f"<{self._minter.passage(curie, number)}>"
        yield f"{document} {iri('ivo', 'passage')} {part} ."
        yield f"{part} {_RDF_TYPE} {iri('ivo', 'Passage')} ."
        yield f"{part} {iri('ivo', 'section')} {literal('body')} ."
        yield f"{part} {iri('oa', 'start')} {typed(begin, 'integer')} ."
        yield f"{part} {iri('oa', 'end')} {typed(begin + 200, 'integer')} ."
        yield f"{part} {iri('rdf', 'value')} {literal(text.ljust(200))} ."

    def _mention(self, curie: str, document: str, named: Named, place: int, type_: str) -> Iterator[str]:
        node = f"<{self._minter.place(curie, place, place + len(named.label))}>"
        yield f"{node} {_RDF_TYPE} {iri('ivo', 'Mention')} ."
        yield f"{node} {iri('ivo', 'inDocument')} {document} ."
        yield f"{node} {iri('ivo', 'mentionType')} {literal(type_)} ."
        yield f"{node} {iri('oa', 'exact')} {literal(named.label)} ."
        yield f"{node} {iri('oa', 'start')} {typed(place, 'integer')} ."
        yield f"{node} {iri('oa', 'end')} {typed(place + len(named.label), 'integer')} ."
        yield f"{node} {iri('ivo', 'denotes')} {named.node} ."
        if named.node in self._unknown:
            yield f"{named.node} {_RDF_TYPE} {iri('ivo', 'UnlinkedTerm')} ."
            yield f"{named.node} {iri('rdfs', 'label')} {literal(named.label)} ."
            yield f"{named.node} {iri('ivo', 'isA')} {named.node} ."

    def _term(self, label: str) -> Named:
        return Named(f"<{self._minter.unlinked('condition', label)}>", label)

    def _some(self, draw: random.Random, most: int) -> list[str]:
        return [self._words[self._rank(draw, len(self._words))] for _ in range(draw.randint(2, most))]

    def _pick(self, draw: random.Random, names: Sequence[Named]) -> Named:
        return names[self._rank(draw, len(names))]

    @staticmethod
    def _rank(draw: random.Random, size: int) -> int:
        """Zipf's law: the n-th is drawn as often as 1/n."""
        return min(int(size ** draw.random()) - 1, size - 1)

    @staticmethod
    def _word(draw: random.Random, most: int) -> str:
        return "".join(draw.choice(_SYLLABLES) for _ in range(draw.randint(2, most)))


def version() -> str:
    """Changes with what is generated."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def quads(minter: Minter, number: int, seed: int = 1) -> Iterator[str]:
    """At least so many N-Quads, the vocabulary first; a document is never cut."""
    made = 0
    documents = Documents(minter, seed)
    graph, lines = documents.vocabulary()
    document = 0
    while True:
        for line in lines:
            yield f"{line[:-1]}<{graph}> .\n"
        made += len(lines)
        if made >= number:
            return
        graph, lines = documents.document(document)
        document += 1
