"""Claims become triples here, and nowhere else: one document, one graph, as docs/graph-model.md describes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, PROV
from rdflib.plugins.stores.memory import SimpleMemory
from rdflib.term import Node

from ivigraph.ingest.context import diseases_of
from ivigraph.ingest.rdf_qualifiers import IVO, Terms, Triples, decimal, individual, qualifiers
from ivigraph.model import (
    Case,
    Certainty,
    Claim,
    Document,
    DocumentType,
    ExternalTerm,
    Extraction,
    Link,
    Mention,
    Predicate,
)
from ivigraph.namespaces import VOCABULARIES, Minter, expand
from ivigraph.ontology import identifiers
from ivigraph.ontology.conformance import schema
from ivigraph.ontology.graph import CLASSES
from ivigraph.ontology.vocabulary import Kind

BIOLINK = Terms(VOCABULARIES["biolink"])
OBO = Terms(VOCABULARIES["obo"])
OA = Terms(VOCABULARIES["oa"])

# The predicate of a claim, and the Biolink class of the association. Biolink keeps biolink:treats for therapies
# with strong evidence; a report that a therapy was given is none, hence the umbrella predicate.
PREDICATES = {
    Predicate.CAUSES: (BIOLINK.has_adverse_event, BIOLINK.ChemicalOrDrugOrTreatmentAdverseEventAssociation),
    Predicate.TREATS: (
        BIOLINK.treats_or_applied_or_studied_to_treat,
        BIOLINK.ChemicalOrDrugOrTreatmentToDiseaseOrPhenotypicFeatureAssociation,
    ),
    Predicate.HAS_MECHANISM: (IVO.hasMechanism, BIOLINK.Association),
    Predicate.CONTRAINDICATED_IN: (BIOLINK.contraindicated_in, BIOLINK.Association),
    Predicate.INTERACTS_WITH: (BIOLINK.pharmacologically_interacts_with, BIOLINK.Association),
}

DOCUMENT_TYPES = {
    DocumentType.CASE_REPORT: IVO.CaseReport,
    DocumentType.CASE_SERIES: IVO.CaseSeries,
    DocumentType.TRIAL: IVO.Trial,
    DocumentType.COHORT: IVO.Cohort,
    DocumentType.REVIEW: IVO.Review,
    DocumentType.EDUCATION: IVO.Education,
    DocumentType.OTHER: IVO.OtherDocument,
}


def graph(extraction: Extraction, minter: Minter) -> Graph:
    """All that was read from one document, as the content of its named graph; no node is blank."""
    # A named graph has no graphs inside: the store that keeps no contexts takes half the time.
    result = Graph(SimpleMemory())
    for triple in _triples(extraction, minter):
        result.add(triple)
    return result


def _triples(extraction: Extraction, minter: Minter) -> Triples:
    document = extraction.document
    claims = named_claims(extraction, minter)
    candidates = {claim_iri(claim, document, minter): claim for claim in reversed(extraction.candidates)}
    yield from _document(document, minter)
    if extraction.note:
        yield _node(minter.document(document.id)), IVO.readingNote, Literal(extraction.note)
    # A claim may name what no mention of the document names (a split "renal failure" in "renal and hepatic failure").
    claimed = (mention for claim in claims.values() for mention in (claim.subject, claim.object))
    for mention in dict.fromkeys((*extraction.mentions, *claimed)):
        yield from _mention(mention, document, minter)
    yield from _links(extraction, minter)
    for case in extraction.cases:
        yield from _case(case, document, minter)
    for node, claim in claims.items():
        yield from _claim(node, claim, extraction, minter)
    for node, candidate in candidates.items():
        yield from _candidate(node, candidate, extraction, minter)
    for term in extraction.terms:
        yield from _term(term)


def named_claims(extraction: Extraction, minter: Minter) -> dict[URIRef, Claim]:
    """The claims by their IRIs. What a repeated sentence says is one claim, unless it is said of another patient."""
    found: dict[URIRef, Claim] = {}
    for claim in extraction.claims:
        node = claim_iri(claim, extraction.document, minter)
        if node in found and claim.case not in (None, found[node].case):
            node = claim_iri(claim, extraction.document, minter, claim.case)
        found.setdefault(node, claim)
    return found


def claim_iri(claim: Claim, document: Document, minter: Minter, *more: str) -> URIRef:
    """The same statement in the same sentence of the same document has the same IRI, whoever read it."""
    return URIRef(
        minter.claim(
            document.id,
            claim.predicate,
            concept_iri(claim.subject, minter),
            concept_iri(claim.object, minter),
            str(claim.negated),
            claim.evidence.quote,
            *more,
        )
    )


def concept_iri(mention: Mention, minter: Minter) -> URIRef:
    return _iri(mention.id) if mention.id else _node(minter.unlinked(mention.type, mention.label))


def _document(document: Document, minter: Minter) -> Triples:
    node = _node(minter.document(document.id))
    yield node, RDF.type, IVO.Document
    yield node, DCTERMS.title, Literal(document.title)
    yield node, IVO.documentType, DOCUMENT_TYPES[document.type]
    yield node, IVO.sourceName, Literal(_file_name(document.source))
    for identifier in sorted({document.id, *document.identifiers}):
        yield node, DCTERMS.identifier, Literal(identifier)
        if not identifier.startswith("sha256:"):
            yield node, RDFS.seeAlso, URIRef(expand(identifier))
    for other in sorted({_file_name(name) for name in document.also} - {_file_name(document.source)}):
        yield node, IVO.alsoReadFrom, Literal(other)
    if document.retracted:
        yield node, IVO.retracted, Literal(True)
    if document.language:
        yield node, DCTERMS.language, Literal(document.language)
    if document.year:
        yield node, IVO.year, Literal(document.year)
    if document.journal:
        yield node, IVO.journal, Literal(document.journal)
    for author in document.authors:
        yield node, DCTERMS.creator, Literal(author)
    yield from _bibliography(node, document)
    for number, passage in enumerate(document.passages, start=1):
        part = URIRef(minter.passage(document.id, number))
        yield node, IVO.passage, part
        yield part, RDF.type, IVO.Passage
        yield part, IVO.section, Literal(passage.section)
        yield part, RDF.value, Literal(document.text[passage.start : passage.end])
        yield from _range(part, passage.start, passage.end)


def _bibliography(node: URIRef, document: Document) -> Triples:
    """What the record of an article carries besides: dates, indexing, licence and links to other documents."""
    if document.published:
        yield node, DCTERMS.issued, Literal(document.published)
    if document.text_language:
        yield node, IVO.textLanguage, Literal(document.text_language)
    if document.licence:
        yield node, DCTERMS.license, Literal(document.licence)
    for keyword in document.keywords:
        yield node, IVO.keyword, Literal(keyword)
    for publication_type in document.publication_types:
        yield node, IVO.publicationType, Literal(publication_type)
        if (design := _designs().get(publication_type.casefold())) is not None:
            yield node, IVO.studyDesign, design
    for heading in document.mesh:
        yield node, IVO.meshHeading, Literal(heading.label)
        if heading.id:
            yield node, DCTERMS.subject, URIRef(expand(heading.id))
    for reference in document.references:
        yield node, DCTERMS.references, URIRef(expand(reference))
    for related in document.related:
        yield node, _relation(related.relation), URIRef(expand(related.id))


@cache
def _designs() -> Mapping[str, Node]:
    """The study designs of the ontology by each of their names, in lower case."""
    ontology = schema()
    designs = {*ontology.subjects(RDF.type, IVO.StudyDesign), *ontology.subjects(RDF.type, IVO.DocumentType)}
    return {
        str(name).casefold(): design
        for design in sorted(designs, key=str)
        for relation in (RDFS.label, SKOS.altLabel)
        for name in ontology.objects(design, relation)
    }


def _mention(mention: Mention, document: Document, minter: Minter) -> Triples:
    node = _node(minter.place(document.id, mention.start, mention.end))
    yield node, RDF.type, IVO.Mention
    yield node, IVO.inDocument, _node(minter.document(document.id))
    yield node, IVO.mentionType, _word(str(mention.type))
    yield node, OA.exact, Literal(mention.text)
    yield from _range(node, mention.start, mention.end)
    yield node, IVO.denotes, concept_iri(mention, minter)
    yield from _unlinked(mention, minter)


def _links(extraction: Extraction, minter: Minter) -> Triples:
    """Why each mention has its concept; the mentions of one name share one link."""
    document = extraction.document
    claimed = (m for claim in (*extraction.claims, *extraction.candidates) for m in (claim.subject, claim.object))
    nodes: dict[tuple[str, str | None, Link], URIRef] = {}
    for mention in dict.fromkeys((*extraction.mentions, *claimed)):
        if mention.link is None:
            continue
        same = (mention.text, mention.id, mention.link)
        if same not in nodes:
            target = concept_iri(mention, minter)
            nodes[same] = URIRef(minter.link(document.id, mention.text, target, *mention.link.reasons))
            yield from _link(nodes[same], target, mention.link)
        yield _node(minter.place(document.id, mention.start, mention.end)), IVO.link, nodes[same]


def _link(node: URIRef, target: URIRef, link: Link) -> Triples:
    yield node, RDF.type, IVO.Link
    yield node, IVO.target, target
    yield node, IVO.score, decimal(round(link.score, 3))
    yield node, IVO.foundIn, Literal(link.source)
    for reason in link.reasons:
        yield node, IVO.reason, Literal(reason)
    for rival in link.rivals:
        yield node, IVO.rival, _iri(rival)


def _term(term: ExternalTerm) -> Triples:
    """A term of a loaded ontology, told as a concept of the vocabulary is, so that queries find both alike."""
    node = _iri(term.id)
    yield node, RDF.type, IVO.ExternalTerm
    yield node, RDF.type, CLASSES[Kind(term.kind)]
    yield node, RDF.type, SKOS.Concept
    yield node, RDFS.label, Literal(term.label, lang="en")
    yield node, IVO.foundIn, Literal(term.source)
    yield node, IVO.isA, node
    for broader, label in term.broader:
        yield node, IVO.isA, _iri(broader)
        yield _iri(broader), RDFS.label, Literal(label, lang="en")
    for predicate, other in term.matches:
        yield node, SKOS[predicate.removeprefix("skos:")], _iri(other)


def _case(case: Case, document: Document, minter: Minter) -> Triples:
    node = URIRef(minter.case(document.id, case.id))
    yield node, RDF.type, IVO.Case
    yield node, IVO.inDocument, _node(minter.document(document.id))
    if case.age_years is not None:
        yield node, IVO.ageYears, decimal(case.age_years)
    if case.sex is not None:
        yield node, IVO.sex, individual(case.sex)
    yield from _range(node, case.start, case.end)


def _claim(node: URIRef, claim: Claim, extraction: Extraction, minter: Minter) -> Triples:
    document = extraction.document
    predicate, association = PREDICATES[claim.predicate]
    yield node, RDF.type, IVO.Claim
    yield node, RDF.type, association
    yield node, BIOLINK.subject, concept_iri(claim.subject, minter)
    yield node, BIOLINK.predicate, predicate
    yield node, BIOLINK.object, concept_iri(claim.object, minter)
    yield node, BIOLINK.negated, Literal(claim.negated)
    if document.retracted:
        yield node, IVO.retracted, Literal(True)
    yield node, BIOLINK.knowledge_level, _word("knowledge_assertion")
    yield node, BIOLINK.agent_type, _word("text_mining_agent")
    yield (
        node,
        BIOLINK.has_evidence,
        OBO.ECO_0006156,
    )  # documented statement evidence used in automatic assertion
    yield node, IVO.certainty, _CERTAINTIES[claim.certainty]
    yield node, IVO.confidence, decimal(round(claim.confidence, 4))
    yield node, IVO.subjectMention, _node(minter.place(document.id, claim.subject.start, claim.subject.end))
    yield node, IVO.objectMention, _node(minter.place(document.id, claim.object.start, claim.object.end))
    if claim.case is not None:
        yield node, IVO.case, URIRef(minter.case(document.id, claim.case))
    for disease in diseases_of(claim, extraction):
        yield node, BIOLINK.disease_context_qualifier, concept_iri(disease, minter)
    yield from _evidence(node, claim, document, minter)
    yield from qualifiers(node, claim.qualifiers)
    run = URIRef(minter.extraction(document.id, extraction.extractor))
    yield node, PROV.wasGeneratedBy, run
    yield run, RDF.type, PROV.Activity
    yield run, PROV.used, _node(minter.document(document.id))
    yield run, RDFS.label, Literal(extraction.extractor)


def _candidate(statement: URIRef, claim: Claim, extraction: Extraction, minter: Minter) -> Triples:
    """What may be stated, as an RDF reification: it has none of a claim's terms, so no query for claims finds it."""
    document = extraction.document
    node = URIRef(f"{statement}#candidate")
    yield node, RDF.type, IVO.Candidate
    yield node, RDF.subject, concept_iri(claim.subject, minter)
    yield node, RDF.predicate, PREDICATES[claim.predicate][0]
    yield node, RDF.object, concept_iri(claim.object, minter)
    yield node, IVO.candidateNegated, Literal(claim.negated)
    yield node, IVO.candidateConfidence, decimal(round(claim.confidence, 4))
    yield node, IVO.inDocument, _node(minter.document(document.id))
    yield node, RDF.value, Literal(claim.evidence.quote)
    yield from _range(node, claim.evidence.start, claim.evidence.end)
    for mention in (claim.subject, claim.object):
        yield from _unlinked(mention, minter)


def _evidence(node: URIRef, claim: Claim, document: Document, minter: Minter) -> Triples:
    evidence, position, quote = (URIRef(f"{node}#{part}") for part in ("evidence", "position", "quote"))
    source = _node(minter.document(document.id))
    yield node, BIOLINK.publications, source
    yield node, BIOLINK.supporting_text, Literal(claim.evidence.quote)
    yield node, PROV.wasDerivedFrom, evidence
    yield evidence, RDF.type, OA.SpecificResource
    yield evidence, OA.hasSource, source
    yield evidence, OA.hasSelector, position
    yield evidence, OA.hasSelector, quote
    yield position, RDF.type, OA.TextPositionSelector
    yield from _range(position, claim.evidence.start, claim.evidence.end)
    yield quote, RDF.type, OA.TextQuoteSelector
    yield quote, OA.exact, Literal(claim.evidence.quote)


def _range(node: Node, start: int, end: int) -> Triples:
    yield node, OA.start, _number(start)
    yield node, OA.end, _number(end)


def _unlinked(mention: Mention, minter: Minter) -> Triples:
    if mention.id is None:
        term = concept_iri(mention, minter)
        yield term, RDF.type, IVO.UnlinkedTerm
        # Folded as in its IRI, so that two spellings in one document do not give it two labels.
        yield term, RDFS.label, Literal(" ".join(mention.label.casefold().split()))
        # As every concept is one of itself, so that a query finds it by the same pattern.
        yield term, IVO.isA, term


# The same nodes and values come again and again, and rdflib looks at each anew when it makes one.
@lru_cache(maxsize=4096)
def _node(iri: str) -> URIRef:
    return URIRef(iri)


@lru_cache(maxsize=4096)
def _number(value: int) -> Literal:
    return Literal(value)


@lru_cache(maxsize=4096)
def _word(value: str) -> Literal:
    """The literal of a word from a closed list."""
    return Literal(value)


@lru_cache(maxsize=4096)
def _iri(id: str) -> URIRef:
    """Raises VocabularyError for an identifier that has no IRI."""
    return URIRef(identifiers.iri(id) or expand(id))


def _relation(value: str) -> URIRef:
    """`retracted_by` is ivo:retractedBy."""
    first, *others = value.split("_")
    return IVO[first + "".join(word.capitalize() for word in others)]


_CERTAINTIES = {certainty: individual(certainty) for certainty in Certainty}


def _file_name(source: str) -> str:
    path, hash_sign, record = source.partition("#")
    return path.replace("\\", "/").rsplit("/", 1)[-1] + hash_sign + record
