"""What a form of filters offers: each value that occurs among the claims, with how many bear it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ivigraph.model import Predicate
from ivigraph.queries.relations import BY_NAME
from ivigraph.server.core import Core
from ivigraph.server.findings import Finding
from ivigraph.server.naming import names
from ivigraph.server.pages import short, words
from ivigraph.server.reading import Counts
from ivigraph.server.selection import CERTAINTIES, DESIGNS, Selection

MOST = 60  # options in a list; others can be named in the address, or found through their own page


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    claims: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose from; `chosen` is the value that is set, or empty."""

    name: str
    label: str
    chosen: str
    options: Sequence[Option]


def counts(among: Iterable[Finding]) -> Counts:
    """How many claims, and the documents and patients of the affirmed ones."""
    every = list(among)
    affirmed = [finding for finding in every if not finding.negated]
    return Counts(
        claims=len(affirmed),
        absent=len(every) - len(affirmed),
        documents=len({finding.document for finding in affirmed}),
        cases=len({finding.case for finding in affirmed if finding.case}),
    )


def offered(core: Core, selection: Selection, among: Sequence[Finding]) -> Sequence[Choice]:
    """The lists of the form over the claims that a page is about, without those that would leave nothing to choose."""
    causes = BY_NAME[Predicate.CAUSES].iri
    things = (
        ("product", "Therapy or product", Counter(f.subject for f in among)),
        ("event", "Adverse event", Counter(f.object for f in among if f.relation == causes)),
        ("disease", "Disease treated", Counter(disease for f in among for disease in f.treated)),
    )
    shown = {name: counted.most_common(MOST) for name, _, counted in things}
    labels = names(core, {iri for pairs in shown.values() for iri, _ in pairs} | _set(selection))
    lists = [
        Choice(
            name,
            label,
            short(chosen) if (chosen := getattr(selection, name)) else "",
            _with_chosen([Option(short(iri), labels[iri], n) for iri, n in shown[name]], chosen, labels),
        )
        for name, label, _ in things
    ]
    designs = Counter(finding.design for finding in among)
    certainties = Counter(finding.certainty for finding in among)
    outcomes = Counter(finding.outcome for finding in among if finding.outcome)
    denied = sum(finding.negated for finding in among)
    lists += [
        Choice("design", "Study design", selection.design, _named(DESIGNS, designs)),
        Choice("certainty", "Certainty of the wording", selection.certainty, _named(CERTAINTIES, certainties)),
        Choice("outcome", "Outcome", selection.outcome, _named([o for o, _ in outcomes.most_common(MOST)], outcomes)),
        Choice(
            "negated",
            "Reported as",
            selection.negated,
            [Option("false", "present", len(among) - denied), Option("true", "explicitly absent", denied)],
        ),
    ]
    return [choice for choice in lists if choice.chosen or sum(option.claims > 0 for option in choice.options) > 1]


def _set(selection: Selection) -> set[str]:
    return {selection.product, selection.event, selection.disease} - {""}


def _with_chosen(options: list[Option], chosen: str, labels: Mapping[str, str]) -> Sequence[Option]:
    if chosen and short(chosen) not in {option.value for option in options}:
        options = [Option(short(chosen), labels[chosen], 0), *options]
    return options


def _named(values: Iterable[str], counted: Mapping[str, int]) -> Sequence[Option]:
    return [Option(value, words(value), counted[value]) for value in values if counted[value]]
