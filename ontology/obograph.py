"""Ontologies as OBO Graphs JSON (https://github.com/geneontology/obographs)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import IO, Any

from ivigraph.errors import ReadError
from ivigraph.ontology.external import (
    XREF,
    Mapping,
    Problem,
    ProblemKind,
    Scope,
    Source,
    Term,
    TermName,
    load_json,
)
from ivigraph.ontology.identifiers import canonical

_SCOPES = {
    "hasExactSynonym": Scope.EXACT,
    "hasNarrowSynonym": Scope.NARROW,
    "hasBroadSynonym": Scope.BROAD,
    "hasRelatedSynonym": Scope.RELATED,
}
_REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"


def read(stream: IO[bytes], *, where: str) -> Source:
    """The classes of every graph in the file. Raises ReadError when it holds none."""
    content = load_json(stream, where)
    graphs = content.get("graphs") if isinstance(content, dict) else None
    if not isinstance(graphs, list) or not graphs or not all(isinstance(graph, dict) for graph in graphs):
        raise ReadError("holds no graphs", where=where, remedy='give OBO Graphs JSON: {"graphs": [ … ]}')
    problems: list[Problem] = []
    terms: list[Term] = []
    mappings: list[Mapping] = []
    for graph in graphs:
        parents: defaultdict[str, list[str]] = defaultdict(list)
        for edge in graph.get("edges", ()):
            if edge.get("pred") == "is_a" and "sub" in edge and "obj" in edge:
                parents[edge["sub"]].append(canonical(edge["obj"]))
        for node in graph.get("nodes", ()):
            if node.get("type", "CLASS") != "CLASS":
                continue
            if "id" not in node:
                problems.append(Problem(ProblemKind.SYNTAX, str(node)[:60], "a node without an id"))
                continue
            terms.append(_term(node, tuple(parents[node["id"]])))
            mappings.extend(_mappings(node))
        problems.extend(
            Problem(ProblemKind.IMPORT, "graph", str(imported)) for imported in graph.get("meta", {}).get("imports", ())
        )
    meta = graphs[0].get("meta", {})
    return Source(
        format="OBO Graphs JSON",
        terms=terms,
        mappings=mappings,
        problems=problems,
        title=str(graphs[0].get("id", "")),
        version=str(meta.get("version", "")),
        licence=_property(meta, "license"),
    )


def _term(node: dict[str, Any], parents: tuple[str, ...]) -> Term:
    meta = node.get("meta", {})
    return Term(
        id=canonical(node["id"]),
        label=node.get("lbl") or "",
        names=tuple(
            TermName(synonym["val"], _SCOPES.get(synonym.get("pred"), Scope.RELATED))
            for synonym in meta.get("synonyms", ())
            if synonym.get("val")
        ),
        parents=parents,
        definition=meta.get("definition", {}).get("val") or "",
        obsolete=bool(meta.get("deprecated")),
        replaced_by=canonical(_property(meta, _REPLACED_BY)),
    )


def _mappings(node: dict[str, Any]) -> Iterator[Mapping]:
    subject, meta = canonical(node["id"]), node.get("meta", {})
    for xref in meta.get("xrefs", ()):
        if ":" in (value := xref.get("val") or ""):
            yield Mapping(subject=subject, predicate=XREF, object=canonical(value))
    for value in meta.get("basicPropertyValues", ()):
        name = str(value.get("pred", "")).rpartition("#")[2]
        if name.endswith("Match"):
            yield Mapping(subject=subject, predicate=f"skos:{name}", object=canonical(value.get("val") or ""))


def _property(meta: dict[str, Any], name: str) -> str:
    values = meta.get("basicPropertyValues", ())
    return next((str(v.get("val", "")) for v in values if str(v.get("pred", "")).endswith(name)), "")
