"""Answers are kept until the graph changes, and only those that would be the same again."""

import asyncio
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import QueryCancelledError, QueryTimeoutError
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.access import Access
from ivigraph.server.answers import Answers, Question, Whole
from ivigraph.server.app import create_app
from ivigraph.server.tokens import Scope, Tokens
from ivigraph.store import Form, open_store
from ivigraph.store.repeating import repeats

MINTER = Minter()
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
INSERT = "INSERT DATA { GRAPH <http://example.org/g> { <http://example.org/%d> rdfs:label 'x' } }"


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", create=True, prefixes=prefixes(MINTER)) as opened:
        with opened.writer() as writer:
            writer.update(INSERT % 0)
        yield opened


@pytest.fixture
def client(store):
    with run.running(create_app(store, MINTER, load())) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def found(client):
    """How many answers were found in the cache."""
    return float(re.search(r'ivigraph_answers_total\{how="found"\} (\S+)', client.get("/metrics").text)[1])


def ask(client, query=COUNT, **headers):
    return client.get("/sparql", params={"query": query}, headers=headers)


def test_a_query_is_waited_for_where_an_idle_reader_took_it_and_it_is_not_light(client, store):
    with store.writer() as writer:
        writer.update("".join(f"{INSERT % number} ;" for number in range(500)))
    assert ask(client, "SELECT ?s { ?s ?p ?o } LIMIT 1").status_code == 200  # and its reader is idle
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    for _ in range(2):
        assert client.get("/sparql", params={"query": slow, "timeout": "0.3"}).status_code == 504
        assert ask(client, "SELECT ?s { ?s ?p ?o } LIMIT 1").status_code == 200


def test_the_second_answer_is_the_first_one_by_any_form_of_the_protocol(client):
    first = ask(client)
    posted = client.post("/sparql", data={"query": COUNT})
    direct = client.post("/sparql", content=COUNT, headers={"Content-Type": "application/sparql-query"})
    assert {answer.content for answer in (posted, direct)} == {first.content}
    assert posted.headers["etag"] == first.headers["etag"]
    assert found(client) == 2
    assert ask(client, **{"If-None-Match": first.headers["etag"]}).status_code == 304
    head = client.head("/sparql", params={"query": COUNT})
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_another_format_dataset_or_query_is_another_answer(client):
    ask(client)
    assert ask(client, Accept="text/csv").text == "n\r\n1\r\n"
    other = client.get("/sparql", params={"query": COUNT, "default-graph-uri": "http://example.org/none"})
    assert other.json()["results"]["bindings"][0]["n"]["value"] == "0"
    assert ask(client, COUNT + " LIMIT 1").status_code == 200
    assert found(client) == 0


def test_a_change_is_seen_by_the_very_next_query(client, store):
    for n in range(1, 4):
        ask(client)
        with store.writer() as writer:
            writer.update(INSERT % n)
        assert ask(client).json()["results"]["bindings"][0]["n"]["value"] == str(n + 1)
    assert found(client) == 2  # those that were asked before each change but the first


def test_who_wants_it_made_anew_is_asked_for_anew(client):
    ask(client)
    ask(client, **{"Cache-Control": "no-cache"})
    assert found(client) == 0


def test_what_depends_on_time_or_chance_is_made_each_time(client):
    query = "SELECT (STRUUID() AS ?id) {}"
    assert ask(client, query).text != ask(client, query).text
    assert found(client) == 0


def test_a_kept_answer_is_compressed_for_who_accepts_it_and_only_then(client):
    query = "SELECT ?x { VALUES ?x { " + " ".join(f'"{n} {"x" * 30}"' for n in range(300)) + " } }"
    plain = ask(client, query, **{"Accept-Encoding": "identity"})
    packed = ask(client, query, **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert found(client) == 1


def test_nobody_is_given_a_kept_answer_without_the_right_to_read(store, tmp_path):
    tokens = Tokens(tmp_path / "tokens.json")
    secret = tokens.create("reader", Scope.READ)
    app = create_app(store, MINTER, load(), access=Access(tokens=tokens, open_reading=False))
    with run.running(app) as url, httpx.Client(base_url=url, timeout=60) as client:
        token = {"Authorization": f"Bearer {secret}"}
        assert [ask(client, **token).status_code for _ in range(2)] == [200, 200]
        assert ask(client).status_code == 401


QUESTION = Question(query="q", dataset=None, base="", media_type="text/csv", generation=1)


def whole(size=10, generation=1):
    return Whole(Form.SELECT, "text/csv", generation, b"x" * size, 1)


def test_equal_questions_at_once_are_asked_once():
    answers, asked = Answers(1_000_000), []

    async def ask():
        asked.append(1)
        await asyncio.sleep(0.01)
        return whole()

    async def all_at_once():
        return await asyncio.gather(*(answers.once(QUESTION, 1.0, ask) for _ in range(20)))

    assert len(set(map(id, asyncio.run(all_at_once())))) == 1
    assert len(asked) == 1
    assert (answers.made, answers.shared) == (1, 19)


def test_when_the_one_who_asked_leaves_another_asks_and_a_timeout_is_for_all():
    answers, asked = Answers(1_000_000), []

    async def ask():
        asked.append(1)
        await asyncio.sleep(0.01)
        if len(asked) == 1:
            raise QueryCancelledError("left", where="query")
        if len(asked) == 2:
            raise QueryTimeoutError("too long", where="query")
        return whole()

    async def all_at_once():
        return await asyncio.gather(*(answers.once(QUESTION, 1.0, ask) for _ in range(5)), return_exceptions=True)

    kinds = [type(outcome) for outcome in asyncio.run(all_at_once())]
    assert kinds == [QueryCancelledError] + [QueryTimeoutError] * 4
    assert len(asked) == 2


def test_the_cache_holds_no_more_than_it_may_and_nothing_of_older_generations():
    answers = Answers(100_000)

    async def fill():
        for n in range(60):
            question = Question(query=str(n), dataset=None, base="", media_type="text/csv", generation=1)
            await answers.once(question, 1.0, lambda: asyncio.sleep(0, whole(5_000)))
            assert answers.bytes <= 100_000
        last = answers.get(question)
        await answers.once(QUESTION, 1.0, lambda: asyncio.sleep(0, whole(answers.largest + 1)))
        too_large = answers.get(QUESTION)
        await answers.once(QUESTION, 1.0, lambda: asyncio.sleep(0, whole(5, generation=2)))
        return last, too_large, answers.get(question)

    last, too_large, older = asyncio.run(fill())
    assert last is not None
    assert too_large is None
    assert older is None
    assert len(answers) == 1


CALLS = ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", 'BNODE("a")']


@given(
    st.sampled_from(CALLS),
    st.sampled_from(["SELECT (%s AS ?x) {}", "SELECT*{?s ?p ?o FILTER(?o<%s)}", "SELECT * {BIND(1+%s AS ?y)}"]),
    st.sampled_from([str, str.lower, str.title, lambda text: text.replace("(", " # (\n (")]),
)
def test_a_call_that_changes_is_never_taken_for_one_that_repeats(call, frame, written):
    assert not repeats(frame % written(call))


def test_escapes_and_what_can_be_read_in_two_ways_are_not_taken_for_repeating():
    assert not repeats(r"SELECT (R\u0041ND() AS ?x) {}")
    assert not repeats("SELECT * { ?a ?b ?c FILTER(?a<'>'||RAND()>'x') }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now ?random { ?now rdfs:label 'the UUID() of a bnode' }",
        "SELECT * { ?s <http://example.org/RAND()> ?o } # NOW()",
        *(one.bind({}) for one in catalogue.load().values()),
    ],
)
def test_names_texts_and_comments_call_nothing(query):
    assert repeats(query)
