"""Drugs that are given beforehand, so that a therapy does no harm: they are neither its cause nor its companion.

"Headache occurred in 14 of 46 patients with paracetamol and in 17 of 46 without it": it is that of the infusion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from ivigraph.ingest.discourse import key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.relations import Relation
from ivigraph.model import Mention, Predicate

_BEFORE = re.compile(
    r"\b(?:pre-?medicat\w+|pre-?treat(?:ment|ed)|prophyla\w+|prevent(?:ion|ive)?|preventively)\b[^.;<]{0,30}$"
    r"|<D\d+>(?: \([^)]*\))? (?:with |and )?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[^.;<]{0,30}?\b(?:before(?:hand)?|prior to) (?:(?:each|every|the) (?:\w+ )?(?:infusion|course|dose)|<D\d+>|use)"
    r"|[^.;<]{0,30}?\b(?:beforehand|pre-?medication|prophylactically)\b",
    re.IGNORECASE,
)
_PREMEDICATION = "MESH:D011292"
_OF_NO_HELP = re.compile(r"\bpre-?medicat|\bprophyla|\bprevent", re.IGNORECASE)
_LOOKED_BACK = 3  # sentences in which the event stands that a drug was to prevent


def preventives(frames: Sequence[Frame]) -> frozenset[str]:
    """The drugs that a document says are given before a therapy or to prevent what it does."""
    return frozenset(key(m) for frame in frames for m in _given_beforehand(frame))


def _given_beforehand(frame: Frame) -> Iterator[Mention]:
    for name, members in frame.slots.items():
        if name[0] != "D":
            continue
        place = frame.masked.index(f"<{name}>")
        before, after = frame.masked[:place], frame.masked[place + len(name) + 2 :]
        of_one_list = any(m.id == _PREMEDICATION for m in members)
        told = _BEFORE.search(before)
        if of_one_list or (told and told.group()[0] != "<") or _AFTER.match(after):
            yield from (m for m in members if not is_product(m))


def without_preventives(
    stated: Sequence[Relation], given: Set[str], contexts: Mapping[int, Sequence[Mention]]
) -> Iterator[Relation]:
    """The relations; an event that is put beside such a drug is that of the immunoglobulin which the text is about."""
    for relation in stated:
        if relation.subject.id == _PREMEDICATION:
            continue
        if relation.predicate is not Predicate.CAUSES or key(relation.subject) not in given:
            yield relation
            continue
        for therapy in (*filter(is_product, contexts[relation.frame.index]),):
            yield replace(relation, subject=therapy)


def prevented(stated: Sequence[Relation], frames: Sequence[Frame]) -> Iterator[Relation]:
    """What a drug was to prevent, where its sentence leaves that to the one before ("prophylactic ibuprofen")."""
    for frame in frames:
        drugs = [m for m in _given_beforehand(frame) if m.id != _PREMEDICATION]
        events = [
            r
            for r in stated
            if r.predicate is Predicate.CAUSES
            and not r.negated
            and is_product(r.subject)
            and 0 < frame.index - r.frame.index <= _LOOKED_BACK
        ]
        if not drugs or not events or any(True for _ in frame.named("C")) or not _OF_NO_HELP.search(frame.text):
            continue
        latest = max(r.frame.index for r in events)
        event = min((r for r in events if r.frame.index == latest), key=lambda r: r.object.start)
        for drug in drugs:
            start = drug.start - frame.sentence.start
            yield Relation(
                Predicate.TREATS, drug, event.object, frame, "prevented", 0.55, start, start + len(drug.text)
            )
