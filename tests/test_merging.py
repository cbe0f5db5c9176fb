"""The default graph that a writer keeps is the merge of all graphs, whatever was written in whichever order."""

import httpx
import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.assembly import ownership
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.store import Update, open_store
from ivigraph.store.merging import bring_up

MINTER = Minter()
GRAPHS = [f"http://example.org/graph/{name}" for name in "abc"]
node = st.integers(0, 3).map(lambda n: pyoxigraph.NamedNode(f"http://example.org/{n}"))
triples = st.sets(st.builds(pyoxigraph.Triple, node, node, node), max_size=6)
steps = st.lists(st.dictionaries(st.sampled_from(GRAPHS), triples, min_size=1), min_size=1, max_size=4)


def copied(store):
    copy = pyoxigraph.Store()
    copy.extend(store)
    return copy


@settings(deadline=None)
@given(steps, st.booleans())
def test_the_merge_is_every_triple_of_a_named_graph_once(steps, known):
    store = pyoxigraph.Store()
    for changes in steps:
        base = copied(store)
        for name, wanted in changes.items():
            graph = pyoxigraph.NamedNode(name)
            store.remove_graph(graph)
            store.extend(pyoxigraph.Quad(*triple, graph) for triple in wanted)
        bring_up(base=base, draft=store, touched=set(changes) if known else None)
        merged = [quad.triple for quad in store if quad.graph_name == pyoxigraph.DefaultGraph()]
        stated = {quad.triple for quad in store if quad.graph_name != pyoxigraph.DefaultGraph()}
        assert len(merged) == len(stated)
        assert set(merged) == stated


def opened(path, **more):
    return open_store(
        path,
        create=True,
        prefixes=prefixes(MINTER),
        derive=catalogue.derivation(MINTER),
        ownership=ownership(MINTER),
        **more,
    )


def count(store, pattern="?s ?p ?o"):
    return int(next(iter(store.select(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")))["n"])


LABEL = b'<http://example.org/x> <http://www.w3.org/2000/01/rdf-schema#label> "x" .\n'


def test_what_several_graphs_say_is_one_row_until_the_last_of_them_goes(tmp_path):
    with opened(tmp_path / "store") as store:
        for name in GRAPHS:
            with store.writer() as writer:
                writer.replace_graph(name, LABEL)
        assert (count(store), count(store, "GRAPH ?g { ?s ?p ?o }"), store.quads()) == (1, 3, 3)
        for name in GRAPHS[:2]:
            with store.writer() as writer:
                writer.delete_graph(name)
            assert count(store) == 1
        with store.writer() as writer:
            writer.delete_graph(GRAPHS[2])
        assert count(store) == 0


@pytest.mark.parametrize("text", ["CLEAR ALL", "DROP ALL", f"DROP GRAPH <{GRAPHS[0]}>", "DELETE WHERE { ?s ?p ?o }"])
def test_updates_of_clients_keep_the_merge_and_never_see_it(tmp_path, text):
    with opened(tmp_path / "store") as store:
        store.apply(Update(text=f"INSERT DATA {{ GRAPH <{GRAPHS[0]}> {{ <http://e.org/a> rdfs:label 'a' }} }}"))
        store.apply(Update(text="INSERT DATA { <http://e.org/b> rdfs:label 'b' }"))
        assert count(store) == 2
        store.apply(Update(text="INSERT { ?s rdfs:comment 'seen' } WHERE { ?s rdfs:label ?o }"))
        assert count(store, "?s rdfs:comment ?o") == 1
        store.apply(Update(text=text))
        assert count(store) == count(store, "GRAPH ?g { ?s ?p ?o }")


def test_a_store_that_was_written_without_the_merge_gets_it_with_the_next_write(tmp_path):
    with opened(tmp_path / "store", union_default_graph=False) as store, store.writer() as writer:
        for name in GRAPHS:
            writer.replace_graph(name, LABEL)
    with opened(tmp_path / "store") as store:
        assert count(store) == 3  # as the engine forms it
        with store.writer() as writer:
            writer.replace_graph("http://example.org/another", LABEL.replace(b"x>", b"y>"))
        assert count(store) == 2
        assert [hit.label for hit in store.search("x")] == ["x", "x"]
    with opened(tmp_path / "store", union_default_graph=False) as store:
        with store.writer() as writer:
            writer.delete_graph(GRAPHS[0])
        assert store.quads() == count(store, "GRAPH ?g { ?s ?p ?o }") == 3


def test_a_dataset_of_the_protocol_or_the_query_is_taken_from_the_graphs_themselves(tmp_path):
    with opened(tmp_path / "store") as store:
        with store.writer() as writer:
            for name in GRAPHS:
                writer.replace_graph(name, LABEL)
        with run.running(create_app(store, MINTER, load())) as url, httpx.Client(base_url=url, timeout=60) as client:
            query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
            for more in ({"default-graph-uri": GRAPHS[0]}, {"query": query.replace("{", f"FROM <{GRAPHS[1]}> {{", 1)}):
                answer = client.get("/sparql", params={"query": query, **more}, headers={"Accept": "text/csv"})
                assert answer.text == "n\r\n1\r\n"
