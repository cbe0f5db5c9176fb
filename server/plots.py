"""The plots as pages and files: /plots/NAME, and the short addresses that people type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from ivigraph.errors import QueryError, QueryTimeoutError
from ivigraph.namespaces import compress
from ivigraph.ontology.vocabulary import Concept
from ivigraph.queries import catalogue
from ivigraph.queries.catalogue import ParameterType
from ivigraph.queries.relations import BY_NAME
from ivigraph.server import plotrows, search
from ivigraph.server.core import Core
from ivigraph.server.network import DRAWING_POLICY
from ivigraph.server.pages import link, short
from ivigraph.server.problems import Problem
from ivigraph.visualizations import evidence, forest, matrix, timeline
from ivigraph.visualizations.plot import Link, Plot, Row

ROWS_SHOWN = 500  # of the table on the page; the files have all of them


@dataclass(frozen=True, slots=True)
class Kind:
    """A plot: the question whose answer it draws, and a choice of its own (`option`) among words."""

    name: str
    title: str
    about: str
    query: str
    draw: Callable[..., Plot]
    option: str = ""
    choices: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[catalogue.Parameter, ...]:
        return catalogue.load()[self.query].parameters


PLOTS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("matrix", "Events by disease", "which adverse events were reported in which disease, and how often",
                 "event-disease-reports", matrix.draw, "unit", tuple(matrix.UNITS)),
            Kind("timeline", "Onset of events", "how soon after the therapy each adverse event began",
                 "onset-of-events", timeline.draw),
            Kind("forest", "How many of how many", "the proportions that texts state, with their uncertainty",
                 "proportions", forest.draw, "by", tuple(forest.GROUPS)),
            Kind("evidence", "Evidence by year", "how many documents of each study design appeared in which year",
                 "evidence-by-year", evidence.draw),
        )
    }
)  # fmt: skip
FILES: Mapping[str, tuple[str, Callable[[Plot], str]]] = MappingProxyType(
    {
        "svg": ("image/svg+xml", lambda plot: plot.svg()),
        "csv": ("text/csv", lambda plot: plot.csv()),
        "json": ("application/json", lambda plot: plot.json()),
    }
)


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["plots"])

    @routes.get("/plots", include_in_schema=False)
    def plots() -> Response:
        return core.pages.render("plots.html", plots=PLOTS)

    @routes.get("/plots/{name}", summary="A plot: page, SVG, CSV or JSON")
    def plot(
        request: Request,
        name: str,
        format: Annotated[str, Query(description=f"html or one of {', '.join(FILES)}")] = "",
    ) -> Response:
        """`matrix` (unit=documents, patients or claims), `timeline`, `forest` (by=product, class or event) and
        `evidence`; each takes the parameters of the question in the catalogue that it draws.
        """
        kind = PLOTS.get(name)
        if kind is None:
            raise Problem(404, f"there is no plot {name!r}", remedy=f"one of {', '.join(PLOTS)}")
        if format not in ("", "html", *FILES):
            raise Problem(400, f"unknown format {format!r}", remedy=f"one of html, {', '.join(FILES)}")
        given = {key: value.strip() for key, value in request.query_params.items() if key != "format" and value.strip()}
        try:
            drawn = _drawn(core, kind, given)
        except QueryError as error:
            if format not in ("", "html"):
                raise
            return _page(core, kind, given, None, problem=error)
        if format in FILES:
            media_type, write = FILES[format]
            headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"'}
            return Response(
                write(drawn), media_type=media_type, headers={**headers, **(DRAWING_POLICY if format == "svg" else {})}
            )
        return _page(core, kind, given, drawn)

    def shortcut(name: str) -> Callable[[Request], Response]:
        def lead(request: Request) -> Response:
            query = request.url.query
            return RedirectResponse(f"/plots/{name}{'?' + query if query else ''}", status_code=307)

        return lead

    for name in PLOTS:
        routes.add_api_route(f"/{name}", shortcut(name), methods=["GET"], include_in_schema=False)
    return routes


def drawn_from(kind: Kind, rows: Sequence[Row], option: str = "", link: Link | None = None) -> Plot:
    """The plot of the rows of its question. Raises QueryError for a choice that it does not have."""
    if option and option not in kind.choices:
        raise QueryError(
            f"{option!r} is no choice", where=f"parameter {kind.option}", remedy=f"one of {', '.join(kind.choices)}"
        )
    chosen = {kind.option: option} if option else {}
    return kind.draw(rows, **chosen, **({"link": link} if link else {}))


def resolved(kind: Kind, given: Mapping[str, str], find: Callable[[str], Sequence[Concept]]) -> dict[str, str]:
    """The parameters of a plot's question as IRIs. Raises QueryError for one that it does not have, or no value."""
    query = catalogue.load()[kind.query]
    values = catalogue.resolve(query, {n: v for n, v in given.items() if n != kind.option}, find)
    query.bind(values)
    return values


def _drawn(core: Core, kind: Kind, given: Mapping[str, str]) -> Plot:
    values = resolved(kind, given, core.vocabulary.find)
    own = {name: value for name, value in given.items() if name != kind.option}

    def address(*, claim: str = "", **terms: str) -> str:
        if claim:
            return core.minter.page(claim)
        named = {name: short(value) if "://" in value else value for name, value in terms.items()}
        kept = {
            "product" if name == "therapy" else name: own[name]
            for name in ("therapy", "design", "since", "until", "relation", "concept")
            if own.get(name)
        }
        if kind.name == "matrix":
            kept["relation"] = "causes"
        return link("/claims", **{**kept, **named})

    rows = core.remembered(
        ("plot", kind.name, tuple(sorted(values.items()))),
        lambda: plotrows.read(core.store, core.vocabulary, core.minter, kind.query, values),
    )
    return drawn_from(kind, rows, given.get(kind.option, ""), address)


def _page(
    core: Core, kind: Kind, given: Mapping[str, str], plot: Plot | None, *, problem: QueryError | None = None
) -> Response:
    return core.pages.render(
        "plot.html",
        status=200 if problem is None else 504 if isinstance(problem, QueryTimeoutError) else 400,
        kind=kind,
        plots=PLOTS,
        given=given,
        names={name: _name(core, value) for name, value in given.items()},
        plot=plot,
        problem=problem,
        suggestions=search.concepts(core.vocabulary, problem.where, most=8) if problem and problem.where else [],
        types=ParameterType,
        relations=BY_NAME,
        designs=catalogue.DESIGNS,
        most=ROWS_SHOWN,
        files={format: link(f"/plots/{kind.name}", **given, format=format) for format in FILES},
    )


def _name(core: Core, value: str) -> str:
    concept = core.vocabulary.concepts.get(compress(value) or value)
    return concept.label if concept else value
