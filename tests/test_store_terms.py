"""Terms on their way into the engine and back, and frames on their way through a pipe."""

from __future__ import annotations

import os
import threading

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef, Variable
from rdflib.namespace import XSD

from ivigraph.errors import QueryError, StoreError
from ivigraph.store import frames, terms
from ivigraph.store.frames import Kind

SUBJECT, PREDICATE = URIRef("http://example.org/s"), URIRef("http://example.org/p")
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
LITERALS = st.one_of(
    TEXTS.map(Literal),
    st.builds(lambda text, tag: Literal(text, lang=tag), TEXTS, st.sampled_from(["en", "en-gb", "ja"])),
    st.builds(lambda text: Literal(text, datatype=URIRef("http://example.org/type")), TEXTS),
    st.integers(-(2**62), 2**62).map(Literal),
    st.booleans().map(Literal),
    st.decimals(-1000, 1000, places=3).map(lambda number: Literal(f"{number:f}", datatype=XSD.decimal)),
)


def through_the_engine(graph: Graph) -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    store.extend(pyoxigraph.Quad(t.subject, t.predicate, t.object) for t in terms.triples(graph))
    return store


@given(st.lists(LITERALS, max_size=5))
def test_every_literal_survives_the_way_there_and_back(objects):
    graph = Graph()
    for term in objects:
        graph.add((SUBJECT, PREDICATE, term))
    store = through_the_engine(graph)
    rows = terms.rows(store.query("SELECT ?o { ?s ?p ?o }").serialize(format=pyoxigraph.QueryResultsFormat.JSON))
    assert {row["o"].toPython() for row in rows} == {term.toPython() for term in graph.objects()}
    assert {row["o"].language for row in rows} == {term.language for term in graph.objects()}
    built = store.query("CONSTRUCT WHERE { ?s ?p ?o }").serialize(format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert set(terms.graph(built).objects()) == {row["o"] for row in rows}


def test_an_unbound_variable_is_absent_from_its_row():
    answer = pyoxigraph.Store().query("SELECT ?a ?b { BIND(1 AS ?a) }")
    rows = terms.rows(answer.serialize(format=pyoxigraph.QueryResultsFormat.JSON))
    assert rows.variables == ("a", "b")
    assert [dict(row) for row in rows] == [{"a": Literal(1)}]


def test_a_triple_term_in_an_answer_is_refused_by_name():
    answer = pyoxigraph.Store().query("SELECT (TRIPLE(<http://a>, <http://b>, <http://c>) AS ?t) {}")
    document = answer.serialize(format=pyoxigraph.QueryResultsFormat.JSON)
    with pytest.raises(QueryError, match="holds a triple"):
        terms.rows(document)


def test_what_is_no_rdf_term_is_refused_by_name():
    graph = Graph()
    graph.add((SUBJECT, PREDICATE, Variable("x")))
    with pytest.raises(StoreError, match="a Variable cannot be stored"):
        terms.triples(graph)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=100_000)), max_size=5), st.integers(1, 9))
def test_frames_arrive_whole_however_the_pipe_cuts_them(sent, piece):
    data = b"".join(frames.frame(kind, payload) for kind, payload in sent)
    reading, writing = os.pipe()

    def write() -> None:
        for start in range(0, min(len(data), 50), piece):
            frames.send(writing, data[start : min(start + piece, 50)])
        frames.send(writing, data[50:])
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    incoming = frames.Incoming(reading)
    received = [incoming.receive() for _ in sent]
    with pytest.raises(EOFError):
        incoming.receive()
    thread.join()
    os.close(reading)
    assert received == sent
