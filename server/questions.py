"""The catalogue as pages and as an interface: a form for each question, its answer as table, CSV or JSON."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from ivigraph.errors import QueryError
from ivigraph.queries import catalogue
from ivigraph.queries.catalogue import ParameterType, Query
from ivigraph.queries.relations import BY_NAME
from ivigraph.server import results
from ivigraph.server.core import Core
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.pages import link
from ivigraph.server.problems import Problem
from ivigraph.server.streaming import AnswerResponse

MOST_ROWS = 500
_TYPES = {
    HTML: HTML,
    "application/json": "application/sparql-results+json",
    "application/sparql-results+json": "application/sparql-results+json",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/xml": "application/sparql-results+xml",
    "application/sparql-results+xml": "application/sparql-results+xml",
}


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["questions"])

    @routes.get("/queries", include_in_schema=False)
    def all_questions() -> Response:
        return core.pages.render("queries.html", queries=list(catalogue.load().values()))

    @routes.get("/queries/{name}", summary="The answer to a question of the catalogue")
    def question(request: Request, name: str, format: str = "") -> Response:
        """The parameters of the question are those of the address; each may be left out."""
        query = catalogue.load().get(name)
        if query is None:
            raise Problem(404, f"there is no question named {name!r}", remedy="all of them are listed at /queries")
        given = {key: value for key, value in request.query_params.items() if key != "format"}
        wanted = _representation(request, format)
        try:
            values = catalogue.resolve(query, given, core.vocabulary.find)
            bound = query.bind(values)
        except QueryError as error:
            if wanted != HTML:
                raise
            return _page(core, query, given, problem=error)
        if wanted == HTML:
            shortened = query.bind(values, limit=MOST_ROWS + 1)
            rows = core.remembered(("question", shortened), lambda: core.store.select(shortened))
            shown = results.labelled(rows.variables, rows.head(MOST_ROWS).rows)
            return _page(core, query, given, shown=shown, cut=len(rows) > MOST_ROWS, text=bound)
        answer = core.store.answer(bound, accept=_TYPES[wanted])
        extension = {"text/csv": "csv", "text/tab-separated-values": "tsv"}.get(wanted)
        headers = {"Vary": "Accept"}
        if extension:
            headers["Content-Disposition"] = f'attachment; filename="{name}.{extension}"'
        return AnswerResponse(answer.chunks, media_type=wanted, headers=headers)

    return routes


def _representation(request: Request, format: str) -> str:
    if format and FORMATS.get(format) not in _TYPES:
        raise Problem(400, f"unknown format {format!r}", remedy="one of html, json, csv, tsv, xml")
    wanted = choose(FORMATS[format] if format else request.headers.get("accept"), tuple(_TYPES))
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(_TYPES)}")
    return wanted


def _page(
    core: Core,
    query: Query,
    given: Mapping[str, str],
    *,
    shown: results.Shown | None = None,
    cut: bool = False,
    text: str = "",
    problem: QueryError | None = None,
) -> Response:
    return core.pages.render(
        "query.html",
        status=400 if problem else 200,
        query=query,
        given=given,
        relations=BY_NAME,
        types=ParameterType,
        shown=shown,
        cut=cut,
        text=text,
        problem=problem,
        most=MOST_ROWS,
        downloads={
            name: link(f"/queries/{query.name}", **given, format=name) for name in ("csv", "json", "tsv", "xml")
        },
    )
