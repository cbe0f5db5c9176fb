from dataclasses import replace
from decimal import Decimal

import pytest
from rdflib import OWL, RDF, BNode, Literal, URIRef

from ivigraph.errors import ShapeError
from ivigraph.ingest import rdf
from ivigraph.ingest.verify import verbatim
from ivigraph.model import (
    Case,
    Certainty,
    Claim,
    Document,
    DocumentType,
    Dose,
    Evidence,
    Extraction,
    Heading,
    Mention,
    MentionType,
    Onset,
    Passage,
    Predicate,
    Qualifiers,
    Related,
    Relation,
    Sex,
    Unit,
)
from ivigraph.namespaces import Minter, expand
from ivigraph.ontology import conformance

MINTER = Minter()
TEXT = "IVIG and platelets\nA woman received IVIG for pemphigus. Her platelets fell on day 3; no bleeding occurred."
BIOLINK = rdf.BIOLINK


def mention(text, type_=MentionType.CONDITION, id_=None, label=None):
    start = TEXT.index(text, 19)
    return Mention(start=start, end=start + len(text), text=text, type=type_, id=id_, label=label or text)


IVIG = mention("IVIG", MentionType.DRUG, "ivo:IVIG", "intravenous immunoglobulin")
PEMPHIGUS = mention("pemphigus", id_="MONDO:0006594")
BLEEDING = mention("bleeding", id_="HP:0001892")
FALL = mention("platelets fell", label="Falling Platelets")


def sentence(start_text, end_text):
    start, end = TEXT.index(start_text), TEXT.index(end_text) + len(end_text)
    return Evidence(start=start, end=end, quote=TEXT[start:end])


FIRST, SECOND = sentence("A woman", "pemphigus."), sentence("Her", "occurred.")
TREATS = Claim(predicate=Predicate.TREATS, subject=IVIG, object=PEMPHIGUS, evidence=FIRST, case="1")
CAUSES = Claim(
    predicate=Predicate.CAUSES,
    subject=IVIG,
    object=FALL,
    evidence=SECOND,
    certainty=Certainty.POSSIBLE,
    confidence=0.7,
    case="1",
    qualifiers=Qualifiers(
        count=1,
        total=3,
        percent=33.3,
        unit=Unit.PATIENTS,
        severity="mild",
        label_status="off-label",
        effect="no_response",
        outcome="spontaneous remission",
        rechallenge="positive",
        onset=Onset(min_days=3, max_days=3.0, text="on day 3"),
        dose=Dose(value=2, unit="g/kg", text="2 g/kg"),
        route="intravenous",
        rate="0.5 mL/kg/h",
        schedule="every 4 weeks",
    ),
)
ABSENT = Claim(predicate=Predicate.CAUSES, subject=IVIG, object=BLEEDING, evidence=SECOND, negated=True, case="1")
DOCUMENT = Document(
    id="pmid:1",
    source="folder/one.txt",
    title="IVIG and platelets",
    type=DocumentType.CASE_REPORT,
    text=TEXT,
    passages=(Passage(section="title", start=0, end=18), Passage(section="body", start=19, end=len(TEXT))),
    identifiers=("pmid:1", "doi:10.5555/x"),
    year=2020,
    published="2020-04",
    publication_types=("Case Reports",),
    mesh=(Heading(label="Pemphigus", id="MESH:D010392", major=True),),
    keywords=("platelets",),
    licence="CC BY 4.0",
    references=("pmid:2",),
    related=(Related(relation=Relation.RETRACTED_BY, id="pmid:3"),),
)
EXTRACTION = Extraction(
    document=DOCUMENT,
    extractor="rules-1",
    mentions=(IVIG, PEMPHIGUS, BLEEDING),
    cases=(Case(id="1", age_years=49, sex=Sex.FEMALE, start=19, end=26),),
    claims=(TREATS, CAUSES, ABSENT),
)


def graph_of(extraction=EXTRACTION):
    return rdf.graph(extraction, MINTER)


def iri(claim):
    return rdf.claim_iri(claim, DOCUMENT, MINTER)


def test_what_is_written_conforms_to_the_shapes():
    conformance.check(graph_of())


def test_the_same_document_gives_the_same_triples_and_no_blank_node():
    graph = graph_of()
    assert set(graph) == set(graph_of())
    assert not [node for triple in graph for node in triple if isinstance(node, BNode)]


def test_the_direct_edge_from_therapy_to_event_is_not_asserted():
    subject, object_ = URIRef(expand("ivo:IVIG")), URIRef(expand("HP:0001892"))
    assert not list(graph_of().triples((subject, None, object_)))


def test_an_absent_finding_is_a_negated_claim():
    graph = graph_of()
    assert graph.value(iri(ABSENT), BIOLINK.negated) == Literal(True)
    assert graph.value(iri(CAUSES), BIOLINK.negated) == Literal(False)


def test_what_a_repeated_sentence_says_is_one_claim_unless_it_is_said_of_another_patient():
    later = replace(CAUSES, evidence=replace(SECOND, start=100, end=100 + len(SECOND.quote)))
    cases = (*EXTRACTION.cases, Case(id="2", age_years=50, sex=Sex.MALE, start=19, end=26))
    for claim, count in ((later, 1), (replace(later, case=None), 1), (replace(later, case="2"), 2)):
        graph = graph_of(replace(EXTRACTION, cases=cases, claims=(CAUSES, claim)))
        conformance.check(graph)
        assert len(set(graph.subjects(RDF.type, rdf.IVO.Claim))) == count


def test_a_claim_carries_its_sentence_and_place():
    graph = graph_of()
    assert str(graph.value(iri(CAUSES), BIOLINK.supporting_text)) == SECOND.quote
    position = URIRef(f"{iri(CAUSES)}#position")
    assert graph.value(position, rdf.OA.start) == Literal(SECOND.start)
    assert graph.value(position, rdf.OA.end) == Literal(SECOND.end)


def test_an_event_knows_the_disease_that_its_patient_was_treated_for():
    contexts = set(graph_of().objects(iri(CAUSES), BIOLINK.disease_context_qualifier))
    assert contexts == {URIRef(expand("MONDO:0006594"))}


def test_what_another_drug_was_given_for_is_not_the_disease_of_an_event():
    other = replace(TREATS, subject=replace(IVIG, id="ivo:Paracetamol"), object=replace(BLEEDING, id="HP:0002315"))
    graph = graph_of(replace(EXTRACTION, claims=(*EXTRACTION.claims, other)))
    contexts = set(graph.objects(iri(CAUSES), BIOLINK.disease_context_qualifier))
    assert contexts == {URIRef(expand("MONDO:0006594"))}


def test_an_adverse_event_that_was_treated_is_not_the_disease_of_another_one():
    treated = replace(TREATS, subject=replace(IVIG, id="ivo:Paracetamol"), object=FALL)
    headache = replace(CAUSES, object=replace(BLEEDING, id="HP:0002315"), subject=replace(IVIG, id="ivo:SCIG"))
    graph = graph_of(replace(EXTRACTION, claims=(*EXTRACTION.claims, treated, headache)))
    contexts = set(graph.objects(iri(headache), BIOLINK.disease_context_qualifier))
    assert contexts == {URIRef(expand("MONDO:0006594"))}


def test_a_review_gives_no_disease_beyond_the_sentence():
    review = replace(
        EXTRACTION,
        document=replace(DOCUMENT, type=DocumentType.REVIEW),
        claims=tuple(replace(claim, case=None) for claim in EXTRACTION.claims),
    )
    graph = graph_of(review)
    assert not list(graph.objects(iri(CAUSES), BIOLINK.disease_context_qualifier))


def test_an_unknown_name_becomes_an_unlinked_term_with_its_label():
    graph = graph_of()
    term = graph.value(iri(CAUSES), BIOLINK.object)
    assert (term, RDF.type, rdf.IVO.UnlinkedTerm) in graph
    assert str(graph.value(term, rdf.RDFS.label)) == "falling platelets"


def test_qualifiers_are_individuals_numbers_and_texts():
    graph = graph_of()
    claim = iri(CAUSES)
    assert graph.value(claim, rdf.IVO.labelStatus) == rdf.IVO.OffLabel
    assert graph.value(claim, rdf.IVO.administrationRoute) == rdf.IVO.Intravenous
    assert graph.value(claim, rdf.IVO.rate) == Literal("0.5 mL/kg/h")
    assert graph.value(claim, rdf.IVO.schedule) == Literal("every 4 weeks")
    assert graph.value(claim, rdf.IVO.effect) == rdf.IVO.NoResponse
    assert graph.value(claim, rdf.IVO["count"]) == Literal(1)
    assert str(graph.value(claim, rdf.IVO.outcome)) == "spontaneous remission"
    # 3 and 3.0 are written alike, in the form that every store keeps
    assert str(graph.value(URIRef(f"{claim}#onset"), rdf.IVO.minDays)) == "3"
    assert str(graph.value(URIRef(f"{claim}#onset"), rdf.IVO.maxDays)) == "3"


def test_every_individual_that_is_written_is_defined_by_the_ontology():
    written = {node for triple in graph_of() for node in triple if str(node).startswith(str(rdf.IVO))}
    defined = set(conformance.schema().subjects(RDF.type, None))
    concepts = {URIRef(expand("ivo:IVIG"))}
    assert written - concepts <= defined


def test_a_retraction_and_the_indexing_of_an_article_are_told():
    graph = graph_of()
    document = URIRef(MINTER.document("pmid:1"))
    assert graph.value(document, rdf.IVO.retractedBy) == URIRef(expand("pmid:3"))
    assert graph.value(document, rdf.DCTERMS.subject) == URIRef(expand("MESH:D010392"))
    assert str(graph.value(document, rdf.DCTERMS.issued)) == "2020-04"


@pytest.mark.parametrize("relation", Relation)
def test_every_relation_between_documents_is_defined_by_the_ontology(relation):
    other = replace(DOCUMENT, related=(Related(relation=relation, id="pmid:3"),))
    (predicate,) = graph_of(replace(EXTRACTION, document=other)).predicates(None, URIRef(expand("pmid:3")))
    assert (predicate, RDF.type, OWL.ObjectProperty) in conformance.schema()


def test_the_folder_of_a_source_is_not_told():
    assert "folder" not in graph_of().serialize(format="nt")


@pytest.mark.parametrize(
    "broken",
    [
        replace(CAUSES, confidence=1.5),
        replace(CAUSES, qualifiers=Qualifiers(count=5, total=3)),
        replace(CAUSES, qualifiers=Qualifiers(severity="awful")),
        replace(CAUSES, qualifiers=Qualifiers(onset=Onset(min_days=9, max_days=2, text="x"))),
    ],
)
def test_a_graph_that_does_not_conform_is_refused_with_the_reason(broken):
    with pytest.raises(ShapeError) as caught:
        conformance.check(graph_of(replace(EXTRACTION, claims=(TREATS, broken))), where="one.txt")
    assert caught.value.violations
    assert caught.value.where == "one.txt"


def test_a_quote_that_is_not_verbatim_is_refused():
    wrong = replace(TREATS, evidence=replace(FIRST, quote=FIRST.quote.replace("woman", "man")))
    with pytest.raises(ShapeError, match="not verbatim"):
        verbatim(replace(EXTRACTION, claims=(wrong,)))
    assert verbatim(EXTRACTION) is EXTRACTION


def test_a_claim_about_a_patient_who_is_not_described_is_refused():
    with pytest.raises(ShapeError, match="not described"):
        verbatim(replace(EXTRACTION, cases=()))


def test_a_candidate_is_kept_where_no_query_for_claims_sees_it():
    doubted = replace(CAUSES, confidence=0.3)
    graph = graph_of(replace(EXTRACTION, claims=(TREATS,), candidates=(doubted,)))
    conformance.check(graph)
    node = next(graph.subjects(RDF.type, rdf.IVO.Candidate))
    assert graph.value(node, RDF.object) == rdf.concept_iri(CAUSES.object, MINTER)
    assert graph.value(node, rdf.IVO.candidateConfidence).toPython() == Decimal("0.3")
    assert list(graph.subjects(RDF.type, rdf.IVO.Claim)) == [iri(TREATS)]
    assert len(list(graph.subjects(BIOLINK.predicate))) == 1
