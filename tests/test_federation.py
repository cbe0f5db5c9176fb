"""SERVICE asks other endpoints, if the settings allow their host: what they answer is joined, as the engine would."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx
import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import QueryRefusedError
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.server import federation, run
from ivigraph.server.app import create_app
from ivigraph.server.fetching import Fetcher
from ivigraph.store import open_store, services

PREFIX = "PREFIX e: <http://example.org/>\n"
HERE = PREFIX + 'INSERT DATA { e:a e:name "A" . e:b e:name "B" . e:b e:size 2 }'
THERE = (
    PREFIX + 'INSERT DATA { e:a e:says "one\\ntwo \\\\u0022 }"@en . e:a e:says 3 . e:c e:says "x" . [] e:says "anon" }'
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two stores, each served: what the one says is asked by the other."""
    folder = tmp_path_factory.mktemp("federation")
    with open_store(folder / "here", create=True) as here, open_store(folder / "there", create=True) as there:
        for store, update in ((here, HERE), (there, THERE)):
            with store.writer() as writer:
                writer.update(update)
        yield here, there


@pytest.fixture(scope="module")
def other(stores):
    with run.running(create_app(stores[1], Minter(), load())) as url:
        yield f"{url.replace('127.0.0.1', 'localhost')}sparql"


class Hostile(BaseHTTPRequestHandler):
    """An endpoint that answers as its path says."""

    def do_POST(self):
        self.server.asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0])
        kind, body, status = services.JSON, b'{"head":{"vars":["v"]},"results":{"bindings":[]}}', 200
        name, _, rest = self.path[1:].partition("/")
        if name == "to":
            self.send_response(307)
            self.send_header("Location", rest)
            self.end_headers()
            return
        if name == "html":
            kind = "text/html"
        elif name == "broken":
            body = body[:-5]
        elif name == "failing":
            status = 500
        elif name == "bnode":
            body = body.replace(b"[]", b'[{"v":{"type":"bnode","value":"b"}}]')
        elif name == "injecting":
            body = body.replace(b"[]", b'[{"v":{"type":"uri","value":"http://e/> } #"}}]')
        elif name == "rows":
            body = body.replace(b"[]", b"[" + b",".join([b"{}"] * (federation.MOST_ROWS + 1)) + b"]")
        elif name == "long":
            body += b" " * federation.MOST_BYTES
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if name == "partial":
            self.send_header("X-SPARQL-MaxRows", "0")
        self.end_headers()
        if name == "slow":  # an end without a length, and a little at a time
            for _ in range(100):
                self.wfile.write(b" ")
                time.sleep(0.1)
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def hostile():
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        server.asked = []
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # who is asked in vain hangs up
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://localhost:{server.server_port}"
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def home(stores):
    """A server that may ask this machine, by one of its names, as if it were the internet."""
    asks = Fetcher(hosts=("localhost",), allowed=lambda address: True, clause="SERVICE", setting="service_hosts")
    with run.running(create_app(stores[0], Minter(), load(), services=asks)) as url:
        yield url


def ask(home, query, **values):
    return httpx.post(f"{home}sparql", data={"query": PREFIX + query, **values}, timeout=30)


def rows(home, query):
    answer = ask(home, query)
    assert answer.status_code == 200, answer.text
    return sorted(
        tuple(row[name]["value"] if name in row else None for name in answer.json()["head"]["vars"])
        for row in answer.json()["results"]["bindings"]
    )


def test_the_answer_of_another_server_is_joined_as_the_engine_itself_would(home, other):
    named = f"SELECT ?n ?t {{ ?s e:name ?n . SERVICE <{other}> {{ ?s e:says ?t FILTER(!ISBLANK(?s)) }} }}"
    assert rows(home, named) == [("A", "3"), ("A", "one\ntwo \\u0022 }")]
    optional = f"SELECT ?n ?t {{ ?s e:name ?n OPTIONAL {{ SERVICE <{other}> {{ ?s e:says ?t FILTER(?t = 3) }} }} }}"
    assert rows(home, optional) == [("A", "3"), ("B", None)]
    without = f"SELECT ?n {{ ?s e:name ?n FILTER NOT EXISTS {{ SERVICE SILENT <{other}> {{ ?s e:says 3 }} }} }}"
    assert rows(home, without) == [("B",)]
    counted = f"SELECT ?n {{ SERVICE <{other}> {{ SELECT (COUNT(*) AS ?n) {{ ?s e:says ?t }} }} }}"
    assert rows(home, counted) == [("4",)]
    known = f"SELECT ?n {{ ?s e:name ?n SERVICE <{other}> {{ e:a e:says 3 }} SERVICE <{other}> {{ ?s e:says 3 }} }}"
    assert rows(home, known) == [("A",)]
    assert (
        rows(home, f"PREFIX o: <{other}> ASK {{ SERVICE o: {{ e:none e:says ?t }} }}".replace("ASK", "SELECT *")) == []
    )


def test_prefixes_and_the_base_go_with_the_block(home, hostile):
    hostile.asked.clear()
    rows(home, f"SELECT * {{ SERVICE <{hostile.url}/> {{ ?v a e:X, ivo:Claim, <here> # it's\n }} }}")
    ask_there = hostile.asked[0]
    assert ask_there.startswith(f"BASE <{home}sparql>\nPREFIX ivo: <")
    assert PREFIX.strip() in ask_there
    assert "PREFIX rdf:" not in ask_there


def test_an_answer_that_depends_on_others_is_asked_for_each_time_and_has_no_tag(home, hostile):
    hostile.asked.clear()
    query = f"SELECT * {{ SERVICE <{hostile.url}/> {{ ?v ?p ?o }} }}"
    assert not ask(home, query).headers.keys() & {"etag"}
    assert ask(home, query).status_code == 200
    assert len(hostile.asked) == 2
    page = httpx.get(f"{home}sparql", params={"query": query}, headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200
    assert len(hostile.asked) == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("html", "text/html"), ("broken", "cannot be read"), ("failing", "answered 500"),
        ("partial", "cuts this answer off"), ("bnode", "blank nodes"), ("injecting", "cannot be read"),
        ("rows", "more than 100,000 rows"), ("long", "larger than 16 MB"), ("slow", "took longer"),
        ("to/" * 9, "redirects"),
    ],
)  # fmt: skip
def test_an_endpoint_that_fails_is_an_error_or_where_the_query_says_so_nothing(home, hostile, path, message):
    url = f"{hostile.url}/{path.replace('to/', f'to/{hostile.url}/')}"
    begin = time.monotonic()
    answer = ask(home, f"SELECT * {{ SERVICE <{url}> {{ ?v ?p ?o }} }}", timeout=2)
    assert (answer.status_code, message in answer.text) == (504 if path == "slow" else 400, True), answer.text
    silent = ask(home, f"SELECT ?n {{ ?s e:name ?n SERVICE SILENT <{url}> {{ ?v ?p ?o }} }}", timeout=2)
    assert len(silent.json()["results"]["bindings"]) == 2
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "block",
    [
        "SERVICE <http://elsewhere.example/> { ?s ?p ?o }",
        "SERVICE SILENT <http://elsewhere.example/> { ?s ?p ?o }",
        "SERVICE <URL/to/http://elsewhere.example/> { ?s ?p ?o }",
        "SERVICE <URL/to/file:///etc/passwd> { ?s ?p ?o }",
        "SERVICE <http://me@localhost/> { ?s ?p ?o }",
        "SERVICE <file:///etc/passwd> { ?s ?p ?o }",
        "SERVICE <relative> { ?s ?p ?o }",
        "SERVICE ?where { ?s ?p ?o }",
        "SERVICE <URL> { SERVICE <URL> { ?s ?p ?o } }",
        "SERVICE <URL> { \\u0053ERVICE <URL> { ?s ?p ?o } }",
        'SERVICE <URL> { SERVICE ivo:search { ?s search:query "a" } }',
        "SERVICE <\\u0068ttp://localhost/> { ?s ?p ?o }",
        "\\u0053ERVICE <URL> { ?s ?p ?o }",
        "SERVICESILENT <URL> { ?s ?p ?o }",
        "SERVICE <URL> ?s ?p ?o",
        "?a ?b ?c FILTER(?c<'>'||EXISTS{SERVICE<URL>{?s ?p ?o}}||?c='')",
        "SERVICE <URL> { ?s ?p ?o } " * (federation.MOST_BLOCKS + 1),
    ],
)
def test_what_is_not_allowed_is_refused_and_nobody_is_asked(home, hostile, block):
    hostile.asked.clear()
    answer = ask(home, f"SELECT * {{ {block.replace('URL', hostile.url)} }}")
    assert answer.status_code == 403, answer.text
    assert len(hostile.asked) == block.count("URL/to/")


def test_a_host_that_is_allowed_and_points_into_the_network_is_not_asked(stores, hostile):
    hostile.asked.clear()
    with run.running(create_app(stores[0], Minter(), load(), services=Fetcher(hosts=("localhost",)))) as url:
        answer = ask(url, f"SELECT * {{ SERVICE SILENT <{hostile.url}/> {{ ?v ?p ?o }} }}")
    assert (answer.status_code, "inside a network" in answer.text) == (403, True)
    assert not hostile.asked


def test_updates_ask_nobody(home, hostile):
    hostile.asked.clear()
    update = f"INSERT {{ ?v ?p ?o }} WHERE {{ SERVICE <{hostile.url}/> {{ ?v ?p ?o }} }}"
    assert httpx.post(f"{home}update", data={"update": update}, timeout=30).status_code in (401, 403)
    assert not hostile.asked


def test_the_service_description_says_whether_others_are_asked(home, stores):
    assert "BasicFederatedQuery" in httpx.get(f"{home}sparql", headers={"Accept": "text/turtle"}).text
    with run.running(create_app(stores[0], Minter(), load())) as url:
        assert "BasicFederatedQuery" not in httpx.get(f"{url}sparql", headers={"Accept": "text/turtle"}).text


TERMS = st.one_of(
    st.none(),
    st.text(st.sampled_from("abc/")).map(lambda name: {"type": "uri", "value": f"http://example.org/{name}"}),
    st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: {"type": "literal", "value": text}),
    st.text(st.sampled_from("\"'\\\n\r\tu0041}{")).map(lambda t: {"type": "literal", "value": t, "xml:lang": "en"}),
)


@given(st.lists(st.tuples(TERMS, TERMS), max_size=5))
def test_whatever_terms_an_endpoint_gives_the_engine_reads_the_same(found):
    bindings = [{name: term for name, term in zip("ab", row, strict=True) if term} for row in found]
    answer = json.dumps({"head": {"vars": ["a", "b"]}, "results": {"bindings": bindings}}).encode()
    (block,) = services.parse("SELECT * { SERVICE <http://h/> { ?a ?x ?b } }", {})
    piece, number = services.values(block, answer, 5)
    read = pyoxigraph.Store().query(f"SELECT ?a ?b {{ {piece} }}")
    assert sorted(map(str, read)) == sorted(
        map(str, pyoxigraph.parse_query_results(answer, pyoxigraph.QueryResultsFormat.JSON))
    )
    assert number == len(found)


@given(st.text(st.sampled_from("SERVICE<>{}?a '\"#\\\n:/")))
def test_no_text_makes_the_cutting_fail_otherwise_than_by_refusing(text):
    try:
        blocks = services.parse(f"SELECT * {{ SERVICE {text} }}", {})
    except QueryRefusedError:
        return
    assert all(block.start < block.end for block in blocks)
