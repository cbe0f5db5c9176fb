"""Which of the qualifiers found in a sentence belongs to which claim that the sentence carries.

A value belongs to a claim of the right kind (an onset to an adverse event, an effect to a treatment) and, where a
sentence holds several, to the nearest one on its side of a clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ivigraph.ingest import administration
from ivigraph.ingest.counts import Count, Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.relations import Relation
from ivigraph.model import Mention, Predicate, Qualifiers

# The qualifiers of each kind of claim; what is missing from a row says nothing about such a claim.
_ALLOWED = {
    Predicate.CAUSES: (
        "count",
        "percent",
        "frequency",
        "severity",
        "onset",
        "outcome",
        "dechallenge",
        "rechallenge",
        "dose",
        *administration.NAMES,
        "population",
        "product_class",
    ),
    Predicate.TREATS: (
        "count",
        "percent",
        "outcome",
        "dose",
        *administration.NAMES,
        "effect",
        "line",
        "label_status",
        "population",
        "product_class",
    ),
    Predicate.CONTRAINDICATED_IN: ("population", "product_class"),
    Predicate.INTERACTS_WITH: (),
    Predicate.HAS_MECHANISM: ("dose", *administration.NAMES),
}
# What did not happen has no onset and no outcome.
_OF_AN_ABSENCE = ("count", "percent", "dose", *administration.NAMES, "population", "product_class", "line")
# "Were mild but resolved" goes on about the same; "but the rash resolved" does not.
_CLAUSE = re.compile(
    r"[;]|,\s(?:whereas|while|although|and (?:he|she|they|the patient|\w+ed))\b|\b(?:whereas|while|although)\b"
    r"|\bbut\b(?! (?:was|were|is|are|had|usually|rapidly|soon|later|resolved|recovered|disappeared|subsided)\b)",
    re.IGNORECASE,
)
_SEVERITY_REACH = 30  # characters before a name within which an adjective grades it


def attach(relation: Relation, findings: Sequence[Finding], rivals: Sequence[Relation]) -> Qualifiers:
    """The qualifiers of one claim; `rivals` are all the relations of the sentence, this one included."""
    text = relation.frame.text
    values: dict[str, object] = {}
    for name in _ALLOWED[relation.predicate] if not relation.negated else _OF_AN_ABSENCE:
        found = [f for f in findings if f.name == name and _belongs(f, relation, rivals, text)]
        if found:
            best = min(found, key=lambda f: _distance(f, relation))
            if name != "percent" or "percent" not in values:
                values |= _fields(best)
    if relation.onset is not None:
        values.setdefault("onset", relation.onset)
    values |= _IMPLIED.get(relation.rule, {})
    return Qualifiers(**values)  # type: ignore[arg-type]


# What the words of a rule say by themselves.
_IMPLIED: dict[str, dict[str, object]] = {"resistant to": {"effect": "no_response"}}


def _fields(finding: Finding) -> dict[str, object]:
    if isinstance(finding.value, Count):
        count = finding.value
        fields = {"count": count.count, "total": count.total, "percent": count.percent, "unit": count.unit}
        return {name: value for name, value in fields.items() if value is not None}
    return {finding.name: finding.value}


def _object_range(relation: Relation) -> tuple[int, int]:
    offset = relation.frame.sentence.start
    return relation.object.start - offset, relation.object.end - offset


def _distance(finding: Finding, relation: Relation) -> int:
    start, end = _object_range(relation)
    if finding.end <= start:
        return start - finding.end
    return max(0, finding.start - end)


def _belongs(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    if not _is_inside(relation):
        # The condition was named in another sentence: only what is said of the therapy and its result is about it.
        if finding.name in _OF_ITS_NAME and not _TESTS[finding.name](finding, relation, rivals, text):
            return False
        return (
            finding.name in _OF_THE_THERAPY and _denied(finding, text) is None and not _is_of_before(finding, relation)
        )
    test: Callable[[Finding, Relation, Sequence[Relation], str], bool] = _TESTS.get(finding.name, _same_clause)
    return test(finding, relation, rivals, text)


_OF_ITS_NAME = frozenset({"dose", *administration.NAMES})
_OF_THE_THERAPY = _OF_ITS_NAME | {"effect", "outcome", "line", "label_status", "product_class"}


def _is_inside(relation: Relation) -> bool:
    sentence = relation.frame.sentence
    return sentence.start <= relation.object.start < sentence.end


def _denied(finding: Finding, text: str) -> re.Match[str] | None:
    """The word that turns what follows it into its opposite ("no improvement" is none)."""
    before = text[max(0, finding.start - 40) : finding.start]
    match = re.search(
        r"\b(?:no|not|without|never|nor|any|refractory to|unless|until|rarely)\b[^.;,]*$", before, re.IGNORECASE
    )
    return (
        match
        if match
        and finding.value
        in (
            "improved",
            "recovered",
            "recovering",
            "spontaneous remission",
            "fatal",
            "sequelae",
            "first",
            "second",
            "stable",
            "common",
        )
        else None
    )


def _same_clause(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """No other clause begins between the value and the name, unless the sentence carries one statement only."""
    start, end = _object_range(relation)
    between = text[finding.end : start] if finding.end <= start else text[end : finding.start]
    if finding.name == "onset" and relation.rule == "followed":  # "he complained of tightness; hypotension followed"
        return True
    others = {r.object.start for r in rivals if r.predicate is relation.predicate} - {relation.object.start}
    return not others or not _CLAUSE.search(between)


def _grades(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """Severity: an adjective right before the name or its list, or said of the side effects as a whole."""
    start, _ = _object_range(relation)
    if finding.value == "fatal":
        return _same_clause(finding, relation, rivals, text)
    between = text[finding.end : start]
    if start <= finding.start < _object_range(relation)[1]:  # "severe allergic reaction" as a name
        return True
    near = (
        finding.end <= start
        and len(between) <= _SEVERITY_REACH
        and not re.search(r"[,;]|\b(?:and|or)\b|\w+ed\b", between)
    )
    members = next((ms for ms in relation.frame.slots.values() if relation.object in ms), (relation.object,))
    after = members[-1].end - relation.frame.sentence.start
    said = finding.start >= after and _PREDICATED.fullmatch(text, after, finding.start)
    taken_up = len(rivals) == 1 and _TAKEN_UP.search(text, after, max(after, finding.start))
    return near or bool(said) or bool(taken_up) or _said_of_all(finding, relation) or _labels(finding, relation)


# "…, which are usually mild": between a list and what is said of all of it.
_PREDICATED = re.compile(r"[^.;]{0,70}?\b(?:was|were|is|are)\s(?:[\w-]+,?\s){0,4}")

# "Headache was common; it was usually mild": said of the one event that the sentence is about.
_TAKEN_UP = re.compile(
    r"[;,] (?:and |but )?(?:it|they|these|most|all) (?:was|were|is|are) (?:\w+ ){0,2}$", re.IGNORECASE
)


# "Rare but serious: …", "Common (up to 1 in 10): …": the label of a list.
_LABEL = re.compile(r"[^:;.<]{3,80}:\s")


def _labels(finding: Finding, relation: Relation) -> bool:
    """Said in the label of the list that the object stands in."""
    label = _LABEL.match(relation.frame.text)
    return label is not None and finding.end <= label.end() <= _object_range(relation)[0]


def _said_of_all(finding: Finding, relation: Relation) -> bool:
    """Said of the side effects before they are listed ("serious side effects are rare but may include …")."""
    members = next((ms for ms in relation.frame.slots.values() if relation.object in ms), (relation.object,))
    first = members[0].start - relation.frame.sentence.start
    return relation.rule in ("named side effect", "listed side effect", "is side effect") and finding.end <= first


def _about_all(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    return True


# "Headache (19 patients, 43%), chills [n = 7]": between a name and the count in brackets after it.
_IN_BRACKETS = re.compile(r"\s?[(\[]\s?(?:in\s)?")


def _counts(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """In brackets, or after "in", a count belongs to the name before it, before a verb to those after it, else to the
    nearest.
    """
    start, end = _object_range(relation)
    if (arm := _arm(finding, relation, rivals)) is not None:
        return arm == key(relation.subject)
    if opening := re.search(r"[(\[]\s?(?:in\s)?$", text[: finding.start]):
        named = {_object_range(r)[1] for r in rivals if r.predicate is relation.predicate}
        if any(text[other : opening.start()].isspace() or other == opening.start() for other in named):
            return _IN_BRACKETS.fullmatch(text, end, finding.start) is not None
    if re.search(r"\brespectively\b", text[finding.end :]):
        return _in_same_place(finding, relation)
    starts = {r.object.start - relation.frame.sentence.start for r in rivals if r.predicate is relation.predicate}
    if re.search(
        r"\b(?:in|for|by|among|affected)\s(?:about |approximately |only |up to |all )?$", text[: finding.start]
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
    return _nearest(finding, relation, rivals) and _same_clause(finding, relation, rivals, text)


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
    members = next((ms for ms in relation.frame.slots.values() if relation.subject in ms), ())
    return None if len({key(m) for m in members} & arms.keys()) > 1 or not after else min(after)[1]


def _percent(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """Not the strength of a product ("Octagam 5%")."""
    offset = relation.frame.sentence.start
    strength = any(drug.start - offset <= finding.start <= drug.end - offset + 1 for drug in relation.frame.drugs())
    return not strength and _counts(finding, relation, rivals, text)


def _in_one_list(relation: Relation, place: int) -> bool:
    """Whether the object is in one list with what stands at a place of the sentence."""
    offset = relation.frame.sentence.start
    members = next((ms for ms in relation.frame.slots.values() if relation.object in ms), ())
    return any(m.start - offset == place for m in members)


def _in_same_place(finding: Finding, relation: Relation) -> bool:
    """The first count goes with the first name: "fever and headache in 12 and 20 children, respectively"."""
    counted = sorted(f.start for f in find(relation.frame.text) if f.name == "count")
    members = next((ms for ms in relation.frame.slots.values() if relation.object in ms), ())
    return len(counted) == len(members) and counted.index(finding.start) == members.index(relation.object)


def _other_counts(finding: Finding, relation: Relation) -> list[int]:
    """Where further counts begin, but for one in brackets that is a part of this ("twelve patients (9 women)")."""
    text = relation.frame.text
    part = re.match(r"\s\([^)]*\)", text[finding.end :])
    start = finding.end + (part.end() if part else 0)
    return [f.start for f in find(text) if f.name == "count" and f.start >= start]


def _nearest(finding: Finding, relation: Relation, rivals: Sequence[Relation]) -> bool:
    own = _distance(finding, relation)
    objects = {r.object.start: r for r in rivals if r.predicate is relation.predicate}
    return all(_distance(finding, other) >= own for other in objects.values())


def _frequency(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """An event is rare, not a disease or what is done ("commonly used")."""
    after = text[finding.end : finding.end + 24].lower()
    said_of_use = re.match(
        r"\s(?:used|given|administered|treated|prescribed|disease|disorder|condition|autoimmune|case\b)", after
    )
    if said_of_use is None and (_said_of_all(finding, relation) or _labels(finding, relation)):
        return True
    return said_of_use is None and _same_clause(finding, relation, rivals, text)


def _not_denied(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    return _denied(finding, text) is None


def _is_of_before(finding: Finding, relation: Relation) -> bool:
    """An effect told before the therapy is that of an earlier one, or the reason for it, unless "after" links them."""
    slot = next((ms for ms in relation.frame.slots.values() if relation.subject in ms), (relation.subject,))
    start = slot[0].start - relation.frame.sentence.start
    if (
        finding.name not in ("effect", "outcome")
        or relation.predicate is not Predicate.TREATS
        or start < 0
        or finding.end > start
    ):
        return False
    between = relation.frame.text[finding.end : start]
    if _BROUGHT_ABOUT.match(between):
        return False
    if re.search(r"\b(?:continu|maintain|resum|further|another)", between):
        return False
    linked = re.search(
        r"\b(?:after|with|following|to|under|on|by|upon|of|from|option|treatment|therapy|alternative)\b", between
    )
    return (
        linked is None
        or re.search(r",|\band\b", between) is not None
        or re.search(r"\b(?:prompt|requir|necessitat|lead|led to|despite)\w*", between) is not None
    )


# "Recovered with antibiotics, bowel rest and …", "improvement after corticosteroids and …".
_BROUGHT_ABOUT = re.compile(
    r"(?: \w+)? (?:with|after|following|to|on|under|upon)\b(?! (?:\w+ )?\w+ (?:hours|days|weeks|months))"
    r"(?!.*\b(?:was|were|had|then|so|therefore|relaps\w+|recur\w+)\b)",
    re.IGNORECASE,
)


def _result(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    return (
        _denied(finding, text) is None
        and not _is_of_before(finding, relation)
        and _same_clause(finding, relation, rivals, text)
    )


def _dose(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """A dose is that of the therapy next to it."""
    offset = relation.frame.sentence.start

    def distance(drug: Mention) -> int:
        start, end = drug.start - offset, drug.end - offset
        return start - finding.end if finding.end <= start else max(0, finding.start - end)

    drugs = relation.frame.drugs()
    nearest = min(drugs, key=distance, default=None)
    return nearest is None or key(nearest) == key(relation.subject)


def _administered(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """The route, rate or schedule of this therapy and of nothing else that the sentence names."""
    frame = relation.frame
    offset = frame.sentence.start
    own: set[Mention] = set()
    for drug in frame.drugs():
        # A brand in brackets says which one it was: "immunoglobulin (Octagam)".
        in_brackets = any(text[one.end - offset : drug.start - offset].strip() == "(" for one in own)
        if in_brackets or key(drug) == key(relation.subject):
            own.add(drug)
    places = [(m.start - offset, m.end - offset) for m in own]
    others = [(m.start - offset, m.end - offset) for m in frame.mentions if m not in own]
    return administration.is_of(finding, places, others, text)


def _population(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """Not the condition's own phrase: "in patients with dermatomyositis" is who is treated, not for whom it holds."""
    offset = relation.frame.sentence.start
    named = (relation.object.start - offset, relation.subject.start - offset)
    inside = any(finding.start <= place < finding.end for place in named)
    # "Patients with IgA deficiency who have antibodies" says more than the condition.
    narrowed = relation.predicate is Predicate.CONTRAINDICATED_IN and re.search(
        r"\bwho (?:have|had|has|are)\b", text[_object_range(relation)[1] : finding.end]
    )
    return (not inside or narrowed is not None) and _same_clause(finding, relation, rivals, text)


_TESTS: dict[str, Callable[[Finding, Relation, Sequence[Relation], str], bool]] = {
    "severity": _grades,
    "count": _counts,
    "percent": _percent,
    "dose": _dose,
    **dict.fromkeys(administration.NAMES, _administered),
    "frequency": _frequency,
    "population": _population,
    "line": _not_denied,
    "label_status": _about_all,
    "product_class": _about_all,
    "effect": _result,
    "outcome": _result,
    "rechallenge": _about_all,
    "dechallenge": _about_all,
}


def merge(parts: Iterable[Qualifiers]) -> Qualifiers:
    """The qualifiers of one claim from all sentences that state it: the first that names a value gives it.

    A count is taken with its total and unit from one sentence, never mixed from two.
    """
    merged = Qualifiers()
    for part in parts:
        values = {name: getattr(part, name) for name in Qualifiers.__dataclass_fields__}
        if merged.count is not None or merged.percent is not None:
            values |= dict.fromkeys(("count", "total", "percent", "unit"))
        merged = replace(merged, **{n: v for n, v in values.items() if v is not None and getattr(merged, n) is None})
    return merged


# What a later sentence may add to a claim that an earlier one stated.
_FOLLOWING = {
    Predicate.CAUSES: ("outcome", "dechallenge", "rechallenge", "product_class"),
    Predicate.TREATS: ("effect", "outcome"),
}


# "They are mostly mild": what the sentence before named, as a whole.
_OF_ALL = re.compile(
    r"(?:They|These|It|(?:Most|All)(?: of (?:them|these))?|These (?:reactions|effects|events|symptoms))"
    r" (?:are|were|is|was)\b"
)


# "In a published series they affected 7 of 112 patients."
_THEY = re.compile(
    r"(?:(?:In|Among|Of) [^.;,]{3,40},? )?(?:[Tt]hey|[Tt]hese|[Ii]t|[Tt]his|[Ss]uch (?:reactions"
    r"|events))(?: \w+)? (?:affected|occurred|developed"
    r"|appeared|(?:was|were|is|are|has been|have been) (?:\w+ )?(?:seen|reported|observed|found|described|noted))\b"
)


def recurrence(findings: Sequence[Finding]) -> Qualifiers:
    """What happened with a later dose, or when the therapy was stopped."""
    values = {f.name: f.value for f in findings if f.name in ("rechallenge", "dechallenge")}
    return Qualifiers(**values)  # type: ignore[arg-type]


def follow(relation: Relation, frame: Frame, findings: Sequence[Finding], next_to_it: bool) -> Qualifiers:
    """The qualifiers that a sentence without a statement of its own adds to a claim of an earlier one.

    `next_to_it`: the sentence follows and names nothing else; one that only names the condition again does not tell
    how a therapy worked.
    """
    values: dict[str, object] = {}
    for name in _FOLLOWING.get(relation.predicate, ()):
        if name == "effect" and not next_to_it:
            continue
        for finding in findings:
            if finding.name == name and _denied(finding, frame.text) is None:
                values.setdefault(name, finding.value)
    if relation.predicate is Predicate.CAUSES and next_to_it and _THEY.match(frame.text):
        for finding in findings:
            if finding.name in ("count", "percent"):
                values = {**_fields(finding), **values}
                break
    if relation.predicate is Predicate.CAUSES and next_to_it and _OF_ALL.match(frame.text):
        graded = next((f.value for f in findings if f.name == "severity" and f.value != "fatal"), None)
        values |= {"severity": graded} if graded else {}
    return Qualifiers(**values)  # type: ignore[arg-type]
