"""Claims as short rows, as little of each as it takes to filter, count and order them.

A page about a concept reads the rows of all its claims once a generation; each filter, count, order and page is then
computed from them in memory, so that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivigraph.model import Predicate
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_NAME
from ivigraph.server.core import Core
from ivigraph.server.results import table

MOST = 100_000  # claims on one page's account; what is about more can be asked by SPARQL


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
    """The claims of a scope, at most `MOST`, ordered by document and claim."""
    return core.remembered(("findings", scope), lambda: tuple(_read(core, scope)))


def narrower(core: Core, concept: str) -> frozenset[str]:
    """The IRIs of a concept and of everything narrower."""

    def read() -> frozenset[str]:
        rows = core.store.select(f"SELECT DISTINCT ?narrower {{ ?narrower ivo:isA {catalogue.iri(concept)} }}")
        return frozenset((concept, *(str(row["narrower"]) for row in rows)))

    return core.remembered(("narrower", concept), read)


def retracted(core: Core) -> frozenset[str]:
    """The documents that were retracted: a notice names them, or their own record or title says so."""

    def read() -> frozenset[str]:
        rows = core.store.select("""SELECT DISTINCT ?document {
            { ?document ivo:retractedBy ?notice } UNION { ?document a ivo:Document ; ivo:retracted true } }""")
        return frozenset(str(row["document"]) for row in rows)

    return core.remembered("retracted", read)


_COLUMNS = (
    "claim", "subject", "relation", "object", "negated", "certainty", "document", "design", "year", "case", "disease",
    "outcome", "count", "total",
)  # fmt: skip
_CLAIM = """
    ?claim biolink:subject ?subject ; biolink:predicate ?relation ; biolink:object ?object ;
           biolink:negated ?negated ; ivo:certainty ?certainty ; biolink:publications ?document .
    ?document ivo:documentType ?design .
    OPTIONAL { ?document ivo:year ?year }
    OPTIONAL { ?claim ivo:case ?case }
    OPTIONAL { ?claim biolink:disease_context_qualifier ?disease }
    OPTIONAL { ?claim ivo:outcome ?outcome }
    OPTIONAL { ?claim ivo:count ?count }
    OPTIONAL { ?claim ivo:total ?total }"""
_ROLES = ("subject", "object", "disease_context_qualifier")


def _read(core: Core, scope: Scope) -> list[Finding]:
    found: dict[str, list[dict[str, str]]] = {}
    for pattern in _patterns(scope):
        query = f"SELECT {' '.join('?' + name for name in _COLUMNS)} {{ {pattern} {_CLAIM} }} LIMIT {MOST}"
        for row in table(core.store, query):
            found.setdefault(row["claim"], []).append(row)
    ordered = sorted(found.items(), key=lambda item: (item[1][0]["document"], item[0]))
    return [_finding(rows) for _, rows in ordered[:MOST]]


def _patterns(scope: Scope) -> Iterator[str]:
    """One for each place where the concept may stand: in one pattern together the engine would read all claims."""
    exact = {
        "biolink:subject": scope.subject,
        "biolink:predicate": scope.relation,
        "biolink:object": scope.object,
        "biolink:publications": scope.document,
        "ivo:case": scope.case,
    }
    given = " ".join(f"?claim {name} {catalogue.iri(value)} ." for name, value in exact.items() if value)
    if scope.concept is None:
        yield given or "?claim a ivo:Claim ."
        return
    for role in _ROLES:
        yield f"?about ivo:isA {catalogue.iri(scope.concept)} . ?claim biolink:{role} ?about . {given}"


def _finding(rows: Sequence[dict[str, str]]) -> Finding:
    first = rows[0]
    return Finding(
        claim=first["claim"],
        subject=first["subject"],
        relation=first["relation"],
        object=first["object"],
        negated=first["negated"] in ("true", "1"),
        certainty=_local(first["certainty"]),
        document=first["document"],
        design=_local(first["design"]),
        year=_integer(first["year"]),
        case=first["case"],
        diseases=tuple(sorted({row["disease"] for row in rows if row["disease"]})),
        outcome=first["outcome"],
        count=_integer(first["count"]),
        total=_integer(first["total"]),
    )


def _local(iri: str) -> str:
    return iri.rpartition("#")[2]


def _integer(text: str) -> int | None:
    return int(text) if text else None
