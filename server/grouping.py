"""Claims that say the same put together, and the groups put under headings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ivigraph.model import Predicate
from ivigraph.queries.relations import BY_IRI, Relation
from ivigraph.server.findings import Finding


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many, as one document counts them."""

    count: int
    total: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.total


@dataclass(frozen=True, slots=True)
class Group:
    """Claims with the same subject, relation and object. Documents and patients are those of the affirmed ones."""

    subject: str
    relation: Relation
    object: str
    findings: Sequence[Finding]
    affirmed: Sequence[Finding]
    documents: int
    cases: int

    @property
    def claims(self) -> int:
        return len(self.affirmed)

    @property
    def absent(self) -> int:
        return len(self.findings) - len(self.affirmed)

    @property
    def proportions(self) -> Sequence[Proportion]:
        """Each n of m that a document gives, once, the largest denominator first."""
        given = {
            (finding.document, finding.count, finding.total)
            for finding in self.affirmed
            if finding.count is not None and finding.total and finding.count <= finding.total
        }
        return sorted((Proportion(n, m) for _, n, m in given if n is not None and m), key=lambda p: (-p.total, p.count))

    @property
    def certainties(self) -> Sequence[tuple[str, int]]:
        """How certain the wording is, the most certain first."""
        counted = Counter(finding.certainty for finding in self.affirmed)
        return [(name, counted[name]) for name in _CERTAINTIES if counted[name]]

    @property
    def latest(self) -> int:
        return max((finding.year for finding in self.findings if finding.year), default=0)


_CERTAINTIES = ("Asserted", "Probable", "Possible", "Hypothetical")


@dataclass(frozen=True, slots=True)
class Section:
    """The groups of a page under one heading. `other` says which end of a claim the heading leaves open."""

    key: str
    heading: str
    column: str
    other: str
    groups: Sequence[Group]

    @property
    def claims(self) -> int:
        return sum(len(group.findings) for group in self.groups)


# What a section is called, and what its column holds: by the relation and the end of it that the page is about.
_HEADINGS: Mapping[tuple[Predicate, str], tuple[str, str, str]] = MappingProxyType(
    {
        (Predicate.CAUSES, "subject"): ("causes", "Adverse events reported after it", "Adverse event"),
        (Predicate.CAUSES, "object"): ("reported-after", "Reported after", "Therapy"),
        (Predicate.CAUSES, "context"): ("in-patients", "Adverse events in patients treated for it", "Adverse event"),
        (Predicate.TREATS, "subject"): ("treats", "Used for", "Condition"),
        (Predicate.TREATS, "object"): ("treated-with", "Treated with", "Therapy"),
        (Predicate.HAS_MECHANISM, "subject"): ("mechanisms", "How it is said to work", "Mechanism"),
        (Predicate.HAS_MECHANISM, "object"): ("mechanism-of", "Mechanism of", "Therapy"),
        (Predicate.CONTRAINDICATED_IN, "subject"): ("contraindicated-in", "Contraindicated in", "Condition"),
        (Predicate.CONTRAINDICATED_IN, "object"): ("contraindicates", "A contraindication of", "Therapy"),
        (Predicate.INTERACTS_WITH, "subject"): ("interacts-with", "Interacts with", "Therapy"),
        (Predicate.INTERACTS_WITH, "object"): ("interaction-of", "Interaction of", "Therapy"),
    }
)

ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "documents": "most documents",
        "claims": "most claims",
        "patients": "most patients",
        "latest": "latest report",
        "name": "name",
    }
)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    together: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        together.setdefault((finding.subject, finding.relation, finding.object), []).append(finding)
    return [_group(ends, found) for ends, found in together.items() if ends[1] in BY_IRI]


def _group(ends: tuple[str, str, str], found: Sequence[Finding]) -> Group:
    affirmed = [finding for finding in found if not finding.negated]
    documents = {finding.document for finding in affirmed}
    cases = {finding.case for finding in affirmed if finding.case}
    subject, relation, object_ = ends
    return Group(subject, BY_IRI[relation], object_, found, affirmed, len(documents), len(cases))


def ordered(groups: Iterable[Group], order: str, name: Callable[[Group], str]) -> list[Group]:
    """By one of `ORDERS`; what is equal in that by evidence, then by name, so that the order is always the same."""
    keys: Mapping[str, Callable[[Group], object]] = {
        "documents": lambda group: 0,
        "claims": lambda group: -group.claims,
        "patients": lambda group: -group.cases,
        "latest": lambda group: -group.latest,
        "name": lambda group: name(group).casefold(),
    }
    first = keys[order]

    def key(group: Group) -> tuple[object, ...]:
        said = name(group).casefold(), group.subject, group.relation.iri, group.object
        return first(group), -group.documents, -group.claims, -group.absent, *said

    return sorted(groups, key=key)


def sections(findings: Iterable[Finding], here: frozenset[str]) -> list[Section]:
    """The claims about a concept by what they say of it; `here` is the concept and what is narrower."""
    placed: dict[tuple[Predicate, str], list[Finding]] = {}
    for finding in findings:
        predicate = BY_IRI[finding.relation].predicate if finding.relation in BY_IRI else None
        if predicate is None:
            continue
        if finding.subject in here:
            end = "subject"
        elif finding.object in here:
            end = "object"
        else:
            end = "context"
        placed.setdefault((predicate, end), []).append(finding)
        if end != "context" and predicate is Predicate.CAUSES and not here.isdisjoint(finding.diseases):
            placed.setdefault((predicate, "context"), []).append(finding)
    return [
        Section(key, heading, column, _OTHER[end], grouped(placed[predicate, end]))
        for (predicate, end), (key, heading, column) in _HEADINGS.items()
        if (predicate, end) in placed
    ]


_OTHER: Mapping[str, str] = MappingProxyType({"subject": "object", "object": "subject", "context": "both"})
