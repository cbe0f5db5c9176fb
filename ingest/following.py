"""What other sentences add to a claim: those that state it too, and those that go on about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ivigraph.ingest.attach import fields
from ivigraph.ingest.counts import Finding
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.results import denied, is_mere_improvement
from ivigraph.model import Onset, Predicate, Qualifiers


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
    r"(?:They|These|It|(?:Most|All)(?: of (?:them|these))?|(?:These|Most|All)(?: [\w-]+)?"
    r" (?:reactions|effects|events|complications|symptoms))"
    r" (?:are|were|is|was)\b"
)


# "In a published series they affected 7 of 112 patients."
_THEY = re.compile(
    r"(?:(?:In|Among|Of) [^.;,]{3,40},? )?(?:[Tt]hey|[Tt]hese|[Ii]t|[Tt]his|[Ss]uch (?:reactions"
    r"|events))(?: \w+)? (?:affected|occurred|developed"
    r"|appeared|(?:was|were|is|are|has been|have been) (?:\w+ )?(?:seen|reported|observed|found|described|noted))\b"
)


# "Most adverse reactions are mild. They comprise headache and chills."
_COMPRISE = re.compile(
    r"(?:They|These)(?: \w+)? (?:comprise|include|consist of|are|were)\b|The (?:\w+ )?(?:commonest"
    r"|most (?:common|frequent))"
    r" (?:ones )?(?:are|were)\b"
)
_REACTIONS = re.compile(
    r"\b(?:adverse|side|untoward|unwanted|infusion|systemic|immediate)[ -](?:\w+ )?(?:reactions?|effects?|events?)\b",
    re.IGNORECASE,
)


def announced(frame: Frame, before: Frame | None, findings: Sequence[Finding]) -> Qualifiers:
    """What the sentence before says of all the reactions that a sentence lists; `findings` are those of that one."""
    if (
        before is None
        or not _COMPRISE.match(frame.text)
        or not _REACTIONS.search(before.text)
        or any(before.named("C"))
    ):
        return Qualifiers()
    values: dict[str, object] = {}
    for finding in findings:
        if finding.name in ("severity", "frequency") or finding.value == "spontaneous remission":
            values.setdefault(finding.name, finding.value)
    return Qualifiers(**values)  # type: ignore[arg-type]


# "Each cycle consisted of 2 g/kg over three days.", "The dose was 0.4 g/kg."
_COURSE = re.compile(
    r"\b(?:cycles?|courses?|infusions?|doses?|dosage|treatment|it) (?:\w+ )?(?:was|were|consisted|comprised)\b"
)


def recurrence(findings: Sequence[Finding]) -> Qualifiers:
    """What happened with a later dose, or when the therapy was stopped."""
    values = {f.name: f.value for f in findings if f.name in ("rechallenge", "dechallenge")}
    return Qualifiers(**values)  # type: ignore[arg-type]


_STOPPED = re.compile(
    r"<D\d+>(?: \w+)? (?:was|were|had been|has been) (?:\w+ )?(?:stopped|discontinued|withdrawn|withheld"
    r"|suspended|ceased)"
    r"|\b(?:stopped|discontinued|withdrew|withheld|suspended|ceased|withdrawal of|discontinuation of|cessation of)"
    r" (?:the )?(?:[\w-]+ ){0,2}<D\d+>",
    re.IGNORECASE,
)
_AGAIN_GIVEN = re.compile(
    r"\b(?:(?:re-?administ|re-?introduc|re-?start|re-?challeng|resum)\w*|(?:given|prescribed|administered|started|received|tried)"
    r" (?:[\w-]+ ){0,3}<D\d+>(?: \w+)? again)\b|<D\d+>[^.;]{0,40}\b(?:re-?administered|re-?introduced|resumed"
    r"|restarted)\b"
    r"|\b(?:prescribed|gave|given|received|administered) <D\d+> again\b",
    re.IGNORECASE,
)
_CAME_BACK = re.compile(r"\b(?:recurrence|recurred|reappeared|relapsed|returned|again|same symptoms)\b", re.IGNORECASE)
_RECOVERY = frozenset({"recovered", "recovering"})


def challenged(frame: Frame, before: Frame | None, findings: Sequence[Finding]) -> Qualifiers:
    """What came of stopping an immunoglobulin or giving it again, where the sentence before tells of that."""
    if before is None or not any(map(is_product, before.named("D"))):
        return Qualifiers()
    recovered = any(f.name == "outcome" and f.value in _RECOVERY and not denied(f, frame.text) for f in findings)
    if recovered and _STOPPED.search(before.masked):
        return Qualifiers(dechallenge="positive")
    if _AGAIN_GIVEN.search(before.masked) and _CAME_BACK.search(frame.text):
        return Qualifiers(rechallenge="positive")
    return Qualifiers()


# "Most occurred within two weeks of an infusion."
_TIMED = re.compile(
    r"(?:(?:They|These|It|All|Most|Events?|Symptoms|(?:All|Most) of (?:them|these|the \w+)"
    r"|(?:All|Most|The) (?:reactions|events|episodes|symptoms|cases))"
    r"(?: \w+)? (?:occurred|developed|appeared|began|started|arose|set in)"
    r"|(?:The )?(?:median|mean|average) (?:time|interval|latency|onset))\b",
    re.IGNORECASE,
)


def is_timed(frame: Frame) -> bool:
    """Whether a sentence says when the events began that the one before told."""
    return _TIMED.match(frame.text) is not None


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
            if (
                finding.name == name
                and denied(finding, frame.text) is None
                and not is_mere_improvement(finding, relation, frame.text)
            ):
                values.setdefault(name, finding.value)
    if relation.predicate is Predicate.TREATS and next_to_it and not frame.drugs() and _COURSE.search(frame.text):
        for finding in findings:
            if finding.name in ("dose", "schedule"):
                values.setdefault(finding.name, finding.value)
    if relation.predicate is Predicate.CAUSES and next_to_it and _THEY.match(frame.text):
        for finding in findings:
            if finding.name in ("count", "percent"):
                values = {**fields(finding), **values}
                break
    if relation.predicate is Predicate.CAUSES and next_to_it and is_timed(frame):
        onsets = [f.value for f in findings if f.name == "onset" and isinstance(f.value, Onset)]
        spans = [onset for onset in onsets if onset.min_days != onset.max_days]  # a range says more than its middle
        values |= {"onset": (spans or onsets)[0]} if onsets else {}
    if relation.predicate is Predicate.CAUSES and next_to_it and _OF_ALL.match(frame.text):
        graded = next((f.value for f in findings if f.name == "severity" and f.value != "fatal"), None)
        values |= {"severity": graded} if graded else {}
    return Qualifiers(**values)  # type: ignore[arg-type]
