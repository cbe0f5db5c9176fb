"""The SPARQL 1.1 Protocol: query, and the service description."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from fastapi import APIRouter, Request
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ivigraph.errors import IvigraphError
from ivigraph.namespaces import ONTOLOGY
from ivigraph.server import editor, evaluating, results
from ivigraph.server.answers import Question, Whole
from ivigraph.server.asking import Asked
from ivigraph.server.callers import Callers
from ivigraph.server.core import Core
from ivigraph.server.linked import SERIALISERS
from ivigraph.server.negotiation import HTML, choose
from ivigraph.server.problems import Problem, of, response
from ivigraph.server.querylog import Watched
from ivigraph.server.streaming import AnswerResponse, packing
from ivigraph.store import MEDIA_TYPES, Form, searching

PATH = "/sparql"
_SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
_FORMATS_NS = Namespace("http://www.w3.org/ns/formats/")
_SMALL = 64_000  # bytes that are gathered before they are sent, where the answer will not be kept
_PACKED_BESIDE = 200_000  # bytes: a larger answer is packed by another thread

# What clients also ask for, and what it is written as.
_RESULTS = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}
_ALIASES: Mapping[Form, Mapping[str, str]] = MappingProxyType(
    {
        Form.SELECT: _RESULTS,
        Form.ASK: _RESULTS,
        Form.GRAPH: {"application/json": "application/ld+json", "application/xml": "application/rdf+xml"},
    }
)
_OFFERS: Mapping[Form, tuple[str, ...]] = MappingProxyType(
    {form: (*MEDIA_TYPES[form], *_ALIASES[form], HTML) for form in Form}
)


class Endpoint:
    """Answers queries ahead of the application, which takes three times as long to find its route as a light query.

    What was answered before is given at once; the form for people and the service description are left to the
    application, with the request that was read.
    """

    def __init__(self, app: ASGIApp, core: Core) -> None:
        self.app = app
        self._core = core
        self._called = Callers(self._made)
        self._route = Route(PATH, self.__call__)  # the metrics name it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] not in ("GET", "HEAD", "POST"):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        scope["route"] = self._route
        try:
            request.state.asked = asked = await self._core.asking.read(request)
            wanted = _wanted(request, asked) if asked.query and asked.query.strip() else HTML
            if wanted == HTML:
                await self.app(scope, receive, send)
                return
            request.state.question = question = _question(self._core, request, asked, wanted)
            request.state.wanted = wanted
            given = _not_changed(self._core, request, question.generation) or await self._recalled(request)
            await (self._called if given is None else given)(scope, receive, send)
        except (Problem, IvigraphError) as error:
            problem = error if isinstance(error, Problem) else of(error)
            await response(request, problem, self._core.pages)(scope, receive, send)

    async def _recalled(self, request: Request) -> Response | None:
        state = request.state
        if not _keeps(self._core, state.asked) or "no-cache" in request.headers.get("cache-control", ""):
            return None
        whole = self._core.answers.get(state.question)
        if whole is None:
            return None
        self._core.queries.begin(state.question.query).recalled(whole)
        return await _sent(self._core, request, whole)

    async def _made(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        given = await _answer(self._core, request, scope["state"]["question"])
        await given(scope, receive, send)


def router(core: Core) -> APIRouter:
    """What is left to the application: pages, the service description, and to tell OpenAPI of the queries."""
    routes = APIRouter(tags=["SPARQL"])

    @routes.head(PATH, include_in_schema=False)
    @routes.get(PATH, summary="SPARQL 1.1 query")
    def by_get(request: Request) -> Response:
        return _for_people(core, request, request.state.asked)

    @routes.options(PATH, include_in_schema=False)
    def options() -> Response:
        return Response(status_code=204, headers={"Allow": "GET, HEAD, POST, OPTIONS"})

    @routes.post(PATH, summary="SPARQL 1.1 query")
    def by_post(request: Request) -> Response:
        return _for_people(core, request, request.state.asked)

    return routes


def _for_people(core: Core, request: Request, asked: Asked) -> Response:
    if asked.query is None or not asked.query.strip():
        return _without_query(core, request, asked.format or request.headers.get("accept"))
    return _page(core, request, asked)


async def _answer(core: Core, request: Request, question: Question) -> ASGIApp:
    asked: Asked = request.state.asked
    if _keeps(core, asked):
        streamed: list[Watched] = []

        async def ask() -> Whole | None:
            given = await evaluating.ask(core, question, asked.timeout, core.answers.largest)
            if isinstance(given, Whole):
                return given
            streamed.append(given)
            return None

        whole = await core.answers.once(question, asked.timeout, ask)
        if whole is not None:
            return await _sent(core, request, whole)
        if streamed:
            return _stream(core, request, streamed[0])
    given = await evaluating.ask(core, question, asked.timeout, _SMALL)
    if isinstance(given, Whole):
        return await _sent(core, request, given)
    return _stream(core, request, given)


def _keeps(core: Core, asked: Asked) -> bool:
    """Whether the answer may be kept: it is the same until the graph changes, and the store tells when that is."""
    return bool(asked.query) and asked.repeats and core.answers.most_bytes > 0 and core.store.versioned


def _wanted(request: Request, asked: Asked) -> str:
    """The media type to answer with. Raises Problem (406) where there is none."""
    offers = _OFFERS[asked.form]
    wanted = choose(asked.format or request.headers.get("accept"), offers)
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(offers)}")
    return wanted


def _question(core: Core, request: Request, asked: Asked, wanted: str) -> Question:
    return Question(
        query=asked.query or "",
        dataset=asked.dataset,
        base=endpoint(request),
        media_type=_ALIASES[asked.form].get(wanted, wanted),
        generation=core.store.generation,
    )


def _headers(core: Core, request: Request, generation: int) -> dict[str, str]:
    """With an entity tag where the same graph gives the same answer."""
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    return {**headers, "ETag": core.etag(generation, request.state.wanted)} if request.state.asked.repeats else headers


def _not_changed(core: Core, request: Request, generation: int) -> Response | None:
    known = request.headers.get("if-none-match")
    if not known or request.method == "POST":
        return None
    headers = _headers(core, request, generation)
    return Response(status_code=304, headers=headers) if headers.get("ETag", "none") in known else None


async def _sent(core: Core, request: Request, whole: Whole) -> Response:
    wanted = request.state.wanted
    headers = _headers(core, request, whole.generation)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(whole.body, media_type=wanted, headers=headers)
    large = len(whole.body) > _PACKED_BESIDE
    packed = await run_in_threadpool(whole.packed) if large else whole.packed()
    headers["Vary"] = "Accept, Accept-Encoding"
    if packed is None:
        return Response(whole.body, media_type=wanted, headers=headers)
    return Response(packed, media_type=wanted, headers={**headers, "Content-Encoding": "gzip"})


def _stream(core: Core, request: Request, chunks: Watched) -> ASGIApp:
    headers = _headers(core, request, chunks.generation)
    return packing(AnswerResponse(chunks, media_type=request.state.wanted, headers=headers))


def _page(core: Core, request: Request, asked: Asked) -> Response:
    """The form with the answer below it, or with what is wrong with the query."""
    query = asked.query or ""
    try:
        text = (
            core.federation.fill(query, endpoint(request), asked.timeout) if core.federation.concerns(query) else query
        )
        shown = results.shown(core.store, text, asked.form, dataset=asked.dataset, timeout=asked.timeout)
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
    text = service_description(
        endpoint(request), union=core.store.union_default_graph, federated=bool(core.federation.fetcher.hosts)
    ).serialize(format=SERIALISERS[wanted])
    return Response(text, media_type=wanted, headers={"Vary": "Accept"})


def endpoint(request: Request) -> str:
    """The address that the request was sent to: the base of its relative IRIs."""
    scope = request.scope
    return _address(scope["scheme"], request.headers.get("host"), scope["server"], scope["path"])


@lru_cache(maxsize=256)
def _address(scheme: str, host: str | None, server: tuple[str, int] | None, path: str) -> str:
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    return str(URL(scope={"scheme": scheme, "server": server, "path": path, "headers": headers}))


def service_description(endpoint: str, *, union: bool, federated: bool = False) -> Graph:
    """SPARQL 1.1 Service Description, with the search in texts as an extension of the language."""
    graph = Graph()
    for prefix, namespace in (("sd", _SD), ("formats", _FORMATS_NS), ("ivo", ONTOLOGY)):
        graph.bind(prefix, namespace)
    service, dataset, default = (URIRef(f"{endpoint}{part}") for part in ("", "#dataset", "#default"))
    graph.add((service, RDF.type, _SD.Service))
    graph.add((service, _SD.endpoint, service))
    graph.add((service, _SD.supportedLanguage, _SD.SPARQL11Query))
    graph.add((service, _SD.defaultDataset, dataset))
    if union:
        graph.add((service, _SD.feature, _SD.UnionDefaultGraph))
    if federated:
        graph.add((service, _SD.feature, _SD.BasicFederatedQuery))
    graph.add((service, _SD.feature, _SD.EmptyGraphs))
    for address in ("/update", "/.well-known/void"):  # updates go to an address of their own
        graph.add((service, RDFS.seeAlso, URIRef(f"{endpoint.removesuffix(PATH)}{address}")))
    graph.add((service, _SD.languageExtension, URIRef(searching.SERVICE)))
    text = 'SERVICE ivo:search { ?x search:query "words" ; search:score ?score } searches labels and sentences'
    graph.add((URIRef(searching.SERVICE), RDF.type, _SD.Feature))
    graph.add((URIRef(searching.SERVICE), DCTERMS.description, Literal(text, lang="en")))
    for name in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", *_RDF):
        graph.add((service, _SD.resultFormat, _FORMATS_NS[name]))
    graph.add((dataset, RDF.type, _SD.Dataset))
    graph.add((dataset, _SD.defaultGraph, default))
    graph.add((default, RDF.type, _SD.Graph))
    if union:
        graph.add((default, DCTERMS.title, Literal("the union of all named graphs", lang="en")))
    return graph


_RDF = ("N-Triples", "Turtle", "RDF_XML", "JSON-LD", "N-Quads", "TriG")
