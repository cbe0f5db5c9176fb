"""Text search inside SPARQL: what `SERVICE ivo:search` finds, where it may stand, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef

from ivigraph.errors import QueryError, QueryRefusedError, QuerySyntaxError
from ivigraph.namespaces import ONTOLOGY, SEARCH, VOCABULARIES, Minter, prefixes
from ivigraph.store import open_store, searching
from ivigraph.store.words import terms

EX = "http://example.org/"
PREFIXES = prefixes(Minter())
TEXT = URIRef(VOCABULARIES["biolink"] + "supporting_text")
DOCUMENT = URIRef(VOCABULARIES["biolink"] + "publications")
SENTENCES = (
    "Severe headache after IVIG.",
    "No headache occurred.",
    'He said "fever" \\ and\na headache.',
    "IVIG-induced haemolysis.",
    "免疫グロブリン投与後に頭痛がみられた。",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(
        tmp_path_factory.mktemp("searching") / "store", create=True, readers=1, prefixes=PREFIXES
    ) as opened:
        graph = Graph()
        for number, sentence in enumerate(SENTENCES):
            graph.add((URIRef(f"{EX}{number}"), TEXT, Literal(sentence)))
            graph.add((URIRef(f"{EX}{number}"), DOCUMENT, URIRef(f"{EX}document/{number % 2}")))
        with opened.writer() as writer:
            writer.replace_graph(f"{EX}graph", graph)
        yield opened


def found(store, query: str) -> list[str]:
    return sorted(str(row["x"]).removeprefix(EX) for row in store.select(query))


def test_a_search_gives_what_holds_its_words_with_a_score(store):
    rows = store.select(
        """SELECT ?x ?score ?text ?field { SERVICE ivo:search {
             ?x search:query "headache" ; search:score ?score ; search:text ?text ; search:field ?field } }
           ORDER BY DESC(?score)"""
    )
    assert [str(row["text"]) for row in rows] == [SENTENCES[1], SENTENCES[2], SENTENCES[0]]
    assert [row["score"].toPython() for row in rows] == sorted((row["score"].toPython() for row in rows), reverse=True)
    assert {str(row["field"]) for row in rows} == {"sentence"}


def find(words: str, more: str = "") -> str:
    return f'SERVICE ivo:search {{ ?x search:query "{words}" {more} }}'


HAS_TEXT = "?x biolink:supporting_text ?t"
FROM_FIRST = "?x biolink:publications <http://example.org/document/0>"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"{find('headache')} {FROM_FIRST}", "02"),
        (f"{FROM_FIRST} {find('headache')}", "02"),
        (f"{{ {find('haemolysis')} }} UNION {{ {find('頭痛')} }}", "34"),
        (f"{HAS_TEXT} OPTIONAL {{ {find('ivig', '; search:score ?s')} }} FILTER(!BOUND(?s))", "124"),
        (f"{HAS_TEXT} FILTER NOT EXISTS {{ {find('headache')} }}", "34"),
        (f"{HAS_TEXT} MINUS {{ {find('headache')} }}", "34"),
        (f"GRAPH ?g {{ {find('ivig')} {HAS_TEXT} }}", "03"),
        (f"{{ SELECT ?x {{ {find('ivig')} }} LIMIT 5 }}", "03"),
        (f'SERVICE <{ONTOLOGY}search> {{ ?x <{SEARCH}query> """no headache""" . }}', "1"),
        ("SERVICE SILENT ivo:search { $x search:query 'head*' ; search:limit 1 ; }", "1"),
        (find("headache", ". # a } here\n ?x search:score ?s .") + " FILTER(?s > 0.4)", "1"),
        (find("headache", '; search:kind "concept"'), ""),
        (find("headache", '; search:kind "concept", "claim" ; search:kind "term"'), "012"),
        (find("\\u0068eadache", "; search:limit 2"), "12"),
    ],
)
def test_a_search_may_stand_wherever_a_pattern_may(store, pattern, expected):
    assert found(store, f"SELECT DISTINCT ?x {{ {pattern} }}") == list(expected)


def test_a_prefix_that_the_query_declares_counts(store):
    query = (
        f"PREFIX find: <{SEARCH}> PREFIX search: <http://example.org/other#>"
        'SELECT ?x { SERVICE ivo:search { ?x find:query "ivig" } }'
    )
    assert found(store, query) == ["0", "3"]


def test_a_search_works_in_every_form(store):
    assert store.ask('ASK { SERVICE ivo:search { ?x search:query "haemolysis" } }')
    assert not store.ask('ASK { SERVICE ivo:search { ?x search:query "thrombosis" } }')
    made = store.construct(
        'CONSTRUCT { ?x rdfs:label ?t } { SERVICE ivo:search { ?x search:query "fever" ; search:text ?t } }'
    )
    assert [str(text) for text in made.objects()] == [SENTENCES[2]]
    assert len(store.construct('DESCRIBE ?x { SERVICE ivo:search { ?x search:query "fever" } }')) == 2


@pytest.mark.parametrize(
    ("block", "message", "place"),
    [
        ("{ ?x search:query ?words }", "cannot be a variable", (2, 40)),
        ('{ ?x search:query "" }', "no word to search for", (2, 40)),
        ("{ ?x search:score ?s }", "no search:query", (2, 1)),
        ('{ <http://example.org/0> search:query "a" }', "a variable for what is found", (2, 24)),
        ('{ ?x search:query "a" ; search:limit 0 }', "whole number", (2, 59)),
        ('{ ?x search:query "a" ; search:kind "sentence" }', "is one of concept", (2, 58)),
        ('{ ?x search:query "a" ; rdfs:label ?l }', "was expected", (2, 46)),
        ('{ ?x search:query "a" ; search:score ?x }', "a meaning of its own", (2, 1)),
        ('{ ?x search:query "a" . ?y search:score ?s }', "one variable", (2, 46)),
        ('{ ?x search:query "a", "b" }', "was expected", (2, 43)),
        ('{ ?x search:query "a" ; search:query "b" }', "given twice", (2, 46)),
        ('{ ?x search:query "a" FILTER(true) }', "'}' was expected", (2, 44)),
    ],
)
def test_a_search_that_is_not_understood_is_refused_with_its_place(store, block, message, place):
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        store.select(f"SELECT * {{\nSERVICE  ivo:search  {block} }}")
    line, column = place
    assert caught.value.line == line
    assert abs(caught.value.column - column) <= 2


def test_an_error_elsewhere_is_told_where_it_stands_in_the_query_as_sent(store):
    with pytest.raises(QuerySyntaxError) as caught:
        store.select('SELECT * { SERVICE ivo:search { ?x search:query "headache" } OPTIONL { ?x ?p ?o } }')
    assert (caught.value.line, caught.value.column) == (1, 62)


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { SERVICE ivo:search { ?x search:query "a" } SERVICE <http://example.org/sparql> { ?x ?p ?o } }',
        'PREFIX ivo: <http://example.org/> SELECT * { SERVICE ivo:search { ?x search:query "a" } }',
        'SELECT * { \\u0053ERVICE <https://w3id.org/ivigraph/ontology#search> { ?x ?p ?o } }',
        "SELECT * { SERVICE ?ivo_search { ?x ?p ?o } }",
    ],
)  # fmt: skip
def test_every_other_service_is_still_refused(store, query):
    with pytest.raises(QueryRefusedError):
        store.select(query)


def test_more_than_may_be_found_is_an_error_and_a_limit_gives_the_best(store, tmp_path):
    graph = Graph()
    for number in range(searching.MOST + 1):
        graph.add((URIRef(f"{EX}{number}"), TEXT, Literal(f"Common {'words ' * (number % 7)}")))
    with open_store(tmp_path / "store", create=True, readers=1, prefixes=PREFIXES) as large:
        with large.writer() as writer:
            writer.replace_graph(f"{EX}graph", graph)
        count = "SELECT (COUNT(*) AS ?n) (MIN(?s) AS ?least) { SERVICE ivo:search { ?x search:query 'common' ; %s } }"
        with pytest.raises(QueryError, match="finds more than 10,000"):
            large.select(count % "search:score ?s")
        (row,) = large.select(count % "search:score ?s ; search:limit 1000")
        assert (row["n"].toPython(), row["least"].toPython()) == (1000, 1)


@settings(max_examples=60, deadline=None)
@given(words=st.text(min_size=1), before=st.sampled_from(["", "?x ?p ?o . ", "# a\n"]))
def test_any_words_are_a_text_and_never_a_part_of_the_query(store, words, before):
    escaped = words.translate({92: "\\\\", 34: '\\"', 10: "\\n", 13: "\\r"})
    query = f'SELECT ?x {{ {before} SERVICE ivo:search {{ ?x search:query "{escaped}" }} }}'
    if not terms(words):
        with pytest.raises(QuerySyntaxError, match="no word"):
            store.select(query)
        return
    assert set(found(store, query)) == {hit.iri.removeprefix(EX) for hit in store.search(words, limit=99)}


@given(st.text(alphabet="{}?x\"'#<>;., \nsearch:quyvicSERVICEIO\\u0", max_size=80))
def test_no_text_breaks_the_reading_of_searches(text):
    query = f"SELECT * {{ SERVICE ivo:search {{ {text}"
    try:
        searches = searching.parse(query, PREFIXES)
    except QueryError:
        return
    blank = searching.without(query, searches)
    assert len(blank) == len(query)
    assert blank.count("\n") == query.count("\n")
