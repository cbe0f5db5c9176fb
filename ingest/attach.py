"""Which of the qualifiers found in a sentence belongs to which claim that the sentence carries.

A value belongs to a claim of the right kind (an onset to an adverse event, an effect to a treatment) and, where a
sentence holds several, to the nearest one on its side of a clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ivigraph.ingest import administration
from ivigraph.ingest.counted import counts, direct, percent
from ivigraph.ingest.counts import Count, Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import is_product
from ivigraph.ingest.places import distance, gap, object_range, same_clause
from ivigraph.ingest.relations import Relation, is_support
from ivigraph.ingest.results import (
    denied,
    dies_of_another,
    is_mere_improvement,
    is_of_another,
    is_of_before,
    is_reason,
)
from ivigraph.model import Dose, Mention, Predicate, Qualifiers

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
_SEVERITY_REACH = 30  # characters before a name within which an adjective grades it


def attach(relation: Relation, findings: Sequence[Finding], rivals: Sequence[Relation]) -> Qualifiers:
    """The qualifiers of one claim; `rivals` are all the relations of the sentence, this one included."""
    text = relation.frame.text
    values: dict[str, object] = {}
    for name in _ALLOWED[relation.predicate] if not relation.negated else _OF_AN_ABSENCE:
        found = [f for f in findings if f.name == name and _belongs(f, relation, rivals, text)]
        found = [f for f in found if not _is_of_stopping(f, relation, findings)]
        if found:
            best = min(found, key=lambda f: distance(f, relation))
            if name == "line" and values.get("effect") == "no_response" and _is_of_failure(best, relation, findings):
                continue
            if name != "percent" or "percent" not in values:
                values |= fields(best)
    if relation.predicate is Predicate.CAUSES and "count" not in values and _is_inside(relation):
        many = direct(relation)
        values |= fields(Finding("count", many, relation.start, relation.end)) if many is not None else {}
    if relation.onset is not None:
        values.setdefault("onset", relation.onset)
    values |= _IMPLIED.get(relation.rule, {})
    return Qualifiers(**values)  # type: ignore[arg-type]


def _is_of_stopping(finding: Finding, relation: Relation, findings: Sequence[Finding]) -> bool:
    """Whether it is what came of stopping an immunoglobulin, and so not of treating with it."""
    return (
        relation.predicate is Predicate.TREATS
        and finding.name in ("effect", "outcome")
        and is_product(relation.subject)
        and any(f.name == "dechallenge" and f.start <= finding.start < f.end for f in findings)
    )


def _is_of_failure(line: Finding, relation: Relation, findings: Sequence[Finding]) -> bool:
    """Whether it is this therapy that failed; then the disease was refractory to it, and to no earlier one."""
    said = (f for f in findings if f.name == "effect" and f.value == "no_response")
    return any(f.start < line.end and line.start < f.end and not is_of_another(f, relation) for f in said)


# What the words of a rule say by themselves.
_IMPLIED: dict[str, dict[str, object]] = {
    "resistant to": {"effect": "no_response"},
    "stopped and resolved": {"dechallenge": "positive"},
    "sensitive to": {"effect": "improved"},
}


def fields(finding: Finding) -> dict[str, object]:
    if isinstance(finding.value, Count):
        count = finding.value
        fields = {"count": count.count, "total": count.total, "percent": count.percent, "unit": count.unit}
        return {name: value for name, value in fields.items() if value is not None}
    return {finding.name: finding.value}


def _belongs(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    if not _is_inside(relation):
        # The condition was named in another sentence: only what is said of the therapy and its result is about it.
        if finding.name in _OF_ITS_NAME and not _TESTS[finding.name](finding, relation, rivals, text):
            return False
        return (
            finding.name in _OF_THE_THERAPY
            and denied(finding, text) is None
            and not is_of_before(finding, relation)
            and not is_reason(finding, text)
        )
    test: Callable[[Finding, Relation, Sequence[Relation], str], bool] = _TESTS.get(finding.name, same_clause)
    return test(finding, relation, rivals, text)


_OF_ITS_NAME = frozenset({"dose", *administration.NAMES})
_OF_THE_THERAPY = _OF_ITS_NAME | {"effect", "outcome", "line", "label_status", "product_class"}


def _is_inside(relation: Relation) -> bool:
    sentence = relation.frame.sentence
    return sentence.start <= relation.object.start < sentence.end


def _grades(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """Severity: an adjective right before the name or its list, or said of the side effects as a whole."""
    start, _ = object_range(relation)
    if finding.value == "fatal":
        return same_clause(finding, relation, rivals, text)
    between = _AND_ADJECTIVE.sub("", text[finding.end : start])
    if start <= finding.start < object_range(relation)[1]:  # "severe allergic reaction" as a name
        return True
    near = (
        finding.end <= start
        and len(between) <= _SEVERITY_REACH
        and not re.search(r"[,;]|\b(?:and|or)\b|\w+ed\b", between)
    )
    members = relation.frame.list_of(relation.object) or (relation.object,)
    after = members[-1].end - relation.frame.sentence.start
    said = finding.start >= after and _PREDICATED.fullmatch(text, after, finding.start)
    is_last = len(rivals) == 1 or all(object_range(r)[1] <= after for r in rivals)
    taken_up = is_last and _TAKEN_UP.search(text, after, max(after, finding.start))
    return near or bool(said) or bool(taken_up) or _said_of_all(finding, relation) or _labels(finding, relation)


# "Severe and dramatic pain."
_AND_ADJECTIVE = re.compile(r"^ and \w+(?:ic|al|ing|ous|ive|ent|ant|ed)\b")
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
    return label is not None and finding.end <= label.end() <= object_range(relation)[0]


def _said_of_all(finding: Finding, relation: Relation) -> bool:
    """Said of the side effects before they are listed ("serious side effects are rare but may include …")."""
    members = relation.frame.list_of(relation.object) or (relation.object,)
    first = members[0].start - relation.frame.sentence.start
    return relation.rule in ("named side effect", "listed side effect", "is side effect") and finding.end <= first


def _about_all(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    return True


def _frequency(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """An event is rare, not a disease or what is done ("commonly used")."""
    after = text[finding.end : finding.end + 24].lower()
    said_of_use = re.match(
        r"\s(?:used|given|administered|treated|prescribed|disease|disorder|condition|autoimmune|case\b)", after
    )
    if said_of_use is None and (_said_of_all(finding, relation) or _labels(finding, relation)):
        return True
    return said_of_use is None and same_clause(finding, relation, rivals, text)


def _not_denied(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    return denied(finding, text) is None


def _result(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    if is_reason(finding, text):
        return False
    if is_mere_improvement(finding, relation, text):
        return False
    if finding.value == "fatal" and dies_of_another(finding, relation, text):
        return False
    if text[finding.start : finding.end].lower() in _ADJECTIVES:
        return _grades(finding, relation, rivals, text)
    _, end = object_range(relation)
    if relation.predicate is Predicate.CAUSES and finding.start > end and _OF_ALL.search(text, end, finding.start):
        return denied(finding, text) is None
    return (
        denied(finding, text) is None
        and not (relation.predicate is Predicate.TREATS and is_of_another(finding, relation))
        and not is_of_before(finding, relation)
        and same_clause(finding, relation, rivals, text)
    )


_ADJECTIVES = ("transient", "reversible")  # they say it of the next name, as a severity does
# "…, and all of these resolved": said of every event before it.
_OF_ALL = re.compile(
    r"(?:[;,.:(]|\band\b|\bbut\b)\s?(?:and |but )?(?:all|both|these|they|each|everything|most|the (?:reactions|events"
    r"|symptoms|episodes))(?: of (?:these|them|which|whom|the (?:reactions|events|symptoms|episodes)))?"
    r"(?: (?:reactions|events|symptoms|episodes|cases|patients))?(?: (?!did|were not)\w+){0,2} $",
    re.IGNORECASE,
)


_AND = re.compile(r"(?:,| and|, and) (?:(?:oral|intravenous|high-dose|low-dose) )?", re.IGNORECASE)
_IT = re.compile(r"[;,]\s(?:and |but )?it (?:is|was)\b")


def _dose(finding: Finding, relation: Relation, rivals: Sequence[Relation], text: str) -> bool:
    """A dose is that of the therapy next to it."""
    offset = relation.frame.sentence.start
    frame = relation.frame
    drugs = [d for d in frame.drugs() if not (frame.is_aside(d) or is_support(d)) or key(d) == key(relation.subject)]
    if isinstance(finding.value, Dose) and (finding.value.unit or "").startswith("g/kg"):
        drugs = [d for d in drugs if is_product(d)] or drugs  # of what else are so many grams given
    if any(d.end - offset <= finding.start for d in drugs):
        # "Methylprednisolone at 500 mg and immunoglobulin at 2 g/kg": what stands before an "and" is the former's.
        drugs = [d for d in drugs if _AND.fullmatch(text, finding.end, max(finding.end, d.start - offset)) is None]
    nearest = min(drugs, key=lambda d: gap(finding, d, frame), default=None)
    if nearest is not None and _IT.search(text, max(0, nearest.end - offset), finding.start):
        nearest = drugs[0]  # "Immunoglobulin follows immunosuppressants; it is given at 2 g/kg"
    if nearest is None or key(nearest) == key(relation.subject):
        return True
    # A brand in brackets says which one it was: "immunoglobulin (Octagam) at 2 g/kg".
    bracket = text[max(0, relation.subject.end - offset) : max(0, nearest.start - offset)]
    return is_product(nearest) and is_product(relation.subject) and bracket.strip() in ("(", ";", ",")


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
    if frame.drugs() and not own:
        return False
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
        r"\bwho (?:have|had|has|are)\b", text[object_range(relation)[1] : finding.end]
    )
    return (not inside or narrowed is not None) and same_clause(finding, relation, rivals, text)


_TESTS: dict[str, Callable[[Finding, Relation, Sequence[Relation], str], bool]] = {
    "severity": _grades,
    "count": counts,
    "percent": percent,
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
