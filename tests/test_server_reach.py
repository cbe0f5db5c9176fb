"""What clients find beside queries: all graphs at once, readable descriptions, conditional updates, what is counted."""

import shutil
import sqlite3

import httpx
import pyoxigraph
import pytest
from rdflib import RDF, RDFS, Graph, Namespace, URIRef

from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.server import run
from ivigraph.server.access import Access
from ivigraph.server.app import create_app
from ivigraph.server.tokens import Tokens
from ivigraph.store import Ownership, Update, copies, open_store

MINTER = Minter()
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
BEARER = {"Authorization": "Bearer a-token-of-the-test"}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def client(filled):
    app = create_app(filled, MINTER, load(), origins=("https://example.org",))
    with run.running(app) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


@pytest.mark.parametrize("media_type", ["application/n-quads", "application/trig"])
def test_all_graphs_come_as_one_document(client, filled, media_type):
    answer = client.get("/graphs", headers={"Accept": media_type})
    assert answer.headers["content-type"].startswith(media_type)
    found = list(pyoxigraph.parse(answer.content, pyoxigraph.RdfFormat.from_media_type(media_type)))
    counted = {str(row["g"]): row["n"].toPython() for row in filled.select(
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    )}  # fmt: skip
    assert {name: sum(quad.graph_name.value == name for quad in found) for name in counted} == counted
    assert len(found) == sum(counted.values())
    again = client.get("/graphs", headers={"Accept": media_type, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_all_graphs_have_no_form_that_knows_no_graphs(client):
    answer = client.get("/graphs", headers={"Accept": "text/turtle"})
    assert answer.status_code == 406
    assert "name a graph" in answer.json()["remedy"]


@pytest.mark.parametrize("path", ["id/concept/ivo:IVIG", "id/document/pmid/900001"])
def test_turtle_begins_with_what_it_is_about_and_the_prefixes_that_it_uses(client, path):
    turtle = client.get(f"/{path}", headers={"Accept": "text/turtle"}).text
    head = [line for line in turtle.splitlines() if line.startswith("@prefix")]
    assert head
    assert all(line.split()[1] in turtle.replace(line, "") for line in head)
    lines = client.get(f"/{path}", headers={"Accept": "application/n-triples"}).text
    assert len(Graph().parse(data=turtle, format="turtle")) == len(Graph().parse(data=lines, format="nt"))


def test_the_service_description_tells_of_the_search_in_texts_and_where_updates_go(client):
    graph = Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).text, format="turtle")
    [search] = graph.objects(None, SD.languageExtension)
    assert search == URIRef("https://w3id.org/ivigraph/ontology#search")
    [service] = graph.subjects(RDF.type, SD.Service)
    assert URIRef(str(service).replace("/sparql", "/update")) in set(graph.objects(service, RDFS.seeAlso))


@pytest.mark.parametrize("union", [True, False])
def test_the_service_description_claims_a_union_only_where_the_default_graph_is_one(filled, union):
    with (
        open_store(filled._generations.directory, union_default_graph=union) as store,
        run.running(create_app(store, MINTER, load())) as url,
    ):
        told = Graph().parse(data=httpx.get(f"{url}sparql", headers={"Accept": "text/turtle"}).text, format="turtle")
    assert (None, SD.feature, SD.UnionDefaultGraph) in told or not union
    assert (None, SD.feature, SD.UnionDefaultGraph) not in told or union


def test_only_the_origins_of_the_setting_may_read_in_a_browser(client):
    ours = client.get("/sparql?query=ASK{}", headers={"Origin": "https://example.org"})
    assert ours.headers["access-control-allow-origin"] == "https://example.org"
    others = client.get("/sparql?query=ASK{}", headers={"Origin": "https://example.com"})
    assert "access-control-allow-origin" not in others.headers


def test_the_metrics_tell_of_queries_that_were_killed(tmp_path, filled):
    with (
        open_store(filled._generations.directory, readers=1) as store,
        run.running(create_app(store, MINTER, load())) as url,
    ):
        assert httpx.get(f"{url}sparql", params={"query": ENDLESS, "timeout": "1"}, timeout=60).status_code == 504
        told = httpx.get(f"{url}metrics", timeout=60).text
        assert "ivigraph_readers_killed_total 1.0" in told
        for gauge in ("queries_running", "queries_waiting", "writes_waiting"):
            assert f"ivigraph_{gauge} 0.0" in told


@pytest.fixture
def written(tmp_path):
    """A server that can be written, over a store of one triple."""
    ownership = Ownership(default=MINTER.curated_graph)
    with open_store(
        tmp_path / "store", create=True, readers=1, ownership=ownership, prefixes=prefixes(MINTER)
    ) as store:
        store.apply(Update(text='INSERT DATA { <http://example.org/a> rdfs:label "one" }'))
        access = Access(tokens=Tokens(tmp_path / "tokens.json", "a-token-of-the-test"))
        with run.running(create_app(store, MINTER, load(), access=access)) as url:
            yield url, tmp_path / "store"


def test_an_update_can_depend_on_nothing_having_changed(written):
    url, _ = written
    seen = httpx.get(f"{url}sparql", params={"query": "SELECT * { ?s ?p ?o }"}, timeout=60).headers["etag"]
    for number, status in ((1, 204), (2, 412)):
        update = f'INSERT DATA {{ <http://example.org/a> rdfs:label "{number}" }}'
        done = httpx.post(f"{url}update", data={"update": update}, headers={**BEARER, "If-Match": seen}, timeout=60)
        assert done.status_code == status
    strange = {**BEARER, "If-Match": '"other"'}
    assert httpx.post(f"{url}update", data={"update": "CLEAR ALL"}, headers=strange, timeout=60).status_code == 412
    assert httpx.get(f"{url}sparql?query=ASK{{?s ?p 2}}", timeout=60).json()["boolean"] is False


def test_a_text_index_that_says_something_else_than_the_graph_is_found(written, tmp_path):
    _, store = written
    assert not [checked.problem for checked in copies.verify(store) if checked.problem]
    copies.backup(store, tmp_path / "copy")
    [index] = (tmp_path / "copy").rglob("*.sqlite")
    with sqlite3.connect(index) as database:
        database.execute("UPDATE entry SET text = 'two', label = 'two'")
    database.close()
    [checked] = copies.verify(tmp_path / "copy")
    assert "text index" in checked.problem
    index.write_bytes(index.read_bytes()[:5000])
    [checked] = copies.verify(tmp_path / "copy")
    assert "text index" in checked.problem
    shutil.rmtree(index.parent)
    [checked] = copies.verify(tmp_path / "copy")
    assert "text index" in checked.problem
