"""A document as that which its claims are completed from: its sentences, what each states and which values it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.frames import Frame
from ivigraph.ingest.relations import Relation
from ivigraph.model import Claim


@dataclass(frozen=True, slots=True)
class Story:
    """A document's frames with their relations, by the frame's index; `findings` reads the qualifiers in a frame.

    `broader` gives the ids of the concepts above one.
    """

    frames: Mapping[int, Frame]
    relations: Mapping[int, Sequence[Relation]]
    findings: Callable[[Frame], Sequence[Finding]]
    broader: Callable[[str], frozenset[str]]
    patients: int
    is_case: bool

    def of(self, frame: Frame) -> Sequence[Relation]:
        """What a sentence states."""
        return self.relations.get(frame.index, ())

    def own(self, claim: Claim) -> Frame | None:
        """The frame of the sentence that states a claim."""
        return next((f for f in self.frames.values() if f.sentence.start == claim.evidence.start), None)


def filled(claim: Claim, **values: object) -> Claim:
    """The claim with the values of qualifiers that it lacks."""
    missing = {
        name: value for name, value in values.items()
        if value is not None and getattr(claim.qualifiers, name) is None
    }  # fmt: skip
    return replace(claim, qualifiers=replace(claim.qualifiers, **missing)) if missing else claim  # type: ignore[arg-type]
