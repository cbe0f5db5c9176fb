"""Adverse events told without naming the therapy again, and those that did not happen.

A text about the safety of a therapy goes on with "Stroke occurred in three patients" or, under a heading "Side
effects", with a bare list; the therapy is the one that the text is about. What such a text says did not happen is a
claim as well, negated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.rules import UNSPECIFIC
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Certainty, Mention, Predicate

_SECTION = re.compile(r"side[- ]effects?|adverse|safety|complications|tolerab|undesirable|go wrong", re.IGNORECASE)
# A sentence that speaks of harm; what the next ones tell is harm as well.
_HARM = sieved(
    r"\b(?:side|unwanted|untoward|undesirable|adverse|harmful)[- ](?:\w+ )?(?:effects?|events?|reactions?)\b"
    r"|\bsafety\b|\btolera(?:ted|bility|nce of)\b|\bharm\b|\buneventful\b|\binfusion reactions?\b",
    re.IGNORECASE,
)
_EVENTS = re.compile(r"side[- ]effect|adverse|complication|toxicity", re.IGNORECASE)  # and no relapses
_NEAR = 3  # sentences for which a statement about an adverse event keeps the text on that subject
_GOES_ON = 5  # sentences that may tell what an adverse event did not come with
_IN_SECTION = 0.65
_BESIDE = 0.7
_AFTERWARDS = 0.5


def about_safety(
    stated: Sequence[Relation],
    frames: Sequence[Frame],
    contexts: Mapping[int, Sequence[Mention]],
    is_event: Callable[[Mention], bool],
    *,
    narrative: bool,
) -> list[Relation]:
    """The relations without unspecific ones that stand outside a text about safety, and with what a section lists.

    `narrative`: a case report, where most of what occurs is the illness; there the title does not make the whole text
    one about safety, but what did not occur after the therapy is told for its sake.
    """
    specific = [r for r in stated if r.rule not in UNSPECIFIC]
    near = {r.frame.index + step for r in specific if r.predicate is Predicate.CAUSES for step in range(_NEAR + 1)}
    near |= {f.index + step for f in frames if _speaks_of_events(f) for step in range(_NEAR + 1)}
    if not narrative and any(is_product(d) for f in frames[:1] for d in f.drugs()):
        near |= {f.index + step for f in frames if _rates_events(f, is_event) for step in range(_NEAR)}
    if not narrative and any(
        f.sentence.section == "title" and (_speaks_of_events(f) or f.index in near) for f in frames
    ):
        near = {f.index for f in frames}
    after = {f.index + step for f in frames if any(map(is_product, f.drugs())) for step in range(_NEAR + 1)}
    # "Headache in adults receiving IVIG" is no indication: the sentence itself says what it is.
    caused = {(r.frame.index, key(r.object)) for r in specific if r.predicate is Predicate.CAUSES}
    treated = {
        key(r.object)
        for r in specific
        if r.predicate is Predicate.TREATS
        and (narrative or is_product(r.subject))
        and (r.frame.index, key(r.object)) not in caused
    }
    kept = specific + [
        r
        for r in stated
        if r.rule in UNSPECIFIC
        and is_product(r.subject)
        and (r.frame.index in near or _names_therapy(r.object) or (narrative and r.negated and r.frame.index in after))
        and (is_event(r.object) or not narrative)
        and key(r.object) not in treated
        and not (narrative and r.negated and _is_looked_for(r))
        and not (narrative and r.rule == "one had")
        and r.certainty is not Certainty.HYPOTHETICAL  # "we aimed to determine how often thrombosis occurs"
    ]
    told = {(r.frame.index, key(r.object)) for r in kept}
    for frame in frames:
        if _SECTION.search(frame.sentence.section):
            kept += [
                r
                for r in _listed(frame, contexts[frame.index])
                if is_event(r.object) and (frame.index, key(r.object)) not in told
            ]
    return kept


_RATED = sieved(
    r"\b(?:rare(?:ly)?|exceptional(?:ly)?|(?:un)?common(?:ly)?|(?:in)?frequent(?:ly)?|seldom|transient|mild)\b",
    re.IGNORECASE,
)
_MANY = 3


def _rates_events(frame: Frame, is_event: Callable[[Mention], bool]) -> bool:
    """Whether a sentence says of many findings how often they come, and of nothing else: no disease has them."""
    named = list(frame.named("C"))
    return len(named) >= _MANY and all(map(is_event, named)) and not frame.drugs() and bool(_RATED.search(frame.text))


# "Local reactions are very common": of what, the name itself says.
_OF_A_THERAPY = re.compile(
    r"\b(?:injection|infusion)[- ](?:site|related)|infusion reaction|local reaction"
    r"|systemic reaction",
    re.IGNORECASE,
)


def _names_therapy(mention: Mention) -> bool:
    return _OF_A_THERAPY.search(f"{mention.label} {mention.text}") is not None


def is_about_harm(text: str) -> bool:
    """Whether a title or sentence speaks of adverse effects in general."""
    return _HARM.search(text) is not None


# What a work-up did not find, or what was absent before the therapy is named, says nothing about its safety.
_WORK_UP = sieved(
    r"\b(?:underlying|primary|occult|predisposing|family history|work-?up|biops(?:y|ies)|screening|PCR|cultures?"
    r"|serolog\w+|staining?|scrapings|past history)\b",
    re.IGNORECASE,
)


def _is_looked_for(relation: Relation) -> bool:
    offset = relation.frame.sentence.start
    drugs = [m.start - offset for m in relation.frame.drugs()]
    event = relation.object.start - offset
    told_before = bool(drugs) and event < min(drugs)
    linked = _LINKED.search(relation.frame.text[event : min(drugs)]) if told_before else None
    return _WORK_UP.search(relation.frame.text) is not None or (told_before and linked is None)


_LINKED = re.compile(r"\b(?:after|during|following|with|upon|from|on|by|to)\W+(?:\w+\W+){0,4}$", re.IGNORECASE)


def _speaks_of_events(frame: Frame) -> bool:
    return _SECTION.search(frame.sentence.section) is not None or _HARM.search(frame.text) is not None


def _listed(frame: Frame, context: Sequence[Mention]) -> Iterator[Relation]:
    for mention in frame.named("C"):
        said = _said(frame, mention)
        for subject in context:
            yield _relation(subject, mention, frame, "section", _IN_SECTION, *said)


def absent(frame: Frame, stated: Mapping[int, Sequence[Relation]], context: Sequence[Mention]) -> Iterator[Relation]:
    """What did not happen: beside an adverse event, in the sentence after one, or adverse events as a whole.

    `stated` are the relations by the index of their frame.
    """
    here = stated.get(frame.index, ())
    affirmed = _event(stated.get(frame.index, ()))
    # A list of what was absent may go on for some sentences.
    recent = [r for step in range(1, _GOES_ON + 1) for r in stated.get(frame.index - step, ())]
    before = next((r for r in recent if r.predicate is Predicate.CAUSES), None)
    subject = affirmed.subject if affirmed else before.subject if before else None
    for mention in frame.named("C"):
        if (
            subject
            and _said(frame, mention)[0]
            and not _WORK_UP.search(frame.text)
            and not any(key(r.object) == key(mention) for r in here)
        ):
            confidence = _BESIDE if affirmed else _AFTERWARDS
            yield _relation(subject, mention, frame, "absent beside", confidence, True, Certainty.ASSERTED)
    for mention in frame.generic:
        if _EVENTS.search(mention.text) and _said(frame, mention)[0]:
            for drug in tuple(frame.drugs())[:1] or context:
                yield _relation(drug, mention, frame, "no adverse event", _BESIDE, True, Certainty.ASSERTED)


def _event(stated: Sequence[Relation]) -> Relation | None:
    return next((r for r in stated if r.predicate is Predicate.CAUSES and not r.negated), None)


def _said(frame: Frame, mention: Mention) -> tuple[bool, Certainty]:
    offset = frame.sentence.start
    said = frame.assertions.of(mention.start - offset, mention.end - offset)
    return said.negated, said.certainty


def _relation(
    subject: Mention, mention: Mention, frame: Frame, rule: str, confidence: float, negated: bool, certainty: Certainty
) -> Relation:
    start = mention.start - frame.sentence.start
    return Relation(
        Predicate.CAUSES,
        subject,
        mention,
        frame,
        rule,
        confidence,
        start,
        start + len(mention.text),
        negated,
        certainty,
    )
