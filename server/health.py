"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from ivigraph import __version__
from ivigraph.errors import IvigraphError
from ivigraph.server.core import Core

_SECONDS = 2.0


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/health", include_in_schema=False)
    @routes.get("/health/ready", summary="Ready: a query was answered")
    def ready() -> Response:
        try:
            core.store.ask("ASK {}", timeout=_SECONDS)
        except IvigraphError:
            return JSONResponse({"status": "not ready", "version": __version__}, status_code=503)
        return JSONResponse({"status": "ready", "version": __version__, "generation": core.store.generation})

    @routes.get("/health/live", summary="Live: the process answers")
    def live() -> Response:
        return JSONResponse({"status": "live", "version": __version__})

    return routes
