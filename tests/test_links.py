"""Mentions get their concepts, with the reasons; what the vocabulary does not have, loaded ontologies may."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Literal, URIRef

from ivigraph.ingest import rdf
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.jsonl import to_json
from ivigraph.ingest.links import Linking
from ivigraph.ingest.rdf import IVO
from ivigraph.model import Document, DocumentType, Extraction, Mention, MentionType, Passage
from ivigraph.namespaces import Minter
from ivigraph.ontology import conformance
from ivigraph.ontology.external import Mapping, Scope, Source, Term, TermName
from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.vocabulary import load

ROOT = Path(__file__).parents[1]
TERMS = (
    Term(id="LAB:1", label="morbus quux", names=(TermName("MQ", Scope.ABBREVIATION),), parents=("DOID:2",)),
    Term(id="DOID:2", label="disease of blisters", parents=("MONDO:0016367",)),
    Term(id="MONDO:0016367", label="dermatomyositis", names=(TermName("Wagner-Unverricht syndrome", Scope.EXACT),)),
    Term(id="MESH:D003882", label="Dermatomyositis", names=(TermName("poikilodermatomyositis", Scope.EXACT),)),
    Term(id="X:7", label="glimmer"),
    Term(id="X:8", label="glimmer"),
    Term(id="http://example.org/lab#9", label="sporadic wobbles"),
    Term(id="no identifier", label="nameless rot"),
)
MAPPINGS = (Mapping(subject="LAB:1", predicate="skos:exactMatch", object="OMIM:17"),)


@pytest.fixture
def index(tmp_path):
    with TermIndex.open(tmp_path / "terms.sqlite", create=True) as opened:
        opened.add("lab", Source(format="test", terms=TERMS, mappings=MAPPINGS))
        yield opened


def extraction(text, *names, type=MentionType.CONDITION, label=None):
    """What an extractor gives that found these names, and no concept for them."""
    mentions = []
    for name in names:
        start = text.index(name)
        mentions.append(Mention(start=start, end=start + len(name), text=name, type=type, id=None, label=label or name))
    return Extraction(
        document=Document(
            id="pmid:1",
            source="a.txt",
            title="t",
            type=DocumentType.OTHER,
            text=text,
            passages=(Passage(section="body", start=0, end=len(text)),),
        ),
        extractor="hand-1",
        mentions=tuple(mentions),
    )


def linked(index, text, *names, **options):
    return Linking(load(), index).linked(extraction(text, *names, **options))


def only(found):
    (mention,) = found.mentions
    return mention


def test_a_concept_that_the_extractor_chose_has_the_name_that_led_to_it():
    document = extraction("Low platelet counts followed IVIG for bullous pemphigoid.").document
    found = Linking(load()).linked(extractor("rules", load()).extract(document))
    links = {mention.text: mention.link for mention in found.mentions}
    assert links["IVIG"].score > 0.9
    assert links["IVIG"].reasons == ("abbreviation 'IVIG' of vocabulary",)
    assert links["Low platelet counts"].reasons == ("exact 'low platelet count' of vocabulary",)
    assert all(link.source == "vocabulary" for link in links.values())


def test_the_mentions_of_the_claims_are_linked_as_those_of_the_text(reports):
    for report in reports:
        found = Linking(load()).linked(report)
        by_place = {(m.start, m.end, m.label): m for m in found.mentions}
        for claim in found.claims:
            for mention in (claim.subject, claim.object):
                assert mention == by_place[mention.start, mention.end, mention.label]
                assert (mention.link is None) == (mention.id is None)


def test_a_name_that_several_concepts_bear_keeps_the_others_as_rivals():
    name = extraction("RDS", "RDS").mentions[0]
    chosen = replace(name, id="HP:0002098", label="respiratory distress")
    found = Linking(load()).linked(replace(extraction("RDS", "RDS"), mentions=(chosen,)))
    assert only(found).link.rivals == ("MONDO:0700081",)


def test_a_slip_of_the_pen_is_linked_to_the_vocabulary():
    mention = only(linked(None, "He took azythromycin.", "azythromycin", type=MentionType.DRUG))
    assert (mention.label, mention.text) == ("azithromycin", "azythromycin")
    assert 0.8 <= mention.link.score < 0.9


def test_a_concept_of_another_kind_is_not_what_is_meant():
    assert only(linked(None, "He had azithromycins.", "azithromycins")).id is None


def test_a_slip_does_not_turn_a_finding_into_its_contrary():
    assert only(linked(None, "hyperimmunoglobulinemia", "hyperimmunoglobulinemia")).id is None


def test_a_name_of_a_loaded_ontology_is_linked_beyond_the_vocabulary(index):
    mention = only(linked(index, "She had Morbus Quux.", "Morbus Quux"))
    assert (mention.id, mention.label) == ("LAB:1", "morbus quux")
    assert mention.link.source == "lab"
    assert mention.link.reasons == ("label 'morbus quux' of lab",)
    assert only(linked(None, "She had Morbus Quux.", "Morbus Quux")).id is None


@pytest.mark.parametrize(
    ("name", "way"), [("Wagner-Unverricht syndrome", None), ("poikilodermatomyositis", "skos:exactMatch MESH:D003882")]
)
def test_a_loaded_ontology_lends_its_synonyms_to_the_vocabulary(index, name, way):
    mention = only(linked(index, f"She had {name}.", name))
    assert (mention.id, mention.label) == ("MONDO:0016367", "dermatomyositis")
    assert way is None or mention.link.reasons[-1] == way


def test_a_term_beyond_the_vocabulary_comes_with_its_mappings_and_all_that_is_broader(index):
    (term,) = linked(index, "morbus quux", "morbus quux").terms
    assert (term.kind, term.source, term.matches) == ("disease", "lab", (("skos:exactMatch", "OMIM:17"),))
    broader = dict(term.broader)
    assert broader["DOID:2"] == "disease of blisters"
    assert broader["MONDO:0016367"] == "dermatomyositis"
    assert load().ancestors("MONDO:0016367") <= set(broader)


def test_the_abbreviations_of_a_document_are_written_out(index):
    found = linked(index, "A dire morbus quux (DMQ) began. The DMQ went on.", "DMQ")
    assert only(found).id is None  # defined as more than the ontology has
    found = linked(index, "The morbus quux (mQ) began.", "mQ")
    assert only(found).id == "LAB:1"


def test_a_name_that_shares_its_head_is_linked_by_its_whole_name():
    mention = only(linked(None, "renal and hepatic failure", "renal", label="renal failure"))
    assert mention.label == "renal failure"
    assert mention.id is not None


def test_rivals_among_loaded_terms_are_not_hidden(index):
    mention = only(linked(index, "a glimmer", "glimmer"))
    assert (mention.id, mention.link.rivals) == ("X:7", ("X:8",))


def test_what_has_no_iri_is_not_linked(index):
    assert only(linked(index, "nameless rot", "nameless rot")).id is None
    assert only(linked(index, "sporadic wobbles", "sporadic wobbles")).id == "http://example.org/lab#9"


def test_the_graph_tells_link_rivals_and_the_term_and_conforms_to_the_shapes(index):
    found = linked(index, "morbus quux, a glimmer and rot", "morbus quux", "glimmer", "rot")
    graph = rdf.graph(found, Minter())
    conformance.check(graph)
    term = URIRef("http://purl.obolibrary.org/obo/LAB_1")
    link = graph.value(predicate=IVO.target, object=term)
    assert graph.value(link, IVO.score) == Literal("1", datatype=URIRef("http://www.w3.org/2001/XMLSchema#decimal"))
    assert graph.value(link, IVO.foundIn) == Literal("lab")
    mention = graph.value(predicate=IVO.link, object=link)
    assert (mention, IVO.denotes, term) in graph
    assert {IVO.ExternalTerm, IVO.Disease, SKOS.Concept} == set(graph.objects(term, RDF.type))
    assert (term, IVO.isA, URIRef("http://purl.obolibrary.org/obo/MONDO_0016367")) in graph
    assert (term, SKOS.exactMatch, URIRef("https://omim.org/entry/17")) in graph
    assert (URIRef("http://purl.obolibrary.org/obo/DOID_2"), RDFS.label, Literal("disease of blisters", "en")) in graph
    assert {str(rival) for rival in graph.objects(None, IVO.rival)} == {"http://purl.obolibrary.org/obo/X_8"}
    (unlinked,) = graph.subjects(RDF.type, IVO.UnlinkedTerm)
    assert graph.value(unlinked, RDFS.label) == Literal("rot")


def test_mentions_of_one_name_share_their_link(index):
    found = linked(index, "morbus quux, later MQ", "morbus quux", "MQ")
    twice = replace(found, mentions=(*found.mentions, replace(found.mentions[0], start=30, end=41)))
    assert len(set(rdf.graph(twice, Minter()).subjects(RDF.type, IVO.Link))) == 2


def test_the_json_keeps_score_reasons_and_rivals(index):
    (mention,) = to_json(linked(index, "a glimmer", "glimmer"))["mentions"]
    assert mention["link"] == {"score": 1.0, "reasons": ["label 'glimmer' of lab"], "source": "lab", "rivals": ["X:8"]}


def test_the_version_changes_with_what_is_loaded_and_with_accepted_mappings(index):
    before = Linking(load(), index).version
    assert before == Linking(load(), index).version
    assert before != Linking(load()).version
    index.add("more", Source(format="test", terms=[Term(id="X:9", label="y")]), sha256="0")
    assert Linking(load(), index).version != before


PROGRAM = """
import json, sys
from pathlib import Path
from ivigraph import assembly, pipeline, settings
from ivigraph.ingest.jsonl import to_json
chosen = settings.load({"term_index": sys.argv[1]})
for item in assembly.extractions(list(pipeline.sources([Path(sys.argv[2])])), chosen):
    print(json.dumps(to_json(item)))
"""


def test_every_process_links_alike(index, tmp_path):
    text = "IVIG for morbus quuux, wagner unverricht syndromes and a severe glimmer; azythromycin was stopped."
    (tmp_path / "a.txt").write_text(text * 20)
    answers = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(index.path), str(tmp_path / "a.txt")],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
    assert any(m["link"] for m in json.loads(answers.pop())["mentions"])


def test_ingest_counts_links_and_an_index_that_is_named_but_absent_is_an_error(ivigraph, papers):
    done = ivigraph("ingest", papers, "--store", "graph")
    assert done.returncode == 0
    assert " mentions, 0 of them unlinked and 0 ambiguous" in " ".join(done.stderr.split())
    counts = json.loads(ivigraph("stats", "--store", "graph", "--format", "json").stdout)
    assert counts["mentions"] > 0
    assert counts["unlinked"] == 0
    failed = ivigraph("ingest", papers, "--store", "graph", environ={"IVIGRAPH_TERM_INDEX": "absent.sqlite"})
    assert failed.returncode == 1
    assert "no term index here" in failed.stderr
