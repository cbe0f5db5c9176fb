"""The home page, what the graph holds at a glance, and lists to look through: by disease, event, product, …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

from fastapi import APIRouter, Query, Request
from rdflib import URIRef
from starlette.responses import Response

from ivigraph.ontology.names import normalise
from ivigraph.queries.relations import BY_NAME
from ivigraph.server.core import Core
from ivigraph.server.edges import Studies
from ivigraph.server.naming import names
from ivigraph.server.pages import link
from ivigraph.server.paging import paged, turned
from ivigraph.server.problems import Problem
from ivigraph.server.reading import integer, value_label
from ivigraph.server.search import kind_of
from ivigraph.store import Store
from ivigraph.store.embedded import EmbeddedStore

_SHOWN = 6
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: a thing with the number of affirmed claims about it, and what else is said of it."""

    iri: str
    label: str
    claims: int
    year: str = ""
    design: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list is called, and where its things stand in the edges: the end and the relation."""

    title: str
    one: str
    many: str
    end: str = "to"
    relation: str = ""


LISTINGS: Mapping[str, Listing] = MappingProxyType(
    {
        "disease": Listing("Conditions treated", "condition treated", "conditions treated", "to", "treats"),
        "event": Listing("Adverse events", "adverse event", "adverse events", "to", "causes"),
        "product": Listing("Immunoglobulin products", "product", "products", "from"),
        "mechanism": Listing("Mechanisms", "mechanism", "mechanisms", "to", "has_mechanism"),
        "document": Listing("Documents", "document", "documents"),
    }
)


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["pages"])

    @routes.head("/", include_in_schema=False)
    @routes.get("/", include_in_schema=False)
    def home() -> Response:
        lists = {kind: entries(core, kind) for kind in LISTINGS}
        return core.pages.render(
            "home.html",
            counts=core.remembered("overview", lambda: _overview(core)),
            listings=LISTINGS,
            lists={kind: (found[:_SHOWN], len(found)) for kind, found in lists.items()},
            updated=_updated(core.store),
        )

    @routes.get("/browse", include_in_schema=False)
    def browse() -> Response:
        sizes = {kind: len(entries(core, kind)) for kind in LISTINGS}
        return core.pages.render("browse.html", listings=LISTINGS, sizes=sizes)

    @routes.get("/browse/{kind}", include_in_schema=False)
    def listed(
        request: Request, kind: str, q: str = "", sort: str = "claims", page: int = Query(1, ge=1, le=100_000)
    ) -> Response:
        if kind not in LISTINGS:
            raise Problem(404, f"there is no list of {kind!r}", remedy=f"one of {', '.join(LISTINGS)}")
        if sort not in _ORDERS:
            raise Problem(400, f"{sort!r} is no order", remedy=f"one of {', '.join(_ORDERS)}")
        text, generation = normalise(q.strip()[:200]), core.store.generation
        found = [entry for entry in entries(core, kind) if text in normalise(entry.label)]
        if sort == "name":
            found.sort(key=lambda entry: entry.label.casefold())
        elif sort == "year":
            found.sort(key=lambda entry: entry.year, reverse=True)
        part = paged(len(found), page, PER_PAGE)
        return core.pages.render(
            "listing.html",
            kind=kind,
            listing=LISTINGS[kind],
            listings=LISTINGS,
            q=q,
            sort=sort,
            entries=found[part.first : part.last],
            page=part,
            pager_address=lambda number: link(f"/browse/{kind}", q=q, sort=sort, page=number, generation=generation),
            changed=turned(request.query_params, generation),
            kind_of=lambda iri: kind_of(core, iri),
        )

    @routes.get("/glossary", include_in_schema=False)
    def glossary() -> Response:
        return core.pages.render("glossary.html")

    return routes


_ORDERS = ("claims", "name", "year")


def entries(core: Core, kind: str) -> Sequence[Entry]:
    """Everything of a kind that a claim is about, the best supported first; all documents, whatever they claim.

    Claims of retracted documents do not count.
    """
    read = _documents if kind == "document" else _things
    return core.remembered(("entries", kind), lambda: read(core, kind))


def _updated(store: Store) -> datetime | None:
    """When the graph was last written; None where the store does not tell."""
    published = store.generations() if isinstance(store, EmbeddedStore) else ()
    return published[-1].time if published else None


def _overview(core: Core) -> Mapping[str, int]:
    (row,) = core.store.select("""SELECT (COUNT(DISTINCT ?case) AS ?cases) { ?case a ivo:Case
        MINUS { ?case ivo:inDocument ?document . ?document ivo:retracted true } }""")
    counted = core.edges.counted()
    return {
        "documents": len(entries(core, "document")),
        "claims": counted.claims,
        "absent": counted.denied,
        "cases": integer(row["cases"]),
    }


def _things(core: Core, kind: str) -> Sequence[Entry]:
    listing = LISTINGS[kind]
    relation = BY_NAME[listing.relation].iri if listing.relation else None
    counted: Counter[str] = Counter()
    for edge in core.edges.index(Studies(), relation).edges:
        counted[edge.object if listing.end == "to" else edge.subject] += edge.claims
    products = core.edges.kind if kind == "product" else None
    affirmed = {
        thing: claims
        for thing, claims in counted.items()
        if claims and (products is None or products(thing) == "ImmunoglobulinProduct")
    }
    labels = names(core, affirmed)
    found = [Entry(thing, labels[thing], claims) for thing, claims in affirmed.items()]
    return sorted(found, key=lambda entry: (-entry.claims, entry.label.casefold()))


def _documents(core: Core, kind: str) -> Sequence[Entry]:
    counted = core.edges.counted().of_documents
    found = [
        Entry(iri, row.title, counted.get(iri, 0), "" if row.year is None else str(row.year), _design(row.design))
        for iri, row in core.store.documents().items()
        if row.title and row.design
    ]
    return sorted(found, key=lambda entry: (-entry.claims, entry.label.casefold()))


@lru_cache(maxsize=64)  # there are a dozen
def _design(iri: str) -> str:
    return value_label(URIRef(iri))
