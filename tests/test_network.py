import json
import re
from xml.etree import ElementTree

import networkx
import pytest
from rdflib import Literal, URIRef

from ivigraph.errors import IvigraphError
from ivigraph.namespaces import ONTOLOGY, VOCABULARIES
from ivigraph.queries import catalogue, relations
from ivigraph.visualizations import assets, drawing, network

CAUSES = VOCABULARIES["biolink"] + "has_adverse_event"
HOSTILE = "</script><script>alert('x')</script>"


def row(subject, object_, *, claims=1, negated=0, documents=1, cases=0, relation=CAUSES, label=None):
    return {
        "subject": URIRef(f"http://e/{subject}"),
        "subjectLabel": Literal(subject),
        "subjectKind": URIRef(f"{ONTOLOGY}ImmunoglobulinProduct"),
        "relation": URIRef(relation),
        "object": URIRef(f"http://e/{object_}"),
        "objectLabel": Literal(label or object_),
        "objectKind": URIRef(f"{ONTOLOGY}AdverseEvent"),
        "claims": Literal(claims),
        "negated": Literal(negated),
        "documents": Literal(documents),
        "cases": Literal(cases),
    }


def arranged(rows, **most):
    graph = network.build(rows, **most)
    drawing.arrange(graph)
    return graph


def star(leaves):
    return [row("ivig", f"event{n}", documents=n + 1) for n in range(leaves)]


def test_rows_become_a_graph_with_kinds_counts_and_measures():
    graph = network.build([row("ivig", "headache", claims=3, negated=1, documents=2, cases=1)])
    assert graph.nodes["http://e/headache"]["kind"] == "AdverseEvent"
    assert graph.nodes["http://e/ivig"]["degree"] == 1
    ((_, _, edge),) = graph.edges(data=True)
    assert (edge["claims"], edge["negated"], edge["documents"], edge["cases"]) == (3, 1, 2, 1)
    assert edge["says"] == "has adverse event"


def test_two_relations_between_two_nodes_are_two_edges():
    rows = [row("ivig", "pain"), row("ivig", "pain", relation=relations.BY_NAME["treats"].iri)]
    assert network.build(rows).number_of_edges() == 2


def test_a_node_without_a_known_kind_is_a_name_without_a_concept():
    bare = {name: value for name, value in row("ivig", "x").items() if name != "objectKind"}
    assert network.build([bare]).nodes["http://e/x"]["kind"] == "UnlinkedTerm"


def test_only_the_best_supported_nodes_are_kept_and_the_rest_is_counted():
    graph = network.build(star(20), most=6)
    assert len(graph) == 6
    assert graph.graph["hidden"] == 15
    assert "http://e/event19" in graph
    assert "http://e/event0" not in graph


def test_kinds_differ_by_shape_and_by_colour():
    looks = list(network.LOOKS.values())
    assert len({look.shape for look in looks}) == len({look.colour for look in looks}) == len(looks)


def test_every_kind_of_claim_has_a_name_in_the_picture():
    assert {iri.rsplit("#")[-1].rsplit("/")[-1] for iri in relations.BY_IRI} == set(network.RELATIONS)


def test_an_edge_without_an_affirmed_claim_is_dashed_and_says_so():
    graph = arranged([row("ivig", "rash", claims=0, negated=2, documents=0), row("ivig", "fever")])
    drawn = {edge["to"]: edge for edge in drawing.vis_edges(graph)}
    assert drawn["http://e/rash"]["dashes"]
    assert "explicitly absent: 2 claims" in drawn["http://e/rash"]["title"]
    assert "dashes" not in drawn["http://e/fever"]
    assert drawing.svg(graph).count("stroke-dasharray") == 2, "the edge, and the legend that explains it"


def test_more_documents_make_a_wider_edge():
    widths = [edge["width"] for edge in drawing.vis_edges(arranged(star(4)))]
    assert len(set(widths)) == 4


def test_the_page_loads_nothing_and_holds_no_markup_of_a_label():
    page = drawing.html(arranged([row("ivig", "x", label=HOSTILE)]))
    assert "vis.Network" in page
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)\s*=", page)
    assert not re.findall(r"@import|url\(\s*[\"']?(?!data:)[a-z]*:?//", page)
    assert HOSTILE not in page


def test_the_page_says_how_much_is_left_out():
    assert "15 more nodes with less evidence are left out" in drawing.html(arranged(star(20), most=6))


def test_the_page_shows_the_same_as_a_table():
    page = drawing.html(arranged([row("ivig", "headache")]))
    assert re.search(r"<td>ivig</td>\s*<td>has adverse event</td>\s*<td>headache</td>", page)


def test_graphml_and_json_are_read_back_with_all_that_they_hold():
    graph = network.build(star(3))
    ElementTree.fromstring(network.graphml(graph))
    again = networkx.parse_graphml(network.graphml(graph), force_multigraph=True)
    assert dict(again.nodes(data="label")) == dict(graph.nodes(data="label"))
    content = json.loads(network.json(graph))
    assert {edge["documents"] for edge in content["edges"]} == {1, 2, 3}


def test_a_label_that_xml_forbids_does_not_break_graphml():
    text = network.graphml(network.build([row("ivig", "x", label="bell \x07 & <b>")]))
    assert ElementTree.fromstring(text) is not None


def test_a_drawing_is_read_aloud_and_holds_a_hostile_label_as_text():
    drawn = ElementTree.fromstring(drawing.svg(arranged([row("ivig", "x", label=HOSTILE), row("ivig", "fever")])))
    svg = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{svg}title").text == "Network of claims"
    assert "3 nodes" in drawn.find(f"{svg}desc").text
    assert not list(drawn.iter(f"{svg}script"))
    assert HOSTILE in [title.text.split(" (")[0] for title in drawn.iter(f"{svg}title")]


def test_measures_say_who_is_in_between_and_who_belongs_together():
    graph = network.build(star(3))
    network.measure(graph)
    assert graph.nodes["http://e/ivig"]["betweenness"] == 1
    assert {data["community"] for _, data in graph.nodes(data=True)} == {1}


def test_a_spreadsheet_runs_no_label_as_a_formula():
    assert "\n'=1+1" in network.written(["label"], [["=1+1"]]).replace("\r", "")


def test_an_empty_answer_is_an_empty_network():
    graph = arranged([])
    assert (len(graph), graph.graph["hidden"]) == (0, 0)
    assert "0 nodes" in drawing.html(graph)
    ElementTree.fromstring(drawing.svg(graph))


def test_the_query_of_the_catalogue_gives_what_is_drawn(filled):
    graph = network.build(filled.select(catalogue.load()["network-edges"].bind({})))
    labels = set(dict(graph.nodes(data="label")).values())
    assert {"intravenous immunoglobulin", "Octagam", "headache", "dermatomyositis"} <= labels


def test_a_large_network_is_drawn_within_seconds():
    rows = [row(f"drug{n % 60}", f"event{n % 311}", documents=n % 7) for n in range(2000)]
    graph = arranged(rows, most=300)
    assert len(graph) == 300
    assert len(drawing.html(graph)) < 3_000_000


def test_a_missing_library_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(assets, "find_spec", lambda name: None)
    assets.vis_network.cache_clear()
    try:
        with pytest.raises(IvigraphError, match="vis-network is missing"):
            assets.vis_network()
    finally:
        assets.vis_network.cache_clear()
