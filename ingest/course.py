"""What a text tells of an event or a treatment far from the sentence that states it.

The title of a case report states an event, and its story tells how it ended; a trial names the disease in its title and
counts the responses in its results; a report comes back at its end to "the neuropathy". A value is added only where a
claim has none, and only where the text leaves no choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ivigraph.ingest.counts import Count, Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.model import Certainty, Claim, Predicate, Qualifiers

# What all events of one story share: how it ended, and what later infusions did.
_OF_THE_STORY = ("outcome", "dechallenge", "rechallenge", "product_class", "onset")
_NEAR_NAME = 25  # characters before a name in which it is called refractory
_DEFINITE = re.compile(r"\b(?:the|this|his|her|their) (?:\w+ )?$", re.IGNORECASE)
_RESOLUTION = re.compile(
    r"\b(?:resolution|remission|improvement|control|recovery|response) (?:of|from|in) (?:the |his "
    r"|her )?$",
    re.IGNORECASE,
)
# "His grip strength improved": what the illness had taken.
_FUNCTION = re.compile(
    r"\b(?:strength|power|function|gait|platelets?|vision|walk\w*|mobility|speech|grip|sensation|consciousness)\b",
    re.IGNORECASE,
)
# Who answered to what was compared, not to the therapy.
_COMPARATOR = re.compile(r"\b(?:placebo|controls?|untreated)\b", re.IGNORECASE)


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


def completed(found: Sequence[Claim], story: Story) -> list[Claim]:
    """The claims, with what the rest of the document says about them."""
    claims = [_with_its_line(claim, story) for claim in found]
    if not story.is_case or not story.patients:
        focal = _treated_in_title(claims, story)
        claims = [_with_the_response(claim, story) if _about(claim) in focal else claim for claim in claims]
    if story.is_case and story.patients <= 1:
        if not any(map(_is_of_many, claims)):
            claims = list(_with_the_end(claims, story))
        claims = [_with_a_later_effect(claim, story) for claim in claims]
    return claims


def _about(claim: Claim) -> tuple[Predicate, str, bool]:
    return claim.predicate, key(claim.object), claim.negated


def _own(claim: Claim, story: Story) -> Frame | None:
    """The frame of the sentence that states a claim."""
    return next((f for f in story.frames.values() if f.sentence.start == claim.evidence.start), None)


def _fill(claim: Claim, **values: object) -> Claim:
    missing = {
        name: value for name, value in values.items()
        if value is not None and getattr(claim.qualifiers, name) is None
    }  # fmt: skip
    return replace(claim, qualifiers=replace(claim.qualifiers, **missing)) if missing else claim  # type: ignore[arg-type]


def _with_its_line(claim: Claim, story: Story) -> Claim:
    """The claim, of a diagnosis that was called refractory where it was named ("a girl with refractory purpura")."""
    outside = not claim.evidence.start <= claim.object.start < claim.evidence.end
    if claim.predicate is not Predicate.TREATS or claim.negated or claim.qualifiers.line is not None:
        return claim
    if _has_failed_before(claim, story):
        return _fill(claim, line="refractory")
    if not outside:
        return claim
    for frame in story.frames.values():
        if not frame.sentence.start <= claim.object.start < frame.sentence.end:
            continue
        place = claim.object.start - frame.sentence.start
        for finding in story.findings(frame):
            if finding.name == "line" and finding.value == "refractory" and 0 <= place - finding.end <= _NEAR_NAME:
                return _fill(claim, line="refractory")
    return claim


def _has_failed_before(claim: Claim, story: Story) -> bool:
    """Whether another therapy of the same patient failed right before ("Plasma exchange had been futile.")."""
    if not story.is_case or story.patients > 1 or not is_product(claim.subject):
        return False
    own = _own(claim, story)
    before = story.frames.get(own.index - 1) if own and any(map(is_product, own.drugs())) else None
    if before is None or not before.drugs() or any(map(is_product, before.drugs())):
        return False
    failed = [f for f in story.findings(before) if f.value in ("refractory", "no_response")]
    first = min(d.start for d in before.drugs()) - before.sentence.start
    return any(f.end > first or re.search(r"\bdespite\b", before.text, re.IGNORECASE) for f in failed)


def _with_the_end(claims: Sequence[Claim], story: Story) -> Iterator[Claim]:
    """The events that the title names, with what the story says alike of all."""
    title = next((f for f in story.frames.values() if f.sentence.section == "title"), None)
    events = [c for c in claims if _is_event(c)]
    named = {key(m) for m in title.named("C")} if title is not None else set()
    pooled: dict[str, object] = {}
    for name in _OF_THE_STORY:
        values = {getattr(c.qualifiers, name) for c in events} - {None}
        if len(values) == 1:
            pooled[name] = values.pop()
    for claim in claims:
        yield _fill(claim, **pooled) if _is_event(claim) and key(claim.object) in named else claim


def _is_of_many(claim: Claim) -> bool:
    """Whether it counts patients: then the events around it are no story of one, though nobody is told apart."""
    counted = claim.qualifiers.total or claim.qualifiers.count or 0
    return counted > 1 and claim.qualifiers.unit in (None, "patients")


def _is_event(claim: Claim) -> bool:
    return (
        claim.predicate is Predicate.CAUSES
        and not claim.negated
        and is_product(claim.subject)
        and claim.certainty in (Certainty.ASSERTED, Certainty.PROBABLE)
    )


def _with_a_later_effect(claim: Claim, story: Story) -> Claim:
    """How what was treated did later, by its own name or a broader one ("the neuropathy remains well controlled")."""
    if claim.predicate is not Predicate.TREATS or claim.negated or claim.qualifiers.effect is not None:
        return claim
    own = _own(claim, story)
    # What was given together is told of together.
    together = {key(claim.subject), *(key(d) for d in (own.drugs() if own else ()))}
    names = {key(claim.object)} | (story.broader(claim.object.id) if claim.object.id else frozenset())
    for frame in story.frames.values():
        if frame.sentence.start < claim.evidence.end:
            continue
        if any(r.predicate is not Predicate.TREATS or key(r.subject) not in together for r in _of(story, frame)):
            continue
        if any(key(d) not in together and not is_product(d) for d in frame.drugs()):
            continue
        # A platelet count tells of a lack of platelets, whatever else the sentence names.
        if "thrombocyt" in claim.object.label.lower():
            claim = _fill(
                claim, effect=next((f.value for f in story.findings(frame) if _is_of_platelets(f, frame)), None)
            )
        if not any(frame.named("C")) and not frame.drugs() and _FUNCTION.search(frame.text):
            effect = next((f.value for f in story.findings(frame) if f.name == "effect"), None)
            claim = _fill(claim, effect=effect)
        for mention in frame.named("C"):
            before = frame.text[: mention.start - frame.sentence.start]
            short = f"{claim.object.label} ".lower().endswith(f" {mention.text.lower()} ")
            if (key(mention) in names or short) and (_DEFINITE.search(before) or _RESOLUTION.search(before)):
                effect = next((f.value for f in story.findings(frame) if f.name == "effect"), None)
                return _fill(claim, effect=effect)
    return claim


def _is_of_platelets(finding: Finding, frame: Frame) -> bool:
    return finding.name == "effect" and "platelet" in frame.text[finding.start : finding.end].lower()


def _of(story: Story, frame: Frame) -> Sequence[Relation]:
    return story.relations.get(frame.index, ())


def _treated_in_title(claims: Sequence[Claim], story: Story) -> set[tuple[Predicate, str, bool]]:
    """What the document is about the treatment of: the one condition that its title names so, else the only one."""
    treated = [c for c in claims if c.predicate is Predicate.TREATS and not c.negated and is_product(c.subject)]
    title = next((f for f in story.frames.values() if f.sentence.section == "title"), None)
    named = {key(m) for m in title.named("C")} if title is not None else set()
    focal = {_about(c) for c in treated if key(c.object) in named} or {_about(c) for c in treated}
    if len(focal) != 1:
        return set()
    # "Immune thrombocytopenia" of the title is the "chronic ITP" of the text.
    above = {c.object.id for c in treated if _about(c) in focal} - {None}
    return focal | {_about(c) for c in treated if c.object.id and above & story.broader(c.object.id)}


def _with_the_response(claim: Claim, story: Story) -> Claim:
    """How the patients responded, and how many, from a sentence that names no condition."""
    if not is_product(claim.subject):
        return claim
    own = _own(claim, story)
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
        of_it = products or (not frame.drugs() and _GIVEN.search(frame.text))
        dose = next((f.value for f in findings if f.name == "dose"), None) if of_it else None
        claim = _fill(claim, dose=dose)
        if effect is None or _of_another(frame, products, effect):
            continue
        if claim.qualifiers.effect is not None and (said or claim.qualifiers.effect != effect.value):
            continue
        counted = _counted(findings, claim.qualifiers)
        if counted:
            qualifiers = replace(claim.qualifiers, **counted)  # type: ignore[arg-type]
            claim = replace(claim, qualifiers=qualifiers)
        claim = _fill(claim, effect=effect.value)
    return claim


def _until_another(claim: Claim, frame: Frame, story: Story) -> int | None:
    """Up to where a sentence may tell how the claim's condition responded; None where it tells of another one."""
    conditions = list(frame.named("C"))
    if not conditions and not _of(story, frame):
        return len(frame.text)
    others = [m.start for m in conditions if key(m) != key(claim.object)]
    own = len(others) < len(conditions)
    if not own or not frame.drugs() or any(r.predicate is Predicate.TREATS for r in _of(story, frame)):
        return None
    return min(others, default=frame.sentence.end) - frame.sentence.start


# "Each cycle consisted of 2 g/kg over three days."
_GIVEN = re.compile(
    r"\b(?:cycle|course|infusion|dose|dosage)s? (?:\w+ )?(?:was|were|consisted|comprised)\b", re.IGNORECASE
)


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
    if not isinstance(count, Count) or known.percent is not None or known.total is not None:
        return {}
    treated = known.count
    if treated is None:
        return {"count": count.count, "total": count.total, "percent": count.percent, "unit": count.unit}
    if count.count is None or count.count > treated or count.total not in (None, treated) or count.unit != known.unit:
        return {}
    return {"count": count.count, "total": treated, "percent": count.percent, "unit": count.unit}
