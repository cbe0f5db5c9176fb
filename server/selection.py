"""What a visitor chose to see of the claims: filters, order and page, as they stand in an address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from ivigraph.errors import QueryError
from ivigraph.model import Certainty, Predicate
from ivigraph.queries import catalogue
from ivigraph.queries.relations import BY_IRI, BY_NAME
from ivigraph.server import findings
from ivigraph.server.core import Core
from ivigraph.server.findings import Finding, Scope
from ivigraph.server.pages import link, resolve, short

DESIGNS = tuple(catalogue.DESIGNS)
CERTAINTIES = tuple(certainty.value.capitalize() for certainty in Certainty)
_YEARS = range(1900, 2101)
_CONCEPTS = ("subject", "object", "concept", "product", "event", "disease")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The parameters of an address that choose among claims. Concepts, relation and document are IRIs.

    `product`, `event` and `disease` include what is narrower: the therapy of a claim, what it says was caused, and
    what was treated (also where it is only the reason for the therapy).
    """

    subject: str = ""
    relation: str = ""
    object: str = ""
    concept: str = ""
    document: str = ""
    product: str = ""
    event: str = ""
    disease: str = ""
    design: str = ""
    since: str = ""
    until: str = ""
    outcome: str = ""
    certainty: str = ""
    negated: str = ""

    def parameters(self, **others: str | int | None) -> dict[str, str | int]:
        """As an address has them, CURIEs for IRIs, without those that are empty."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        given: dict[str, str | int] = {
            name: short(value) if name in _CONCEPTS else value for name, value in own.items() if value
        }
        if self.relation:
            given["relation"] = BY_IRI[self.relation].predicate.value
        return {**given, **{name: value for name, value in others.items() if value and value != 1}}

    def address(self, path: str, **others: str | int | None) -> str:
        return link(path, **self.parameters(**others))

    def only(self, **changes: str) -> Selection:
        return replace(self, **changes)

    @property
    def scope(self) -> Scope:
        """The claims to read for it: those of the narrowest thing that is named."""
        about = self.concept or self.event or self.disease or self.product
        return Scope(
            subject=self.subject or None,
            relation=self.relation or None,
            object=self.object or None,
            concept=(about if not (self.subject or self.object or self.document) else "") or None,
            document=self.document or None,
        )

    @property
    def relation_said(self) -> str:
        return BY_IRI[self.relation].says if self.relation else "and"

    @property
    def filters(self) -> Mapping[str, str]:
        """The filters that are set, by name: all but the things that a page is about."""
        names = ("product", "event", "disease", "design", "since", "until", "outcome", "certainty", "negated")
        return {name: value for name in names if (value := getattr(self, name))}


def parse(core: Core, given: Mapping[str, str]) -> Selection:
    """The selection of an address. Raises QueryError naming the parameter, the value and what would do."""
    known = {field.name for field in fields(Selection)}
    values = {name: value.strip() for name, value in given.items() if name in known and value.strip()}
    for name in _CONCEPTS:
        if name in values:
            values[name] = resolve(core.vocabulary, "concept", values[name])
    if "relation" in values:
        values["relation"] = resolve(core.vocabulary, "relation", values["relation"])
    if (document := values.get("document")) and "://" not in document:
        values["document"] = core.minter.document(document)
    for name, allowed in (("design", DESIGNS), ("certainty", CERTAINTIES), ("negated", ("true", "false"))):
        if name in values:
            values[name] = _one_of(name, values[name], allowed)
    for name in ("since", "until"):
        if name in values and not (values[name].isdecimal() and int(values[name]) in _YEARS):
            raise QueryError(f"{values[name]!r} is no year", where=f"parameter {name}", remedy="give four digits")
    return Selection(**values)


def _one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    folded = {choice.casefold(): choice for choice in allowed}
    plain = value.replace("_", "").replace(" ", "").casefold()
    if plain not in folded:
        raise QueryError(f"{value!r} is none", where=f"parameter {name}", remedy=f"one of {', '.join(allowed)}")
    return folded[plain]


def chosen(core: Core, selection: Selection) -> Sequence[Finding]:
    """The claims that a selection leaves, in the order of the scope's."""
    tests = list(_tests(core, selection))
    among = findings.of(core, selection.scope)
    return [finding for finding in among if all(test(finding) for test in tests)] if tests else among


def _tests(core: Core, selection: Selection) -> Iterable[Callable[[Finding], bool]]:
    """One for each filter that is set; what is rarest is not known, so the cheap ones come first."""
    if wanted := selection.negated:
        yield lambda finding: finding.negated is (wanted == "true")
    if design := selection.design:
        yield lambda finding: finding.design == design
    if certainty := selection.certainty:
        yield lambda finding: finding.certainty == certainty
    if outcome := selection.outcome:
        yield lambda finding: finding.outcome == outcome
    if selection.since or selection.until:
        first, last = int(selection.since or 0), int(selection.until or 9999)
        yield lambda finding: finding.year is not None and first <= finding.year <= last
    if selection.concept:
        about = findings.narrower(core, selection.concept)
        yield (
            lambda finding: (
                finding.subject in about or finding.object in about or not about.isdisjoint(finding.diseases)
            )
        )
    if selection.product:
        products = findings.narrower(core, selection.product)
        yield lambda finding: finding.subject in products
    if selection.event:
        events, causes = findings.narrower(core, selection.event), BY_NAME[Predicate.CAUSES].iri
        yield lambda finding: finding.relation == causes and finding.object in events
    if selection.disease:
        diseases = findings.narrower(core, selection.disease)
        yield lambda finding: not diseases.isdisjoint(finding.treated)
