"""The network explorer: its page, its exports, and the interface that tells neighbours, paths and measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from ivigraph.errors import QueryError, QueryTimeoutError
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, BY_NAME
from ivigraph.server import reading, search
from ivigraph.server.core import Core
from ivigraph.server.edges import Studies
from ivigraph.server.graph_state import ABSENT, PAGE, Expansion, Names, State, reader
from ivigraph.server.negotiation import HTML, choose
from ivigraph.server.neighbourhood import Explorer, Picture, visible
from ivigraph.server.pages import link, short
from ivigraph.server.paging import paged
from ivigraph.server.problems import Problem
from ivigraph.visualizations import drawing, network

ROWS = 50  # of the table, on a page
SENTENCES = 10  # of an edge, beside the picture
MOST_NEIGHBOURS = 200  # in one answer
_JSON, _GRAPHML, _SVG, _CSV = "application/json", "application/graphml+xml", "image/svg+xml", "text/csv"

# What the network is saved as: the short name of the `format` parameter, media type, name of the file.
FILES: Mapping[str, tuple[str, str]] = {
    "standalone": (HTML, "network.html"),
    "svg": (_SVG, "network.svg"),
    "graphml": (_GRAPHML, "network.graphml"),
    "json": (_JSON, "network.json"),
    "csv": (_CSV, "network.csv"),
}
# A drawing carries its own style and runs nothing.
DRAWING_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["network"])
    explorer = Explorer(core.store, core.vocabulary, core.minter, core.edges)
    names = Names(core.minter)
    asked = Depends(reader(names))

    @routes.get("/graph", summary="The network: page, SVG, GraphML, JSON, CSV or stand-alone HTML")
    def graph(
        request: Request,
        state: State = asked,
        format: Annotated[str, Query(description=f"html or one of {', '.join(FILES)}")] = "",
    ) -> Response:
        wanted = _representation(request, format)
        if wanted != HTML:
            return _file(explorer.picture(state), wanted)
        try:
            return _page(core, explorer, names, state, explorer.picture(state))
        except QueryTimeoutError as error:
            return _page(core, explorer, names, state, None, problem=error, status=504)
        except QueryError as error:
            return _page(core, explorer, names, state, None, problem=error, status=400)

    @routes.get("/graph/neighbours", summary="The neighbours of a node: how many of each kind, and the best supported")
    def neighbours(
        of: Annotated[str, Query(description="a CURIE, an IRI or a name")],
        state: State = asked,
        among_kind: Annotated[str, Query(description="only this kind")] = "",
        limit: Annotated[int, Query(ge=0, le=MOST_NEIGHBOURS)] = PAGE,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> Response:
        """Takes the filters of `/graph`."""
        node = explorer.resolve(of)
        around = explorer.around(node, state)
        found = list(explorer.neighbours(node, state, among_kind).items())
        known = explorer.edges.nodes([other for other, _ in found[offset : offset + limit]])
        return JSONResponse(
            {
                "node": _as_json(around.node),
                "total": len(found),
                "kinds": {kind: number for kind, _, number, _ in around.kinds},
                "neighbours": [
                    {**_as_json(known[other]), "edge": _edge_as_json(edge)}
                    for other, edge in found[offset : offset + limit]
                ],
            }
        )

    @routes.get("/graph/paths", summary="The shortest paths between two nodes, over affirmed claims")
    def paths(state: State = asked) -> Response:
        """Takes `from`, `to` and the filters of `/graph`; the path whose weakest link is best borne out comes first."""
        if not (state.start and state.end):
            raise Problem(400, "two ends are needed", remedy="give from=NODE and to=NODE")
        ways = explorer.ways(state)
        known = explorer.edges.nodes(node for way in ways for node in way)
        return JSONResponse({"paths": [[_as_json(known[node]) for node in way] for way in ways]})

    @routes.get("/graph/measures", summary="Centrality and communities of the network, computed by networkx")
    def measures(request: Request, state: State = asked) -> Response:
        drawn = _shown(explorer.picture(state)).copy()
        network.measure(drawn)
        nodes = sorted(drawn.nodes(data=True), key=lambda n: (-n[1]["betweenness"], -n[1]["degree"], n[1]["label"]))
        if choose(request.headers.get("accept"), (HTML, _JSON)) == _JSON:
            keys = ("label", "kind", "degree", "betweenness", "community")
            return JSONResponse({"nodes": [{"iri": node, **{k: data[k] for k in keys}} for node, data in nodes]})
        return core.pages.render(
            "measures.html",
            nodes=nodes,
            looks=network.LOOKS,
            back=names.address(state),
            groups=max((data["community"] for _, data in nodes), default=0),
            headers={"Vary": "Accept"},
        )

    return routes


def _representation(request: Request, format: str) -> str:
    """The name of a file's format, or HTML for the page."""
    if format in FILES:
        return format
    if format not in ("", "html"):
        raise Problem(400, f"unknown format {format!r}", remedy=f"one of html, {', '.join(FILES)}")
    kinds = {media_type: name for name, (media_type, _) in FILES.items() if name != "standalone"}
    wanted = choose(HTML if format else request.headers.get("accept"), (HTML, *kinds))
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {HTML}, {', '.join(kinds)}")
    return kinds.get(wanted, HTML)


def _file(picture: Picture, format: str) -> Response:
    drawn = _shown(picture)
    title = _title(picture)
    writers: Mapping[str, Callable[[], str]] = {
        "standalone": lambda: drawing.html(drawn, title=title),
        "svg": lambda: drawing.svg(drawn, title=title),
        "graphml": lambda: network.graphml(drawn),
        "json": lambda: network.json(drawn),
        "csv": lambda: network.csv(drawn),
    }
    media_type, name = FILES[format]
    return Response(
        writers[format](),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Vary": "Accept",
            **(DRAWING_POLICY if format == "svg" else {}),
        },
    )


def _shown(picture: Picture) -> network.Graph:
    """The network as it is seen: without what is hidden or folded. Not to be changed: it may be that of the picture."""
    seen = visible(picture.graph)
    return picture.graph if len(seen) == len(picture.graph) else picture.graph.subgraph(seen).copy()


def _title(picture: Picture) -> str:
    """Of the page and of the files."""
    starts = [node.label for node in picture.starts]
    if not starts:
        return "Network"
    return f"Network of {', '.join(starts[:3])}{f' and {len(starts) - 3} more' if len(starts) > 3 else ''}"


def _page(
    core: Core,
    explorer: Explorer,
    names: Names,
    state: State,
    picture: Picture | None,
    *,
    problem: QueryError | None = None,
    status: int = 200,
) -> Response:
    shown = _shown(picture) if picture else network.Graph()
    rows = _sorted(shown, state)
    page = paged(len(rows), state.page, ROWS)

    def go(**changes: Any) -> str:
        return names.address(replace(state, **changes))

    return core.pages.render(
        "graph.html",
        status=status,
        headers={"Vary": "Accept"},
        state=state,
        go=go,
        turn=lambda number: go(page=number),
        names=names,
        title=_title(picture) if picture else "Network",
        picture=picture,
        problem=problem,
        suggestions=_suggestions(core, problem),
        relations=BY_NAME,
        looks=network.LOOKS,
        designs=catalogue.DESIGNS,
        absent=ABSENT,
        questions=catalogue.load(),
        most_nodes=network.MOST_NODES,
        step=PAGE,
        data=_data(picture, names) if picture else None,
        legend=network.legend(shown),
        edge_legend=drawing.edge_legend(shown),
        nodes=_nodes(picture) if picture else [],
        ways=[list(explorer.edges.nodes(way).values()) for way in picture.ways or ()] if picture else [],
        rows=rows[page.first : page.last],
        page=page,
        total=len(rows),
        files={
            name: names.address(replace(state, node="", edge=None, sort="documents", page=1), format=name)
            for name in FILES
        },
        measures=names.address(state.picture, path="/graph/measures"),
        chosen=_chosen(core, explorer, names, state, picture) if picture else None,
        expansion=Expansion,
    )


def _suggestions(core: Core, problem: QueryError | None) -> list[search.Named]:
    return list(search.concepts(core.vocabulary, problem.where, most=8)) if problem and problem.where else []


def _data(picture: Picture, names: Names) -> Mapping[str, Any]:
    """What the page draws."""
    nodes = list(drawing.vis_nodes(picture.graph, names.of))
    for node, (_, data) in zip(nodes, picture.graph.nodes(data=True), strict=True):
        if data.get("folded"):
            node["label"] += f"\n({data['folded']} folded in)"
    return {
        "nodes": nodes,
        "edges": list(drawing.vis_edges(picture.graph, names.of, names.of_edge)),
        "options": drawing.options(),
    }


def _sorted(shown: network.Graph, state: State) -> list[dict[str, Any]]:
    rows = list(network.table(shown))
    if state.sort in ("subject", "object", "says"):
        field = state.sort if state.sort == "says" else f"{state.sort}_label"
        rows.sort(key=lambda row: str(row[field]).casefold())
    elif state.sort != "documents":
        rows.sort(key=lambda row: -row[state.sort])
    return rows


def _nodes(picture: Picture) -> list[tuple[str, Mapping[str, Any]]]:
    """The nodes that are seen, those with most neighbours first."""
    return sorted(
        visible(picture.graph).items(), key=lambda node: (-int(str(node[1]["degree"])), str(node[1]["label"]))
    )


def _chosen(core: Core, explorer: Explorer, names: Names, state: State, picture: Picture) -> Mapping[str, Any] | None:
    """What the panel beside the picture tells of the node or edge that is chosen."""
    if state.node:
        data = picture.graph.nodes[state.node] if state.node in picture.graph else {}
        return {
            "node": explorer.edges.nodes([state.node])[state.node],
            "drawn": data,
            "around": explorer.around(state.node, state, visible(picture.graph)),
            "name": names.of(state.node),
            "expanded": sum(step.node == state.node for step in state.expanded),
        }
    if state.edge:
        subject, relation, object_ = state.edge
        known = explorer.edges.nodes([subject, object_])
        statements = _sentences(core, state.edge, state.studies)
        data = picture.graph.get_edge_data(subject, object_, key=relation)
        return {
            "node": None,
            "subject": known[subject],
            "relation": BY_IRI[relation],
            "object": known[object_],
            "counts": drawing.tooltip(known[subject].label, known[object_].label, data).split("\n")[1:] if data else [],
            "statements": statements,
            "more": (data["claims"] + data["negated"] - len(statements)) if data else 0,
            "page": link(
                "/claims",
                subject=short(subject),
                relation=BY_IRI[relation].predicate.value,
                object=short(object_),
                design=state.studies.designs[0] if len(state.studies.designs) == 1 else None,
                since=state.studies.since,
                until=state.studies.until,
            ),
        }
    return None


def _sentences(core: Core, edge: tuple[str, str, str], studies: Studies) -> Sequence[reading.Statement]:
    """The first claims that an edge counts, the affirmed ones first."""
    subject, relation, object_ = (catalogue.iri(term) for term in edge)
    rows = core.store.select(f"""SELECT DISTINCT ?claim ?negated {{
        ?claim biolink:subject {subject} ; biolink:object {object_} ; biolink:predicate {relation} ;
               biolink:negated ?negated ; biolink:publications ?source .
        FILTER NOT EXISTS {{ ?claim ivo:retracted true }}
        {studies.pattern()} }} ORDER BY ?negated ?claim LIMIT {SENTENCES}""")
    return reading.statements(core.store, [str(row["claim"]) for row in rows])


def _as_json(node: network.Node) -> Mapping[str, str]:
    return {"iri": node.iri, "label": node.label, "kind": node.kind}


def _edge_as_json(edge: network.Edge) -> Mapping[str, object]:
    return {
        **edge._asdict(),
        "says": network.RELATIONS.get(edge.relation.rsplit("#", 1)[-1].rsplit("/", 1)[-1], edge.relation),
    }
