"""Linked data: what the graph says about one thing, in the RDF syntax that a client asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import pyoxigraph

from ivigraph.namespaces import Minter
from ivigraph.queries import catalogue
from ivigraph.store import MEDIA_TYPES, Form

RDF_TYPES = ("text/turtle", *(kind for kind in MEDIA_TYPES[Form.GRAPH] if kind != "text/turtle"))
"""What an entity is written as, Turtle first, which people can read."""

_WITH_PREFIXES = ("text/turtle", "application/trig")
_PREFIXED = re.compile(r"(?m)(?:^|(?<!@prefix)[\s^])([\w.-]+):")

# What rdflib calls them, for the graphs that are not in the store.
SERIALISERS: Mapping[str, str] = MappingProxyType(
    {
        "text/turtle": "turtle",
        "application/n-triples": "nt",
        "application/rdf+xml": "xml",
        "application/ld+json": "json-ld",
    }
)


def readable(iri: str, triples: bytes, media_type: str, known: Mapping[str, str]) -> bytes:
    """The N-Triples of a description in another syntax: what it is about first, and with the prefixes that it uses."""
    found = {quad.triple for quad in pyoxigraph.parse(triples, pyoxigraph.RdfFormat.N_TRIPLES)}
    ordered = sorted(found, key=lambda triple: (triple.subject.value != iri, *map(str, triple)))
    syntax = pyoxigraph.RdfFormat.from_media_type(media_type)
    text = triples.decode()
    used = {prefix: namespace for prefix, namespace in known.items() if f"<{namespace}" in text}
    if media_type in _WITH_PREFIXES:  # of two that fit, the engine takes the longer
        written = pyoxigraph.serialize(ordered, format=syntax, prefixes=used) or b""
        names = set(_PREFIXED.findall(written.decode()))
        used = {prefix: namespace for prefix, namespace in used.items() if prefix in names}
    return pyoxigraph.serialize(ordered, format=syntax, prefixes=used) or b""


def construct(iri: str, minter: Minter) -> str:
    """The query for the description of a thing: its own triples, and those that make it understood."""
    node = catalogue.iri(iri)
    if iri.startswith(f"{minter.base}id/document/"):
        # A document's description is all that was read from it.
        graph = catalogue.iri(iri.replace(f"{minter.base}id/", f"{minter.base}graph/", 1))
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
    if iri.startswith(f"{minter.base}id/claim/"):
        parts = "ivo:onset|ivo:dose|prov:wasGeneratedBy|prov:wasDerivedFrom|(prov:wasDerivedFrom/oa:hasSelector)"
        also = f"{node} {parts} ?s . ?s ?p ?o"
    elif iri.startswith(f"{minter.base}id/case/"):
        also = f"?s ivo:case {node} ; ?p ?o"
    else:
        also = f"?s ivo:from|ivo:to {node} ; a ivo:Edge ; ?p ?o"
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ BIND({node} AS ?s) {node} ?p ?o }} UNION {{ {also} }} }}"
