"""Where a value stands in a sentence, as seen from the name that a claim is about."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.frames import Frame
from ivigraph.ingest.relations import Relation
from ivigraph.model import Mention

# "Were mild but resolved" goes on about the same; "but the rash resolved" does not.
_CLAUSE = re.compile(
    r"[;]|,\s(?:whereas|while|although|and (?:he|she|they|the patient|\w+ed))\b|\b(?:whereas|while|although)\b"
    r"|\bbut\b(?! (?:was|were|is|are|had|usually|rapidly|soon|later|resolved|recovered|disappeared|subsided)\b)",
    re.IGNORECASE,
)


def object_range(relation: Relation) -> tuple[int, int]:
    offset = relation.frame.sentence.start
    return relation.object.start - offset, relation.object.end - offset


def distance(finding: Finding, relation: Relation) -> int:
    return gap(finding, relation.object, relation.frame)


def gap(finding: Finding, mention: Mention, frame: Frame) -> int:
    """Characters between a value and a name of its sentence; 0 where they touch or overlap."""
    start, end = mention.start - frame.sentence.start, mention.end - frame.sentence.start
    return start - finding.end if finding.end <= start else max(0, finding.start - end)


def same_clause(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """No other clause begins between the value and the name, unless the sentence carries one statement only."""
    start, end = object_range(relation)
    between = text[finding.end : start] if finding.end <= start else text[end : finding.start]
    if finding.name == "onset" and relation.rule == "followed":  # "he complained of tightness; hypotension followed"
        return True
    others = {r.object.start for r in rivals if r.predicate is relation.predicate} - {relation.object.start}
    return not others or not _CLAUSE.search(between)
