"""All edges of a generation, in memory: who is next to whom, how well it is borne out, and what lies between.

They are counted from the rows of the claims, once a generation; unfiltered they are the derived edges of the graph.
For study designs and years they are counted by design and year, so that every choice of them is a sum.
"""

from __future__ import annotations

import csv
import io
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, pairwise
from typing import TypeAlias

import networkx

from ivigraph.namespaces import ONTOLOGY, Minter, expand
from ivigraph.ontology.vocabulary import Kind, Vocabulary
from ivigraph.queries import catalogue
from ivigraph.store import Among, ClaimRow, Store
from ivigraph.visualizations.network import LOOKS, UNKNOWN, Edge, Node

_Ends: TypeAlias = tuple[str, str, str]

_MOST_PATHS = 200  # looked at; there can be thousands through a hub

_KINDS: Mapping[Kind, str] = {
    Kind.DISEASE: "Disease",
    Kind.EVENT: "AdverseEvent",
    Kind.PRODUCT: "ImmunoglobulinProduct",
    Kind.THERAPY: "Therapy",
    Kind.MECHANISM: "Mechanism",
    Kind.PROCEDURE: "Procedure",
}


@dataclass(frozen=True, slots=True)
class Studies:
    """Only documents of these designs (names of `ivo:documentType`, such as CaseReport), of these years."""

    designs: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        return bool(self.designs or self.since is not None or self.until is not None)

    def hold(self, design: str, year: int | None) -> bool:
        if self.designs and design not in self.designs:
            return False
        if self.since is None and self.until is None:
            return True
        return year is not None and (self.since or 0) <= year <= (self.until or 9999)

    def pattern(self, document: str = "?source") -> str:
        """The same as a graph pattern about the variable of a document."""
        lines = []
        if self.designs:
            lines.append(f"VALUES ?design {{ {' '.join(f'<{ONTOLOGY}{name}>' for name in self.designs)} }}")
            lines.append(f"{document} ivo:documentType ?design .")
        if self.since is not None or self.until is not None:
            lines.append(
                f"{document} ivo:year ?year FILTER(?year >= {self.since or 0} && ?year <= {self.until or 9999})"
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Index:
    """Edges, the best supported first."""

    edges: Sequence[Edge]

    @cached_property
    def _at(self) -> Mapping[str, Sequence[Edge]]:
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.subject].append(edge)
            if edge.object != edge.subject:
                found[edge.object].append(edge)
        return found

    def at(self, node: str) -> Sequence[Edge]:
        """The edges from and to a node, the best supported first."""
        return self._at.get(node, ())

    def among(self, nodes: Iterable[str]) -> list[Edge]:
        """The edges between these nodes."""
        wanted = dict.fromkeys(nodes)
        return [edge for node in wanted for edge in self.at(node) if edge.subject == node and edge.object in wanted]

    @cached_property
    def _affirmed(self) -> networkx.Graph:
        graph = networkx.Graph()
        for edge in self.edges:
            if edge.claims and (edge.documents > graph.get_edge_data(edge.subject, edge.object, {"n": 0})["n"]):
                graph.add_edge(edge.subject, edge.object, n=edge.documents)
        return graph

    def paths(self, start: str, end: str, most: int) -> list[Sequence[str]]:
        """The shortest ways from one node to another over affirmed claims, best borne out in its weakest link first."""
        graph = self._affirmed
        if start not in graph or end not in graph or not networkx.has_path(graph, start, end):
            return []
        ways = islice(networkx.all_shortest_paths(graph, start, end), _MOST_PATHS)
        return sorted(ways, key=lambda way: -min((graph[a][b]["n"] for a, b in pairwise(way)), default=0))[:most]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the rows of all claims come to, but for those of retracted documents.

    `studies` are the edges of each study design and year apart, `in_patients` those reported in patients with a
    disease, `of_documents` the claims that each document makes.
    """

    edges: Sequence[Edge]
    studies: Sequence[tuple[Edge, str, int | None]]
    in_patients: Mapping[str, Set[_Ends]]
    of_documents: Mapping[str, int]
    claims: int
    denied: int


@dataclass
class _Loaded:
    """What was read of one generation so far."""

    generation: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    indices: dict[tuple[object, ...], Index] = field(default_factory=dict)
    counted: Counted | None = None
    kinds: Mapping[str, str] | None = None
    nodes: dict[str, Node] = field(default_factory=dict)


class Edges:
    """The edges of the newest generation of a store; each is read once. Safe to use from many threads."""

    def __init__(self, store: Store, vocabulary: Vocabulary, minter: Minter) -> None:
        self._store = store
        self._terms = f"{minter.base}id/term/"
        self._known = {
            expand(concept.id): Node(expand(concept.id), concept.label, _KINDS[concept.kind])
            for concept in vocabulary.concepts.values()
        }
        self._loaded = _Loaded(-1)

    def index(self, studies: Studies, relation: str | None = None, *, least: int = 0) -> Index:
        """The edges with at least this many documents; those without an affirmed claim only where `least` is 0."""
        loaded = self._newest()
        key = (studies, relation, least)
        with loaded.lock:
            if key not in loaded.indices:
                if len(loaded.indices) > 16:
                    loaded.indices.clear()
                edges = self._edges(loaded, studies)
                kept = (e for e in edges if e.documents >= least and relation in (None, e.relation))
                loaded.indices[key] = Index(sorted(kept, key=lambda edge: edge.rank))
            return loaded.indices[key]

    def nodes(self, iris: Iterable[str]) -> dict[str, Node]:
        """What is known of each, in the order given: the vocabulary first, then what documents call it."""
        wanted = list(dict.fromkeys(iris))
        loaded = self._newest()
        unknown = [iri for iri in wanted if iri not in self._known and iri not in loaded.nodes]
        if unknown:
            loaded.nodes.update(self._described(unknown))
        return {iri: self._known.get(iri) or loaded.nodes[iri] for iri in wanted}

    def kind(self, iri: str) -> str:
        """The kind of a node; what has no concept here is asked for once a generation, all together."""
        if (known := self._known.get(iri)) is not None:
            return known.kind
        if iri.startswith(self._terms):
            return UNKNOWN
        loaded = self._newest()
        with loaded.lock:
            if loaded.kinds is None:
                types = " ".join(f"<{ONTOLOGY}{kind}>" for kind in LOOKS if kind != UNKNOWN)
                rows = self._rows(f"SELECT DISTINCT ?thing ?type {{ VALUES ?type {{ {types} }} ?thing a ?type }}")
                typed = sorted(rows, key=lambda row: -list(LOOKS).index(row[1].rpartition("#")[2]))
                loaded.kinds = {thing: type_.rpartition("#")[2] for thing, type_ in typed}  # the first kind wins
        return loaded.kinds.get(iri, UNKNOWN)

    def in_patients_with(self, diseases: Iterable[str]) -> set[_Ends]:
        """The edges, by their ends and relation, that were reported in patients with one of these diseases."""
        found = self.counted().in_patients
        return {ends for disease in diseases for ends in found.get(disease, ())}

    def counted(self) -> Counted:
        """What all claims of the newest generation come to."""
        loaded = self._newest()
        with loaded.lock:
            return self._counted(loaded)

    def _newest(self) -> _Loaded:
        generation = self._store.generation
        if self._loaded.generation != generation:
            self._loaded = _Loaded(generation)
        return self._loaded

    def _edges(self, loaded: _Loaded, studies: Studies) -> Iterable[Edge]:
        counted = self._counted(loaded)
        if not studies:
            return counted.edges
        sums: dict[_Ends, list[int]] = {}
        for edge, design, year in counted.studies:
            if studies.hold(design, year):
                held = sums.setdefault(edge[:3], [0, 0, 0, 0])
                for number, count in enumerate(edge[3:]):
                    held[number] += count
        return [Edge(*ends, *counts) for ends, counts in sums.items()]

    def _counted(self, loaded: _Loaded) -> Counted:
        if loaded.counted is None:
            loaded.counted = self._read()
        return loaded.counted

    def _read(self) -> Counted:
        documents = self._store.documents()
        together: dict[_Ends, list[ClaimRow]] = defaultdict(list)
        in_patients: dict[str, set[_Ends]] = defaultdict(set)
        named: dict[str, set[str]] = defaultdict(set)
        denied: set[str] = set()
        for row in self._store.claims(Among()):
            if row.retracted:
                continue
            named[row.document].add(row.claim)
            if row.negated:
                denied.add(row.claim)
            ends = row.subject, row.relation, row.object
            together[ends].append(row)
            if not row.negated:
                for disease in row.diseases:
                    in_patients[disease].add(ends)
        edges, studies = [], []
        kept = {iri: (row.design.rpartition("#")[2], row.year) for iri, row in documents.items()}
        for ends, rows in together.items():
            edges.append(_edge(ends, rows))
            apart: dict[tuple[str, int | None], list[ClaimRow]] = defaultdict(list)
            for row in rows:
                apart[kept.get(row.document, ("", None))].append(row)
            # Most edges stand in one study only.
            counts = [edges[-1]] if len(apart) == 1 else [_edge(ends, some) for some in apart.values()]
            studies += [(edge, *study) for edge, study in zip(counts, apart, strict=True)]
        of_documents = {iri: len(claims) for iri, claims in named.items()}
        return Counted(edges, studies, in_patients, of_documents, len(set().union(*named.values())), len(denied))

    def _described(self, iris: Sequence[str]) -> Iterator[tuple[str, Node]]:
        found: dict[str, tuple[str, set[str]]] = {iri: ("", set()) for iri in iris}
        for start in range(0, len(iris), 500):
            values = " ".join(catalogue.iri(iri) for iri in iris[start : start + 500])
            query = f"""SELECT ?thing (MIN(STR(?name)) AS ?label) ?type {{ VALUES ?thing {{ {values} }}
                OPTIONAL {{ ?thing rdfs:label ?name }} OPTIONAL {{ ?thing a ?type }} }} GROUP BY ?thing ?type"""
            for iri, label, type_ in self._rows(query):
                found[iri] = (label, found[iri][1] | {type_.rpartition("#")[2]})
        for iri, (label, types) in found.items():
            yield iri, Node(iri, label or iri, next((kind for kind in LOOKS if kind in types), UNKNOWN))

    def _rows(self, query: str) -> Iterator[list[str]]:
        """As text: ten thousand rows as terms would take most of a second."""
        answer = self._store.answer(query, accept="text/csv")
        lines = csv.reader(io.StringIO(b"".join(answer.chunks).decode(), newline=""))
        next(lines)
        return lines


def _edge(ends: _Ends, rows: Iterable[ClaimRow]) -> Edge:
    affirmed, denied = set(), set()
    documents, cases = set(), set()
    for row in rows:
        if row.negated:
            denied.add(row.claim)
            continue
        affirmed.add(row.claim)
        documents.add(row.document)
        if row.case:
            cases.add(row.case)
    return Edge(*ends, len(affirmed), len(denied), len(documents), len(cases))
