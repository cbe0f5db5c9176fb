"""What is told of a query before it runs, and what is said about its syntax."""

from __future__ import annotations

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import QueryRefusedError
from ivigraph.store import Form
from ivigraph.store.sparql import form, names_dataset, refuse_network
from ivigraph.store.syntax import syntax_error

PREFIXES = {"ex": "http://example.org/"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://h/> { ?s ?p ?o } }",
        "SELECT * { service\n silent ?where { ?s ?p ?o } }",
        "SELECT*{SERVICE<http://h/>{?s ?p ?o}}",
        "SELECT * { ?s ?p 1e5SERVICE<http://h/>{?s ?p ?o} }",
        "SELECT * { SERVICE:h { ?s ?p ?o } }",
        "SELECT * { SERVICESILENT <http://h/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://h/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://h/> { ?s ?p ?o } } }",
        "SELECT * { ?s ?p 'a' . # '\n SERVICE <http://h/> { ?s ?p 'b' } }",
        'SELECT * { ?s ?p "\\"" . SERVICE <http://h/> { ?s ?p "b" } }',
        'SELECT * { ?s ?p """a""b""" . SERVICE <http://h/> { ?s ?p "b" } }',
        'SELECT * { ?s ?p "a\\u0022b" SERVICE <http://h/> { ?s ?p "c" } }',
        "SELECT * { ?s ex:it\\'s ?o . SERVICE <http://h/> { ?s ?p '' } }",
        "SELECT * { ?s <http://example.org/it's#> ?o . SERVICE <http://h/> { ?s ?p '' } }",
        # "<" may begin an IRI or compare; these two hide the keyword from who takes it for the beginning of an IRI
        "SELECT * { ?s ?p ?a FILTER(?a<'>'||EXISTS{SERVICE<http://h/>{?s ?p ?o}}||?a='') }",
        "SELECT * { ?s ?p ?a FILTER(?a<?b#>'''\n||EXISTS{SERVICE<http://h/>{?s ?p ?o}}) #'''\n }",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://h/> { ?s ?p ?o } }",
        "LOAD <http://h/>",
        "PREFIX : <http://h/>LOAD:x",
        "LOADSILENT<http://h/>",
        "DROP ALL; load silent <http://h/> INTO GRAPH <http://g>",
    ],
)
def test_what_asks_for_the_network_is_refused(query):
    with pytest.raises(QueryRefusedError, match="not allowed"):
        refuse_network(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o FILTER(CONTAINS(?o, 'health SERVICE')) }",
        'SELECT ?service { ?service ex:SERVICE """a "service" """ }',
        "SELECT * { ?s <http://example.org/service#load> ?o } # SERVICE",
        "SELECT * { ?s <http://example.org/#> 'the service' ; <http://example.org/o'neil> $service }",
        "SELECT ?load { ?s ex:load ?load ; ex:workload 'load' }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT * { ?s a sd:Service }",
        "SELECT * { ?s ?p ?o FILTER(?a < 3 && ?b > 'service') }",
    ],
)
def test_the_word_alone_is_not_refused(query):
    refuse_network(query)


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "'", '"', "'''", '"""', "#", "\n", "\\", "\\'", "{", "}", "?a", "ex:b", "&&", "=", ".", " "]
        ),
        max_size=12,
    ),
    st.lists(st.sampled_from(["'", '"', "'''", "#", "\n", "}", ")", ">", " ", "."]), max_size=6),
)
def test_no_text_around_it_hides_the_keyword_from_us_and_not_from_the_engine(before, after):
    service = "SERVICE<http://127.0.0.1:9/>{}"  # the engine itself refuses to connect to port 9
    query = f"SELECT*{{?s ?p ?o{''.join(before)}{service}{''.join(after)}}}"
    try:
        refuse_network(query)
    except QueryRefusedError:
        return
    store = pyoxigraph.Store()
    store.add(pyoxigraph.Quad(*[pyoxigraph.NamedNode("http://example.org/a")] * 3))
    try:
        list(store.query(query, prefixes=PREFIXES))
    except SyntaxError:
        pass
    except OSError as error:
        pytest.fail(f"it asks for the network: {query!r}: {error}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * {}", Form.SELECT),
        ("# CONSTRUCT\nPREFIX select: <http://s#> BASE <http://describe/> aSk {}", Form.ASK),
        ("CONSTRUCT { ?s ?p ?o } WHERE { SELECT * { ?s ?p ?o } }", Form.GRAPH),
        ("DESCRIBE <http://example.org/>", Form.GRAPH),
        ("DROP ALL", None),
        ("", None),
    ],
)
def test_the_form_of_a_query_is_known_before_it_runs(query, expected):
    assert form(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM <http://g> {}", True),
        ("ASK from\nnamed<http://g>{}", True),
        ("SELECT * { ?from ex:from 'from' } # FROM", False),
        ("SELECT * {}", False),
    ],
)
def test_a_dataset_clause_is_recognised(query, expected):
    assert names_dataset(query) is expected


@pytest.mark.parametrize(
    ("query", "line", "column", "message"),
    [
        ("SELECT * {\n ?s foo:p ?o }", 2, 5, "unknown prefix 'foo:'"),
        ("PREFIX a: <http://a/>\nSELECT * { ?s a:b ?o . ?s é:p ?o }", 2, 27, "unknown prefix 'é:'"),
        ("SELECT * {\n ?s ?p 'é'\n FILTR(?o > 1) }", 3, 2, "unexpected 'FILTR'"),
        ("SELECT * { ?s ?p ?o FILTER(?o > ) }", 1, 33, "unexpected ')'"),
        ("SELEC * { ?s ?p ?o }", 1, 1, "unexpected 'SELEC'"),
        ("SELECT * {} LIMIT ten", 1, 19, "unexpected 'ten'"),
        ("SELECT * { ?s ?p", 1, 17, "unexpected end"),
        ("SELECT ?x ?y { ?x ?p ?y } GROUP BY ?x", 1, 38, "a variable that is unbound"),
        ("SELECT * { ?s <relative> ?o }", 1, 25, "IRI parsing failed"),
        ("", 1, 1, "unexpected end"),
    ],
)
def test_a_syntax_error_names_the_place_and_what_is_there(query, line, column, message):
    with pytest.raises(SyntaxError) as caught:
        pyoxigraph.Store().query(query, prefixes=PREFIXES)
    error = syntax_error(str(caught.value), query, PREFIXES)
    assert (error.line, error.column) == (line, column)
    assert message in error.message


@given(st.text(alphabet="SELECT*{}?ops<>'\"\\# \n.ex:é𝄞()", max_size=40))
def test_every_syntax_error_has_a_place_inside_the_query(query):
    try:
        pyoxigraph.Store().query(query, prefixes=PREFIXES)
    except SyntaxError as problem:
        error = syntax_error(str(problem), query, PREFIXES)
        lines = query.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
