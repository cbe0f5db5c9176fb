"""What the network page shows, as its address says it: a link is the whole picture.

    concept=HP:0001873   start from a concept (repeated: from several); q= from a search; query= from a question
    from= to=            start from the shortest ways between two
    kind= design= relation= since= until= least= absent= among=      what is shown
    expand=NODE~KIND     fold=NODE  hide=NODE  pin=NODE~X~Y          what was done to it; expand may be repeated
    node= edge=          what is chosen        most= sort= page=     how much, and the table

A node is written as its CURIE, or from `id/` on where it was minted here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request

from ivigraph.errors import QueryError, VocabularyError
from ivigraph.namespaces import Minter, compress, expand
from ivigraph.queries import catalogue
from ivigraph.queries.catalogue import DESIGNS
from ivigraph.queries.relations import BY_IRI, BY_NAME
from ivigraph.server.edges import Studies
from ivigraph.server.problems import Problem
from ivigraph.visualizations.network import LOOKS, MOST_NODES

MOST_STEPS = 60  # expansions in an address
MOST_NAMED = MOST_NODES  # nodes hidden, folded or pinned in an address
_REMEMBERED = 20_000  # names of nodes
PAGE = 25  # neighbours that one expansion adds
DEFAULT_MOST = 60
ABSENT = ("with", "without", "only")
SORTS = ("documents", "claims", "negated", "cases", "subject", "object", "says")


@dataclass(frozen=True, slots=True)
class Expansion:
    """The next neighbours of a node, the best supported first; of one kind, or of any ("")."""

    node: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Nodes are IRIs; a concept to start from is kept as it was typed."""

    concepts: tuple[str, ...] = ()
    search: str = ""
    query: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    start: str = ""
    end: str = ""
    relation: str = ""
    kinds: tuple[str, ...] = ()
    studies: Studies = field(default_factory=Studies)
    least: int = 0
    absent: str = "with"
    among: bool = False
    most: int = DEFAULT_MOST
    expanded: tuple[Expansion, ...] = ()
    folded: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    pinned: tuple[tuple[str, int, int], ...] = ()
    node: str = ""
    edge: tuple[str, str, str] | None = None
    sort: str = "documents"
    page: int = 1

    @property
    def starts(self) -> bool:
        """Whether something is named to start from; else it is the best supported of all."""
        return bool(self.concepts or self.search or self.query or (self.start and self.end))

    @property
    def picture(self) -> State:
        """The state without what does not change the picture."""
        return replace(self, node="", edge=None, sort="documents", page=1)


class Names:
    """Nodes as an address writes them, and back."""

    def __init__(self, minter: Minter) -> None:
        self._base = minter.base
        self.of = lru_cache(maxsize=_REMEMBERED)(self._of)  # a page names the same nodes in each of its links

    def _of(self, iri: str) -> str:
        return compress(iri) or (iri.removeprefix(self._base) if iri.startswith(f"{self._base}id/") else iri)

    def iri(self, name: str) -> str:
        """Problem 400 for what names nothing."""
        try:
            found = name if "://" in name else self._base + name if name.startswith("id/") else expand(name)
            catalogue.iri(found)
        except (VocabularyError, QueryError) as error:
            raise Problem(
                400, f"{name!r} names no node", remedy="start again from /graph, or correct it in the address"
            ) from error
        return found

    def of_edge(self, subject: str, relation: str, object_: str) -> str:
        said = BY_IRI[relation].predicate.value if relation in BY_IRI else relation
        return f"{self.of(subject)}~{said}~{self.of(object_)}"

    def edge(self, name: str) -> tuple[str, str, str]:
        found = re.fullmatch(rf"(.+)~({'|'.join(BY_NAME)})~(.+)", name)
        if not found:
            raise Problem(400, f"{name!r} names no edge", remedy="choose an edge on /graph")
        return self.iri(found[1]), BY_NAME[found[2]].iri, self.iri(found[3])

    def address(self, state: State, path: str = "/graph", **more: str) -> str:
        """The state as a link; what is as usual is left out."""
        pairs = [*self._pairs(state), *more.items()]
        return f"{path}?{urlencode(pairs, safe=':~/,')}" if pairs else path

    def _pairs(self, state: State) -> Iterator[tuple[str, str]]:
        usual = State()
        yield from (("concept", self.of(value) if "://" in value else value) for value in state.concepts)
        for name, value in (("q", state.search), ("query", state.query)):
            if value:
                yield name, value
        yield from ((f"query.{name}", value) for name, value in state.parameters)
        for name, value in (("from", state.start), ("to", state.end), ("relation", state.relation)):
            if value:
                yield name, value
        yield from (("kind", kind) for kind in state.kinds)
        yield from (("design", design) for design in state.studies.designs)
        for name, number, default in (
            ("since", state.studies.since, None),
            ("until", state.studies.until, None),
            ("least", state.least, usual.least),
            ("most", state.most, usual.most),
        ):
            if number is not None and number != default:
                yield name, str(number)
        if state.absent != usual.absent:
            yield "absent", state.absent
        if state.among:
            yield "among", "true"
        for step in state.expanded:
            yield "expand", f"{self.of(step.node)}~{step.kind}" if step.kind else self.of(step.node)
        yield from (("fold", self.of(node)) for node in state.folded)
        yield from (("hide", self.of(node)) for node in state.hidden)
        yield from (("pin", f"{self.of(node)}~{x}~{y}") for node, x, y in state.pinned)
        if state.node:
            yield "node", self.of(state.node)
        if state.edge:
            yield "edge", self.of_edge(*state.edge)
        if state.sort != usual.sort:
            yield "sort", state.sort
        if state.page != usual.page:
            yield "page", str(state.page)


def reader(names: Names) -> Callable[..., State]:
    """The dependency of the routes: the state that an address names. Problem 400 for what cannot be read."""

    def read(
        request: Request,
        concept: Annotated[list[str], Query(max_length=20, description="start from these: CURIE, IRI or name")] = [],  # noqa: B006
        q: Annotated[str, Query(max_length=200, description="start from what a search finds")] = "",
        query: Annotated[
            str,
            Query(max_length=80, description="start from a question of the catalogue; its parameters as query.NAME"),
        ] = "",
        start: Annotated[
            str, Query(alias="from", max_length=400, description="start from the shortest ways from this …")
        ] = "",
        to: Annotated[str, Query(max_length=400, description="… to that")] = "",
        relation: Annotated[str, Query(description=f"one of {', '.join(BY_NAME)}")] = "",
        kind: Annotated[list[str], Query(description=f"kinds of node: {', '.join(LOOKS)}")] = [],  # noqa: B006 - FastAPI copies it
        design: Annotated[list[str], Query(description=f"study designs: {', '.join(DESIGNS)}")] = [],  # noqa: B006
        since: Annotated[str, Query(pattern=r"^\d{0,4}$", description="documents of this year and later")] = "",
        until: Annotated[str, Query(pattern=r"^\d{0,4}$", description="documents of this year and earlier")] = "",
        least: Annotated[str, Query(pattern=r"^\d{0,6}$", description="documents, at least")] = "",
        absent: Annotated[
            str, Query(description=f"edges that were only reported as absent: {', '.join(ABSENT)}")
        ] = "with",
        among: Annotated[bool, Query(description="also all edges between the nodes shown")] = False,
        most: Annotated[int, Query(ge=2, le=MOST_NODES, description="nodes to begin with")] = DEFAULT_MOST,
        expand: Annotated[list[str], Query(max_length=MOST_STEPS, description="NODE or NODE~KIND")] = [],  # noqa: B006
        fold: Annotated[list[str], Query(max_length=MOST_NAMED, description="nodes whose leaves are folded away")] = [],  # noqa: B006
        hide: Annotated[list[str], Query(max_length=MOST_NAMED, description="nodes not shown")] = [],  # noqa: B006
        pin: Annotated[list[str], Query(max_length=MOST_NAMED, description="NODE~X~Y")] = [],  # noqa: B006
        node: Annotated[str, Query(description="the node that is chosen")] = "",
        edge: Annotated[str, Query(description="the edge that is chosen: SUBJECT~RELATION~OBJECT")] = "",
        sort: Annotated[str, Query(description=f"of the table: {', '.join(SORTS)}")] = "documents",
        page: Annotated[int, Query(ge=1, le=100_000, description="of the table")] = 1,
    ) -> State:
        _one_of("kind", kind, LOOKS)
        _one_of("design", design, DESIGNS)
        _one_of("absent", [absent], ABSENT)
        _one_of("sort", [sort], SORTS)
        if relation and relation not in BY_NAME and relation not in BY_IRI:
            raise Problem(400, f"unknown kind of claim {relation!r}", remedy=f"one of {', '.join(BY_NAME)}")
        return State(
            concepts=tuple(dict.fromkeys(value.strip() for value in concept if value.strip())),
            search=q.strip(),
            query=query,
            parameters=tuple(
                (name.removeprefix("query."), value)
                for name, value in request.query_params.multi_items()
                if name.startswith("query.") and value.strip()
            ),
            start=start.strip(),
            end=to.strip(),
            relation=BY_IRI[relation].predicate.value if relation in BY_IRI else relation,
            kinds=tuple(k for k in LOOKS if k in kind),
            studies=Studies(tuple(d for d in DESIGNS if d in design), _number(since), _number(until)),
            least=_number(least) or 0,
            absent=absent,
            among=among,
            most=most,
            expanded=tuple(_expansion(names, value) for value in expand),
            folded=tuple(dict.fromkeys(map(names.iri, fold))),
            hidden=tuple(dict.fromkeys(map(names.iri, hide))),
            pinned=tuple({(found := _pin(names, value))[0]: found for value in pin}.values()),
            node=names.iri(node) if node else "",
            edge=names.edge(edge) if edge else None,
            sort=sort,
            page=page,
        )

    return read


def _one_of(name: str, values: Sequence[str], known: Sequence[str] | Mapping[str, object]) -> None:
    for value in values:
        if value not in known:
            raise Problem(400, f"unknown {name} {value!r}", remedy=f"one of {', '.join(known)}")


def _number(text: str) -> int | None:
    return int(text) if text else None


def _expansion(names: Names, value: str) -> Expansion:
    node, _, kind = value.rpartition("~")
    return Expansion(names.iri(node), kind) if node and kind in LOOKS else Expansion(names.iri(value))


def _pin(names: Names, value: str) -> tuple[str, int, int]:
    found = re.fullmatch(r"(.+)~(-?\d{1,6})~(-?\d{1,6})", value)
    if not found:
        raise Problem(400, f"pin={value!r} cannot be read", remedy="write NODE~X~Y with whole numbers of pixels")
    return names.iri(found[1]), int(found[2]), int(found[3])
