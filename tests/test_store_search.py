"""Searching the texts of a store: what is found, in which order, and that the index keeps up with the graph."""

from __future__ import annotations

import shutil
import string

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS

from ivigraph.namespaces import ONTOLOGY, VOCABULARIES
from ivigraph.store import Field, Kind, open_store
from ivigraph.store.words import begun, places, spelled, terms, words

EX = "http://example.org/"
SENTENCE = URIRef(VOCABULARIES["biolink"] + "supporting_text")
G1, G2 = f"{EX}graph/1", f"{EX}graph/2"


def claims(*sentences: str, start: int = 0) -> Graph:
    graph = Graph()
    for number, sentence in enumerate(sentences, start):
        graph.add((URIRef(f"{EX}claim/{number}"), SENTENCE, Literal(sentence)))
    return graph


def named(iri: str, type_: str, *statements) -> Graph:
    graph = Graph()
    graph.add((URIRef(iri), RDF.type, URIRef(type_)))
    for predicate, value in statements:
        graph.add((URIRef(iri), predicate, value))
    return graph


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True, readers=1) as opened:
        yield opened


def write(store, **graphs: Graph) -> None:
    with store.writer() as writer:
        for name, graph in graphs.items():
            writer.replace_graph(f"{EX}graph/{name}", graph)


def texts(hits) -> list[str]:
    return [hit.text for hit in hits]


def test_an_empty_store_finds_nothing(store):
    assert store.search("headache") == ()
    assert store.suggest("head") == ()


def test_a_sentence_is_found_by_any_of_its_words_whatever_their_case_accents_and_order(store):
    write(store, a=claims("A patient with Sjögren's syndrome had an IVIG-induced headache.", "No headache occurred."))
    for typed in ("headache ivig", "SJOGREN", "sjögren's", "Syndrome patient", "ivig-induced"):
        assert texts(store.search(typed)) == ["A patient with Sjögren's syndrome had an IVIG-induced headache."], typed
    assert store.search("headache thrombosis") == ()
    assert store.search("head") == ()


def test_the_text_with_the_least_besides_the_words_comes_first(store):
    write(store, a=claims("Headache.", "A severe headache began.", "Headache and fever."))
    hits = store.search("headache")
    assert texts(hits) == ["Headache.", "Headache and fever.", "A severe headache began."]
    assert hits[0].score == 1.0
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert texts(store.search("headache", limit=2)) == texts(hits)[:2]


def test_words_in_quotes_stand_side_by_side_and_a_star_leaves_a_word_open(store):
    write(store, a=claims("Renal failure was acute.", "Acute renal failure followed."))
    assert texts(store.search('"acute renal failure"')) == ["Acute renal failure followed."]
    assert texts(store.search('"fail* acu"')) == []
    assert len(store.search("fail* acute")) == 2
    assert texts(store.search('"renal fail"*  follow*')) == ["Acute renal failure followed."]


def test_japanese_is_found_without_spaces(store):
    write(store, a=claims("免疫グロブリン投与後に頭痛と血小板減少がみられた。", "頭部の痛みはなかった。"))
    for typed in ("頭痛", "血小板減少", "グロブリン", "頭痛 血小板", "ｸﾞﾛﾌﾞﾘﾝ"):
        assert texts(store.search(typed)) == ["免疫グロブリン投与後に頭痛と血小板減少がみられた。"], typed


def test_a_concept_is_found_by_label_synonym_and_identifier(store):
    concept = "http://purl.obolibrary.org/obo/HP_0001873"
    write(
        store,
        vocabulary=named(
            concept,
            f"{ONTOLOGY}AdverseEvent",
            (RDFS.label, Literal("thrombocytopenia", lang="en")),
            (SKOS.altLabel, Literal("low platelet count", lang="en")),
            (SKOS.altLabel, Literal("血小板減少", lang="ja")),
            (SKOS.exactMatch, URIRef(VOCABULARIES["mesh"] + "D013921")),
        ),
    )
    for typed, field in {
        "Thrombocytopenia": Field.LABEL,
        "platelet count": Field.SYNONYM,
        "血小板": Field.SYNONYM,
        "HP:0001873": Field.IDENTIFIER,
        "D013921": Field.IDENTIFIER,
    }.items():
        (hit,) = store.search(typed)
        assert (hit.iri, hit.kind, hit.label, hit.field) == (concept, Kind.CONCEPT, "thrombocytopenia", field)


def test_a_document_is_found_by_title_and_identifier_and_its_parts_are_not(store):
    document = named(
        f"{EX}document",
        f"{ONTOLOGY}Document",
        (DCTERMS.title, Literal("Aseptic meningitis after immunoglobulin")),
        (DCTERMS.identifier, Literal("pmid:28864844")),
        (DCTERMS.identifier, Literal("doi:10.1007/s10354-017-0595-x")),
    )
    onset = named(f"{EX}onset", f"{ONTOLOGY}Onset", (RDFS.label, Literal("after two days")))
    write(store, a=document + onset)
    for typed in ("meningitis", "28864844", "10.1007/s10354-017-0595-x", "pmid:28864844"):
        (hit,) = store.search(typed)
        assert (hit.kind, hit.label) == (Kind.DOCUMENT, "Aseptic meningitis after immunoglobulin")
    assert store.search("two days") == ()


def test_kinds_narrow_a_search(store):
    term = named(f"{EX}term", f"{ONTOLOGY}UnlinkedTerm", (RDFS.label, Literal("odd headache")))
    write(store, a=claims("A headache.") + term)
    assert [hit.kind for hit in store.search("headache")] == [Kind.CLAIM, Kind.TERM]
    assert [hit.kind for hit in store.search("headache", kinds=[Kind.TERM])] == [Kind.TERM]
    assert store.search("headache", kinds=[Kind.CONCEPT, Kind.DOCUMENT]) == ()
    assert store.search("headache", kinds=[]) == ()


def test_a_name_in_many_graphs_is_one_hit(store):
    term = named(f"{EX}term", f"{ONTOLOGY}UnlinkedTerm", (RDFS.label, Literal("odd headache")))
    write(store, a=term, b=term)
    write(store, c=term)
    assert len(store.search("odd")) == 1


def test_suggestions_begin_with_what_was_typed_before_they_only_hold_it(store):
    names = ["cluster headache", "headache", "head injury", "heart failure"]
    write(
        store,
        **{f"n{i}": named(f"{EX}{i}", f"{ONTOLOGY}Disease", (RDFS.label, Literal(n))) for i, n in enumerate(names)},
        c=claims("Headache was mild."),
    )
    assert texts(store.suggest("head")) == ["headache", "head injury", "cluster headache"]
    assert texts(store.suggest("head ")) == ["head injury"]
    assert texts(store.suggest("h", limit=1)) == ["headache"]
    assert texts(store.suggest("injury hea")) == ["head injury"]
    assert store.suggest("  ") == ()


def test_spans_mark_the_words_in_the_snippet(store):
    long = "word " * 100 + "then thrombosis began " + "and went on " * 50
    write(store, a=claims(long))
    (hit,) = store.search("thrombosis")
    assert len(hit.snippet) <= 242
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert [hit.snippet[start:end] for start, end in hit.spans] == ["thrombosis"]
    assert hit.text == long


def test_the_index_follows_replaced_deleted_and_updated_graphs(store):
    write(store, a=claims("An old sentence."), b=claims("Another one.", start=5))
    write(store, a=claims("A new sentence."))
    assert store.search("old") == ()
    assert len(store.search("new")) == 1
    with store.writer() as writer:
        writer.delete_graph(f"{EX}graph/b")
    assert store.search("another") == ()
    for update in (
        f'INSERT DATA {{ GRAPH <{EX}graph/c> {{ <{EX}x> <{SENTENCE}> "By name." }} }}',
        f'INSERT DATA {{ <{EX}y> <{SENTENCE}> "By default." }}',
        f'INSERT {{ GRAPH ?g {{ <{EX}z> <{SENTENCE}> "By variable." }} }} WHERE {{ BIND(<{EX}graph/d> AS ?g) }}',
    ):
        with store.writer() as writer:
            writer.update(update)
    assert sorted(texts(store.search("by"))) == ["By default.", "By name.", "By variable."]
    with store.writer() as writer:
        writer.update("CLEAR ALL")
    assert store.search("by") == ()


def test_an_older_generation_is_searched_as_it_was(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        write(store, a=claims("An old sentence."))
        write(store, a=claims("A new sentence."))
    with open_store(tmp_path / "store", as_of=1) as before:
        assert texts(before.search("sentence")) == ["An old sentence."]


def test_a_store_without_an_index_is_searched_all_the_same_and_the_next_write_makes_one(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        write(store, a=claims("One sentence."))
        shutil.rmtree(tmp_path / "store" / "generations" / "000001" / "text")
        assert len(store.search("sentence")) == 1
        write(store, b=claims("Another sentence.", start=1))
        assert len(store.search("sentence")) == 2
        assert list((tmp_path / "store" / "generations" / "000002" / "text").iterdir())


def test_few_segments_are_left_after_many_writes(tmp_path):
    with open_store(tmp_path / "store", create=True) as store:
        for number in range(12):
            write(store, **{f"n{number}": claims(f"Sentence {number}.", start=number)})
        files = list((tmp_path / "store" / "generations" / "000012" / "text").iterdir())
        assert len(files) <= 3
        assert len(store.search("sentence", limit=99)) == 12


WORDS = ("fever", "headache", "ivig", "頭痛")
sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
content = st.lists(sentence, max_size=3)
change = st.dictionaries(st.sampled_from("abcd"), content, min_size=1, max_size=3)


@settings(max_examples=8, deadline=None)
@given(st.lists(change, min_size=1, max_size=4))
def test_whatever_is_written_a_search_finds_what_a_filter_finds(tmp_path_factory, changes):
    directory = tmp_path_factory.mktemp("random") / "store"
    with open_store(directory, create=True) as store:
        for step in changes:
            write(store, **{name: claims(*made, start=10 * ord(name)) for name, made in step.items()})
            if not store.generation:
                continue
            engine = pyoxigraph.Store.read_only(str(directory / "generations" / f"{store.generation:06d}" / "graph"))
            for word in WORDS:
                query = f'SELECT ?c {{ GRAPH ?g {{ ?c <{SENTENCE}> ?t }} FILTER(CONTAINS(?t, "{word}")) }}'
                assert {row["c"].value for row in engine.query(query)} == {
                    hit.iri for hit in store.search(word, limit=100)
                }


@given(st.text() | st.text(string.printable))
def test_any_text_is_cut_into_words_that_stand_in_it(text):
    for word in words(text):
        assert word.text
        assert 0 <= word.start < word.end <= len(text)
    assert spelled(text) == [word.text for word in words(text)]


@given(st.text(), st.text())
def test_any_search_is_understood_and_finds_places_within_the_text(typed, text):
    for wanted in (terms(typed), begun(typed)):
        for start, end in places(text, wanted):
            assert 0 <= start < end <= len(text)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1))
def test_no_text_breaks_the_search(filled, typed):
    filled.search(typed, limit=3)
    filled.suggest(typed, limit=3)
