import csv
import html
import io
import json
import re
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, Graph, URIRef

from ivigraph import __version__
from ivigraph.errors import QueryError
from ivigraph.ingest import rdf
from ivigraph.ingest.links import Linking
from ivigraph.namespaces import ONTOLOGY, Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.server.highlight import Span, stretches, window
from ivigraph.server.negotiation import choose
from ivigraph.server.streaming import AnswerResponse
from ivigraph.store import open_store

MINTER = Minter()
HTML = {"Accept": "text/html"}
JSON = "application/sparql-results+json"
COUNT = "SELECT (COUNT(*) AS ?n) { ?c a ivo:Claim }"
CONSTRUCT = "CONSTRUCT { ?c a ivo:Claim } WHERE { ?c a ivo:Claim }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def address(filled):
    with run.running(create_app(filled, MINTER, load(), query_timeout=20)) as url:
        yield url


@pytest.fixture(scope="module")
def client(address):
    with httpx.Client(base_url=address, timeout=30) as opened:
        yield opened


def claims_of(reports, **wanted):
    return [
        (report, claim)
        for report in reports
        for claim in report.claims
        if all(getattr(claim, name) == value for name, value in wanted.items())
    ]


def page_of(reports, **wanted):
    report, claim = claims_of(reports, **wanted)[0]
    return MINTER.page(str(rdf.claim_iri(claim, report.document, MINTER))), claim


def text_of(html):
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    plain = re.sub(r"<[^>]+>", "", body)
    for entity, character in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    return " ".join(plain.split())


# The SPARQL protocol.


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.get("/sparql", params={"query": COUNT}),
        lambda client: client.post("/sparql", data={"query": COUNT}),
        lambda client: client.post("/sparql", content=COUNT, headers={"Content-Type": "application/sparql-query"}),
    ],
    ids=["get", "form", "direct"],
)
def test_a_query_is_answered_by_each_form_of_the_protocol(client, send, reports):
    answer = send(client)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(JSON)
    total = sum(len(report.claims) for report in reports)
    assert int(answer.json()["results"]["bindings"][0]["n"]["value"]) == total


@pytest.mark.parametrize(
    ("query", "accept", "given"),
    [
        (COUNT, "text/csv", "text/csv"),
        (COUNT, "text/tab-separated-values", "text/tab-separated-values"),
        (COUNT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (COUNT, "application/json", "application/json"),
        (COUNT, "text/csv;q=0.3, application/sparql-results+xml;q=0.8, */*;q=0.1", "application/sparql-results+xml"),
        ("ASK {}", "*/*", JSON),
        (CONSTRUCT, "text/turtle", "text/turtle"),
        (CONSTRUCT, "application/trig", "application/trig"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/n-quads", "application/n-quads"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
    ],
)
def test_the_answer_is_written_as_the_client_accepts(client, query, accept, given):
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == given
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(("query", "accept"), [(COUNT, "text/turtle"), (CONSTRUCT, "text/csv"), (COUNT, "image/png")])
def test_what_cannot_be_written_is_406(client, query, accept):
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == 406


def test_rdf_of_every_syntax_holds_the_same_triples(client):
    formats = {"text/turtle": "turtle", "application/rdf+xml": "xml", "application/n-triples": "nt"}
    read = [
        set(
            Graph().parse(data=client.get("/sparql", params={"query": CONSTRUCT}, headers={"Accept": t}).text, format=f)
        )
        for t, f in formats.items()
    ]
    assert read[0] == read[1] == read[2]
    assert len(read[0]) == 13


def test_the_dataset_of_the_protocol_limits_what_is_queried(client):
    graph = MINTER.document_graph("pmid:900001")
    one = client.get("/sparql", params={"query": COUNT, "default-graph-uri": graph})
    assert one.json()["results"]["bindings"][0]["n"]["value"] == "4"
    named = client.get(
        "/sparql", params={"query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "named-graph-uri": graph}
    )
    assert [row["g"]["value"] for row in named.json()["results"]["bindings"]] == [graph]


def test_a_syntax_error_names_line_and_column(client):
    answer = client.get("/sparql", params={"query": "SELECT *\n{ ?s ?p }"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["line"]) == (400, 2)
    assert problem["column"] >= 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"method": "GET", "url": "/sparql?query=a&query=b"}, 400),
        ({"method": "GET", "url": "/sparql?query=%FF"}, 400),
        ({"method": "GET", "url": "/sparql?query=ASK%7B%7D&timeout=soon"}, 400),
        ({"method": "GET", "url": "/sparql?query=ASK%7B%7D&timeout=nan"}, 400),
        ({"method": "GET", "url": "/sparql?query=ASK%7B%7D&default-graph-uri=no%20iri"}, 400),
        ({"method": "GET", "url": "/sparql?query=ASK%7B%7D&format=docx"}, 400),
        ({"method": "POST", "url": "/sparql", "data": {"update": "DROP ALL"}}, 400),
        ({"method": "POST", "url": "/sparql", "data": {"nothing": "x"}}, 400),
        ({"method": "POST", "url": "/sparql", "content": b"ASK {}", "headers": {"Content-Type": "text/plain"}}, 415),
        (
            {
                "method": "POST",
                "url": "/sparql",
                "content": b"DROP ALL",
                "headers": {"Content-Type": "application/sparql-update"},
            },
            415,
        ),
        (
            {
                "method": "POST",
                "url": "/sparql",
                "content": b"#" * 300_000,
                "headers": {"Content-Type": "application/sparql-query"},
            },
            413,
        ),
        ({"method": "DELETE", "url": "/sparql"}, 405),
        ({"method": "GET", "url": "/sparql?query=" + quote("SELECT * { SERVICE <http://e/> { ?s ?p ?o } }")}, 403),
    ],
)
def test_a_request_against_the_protocol_is_a_problem(client, request_, status):
    answer = client.request(**request_)
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_query_that_takes_too_long_is_ended_and_others_go_on(client):
    answer = client.get("/sparql", params={"query": SLOW, "timeout": "0.3"})
    assert answer.status_code == 504
    assert client.get("/sparql", params={"query": COUNT}).status_code == 200


def test_an_answer_that_was_not_changed_is_not_sent_again(client):
    first = client.get("/sparql", params={"query": COUNT})
    again = client.get("/sparql", params={"query": COUNT}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(
        "/sparql", params={"query": COUNT}, headers={"If-None-Match": first.headers["etag"], "Accept": "text/csv"}
    )
    assert other.status_code == 200


def test_without_a_query_the_service_describes_itself(client):
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=answer.text, format="turtle")
    service = URIRef("http://www.w3.org/ns/sparql-service-description#")
    (endpoint,) = graph.objects(predicate=service + "endpoint")
    assert str(endpoint) == str(client.base_url).rstrip("/") + "/sparql"


def test_a_browser_gets_a_form_with_examples_and_the_answer_as_a_table(client):
    form = client.get("/sparql", headers=HTML)
    assert "<textarea" in form.text
    assert "Adverse events by disease" in form.text
    shown = client.get("/sparql", params={"query": "SELECT ?q { ?c biolink:supporting_text ?q }"}, headers=HTML)
    assert "No thrombosis occurred." in text_of(shown.text)


def test_a_browser_keeps_its_query_when_it_is_wrong(client):
    answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p }"}, headers=HTML)
    assert answer.status_code == 400
    assert "SELECT * { ?s ?p }" in text_of(answer.text)
    assert "line 1" in answer.text


def test_any_origin_may_read(client):
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"


class Failing:
    """An answer that breaks after its first chunk."""

    def __init__(self):
        self.left = [b"a,b\r\n"]
        self.closed = False

    def __iter__(self):
        return self

    def __next__(self):
        if self.left:
            return self.left.pop()
        raise QueryError("memory")

    def close(self):
        self.closed = True


def test_an_answer_that_fails_midway_breaks_the_connection(filled):
    app = create_app(filled, MINTER, load())
    chunks = Failing()
    app.add_api_route("/failing", lambda: AnswerResponse(chunks, media_type="text/csv", headers={}))
    with run.running(app) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{url}failing")
    assert chunks.closed


# Pages and linked data.


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search",
        "/search?q=head",
        "/graph",
        "/graph?concept=headache",
        "/claims",
        "/claims?relation=causes&negated=true",
        "/queries",
        *(f"/queries/{name}" for name in catalogue.load()),
        "/sparql",
        "/ontology",
        "/id/concept/HP:0002315",
        "/id/concept/MONDO:0016367",
        "/id/document/pmid/900001",
        "/id/document/doi/10.5555/ivig.review.3",
        "/id/term/condition/falling%2520feeling",
    ],
)
def test_a_page_is_whole_safe_and_loads_nothing_from_elsewhere(client, path):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 200
    page = answer.text
    assert "<script>alert" not in page
    assert "<b>and</b>" not in page
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|javascript:", re.sub(r"<script.*?</script>", "", page, flags=re.S))
    for attribute in re.findall(r"<(?:link|script|img)\b[^>]*?(?:href|src)=\"([^\"]*)\"", page):
        assert re.match(r"/(?!/)", attribute), "from this server alone"
        assert client.get(html.unescape(attribute)).status_code == 200
    assert re.search(r"<html lang=\"en\">", page)
    assert page.count("<h1") == 1
    assert "Evidence, not advice" in page
    for policy in ("script-src 'self'", "default-src 'none'", "frame-ancestors 'none'"):
        assert policy in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_link_to_a_page_of_this_server_leads_somewhere(client):
    seen, todo = set(), ["/"]
    while todo and len(seen) < 80:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path, headers=HTML, follow_redirects=True)
        assert answer.status_code == 200, (path, re.findall(r"problem.*?</div>|<main.*?</main>", answer.text, re.S))
        if answer.headers["content-type"].startswith("text/html") and not path.startswith(("/sparql", "/queries/")):
            found = re.findall(r"href=\"(/[^\"#]*)", answer.text)
            todo += [link.replace("&amp;", "&") for link in found if "format=" not in link]
    assert len(seen) > 40


def test_the_home_page_counts_what_the_graph_holds(client):
    page = text_of(client.get("/", headers=HTML).text)
    assert "3documents" in page.replace(" ", "")
    assert "headache" in page
    assert "Last updated" in page


def test_a_concept_page_shows_names_claims_and_what_was_absent(client):
    page = text_of(client.get("/id/concept/HP:0001873", headers=HTML).text)
    assert "low platelet count" in page
    assert "explicitly absent" in page
    assert "There was no thrombocytopenia after IVIG." in page
    assert "possible" in page


def test_a_disease_page_shows_the_events_of_its_patients(client):
    page = text_of(client.get("/id/concept/MONDO:0016367", headers=HTML).text)
    assert "Adverse events in patients treated for it" in page
    assert "headache" in page


def test_a_claim_page_marks_the_sentence_with_its_two_names(client, reports):
    path, claim = page_of(reports, case="1", certainty="asserted", negated=False)
    page = client.get(path, headers=HTML).text
    (marked,) = re.findall(r"<mark class=\"sentence\">(.*?)</mark>", page, re.DOTALL)
    assert text_of(marked) == claim.evidence.quote
    assert re.search(r"class=\"name subject\"[^>]*>Octagam<", marked)
    assert re.search(r"class=\"name object\"[^>]*>dermatomyositis<", marked)
    whole = text_of(page)
    for told in ("off-label", "improved", "2 g/kg", "hand-1", "female patient, 52 years", "900001"):
        assert told in whole


def test_a_negated_claim_says_so(client, reports):
    path, _ = page_of(reports, negated=True)
    page = text_of(client.get(path, headers=HTML).text)
    assert "was not followed by" in page
    assert "explicitly absent" in page


def test_a_document_page_marks_every_sentence_that_carries_a_claim(client, reports):
    report = reports[0]
    page = client.get(MINTER.page(MINTER.document(report.document.id)), headers=HTML).text
    marked = {text_of(mark) for mark in re.findall(r"<mark class=\"\w+\">(.*?)</mark>", page, re.DOTALL)}
    assert marked == {claim.evidence.quote for claim in report.claims}
    assert "Ada Example" in page


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/ld+json", "application/json", "application/n-triples", "application/rdf+xml"]
)
def test_a_claim_is_rdf_for_machines(client, reports, accept):
    path, claim = page_of(reports, negated=True)
    answer = client.get(path, headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(accept)
    assert "Accept" in answer.headers["vary"]
    syntax = RdfFormat.JSON_LD if accept == "application/json" else RdfFormat.from_media_type(accept)
    texts = {quad.object.value for quad in parse(answer.text, format=syntax) if quad.predicate.value.endswith("#exact")}
    assert claim.evidence.quote in texts
    assert client.get(path, params={"format": "turtle"}).headers["content-type"].startswith("text/turtle")


def test_the_rdf_of_a_document_is_its_whole_graph(client, reports):
    path = MINTER.page(MINTER.document(reports[0].document.id))
    graph = Graph().parse(data=client.get(path, headers={"Accept": "text/turtle"}).text, format="turtle")
    assert set(graph) == set(rdf.graph(Linking(load()).linked(reports[0]), MINTER))


def test_an_unchanged_page_is_not_sent_again(client):
    first = client.get("/id/concept/HP:0002315", headers=HTML)
    again = client.get("/id/concept/HP:0002315", headers={**HTML, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/id/concept/HP:9999999",
        "/id/concept/zzz:1",
        "/id/concept/headach",
        "/id/claim/none",
        "/id/document/pmid/1",
        "/id/case/none",
        "/id/edge/none",
        "/id/claim/%3Cscript%3E",
        "/id/claim/a%0Ab",
        "/id/",
        "/nowhere",
    ],
)
def test_what_is_not_there_is_a_page_that_says_what_to_do(client, path):
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "What to do" in answer.text
    assert "<script>" not in answer.text
    machine = client.get(path, headers={"Accept": "application/json"})
    assert machine.headers["content-type"] == "application/problem+json"
    assert machine.json()["status"] == 404


def test_an_unknown_name_gets_suggestions(client):
    assert "thrombocytopenia" in client.get("/id/concept/thrombocyt", headers=HTML).text


def test_a_term_of_the_ontology_leads_to_its_description(client):
    answer = client.get("/id/concept/ivo:Claim", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ontology#Claim")
    assert 'id="Claim"' in client.get("/ontology", headers=HTML).text


def test_the_ontology_is_rdf_for_machines(client):
    graph = Graph().parse(data=client.get("/ontology", headers={"Accept": "text/turtle"}).text, format="turtle")
    assert (rdf.IVO.Claim, RDF.type, None) in graph


@pytest.mark.parametrize(
    ("path", "media_type", "says"),
    [
        ("/ontology/prefixes.json", "application/json", '"MONDO"'),
        ("/ontology/context.jsonld", "application/ld+json", '"@context"'),
        ("/ontology/mappings.sssom.tsv", "text/tab-separated-values", "subject_id\t"),
        ("/ontology/shapes?format=turtle", "text/turtle", "sh:NodeShape"),
        (f"/ontology/{__version__}?format=turtle", "text/turtle", "owl:versionIRI"),
    ],
)
def test_what_belongs_to_the_ontology_is_served_beside_it(client, path, media_type, says):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert says in answer.text


def test_a_version_that_never_was_is_told_from_what_there_is(client):
    answer = client.get("/ontology/0.0.0", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "prefixes.json" in answer.json()["remedy"]


def test_the_facts_of_a_product_name_their_source_or_say_that_there_is_none(client):
    assert "medilib.ir" in client.get("/id/concept/ivo:Asceniv", headers=HTML).text
    assert "unverified" in client.get("/id/concept/ivo:Alyglo", headers=HTML).text


def test_an_edge_leads_to_its_claims(client, filled):
    row = next(iter(filled.select("SELECT ?e { ?e a ivo:Edge } LIMIT 1")))
    answer = client.get(MINTER.page(str(row["e"])), headers=HTML, follow_redirects=True)
    assert answer.url.path == "/claims"
    assert "<blockquote>" in answer.text


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cephalalgia", "headache"),
        ("HP:0002315", "headache"),
        ("migr", "migraine"),
        ("900001", "Headache and a fall of the platelets after immunoglobulin"),
        ("10.5555/ivig.review.3", "How immunoglobulin works"),
        ("falling", "falling feeling"),
    ],
)
def test_search_finds_by_synonym_identifier_beginning_and_title(client, typed, found):
    assert found in text_of(client.get("/search", params={"q": typed}, headers=HTML).text)


def test_search_lists_first_what_documents_speak_of(client):
    found = client.get("/search", params={"q": "immunoglobulin"}, headers={"Accept": "application/json"}).json()
    claims = [concept["claims"] for concept in found["concepts"][1:]]
    assert found["concepts"][0]["label"] == "immunoglobulin"
    assert claims == sorted(claims, key=lambda n: n == 0)
    assert claims[0] > 0


@pytest.mark.parametrize("typed", ["wobblitis", '"', "\\", "?", "<script>alert(1)</script>", "x" * 5000])
def test_a_search_for_nothing_says_what_to_do(client, typed):
    answer = client.get("/search", params={"q": typed}, headers=HTML)
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize("name", ["pmid:900001", MINTER.document("pmid:900001")])
def test_the_claims_of_a_document_are_listed_by_its_identifier_and_its_iri(client, name):
    content = client.get("/claims", params={"document": name}, headers={"Accept": "application/json"}).json()
    assert content["total"] == 4


def test_claims_can_be_filtered_and_read_by_programs(client):
    answer = client.get("/claims", params={"subject": "IVIG", "relation": "causes", "object": "headache"})
    assert answer.status_code == 200
    content = client.get("/claims", params={"negated": "true"}, headers={"Accept": "application/json"}).json()
    assert content["total"] == 2
    assert {claim["quote"] for claim in content["claims"]} == {
        "No thrombosis occurred.",
        "There was no thrombocytopenia after IVIG.",
    }


@pytest.mark.parametrize("parameters", [{"subject": "wobblitis"}, {"relation": "likes"}, {"page": "0"}, {"page": "x"}])
def test_a_filter_that_makes_no_sense_is_a_problem(client, parameters):
    answer = client.get("/claims", params=parameters, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_the_network_page_holds_what_it_draws_and_the_same_as_a_table(client):
    page = client.get("/graph", headers=HTML).text
    data = json.loads(re.search(r"id=\"network-data\">(.*?)</script>", page, re.DOTALL)[1])
    assert len(data["edges"]) == page.count('class="sentences"') == 10
    assert {"ivo:Octagam", "HP:0002315"} <= {node["id"] for node in data["nodes"]}


@pytest.mark.parametrize(
    ("format_", "kind"),
    [
        ("graphml", "application/graphml+xml"),
        ("json", "application/json"),
        ("standalone", "text/html"),
        ("svg", "image/svg+xml"),
        ("csv", "text/csv"),
    ],
)
def test_the_network_can_be_saved(client, format_, kind):
    answer = client.get("/graph", params={"format": format_, "concept": "headache"})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith("attachment")


def test_a_network_around_nothing_suggests_names(client):
    answer = client.get("/graph", params={"concept": "thrombocyt"}, headers=HTML)
    assert answer.status_code == 400
    assert "Did you mean" in answer.text


def test_a_question_is_answered_as_a_table_or_as_data(client):
    path = "/queries/negated-claims"
    assert "No thrombosis occurred." in text_of(client.get(path, headers=HTML).text)
    assert "No thrombosis occurred." in client.get(path, params={"format": "csv"}).text
    rows = client.get(path, params={"object": "thrombosis"}, headers={"Accept": "application/json"}).json()
    assert len(rows["results"]["bindings"]) == 1


@pytest.mark.parametrize("parameters", [{"object": "wobblitis"}, {"unknown": "x"}])
def test_a_question_with_a_wrong_parameter_says_what_is_wrong(client, parameters):
    page = client.get("/queries/negated-claims", params=parameters, headers=HTML)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    machine = client.get("/queries/negated-claims", params=parameters, headers={"Accept": "application/json"})
    assert machine.status_code == 400


def test_the_server_says_that_it_is_ready(client):
    assert client.get("/health").json()["status"] == "ready"
    assert client.get("/health/live").status_code == 200


def test_the_interface_is_described(client):
    assert {"/sparql", "/search", "/queries/{name}"} <= set(client.get("/openapi.json").json()["paths"])


def test_an_empty_graph_says_how_to_fill_it(tmp_path):
    store = open_store(tmp_path / "empty", create=True, prefixes=prefixes(MINTER))
    with store, run.running(create_app(store, MINTER, load())) as url:
        assert "ivigraph ingest" in httpx.get(url, headers=HTML).text
        for path in ("graph", "queries/negated-claims", "id/concept/HP:0002315", "claims", "search?q=headache"):
            assert httpx.get(url + path, headers=HTML).status_code == 200


def test_a_new_generation_is_seen_at_once(reports, tmp_path):
    store = open_store(
        tmp_path / "growing", create=True, prefixes=prefixes(MINTER), derive=catalogue.derivation(MINTER)
    )
    with store, run.running(create_app(store, MINTER, load())) as url:
        before = httpx.get(f"{url}sparql", params={"query": COUNT})
        with store.writer() as writer:
            writer.replace_graph(MINTER.document_graph("pmid:900001"), rdf.graph(reports[0], MINTER))
        headers = {"If-None-Match": before.headers["etag"]}
        after = httpx.get(f"{url}sparql", params={"query": COUNT}, headers=headers)
    assert after.status_code == 200
    assert after.json()["results"]["bindings"][0]["n"]["value"] == "4"


def test_who_turns_a_page_while_the_graph_changes_is_told(reports, tmp_path):
    store = open_store(tmp_path / "turned", create=True, prefixes=prefixes(MINTER), derive=catalogue.derivation(MINTER))
    with (
        store,
        run.running(create_app(store, MINTER, load())) as url,
        httpx.Client(base_url=url, headers=HTML) as reader,
    ):
        for generation, report in enumerate(reports[:2], 1):
            with store.writer() as writer:
                writer.replace_graph(MINTER.document_graph(report.document.id), rdf.graph(report, MINTER))
            for path in ("/claims?page=2", "/browse/event?page=2", "/id/concept/ivo:IVIG?section=causes&page=2"):
                told = [
                    "The graph has changed" in text_of(reader.get(f"{path}&generation={began}").text)
                    for began in (generation, generation - 1)
                ]
                assert told == [False, True], path


def test_a_query_that_takes_too_long_is_a_page_that_says_what_to_do(client):
    answer = client.get("/sparql", params={"query": SLOW, "timeout": "0.3"}, headers=HTML)
    assert answer.status_code == 504
    page = text_of(answer.text)
    assert "took longer than" in page
    assert "LIMIT" in page


# Small parts.


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "text/html"),
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("text/*;q=0.5, text/turtle", "text/turtle"),
        ("text/html;q=0, */*", "text/turtle"),
        ("text/turtle;q=0.9, text/html;q=0.9", "text/html"),
        ("TEXT/Turtle; Q=1", "text/turtle"),
        ("text/turtle;q=nonsense", None),
        ("image/png", None),
    ],
)
def test_the_representation_is_the_one_with_the_best_quality(accept, chosen):
    assert choose(accept, ("text/html", "text/turtle")) == chosen


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: Span(min(p), max(p), "x")))


@given(st.text(max_size=50), SPANS, SPANS)
def test_marking_never_changes_the_text(text, sentences, names):
    pieces = [piece.text for stretch in stretches(text, sentences, names) for piece in stretch.pieces]
    assert "".join(pieces) == text


def test_a_name_across_the_end_of_a_sentence_is_cut_there():
    found = stretches("abcdef", [Span(0, 3, "sentence")], [Span(2, 5, "name")])
    assert [(s.sentence is not None, [p.text for p in s.pieces]) for s in found] == [
        (True, ["ab", "c"]),
        (False, ["de", "f"]),
    ]


def test_a_window_is_cut_between_words():
    text = "one two three four five six"
    begin, end = window(text, text.index("four"), text.index("four") + 4, 7)
    assert text[begin:end] == "three four five"


@pytest.mark.parametrize(
    ("parameters", "left"),
    [
        ({"concept": "headache"}, 3),
        ({"concept": "headache", "design": "case series"}, 1),
        ({"event": "headache", "product": "Octagam"}, 1),
        ({"disease": "dermatomyositis"}, 4),
        ({"event": "headache", "since": "2020", "until": "2021"}, 1),
        ({"outcome": "recovered"}, 1),
        ({"certainty": "possible"}, 1),
    ],
)
def test_filters_leave_the_same_claims_on_the_page_and_in_every_file(client, parameters, left):
    content = client.get("/claims", params={**parameters, "format": "json"}).json()
    assert content["total"] == len(content["claims"]) == left
    rows = list(csv.DictReader(io.StringIO(client.get("/claims", params={**parameters, "format": "csv"}).text)))
    assert [row["claim"] for row in rows] == [claim["claim"] for claim in content["claims"]]
    graph = Graph().parse(data=client.get("/claims", params={**parameters, "format": "turtle"}).text, format="turtle")
    written = set(graph.subjects(RDF.type, URIRef(f"{ONTOLOGY}Claim")))
    assert {str(claim) for claim in written} == {row["claim"] for row in rows}
    page = client.get("/claims", params=parameters, headers=HTML).text
    assert all(MINTER.page(row["claim"]) in page for row in rows)


@pytest.mark.parametrize(
    "parameters", [{"design": "poem"}, {"since": "soon"}, {"sort": "taste"}, {"event": "wobblitis"}, {"page": "0"}]
)
def test_a_filter_of_a_concept_that_makes_no_sense_says_what_would_do(client, parameters):
    answer = client.get("/id/concept/ivo:IVIG", params=parameters, headers=HTML)
    assert answer.status_code == 400
    assert "What to do" in answer.text


def test_a_page_beyond_the_end_is_the_last_one_and_tells_that_the_graph_has_changed(client):
    parameters = {"section": "causes", "page": 99, "generation": 12345}
    page = text_of(client.get("/id/concept/ivo:IVIG", params=parameters, headers=HTML).text)
    assert "The graph has changed" in page
    assert "headache" in page


def test_suggestions_name_what_begins_with_the_text_and_where_it_leads(client):
    hits = client.get("/suggest", params={"q": "thrombocyt"}).json()["hits"]
    assert ("thrombocytopenia", "event", "/id/concept/HP:0001873") in {
        (hit["label"], hit["kind"], hit["page"]) for hit in hits
    }
    assert client.get("/suggest", params={"q": "  "}).json() == {"hits": []}


@pytest.mark.parametrize("kind", ["disease", "event", "product", "mechanism", "document"])
def test_everything_of_a_kind_can_be_looked_through(client, kind):
    page = client.get(f"/browse/{kind}", headers=HTML)
    assert page.status_code == 200
    assert "/id/" in page.text
    assert client.get("/browse/poems", headers=HTML).status_code == 404
