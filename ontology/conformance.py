"""Does a graph conform to the shapes (SHACL, through pyshacl)?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rdflib import RDF, SH, Graph
from rdflib.term import Node

from ivigraph.errors import ShapeError

_HERE = Path(__file__).parent
_MOST_SHOWN = 20


@cache
def schema() -> Graph:
    """The classes and properties of the graph (OWL). Shared: do not change it."""
    return Graph().parse(_HERE / "ivigraph.ttl", format="turtle")


@cache
def shapes() -> Graph:
    """What every document's graph must satisfy (SHACL). Shared: do not change it."""
    return Graph().parse(_HERE / "shapes.ttl", format="turtle")


def check(graph: Graph, *, where: str = "") -> None:
    """Raise ShapeError, with a line for each violation, unless `graph` conforms to the shapes."""
    from pyshacl import validate  # imported where it is used: it takes a quarter of a second

    # pyshacl asks for a store with contexts, which the graph of a document does without.
    data = graph if graph.store.context_aware else Graph() + graph
    conforms, report, _ = validate(data, shacl_graph=shapes(), inference="none", meta_shacl=False)
    if conforms:
        return
    found = report if isinstance(report, Graph) else Graph()
    lines = sorted(_line(found, result) for result in found.subjects(RDF.type, SH.ValidationResult))
    raise ShapeError(
        f"does not conform to the shapes ({len(lines)} violations): {lines[0] if lines else 'no result given'}",
        violations=tuple(lines[:_MOST_SHOWN]),
        where=where,
        remedy="nothing of it was stored; please report the document and this message as a bug of the extractor",
    )


def _line(report: Graph, result: Node) -> str:
    focus, path, value, message = (
        report.value(result, predicate) for predicate in (SH.focusNode, SH.resultPath, SH.value, SH.resultMessage)
    )
    found = "" if value is None else f" (found {value})"
    return f"{focus} {path}: {message}{found}"
