"""A SPARQL endpoint elsewhere as the store: Oxigraph's server and Virtuoso, started here with the sample claims."""

import contextlib
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pyoxigraph
import pytest

from ivigraph.errors import QueryError, QuerySyntaxError, QueryTimeoutError, SettingsError, StoreError, UnsupportedError
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import quads as quads_of
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.settings import Settings
from ivigraph.settings import load as settings
from ivigraph.store import MEDIA_TYPES, Among, Dataset, Form, Update
from ivigraph.store.remote import RemoteStore, check

MINTER = Minter()
OXIGRAPH = shutil.which("oxigraph", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
VIRTUOSO = shutil.which("virtuoso-t")
COUNT = "SELECT (COUNT(*) AS ?n) { ?claim a ivo:Claim }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?i) } ORDER BY ?i"
INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 20
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 5000
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def serving(command, folder, url):
    """Run a server until the end of the block, which begins when it answers."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(url, timeout=5).status_code < 500:
                        break
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
            yield
        finally:
            process.kill()


@pytest.fixture(scope="module")
def quads(filled, tmp_path_factory):
    """The graphs of the store as N-Quads."""
    file = tmp_path_factory.mktemp("quads") / "all.nq"
    answer = filled.answer("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }")
    file.write_bytes(b"".join(quads_of.serialized(answer.chunks, "application/n-quads")))
    return file


@pytest.fixture(scope="module")
def oxigraph(quads, tmp_path_factory):
    if OXIGRAPH is None:
        pytest.skip("Oxigraph's server is not installed")
    folder, port = tmp_path_factory.mktemp("oxigraph"), free_port()
    subprocess.run([OXIGRAPH, "load", "-l", folder, "-f", quads], check=True, capture_output=True)
    bound = f"127.0.0.1:{port}"
    command = [OXIGRAPH, "serve-read-only", "-l", folder, "--bind", bound, "--union-default-graph"]
    with serving(command, folder, f"http://{bound}/"):
        yield f"http://{bound}/query"


@pytest.fixture(scope="module")
def virtuoso(quads, tmp_path_factory):
    if VIRTUOSO is None:
        pytest.skip("virtuoso-opensource is not installed")
    folder, sql, port = tmp_path_factory.mktemp("virtuoso"), free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(folder=folder, sql=sql, http=port))
    url = f"http://127.0.0.1:{port}/sparql"
    with serving([VIRTUOSO, "+foreground", "+configfile", "virtuoso.ini"], folder, url):
        graphs = {}
        for quad in pyoxigraph.parse(path=quads, format=pyoxigraph.RdfFormat.N_QUADS):
            graphs.setdefault(quad.graph_name.value, []).append(quad.triple)
        for name, triples in graphs.items():
            answer = httpx.put(
                f"{url}-graph-crud-auth",
                params={"graph": name},
                content=pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES),
                headers={"Content-Type": "application/n-triples"},
                auth=httpx.DigestAuth("dba", "dba"),
                timeout=120,
            )
            assert answer.status_code in (200, 201, 204), answer.text
        yield url


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def remote(request):
    with RemoteStore(request.getfixturevalue(request.param), prefixes=prefixes(MINTER), timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(remote):
    with run.running(create_app(remote, MINTER, load())) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def told(row):
    """A row but for what SPARQL leaves open: the order of GROUP_CONCAT, what SAMPLE takes, how nothing is written."""
    values = {name: " ".join(sorted(re.split("; | ", str(value.toPython())))) for name, value in row.items()}
    return sorted((name, value) for name, value in values.items() if value and name != "sentence")


def test_every_question_of_the_catalogue_is_answered_as_by_the_store_here(remote, filled):
    for name, query in catalogue.load().items():
        text = query.bind({}, limit=5000)
        there, here = (sorted(map(told, store.select(text))) for store in (remote, filled))
        assert (name, there) == (name, here)


def test_the_rows_of_claims_and_documents_are_those_of_the_store_here(remote, filled):
    every = filled.claims(Among())
    assert list(remote.claims(Among())) == list(every)
    assert remote.documents() == filled.documents()
    for name, field in (("subjects", "subject"), ("objects", "object"), ("cases", "case"), ("about", "object")):
        among = Among(**{name: frozenset({next(filter(None, (getattr(row, field) for row in every)))})})
        assert list(remote.claims(among)) == list(filled.claims(among))
    wanted = {row.claim for row in every}
    assert remote.sentences(wanted) == filled.sentences(wanted)
    assert remote.documents({every[0].document}) == filled.documents({every[0].document})


@pytest.mark.parametrize("form", list(Form))
def test_answers_come_in_every_format_and_say_the_same(remote, filled, form):
    [claims] = [row["n"].toPython() for row in filled.select(COUNT)]
    query = {
        Form.SELECT: "SELECT ?claim ?n ?text { ?claim biolink:negated ?n ; biolink:supporting_text ?text }",
        Form.ASK: "ASK { ?claim a ivo:Claim }",
        Form.GRAPH: "CONSTRUCT { ?claim a ivo:Claim } WHERE { ?claim a ivo:Claim }",
    }[form]
    for media_type in MEDIA_TYPES[form]:
        if form is Form.ASK and not media_type.startswith("application"):
            continue  # CSV and TSV have no form for it that could be read
        data = b"".join(remote.answer(query, accept=media_type).chunks)
        if form is Form.GRAPH:
            assert len(list(pyoxigraph.parse(data, pyoxigraph.RdfFormat.from_media_type(media_type)))) == claims
        elif form is Form.ASK:
            assert bool(pyoxigraph.parse_query_results(data, pyoxigraph.QueryResultsFormat.from_media_type(media_type)))
        elif media_type == "text/csv":
            assert data.startswith(b"claim,n,text\r\n")
        else:
            rows = pyoxigraph.parse_query_results(data, pyoxigraph.QueryResultsFormat.from_media_type(media_type))
            assert len(list(rows)) == claims


def test_a_dataset_and_a_base_go_with_the_query(remote):
    [row] = json.loads(
        b"".join(remote.answer(COUNT, dataset=Dataset(default_graphs=("http://example.org/none",))).chunks)
    )["results"]["bindings"]
    assert row["n"]["value"] == "0"
    answer = remote.answer("SELECT (STR(<a>) AS ?iri) {}", base="http://example.org/here/", accept="text/csv")
    assert b"http://example.org/here/a" in b"".join(answer.chunks)


def test_what_is_wrong_with_a_query_has_its_place(remote):
    with pytest.raises(QuerySyntaxError) as raised:
        remote.select("SELECT ?s\n{ ?s nope:b ?c }")
    assert (raised.value.line, raised.value.column) == (2, 6)


def test_an_endless_query_ends_at_the_deadline(remote):
    began = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        remote.select(ENDLESS, timeout=1.0)
    assert time.monotonic() - began < 20


def test_what_a_remote_store_cannot_do_is_an_error_that_says_so(remote):
    for refused in (lambda: remote.apply(Update(text="CLEAR ALL")), remote.writer, lambda: remote.search("ivig")):
        with pytest.raises(UnsupportedError, match="a remote store cannot"):
            refused()
    with pytest.raises(UnsupportedError, match="search texts"):
        remote.select('SELECT * { SERVICE ivo:search { ?x search:query "ivig" } }')


def test_pages_and_the_protocol_work_over_it(client, filled):
    home = client.get("/", headers={"Accept": "text/html"})
    assert home.status_code == 200
    for path in ("/browse/event", "/queries/adverse-events-by-disease", "/id/concept/ivo:IVIG", "/search?q=IVIG"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, path) == (200, path)
    counted = client.get("/sparql", params={"query": COUNT}, headers={"Accept": "text/csv"})
    assert counted.text.split() == ["n", *(str(row["n"]) for row in filled.select(COUNT))]
    again = client.get("/sparql", params={"query": COUNT}, headers={"If-None-Match": counted.headers["etag"]})
    assert again.status_code == 200
    refused = client.get("/sparql", params={"query": 'SELECT * { SERVICE ivo:search { ?x search:query "a" } }'})
    assert (refused.status_code, "remote store" in refused.json()["detail"]) == (501, True)


def test_writing_over_http_is_refused_with_the_reason(remote, tmp_path):
    from ivigraph.server.access import Access
    from ivigraph.server.tokens import Tokens

    access = Access(tokens=Tokens(tmp_path / "tokens.json", "secret-token-of-the-test"))
    bearer = {"Authorization": "Bearer secret-token-of-the-test"}
    with run.running(create_app(remote, MINTER, load(), access=access)) as url:
        update = httpx.post(f"{url}update", data={"update": "CLEAR ALL"}, headers=bearer, timeout=60)
        put = httpx.put(
            f"{url}graphs",
            params={"graph": "http://example.org/g"},
            content="<a:a> <a:b> <a:c> .",
            headers={**bearer, "Content-Type": "text/turtle"},
            timeout=60,
        )
    for answer in (update, put):
        assert answer.status_code == 501
        assert "a remote store cannot be written" in answer.json()["detail"]


def test_serve_says_at_its_start_what_the_endpoint_cannot_do(oxigraph, tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    command = [sys.executable, "-m", "ivigraph", "serve", "--store", oxigraph, "--port", "0"]
    environ = {**clean, "PYTHONPATH": str(Path(__file__).parents[1]), "XDG_CONFIG_HOME": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environ) as server:
        said = []
        for line in server.stderr:
            said.append(line)
            if found := re.search(r" at (http://\S+)", line):
                break
        try:
            assert "no text index" in "".join(said)
            counted = httpx.get(f"{found[1]}sparql", params={"query": COUNT}, timeout=60)
            assert counted.status_code == 200
        finally:
            server.terminate()
    assert not list(tmp_path.glob("ivigraph-data*"))


# Endpoints that are none, or bad ones.


@contextlib.contextmanager
def answering(respond):
    """An HTTP server that answers each request by `respond(handler)`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            respond(self)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sparql"
        finally:
            server.shutdown()
            thread.join()


def cut_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/sparql-results+json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"head":{"vars":["a"]},"results":{"bindings":[]}}')


def elsewhere(handler):
    handler.send_response(302)
    handler.send_header("Location", "http://169.254.169.254/")
    handler.end_headers()


def page(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(b"<p>hello")


@pytest.mark.parametrize(
    ("respond", "error", "message"),
    [
        (cut_off, QueryError, "was cut off"),
        (elsewhere, StoreError, "answered 302"),
        (page, QueryError, "answers with text/html"),
        (lambda handler: handler.send_error(401), StoreError, "endpoint_authorization"),
        (lambda handler: handler.send_error(500), QueryError, "the endpoint failed"),
    ],
    ids=["cut off", "redirect", "page", "401", "500"],
)
def test_a_bad_answer_is_an_error_and_never_a_short_answer(respond, error, message):
    with answering(respond) as url, pytest.raises(error, match=message):
        RemoteStore(url).select("SELECT ?a {}")


def test_credentials_go_in_the_header_and_nowhere_else():
    seen = []

    def respond(handler):
        seen.append((handler.headers["Authorization"], handler.path))
        handler.send_error(403)

    with answering(respond) as url, pytest.raises(StoreError) as raised:
        RemoteStore(url, authorization="Bearer geheim").ask("ASK {}")
    assert seen == [("Bearer geheim", "/sparql")]
    assert "geheim" not in str(raised.value)


def test_nobody_there_is_named():
    with pytest.raises(StoreError, match="cannot be reached"):
        RemoteStore(f"http://127.0.0.1:{free_port()}/").ask("ASK {}")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/", "http://", "http://a:b@host/", "http://host:x/"])
def test_only_http_addresses_are_endpoints(url):
    with pytest.raises(SettingsError):
        check(url)


def test_an_address_for_the_store_is_the_endpoint_and_a_directory_takes_it_back(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text('store = "http://example.org/a//b"\n')
    chosen = settings(environ={}, config=file)
    assert chosen.endpoint == "http://example.org/a//b"
    with pytest.raises(SettingsError, match="read only"):
        _ = chosen.directory
    assert settings({"store": "graph"}, environ={}, config=file).directory == Path("graph")
    assert Settings().endpoint == ""
