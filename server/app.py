"""The application: the routers of this room around one core."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from ivigraph import __version__
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.server import (
    claims,
    entities,
    graphstore,
    health,
    home,
    network,
    pages,
    problems,
    protocol,
    questions,
    schema,
    search,
    update,
)
from ivigraph.server.access import Access, Gate
from ivigraph.server.callers import Callers
from ivigraph.server.core import Core
from ivigraph.server.security import SecurityHeaders
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
    access: Access | None = None,
) -> FastAPI:
    """The application over an open store, which stays the caller's to close."""
    templates = pages.create(minter)
    core = Core(
        store=store,
        minter=minter,
        vocabulary=vocabulary,
        pages=templates,
        query_timeout=query_timeout,
        max_query_bytes=max_query_bytes,
        max_body_bytes=max_body_bytes,
        access=access or Access(),
    )
    # FastAPI's own documentation pages load their scripts from another host.
    app = FastAPI(title="ivigraph", version=__version__, docs_url=None, redoc_url=None)
    problems.install(app, templates)
    for room in (
        home, search, entities, claims, network, questions, schema, protocol, update, graphstore, health,
    ):  # fmt: skip
        app.include_router(room.router(core))
    _serve_assets(app)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
        allow_headers=["*"],
        expose_headers=["ETag", "Location", "Retry-After"],
    )
    app.add_middleware(Callers)
    app.add_middleware(Gate, access=core.access, pages=templates)
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
