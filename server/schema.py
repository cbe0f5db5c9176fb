"""The ontology on a page or as RDF; beside it the shapes, the mappings, the prefixes and the JSON-LD context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from rdflib import OWL, RDF, RDFS, Graph
from rdflib.term import Node
from starlette.responses import FileResponse, Response

from ivigraph import __version__
from ivigraph.namespaces import ONTOLOGY
from ivigraph.ontology import publish
from ivigraph.ontology.conformance import schema, shapes
from ivigraph.ontology.vocabulary import MAPPINGS
from ivigraph.server.core import Core
from ivigraph.server.linked import SERIALISERS
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.problems import Problem


@dataclass(frozen=True, slots=True)
class SchemaTerm:
    """A class, property or individual; `of` are its superclasses, domain or class."""

    name: str
    label: str
    comment: str
    of: Sequence[str]
    range: Sequence[str]


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["linked data"])

    @routes.head("/ontology", include_in_schema=False)
    @routes.get("/ontology", summary="The classes and properties of the graph")
    def ontology(request: Request, format: str = "") -> Response:
        accept = FORMATS.get(format, format) or request.headers.get("accept")
        wanted = choose(accept, (HTML, *SERIALISERS))
        if wanted is None:
            raise Problem(406, "no such representation", remedy=f"accept one of {HTML}, {', '.join(SERIALISERS)}")
        headers = {"Vary": "Accept"}
        if wanted != HTML:
            return Response(schema().serialize(format=SERIALISERS[wanted]), media_type=wanted, headers=headers)
        return core.pages.render("ontology.html", headers=headers, sections=_sections(schema()), namespace=ONTOLOGY)

    @routes.get("/ontology/shapes", summary="What every document's graph must satisfy, in SHACL")
    def shacl(request: Request, format: str = "") -> Response:
        wanted = choose(FORMATS.get(format, format) or request.headers.get("accept"), tuple(SERIALISERS))
        if wanted is None:
            raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(SERIALISERS)}")
        return Response(shapes().serialize(format=SERIALISERS[wanted]), media_type=wanted, headers={"Vary": "Accept"})

    @routes.get("/ontology/{name}", summary="The ontology by its version; prefix map, JSON-LD context, mappings")
    def beside(request: Request, name: str, format: str = "") -> Response:
        if name == __version__:
            return ontology(request, format)
        if name not in _FILES:
            raise Problem(
                404, f"nothing named {name!r} beside the ontology", remedy=f"one of {', '.join((__version__, *_FILES))}"
            )
        path, media_type = _FILES[name]
        return FileResponse(path, media_type=media_type)

    return routes


_FILES = {
    publish.PREFIXES.name: (publish.PREFIXES, "application/json"),
    publish.CONTEXT.name: (publish.CONTEXT, "application/ld+json"),
    "mappings.sssom.tsv": (MAPPINGS, "text/tab-separated-values"),
}


def _sections(graph: Graph) -> Sequence[tuple[str, Sequence[SchemaTerm]]]:
    names = {node for node in graph.subjects(RDFS.label) if str(node).startswith(ONTOLOGY)}
    classes = {node for node in names if (node, RDF.type, OWL.Class) in graph}
    properties = {
        node for node in names if {OWL.ObjectProperty, OWL.DatatypeProperty} & set(graph.objects(node, RDF.type))
    }
    return [
        ("Classes", _terms(graph, classes)),
        ("Properties", _terms(graph, properties)),
        ("Values", _terms(graph, names - classes - properties)),
    ]


def _terms(graph: Graph, nodes: set[Node]) -> Sequence[SchemaTerm]:
    def names(node: Node, *relations: Node) -> Sequence[str]:
        found = {str(o) for relation in relations for o in graph.objects(node, relation)}
        return sorted(graph.namespace_manager.normalizeUri(iri) for iri in found if not iri.startswith(str(OWL)))

    return [
        SchemaTerm(
            str(node).removeprefix(ONTOLOGY),
            str(graph.value(node, RDFS.label)),
            str(graph.value(node, RDFS.comment) or ""),
            names(node, RDFS.subClassOf, RDFS.domain, RDF.type),
            names(node, RDFS.range),
        )
        for node in sorted(nodes, key=str)
    ]
