"""What a study tells of its treatment apart from the sentence that states it: the dose, who was treated, the response.

A trial names the disease in its title, the dose in its methods, and counts the responses in its results, often without
naming the disease again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from ivigraph.ingest.counts import Count, Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.places import gap
from ivigraph.ingest.story import Story, filled
from ivigraph.model import Claim, Dose, Predicate, Qualifiers, Unit

# Who answered to what was compared, not to the therapy.
_COMPARATOR = re.compile(r"\b(?:placebo|controls?|untreated)\b", re.IGNORECASE)
# "Each cycle consisted of 2 g/kg over three days."
_GIVEN = re.compile(
    r"\b(?:cycle|course|infusion|dose|dosage)s? (?:\w+ )?(?:was|were|consisted|comprised)\b", re.IGNORECASE
)
_RECEIVED = re.compile(r"\b(?:treated|received|receiving|given|administered|underwent|infused)\b", re.IGNORECASE)


def studied(claims: Sequence[Claim], story: Story) -> list[Claim]:
    """The claims, with what the document tells elsewhere of the treatment that it is about."""
    focal = _focal(claims, story)
    if not focal:
        return list(claims)
    doses = list(doses_told(story))
    failed = _had_failed(story, {about[1] for about in focal})
    treated = _treated(story) if len(focal) == 1 else None

    def completed(claim: Claim) -> Claim:
        claim = _with_the_response(with_dose(claim, doses), story)
        if failed:
            claim = filled(claim, line="refractory")
        if treated is None or claim.qualifiers.count is not None:
            return claim
        return filled(claim, count=treated.count, total=treated.total, unit=treated.unit)

    return [completed(c) if _about(c) in focal and is_product(c.subject) else c for c in claims]


def _had_failed(story: Story, diseases: Set[str]) -> bool:
    """Whether the patients were those whom other therapies had failed ("who had not responded to clobetasol")."""
    for frame in story.frames.values():
        offset = frame.sentence.start
        others = [d.start - offset for d in frame.drugs() if not is_product(d)]
        named = [m.start - offset for m in frame.named("C") if key(m) in diseases]
        for finding in story.findings(frame):
            if finding.name == "line" and finding.value == "refractory":
                if any(0 <= place - finding.end <= _NEAR for place in named):
                    return True  # "recalcitrant pemphigoid"
                if _OF_THE_PATIENTS.search(frame.text, 0, finding.start) and any(
                    0 <= place - finding.end <= _NEAR for place in others
                ):
                    return True
    return False


_NEAR = 40  # characters between what is said of a name and the name
_OF_THE_PATIENTS = re.compile(r"\b(?:patients|children|adults|women|men|inpatients|cases|subjects)\b", re.IGNORECASE)


def _about(claim: Claim) -> tuple[Predicate, str, bool]:
    return claim.predicate, key(claim.object), claim.negated


def _focal(claims: Sequence[Claim], story: Story) -> set[tuple[Predicate, str, bool]]:
    """What the document is about the treatment of: the one condition that its title names so, else the only one.

    Diseases come before the symptoms of theirs that were treated too; those of one list are treated alike.
    """
    treated = [c for c in claims if c.predicate is Predicate.TREATS and not c.negated and is_product(c.subject)]
    title = next((f for f in story.frames.values() if f.sentence.section == "title"), None)
    named = {key(m) for m in title.named("C")} if title is not None else set()
    diseases = [c for c in treated if c.object.id is not None and c.object.id.startswith("MONDO:")]
    focal = {_about(c) for c in treated if key(c.object) in named} or {_about(c) for c in diseases or treated}
    if len(focal) != 1:
        return focal if len({c.evidence.start for c in diseases}) == 1 else set()
    # "Immune thrombocytopenia" of the title is the "chronic ITP" of the text.
    above = {c.object.id for c in treated if _about(c) in focal} - {None}
    return focal | {_about(c) for c in treated if c.object.id and above & story.broader(c.object.id)}


def doses_told(story: Story) -> Iterator[Dose]:
    """The amounts of immunoglobulin that a document names, in order."""
    last_was_one = False
    for frame in story.frames.values():
        named = list(frame.named("D"))
        last_was_one = any(map(is_product, named)) if named else last_was_one
        if not last_was_one or not (named or _GIVEN.search(frame.text) or _RECEIVED.search(frame.text)):
            continue
        for finding in story.findings(frame):
            if isinstance(finding.value, Dose) and finding.value.value is not None and not _is_of_other(finding, frame):
                yield finding.value


def _is_of_other(finding: Finding, frame: Frame) -> bool:
    """Whether the therapy named next to a dose is no immunoglobulin."""
    nearest = min(frame.drugs(), key=lambda drug: gap(finding, drug, frame), default=None)
    return nearest is not None and not is_product(nearest)


def with_dose(claim: Claim, doses: Sequence[Dose]) -> Claim:
    """The claim with the first dose of its document; an amount tells more than "high-dose"."""
    own = claim.qualifiers.dose
    if not doses or (own is not None and own.value is not None):
        return claim
    return replace(claim, qualifiers=replace(claim.qualifiers, dose=doses[0]))


def _treated(story: Story) -> Count | None:
    """How many patients were given the immunoglobulin ("eleven patients treated with IVIG")."""
    for frame in story.frames.values():
        products = [d.start - frame.sentence.start for d in frame.drugs() if is_product(d)]
        if not products or any(not is_product(d) for d in frame.drugs()):
            continue
        for finding in story.findings(frame):
            count = finding.value
            if isinstance(count, Count) and count.unit is Unit.PATIENTS and count.count is not None:
                after = min((p for p in products if p >= finding.end), default=None)
                between = frame.text[finding.end : after] if after is not None else ""
                if _RECEIVED.search(between) and not re.search(r"[;.]", between):
                    return count
    return None


def _with_the_response(claim: Claim, story: Story) -> Claim:
    """How the patients responded, and how many, from a sentence that names no other condition before it."""
    own = story.own(claim)
    said = own is not None and any(f.name == "effect" for f in story.findings(own))
    for frame in story.frames.values():
        if frame.sentence.start < claim.evidence.end or frame.sentence.section == "title":
            continue
        stop = _until_another(claim, frame, story)
        if stop is None:
            continue
        findings = [f for f in story.findings(frame) if f.end <= stop]
        products = [d for d in frame.named("D") if is_product(d)]
        effect = next((f for f in findings if f.name == "effect"), None)
        if effect is None or _of_another(frame, products, effect):
            continue
        if claim.qualifiers.effect is not None and (said or claim.qualifiers.effect != effect.value):
            continue
        counted = _counted(findings, claim.qualifiers)
        if counted:
            qualifiers = replace(claim.qualifiers, **counted)  # type: ignore[arg-type]
            claim = replace(claim, qualifiers=qualifiers)
        claim = filled(claim, effect=effect.value)
    return claim


def _until_another(claim: Claim, frame: Frame, story: Story) -> int | None:
    """Up to where a sentence may tell how the claim's condition responded; None where it tells of another one."""
    conditions = list(frame.named("C"))
    stated = [r for r in story.of(frame) if not (r.negated and key(r.object) == key(claim.object))]
    if not conditions and not stated:
        return len(frame.text)
    offset = frame.sentence.start
    changed = [f for f in story.findings(frame) if f.name == "effect"]  # "the rate of infections fell"
    others = [
        m.start - offset
        for m in conditions
        if key(m) != key(claim.object) and not any(f.start <= m.start - offset < f.end for f in changed)
    ]
    if not others and not stated:
        return len(frame.text)
    if not conditions:  # "Control was achieved in nine; the others received omalizumab"
        clause = _CLAUSE_END.search(frame.text, 0, min((d.start - offset for d in frame.drugs()), default=0))
        return clause.start() if clause is not None else None
    if len(others) == len(conditions):  # "Recovery was more frequent after immunoglobulin, and bleeding was rare"
        clause = _CLAUSE_END.search(frame.text, 0, min(others, default=0))
        named = clause is not None and any(is_product(d) and d.end - offset <= clause.start() for d in frame.drugs())
        return clause.start() if clause is not None and named else None
    if not frame.drugs() or any(r.predicate is Predicate.TREATS for r in stated):
        return None
    return min(others, default=len(frame.text))


_CLAUSE_END = re.compile(r"[,;](?= (?:and|but|while|whereas)\b)|;", re.IGNORECASE)


def _of_another(frame: Frame, products: Sequence[object], effect: Finding) -> bool:
    """Whether the sentence tells of another therapy, or of none, before the effect ends or in the same clause."""
    if products or (not frame.drugs() and not _COMPARATOR.search(frame.text)):
        return False
    first = min((d.start - frame.sentence.start for d in frame.drugs()), default=len(frame.text))
    between = frame.text[effect.end : first]
    return first < effect.end or not re.search(r"[,;]", between) or _COMPARATOR.search(frame.text) is not None


def _counted(findings: Sequence[Finding], known: Qualifiers) -> dict[str, object]:
    """The count of the sentence that is told first, of a claim that counts nothing yet or only who was treated."""
    count = next((f.value for f in findings if f.name == "count"), None)
    if not isinstance(count, Count) or count.is_bare or known.percent is not None or known.total is not None:
        return {}
    treated = known.count
    if treated is None:
        return {"count": count.count, "total": count.total, "percent": count.percent, "unit": count.unit}
    # Of a trial's patients those of one arm are counted.
    total = count.total if count.total is not None and count.total <= treated else treated
    if count.count is None or count.count > treated or (count.total or 0) > treated or count.unit != known.unit:
        return {}
    return {"count": count.count, "total": total, "percent": count.percent, "unit": count.unit}
