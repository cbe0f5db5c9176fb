"""What is written anew before it is evaluated gives the answers of what was asked."""

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.namespaces import Minter, prefixes
from ivigraph.queries import catalogue
from ivigraph.store.correlating import correlated

PREFIXES = {"": "http://example.org/"}
node = st.integers(0, 3).map(lambda n: pyoxigraph.NamedNode(f"http://example.org/n{n}"))
edge = st.integers(0, 2).map(lambda n: pyoxigraph.NamedNode(f"http://example.org/p{n}"))
graph = st.sampled_from([pyoxigraph.NamedNode("http://example.org/g"), pyoxigraph.DefaultGraph()])
data = st.lists(st.builds(pyoxigraph.Quad, node, edge, node, graph), max_size=14)

term = st.sampled_from(["?a", "?b", "?c", "?d", ":n0", ":n1"])
pattern = st.builds("{} {} {}".format, term, st.sampled_from([":p0", ":p1", ":p2", "?p"]), term)
plain = st.lists(pattern, min_size=1, max_size=3).map(" . ".join)


def group(inner):
    """Groups of patterns with optional parts, filters, unions and graphs around them."""
    optional = inner.map("OPTIONAL {{ {} }}".format)
    return st.one_of(
        st.builds("{} {}".format, inner, optional),
        st.builds("{} {} {}".format, inner, optional, optional),
        st.builds("{} OPTIONAL {{ {} FILTER(?a != ?b) }}".format, inner, inner),
        st.builds("{{ {} }} UNION {{ {} }} {}".format, inner, inner, optional),
        st.builds("GRAPH :g {{ {} {} }}".format, inner, optional),
        st.builds("{} FILTER NOT EXISTS {{ {} {} }}".format, inner, inner, optional),
        st.builds("{} OPTIONAL {{ {} BIND(?c AS ?x) }}".format, inner, inner),
    )


groups = st.recursive(plain, group, max_leaves=4)


def rows(store, text):
    return sorted(str(row) for row in store.query(text, prefixes=PREFIXES))


@settings(max_examples=400, deadline=None)
@given(data, groups)
def test_on_any_data_the_answers_are_the_same(quads, where):
    store = pyoxigraph.Store()
    store.extend(quads)
    asked = f"SELECT * {{ {where} }}"
    try:
        wanted = rows(store, asked)
    except SyntaxError:  # such as a BIND of a variable that is in use
        return
    assert rows(store, correlated(asked)) == wanted


def test_an_optional_of_several_patterns_is_asked_row_by_row():
    text = "SELECT * { ?a :p ?b Optional { ?b :q ?c ; :r 'OPTIONAL { x' , 1 . # }\n ?c a :K } }"
    assert correlated(text) == text.replace("Optional", "LATERAL { Optional").replace(":K }", ":K } }")


@pytest.mark.parametrize(
    "inside",
    ["?b :q ?c", "?b :q/:r ?c . ?c :p ?d", "?b :q ?c FILTER(?c > ?a)", "?b :q ?c . BIND(?a AS ?d)",
     "{ ?b :q ?c . ?c :r ?d }", "SELECT ?c { ?b :q ?c . ?c :r ?d }", "?b :q ?c . OPTIONAL { ?c :r ?d }",
     "?b :q [ :r ?c ] . ?c :p ?d", "VALUES ?b { :n1 :n2 }"],
)  # fmt: skip
def test_anything_else_is_left_alone(inside):
    text = f"SELECT * {{ ?a :p ?b OPTIONAL {{ {inside} }} }}"
    assert correlated(text) == text


@pytest.mark.parametrize("name", catalogue.load())
def test_the_questions_of_the_catalogue_stay_what_they_are(filled, name):
    text = catalogue.load()[name].bind({})
    newest = max((filled._generations.directory / "generations").glob("[0-9]*"))
    store = pyoxigraph.Store.read_only(str(newest / "graph"))
    known = prefixes(Minter())
    both = [store.query(one, prefixes=known, use_default_graph_as_union=True) for one in (text, correlated(text))]
    assert sorted(map(str, both[0])) == sorted(map(str, both[1]))
