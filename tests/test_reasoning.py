"""OWL reasoning with HermiT; needs Java."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

import ivigraph
from ivigraph.errors import ReadError, VocabularyError
from ivigraph.ingest import rdf, readers
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.links import Linking
from ivigraph.namespaces import Minter
from ivigraph.ontology import reasoning
from ivigraph.ontology.conformance import schema
from ivigraph.ontology.vocabulary import Concept, Kind, Vocabulary, load

java = pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed")

PREFIXES = """@prefix : <http://x/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ivo: <https://w3id.org/ivigraph/ontology#> . @prefix prov: <http://www.w3.org/ns/prov#> .
"""
CONTRADICTION = ":Sterile a owl:Class . :Infection a owl:Class ; owl:disjointWith :Sterile ."
BOTH = ":Both a owl:Class ; rdfs:subClassOf :Sterile, :Infection . :Apart a owl:Class ; rdfs:subClassOf :Sterile ."


def graph(*parts):
    return Graph().parse(data=PREFIXES + "\n".join(parts), format="turtle")


@java
def test_the_inferred_hierarchy_is_closed_under_transitivity():
    found = reasoning.classify(
        [
            graph(
                ":Disease a owl:Class . :Skin a owl:Class . :in a owl:ObjectProperty .",
                """:SkinDisease a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
                    :Disease [ a owl:Restriction ; owl:onProperty :in ; owl:someValuesFrom :Skin ] ) ] .""",
                """:Pemphigus a owl:Class ; rdfs:subClassOf :Disease,
                    [ a owl:Restriction ; owl:onProperty :in ; owl:someValuesFrom :Skin ] .""",
                ":Foliaceus a owl:Class ; rdfs:subClassOf :Pemphigus .",
            )
        ]
    )
    assert found.sound
    assert found.superclasses["http://x/Foliaceus"] == {
        f"http://x/{name}" for name in ("Foliaceus", "Pemphigus", "SkinDisease", "Disease")
    }


@java
def test_a_class_that_nothing_can_belong_to_is_named_with_the_axioms_that_say_so():
    found = reasoning.classify([graph(CONTRADICTION, BOTH)], explain=True)
    assert found.consistent
    assert found.unsatisfiable == ("http://x/Both",)
    assert set(found.explanation) == {
        "<http://x/Both> rdfs:subClassOf <http://x/Sterile>",
        "<http://x/Both> rdfs:subClassOf <http://x/Infection>",
        "<http://x/Infection> owl:disjointWith <http://x/Sterile>",
    }


@java
def test_an_inconsistent_graph_is_explained_by_a_smallest_contradiction():
    found = reasoning.classify(
        [graph(CONTRADICTION), graph(":one a :Sterile, :Infection ; rdfs:label 'one' .")], explain=True
    )
    assert not found.consistent
    assert set(found.explanation) == {
        "<http://x/one> rdf:type <http://x/Sterile>",
        "<http://x/one> rdf:type <http://x/Infection>",
        "<http://x/Infection> owl:disjointWith <http://x/Sterile>",
    }


@pytest.fixture(scope="module")
def read():
    """The graphs of sample documents, as ingest writes them."""
    samples = sorted((Path(ivigraph.__file__).parent / "samples").iterdir())[::3]
    reads, linking, minter = extractor("rules", load()), Linking(load()), Minter()
    found = [
        rdf.graph(linking.linked(reads.extract(document)), minter)
        for sample in samples
        for document in readers.read(sample, max_bytes=1_000_000)
    ]
    assert len(found) == len(samples) > 3
    return found


@java
def test_ontology_vocabulary_and_the_graph_of_ingested_documents_are_consistent_together(read):
    assert reasoning.classify([*reasoning.own(), *read], hierarchy=False).consistent


def test_the_graph_of_ingested_documents_is_owl_2_dl(read):
    assert reasoning.dl_problems([*reasoning.own(), *read]) == []


CLAIM = ":claim a ivo:Claim ; ivo:certainty ivo:Asserted . :document a ivo:Document ."


@java
@pytest.mark.parametrize(
    "wrong",
    [
        ":claim ivo:certainty ivo:Possible .",  # a second one
        ":claim ivo:case :document .",
    ],
)
def test_a_graph_that_contradicts_the_ontology_is_found_out(wrong):
    assert not reasoning.classify([schema(), graph(CLAIM, wrong)], hierarchy=False).consistent


@java
def test_the_projects_ontology_is_consistent():
    assert reasoning.classify([schema(), graph(CLAIM)], hierarchy=False).consistent


@java
def test_what_follows_from_a_definition_is_told_and_what_was_said_is_not(tmp_path):
    concepts = {
        id: Concept(id=id, kind=Kind.DISEASE, label=id, names=(), parents=parents)
        for id, parents in (
            ("MONDO:0007179", ()),
            ("MONDO:0005093", ()),
            ("ivo:AutoimmuneSkinDisease", ("MONDO:0007179", "MONDO:0005093")),
            ("ivo:X", ("MONDO:0007179", "MONDO:0005093")),
            ("ivo:Y", ("ivo:X",)),
            ("ivo:Z", ("MONDO:0005093",)),
        )
    }
    above = {id: frozenset({id, *concept.parents}) for id, concept in concepts.items()}
    found = reasoning.inferred(Vocabulary(concepts, {**above, "ivo:Y": above["ivo:X"] | {"ivo:Y"}}, {}))
    assert found == [("ivo:X", "ivo:AutoimmuneSkinDisease"), ("ivo:Y", "ivo:AutoimmuneSkinDisease")]


def test_without_java_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VocabularyError, match="Java"):
        reasoning.classify([graph(CONTRADICTION)])


def test_what_is_not_owl_dl_is_listed():
    found = reasoning.dl_problems(
        [
            graph(
                ":p a owl:ObjectProperty, owl:DatatypeProperty . :q a owl:ObjectProperty . :r a owl:DatatypeProperty .",
                ":x a :Undeclared ; :s :y ; :q 'text' ; :r :y .",
            )
        ]
    )
    assert found == [
        "class not declared: <http://x/Undeclared>",
        "literal as value of the object property <http://x/q>",
        "property not declared: <http://x/s>",
        "property of two kinds (owl:ObjectProperty, owl:DatatypeProperty): <http://x/p>",
        "resource as value of the datatype property <http://x/r>",
    ]


def test_an_owl_file_that_is_broken_is_refused_with_its_line(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(PREFIXES + ":a :b ,, .\n")
    with pytest.raises(ReadError, match="line 4"):
        reasoning.parsed([path])


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=12))
def test_a_closure_is_reflexive_and_transitive(pairs):
    above = reasoning.closure("abcde", pairs)
    assert all(node in above[node] for node in "abcde")
    assert all(above[over] <= above[below] for below, over in pairs)


@given(st.sets(st.integers(0, 30), min_size=1, max_size=5), st.integers(31, 60))
def test_the_smallest_contradiction_is_found_among_many_axioms(bad, size):
    from rdflib import URIRef

    axioms = [frozenset({(URIRef(f"x:{n}"), URIRef("x:p"), URIRef("x:o"))}) for n in range(size)]
    wrong = {axioms[n] for n in bad}
    assert set(reasoning.minimal(axioms, lambda part: not wrong <= set(part))) == wrong


def test_the_ontology_with_the_vocabulary_is_owl_2_dl():
    assert reasoning.dl_problems(reasoning.own()) == []
