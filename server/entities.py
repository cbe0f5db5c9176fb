"""A page, or the RDF, of everything that has an IRI here: concepts, claims, documents, patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from ivigraph.errors import QueryError, VocabularyError
from ivigraph.namespaces import prefixes
from ivigraph.queries import catalogue
from ivigraph.server import concepts, documents, evidence
from ivigraph.server.core import Core
from ivigraph.server.linked import RDF_TYPES, construct, readable
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.pages import link
from ivigraph.server.problems import Problem
from ivigraph.server.search import unknown

_JSON = "application/json"  # written as JSON-LD, which is JSON


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["linked data"])
    pages: Mapping[str, Callable[[Core, str], Response]] = {
        "claim": evidence.claim,
        "case": evidence.patient,
        "document": documents.page,
        "edge": _edge,
    }

    @routes.head("/id/{path:path}", include_in_schema=False)
    @routes.get("/id/{path:path}", summary="A concept, claim, document or patient")
    def entity(request: Request, path: str, format: str = "", page: int = Query(1, ge=1, le=100_000)) -> Response:
        kind = path.partition("/")[0]
        iri = _iri(core, path, kind)
        if format and format not in FORMATS:
            raise Problem(400, f"unknown format {format!r}", remedy=f"one of {', '.join(FORMATS)}")
        wanted = choose(FORMATS[format] if format else request.headers.get("accept"), (HTML, *RDF_TYPES, _JSON))
        if wanted is None:
            raise Problem(406, "no such representation", remedy=f"accept one of {HTML}, {', '.join(RDF_TYPES)}")
        headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
        etag = core.etag(core.store.generation, wanted)
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={**headers, "ETag": etag})
        if wanted != HTML:
            return _rdf(core, iri, path, wanted, headers)
        response = pages[kind](core, iri) if kind in pages else concepts.page(core, iri, request.query_params, page)
        response.headers.update({**headers, "ETag": etag})
        return response

    return routes


def _iri(core: Core, path: str, kind: str) -> str:
    """The IRI that a path names. Raises Problem 404 for what can be none, with what may have been meant."""
    try:
        iri = core.minter.iri_of_page(f"id/{path}")
        catalogue.iri(iri)
    except (VocabularyError, QueryError) as error:
        raise unknown(core, path) from error
    return iri


def _rdf(core: Core, iri: str, path: str, media_type: str, headers: Mapping[str, str]) -> Response:
    if not core.store.ask(f"ASK {{ {catalogue.iri(iri)} ?p ?o }}"):
        raise unknown(core, path)
    written = "application/ld+json" if media_type == _JSON else media_type
    answer = core.store.answer(construct(iri, core.minter), accept="application/n-triples")
    body = readable(iri, b"".join(answer.chunks), written, prefixes(core.minter))
    headers = {**headers, "ETag": core.etag(answer.generation, media_type)}
    return Response(body, media_type=media_type, headers=headers)


def _edge(core: Core, iri: str) -> Response:
    """An edge has no page of its own: its claims say it all."""
    rows = core.store.select(f"""SELECT ?from ?relation ?to {{
        {catalogue.iri(iri)} ivo:from ?from ; ivo:relation ?relation ; ivo:to ?to }}""")
    if not rows:
        raise unknown(core, core.minter.page(iri).removeprefix("/id/"))
    row = next(iter(rows))
    return RedirectResponse(
        link("/claims", subject=row["from"], relation=row["relation"], object=row["to"]), status_code=303
    )
