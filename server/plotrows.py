"""The rows that the plots draw, from the rows of the claims: those of the questions of the same name, sooner.

`tests/test_plots.py` compares them with what SPARQL answers to the questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivigraph.model import Predicate
from ivigraph.namespaces import ONTOLOGY, Minter, compress
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.queries.relations import BY_NAME
from ivigraph.server.findings import family
from ivigraph.server.naming import labels
from ivigraph.store import Among, ClaimRow, DocumentRow, Store
from ivigraph.visualizations.plot import Row

_CONCEPTS = ("event", "disease", "therapy", "object", "concept")
_CAUSES = BY_NAME[Predicate.CAUSES].iri
_PROCESS = "ivo:ProcessClass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Claims with their documents, and what the things are called that they are about. `diseases`: only these."""

    claims: Sequence[ClaimRow]
    documents: Mapping[str, DocumentRow]
    names: Mapping[str, str]
    vocabulary: Vocabulary
    diseases: frozenset[str] | None
    least: int

    def title(self, claim: ClaimRow) -> str:
        document = self.documents.get(claim.document)
        return document.title if document else claim.document


def read(store: Store, vocabulary: Vocabulary, minter: Minter, question: str, given: Mapping[str, str]) -> list[Row]:
    """The rows of the plot of a question. `given` are its parameters, with IRIs of concepts, relations and designs."""
    families = {name: family(store, given[name]) for name in _CONCEPTS if name in given}
    causes = question in ("event-disease-reports", "onset-of-events")
    relation = _CAUSES if causes else given.get("relation")
    claims = store.claims(
        Among(
            subjects=families.get("therapy"),
            relations=frozenset([relation]) if relation else None,
            objects=families.get("event", families.get("object")),
            about=families.get("concept", families.get("disease")),
        )
    )
    documents = store.documents({claim.document for claim in claims})
    kept = [claim for claim in claims if not claim.retracted and _fits(documents.get(claim.document), given)]
    chosen = Chosen(
        claims=kept,
        documents=documents,
        names=labels(store, vocabulary, minter, {i for c in kept for i in (c.subject, c.object, *c.diseases)}),
        vocabulary=vocabulary,
        diseases=families.get("disease"),
        least=int(given.get("least", 0)),
    )
    return list(_ROWS[question](chosen))


def _fits(document: DocumentRow | None, given: Mapping[str, str]) -> bool:
    if "design" in given and (document is None or document.design != given["design"]):
        return False
    if "since" not in given and "until" not in given:
        return True
    year = document.year if document else None
    return year is not None and int(given.get("since", year)) <= year <= int(given.get("until", year))


def _reports(chosen: Chosen) -> Iterator[Row]:
    for claim in chosen.claims:
        row = {
            "event": claim.object,
            "eventLabel": chosen.names[claim.object],
            "document": claim.document,
            "case": claim.case,
            "negated": "true" if claim.negated else "false",
            "claim": claim.claim,
        }
        for disease in claim.diseases or ("",):
            if chosen.diseases is None or disease in chosen.diseases:
                yield {**row, "disease": disease, "diseaseLabel": chosen.names.get(disease, "")}


def _onsets(chosen: Chosen) -> Iterator[Row]:
    for claim in chosen.claims:
        if claim.onset and not claim.negated:
            yield {
                "event": claim.object,
                "eventLabel": chosen.names[claim.object],
                "minDays": claim.min_days,
                "maxDays": claim.max_days,
                "from": "end of therapy" if claim.anchor == f"{ONTOLOGY}TherapyEnd" else "start of therapy",
                "words": claim.onset,
                "document": claim.document,
                "documentLabel": chosen.title(claim),
                "case": claim.case,
                "claim": claim.claim,
            }


def _proportions(chosen: Chosen) -> Iterator[Row]:
    for claim in chosen.claims:
        if claim.negated or (claim.counted is None and not claim.percent) or (claim.total or 0) < chosen.least:
            continue
        row = {
            "object": claim.object,
            "objectLabel": chosen.names[claim.object],
            "therapy": claim.subject,
            "therapyLabel": chosen.names[claim.subject],
            "count": _written(claim.counted),
            "total": _written(claim.total),
            "percent": claim.percent,
            "unit": claim.unit.rpartition("#")[2].lower(),
            "population": claim.population,
            "document": claim.document,
            "documentLabel": chosen.title(claim),
            "claim": claim.claim,
        }
        for process in _processes(chosen.vocabulary, claim):
            yield {**row, "class": process}


def _processes(vocabulary: Vocabulary, claim: ClaimRow) -> Sequence[str]:
    """How the product was made: as the sentence says it, or as the vocabulary knows the product."""
    if claim.product_class:
        return (claim.product_class,)
    broader = vocabulary.ancestors(compress(claim.subject) or claim.subject)
    concepts = (vocabulary.concepts[id_] for id_ in broader if id_ in vocabulary.concepts)
    return [concept.label for concept in concepts if _PROCESS in concept.parents] or [""]


def _documents(chosen: Chosen) -> Iterator[Row]:
    for iri in dict.fromkeys(claim.document for claim in chosen.claims):
        if (document := chosen.documents.get(iri)) is not None:
            yield {
                "document": iri,
                "documentLabel": document.title,
                "year": _written(document.year),
                "design": document.design,
            }


def _written(number: int | None) -> str:
    return "" if number is None else str(number)


_ROWS: Mapping[str, Callable[[Chosen], Iterator[Row]]] = MappingProxyType(
    {
        "event-disease-reports": _reports,
        "onset-of-events": _onsets,
        "proportions": _proportions,
        "evidence-by-year": _documents,
    }
)
