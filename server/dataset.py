"""What the dataset holds, told to machines: VoID and DCAT, with partitions counted in the data, once a generation."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from rdflib import DCAT, DCTERMS, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef
from starlette.responses import Response

from ivigraph.namespaces import VOCABULARIES
from ivigraph.server.core import Core
from ivigraph.server.linked import SERIALISERS
from ivigraph.server.negotiation import FORMATS, choose
from ivigraph.server.problems import Problem
from ivigraph.store import Row, Store

_FORMATS_NS = Namespace("http://www.w3.org/ns/formats/")
_TOTALS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)
             { ?s ?p ?o }"""
_GRAPHS = "SELECT (COUNT(DISTINCT ?g) AS ?graphs) { GRAPH ?g { ?s ?p ?o } }"
_CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?n) { ?s a ?class FILTER(ISIRI(?class)) } GROUP BY ?class"
_PROPERTIES = "SELECT ?property (COUNT(*) AS ?n) { ?s ?property ?o } GROUP BY ?property"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one generation holds."""

    generation: int
    totals: Row
    classes: tuple[Row, ...]
    properties: tuple[Row, ...]


@dataclass(slots=True)
class Counting:
    """Counts a generation when it is first asked for, and remembers the last."""

    store: Store
    _last: Counts | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def counts(self) -> Counts:
        with self._turn:  # whoever comes meanwhile waits for the same counts
            generation = self.store.generation
            if self._last is None or self._last.generation != generation:
                totals = {**next(iter(self.store.select(_TOTALS))), **next(iter(self.store.select(_GRAPHS)))}
                self._last = Counts(
                    generation=generation,
                    totals=totals,
                    classes=self.store.select(_CLASSES).rows,
                    properties=self.store.select(_PROPERTIES).rows,
                )
            return self._last


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["linked data"])
    counting = Counting(core.store)

    @routes.head("/.well-known/void", include_in_schema=False)
    @routes.get("/.well-known/void", summary="What the dataset holds (VoID and DCAT)", response_class=Response)
    def void(request: Request, format: str = "") -> Response:
        wanted = choose(FORMATS.get(format, format) or request.headers.get("accept"), tuple(SERIALISERS))
        if wanted is None:
            raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(SERIALISERS)}")
        headers = {"Vary": "Accept", "Cache-Control": "no-cache", "ETag": core.etag(core.store.generation, wanted)}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        graph = description(counting.counts(), str(request.base_url), core.minter.base)
        return Response(graph.serialize(format=SERIALISERS[wanted]), media_type=wanted, headers=headers)

    return routes


def description(counts: Counts, home: str, base: str) -> Graph:
    """The dataset at the server whose home page is `home`; its IRIs begin with `base`."""
    graph = Graph()
    graph.bind("void", VOID)
    graph.bind("dcat", DCAT)
    dataset, service = URIRef(f"{home}.well-known/void#dataset"), URIRef(f"{home}sparql")
    for kind in (VOID.Dataset, DCAT.Dataset):
        graph.add((dataset, RDF.type, kind))
    title = "Claims about intravenous immunoglobulin from the literature, each with its sentence"
    graph.add((dataset, DCTERMS.title, Literal(title, lang="en")))
    graph.add((dataset, DCTERMS.hasVersion, Literal(str(counts.generation))))
    graph.add((dataset, VOID.sparqlEndpoint, service))
    graph.add((dataset, VOID.uriSpace, Literal(base)))
    graph.add((dataset, VOID.openSearchDescription, URIRef(f"{home}search")))
    for name in ("rdfs", "skos", "prov", "oa", "biolink"):
        graph.add((dataset, VOID.vocabulary, URIRef(VOCABULARIES[name])))
    for name in ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD"):
        graph.add((dataset, VOID.feature, _FORMATS_NS[name]))
    for property, name in (
        (VOID.triples, "triples"),
        (VOID.distinctSubjects, "subjects"),
        (VOID.distinctObjects, "objects"),
    ):
        graph.add((dataset, property, _number(counts.totals[name])))
    graph.add((dataset, VOID.classes, _number(len(counts.classes))))
    graph.add((dataset, VOID.properties, _number(len(counts.properties))))
    for row in counts.classes:
        part = _part(graph, dataset, VOID.classPartition, VOID["class"], row["class"])
        graph.add((part, VOID.entities, _number(row["n"])))
    for row in counts.properties:
        part = _part(graph, dataset, VOID.propertyPartition, VOID.property, row["property"])
        graph.add((part, VOID.triples, _number(row["n"])))
    graph.add((service, RDF.type, DCAT.DataService))
    graph.add((service, DCAT.endpointURL, service))
    graph.add((service, DCAT.endpointDescription, URIRef(f"{home}openapi.json")))
    graph.add((service, DCAT.servesDataset, dataset))
    distribution = URIRef(f"{home}.well-known/void#sparql")
    graph.add((dataset, DCAT.distribution, distribution))
    graph.add((distribution, RDF.type, DCAT.Distribution))
    graph.add((distribution, DCAT.accessService, service))
    graph.add((distribution, DCAT.accessURL, service))
    return graph


def _part(graph: Graph, dataset: URIRef, relation: URIRef, property: URIRef, of: object) -> URIRef:
    part = URIRef(f"{dataset}-{relation.rpartition('#')[2]}-{_digest(str(of))}")
    graph.add((dataset, relation, part))
    graph.add((part, property, URIRef(str(of))))
    return part


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _number(value: object) -> Literal:
    return Literal(int(str(value)), datatype=XSD.integer)
