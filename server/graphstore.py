"""The SPARQL 1.1 Graph Store HTTP Protocol: whole graphs by name (`?graph=`, `?default`) or by their own address."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from ivigraph.errors import IvigraphError
from ivigraph.queries import catalogue
from ivigraph.server import bodies, quads
from ivigraph.server.core import Core
from ivigraph.server.linked import RDF_TYPES
from ivigraph.server.negotiation import FORMATS, choose
from ivigraph.server.problems import Problem
from ivigraph.server.streaming import AnswerResponse
from ivigraph.server.tokens import Scope
from ivigraph.store import MEDIA_TYPES, Content, Form, GraphWrite

_MULTIPART = "multipart/form-data"
_DATASETS = ("application/n-quads", "application/trig")
_ALIASES = {
    "application/json": "application/ld+json",
    "application/x-turtle": "text/turtle",
    "application/xml": "application/rdf+xml",
    "text/xml": "application/rdf+xml",
    "text/plain": "application/n-triples",
}
_ALLOWED = "GET, HEAD, PUT, POST, DELETE, OPTIONS"


@dataclass(frozen=True, slots=True)
class Target:
    """The graph that a request is about; without a name it is the store of all graphs."""

    graph: str | None
    is_default: bool = False


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["graph store"])

    # One path for the store with its parameters, one for the addresses of single graphs.
    for path, described in (("/graphs", True), ("/graphs/{path:path}", False)):
        _add(core, routes, path, described=described)
    return routes


def _add(core: Core, routes: APIRouter, path: str, *, described: bool) -> None:
    @routes.head(path, include_in_schema=False)
    @routes.get(path, summary="The triples of a graph, or all graphs", include_in_schema=described)
    def get(request: Request) -> Response:
        return _read(core, request, _target(core, request))

    @routes.put(path, summary="Replace a graph", status_code=204, include_in_schema=described)
    async def put(request: Request) -> Response:
        return await _write(core, request, "put")

    @routes.post(path, summary="Add to a graph, or make a new one", status_code=204, include_in_schema=described)
    async def post(request: Request) -> Response:
        return await _write(core, request, "post")

    @routes.delete(path, summary="Remove a graph", status_code=204, include_in_schema=described)
    async def delete(request: Request) -> Response:
        return await _write(core, request, "delete")

    @routes.options(path, include_in_schema=False)
    def options() -> Response:
        return Response(status_code=204, headers={"Allow": _ALLOWED})


def _target(core: Core, request: Request) -> Target:
    """Raises Problem for parameters that name no graph, or two."""
    if request.url.path.rstrip("/") != "/graphs":
        return Target(str(request.url.replace(query="", fragment="")))
    values = bodies.parameters(request.url.query, once=("graph", "default"))
    if "graph" in values and "default" in values:
        raise Problem(400, "the request names a graph and the default graph", remedy="name one of them")
    if "default" in values:
        return Target(core.minter.curated_graph, is_default=True)
    if "graph" not in values:
        return Target(None)
    name = values["graph"][0]
    try:
        catalogue.iri(name)
    except IvigraphError as error:
        raise Problem(400, f"no graph can have the name {name!r}", remedy="give an absolute IRI") from error
    return Target(name, is_default=name == core.minter.curated_graph)


def _read(core: Core, request: Request, target: Target) -> Response:
    if target.graph is None:
        return _dataset(core, request)
    given = request.query_params.get("format", "")
    wanted = choose(FORMATS.get(given, given) or request.headers.get("accept"), (*RDF_TYPES, *_ALIASES))
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(RDF_TYPES)}")
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    node = catalogue.iri(target.graph)
    if not target.is_default and not core.store.ask(f"ASK {{ GRAPH {node} {{}} }}"):
        raise Problem(404, "there is no such graph", remedy="SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } lists them")
    etag = core.etag(core.store.generation, wanted)
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {node} {{ ?s ?p ?o }} }}"
    answer = core.store.answer(query, accept=_ALIASES.get(wanted, wanted))
    headers["ETag"] = core.etag(answer.generation, wanted)
    if request.method == "HEAD":
        answer.chunks.close()
        return Response(media_type=wanted, headers=headers)
    return AnswerResponse(answer.chunks, media_type=wanted, headers=headers)


def _dataset(core: Core, request: Request) -> Response:
    """All graphs, as N-Quads or TriG."""
    given = request.query_params.get("format", "")
    wanted = choose(FORMATS.get(given, given) or request.headers.get("accept"), _DATASETS)
    if wanted is None:
        raise Problem(
            406,
            "all graphs together have no such representation",
            remedy=f"accept one of {', '.join(_DATASETS)}, or name a graph with ?graph=IRI",
        )
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    if (etag := core.etag(core.store.generation, wanted)) in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    answer = core.store.answer("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }", accept=MEDIA_TYPES[Form.SELECT][0])
    headers["ETag"] = core.etag(answer.generation, wanted)
    if request.method == "HEAD":
        answer.chunks.close()
        return Response(media_type=wanted, headers=headers)
    return AnswerResponse(quads.serialized(answer.chunks, wanted), media_type=wanted, headers=headers)


async def _write(core: Core, request: Request, action: str) -> Response:
    allowed = core.access.require(request, Scope.WRITE)
    target = _target(core, request)
    kind = bodies.media_type(request)
    whole = target.graph is None
    if whole and action != "post":
        raise Problem(400, "the request names no graph", remedy="name it with ?graph=IRI, or ?default for your own")
    made = None
    if whole and kind not in _DATASETS:
        made = f"{str(request.url.replace(query='', fragment='')).rstrip('/')}/{uuid.uuid4()}"
        target = Target(made)
    contents = () if action == "delete" else await _contents(core, request, kind, target.graph)
    generation = core.seen(request.headers.get("if-match", ""))
    applied = await core.write(
        GraphWrite(
            action=action,  # type: ignore[arg-type]  # one of the three above
            graph=target.graph,
            contents=contents,
            if_generation=generation,
            if_absent=request.headers.get("if-none-match", "").strip() == "*",
            admin=allowed >= Scope.ADMIN,
        )
    )
    if not applied.found:
        raise Problem(404, "there is no such graph", remedy="SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } lists them")
    if made is not None:
        return Response(status_code=201, headers={"Location": made})
    return Response(status_code=201 if applied.created else 204)


async def _contents(core: Core, request: Request, kind: str, base: str | None) -> tuple[Content, ...]:
    body = await bodies.read(request, core.max_body_bytes)
    if kind != _MULTIPART:
        return (_content(kind, body, base),)
    form = await _form(request, body)
    try:
        parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        if not parts:
            raise Problem(400, "the form holds no file", remedy="send each document as a file with its content type")
        return tuple([_content((part.content_type or "").partition(";")[0], await part.read(), base) for part in parts])
    finally:
        await form.close()


async def _form(request: Request, body: bytes) -> FormData:
    async def stream() -> AsyncGenerator[bytes, None]:  # the body was read to its limit before
        yield body

    try:
        return await MultiPartParser(request.headers, stream()).parse()
    except (MultiPartException, HTTPException, KeyError) as error:
        raise Problem(400, "the form cannot be taken apart", remedy="send multipart/form-data with files") from error


def _content(kind: str, data: bytes, base: str | None) -> Content:
    kind = _ALIASES.get(kind.strip().lower(), kind.strip().lower())
    if kind not in RDF_TYPES:
        raise Problem(415, f"the content is {kind or 'of no kind'}", remedy=f"send {', '.join(RDF_TYPES)}")
    return Content(data=data, media_type=kind, base=base)
