"""What things are called on a page: the label of the vocabulary, of the graph, or what the IRI itself says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from ivigraph.namespaces import Minter, compress
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.queries import catalogue
from ivigraph.server.core import Core
from ivigraph.server.pages import short
from ivigraph.store import Store


def names(core: Core, iris: Iterable[str]) -> Mapping[str, str]:
    """The label of each IRI. The graph is asked only about what neither the vocabulary nor the IRI names."""
    return labels(core.store, core.vocabulary, core.minter, iris)


def labels(store: Store, vocabulary: Vocabulary, minter: Minter, iris: Iterable[str]) -> Mapping[str, str]:
    """See `names`."""
    found: dict[str, str] = {}
    unknown = []
    for iri in set(iris):
        if name := _without_asking(vocabulary, minter, iri):
            found[iri] = name
        else:
            unknown.append(iri)
    if unknown:
        values = " ".join(catalogue.iri(iri) for iri in sorted(unknown))
        rows = store.select(
            f"SELECT ?thing (MIN(STR(?name)) AS ?label) {{ VALUES ?thing {{ {values} }} ?thing rdfs:label ?name }} "
            "GROUP BY ?thing"
        )
        found.update({str(row["thing"]): str(row["label"]) for row in rows if "label" in row})
    return {**{iri: short(iri) for iri in unknown}, **found}


def _without_asking(vocabulary: Vocabulary, minter: Minter, iri: str) -> str | None:
    if iri.startswith(terms := f"{minter.base}id/term/"):
        return unquote(iri.removeprefix(terms).partition("/")[2])
    concept = vocabulary.concepts.get(compress(iri) or "")
    return concept.label if concept else None
