"""Which of the claims of a sentence a count or a percentage belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigraph.ingest.counts import Count, Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.places import distance, object_range, same_clause
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.quantities import COUNT, number
from ivigraph.ingest.relations import Relation
from ivigraph.model import Unit

# "Headache (19 patients, 43%), chills [n = 7]": between a name and the count in brackets after it.
_IN_BRACKETS = re.compile(r"\s?[(\[]\s?(?:in\s)?")


def counts(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """In brackets, or after "in", a count belongs to the name before it, before a verb to those after it, else to the
    nearest.
    """
    start, end = object_range(relation)
    if (arm := _arm(finding, relation, rivals)) is not None:
        return arm == key(relation.subject)
    if _EACH.match(text, finding.end):
        return _is_of_each(finding, relation, text)
    if _AND_ONE.search(text, max(0, finding.start - 5), finding.end) and _OF_NEXT.match(text, finding.end):
        return start >= finding.end and text[finding.end : start].count(" ") <= _NEXT_WORDS
    members = relation.frame.list_of(relation.object) or (relation.object,)
    first = members[0].start - relation.frame.sentence.start
    if finding.end <= first and _CASES_OF.fullmatch(text, finding.end, first):
        return True
    if finding.end <= start and ":" in text[finding.end : start] and _other_counts(finding, relation):
        return False  # "in 11 patients: eczema in seven"
    if isinstance(finding.value, Count) and finding.value.is_bare:
        return finding.end > end and _BARE.fullmatch(text, end, finding.start) is not None
    if opening := re.search(r"[(\[]\s?(?:in\s)?$", text[: finding.start]):
        named = {object_range(r)[1] for r in rivals if r.predicate is relation.predicate}
        if any(text[other : opening.start()].isspace() or other == opening.start() for other in named):
            return _IN_BRACKETS.fullmatch(text, end, finding.start) is not None
        if before := [other for other in named if other <= opening.start()]:
            return end == max(before) and not re.search(r"[;(]", text[end : opening.start()])
    if re.search(r"\brespectively\b", text[finding.end :]):
        return _in_same_place(finding, relation)
    starts = {r.object.start - relation.frame.sentence.start for r in rivals if r.predicate is relation.predicate}
    if re.search(
        r"\b(?:in|for|by|among|with|after|affected|followed|complicated)\s(?:about |approximately |only |up to "
        r"|all |the remaining )?$",
        text[: finding.start],
    ):
        before = [place for place in starts if place < finding.start]
        if before:
            last = max(before)
            told = re.search(
                r"\b(?:occur|was|were|is|are|been|seen|develop|report|observ)\w*\b", text[last : finding.start]
            )
            return start == last or (told is not None and start in before and _in_one_list(relation, last))
    elif re.match(
        r"(?:\s\([^)]*\))?\s?\W*\s?(?:also |who )?(?:had|developed|experienced|reported|suffered|showed|died"
        r"|complained)\b",
        text[finding.end :],
    ):
        return start >= finding.end and not any(finding.end <= f < start for f in _other_counts(finding, relation))
    return _nearest(finding, relation, rivals) and same_clause(finding, relation, rivals, text)


# "One each had hypotension and syncope", "fever and rash in one patient each".
_EACH = re.compile(r"\s?each\b", re.IGNORECASE)
# "And one of urticaria", "and two with fever".
_OF_NEXT = re.compile(r"\s(?:of|with)\s(?!the\b|them\b|these\b|those\b|our\b|wh)", re.IGNORECASE)
# "Thirty-six reports of neutropenia or leukopenia": of each of a list.
_CASES_OF = re.compile(r"\sof\s(?:(?!the\b)[\w-]+\s){0,2}", re.IGNORECASE)
_AND_ONE = re.compile(rf"\band {COUNT}$", re.IGNORECASE)
_NEXT_WORDS = 4
# Between a name and a number that says nothing of what it counts: "rash in 7", "rash was seen in 32".
_BARE = re.compile(r"(?:\s(?!in\b)[^\s,;.]+){0,4}?\sin\s(?:only\s|about\s|the remaining\s)?")


def _is_of_each(finding: Finding, relation: Relation, text: str) -> bool:
    """A number of each of a list: of the one after its verb, else of the one before it."""
    members = relation.frame.list_of(relation.object) or (relation.object,)
    offset = relation.frame.sentence.start
    first, last = members[0].start - offset, members[-1].end - offset
    if _HAD.match(text, finding.end):
        return finding.end <= first and not re.search(r"[;.]", text[finding.end : first])
    between = text[last : finding.start] if last <= finding.start else ""
    return between.strip() in ("(", "[") or _BARE.fullmatch(between) is not None


_HAD = re.compile(
    r"\s?each\s(?:also )?(?:had|developed|experienced|reported|suffered|showed|complained)\b", re.IGNORECASE
)


# "Six strokes, four deep vein thromboses and one severe pulmonary embolism".
_DIRECT = re.compile(
    rf"(?:^|[\s(\[])(?P<count>{COUNT})\s(?:(?:new|severe|serious|mild|fatal|acute|further|\w+ic)\s)?$", re.IGNORECASE
)
_NAMES = re.compile(
    r"\b(?:days?|weeks?|months?|grades?|types?|stages?|classe?s?|factors?|of|at|to)\s\w+\s$", re.IGNORECASE
)


def direct(relation: Relation) -> Count | None:
    """How many there were of an event whose name follows its number."""
    start, end = object_range(relation)
    text = relation.frame.text
    found = _DIRECT.search(text, max(0, start - 40), start)
    if found is None or _NAMES.search(text, 0, found.end("count") + 1):
        return None
    many = int(number(found["count"]))
    is_plural = re.search(r"s\b", text[start:end]) is not None
    return Count(many, None, None, Unit.CASES) if many > 0 and is_plural == (many > 1) else None


def _arm(finding: Finding, relation: Relation, rivals: Sequence[Relation]) -> str | None:
    """Which of several therapies that are compared a count belongs to: that before its bracket, else the next one."""
    arms = {
        key(r.subject): r.subject for r in rivals if r.predicate is relation.predicate and r.object == relation.object
    }
    if len(arms) < 2 or any(s.start < relation.frame.sentence.start for s in arms.values()):
        return None
    offset = relation.frame.sentence.start
    text = relation.frame.text
    for name, subject in arms.items():
        if re.fullmatch(r"[^<;,]{0,20}[(\[]\s?", text[subject.end - offset : finding.start]):
            return name
    after = [(s.start, name) for name, s in arms.items() if s.start - offset >= finding.end]
    # Two names of one list are not two arms.
    members = relation.frame.list_of(relation.subject)
    return None if len({key(m) for m in members} & arms.keys()) > 1 or not after else min(after)[1]


def percent(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """Not the strength of a product ("Octagam 5%")."""
    offset = relation.frame.sentence.start
    strength = any(drug.start - offset <= finding.start <= drug.end - offset + 1 for drug in relation.frame.drugs())
    return not strength and counts(finding, relation, rivals, text)


def _in_one_list(relation: Relation, place: int) -> bool:
    """Whether the object is in one list with what stands at a place of the sentence."""
    offset = relation.frame.sentence.start
    members = relation.frame.list_of(relation.object)
    return any(m.start - offset == place for m in members)


_PAIR = 2


def _in_same_place(finding: Finding, relation: Relation) -> bool:
    """The first count goes with the first name: "fever and headache in 12 and 20 children, respectively"."""
    counted = sorted(f.start for f in find(relation.frame.text) if f.name in ("count", "percent"))
    members = relation.frame.list_of(relation.object)
    if len(counted) == _PAIR and len(members) == 1:  # one of the two has no name of its own
        start, end = object_range(relation)
        is_first = " and " in relation.frame.text[end : counted[0]]
        return (is_first or " and " in relation.frame.text[:start]) and counted.index(finding.start) == (not is_first)
    return len(counted) == len(members) and counted.index(finding.start) == members.index(relation.object)


def _other_counts(finding: Finding, relation: Relation) -> list[int]:
    """Where further counts begin, but for one in brackets that is a part of this ("twelve patients (9 women)")."""
    text = relation.frame.text
    part = re.match(r"\s\([^)]*\)", text[finding.end :])
    start = finding.end + (part.end() if part else 0)
    return [f.start for f in find(text) if f.name == "count" and f.start >= start]


def _nearest(finding: Finding, relation: Relation, rivals: Sequence[Relation]) -> bool:
    own = distance(finding, relation)
    objects = {r.object.start: r for r in rivals if r.predicate is relation.predicate}
    return all(distance(finding, other) >= own for other in objects.values())
