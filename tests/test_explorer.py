"""The network explorer over HTTP: what an address shows, and what it refuses."""

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import httpx
import pytest

from ivigraph.ingest import rdf
from ivigraph.model import Related, Relation
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server import run
from ivigraph.server.app import create_app
from ivigraph.server.edges import Edges, Studies
from ivigraph.server.graph_state import Expansion, Names, State
from ivigraph.server.neighbourhood import Explorer
from ivigraph.store import open_store

HTML = {"Accept": "text/html"}
IVIG, HEADACHE, PLATELETS = "ivo:IVIG", "HP:0002315", "HP:0001873"


@pytest.fixture(scope="module")
def client(filled):
    with run.running(create_app(filled, Minter(), load())) as url, httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def explorer(filled):
    return Explorer(filled, load(), Minter())


def test_a_retracted_document_counts_in_no_edge_whether_studies_are_chosen_or_not(reports, tmp_path):
    kept, *withdrawn = reports
    notice = (Related(relation=Relation.RETRACTED_BY, id="pmid:1"),)
    withdrawn = [replace(report, document=replace(report.document, related=notice)) for report in withdrawn]
    minter, counted = Minter(), {}
    for name, documents in (("all", [kept, *withdrawn]), ("kept", [kept])):
        derive = catalogue.derivation(minter)
        with open_store(tmp_path / name, create=True, prefixes=prefixes(minter), derive=derive) as store:
            with store.writer() as writer:
                for report in documents:
                    writer.replace_graph(minter.document_graph(report.document.id), rdf.graph(report, minter))
            edges = Edges(store, load(), minter)
            counted[name] = [edges.index(studies).edges for studies in (Studies(), Studies(since=1900))]
    assert counted["all"] == counted["kept"]
    assert counted["kept"][0]


def drawn(client, **parameters):
    """The ids of the nodes that are seen, and the edges between them."""
    page = client.get("/graph", params=parameters, headers=HTML)
    assert page.status_code == 200, page.text
    data = json.loads(re.search(r"id=\"network-data\">(.*?)</script>", page.text, re.DOTALL)[1])
    nodes = {node["id"] for node in data["nodes"] if not node.get("hidden")}
    return nodes, {edge["id"] for edge in data["edges"] if {edge["from"], edge["to"]} <= nodes}


def places(client, **parameters):
    page = client.get("/graph", params=parameters, headers=HTML).text
    data = json.loads(re.search(r"id=\"network-data\">(.*?)</script>", page, re.DOTALL)[1])
    return {node["id"]: (node["x"], node["y"]) for node in data["nodes"]}


def test_it_starts_from_a_concept_and_what_was_reported_in_patients_with_it(client):
    nodes, edges = drawn(client, concept="dermatomyositis")
    assert "ivo:Octagam~treats~MONDO:0016367" in edges
    assert "ivo:Octagam~causes~HP:0002315" in edges
    assert "MONDO:0012727" not in nodes


def test_it_starts_from_several_concepts_from_a_search_and_from_a_question(client):
    both, _ = drawn(client, concept=["headache", "hemolysis"])
    assert {HEADACHE, "ivo:Hemolysis", IVIG} <= both
    found, _ = drawn(client, q="thrombo")
    assert PLATELETS in found
    answered, edges = drawn(client, query="negated-claims")
    assert PLATELETS in answered
    assert HEADACHE not in answered
    assert edges


def test_a_question_may_have_parameters(client):
    nodes, _ = drawn(client, **{"query": "adverse-event-sentences", "query.event": "headache"})
    assert HEADACHE in nodes
    assert PLATELETS not in nodes


def test_expanding_a_node_adds_its_neighbours_and_moves_nothing(client):
    before, after = places(client, concept="hemolysis"), places(client, concept="hemolysis", expand=IVIG)
    assert set(before) < set(after)
    assert HEADACHE in after
    assert {node: after[node] for node in before} == before


def test_a_node_may_be_expanded_by_one_kind_only(client):
    nodes, _ = drawn(client, concept="hemolysis", expand=f"{IVIG}~Mechanism")
    assert len(nodes) == 3
    assert HEADACHE not in nodes


def test_the_same_address_gives_the_same_picture_on_another_server(client, filled):
    with run.running(create_app(filled, Minter(), load())) as url, httpx.Client(base_url=url, timeout=60) as other:
        state = {"concept": "hemolysis", "expand": [IVIG, "ivo:Octagam"]}
        assert places(other, **state) == places(client, **state)


def test_what_is_hidden_is_not_drawn_and_does_not_move_the_rest(client):
    nodes, _ = drawn(client, hide=HEADACHE)
    assert HEADACHE not in nodes
    assert places(client, hide=HEADACHE) == places(client)


def test_folding_a_node_puts_away_what_hangs_on_it_alone(client):
    nodes, _ = drawn(client, fold=IVIG)
    assert {IVIG, "ivo:Octagam", HEADACHE} <= nodes  # Octagam had headache, too
    assert "ivo:Hemolysis" not in nodes


def test_a_pinned_node_stands_where_it_was_put(client):
    assert places(client, pin=f"{HEADACHE}~-120~45")[HEADACHE] == (-120, 45)


@pytest.mark.parametrize(
    ("filters", "inside", "outside"),
    [
        ({"kind": ["ImmunoglobulinProduct", "AdverseEvent"]}, HEADACHE, "MONDO:0016367"),
        ({"design": "CaseReport"}, "MONDO:0016367", "MONDO:0012727"),
        ({"since": "2020"}, "MONDO:0012727", "MONDO:0016367"),
        ({"until": "2019"}, "MONDO:0016367", "MONDO:0012727"),
        ({"least": "2"}, HEADACHE, "ivo:Hemolysis"),
        ({"absent": "without"}, HEADACHE, "MONDO:0000831"),
        ({"absent": "only"}, "MONDO:0000831", HEADACHE),
        ({"relation": "treats"}, "MONDO:0016367", HEADACHE),
    ],
)
def test_a_filter_keeps_what_fits(client, filters, inside, outside):
    nodes, _ = drawn(client, **filters)
    assert inside in nodes
    assert outside not in nodes


def test_counts_are_those_within_the_filters(explorer):
    def headache(studies):
        (edge,) = [e for e in explorer.edges.index(studies).at(f"{Minter().base}ontology#IVIG") if "2315" in e.object]
        return edge.claims, edge.documents

    assert headache(Studies()) == (2, 2)
    assert headache(Studies(designs=("Review",))) == (1, 1)
    assert headache(Studies(since=2021, until=2021)) == (1, 1)


def test_all_designs_together_count_what_the_derived_edges_count(explorer, filled):
    every = Studies(designs=("CaseReport", "CaseSeries", "Trial", "Cohort", "Review", "Education", "OtherDocument"))
    assert set(explorer.edges.index(every).edges) == set(explorer.edges.index(Studies()).edges)


def test_the_shortest_path_between_two_goes_over_affirmed_claims(client):
    nodes, edges = drawn(client, **{"from": "dermatomyositis", "to": "headache"})
    assert nodes == {"MONDO:0016367", "ivo:Octagam", HEADACHE}
    assert len(edges) == 2
    ways = client.get("/graph/paths", params={"from": "dermatomyositis", "to": "headache"}).json()["paths"]
    assert [[node["label"] for node in way] for way in ways] == [["dermatomyositis", "Octagam", "headache"]]
    # Thrombosis was only reported as absent.
    assert client.get("/graph/paths", params={"from": "IVIG", "to": "thrombosis"}).json() == {"paths": []}
    page = client.get("/graph", params={"from": "IVIG", "to": "thrombosis"}, headers=HTML)
    assert page.status_code == 200
    assert "No chain of affirmed claims leads from IVIG to thrombosis" in page.text


def test_the_panel_counts_neighbours_by_kind_before_they_are_expanded(client):
    page = client.get("/graph", params={"concept": "hemolysis", "node": IVIG}, headers=HTML).text
    assert re.search(r"adverse events and findings</span><span>1 of 4", page)
    answer = client.get("/graph/neighbours", params={"of": "IVIG", "limit": 1}).json()
    assert answer["kinds"]["AdverseEvent"] == 4
    assert answer["total"] == sum(answer["kinds"].values())
    assert [neighbour["label"] for neighbour in answer["neighbours"]] == ["headache"]


def test_the_panel_of_an_edge_holds_its_sentences_within_the_filters(client):
    edge = f"{IVIG}~causes~{HEADACHE}"
    page = client.get("/graph", params={"edge": edge}, headers=HTML).text
    assert "After IVIG, headache is common." in page
    assert "19 (30.6%) had headache" in page
    page = client.get("/graph", params={"edge": edge, "design": "Review"}, headers=HTML).text
    assert "19 (30.6%) had headache" not in page


def test_the_table_is_sorted_by_any_column_without_a_script(client):
    page = client.get("/graph", params={"sort": "object"}, headers=HTML).text
    objects = re.findall(r'<td>[^<]*</td><td><a href="[^"]*">([^<]*)</a></td>', page)
    assert objects == sorted(objects, key=str.casefold)
    assert 'aria-sort="ascending"' in page


def test_every_file_holds_what_is_seen_and_no_more(client):
    state = {"concept": "hemolysis", "expand": IVIG, "hide": HEADACHE}
    nodes, edges = drawn(client, **state)
    content = client.get("/graph", params={**state, "format": "json"}).json()
    assert (len(content["nodes"]), len(content["edges"])) == (len(nodes), len(edges))
    rows = list(csv.reader(io.StringIO(client.get("/graph", params={**state, "format": "csv"}).text)))
    assert len(rows) == len(edges) + 1
    drawing = client.get("/graph", params={**state, "format": "svg"})
    assert len([g for g in ElementTree.fromstring(drawing.text).iter() if g.get("class") == "edge"]) == len(edges)
    assert "script-src" not in drawing.headers["content-security-policy"]


def test_measures_are_explained_and_given_as_data(client):
    assert "betweenness centrality" in client.get("/graph/measures", headers=HTML).text
    nodes = client.get("/graph/measures", headers={"Accept": "application/json"}).json()["nodes"]
    assert nodes[0]["label"] == "intravenous immunoglobulin"
    assert nodes[0]["betweenness"] > 0.5


@pytest.mark.parametrize(
    "parameters",
    [
        {"kind": "Wizard"},
        {"design": "Opinion"},
        {"since": "soon"},
        {"sort": "beauty"},
        {"absent": "maybe"},
        {"relation": "likes"},
        {"expand": "nowhere:1"},
        {"hide": "x y"},
        {"pin": "ivo:IVIG~here"},
        {"edge": "ivo:IVIG"},
        {"node": "http://e/<x>"},
        {"most": "301"},
        {"expand": ["ivo:IVIG"] * 61},
        {"query": "no-such-question"},
        {"concept": "wobblitis"},
        {"format": "gif"},
    ],
)
def test_an_address_that_makes_no_sense_says_what_to_do(client, parameters):
    page = client.get("/graph", params=parameters, headers=HTML)
    assert page.status_code == 400
    assert 'role="alert"' in page.text or "<h1>" in page.text
    machine = client.get("/graph", params={**parameters, **({} if "format" in parameters else {"format": "json"})})
    assert machine.json()["detail"]


def test_a_node_that_no_document_names_is_shown_with_no_neighbours(client):
    page = client.get("/graph", params={"node": "HP:0000708"}, headers=HTML)
    assert page.status_code == 200
    assert "0 of 0 neighbours shown" in page.text


def test_a_filter_that_nothing_fits_says_so(client):
    page = client.get("/graph", params={"since": "2090"}, headers=HTML)
    assert page.status_code == 200
    assert "Nothing to draw" in page.text


def test_a_state_and_its_address_say_the_same():
    state = State(
        concepts=(f"{Minter().base}id/term/condition/a%20b", "headache"),
        kinds=("Disease",),
        studies=Studies(("Review",), 1990, None),
        least=2,
        expanded=(Expansion("http://purl.obolibrary.org/obo/HP_0002315", "Disease"),),
        pinned=(("http://purl.obolibrary.org/obo/HP_0002315", -3, 4),),
        edge=("http://e/~a", "https://w3id.org/biolink/vocab/has_adverse_event", "http://e/b"),
    )
    names = Names(Minter())
    assert names.address(state) == (
        "/graph?concept=id/term/condition/a%2520b&concept=headache&kind=Disease&design=Review&since=1990&least=2"
        "&expand=HP:0002315~Disease&pin=HP:0002315~-3~4&edge=http://e/~a~causes~http://e/b"
    )
    assert names.edge("http://e/~a~causes~http://e/b") == state.edge


def test_the_edges_of_the_explorer_are_the_derived_ones(filled, explorer):
    asked = filled.select("""SELECT ?from ?relation ?to ?c ?n ?d ?p { ?e a ivo:Edge ; ivo:from ?from ;
        ivo:relation ?relation ; ivo:to ?to ; ivo:claimCount ?c ; ivo:negatedCount ?n ; ivo:documentCount ?d ;
        ivo:caseCount ?p }""")
    derived = {
        (*(str(row[end]) for end in ("from", "relation", "to")), *(int(str(row[count])) for count in "cndp"))
        for row in asked
    }
    assert {tuple(edge) for edge in explorer.edges.index(Studies()).edges} == derived
    every = Studies(since=1000, until=3000)
    assert {tuple(edge) for edge in explorer.edges.index(every).edges} == derived
