"""What a text tells of an event or a treatment far from the sentence that states it.

The title of a case report states an event, and its story tells how it ended; a trial names the disease in its title and
counts the responses in its results; a report comes back at its end to "the neuropathy". A value is added only where a
claim has none, and only where the text leaves no choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.groups import groups, lacks_total, with_total
from ivigraph.ingest.story import Story, filled
from ivigraph.ingest.study import doses_told, studied, with_dose
from ivigraph.model import Certainty, Claim, Predicate

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


def completed(found: Sequence[Claim], story: Story) -> list[Claim]:
    """The claims, with what the rest of the document says about them."""
    claims = [_with_its_line(claim, story) for claim in found]
    if not story.is_case or not story.patients:
        claims = studied(claims, story)
    if story.is_case and story.patients <= 1:
        if not any(map(_is_of_many, claims)):
            claims = list(_with_the_end(claims, story))
        claims = [_with_a_later_effect(claim, story) for claim in claims]
    if story.is_case:
        claims = _with_the_only_dose(claims, story)
    if any(lacks_total(claim.qualifiers) for claim in claims):
        known = tuple(groups((frame, story.findings(frame)) for frame in story.frames.values()))
        claims = [with_total(claim, known) for claim in claims]
    return claims


def _with_its_line(claim: Claim, story: Story) -> Claim:
    """The claim, of a diagnosis that was called refractory where it was named ("a girl with refractory purpura")."""
    outside = not claim.evidence.start <= claim.object.start < claim.evidence.end
    if claim.predicate is not Predicate.TREATS or claim.negated or claim.qualifiers.line is not None:
        return claim
    if _has_failed_before(claim, story):
        return filled(claim, line="refractory")
    if not outside:
        return claim
    for frame in story.frames.values():
        if not frame.sentence.start <= claim.object.start < frame.sentence.end:
            continue
        place = claim.object.start - frame.sentence.start
        for finding in story.findings(frame):
            if finding.name == "line" and finding.value == "refractory" and 0 <= place - finding.end <= _NEAR_NAME:
                return filled(claim, line="refractory")
    return claim


def _has_failed_before(claim: Claim, story: Story) -> bool:
    """Whether another therapy of the same patient failed right before ("Plasma exchange had been futile.")."""
    if not story.is_case or story.patients > 1 or not is_product(claim.subject):
        return False
    own = story.own(claim)
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
        yield filled(claim, **pooled) if _is_event(claim) and key(claim.object) in named else claim


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
    own = story.own(claim)
    # What was given together is told of together.
    together = {key(claim.subject), *(key(d) for d in (own.drugs() if own else ()))}
    names = {key(claim.object)} | (story.broader(claim.object.id) if claim.object.id else frozenset())
    for frame in story.frames.values():
        if frame.sentence.start < claim.evidence.end:
            continue
        if any(r.predicate is not Predicate.TREATS or key(r.subject) not in together for r in story.of(frame)):
            continue
        if any(key(d) not in together and not is_product(d) for d in frame.drugs()):
            continue
        # A platelet count tells of a lack of platelets, whatever else the sentence names.
        if "thrombocyt" in claim.object.label.lower():
            claim = filled(
                claim, effect=next((f.value for f in story.findings(frame) if _is_of_platelets(f, frame)), None)
            )
        if not any(frame.named("C")) and not frame.drugs() and _FUNCTION.search(frame.text):
            effect = next((f.value for f in story.findings(frame) if f.name == "effect"), None)
            claim = filled(claim, effect=effect)
        for mention in frame.named("C"):
            before = frame.text[: mention.start - frame.sentence.start]
            short = f"{claim.object.label} ".lower().endswith(f" {mention.text.lower()} ")
            if (key(mention) in names or short) and (_DEFINITE.search(before) or _RESOLUTION.search(before)):
                effect = next((f.value for f in story.findings(frame) if f.name == "effect"), None)
                return filled(claim, effect=effect)
    return claim


def _is_of_platelets(finding: Finding, frame: Frame) -> bool:
    return finding.name == "effect" and "platelet" in frame.text[finding.start : finding.end].lower()


def _with_the_only_dose(claims: Sequence[Claim], story: Story) -> list[Claim]:
    """What the patients were given, at every treatment with immunoglobulin, where the text names one amount alone."""
    treated = [c.predicate is Predicate.TREATS and not c.negated and is_product(c.subject) for c in claims]
    told = list(doses_told(story)) if any(treated) else []
    if len({(dose.value, dose.unit) for dose in told}) != 1:
        return list(claims)
    return [with_dose(c, told) if is_treated else c for c, is_treated in zip(claims, treated, strict=True)]
