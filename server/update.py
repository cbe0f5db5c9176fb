"""The SPARQL 1.1 Protocol: update by form and by direct POST."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from ivigraph.errors import QueryError
from ivigraph.server import bodies
from ivigraph.server.asking import dataset
from ivigraph.server.core import Core
from ivigraph.server.fetching import Fetcher
from ivigraph.server.problems import Problem
from ivigraph.server.protocol import endpoint
from ivigraph.server.tokens import Scope
from ivigraph.store import Content, Dataset, Update
from ivigraph.store.updates import sources

_DIRECT = "application/sparql-update"


def _loads(fetcher: Fetcher, text: str) -> Mapping[str, Content]:
    """The documents that an update loads, fetched; one that LOAD SILENT cannot have is left out."""
    found: dict[str, Content] = {}
    for iri, silent in sources(text):
        try:
            found[iri] = fetcher.fetch(iri)
        except QueryError:
            if not silent:
                raise
    return found


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["SPARQL"])

    @routes.post("/update", summary="SPARQL 1.1 update", status_code=204)
    async def by_post(request: Request) -> Response:
        allowed = core.access.require(request, Scope.WRITE)
        kind = bodies.media_type(request)
        if kind not in (bodies.FORM, _DIRECT):
            raise Problem(415, f"the body is {kind or 'of no kind'}", remedy=f"send {bodies.FORM} or {_DIRECT}")
        body = bodies.text(request, await bodies.read(request, core.max_body_bytes))
        values = bodies.parameters(body if kind == bodies.FORM else request.url.query, once=("update",))
        text = body if kind == _DIRECT else next(iter(values.get("update", ())), None)
        if text is None or "query" in values or (kind == _DIRECT and "update" in values):
            raise Problem(400, "one update is carried out here", remedy="send one update, and no query")
        given = dataset(values, "using-graph-uri", "using-named-graph-uri") or Dataset()
        update = Update(
            text=text,
            base=endpoint(request),
            default_graphs=given.default_graphs,
            named_graphs=given.named_graphs,
            loads=await run_in_threadpool(_loads, core.fetcher, text),
            if_generation=core.seen(request.headers.get("if-match", "")),
            admin=allowed >= Scope.ADMIN,
        )
        applied = await core.write(update)
        if applied.left:
            note = f"{applied.left} graphs of documents and the vocabulary were left: clearing them needs scope admin"
            return JSONResponse({"generation": applied.generation, "left": applied.left, "detail": note})
        return Response(status_code=204)

    @routes.options("/update", include_in_schema=False)
    def options() -> Response:
        return Response(status_code=204, headers={"Allow": "POST, OPTIONS"})

    return routes
