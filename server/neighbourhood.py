"""From a state to what is drawn: where a network starts, what was expanded, hidden and folded, and what is left out."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivigraph.errors import QueryError, StoreError
from ivigraph.namespaces import Minter, compress, expand
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_NAME
from ivigraph.server import search
from ivigraph.server.edges import Edges, Index
from ivigraph.server.graph_state import PAGE, Names, State
from ivigraph.store import Kind, Store
from ivigraph.visualizations import network
from ivigraph.visualizations.drawing import Step, arrange
from ivigraph.visualizations.network import LOOKS, MOST_NODES, Edge, Graph, Look, Node

MOST_WAYS = 6  # shortest paths that are drawn
_FOUND = 8  # concepts of a search that a network starts from
_KEPT = 48  # pictures that are remembered
_NOT_DRAWN = ("document", "claim", "case")  # columns of a question that are no nodes of the network


@dataclass(frozen=True, slots=True)
class Picture:
    """`left_out` counts the nodes with less evidence, `full` the neighbours that an expansion had no room for.

    `ways` are the shortest paths that were asked for, as IRIs; None where none were.
    """

    graph: Graph
    starts: tuple[Node, ...]
    left_out: int
    full: int
    ways: Sequence[Sequence[str]] | None

    @property
    def shown(self) -> int:
        return sum(not hidden for _, hidden in self.graph.nodes(data="hidden"))


@dataclass(frozen=True, slots=True)
class Around:
    """The neighbours of a node by kind: (kind, its look, how many there are, how many of them are shown)."""

    node: Node
    kinds: tuple[tuple[str, Look, int, int], ...]

    @property
    def all(self) -> int:
        return sum(number for _, _, number, _ in self.kinds)

    @property
    def shown(self) -> int:
        return sum(shown for *_, shown in self.kinds)


@dataclass(frozen=True, slots=True)
class _Beginning:
    starts: tuple[str, ...]
    edges: Sequence[Edge]
    ways: Sequence[Sequence[str]] | None = None


class Explorer:
    """Computes networks from states; the same state of the same generation once. Safe to use from many threads."""

    def __init__(self, store: Store, vocabulary: Vocabulary, minter: Minter, edges: Edges | None = None) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._names = Names(minter)
        self.edges = edges or Edges(store, vocabulary, minter)
        self._pictures: dict[tuple[int, State], Picture] = {}
        self._lock = threading.Lock()

    def picture(self, state: State) -> Picture:
        """Raises QueryError, with a remedy, for a name of nothing."""
        key = self._store.generation, state.picture
        with self._lock:
            found = self._pictures.get(key)
        if found is None:
            found = self._drawn(state)
            with self._lock:
                while len(self._pictures) >= _KEPT:
                    self._pictures.pop(next(iter(self._pictures)))
                self._pictures[key] = found
        return found

    def around(self, node: str, state: State, shown: Iterable[str] = ()) -> Around:
        counts: dict[str, list[int]] = {}
        visible = set(shown)
        for other in self.neighbours(node, state):
            numbers = counts.setdefault(self.edges.kind(other), [0, 0])
            numbers[0] += 1
            numbers[1] += other in visible
        kinds = tuple((kind, look, counts[kind][0], counts[kind][1]) for kind, look in LOOKS.items() if kind in counts)
        return Around(self.edges.nodes([node])[node], kinds)

    def neighbours(self, node: str, state: State, kind: str = "") -> dict[str, Edge]:
        """Each neighbour with the best supported edge to it, the best supported first."""
        found: dict[str, Edge] = {}
        for edge in self._index(state).at(node):
            other = edge.object if edge.subject == node else edge.subject
            if _allowed(edge, state) and other not in found and self._fits(other, kind, state):
                found[other] = edge
        return found

    def resolve(self, name: str) -> str:
        """The IRI of what somebody typed, or of a node in an address. Raises QueryError for a name of nothing."""
        if name.startswith("id/"):
            name = self._names.iri(name)
        query = catalogue.load()["network-edges"]
        iri = catalogue.resolve(query, {"concept": name}, self._vocabulary.find).get("concept", "")
        catalogue.iri(iri, where=name)
        return iri

    def ways(self, state: State) -> Sequence[Sequence[str]]:
        """The shortest paths between the two that the state names."""
        return self._index(state).paths(self.resolve(state.start), self.resolve(state.end), MOST_WAYS)

    def _index(self, state: State) -> Index:
        relation = BY_NAME[state.relation].iri if state.relation else None
        return self.edges.index(state.studies, relation, least=state.least)

    def _fits(self, node: str, kind: str, state: State) -> bool:
        if not kind and not state.kinds:
            return True
        own = self.edges.kind(node)
        return (not kind or own == kind) and (not state.kinds or own in state.kinds)

    def _drawn(self, state: State) -> Picture:
        beginning = self._beginning(state)
        always = dict.fromkeys((*beginning.starts, *(step.node for step in state.expanded)))
        allowed = (
            beginning.edges
            if state.absent == "with" and not state.kinds
            else [
                edge
                for edge in beginning.edges
                if _allowed(edge, state)
                and all(end in always or self._fits(end, "", state) for end in (edge.subject, edge.object))
            ]
        )
        met = {edge.subject for edge in allowed} | {edge.object for edge in allowed}
        starts = tuple(start for start in beginning.starts if start in met or len(beginning.starts) <= MOST_WAYS)
        nodes = network.best_supported(allowed, state.most, starts if met else ())
        steps = [Step(tuple(nodes))]
        full = 0
        beside: dict[tuple[str, str, str], Edge] = {}
        for step in state.expanded:
            around = self.neighbours(step.node, state, step.kind)
            new = [other for other in around if other not in nodes]
            room = max(0, MOST_NODES - len(nodes) - (step.node not in nodes))
            full += max(0, min(PAGE, len(new)) - room)
            added = dict.fromkeys([step.node, *new[: min(PAGE, room)]] if new or step.node in nodes else [])
            steps.append(Step(tuple(node for node in added if node not in nodes), step.node))
            nodes.update(added)
            met_there = (e for e in self._index(state).at(step.node) if _allowed(e, state) and _joins(e, nodes))
            beside.update((edge[:3], edge) for edge in met_there)
        edges = {edge[:3]: edge for edge in allowed if _joins(edge, nodes)} | beside
        if state.among:
            edges.update((edge[:3], edge) for edge in self._index(state).among(nodes) if _allowed(edge, state))
        graph = network.assemble(self.edges.nodes(nodes).values(), edges.values(), left_out=len(met - nodes.keys()))
        _flag(graph, state, beginning)
        arrange(graph, steps, {node: (x, y) for node, x, y in state.pinned})
        known = self.edges.nodes(beginning.starts)
        return Picture(graph, tuple(known.values()), graph.graph["hidden"], full, beginning.ways)

    def _beginning(self, state: State) -> _Beginning:
        index = self._index(state)
        if not state.starts:
            return _Beginning((), index.edges)
        starts: dict[str, None] = {}
        edges: dict[tuple[str, str, str], Edge] = {}
        for name in state.concepts:
            iri = self.resolve(name)
            starts[iri] = None
            edges.update((edge[:3], edge) for edge in self._about(iri, index))
        if state.search:
            for iri in self._found(state.search, index):
                starts[iri] = None
                edges.update((edge[:3], edge) for edge in index.at(iri))
        if state.query:
            answered = self._answered(state)
            starts.update(answered)
            # Diseases and events alone have no edges among themselves, but to the therapies.
            among = index.among(answered) or [edge for node in answered for edge in index.at(node)]
            edges.update((edge[:3], edge) for edge in among)
        ways = None
        if state.start and state.end:
            ways = self.ways(state)
            starts.update(dict.fromkeys((self.resolve(state.start), self.resolve(state.end))))
            steps = {frozenset(pair) for way in ways for pair in itertools.pairwise(way)}
            on_way = index.among(dict.fromkeys(node for way in ways for node in way))
            edges.update((edge[:3], edge) for edge in on_way if frozenset((edge.subject, edge.object)) in steps)
        return _Beginning(tuple(starts), sorted(edges.values(), key=lambda edge: edge.rank), ways)

    def _about(self, iri: str, index: Index) -> Iterator[Edge]:
        """The edges of a concept and of what is narrower, and those reported in patients with it."""
        id_ = compress(iri) or iri
        narrower = [expand(c.id) for c in self._vocabulary.concepts.values() if self._vocabulary.is_a(c.id, id_)]
        family = list(dict.fromkeys((iri, *narrower)))
        for member in family:
            yield from index.at(member)
        in_patients = self.edges.in_patients_with(family)
        for subject in {subject for subject, _, _ in in_patients}:
            yield from (edge for edge in index.at(subject) if edge[:3] in in_patients)

    def _found(self, text: str, index: Index) -> list[str]:
        """What carries the words of a text in its name and has an edge, the best first."""
        try:
            hits = self._store.search(text, kinds=(Kind.CONCEPT, Kind.TERM), limit=search.MOST)
            found = [hit.iri for hit in hits]
        except StoreError:  # a store without an index of texts
            found = []
        named = [hit.iri for hit in search.concepts(self._vocabulary, text)]
        return [iri for iri in dict.fromkeys((*found, *named)) if index.at(iri)][:_FOUND]

    def _answered(self, state: State) -> dict[str, None]:
        """The concepts in the answer to a question of the catalogue, in the order of its rows."""
        query = catalogue.load().get(state.query)
        if query is None:
            raise QueryError("no question of that name", where=state.query, remedy="all of them are listed at /queries")
        values = catalogue.resolve(query, dict(state.parameters), self._vocabulary.find)
        rows = self._store.select(query.bind(values, limit=5000))
        columns = [name for name in rows.variables if f"{name}Label" in rows.variables and name not in _NOT_DRAWN]
        if not columns:
            raise QueryError(
                "its answer names no concepts to draw", where=f"query {state.query}", remedy="take another question"
            )
        return dict.fromkeys(str(row[name]) for row in rows for name in columns if name in row)


def _allowed(edge: Edge, state: State) -> bool:
    return {"with": True, "without": edge.claims > 0, "only": edge.claims == 0}[state.absent]


def _joins(edge: Edge, nodes: Container[str]) -> bool:
    return edge.subject in nodes and edge.object in nodes


def _flag(graph: Graph, state: State, beginning: _Beginning) -> None:
    """Marks what the picture starts from, what is hidden, and the leaves that were folded into a node."""
    starts, hidden = set(beginning.starts), set(state.hidden)
    if len(starts) > MOST_WAYS:
        starts = set()  # where nearly all are, it says nothing
    on_way = {frozenset(pair) for way in beginning.ways or () for pair in itertools.pairwise(way)}
    for node, data in graph.nodes(data=True):
        data["start"], data["hidden"] = node in starts, node in hidden
    for folded in state.folded:
        leaves = [leaf for leaf in _leaves(graph, folded) if leaf not in starts and leaf not in hidden]
        for leaf in leaves:
            graph.nodes[leaf]["hidden"] = True
        if folded in graph:
            graph.nodes[folded]["folded"] = len(leaves)
    for start, end, data in graph.edges(data=True):
        data["path"] = frozenset((start, end)) in on_way


def _leaves(graph: Graph, node: str) -> Iterator[str]:
    """The nodes that hang on this one alone."""
    if node in graph:
        for other in {*graph.predecessors(node), *graph.successors(node)} - {node}:
            if graph.nodes[other]["degree"] == 1:
                yield other


def visible(graph: Graph) -> Mapping[str, Mapping[str, object]]:
    return {node: data for node, data in graph.nodes(data=True) if not data["hidden"]}
