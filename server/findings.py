"""Claims as short rows, as little of each as it takes to filter, count and order them.

A page about a concept reads the rows of all its claims once a generation; each filter, count, order and page is then
computed from them in memory, so that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ivigraph.model import Predicate
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_NAME
from ivigraph.server.core import Core
from ivigraph.store import Among, ClaimRow, DocumentRow, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which claims to read: by their terms as they are (IRIs), or by a concept that they name, narrower included."""

    subject: str | None = None
    relation: str | None = None
    object: str | None = None
    concept: str | None = None
    document: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim. Certainty, design and outcome are local names (`CaseReport`), all else IRIs; "" where there is none.

    `count` of `total` is what the sentence counts, in patients or whatever its unit is.
    """

    claim: str
    subject: str
    relation: str
    object: str
    negated: bool
    certainty: str
    document: str
    design: str
    year: int | None
    case: str
    diseases: tuple[str, ...]
    outcome: str
    count: int | None
    total: int | None

    @property
    def treated(self) -> tuple[str, ...]:
        """What was treated: what the claim says the therapy was given for, and the disease it was given in."""
        return (self.object, *self.diseases) if self.relation in _FOR else self.diseases


# The relations whose object is what a therapy is, or must not be, given for.
_FOR = frozenset(BY_NAME[name].iri for name in (Predicate.TREATS, Predicate.CONTRAINDICATED_IN))


def of(core: Core, scope: Scope) -> Sequence[Finding]:
    """The claims of a scope, each once, ordered by document and claim."""
    return core.remembered(("findings", scope), lambda: _read(core, scope))


def narrower(core: Core, concept: str) -> frozenset[str]:
    """The IRIs of a concept and of everything narrower."""
    return core.remembered(("narrower", concept), lambda: family(core.store, concept))


def family(store: Store, concept: str) -> frozenset[str]:
    """As `narrower`, asked anew."""
    rows = store.select(f"SELECT DISTINCT ?narrower {{ ?narrower ivo:isA {catalogue.iri(concept)} }}")
    return frozenset((concept, *(str(row["narrower"]) for row in rows)))


def retracted(core: Core) -> frozenset[str]:
    """The documents that were retracted: a notice names them, or their own record or title says so."""

    def read() -> frozenset[str]:
        rows = core.store.select("""SELECT DISTINCT ?document {
            { ?document ivo:retractedBy ?notice } UNION { ?document a ivo:Document ; ivo:retracted true } }""")
        return frozenset(str(row["document"]) for row in rows)

    return core.remembered("retracted", read)


def _read(core: Core, scope: Scope) -> tuple[Finding, ...]:
    rows = {row.claim: row for row in reversed(core.store.claims(_among(core, scope)))}  # the first of each
    documents = core.store.documents({row.document for row in rows.values()})
    return tuple(_finding(row, documents) for row in reversed(rows.values()))


def _among(core: Core, scope: Scope) -> Among:
    def only(iri: str | None) -> frozenset[str] | None:
        return frozenset([iri]) if iri else None

    return Among(
        subjects=only(scope.subject),
        relations=only(scope.relation),
        objects=only(scope.object),
        documents=only(scope.document),
        cases=only(scope.case),
        about=narrower(core, scope.concept) if scope.concept else None,
    )


def _finding(row: ClaimRow, documents: Mapping[str, DocumentRow]) -> Finding:
    document = documents.get(row.document)
    return Finding(
        claim=row.claim,
        subject=row.subject,
        relation=row.relation,
        object=row.object,
        negated=row.negated,
        certainty=_local(row.certainty),
        document=row.document,
        design=_local(document.design) if document else "",
        year=document.year if document else None,
        case=row.case,
        diseases=row.diseases,
        outcome=row.outcome,
        count=row.counted,
        total=row.total,
    )


@lru_cache(maxsize=256)  # there are a dozen designs and certainties
def _local(iri: str) -> str:
    return iri.rpartition("#")[2]
