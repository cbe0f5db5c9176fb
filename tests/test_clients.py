"""Clients that others wrote, unchanged, against the running server; and what nobody would send."""

import io
import json
import shutil
import string
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pandas
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, JSONLD, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from ivigraph.assembly import ownership
from ivigraph.ingest import rdf
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.access import Access
from ivigraph.server.app import create_app
from ivigraph.server.tokens import Tokens
from ivigraph.store import MEDIA_TYPES, Form, open_store

MINTER = Minter()
PREFIXES = "PREFIX ivo: <https://w3id.org/ivigraph/ontology#> PREFIX biolink: <https://w3id.org/biolink/vocab/> "
CLAIMS = PREFIXES + "SELECT ?claim ?negated { ?claim a ivo:Claim ; biolink:negated ?negated }"
QUIET = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def address(reports, tmp_path_factory):
    store = open_store(
        tmp_path_factory.mktemp("clients") / "store",
        create=True,
        prefixes=prefixes(MINTER),
        derive=catalogue.derivation(MINTER),
        ownership=ownership(MINTER),
        query_timeout=10.0,
    )
    with store:
        with store.writer() as writer:
            for report in reports:
                writer.replace_graph(MINTER.document_graph(report.document.id), rdf.graph(report, MINTER))
        access = Access(tokens=Tokens(Path("none"), "secret"))
        with run.running(create_app(store, MINTER, load(), access=access, query_timeout=10.0)) as url:
            yield url


@pytest.fixture(scope="module")
def client(address):
    """One connection for all that is sent; a new one each time takes longer than the answer."""
    with httpx.Client(base_url=address, timeout=30) as opened:
        yield opened


@pytest.fixture(scope="module")
def total(reports):
    return sum(len(report.claims) for report in reports)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # the client's own
@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_every_form(address, total, method):
    def answer(query, wanted):
        client = SPARQLWrapper(f"{address}sparql")
        client.setMethod(method)
        client.setQuery(query)
        client.setReturnFormat(wanted)
        return client.query().convert()

    assert len(answer(CLAIMS, JSON)["results"]["bindings"]) == total
    assert len(answer(CLAIMS, XML).getElementsByTagName("result")) == total
    assert answer(CLAIMS, CSV).count(b"\n") == total + 1
    construct = PREFIXES + "CONSTRUCT { ?c a ivo:Claim } WHERE { ?c a ivo:Claim }"
    assert len(answer(construct, RDFXML)) == total
    assert len(Graph().parse(data=answer(construct, TURTLE), format="turtle")) == total
    assert len(answer(construct, JSONLD)) == total
    assert answer(CLAIMS, TSV).count(b"\n") == total + 1


def test_sparqlwrapper_updates(address):
    client = SPARQLWrapper(f"{address}update")
    client.addCustomHttpHeader("Authorization", "Bearer secret")
    client.setMethod(POST)
    client.setQuery("INSERT DATA { <http://example.org/w> <http://example.org/p> 1 }")
    assert client.query().response.status == 204


def test_rdflib_reads_the_server_as_a_graph(address, total):
    graph = Graph(SPARQLStore(f"{address}sparql"))
    assert len(list(graph.query(CLAIMS))) == total
    claim = next(iter(graph.query(CLAIMS)))[0]
    assert (claim, None, None) in graph
    assert len(list(graph.predicate_objects(claim))) > 5


def test_rdflib_writes_to_the_server_as_a_graph(address):
    remote = SPARQLUpdateStore(f"{address}sparql", f"{address}update", headers={"Authorization": "Bearer secret"})
    graph = Graph(remote, identifier=URIRef("http://example.org/rdflib"))
    triple = (URIRef("http://example.org/a"), URIRef("http://example.org/b"), Literal("c"))
    graph.add(triple)
    assert triple in graph
    graph.remove(triple)
    assert triple not in graph


@pytest.mark.parametrize("accept", [*MEDIA_TYPES[Form.SELECT], "*/*", "application/json"])
def test_curl_gets_what_it_accepts(address, accept):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    done = subprocess.run(
        ["curl", "-fsSG", "-H", f"Accept: {accept}", "--data-urlencode", f"query={CLAIMS}", f"{address}sparql",
         "-w", "\n%{content_type}"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kind = done.stdout.rpartition("\n")[2].partition(";")[0]
    assert kind == (accept if accept != "*/*" else "application/sparql-results+json")


def test_pandas_reads_an_answer_as_a_table(address, total):
    parameters = urlencode({"query": CLAIMS, "format": "csv"})
    table = pandas.read_csv(f"{address}sparql?{parameters}")
    assert list(table.columns) == ["claim", "negated"]
    assert len(table) == total
    assert table["negated"].dtype == bool


COMUNICA = """
const { QueryEngine } = require('@comunica/query-sparql');
(async () => {
  const bindings = await (await new QueryEngine().queryBindings(process.argv[2],
    { sources: [{ type: 'sparql', value: process.argv[1] }] })).toArray();
  console.log(bindings.length);
})();
"""


@pytest.fixture(scope="module")
def comunica(tmp_path_factory):
    """A folder with Comunica in it; the registry of packages may be out of reach."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("comunica")
    (folder / "package.json").write_text(json.dumps({"name": "clients", "private": True}))
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "@comunica/query-sparql@4"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)
    except subprocess.TimeoutExpired:
        pytest.skip("npm takes too long")
    if done.returncode != 0:
        pytest.skip(f"npm cannot install Comunica: {done.stderr[-200:]}")
    loads = ["node", "-e", "require('@comunica/query-sparql')"]
    if subprocess.run(loads, cwd=folder, capture_output=True, timeout=120).returncode != 0:
        pytest.skip("this version of node is too old for Comunica")
    return folder


def test_comunica_queries_the_endpoint(comunica, address, total):
    done = subprocess.run(
        ["node", "-e", COMUNICA, f"{address}sparql", CLAIMS], cwd=comunica, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == str(total), done.stderr[-500:]


# What nobody would send.


def test_the_interface_holds_to_its_description_whatever_comes(address):
    schema = schemathesis.openapi.from_url(f"{address}openapi.json")

    @settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(schema.as_strategy())
    def each(case):
        answer = case.call(timeout=30)
        assert answer.status_code < 500 or answer.status_code == 504

    each()


GRAMMAR = (
    "SELECT ASK CONSTRUCT DESCRIBE WHERE { } ( ) . ; , ?s ?p ?o a <http://e/> ex: ivo:Claim 'x' \"y\"@en 1 1.5e3 true "
    "FILTER OPTIONAL UNION MINUS GRAPH ?g VALUES BIND AS COUNT(*) GROUP BY HAVING ORDER LIMIT 10 OFFSET DISTINCT * / | "
    "^ + ! [] _:b FROM NAMED SERVICE LOAD EXISTS NOT IN REGEX(?s,'(a+)+$') << >> \\u0053ERVICE # \n PREFIX BASE"
)
WORDS = st.sampled_from(GRAMMAR.split(" "))
QUERIES = st.one_of(
    st.lists(WORDS, max_size=25).map(" ".join),
    st.lists(WORDS, max_size=12).map(lambda words: f"SELECT * {{ ?s ?p ?o . {' '.join(words)} }} LIMIT 5"),
    st.text(string.printable, max_size=80),
    st.text(max_size=40),
)


@QUIET
@given(QUERIES)
def test_whatever_is_asked_the_server_answers_or_says_what_is_wrong(client, query):
    answer = client.post("sparql", data={"query": query, "timeout": "2"})
    assert answer.status_code in (200, 400, 403, 504), answer.text
    if answer.status_code == 200 and query.strip():
        assert io.BytesIO(answer.content).read()


@QUIET
@given(st.binary(max_size=100), st.sampled_from(["sparql", "update", "graphs?default"]))
def test_noise_is_refused(client, noise, path):
    for kind in ("application/sparql-query", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        headers = {"Content-Type": kind, "Authorization": "Bearer secret"}
        answer = client.post(path, content=noise, headers=headers)
        assert answer.status_code < 500, answer.text
