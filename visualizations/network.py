"""Networks of derived edges: rows -> networkx graph -> table, GraphML, JSON or CSV; `drawing` makes the pictures.

The rows are those of the query `network-edges`: subject, object and relation with their labels and kinds, and the
counts of claims, negated claims, documents and patients.
"""

from __future__ import annotations

import csv as csv_module
import io
import json as json_module
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import networkx
from rdflib.term import Identifier, Literal

MOST_NODES = 300
"""More than these nobody can read."""

_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of node is drawn: by shape as well as by colour, so that neither is needed alone."""

    name: str
    plural: str
    shape: str
    colour: str


# Colours of Okabe and Ito (2008), which colour-blind people can tell apart; the first kind that a node has counts.
LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "ImmunoglobulinProduct": Look("immunoglobulin product", "immunoglobulin products", "hexagon", "#0072B2"),
        "Disease": Look("disease", "diseases", "square", "#CC79A7"),
        "AdverseEvent": Look("adverse event or finding", "adverse events and findings", "triangle", "#D55E00"),
        "Therapy": Look("other therapy", "other therapies", "diamond", "#009E73"),
        "Procedure": Look("procedure", "procedures", "triangleDown", "#56B4E9"),
        "Mechanism": Look("mechanism of action", "mechanisms of action", "star", "#E69F00"),
        "UnlinkedTerm": Look("name without a concept", "names without a concept", "dot", "#8A8F98"),
    }
)
UNKNOWN = "UnlinkedTerm"

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


class Node(NamedTuple):
    """`kind` is a key of LOOKS."""

    iri: str
    label: str
    kind: str


class Edge(NamedTuple):
    """The claims with the same subject, relation (an IRI) and object; documents and patients are of the affirmed."""

    subject: str
    relation: str
    object: str
    claims: int
    negated: int
    documents: int
    cases: int

    @property
    def rank(self) -> tuple[int | str, ...]:
        """Sorts the best supported edge first."""
        return (-self.documents, -self.claims, -self.negated, self.subject, self.object, self.relation)


def build(rows: Iterable[Mapping[str, Identifier]], *, most: int = MOST_NODES) -> Graph:
    """The network of the rows, cut to the `most` nodes with the best evidence."""
    nodes: dict[str, Node] = {}
    edges: dict[tuple[str, str, str], Edge] = {}
    for row in rows:
        for end in ("subject", "object"):
            node = _node(row, end, nodes.get(str(row[end])))
            nodes[node.iri] = node
        counts = (_integer(row.get(name)) for name in ("claims", "negated", "documents", "cases"))
        edge = Edge(str(row["subject"]), str(row["relation"]), str(row["object"]), *counts)
        edges[edge[:3]] = edge
    kept = best_supported(sorted(edges.values(), key=lambda edge: edge.rank), most)
    return assemble(
        [node for node in nodes.values() if node.iri in kept], edges.values(), left_out=len(nodes) - len(kept)
    )


def assemble(nodes: Iterable[Node], edges: Iterable[Edge], *, left_out: int = 0) -> Graph:
    """The network of these nodes and of the edges between them.

    Node attributes: label, kind, degree (neighbours in the network). Edge attributes: relation (IRI), says, claims,
    negated, documents, cases. `graph.graph["hidden"]` is the number of nodes left out.
    """
    graph = networkx.MultiDiGraph(hidden=left_out)
    for node in nodes:
        graph.add_node(node.iri, label=node.label, kind=node.kind)
    for edge in edges:
        if edge.subject in graph and edge.object in graph:
            graph.add_edge(
                edge.subject,
                edge.object,
                key=edge.relation,
                relation=edge.relation,
                says=RELATIONS.get(_last(edge.relation), _last(edge.relation)),
                claims=edge.claims,
                negated=edge.negated,
                documents=edge.documents,
                cases=edge.cases,
            )
    for node, data in graph.nodes(data=True):
        data["degree"] = len({*graph.predecessors(node), *graph.successors(node)} - {node})
    return graph


def best_supported(edges: Iterable[Edge], most: int, first: Sequence[str] = ()) -> dict[str, None]:
    """The nodes of edges that stand in the order of their rank, after those that come `first`, as many as there is
    room for; an edge comes with both of its nodes.
    """
    kept: dict[str, None] = dict.fromkeys(first[:most])
    for edge in edges:
        if len(kept) >= most:
            break
        new = {edge.subject, edge.object} - kept.keys()
        if len(kept) + len(new) <= most:
            kept.update(dict.fromkeys((edge.subject, edge.object)))
    return kept


def measure(graph: Graph) -> None:
    """Adds what networkx computes, without direction: `betweenness` (0 to 1) and `community` (from 1, 0 for none)."""
    plain = networkx.Graph(graph)
    betweenness = networkx.betweenness_centrality(plain)
    groups = networkx.community.greedy_modularity_communities(plain) if plain.number_of_edges() else []
    community = {node: number for number, group in enumerate(groups, start=1) for node in group}
    for node, attributes in graph.nodes(data=True):
        attributes["betweenness"] = round(betweenness[node], 6)
        attributes["community"] = community.get(node, 0)


def graphml(graph: Graph) -> str:
    """GraphML, for Gephi, Cytoscape and yEd."""
    text = "\n".join(networkx.generate_graphml(graph, named_key_ids=True)) + "\n"
    return _FORBIDDEN_IN_XML.sub("", text)


def json(graph: Graph) -> str:
    """The node-link JSON of networkx, which D3 and Cytoscape read too."""
    return json_module.dumps(networkx.node_link_data(graph, edges="edges"), indent=2, ensure_ascii=False) + "\n"


_COLUMNS = ("subject", "subject_label", "relation", "says", "object", "object_label", "claims", "negated",
            "documents", "cases")  # fmt: skip


def csv(graph: Graph) -> str:
    """An edge a line, the best supported first."""
    return written(_COLUMNS, ([row[name] for name in _COLUMNS] for row in table(graph)))


def written(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV (RFC 4180). What a spreadsheet would run as a formula is kept from it by an apostrophe."""
    out = io.StringIO()
    writer = csv_module.writer(out)
    writer.writerow(heading)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def table(graph: Graph) -> Iterator[dict[str, Any]]:
    """The same content for people who read rather than look: an edge a line, the best supported first."""
    rows = [
        {
            **data,
            "subject": start,
            "subject_label": graph.nodes[start]["label"],
            "object": end,
            "object_label": graph.nodes[end]["label"],
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


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _node(row: Mapping[str, Identifier], end: str, known: Node | None) -> Node:
    kinds = {_last(str(row[f"{end}Kind"]))} if f"{end}Kind" in row else set()
    if known is not None:
        kinds.add(known.kind)
    # A row for each kind may come in any order: the kind that stands first among the looks is kept.
    kind = next((kind for kind in LOOKS if kind in kinds), UNKNOWN)
    return Node(str(row[end]), str(row.get(f"{end}Label", row[end])), kind)


def _integer(term: Identifier | None) -> int:
    return int(term.toPython()) if isinstance(term, Literal) else 0


def _last(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
