"""What is published beside the ontology: its prefixes, and a JSON-LD context for its terms.

`prefixes.json` is a prefix map as `curies` loads it (`curies.load_prefix_map`), one prefix for each IRI;
`context.jsonld` names the properties of the graph with their datatypes. Both are written by `ontology.build`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rdflib import OWL, RDF, RDFS, Graph
from rdflib.term import Node

from ivigraph.namespaces import IDENTIFIERS, VOCABULARIES

HERE = Path(__file__).parent
PREFIXES = HERE / "prefixes.json"
CONTEXT = HERE / "context.jsonld"
# Properties of other vocabularies that the graph uses, by the names that they have in a context.
_OTHERS = ("biolink", "oa", "prov")


def prefix_map() -> dict[str, str]:
    """Every prefix with its IRI, sorted; of two prefixes with one IRI ("MESH", "mesh") that of the identifiers."""
    found: dict[str, str] = {}
    for prefix, iri in (*IDENTIFIERS.items(), *VOCABULARIES.items()):
        found.setdefault(iri, prefix)
    return dict(sorted((prefix, iri) for iri, prefix in found.items()))


def context(ontology: Graph) -> Mapping[str, object]:
    """The JSON-LD 1.1 context: prefixes, and every property of the ontology with how its values are written."""
    terms: dict[str, object] = {"@version": 1.1, "id": "@id", "type": "@type", "label": "rdfs:label"}
    prefixes = {**prefix_map(), **{name: VOCABULARIES[name] for name in _OTHERS}}
    properties: dict[str, object] = {}
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for node in sorted(set(ontology.subjects(RDF.type, kind)), key=str):
            prefix = next((p for p in ("ivo", *_OTHERS) if str(node).startswith(prefixes[p])), None)
            if prefix is not None:
                name = str(node).removeprefix(prefixes[prefix])
                properties.setdefault(name, _term(ontology, node, f"{prefix}:{name}", kind == OWL.ObjectProperty))
    return {"@context": {**terms, **prefixes, **properties}}


def _term(ontology: Graph, node: Node, curie: str, leads_to_a_node: bool) -> object:
    if leads_to_a_node:
        return {"@id": curie, "@type": "@id"}
    datatype = ontology.value(node, RDFS.range)
    plain = datatype is None or str(datatype).endswith("#string")
    return {"@id": curie} if plain else {"@id": curie, "@type": "xsd:" + str(datatype).partition("#")[2]}


def generated(ontology: Graph) -> Mapping[Path, str]:
    """The text of each file."""
    return {
        PREFIXES: json.dumps(prefix_map(), indent=2) + "\n",
        CONTEXT: json.dumps(context(ontology), indent=2) + "\n",
    }
