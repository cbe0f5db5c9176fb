"""Prefixes, CURIEs and the IRIs that ivigraph mints.

External concepts keep their own IRIs (`obo:HP_0001873`); what ivigraph adds to the world is minted below the
base IRI, a setting, so that a laboratory may publish its graph under its own name. No node is blank: reading a
document again must give the same triples, to the letter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from ivigraph.errors import VocabularyError

DEFAULT_BASE = "https://w3id.org/ivigraph/"
ONTOLOGY = "https://w3id.org/ivigraph/ontology#"
SEARCH = "https://w3id.org/ivigraph/search#"  # the words of a text search inside a query

# CURIE prefixes of identifiers, as the field writes them ("HP:0001873"), longest IRI first where two overlap.
IDENTIFIERS = {
    "HP": "http://purl.obolibrary.org/obo/HP_",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "DOID": "http://purl.obolibrary.org/obo/DOID_",
    "OAE": "http://purl.obolibrary.org/obo/OAE_",
    "OGMS": "http://purl.obolibrary.org/obo/OGMS_",
    "MAXO": "http://purl.obolibrary.org/obo/MAXO_",
    "ECO": "http://purl.obolibrary.org/obo/ECO_",
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
    "GO": "http://purl.obolibrary.org/obo/GO_",
    "MESH": "http://id.nlm.nih.gov/mesh/",
    "UMLS": "http://linkedlifedata.com/resource/umls/id/",
    "SCTID": "http://snomed.info/id/",
    "ICD10CM": "http://purl.bioontology.org/ontology/ICD10CM/",
    "ICD11": "http://id.who.int/icd/entity/",
    "Orphanet": "http://www.orpha.net/ORDO/Orphanet_",
    "OMIM": "https://omim.org/entry/",
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "ATC": "https://www.whocc.no/atc_ddd_index/?code=",
    "ivo": ONTOLOGY,
    "doi": "https://doi.org/",
    "pmid": "http://www.ncbi.nlm.nih.gov/pubmed/",
    "pmcid": "https://www.ncbi.nlm.nih.gov/pmc/articles/",
}

# Prefixes of the vocabularies that the graph is written in; with those above, what queries may use.
VOCABULARIES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "void": "http://rdfs.org/ns/void#",
    "biolink": "https://w3id.org/biolink/vocab/",
    "obo": "http://purl.obolibrary.org/obo/",
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "search": SEARCH,
}


def expand(curie: str) -> str:
    """The IRI of an identifier written as a CURIE; raises VocabularyError for an unknown prefix."""
    prefix, colon, local = curie.partition(":")
    if not colon or prefix not in IDENTIFIERS:
        raise VocabularyError(
            f"unknown prefix {prefix!r}",
            where=curie,
            remedy=f"known prefixes: {', '.join(sorted(IDENTIFIERS))}",
        )
    return IDENTIFIERS[prefix] + local


def compress(iri: str, known: Mapping[str, str] = IDENTIFIERS) -> str | None:
    """The CURIE of an IRI by the longest of the `known` prefixes, or None where none fits; undoes `expand`."""
    best = max(
        ((prefix, start) for prefix, start in known.items() if iri.startswith(start) and iri != start),
        key=lambda pair: len(pair[1]),
        default=None,
    )
    return None if best is None else f"{best[0]}:{iri[len(best[1]) :]}"


@dataclass(frozen=True, slots=True)
class Minter:
    """Mints the IRIs of one graph, all below `base` (which ends in a slash).

    id/document/pmid/28856544        a document       id/claim/8c1f…     a claim
    id/document/…#char=412,498       a place in it    id/case/8c1f…      a patient
    id/document/…#link-8c1f…         why a name in it has its concept
    id/edge/…  id/term/condition/…   derived edges, and names that no vocabulary knows
    graph/document/pmid/28856544     the named graph that holds all that was read from a document
    graph/vocabulary  graph/derived  graph/curated    the other named graphs
    """

    base: str = DEFAULT_BASE

    def document(self, curie: str) -> str:
        return f"{self.base}id/document/{_path(curie)}"

    def document_graph(self, curie: str) -> str:
        return f"{self.base}graph/document/{_path(curie)}"

    def place(self, curie: str, start: int, end: int) -> str:
        """A character range of a document's text (RFC 5147)."""
        return f"{self.document(curie)}#char={start},{end}"

    def passage(self, curie: str, number: int) -> str:
        return f"{self.document(curie)}#passage-{number}"

    def link(self, curie: str, *parts: str) -> str:
        return f"{self.document(curie)}#link-{_digest(*parts)[:12]}"

    def claim(self, *parts: str) -> str:
        return f"{self.base}id/claim/{_digest(*parts)}"

    def case(self, curie: str, case: str) -> str:
        return f"{self.base}id/case/{_digest(curie, case)}"

    def extraction(self, curie: str, extractor: str) -> str:
        return f"{self.base}id/extraction/{_digest(curie, extractor)}"

    def edge(self, *parts: str) -> str:
        return f"{self.base}id/edge/{_digest(*parts)}"

    def unlinked(self, kind: str, name: str) -> str:
        """A name that is not in the vocabulary: the same name is the same node in every document."""
        return f"{self.base}id/term/{kind}/{quote(' '.join(name.casefold().split()), safe='')}"

    @property
    def vocabulary_graph(self) -> str:
        return f"{self.base}graph/vocabulary"

    @property
    def derived_graph(self) -> str:
        return f"{self.base}graph/derived"

    @property
    def proposals_graph(self) -> str:
        return f"{self.base}graph/proposals"

    @property
    def curated_graph(self) -> str:
        return f"{self.base}graph/curated"

    def page(self, iri: str) -> str:
        """The path of the page about `iri`: `/id/…` for what was minted here, else `/id/concept/CURIE`."""
        if iri.startswith(f"{self.base}id/"):
            # "%" must survive one decoding by the server, so that the page finds the same IRI again.
            return "/" + quote(iri.removeprefix(self.base).partition("#")[0], safe="/:(),;=+$!*'@")
        return f"/id/concept/{quote(compress(iri) or iri, safe=':')}"

    def iri_of_page(self, path: str) -> str:
        """The inverse of `page`, given the decoded path."""
        path = path.removeprefix("/")
        if path.startswith("id/concept/"):
            name = path.removeprefix("id/concept/")
            return name if "://" in name else expand(name)
        return self.base + path


def prefixes(minter: Minter) -> dict[str, str]:
    """All prefixes that a query may use without declaring them."""
    return {
        **IDENTIFIERS,
        **VOCABULARIES,
        "document": f"{minter.base}id/document/",
        "claim": f"{minter.base}id/claim/",
        "case": f"{minter.base}id/case/",
        "graph": f"{minter.base}graph/",
    }


@lru_cache(maxsize=1024)
def _path(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    # Slashes stay, so that a DOI reads as one; "#", "<", "%" and the like would change or break the IRI.
    return f"{prefix}/{quote(unquote(local), safe='/().-_~:;,+')}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
