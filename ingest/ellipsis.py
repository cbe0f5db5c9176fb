"""Events whose verb an earlier clause of the sentence gave: "a man had a stroke, and a woman a pulmonary embolism"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame
from ivigraph.ingest.relations import Relation
from ivigraph.model import Certainty, Predicate

_CONFIDENCE = 0.7
# A clause of who and what, without a verb, up to the event.
_WHO_AND_WHAT = re.compile(
    r"[,;] (?:and |while |whereas )?(?:(?:an?|the|one|two|three|four|five|six) (?:[\w-]+ ){0,2}?"
    r"(?:m[ae]n|wom[ae]n|boys?|girls?|child(?:ren)?|infants?|patients?|others?|second|third|fourth|fifth)"
    r"|another|others|one|two|three|four|five|six)"
    r"(?: (?:of them|each))?,? (?:with |of )?(?:an? )?(?:(?!\w+ed\b|had\b|was\b|were\b|did\b|who\b)[\w-]+ ){0,3}$",
    re.IGNORECASE,
)
_REACH = 120  # characters before an event in which its clause begins


def elided(stated: Sequence[Relation]) -> Iterator[Relation]:
    """The events of clauses that leave their verb out, after one of the same sentence in which it stands."""
    told = {(r.frame.index, key(r.object)) for r in stated}
    first: dict[int, Relation] = {}
    for relation in stated:
        if relation.predicate is Predicate.CAUSES and not relation.negated:
            first.setdefault(relation.frame.index, relation)
    for index, relation in first.items():
        for slot in _elliptical(relation.frame, after=relation.object.end - relation.frame.sentence.start):
            for mention in relation.frame.slots[slot]:
                if (index, key(mention)) not in told:
                    start = mention.start - relation.frame.sentence.start
                    said = relation.frame.assertions.of(start, start + len(mention.text))
                    if not said.negated and said.certainty is Certainty.ASSERTED:
                        yield replace(
                            relation, object=mention, rule="elided", confidence=_CONFIDENCE, start=start,
                            end=start + len(mention.text), onset=None,
                        )  # fmt: skip


def _elliptical(frame: Frame, *, after: int) -> Iterator[str]:
    for match in re.finditer(r"<(C\d+)>", frame.masked):
        start = match.start()
        if frame.origin(start) > after and _WHO_AND_WHAT.search(frame.masked, max(0, start - _REACH), start):
            yield match.group(1)
