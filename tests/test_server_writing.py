"""Writing over HTTP: the SPARQL 1.1 Update protocol, the Graph Store Protocol, and who may."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rdflib import Graph

from ivigraph.assembly import ownership
from ivigraph.ingest import rdf
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.access import Access
from ivigraph.server.app import create_app
from ivigraph.server.tokens import Scope, Tokens
from ivigraph.store import open_store

SHARED = Path(__file__).parents[2] / "shared"
MINTER = Minter()
GRAPH = "http://example.org/mine"
TRIPLE = "<http://example.org/a> <http://example.org/b>"
UPDATE = {"Content-Type": "application/sparql-update"}
TURTLE = {"Content-Type": "text/turtle"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    file = Tokens(tmp_path_factory.mktemp("tokens") / "tokens.json")
    return file, {scope: file.create(str(scope), scope) for scope in Scope}


@pytest.fixture(scope="module")
def address(reports, tokens, tmp_path_factory):
    """A server over a store that holds the three reports."""
    store = open_store(
        tmp_path_factory.mktemp("writing") / "store",
        create=True,
        prefixes=prefixes(MINTER),
        derive=catalogue.derivation(MINTER),
        ownership=ownership(MINTER),
    )
    with store:
        with store.writer() as writer:
            for report in reports:
                writer.replace_graph(MINTER.document_graph(report.document.id), rdf.graph(report, MINTER))
        app = create_app(store, MINTER, load(), access=Access(tokens=tokens[0]), max_body_bytes=100_000)
        with run.running(app) as url:
            yield url


@pytest.fixture(scope="module")
def client(address, tokens):
    """A client whose token may write."""
    bearer = {"Authorization": f"Bearer {tokens[1][Scope.WRITE]}"}
    with httpx.Client(base_url=address, timeout=60, headers=bearer) as opened:
        yield opened


def with_scope(tokens, scope):
    return {"Authorization": f"Bearer {tokens[1][scope]}"}


def ask(client, pattern):
    return client.get("/sparql", params={"query": f"ASK {{ {pattern} }}"}).json()["boolean"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the W3C's tests are not here")
def test_the_tests_of_the_w3c_pass(address, tokens):
    done = subprocess.run(
        [sys.executable, SHARED / "tools/w3c_http.py", SHARED / "w3c", f"{address}sparql", f"{address}update",
         f"{address}graphs", "--token", tokens[1][Scope.WRITE], "-v"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "passed 50/50" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    "send",
    [
        lambda client, text: client.post("/update", data={"update": text}),
        lambda client, text: client.post("/update", content=text, headers=UPDATE),
    ],
    ids=["form", "direct"],
)
def test_an_update_is_seen_by_the_next_query(client, send):
    assert send(client, f"INSERT DATA {{ {TRIPLE} 'seen' }}").status_code == 204
    assert ask(client, f"GRAPH graph:curated {{ {TRIPLE} 'seen' }}")
    assert send(client, f"DELETE DATA {{ {TRIPLE} 'seen' }}").status_code == 204
    assert not ask(client, f"{TRIPLE} 'seen'")


def test_a_curated_claim_counts_in_the_derived_edges_and_survives_reading(client, reports, address):
    claim = (
        "<http://example.org/claim> a ivo:Claim ; biolink:subject ivo:IVIG ; biolink:negated false ;"
        " biolink:predicate biolink:has_adverse_event ; biolink:object obo:HP_0002315 ; biolink:publications <doi:x> ."
    )
    count = "SELECT ?n { ?e a ivo:Edge ; ivo:from ivo:IVIG ; ivo:to obo:HP_0002315 ; ivo:claimCount ?n }"

    def counted():
        rows = client.get("/sparql", params={"query": count}).json()["results"]["bindings"]
        return sum(int(row["n"]["value"]) for row in rows)

    before = counted()
    assert client.post("/update", data={"update": f"INSERT DATA {{ {claim} }}"}).status_code == 204
    assert counted() == before + 1


def test_clearing_all_says_what_it_left(client):
    answer = client.post("/update", data={"update": "CLEAR ALL"})
    assert answer.status_code == 200
    assert answer.json()["left"] == 3
    assert ask(client, "?claim a ivo:Claim")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"data": {"update": "nonsense"}}, 400),
        ({"data": {"update": ["CLEAR ALL", "CLEAR ALL"]}}, 400),
        ({"data": {"query": "ASK {}"}}, 400),
        ({"data": {"update": "CLEAR ALL", "using-graph-uri": "no iri"}}, 400),
        ({"content": "CLEAR ALL", "headers": {"Content-Type": "text/plain"}}, 415),
        ({"content": b"\xff", "headers": UPDATE}, 400),
        ({"content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update; charset=UTF-16"}}, 415),
        ({"content": b"#" * 200_000, "headers": UPDATE}, 413),
        ({"content": "LOAD <http://127.0.0.1/x>", "headers": UPDATE}, 403),
        ({"content": "CLEAR GRAPH graph:derived", "headers": UPDATE}, 403),
    ],
)
def test_an_update_against_the_protocol_is_a_problem(client, request_, status):
    answer = client.post("/update", **request_)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_a_syntax_error_in_an_update_names_line_and_column(client):
    problem = client.post("/update", content="INSERT DATA {\n ?s <b> <c> }", headers=UPDATE).json()
    assert problem["line"] == 2
    assert problem["column"] > 1


def test_an_update_is_not_to_be_got(client):
    answer = client.get("/update", params={"update": "CLEAR ALL"})
    assert answer.status_code == 405


# Who may.


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_writing_needs_a_token_that_allows_it(address, tokens, method):
    def status(**headers):
        answer = httpx.request(
            method, f"{address}graphs?graph={GRAPH}-x", content="<a> <b> <c> .", headers={**TURTLE, **headers}
        )
        return answer.status_code, answer.headers.get("www-authenticate", "")[:6]

    assert status() == (401, "Bearer")
    assert status(Authorization="Bearer wrong") == (401, "Bearer")
    assert status(Authorization="Basic aTp2") == (403, "Bearer")
    assert status(Cookie=f"token={tokens[1][Scope.ADMIN]}") == (401, "Bearer")
    assert status(**with_scope(tokens, Scope.READ)) == (403, "Bearer")


def test_a_token_in_the_address_is_worth_nothing(address, tokens):
    for name in ("token", "access_token"):
        answer = httpx.post(f"{address}update", params={name: tokens[1][Scope.ADMIN]}, data={"update": "CLEAR ALL"})
        assert answer.status_code == 401


def test_only_an_administrator_writes_the_graph_of_a_document(client, tokens, address):
    graph = MINTER.document_graph("pmid:1")
    send = {"params": {"graph": graph}, "content": "<a> <b> <c> ."}
    assert client.put("/graphs", **send, headers=TURTLE).status_code == 403
    assert (
        httpx.put(f"{address}graphs", **send, headers={**TURTLE, **with_scope(tokens, Scope.ADMIN)}).status_code == 201
    )
    assert httpx.delete(f"{address}graphs?graph={graph}", headers=with_scope(tokens, Scope.ADMIN)).status_code == 204


def test_reading_needs_a_token_where_it_is_not_open(filled, tokens):
    app = create_app(filled, MINTER, load(), access=Access(tokens=tokens[0], open_reading=False))
    with run.running(app) as url:
        for path in ("", "sparql?query=ASK{}", "openapi.json", "graphs?default"):
            assert httpx.get(url + path).status_code == 401
            assert httpx.get(url + path, headers=with_scope(tokens, Scope.READ)).status_code == 200
        assert httpx.get(f"{url}health/live").status_code == 200


# The Graph Store Protocol.


@pytest.mark.parametrize(
    "name", [{"params": {"graph": GRAPH}}, {"url": "/graphs/people/1"}], ids=["indirect", "direct"]
)
def test_a_graph_is_made_read_replaced_and_removed(client, name):
    at = {"url": "/graphs", **name}
    assert client.get(**at).status_code == 404
    assert client.put(**at, content="<#me> <p> 1 .", headers=TURTLE).status_code == 201
    assert client.put(**at, content="<#me> <p> 2 .", headers=TURTLE).status_code == 204
    assert client.post(**at, content="<#me> <p> 3 .", headers=TURTLE).status_code == 204
    answer = client.get(**at, headers={"Accept": "text/turtle"})
    assert {str(value) for value in Graph().parse(data=answer.text, format="turtle").objects()} == {"2", "3"}
    assert client.head(**at).content == b""
    assert client.head(**at).headers["etag"] == client.get(**at).headers["etag"]
    assert client.delete(**at).status_code == 204
    assert [client.request(method, **at).status_code for method in ("GET", "HEAD", "DELETE")] == [404] * 3


SYNTAXES = {
    "text/turtle": "<http://e/a> <http://e/b> <http://e/c> .",
    "application/n-triples": "<http://e/a> <http://e/b> <http://e/c> .",
    "application/n-quads": "<http://e/a> <http://e/b> <http://e/c> .",
    "application/trig": "{ <http://e/a> <http://e/b> <http://e/c> }",
    "application/ld+json": '{"@id": "http://e/a", "http://e/b": {"@id": "http://e/c"}}',
    "application/rdf+xml": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<r:Description r:about="http://e/a"><e:b r:resource="http://e/c"/></r:Description></r:RDF>',
}


def test_every_syntax_goes_in_and_comes_out(client):
    # All at once in one form, which is a post that makes a graph.
    files = [("file", (f"f{n}", text, kind)) for n, (kind, text) in enumerate(SYNTAXES.items())]
    made = client.post("/graphs", files=files)
    assert made.status_code == 201
    graph = made.headers["location"]
    texts = {kind: client.get(graph, headers={"Accept": kind}).text for kind in SYNTAXES}
    assert all("http://e/" in text for text in texts.values())
    for kind, text in texts.items():
        target = f"{GRAPH}/{kind.replace('/', '-')}"
        assert (
            client.put("/graphs", params={"graph": target}, content=text, headers={"Content-Type": kind}).status_code
            == 201
        )
        assert ask(client, f"GRAPH <{target}> {{ <http://e/a> <http://e/b> <http://e/c> }}")


def test_the_default_graph_is_the_curated_one_and_is_always_there(client):
    assert client.put("/graphs?default", content=f"{TRIPLE} 'default' .", headers=TURTLE).status_code == 204
    assert ask(client, f"GRAPH graph:curated {{ {TRIPLE} 'default' }}")
    assert client.delete("/graphs?default").status_code == 204
    assert client.get("/graphs?default").status_code == 200


def test_a_write_can_depend_on_what_was_read(client):
    at = {"url": "/graphs", "params": {"graph": f"{GRAPH}/tag"}, "headers": TURTLE}

    def put(text, **conditions):
        return client.put(**{**at, "headers": {**TURTLE, **conditions}}, content=text).status_code

    assert put("<a> <b> 1 .", **{"If-None-Match": "*"}) == 201
    assert put("<a> <b> 2 .", **{"If-None-Match": "*"}) == 412
    seen = client.get(**at).headers["etag"]
    assert client.get(**{**at, "headers": {"If-None-Match": seen}}).status_code == 304
    assert put("<a> <b> 2 .", **{"If-Match": seen}) == 204
    assert put("<a> <b> 3 .", **{"If-Match": seen}) == 412
    assert put("<a> <b> 3 .", **{"If-Match": '"other"'}) == 412


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (
            {
                "method": "PUT",
                "url": "/graphs?graph=urn:g",
                "content": "x",
                "headers": {"Content-Type": "image/png"},
            },
            415,
        ),
        ({"method": "PUT", "url": "/graphs?graph=urn:g", "content": "<a> <b>", "headers": TURTLE}, 400),
        ({"method": "PUT", "url": "/graphs?graph=no%20iri", "content": "", "headers": TURTLE}, 400),
        ({"method": "PUT", "url": "/graphs", "content": "", "headers": TURTLE}, 400),
        ({"method": "DELETE", "url": "/graphs"}, 400),
        ({"method": "GET", "url": "/graphs?graph=http://e/g&default"}, 400),
        ({"method": "GET", "url": "/graphs?default", "headers": {"Accept": "image/png"}}, 406),
        ({"method": "PATCH", "url": "/graphs?default"}, 405),
        (
            {"method": "POST", "url": "/graphs", "content": b"--", "headers": {"Content-Type": "multipart/form-data"}},
            400,
        ),
        ({"method": "PUT", "url": "/graphs?graph=urn:g", "content": b"#" * 200_000, "headers": TURTLE}, 413),
        (
            {
                "method": "PUT",
                "url": "/graphs?graph=urn:g",
                "content": '{"@context": "http://127.0.0.1/c"}',
                "headers": {"Content-Type": "application/ld+json"},
            },
            400,
        ),
    ],
)
def test_a_request_against_the_graph_store_protocol_is_a_problem(client, request_, status):
    answer = client.request(**request_)
    assert (answer.status_code, answer.json()["status"]) == (status, status)


@pytest.mark.parametrize("path", ["/sparql", "/update", "/graphs", "/graphs/x"])
def test_options_tell_the_methods(client, path):
    answer = client.options(path)
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]


def test_a_script_of_another_origin_may_ask_with_a_token_of_its_own(client):
    wish = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    answer = client.options("/graphs", headers=wish)
    assert answer.status_code == 200
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


# Tokens.


def test_tokens_are_made_listed_and_revoked_by_the_command_line(ivigraph, tmp_path):
    made = ivigraph("token", "create", "mine", "--scope", "admin")
    token = made.stdout.strip()
    (file,) = tmp_path.rglob("tokens.json")
    assert file.stat().st_mode & 0o777 == 0o600
    assert token not in file.read_text()
    assert Tokens(file).scope(token) is Scope.ADMIN
    listed = ivigraph("token", "list").stdout
    assert "mine" in listed
    assert token not in listed
    id = re.search(r"[0-9a-f]{8}", listed)[0]
    assert ivigraph("token", "revoke", id).returncode == 0
    assert Tokens(file).scope(token) is None
    assert ivigraph("token", "revoke", id).returncode == 2


def test_a_revoked_or_expired_token_is_worth_nothing_at_once(tmp_path):
    tokens = Tokens(tmp_path / "tokens.json")
    short, long = tokens.create("", Scope.WRITE, days=0.0), tokens.create("", Scope.WRITE, days=1)
    running = Tokens(tmp_path / "tokens.json")
    assert running.scope(short) is None
    assert running.scope(long) is Scope.WRITE
    tokens.revoke(tokens.all()[1].id)
    assert running.scope(long) is None
    assert not running


def test_the_token_of_the_settings_may_write(tmp_path):
    tokens = Tokens(tmp_path / "none.json", "secret")
    assert tokens.scope("secret") is Scope.WRITE
    assert tokens.scope("other") is None


def test_other_machines_are_not_served_without_tokens(ivigraph, store):
    refused = ivigraph("serve", "--store", store, "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert "token" in refused.stderr
