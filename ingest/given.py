"""Therapies that a patient was given, and what for: the diagnosis that the text carries, or an adverse event before.

A sentence that gives a therapy and names no indication is about the diagnosis that the text has made. After an adverse
event was told, whatever else is given is for that event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise

from ivigraph.ingest.cases import Span
from ivigraph.ingest.discourse import Diagnoses, case_of, is_given, key, says_given
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.rules import CIRCUMSTANTIAL, OF_A_RESPONSE
from ivigraph.model import Mention, Predicate

_CARRIED = 0.85
_AFTER_AN_EVENT = 4  # sentences after an adverse event in which it is treated
_ABOUT = (Predicate.TREATS, Predicate.CAUSES, Predicate.CONTRAINDICATED_IN)


def given(
    frames: Sequence[Frame],
    stated: Mapping[int, Sequence[Relation]],
    diagnoses: Diagnoses,
    spans: Sequence[Span],
    beforehand: Set[str],
) -> Iterator[Relation]:
    """What the therapies were for that the text gives to its patients.

    `stated` are the relations by the index of their frame, `beforehand` the keys of drugs that only prepare a therapy.
    """
    # Of what the text says anywhere what it is for, a sentence about its harm need not say it.
    treating = {key(r.subject) for rs in stated.values() for r in rs if r.predicate is Predicate.TREATS}
    for before, frame in pairwise((None, *frames)):
        if frame is None or frame.sentence.section == "title":
            continue
        here = stated.get(frame.index, ())
        drugs = {key(d): d for d in frame.drugs() if key(d) not in beforehand and is_given(frame, d)}
        settled = {
            key(r.subject)
            for r in here
            if r.predicate in _ABOUT
            and r.rule not in CIRCUMSTANTIAL
            and not (r.negated and r.predicate is Predicate.CAUSES)
            and not (r.predicate is Predicate.CAUSES and key(r.subject) not in treating and _is_begun(frame, r.subject))
        }
        event = _event_before(frame, stated, spans)
        for name, drug in drugs.items():
            if name not in settled:
                own = [r for r in here if r.rule in CIRCUMSTANTIAL and key(r.subject) == name]
                yield from _indications(frame, drug, own, diagnoses, event, before)
            elif is_product(drug) and name not in treating and _does_harm(here, name):
                treating.add(name)
                likely = (d for d in diagnoses.at(frame, drug) if diagnoses.is_likely(d, drug))
                yield from (_carried(drug, d.mention, frame) for d in likely if d.frame.index <= frame.index)
            elif is_product(drug):
                yield from _beside_a_response(frame, drug, here, diagnoses)


def _indications(
    frame: Frame,
    drug: Mention,
    own: Sequence[Relation],
    diagnoses: Diagnoses,
    event: Relation | None,
    before: Frame | None,
) -> Iterator[Relation]:
    """What one therapy was for.

    Where the sentence names the diagnosis as what was treated, its own statement is the evidence; where the text
    made no diagnosis, what the sentence names stands for it.
    """
    if event is not None and not is_product(drug) and not own and _names_nothing_but(frame, event.object):
        yield _carried(drug, event.object, frame)
        return
    if before is not None and _THESE.match(frame.text):
        yield from (_carried(drug, condition, frame) for condition in _last_list(before))
        return
    if own and _OF_SEVERAL.search(frame.masked):
        yield from own
        return
    found = diagnoses.at(frame, drug)
    same = [r for r in own if any(key(r.object) == key(d.mention) for d in found)]
    yield from same or [_carried(drug, d.mention, frame) for d in found if key(d.mention) != key(drug)] or own


# "Five patients (dermatomyositis, lupus and myasthenia) were treated": each had one of the list.
_OF_SEVERAL = re.compile(
    r"\b(?:patients|children|infants|adults|women|men|cases|subjects)\b[^<;.]{0,20}\(<C\d+>", re.IGNORECASE
)
# "These responded to steroids": what the sentence before told last.
_THESE = re.compile(
    r"(?:These|Both|All(?: of (?:these|them))?|They)(?: (?:symptoms|findings|manifestations|conditions|complications))?"
    r" (?:\w+ )?(?:respond|resolv|improv|disappear|subsid|recover|remit|clear)\w*\b",
    re.IGNORECASE,
)


# "She was started on immunoglobulin and developed a rash": given for what she had.
_BEGUN = re.compile(
    r"\b(?:(?:therapy|treatment|regimen|medications?) (?:\w+ )?(?:included|consisted of|comprised)"
    r"|(?:treated with|started on"
    r"|commenced on|begun on|placed on|put on|received))\s(?:[\w-]+\s){0,3}$",
    re.IGNORECASE,
)


def _does_harm(here: Sequence[Relation], name: str) -> bool:
    """Whether all that a sentence states of a therapy is what it caused."""
    return all(r.predicate is Predicate.CAUSES for r in here if key(r.subject) == name)


def _is_begun(frame: Frame, drug: Mention) -> bool:
    return is_product(drug) and _BEGUN.search(frame.text[: max(0, drug.start - frame.sentence.start)]) is not None


def _last_list(frame: Frame) -> Sequence[Mention]:
    names = [name for name in frame.slots if name[0] == "C"]
    return frame.slots[names[-1]] if names else ()


def _names_nothing_but(frame: Frame, condition: Mention) -> bool:
    return all(key(m) == key(condition) for m in frame.named("C"))


def _beside_a_response(
    frame: Frame, drug: Mention, here: Sequence[Relation], diagnoses: Diagnoses
) -> Iterator[Relation]:
    """A response that is told of a symptom leaves open what the patient was treated for."""
    direct = [r for r in here if key(r.subject) == key(drug) and r.rule not in CIRCUMSTANTIAL]
    if all(r.predicate is Predicate.TREATS and r.rule in OF_A_RESPONSE for r in direct):
        told = {key(r.object) for r in direct}
        for diagnosis in diagnoses.at(frame, drug):
            if diagnosis.frame.index > frame.index:
                continue  # what she was found to have since
            if key(diagnosis.mention) not in told and diagnoses.is_likely(diagnosis, drug):
                yield _carried(drug, diagnosis.mention, frame)


def _event_before(frame: Frame, stated: Mapping[int, Sequence[Relation]], spans: Sequence[Span]) -> Relation | None:
    """The latest adverse event of the same patient that an immunoglobulin had."""
    patient = case_of(frame.sentence.start, spans)
    for index in range(frame.index, frame.index - _AFTER_AN_EVENT - 1, -1):
        events = [
            r
            for r in stated.get(index, ())
            if r.predicate is Predicate.CAUSES and not r.negated and is_product(r.subject)
            and r.frame.sentence.section != "title" and case_of(r.frame.sentence.start, spans) == patient
        ]  # fmt: skip
        if events:
            return max(events, key=lambda r: r.object.start)
    return None


def _carried(drug: Mention, condition: Mention, frame: Frame) -> Relation:
    start = drug.start - frame.sentence.start
    confidence = _CARRIED + 0.05 * says_given(frame)
    return Relation(Predicate.TREATS, drug, condition, frame, "carried", confidence, start, start + len(drug.text))
