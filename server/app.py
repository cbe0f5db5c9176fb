"""The application: the routers of this room around one core."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from ivigraph import __version__
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.server import (
    claims,
    dataset,
    entities,
    graphstore,
    health,
    home,
    network,
    pages,
    plots,
    problems,
    protocol,
    questions,
    schema,
    search,
    update,
)
from ivigraph.server.access import Access, Gate
from ivigraph.server.answers import Answers
from ivigraph.server.asking import Asking
from ivigraph.server.callers import Callers
from ivigraph.server.core import Core
from ivigraph.server.edges import Edges
from ivigraph.server.federation import Federation
from ivigraph.server.fetching import Fetcher
from ivigraph.server.limits import HostCheck, RateLimit
from ivigraph.server.metrics import Metrics, Timing
from ivigraph.server.metrics import router as exposed
from ivigraph.server.querylog import QueryLog
from ivigraph.server.security import SecurityHeaders
from ivigraph.server.streaming import packing
from ivigraph.store import Store
from ivigraph.visualizations.assets import vis_network
from ivigraph.visualizations.svg import style as picture_style

_STATIC = Path(__file__).parent / "static"
_DAY = "public, max-age=86400"


def create_app(
    store: Store,
    minter: Minter,
    vocabulary: Vocabulary,
    *,
    query_timeout: float = 30.0,
    max_query_bytes: int = 256_000,
    max_body_bytes: int = 64_000_000,
    max_rows: int = 0,
    answer_cache_bytes: int = 64_000_000,
    rate: float = 0.0,
    hosts: frozenset[str] | None = None,
    origins: Collection[str] = ("*",),
    access: Access | None = None,
    fetcher: Fetcher | None = None,
    services: Fetcher | None = None,
    log_queries: bool = False,
) -> FastAPI:
    """The application over an open store, which stays the caller's to close.

    `max_rows` and `rate`, in requests a second of one client, are without limit when 0. `hosts` are the names that the
    server goes by; None: any. `fetcher` gets the documents of LOAD,
    `services` the answers of other endpoints; without them none is asked.
    """
    templates = pages.create(minter)
    answers = Answers(answer_cache_bytes)
    metrics = Metrics(store, answers)
    federation = Federation(fetcher=services or Fetcher(), prefixes=prefixes(minter))
    core = Core(
        store=store,
        minter=minter,
        vocabulary=vocabulary,
        pages=templates,
        query_timeout=query_timeout,
        max_body_bytes=max_body_bytes,
        asking=Asking(max_query_bytes, query_timeout, federation.concerns),
        answers=answers,
        access=access or Access(),
        fetcher=fetcher or Fetcher(),
        federation=federation,
        queries=QueryLog(metrics=metrics, texts=log_queries, max_rows=max_rows),
        edges=Edges(store, vocabulary, minter),
    )
    # FastAPI's own documentation pages load their scripts from another host.
    app = FastAPI(title="ivigraph", version=__version__, docs_url=None, redoc_url=None)
    problems.install(app, templates)
    for room in (
        protocol, home, search, entities, claims, network, plots, questions, schema, update, graphstore,
        dataset, health,
    ):  # fmt: skip
        app.include_router(room.router(core))
    app.include_router(exposed(metrics))
    _serve_assets(app)
    # From the inside out: each is asked before those above it, so what is answered at once has passed all checks.
    app.add_middleware(Callers)
    app.add_middleware(packing)
    app.add_middleware(protocol.Endpoint, core=core)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=tuple(origins),
        allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
        allow_headers=["*"],
        expose_headers=["ETag", "Location", "Retry-After"],
    )
    app.add_middleware(Gate, access=core.access, pages=templates)
    if rate:
        app.add_middleware(RateLimit, rate=rate, pages=templates)
    if hosts is not None:
        app.add_middleware(HostCheck, hosts=hosts, pages=templates)
    app.add_middleware(Timing, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    return app


def _serve_assets(app: FastAPI) -> None:
    """The files of this room, and vis-network from the installed pyvis."""

    @app.get("/static/vis-network.min.js", include_in_schema=False)
    def script() -> Response:
        return Response(vis_network().script, media_type="text/javascript", headers={"Cache-Control": _DAY})

    @app.get("/static/vis-network.css", include_in_schema=False)
    def style() -> Response:
        return Response(vis_network().style, media_type="text/css", headers={"Cache-Control": _DAY})

    @app.get("/static/picture.css", include_in_schema=False)
    def style_of_pictures() -> Response:
        return Response(picture_style(), media_type="text/css", headers={"Cache-Control": _DAY})

    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
