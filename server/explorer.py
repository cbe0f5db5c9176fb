"""The network of derived edges: as a page, and as files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ivigraph.errors import QueryError
from ivigraph.namespaces import compress
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, BY_NAME
from ivigraph.server import search
from ivigraph.server.core import Core
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.pages import link, short
from ivigraph.server.problems import Problem
from ivigraph.visualizations import network

_GRAPHML = "application/graphml+xml"
_FILE = {_GRAPHML: "network.graphml", "application/json": "network.json"}


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["network"])

    @routes.get("/graph", summary="The network of derived edges: page, GraphML, JSON or stand-alone HTML")
    def graph(
        request: Request,
        concept: str = "",
        relation: str = "",
        least: int = Query(0, ge=0, le=1_000_000),
        most: int = Query(60, ge=2, le=network.MOST_NODES),
        format: str = "",
    ) -> Response:
        given = {"concept": concept, "relation": relation, "least": str(least) if least else ""}
        standalone = format == "standalone"
        wanted = _representation(request, "" if standalone else format)
        query = catalogue.load()["network-edges"]
        try:
            bound = query.bind(catalogue.resolve(query, given, core.vocabulary.find))
        except QueryError as error:
            if wanted != HTML:
                raise
            return _page(core, given, most, problem=error)
        drawn = network.build(core.store.select(bound), most=most)
        if standalone:
            return _file(network.html(drawn), HTML, "network.html")
        if wanted != HTML:
            text = network.graphml(drawn) if wanted == _GRAPHML else network.json(drawn)
            return _file(text, wanted, _FILE[wanted])
        return _page(core, given, most, drawn=drawn)

    return routes


def _representation(request: Request, format: str) -> str:
    if format and format not in FORMATS:
        raise Problem(400, f"unknown format {format!r}", remedy="one of html, standalone, graphml, json")
    wanted = choose(FORMATS[format] if format else request.headers.get("accept"), (HTML, "application/json", _GRAPHML))
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {HTML}, application/json, {_GRAPHML}")
    return wanted


def _file(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(
    core: Core,
    given: Mapping[str, str],
    most: int,
    *,
    drawn: network.Graph | None = None,
    problem: QueryError | None = None,
) -> Response:
    hits = search.concepts(core.vocabulary, given["concept"], most=8) if problem else []
    return core.pages.render(
        "graph.html",
        status=400 if problem else 200,
        given=given,
        most=most,
        relations=BY_NAME,
        problem=problem,
        suggestions=hits,
        name=_name(core, given["concept"]) if given["concept"] else "",
        data=_with_links(core, drawn) if drawn is not None else None,
        legend=network.legend(drawn) if drawn is not None else [],
        table=list(network.table(drawn)) if drawn is not None else [],
        hidden=drawn.graph["hidden"] if drawn is not None else 0,
    )


def _with_links(core: Core, drawn: network.Graph) -> Mapping[str, Any]:
    """What pyvis gives, with the page of each node and the claims behind each edge."""
    data = network.data(drawn)
    for node in data["nodes"]:
        node["page"] = core.minter.page(node["id"])
        node["only"] = link("/graph", concept=short(node["id"]))
    for edge in data["edges"]:
        edge["page"] = link("/claims", subject=short(edge["from"]), relation=edge["relation"], object=short(edge["to"]))
    return data


def _name(core: Core, value: str) -> str:
    """What a parameter of an address is called."""
    if value in BY_IRI:
        return BY_IRI[value].predicate.value.replace("_", " ")
    concept = core.vocabulary.concepts.get(compress(value) or value)
    return concept.label if concept else value
