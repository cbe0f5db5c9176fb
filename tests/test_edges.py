"""Edges that are kept up with what changed are those that the update of the catalogue derives anew."""

from __future__ import annotations

import pyoxigraph
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.namespaces import Minter, prefixes
from ivigraph.queries import catalogue
from ivigraph.store import edges

MINTER = Minter()
UPDATE = catalogue.derivation(MINTER)
EDGES = edges.announced(UPDATE)
GRAPHS = [f"http://example.org/graph/{name}" for name in "abc"]

claim = st.fixed_dictionaries(
    {
        "claim": st.integers(0, 5),  # few, so that graphs speak of the same
        "from": st.sampled_from("pq"),
        "to": st.sampled_from("xy"),
        "negated": st.sampled_from(["true", "false", "false", '"maybe"']),
        "documents": st.lists(st.integers(0, 2), max_size=2),
        "cases": st.lists(st.integers(0, 2), max_size=2),
        "diseases": st.lists(st.integers(0, 2), max_size=2),
        "retracted": st.sampled_from([None, None, "true", "false"]),
        "typed": st.sampled_from([True, True, True, False]),
    }
)
contents = st.dictionaries(st.sampled_from(GRAPHS), st.lists(claim, max_size=4), min_size=1)


def quads(graph: str, claims) -> str:
    lines = []
    for one in claims:
        node = f"<http://example.org/claim/{one['claim']}>"
        lines += [f"{node} a ivo:Claim ."] if one["typed"] else []
        lines += [
            f"{node} biolink:subject <http://example.org/{one['from']}> ; biolink:predicate biolink:causes ; "
            f"biolink:object <http://example.org/{one['to']}> ; biolink:negated {one['negated']} ."
        ]
        lines += [f"{node} ivo:retracted {one['retracted']} ."] if one["retracted"] else []
        for name, term in (
            ("documents", "biolink:publications"),
            ("cases", "ivo:case"),
            ("diseases", "biolink:disease_context_qualifier"),
        ):
            lines += [f"{node} {term} <http://example.org/{name}/{value}> ." for value in one[name]]
    return f"DROP SILENT GRAPH <{graph}> ; INSERT DATA {{ GRAPH <{graph}> {{ {' '.join(lines)} }} }}"


def derived(store: pyoxigraph.Store) -> set[str]:
    return {str(quad) for quad in store.quads_for_pattern(None, None, None, EDGES.graph)}


def copied(store: pyoxigraph.Store) -> pyoxigraph.Store:
    copy = pyoxigraph.Store()
    copy.extend(store)
    return copy


def write(store: pyoxigraph.Store, changes) -> None:
    for graph, claims in changes.items():
        store.update(quads(graph, claims), prefixes=prefixes(MINTER))


@settings(max_examples=150, deadline=None)
@given(st.lists(contents, min_size=1, max_size=4), st.booleans())
def test_incremental_edges_are_those_that_are_derived_anew(steps, known):
    kept = pyoxigraph.Store()
    for changes in steps:
        base = copied(kept)
        write(kept, changes)
        edges.derive(EDGES, base=base, draft=kept, touched=set(changes) if known else None)
        anew = copied(kept)
        anew.update(UPDATE)
        assert derived(kept) == derived(anew)


ONE = {
    "claim": 1,
    "from": "p",
    "to": "x",
    "negated": "false",
    "documents": [1],
    "cases": [1],
    "diseases": [1],
    "retracted": None,
    "typed": True,
}


def test_a_claim_of_a_retracted_document_counts_for_nothing():
    store = pyoxigraph.Store()
    other = {**ONE, "claim": 2, "documents": [2], "cases": [2], "diseases": [2]}
    write(store, {GRAPHS[0]: [ONE], GRAPHS[1]: [other]})
    store.update(UPDATE)
    both = derived(store)
    base = copied(store)
    write(store, {GRAPHS[1]: [{**other, "retracted": "true"}]})
    edges.derive(EDGES, base=base, draft=store, touched={GRAPHS[1]})
    alone = pyoxigraph.Store()
    write(alone, {GRAPHS[0]: [ONE]})
    alone.update(UPDATE)
    assert derived(store) == derived(alone) != both


def test_an_edge_goes_with_its_last_claim():
    store = pyoxigraph.Store()
    write(store, {GRAPHS[0]: [ONE]})
    edges.derive(EDGES, base=pyoxigraph.Store(), draft=store, touched={GRAPHS[0]})
    assert len(derived(store)) == 9
    base = copied(store)
    store.remove_graph(pyoxigraph.NamedNode(GRAPHS[0]))
    edges.derive(EDGES, base=base, draft=store, touched={GRAPHS[0]})
    assert derived(store) == set()


def test_an_update_that_announces_no_edges_is_none_of_ours():
    assert edges.announced("DROP SILENT GRAPH <http://example.org/derived>") is None
    assert EDGES.graph.value == MINTER.derived_graph
    key = tuple(pyoxigraph.NamedNode(f"http://example.org/{name}") for name in "abc")
    assert EDGES.iri(key).value == MINTER.edge(*(term.value for term in key))
