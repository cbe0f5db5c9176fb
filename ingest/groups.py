"""The groups that a document counts, and what a count or a percentage is of.

"Of 284 children …. Haemolysis was identified in 14 (4.9%)": the percentage itself tells which of the groups that were
named is meant, for 14 of 284 are 4.9%.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ivigraph.ingest.counts import Count, Finding, agrees
from ivigraph.ingest.frames import Frame
from ivigraph.model import Claim, Qualifiers, Unit


@dataclass(frozen=True, slots=True)
class Group:
    """So many of a unit, named in a sentence that begins at `start`."""

    size: int
    unit: Unit
    start: int


def groups(frames: Iterable[tuple[Frame, Sequence[Finding]]]) -> Iterator[Group]:
    """Every number of people, infusions, courses or cases that a document names, wholes and parts alike."""
    for frame, findings in frames:
        for finding in findings:
            if isinstance(finding.value, Count) and finding.value.unit is not None:
                for size in (finding.value.count, finding.value.total):
                    if size is not None:
                        yield Group(size, finding.value.unit, frame.sentence.start)


def lacks_total(qualifiers: Qualifiers) -> bool:
    return qualifiers.count is not None and qualifiers.percent is not None and qualifiers.total is None


def with_total(claim: Claim, known: Sequence[Group]) -> Claim:
    """The claim with the total that its count and percentage agree with; the nearest such group before it."""
    told = claim.qualifiers
    if told.count is None or told.percent is None or told.total is not None:
        return claim
    fitting = [
        g
        for g in known
        if g.size > told.count
        and g.start <= claim.evidence.start
        and (told.unit in (None, g.unit))
        and agrees(told.count, g.size, told.percent)
    ]
    if not fitting:
        return claim
    group = max(fitting, key=lambda g: (g.start, g.size))
    return replace(claim, qualifiers=replace(told, total=group.size, unit=group.unit))
