"""The SPARQL 1.1 Protocol: query by GET, by form and by direct POST; the service description."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import APIRouter, Request
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ivigraph.errors import IvigraphError
from ivigraph.queries import catalogue
from ivigraph.server import bodies, editor, results
from ivigraph.server.core import Core
from ivigraph.server.linked import SERIALISERS
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.problems import Problem, of
from ivigraph.server.streaming import AnswerResponse
from ivigraph.store import MEDIA_TYPES, Dataset, Form
from ivigraph.store.sparql import form as form_of

_DIRECT = "application/sparql-query"
_SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_FORMATS_NS = Namespace("http://www.w3.org/ns/formats/")

# What clients also ask for, and what it is written as.
_RESULTS = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}
# Other names that clients have for a format.
_NAMES = {
    "n3": "text/turtle",
    "rdf": "application/rdf+xml",
    "rdf+xml": "application/rdf+xml",
    "json-ld": "application/ld+json",
    **{kind: kind for kind in (*MEDIA_TYPES[Form.SELECT], *MEDIA_TYPES[Form.GRAPH])},
}
_ALIASES: Mapping[Form, Mapping[str, str]] = MappingProxyType(
    {
        Form.SELECT: _RESULTS,
        Form.ASK: _RESULTS,
        Form.GRAPH: {"application/json": "application/ld+json", "application/xml": "application/rdf+xml"},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One query as the protocol carries it."""

    query: str | None
    dataset: Dataset | None = None
    timeout: float | None = None
    format: str | None = None


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["SPARQL"])

    @routes.head("/sparql", include_in_schema=False)
    @routes.get("/sparql", summary="SPARQL 1.1 query")
    def by_get(request: Request) -> Response:
        return _answer(core, request, _parsed(core, request.url.query))

    @routes.options("/sparql", include_in_schema=False)
    def options() -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})

    @routes.post("/sparql", summary="SPARQL 1.1 query")
    async def by_post(request: Request) -> Response:
        kind = bodies.media_type(request)
        body = bodies.text(request, await bodies.read(request, core.max_query_bytes))
        if kind == bodies.FORM:
            parsed = _parsed(core, body)
        elif kind == _DIRECT:
            parsed = _parsed(core, request.url.query, direct=body)
        else:
            raise Problem(415, f"the body is {kind or 'of no kind'}", remedy=f"send {bodies.FORM} or {_DIRECT}")
        if parsed.query is None:
            raise Problem(400, "there is no query", remedy="give it as the parameter `query`")
        return await run_in_threadpool(_answer, core, request, parsed)

    return routes


def _parsed(core: Core, encoded: str, *, direct: str | None = None) -> Asked:
    """The parameters of the protocol. Raises Problem for one that is given twice or makes no sense."""
    values = bodies.parameters(encoded, once=("query", "timeout"))
    if "update" in values or ("query" in values and direct is not None):
        raise Problem(400, "one query is answered here", remedy="send one query, and no update")
    query = direct if direct is not None else next(iter(values.get("query", ())), None)
    if query is not None and len(query.encode()) > core.max_query_bytes:
        raise Problem(413, f"the query is larger than {core.max_query_bytes // 1000} kB", remedy="send a shorter one")
    return Asked(
        query=query,
        dataset=dataset(values, "default-graph-uri", "named-graph-uri"),
        timeout=_timeout(values.get("timeout", [""])[0], core.query_timeout),
        format=_format(values.get("format", ())),
    )


def dataset(values: Mapping[str, Sequence[str]], for_default: str, for_named: str) -> Dataset | None:
    """The graphs that two parameters of the protocol name; None where there is none."""
    default, named = tuple(values.get(for_default, ())), tuple(values.get(for_named, ()))
    for name in (*default, *named):
        try:
            catalogue.iri(name)
        except IvigraphError as error:
            raise Problem(400, f"no graph can have the name {name!r}", remedy="give absolute IRIs") from error
    return Dataset(default_graphs=default, named_graphs=named) if default or named else None


def _timeout(value: str, most: float) -> float:
    if not value:
        return most
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise Problem(400, f"the timeout {value!r} is no number of seconds", remedy=f"give one up to {most:g}")
    return min(seconds, most)


def _format(values: Sequence[str]) -> str | None:
    """The media type that the first value stands for which we know; clients send a name and the media type as well."""
    given = [name.strip() for value in values for name in value.split(",") if name.strip()]
    known = (FORMATS.get(name) or _NAMES.get(name) or (name if name in FORMATS.values() else None) for name in given)
    found = next(filter(None, known), None)
    if given and found is None:
        raise Problem(400, f"unknown format {given[0]!r}", remedy=f"one of {', '.join(FORMATS)}")
    return found


def _answer(core: Core, request: Request, asked: Asked) -> Response:
    accept = asked.format or request.headers.get("accept")
    if asked.query is None or not asked.query.strip():
        return _without_query(core, request, accept)
    form = form_of(asked.query) or Form.SELECT  # a text of no form is a syntax error, which the engine reports best
    offers = (*MEDIA_TYPES[form], *_ALIASES[form], HTML)
    wanted = choose(accept, offers)
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(offers)}")
    if wanted == HTML:
        return _page(core, asked, form)
    actual = _ALIASES[form].get(wanted, wanted)
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    etag = core.etag(core.store.generation, wanted)
    if request.method in ("GET", "HEAD") and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**headers, "ETag": etag})
    entry = core.queries.begin(asked.query)
    try:
        answer = core.store.answer(
            asked.query, accept=actual, dataset=asked.dataset, timeout=asked.timeout, base=endpoint(request)
        )
    except IvigraphError as error:
        entry.failed(error)
        raise
    chunks = entry.watch(answer)
    headers["ETag"] = core.etag(answer.generation, wanted)
    if request.method == "HEAD":
        chunks.close()
        return Response(media_type=wanted, headers=headers)
    return AnswerResponse(chunks, media_type=wanted, headers=headers)


def _page(core: Core, asked: Asked, form: Form) -> Response:
    """The form with the answer below it, or with what is wrong with the query."""
    query = asked.query or ""
    try:
        shown = results.shown(core.store, query, form, dataset=asked.dataset, timeout=asked.timeout)
    except IvigraphError as error:
        problem = of(error)
        if problem.status >= 500 and problem.status != 504:
            raise
        return editor.render(core, query, problem=problem)
    return editor.render(core, query, shown=shown)


def _without_query(core: Core, request: Request, accept: str | None) -> Response:
    wanted = choose(accept, (*SERIALISERS, HTML))
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(SERIALISERS)}, {HTML}")
    if wanted == HTML:
        return editor.render(core, "")
    text = service_description(endpoint(request)).serialize(format=SERIALISERS[wanted])
    return Response(text, media_type=wanted, headers={"Vary": "Accept"})


def endpoint(request: Request) -> str:
    """The address that the request was sent to: the base of its relative IRIs."""
    return str(request.url.replace(query="", fragment=""))


def service_description(endpoint: str) -> Graph:
    """SPARQL 1.1 Service Description."""
    graph = Graph()
    graph.bind("sd", _SD)
    service, dataset, default = (URIRef(f"{endpoint}{part}") for part in ("", "#dataset", "#default"))
    graph.add((service, RDF.type, _SD.Service))
    graph.add((service, _SD.endpoint, service))
    graph.add((service, _SD.supportedLanguage, _SD.SPARQL11Query))
    graph.add((service, _SD.feature, _SD.UnionDefaultGraph))
    for name in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
                 "N-Triples", "Turtle", "RDF_XML", "JSON-LD", "N-Quads", "TriG"):  # fmt: skip
        graph.add((service, _SD.resultFormat, _FORMATS_NS[name]))
    graph.add((service, _SD.defaultDataset, dataset))
    graph.add((dataset, RDF.type, _SD.Dataset))
    graph.add((dataset, _SD.defaultGraph, default))
    graph.add((default, RDF.type, _SD.Graph))
    graph.add((default, DCTERMS.title, Literal("the union of all named graphs", lang="en")))
    return graph
