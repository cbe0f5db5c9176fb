"""Networks of derived edges: rows -> networkx graph -> pyvis picture, stand-alone HTML, GraphML or JSON.

The rows are those of the query `network-edges`: subject, object and relation with their labels and kinds, and the
counts of claims, negated claims, documents and patients.
"""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx
from jinja2 import Environment, FileSystemLoader
from rdflib.term import Identifier, Literal

from ivigraph.visualizations.assets import vis_network

if TYPE_CHECKING:
    from pyvis.network import Network

MOST_NODES = 300
"""More than these nobody can read, and the layout begins to stutter."""

TEMPLATES = Path(__file__).parent / "templates"
_LABEL_LENGTH = 60
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of node is drawn: by shape as well as by colour, so that neither is needed alone."""

    name: str
    shape: str
    colour: str


# Colours of Okabe and Ito (2008), which colour-blind people can tell apart; the first kind that a node has counts.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "ImmunoglobulinProduct": Look("immunoglobulin product", "hexagon", "#0072B2"),
        "Disease": Look("disease", "square", "#CC79A7"),
        "AdverseEvent": Look("adverse event or finding", "triangle", "#D55E00"),
        "Therapy": Look("other therapy", "diamond", "#009E73"),
        "Procedure": Look("procedure", "triangleDown", "#56B4E9"),
        "Mechanism": Look("mechanism of action", "star", "#E69F00"),
        "UnlinkedTerm": Look("name without a concept", "dot", "#8A8F98"),
    }
)
_UNKNOWN = "UnlinkedTerm"

# What an edge is called in the picture and in its exports, by the last part of its relation's IRI.
RELATIONS: Mapping[str, str] = MappingProxyType(
    {
        "has_adverse_event": "has adverse event",
        "treats_or_applied_or_studied_to_treat": "used to treat",
        "hasMechanism": "has mechanism",
        "contraindicated_in": "contraindicated in",
        "pharmacologically_interacts_with": "interacts with",
    }
)

Graph: TypeAlias = networkx.MultiDiGraph


def build(rows: Iterable[Mapping[str, Identifier]], *, most: int = MOST_NODES) -> Graph:
    """The network of the rows, cut to the `most` nodes with the best evidence.

    Node attributes: label, kind, degree, betweenness, community. Edge attributes: relation (IRI), says, claims,
    negated, documents, cases. `graph.graph["hidden"]` is the number of nodes left out.
    """
    graph = networkx.MultiDiGraph()
    for row in rows:
        for end in ("subject", "object"):
            _add_node(graph, row, end)
        counts = {name: _integer(row.get(name)) for name in ("claims", "negated", "documents", "cases")}
        relation = str(row["relation"])
        graph.add_edge(
            str(row["subject"]),
            str(row["object"]),
            key=relation,
            relation=relation,
            says=RELATIONS.get(_last(relation), _last(relation)),
            **counts,
        )
    kept = best_supported(graph, most)
    hidden = len(graph) - len(kept)
    graph.remove_nodes_from([node for node in graph if node not in kept])
    _measure(graph)
    graph.graph["hidden"] = hidden
    return graph


def best_supported(graph: Graph, most: int) -> set[str]:
    """The nodes of the best supported edges, as many as there is room for; an edge comes with both of its nodes."""
    kept: set[str] = set()
    edges = sorted(
        graph.edges(data=True),
        key=lambda edge: (-edge[2]["documents"], -edge[2]["claims"], -edge[2]["negated"], edge[0], edge[1]),
    )
    for start, end, _ in edges:
        if len(kept | {start, end}) <= most:
            kept |= {start, end}
    return kept


def to_pyvis(graph: Graph) -> Network:
    """The picture of a network; tooltips are plain text, which vis-network does not read as markup."""
    from pyvis.network import Network  # imported where it is used: it takes most of a second

    picture = Network(directed=True, height="100%", width="100%", cdn_resources="in_line")
    for node, data in graph.nodes(data=True):
        look = LOOKS[data["kind"]]
        picture.add_node(
            node,
            label=_shortened(data["label"]),
            title=_node_tooltip(data),
            shape=look.shape,
            color=look.colour,
            size=12 + 6 * min(data["degree"], 16) ** 0.5,
            font={"size": 17 + min(data["degree"], 8)},
            kind=data["kind"],
        )
    for start, end, data in graph.edges(data=True):
        absent = data["claims"] == 0
        picture.add_edge(
            start,
            end,
            id=edge_id(start, data["relation"], end),
            title=_edge_tooltip(graph.nodes[start]["label"], graph.nodes[end]["label"], data),
            width=1 + min(data["documents"] or data["negated"], 16) ** 0.5,
            dashes=absent,
            relation=data["relation"],
        )
    picture.set_options(json_module.dumps(_OPTIONS))
    return picture


def data(graph: Graph) -> dict[str, Any]:
    """What the served page draws: nodes, edges and options as pyvis gives them."""
    nodes, edges, _, _, _, options = to_pyvis(graph).get_network_data()
    return {
        "nodes": nodes,
        "edges": edges,
        "options": json_module.loads(options),
        "hidden": graph.graph["hidden"],
    }


def html(graph: Graph, *, title: str = "Network of claims") -> str:
    """A page of its own that opens without a server and without the internet: script and style are inside."""
    picture = to_pyvis(graph)
    picture.heading = title
    picture.templateEnv = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    picture.templateEnv.globals.update(
        vis=vis_network(),
        legend=legend(graph),
        hidden=graph.graph["hidden"],
        table=list(table(graph)),
    )
    picture.path = "network.html"
    page: str = picture.generate_html()
    return page


def graphml(graph: Graph) -> str:
    """GraphML, for Gephi, Cytoscape and yEd."""
    text = "\n".join(networkx.generate_graphml(graph, named_key_ids=True)) + "\n"
    return _FORBIDDEN_IN_XML.sub("", text)


def json(graph: Graph) -> str:
    """The node-link JSON of networkx, which D3 and Cytoscape read too."""
    return json_module.dumps(networkx.node_link_data(graph, edges="edges"), indent=2, ensure_ascii=False) + "\n"


def table(graph: Graph) -> Iterator[dict[str, Any]]:
    """The same content for people who read rather than look: an edge a line, the best supported first."""
    rows = [
        {
            **data,
            "subject": start,
            "subject_label": graph.nodes[start]["label"],
            "object": end,
            "object_label": graph.nodes[end]["label"],
            "id": edge_id(start, data["relation"], end),
        }
        for start, end, data in graph.edges(data=True)
    ]
    return iter(
        sorted(
            rows,
            key=lambda row: (
                -row["documents"],
                -row["claims"],
                -row["negated"],
                row["subject_label"],
                row["object_label"],
            ),
        )
    )


def legend(graph: Graph) -> list[tuple[Look, int]]:
    """The kinds of node in the graph with how many there are of each."""
    kinds = [data["kind"] for _, data in graph.nodes(data=True)]
    return [(look, kinds.count(kind)) for kind, look in LOOKS.items() if kind in kinds]


def edge_id(start: str, relation: str, end: str) -> str:
    return f"{start} {relation} {end}"


def _add_node(graph: Graph, row: Mapping[str, Identifier], end: str) -> None:
    node = str(row[end])
    kinds = {_last(str(row[f"{end}Kind"]))} if f"{end}Kind" in row else set()
    if node in graph:
        kinds.add(graph.nodes[node]["kind"])
    # A row for each kind may come in any order: the kind that stands first among the looks is kept.
    kind = next((kind for kind in LOOKS if kind in kinds), _UNKNOWN)
    graph.add_node(node, label=str(row.get(f"{end}Label", node)), kind=kind)


def _measure(graph: Graph) -> None:
    """How connected, how much in between, and in which group a node is; by networkx, without direction."""
    plain = networkx.Graph(graph)
    betweenness = networkx.betweenness_centrality(plain)
    groups = networkx.community.greedy_modularity_communities(plain) if plain.number_of_edges() else []
    community = {node: number for number, group in enumerate(groups, start=1) for node in group}
    for node, attributes in graph.nodes(data=True):
        attributes["degree"] = plain.degree[node]
        attributes["betweenness"] = round(betweenness[node], 6)
        attributes["community"] = community.get(node, 0)


def _integer(term: Identifier | None) -> int:
    return int(term.toPython()) if isinstance(term, Literal) else 0


def _last(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def _shortened(label: str) -> str:
    return label if len(label) <= _LABEL_LENGTH else label[: _LABEL_LENGTH - 1].rstrip() + "…"


def _node_tooltip(data: Mapping[str, Any]) -> str:
    return f"{data['label']}\n{LOOKS[data['kind']].name}, {plural(data['degree'], 'neighbour')}"


def _edge_tooltip(start: str, end: str, data: Mapping[str, Any]) -> str:
    lines = [f"{start} – {data['says']} – {end}"]
    if data["claims"]:
        lines.append(f"{plural(data['claims'], 'claim')} in {plural(data['documents'], 'document')}")
    if data["cases"]:
        lines.append(plural(data["cases"], "patient"))
    if data["negated"]:
        lines.append(f"explicitly absent: {plural(data['negated'], 'claim')}")
    return "\n".join(lines)


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# The layout settles before it is shown and physics ends with it (the page switches it off), so that nothing moves by
# itself; a dragged node stays where it is put.
_OPTIONS: dict[str, Any] = {
    "layout": {"randomSeed": 7, "improvedLayout": True},
    "physics": {
        "solver": "forceAtlas2Based",
        "forceAtlas2Based": {
            "gravitationalConstant": -90,
            "centralGravity": 0.014,
            "springLength": 120,
            "springConstant": 0.07,
            "avoidOverlap": 0.8,
        },
        "stabilization": {"iterations": 250, "fit": True},
    },
    "nodes": {
        "borderWidth": 1,
        "widthConstraint": {"maximum": 240},
        "font": {"face": "system-ui, sans-serif", "strokeWidth": 4},
    },
    "edges": {
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}},
        "smooth": {"enabled": True, "type": "continuous"},
        "color": {"color": "#8a94a3", "highlight": "#d55e00", "hover": "#d55e00", "inherit": False},
        "selectionWidth": 2,
    },
    "interaction": {"hover": True, "keyboard": {"enabled": True, "bindToWindow": False}, "tooltipDelay": 150},
}
