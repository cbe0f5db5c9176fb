"""The home page, what the graph holds at a glance, and search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_NAME
from ivigraph.server import search
from ivigraph.server.core import Core
from ivigraph.server.negotiation import HTML, choose
from ivigraph.server.reading import Term, integer
from ivigraph.store import Store

_SHOWN = 8
_LONGEST = 200


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["pages"])

    @routes.head("/", include_in_schema=False)
    @routes.get("/", include_in_schema=False)
    def home() -> Response:
        return core.pages.render(
            "home.html",
            counts=_overview(core.store),
            events=_best(core.store, BY_NAME["causes"].iri, "to"),
            diseases=_best(core.store, BY_NAME["treats"].iri, "to"),
            products=_products(core.store),
            documents=_documents(core.store),
        )

    @routes.get("/search", summary="Concepts and documents by name or identifier")
    def find(request: Request, q: str = "") -> Response:
        text = q.strip()[:_LONGEST]
        found = search.find(core.store, core.vocabulary, text) if text else search.Found()
        if choose(request.headers.get("accept"), (HTML, "application/json")) == "application/json":
            return JSONResponse(_as_json(found), headers={"Vary": "Accept"})
        return core.pages.render("search.html", q=text, found=found, headers={"Vary": "Accept"})

    return routes


def suggestions(vocabulary: Vocabulary, text: str) -> Sequence[search.Hit]:
    """What somebody may have meant who followed a link to nothing."""
    return search.concepts(vocabulary, text, most=_SHOWN)


def _overview(store: Store) -> Mapping[str, int]:
    row = next(iter(store.select(catalogue.load()["overview"].bind({}))))
    return {name: integer(value) for name, value in row.items()}


def _best(store: Store, relation: str, end: str) -> Sequence[tuple[Term, int]]:
    """What stands in the most documents at one end of a relation, with the number of affirmed claims."""
    rows = store.select(f"""SELECT ?thing (COALESCE(MIN(STR(?name)), STR(?thing)) AS ?label) (SUM(?n) AS ?claims) {{
        {{ SELECT DISTINCT ?edge ?thing ?n {{
           ?edge ivo:relation {catalogue.iri(relation)} ; ivo:{end} ?thing ; ivo:claimCount ?n FILTER(?n > 0) }} }}
        OPTIONAL {{ {{ SELECT DISTINCT ?thing ?name {{ ?thing rdfs:label ?name }} }} }} }}
        GROUP BY ?thing ORDER BY DESC(?claims) ?label LIMIT {_SHOWN}""")
    return [(Term(str(row["thing"]), str(row["label"])), integer(row["claims"])) for row in rows]


def _products(store: Store) -> Sequence[tuple[Term, int]]:
    rows = store.select(f"""SELECT ?thing (MIN(STR(?name)) AS ?label) (COUNT(DISTINCT ?claim) AS ?claims) {{
        ?thing a ivo:ImmunoglobulinProduct ; rdfs:label ?name . ?claim biolink:subject ?thing }}
        GROUP BY ?thing ORDER BY DESC(?claims) ?label LIMIT {_SHOWN}""")
    return [(Term(str(row["thing"]), str(row["label"])), integer(row["claims"])) for row in rows]


def _documents(store: Store) -> Sequence[tuple[Term, int]]:
    rows = store.select(f"""SELECT ?document (MIN(?title) AS ?label) (COUNT(DISTINCT ?claim) AS ?claims) {{
        ?document a ivo:Document ; dcterms:title ?title . OPTIONAL {{ ?claim biolink:publications ?document }} }}
        GROUP BY ?document ORDER BY DESC(?claims) ?label LIMIT {_SHOWN}""")
    return [(Term(str(row["document"]), str(row["label"])), integer(row["claims"])) for row in rows]


def _as_json(found: search.Found) -> Mapping[str, object]:
    return {
        "concepts": [
            {
                "id": hit.concept.id,
                "iri": hit.iri,
                "kind": hit.concept.kind,
                "label": hit.concept.label,
                "name": hit.name,
                "claims": hit.claims,
            }
            for hit in found.concepts
        ],
        "terms": [{"iri": term.iri, "label": term.label} for term in found.terms],
        "documents": [{"iri": document.iri, "title": document.label} for document in found.documents],
    }
