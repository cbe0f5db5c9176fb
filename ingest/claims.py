"""From relations to claims: one for each sentence that makes a statement, with the qualifiers that it carries.

Several sentences may state the same thing: the same predicate, subject, object and negation, and the same patient
where the document tells of several. Each is a claim of its own, so that a quote bears out what its claim says; a
title is one only where no sentence says it. A sentence that only continues a statement ("Spontaneous remission of
thrombocytopenia was repeatedly observed") adds its qualifiers to the nearest one before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivigraph.ingest.attach import attach
from ivigraph.ingest.cases import Span
from ivigraph.ingest.counts import Finding
from ivigraph.ingest.course import completed
from ivigraph.ingest.discourse import case_of, is_taken_up, key
from ivigraph.ingest.following import announced, challenged, follow, merge, recurrence
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.qualifiers import find
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.story import Story
from ivigraph.model import Certainty, Claim, Evidence, Predicate, Qualifiers

Key = tuple[Predicate, str, str, bool, str | None]
# Sections that speak of patients in general, whoever was introduced before.
_GENERAL = frozenset(
    {
        "title",
        "introduction",
        "background",
        "discussion",
        "conclusion",
        "conclusions",
        "comment",
        "objective",
        "objectives",
        "keywords",
        "methods",
        "aim",
        "aims",
    }
)


@dataclass(frozen=True, slots=True)
class Text:
    """A document's frames, with the relations found in each, by the frame's index; and where each condition is named.

    `is_case` holds for a document about patients, where the next sentence goes on about the same one.
    """

    frames: Mapping[int, Frame]
    naming: Mapping[str, Sequence[int]]
    relations: Mapping[int, Sequence[Relation]]
    spans: Sequence[Span]
    is_case: bool
    _found: dict[int, Sequence[Finding]] = field(default_factory=dict)

    def findings(self, frame: Frame) -> Sequence[Finding]:
        """The qualifiers in a frame, looked for once and only in frames that are asked for."""
        if frame.index not in self._found:
            self._found[frame.index] = find(frame.text)
        return self._found[frame.index]


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one sentence states, by its surest relation; `frames` are all the sentences that state the same.

    What continues it stands before sentence `until`, where the next one states it again, and from `since` on.
    """

    key: Key
    best: Relation
    frames: frozenset[int]
    stated: Qualifiers
    since: int
    until: float
    is_focal: bool


def claims(
    relations: Sequence[Relation],
    frames: Sequence[Frame],
    spans: Sequence[Span],
    broader: Callable[[str], frozenset[str]],
    *,
    is_case: bool,
) -> tuple[Claim, ...]:
    """The claims in order of their evidence.

    `is_case`: the document is about single patients. `broader` gives the ids of the concepts above one.
    """
    by_frame: dict[int, list[Relation]] = {}
    for relation in relations:
        by_frame.setdefault(relation.frame.index, []).append(relation)
    naming: dict[str, list[int]] = {}
    for frame in frames:
        for name in dict.fromkeys(key(m) for m in frame.named("C")):
            naming.setdefault(name, []).append(frame.index)
    text = Text({frame.index: frame for frame in frames}, naming, by_frame, spans, is_case)
    groups: dict[Key, list[tuple[Relation, Qualifiers]]] = {}
    for relation in relations:
        qualifiers = attach(relation, text.findings(relation.frame), by_frame[relation.frame.index])
        groups.setdefault(_key(relation, spans), []).append((relation, qualifiers))
    focal = _focal(groups)
    caused = frozenset(k[2] for k in groups if k[0] is Predicate.CAUSES)
    result = [_claim(s, caused, text) for k, stated in groups.items() for s in _statements(k, stated, k == focal)]
    result = completed(result, Story(text.frames, by_frame, text.findings, broader, len(spans), is_case))
    return tuple(
        sorted(result, key=lambda c: (c.evidence.start, c.predicate, c.subject.start, c.object.start, c.negated))
    )


def candidate(relation: Relation) -> Claim:
    """A relation as a claim of its sentence alone, without qualifiers or patient."""
    sentence = relation.frame.sentence
    return Claim(
        predicate=relation.predicate,
        subject=relation.subject,
        object=relation.object,
        evidence=Evidence(start=sentence.start, end=sentence.end, quote=relation.frame.text),
        negated=relation.negated,
        certainty=relation.certainty,
        confidence=relation.confidence,
    )


def _key(relation: Relation, spans: Sequence[Span]) -> Key:
    """Of several patients each has a claim of their own, for the course of one is not that of another."""
    patient = _patient(relation.frame, spans) if len(spans) > 1 else None
    return relation.predicate, key(relation.subject), key(relation.object), relation.negated, patient


def _patient(frame: Frame, spans: Sequence[Span]) -> str | None:
    return None if frame.sentence.section in _GENERAL else case_of(frame.sentence.start, spans)


def _focal(groups: Mapping[Key, Sequence[object]]) -> Key | None:
    """The adverse event that a document is about: the one that most of its sentences state."""
    events = [k for k in groups if k[0] is Predicate.CAUSES and not k[3]]
    return max(events, key=lambda k: len(groups[k]), default=None)


def _statements(identity: Key, stated: Sequence[tuple[Relation, Qualifiers]], is_focal: bool) -> Iterator[_Statement]:
    """One for each sentence, in order of the text; a title only when it is the only one."""
    frames = frozenset(relation.frame.index for relation, _ in stated)
    by_frame: dict[int, list[tuple[Relation, Qualifiers]]] = {}
    for relation, qualifiers in sorted(stated, key=lambda s: s[0].frame.index):
        by_frame.setdefault(relation.frame.index, []).append((relation, qualifiers))
    sentences = [f for f, same in by_frame.items() if same[0][0].frame.sentence.section != "title"] or list(by_frame)
    for number, frame in enumerate(sentences):
        same = sorted(by_frame[frame], key=_surest, reverse=True)
        yield _Statement(
            identity,
            best=same[0][0],
            frames=frames,
            stated=merge([qualifiers for _, qualifiers in same]),
            since=frame if number else 0,
            until=sentences[number + 1] if number + 1 < len(sentences) else math.inf,
            is_focal=is_focal,
        )


def _surest(stated: tuple[Relation, Qualifiers]) -> tuple[int, float, int]:
    relation, qualifiers = stated
    return _firmness(relation), relation.confidence, _size(qualifiers)


def _firmness(relation: Relation) -> int:
    """What is said outright is the claim, whatever another sentence doubts."""
    return 0 if relation.certainty in (Certainty.POSSIBLE, Certainty.HYPOTHETICAL) else 1


def _size(qualifiers: Qualifiers) -> int:
    return sum(getattr(qualifiers, name) is not None for name in Qualifiers.__dataclass_fields__)


def _claim(statement: _Statement, caused: frozenset[str], text: Text) -> Claim:
    best = statement.best
    sentence = best.frame.sentence
    later = [] if best.negated else list(_continued(statement, caused, text))
    if best.predicate is Predicate.CAUSES and not best.negated:
        before = text.frames.get(best.frame.index - 1)
        later.insert(0, announced(best.frame, before, text.findings(before) if before else ()))
        later.insert(0, challenged(best.frame, before, ()))
    return Claim(
        predicate=best.predicate,
        subject=best.subject,
        object=best.object,
        evidence=Evidence(start=sentence.start, end=sentence.end, quote=best.frame.text),
        negated=best.negated,
        certainty=best.certainty,
        confidence=best.confidence,
        case=_patient(best.frame, text.spans),
        qualifiers=_consistent(merge([statement.stated, *later]), best.predicate),
    )


def _consistent(qualifiers: Qualifiers, predicate: Predicate) -> Qualifiers:
    """An adverse event whose outcome is fatal is a fatal one; a patient who recovered after a therapy was helped."""
    if predicate is Predicate.TREATS and qualifiers.outcome == "recovered" and qualifiers.effect is None:
        return replace(qualifiers, effect="improved")
    if predicate is Predicate.CAUSES and "fatal" in (qualifiers.outcome, qualifiers.severity):
        return replace(qualifiers, severity="fatal", outcome=qualifiers.outcome or "fatal")
    return qualifiers


_MOST_AGAIN = 50  # sentences that name a condition again; a book names it without end
_NEXT = 4  # sentences after its evidence that may go on about a claim
_NEXT_TAKEN_UP = 6  # those that say "the eruption"


def _continued(statement: _Statement, caused: frozenset[str], text: Text) -> Iterator[Qualifiers]:
    """What sentences without a statement of their own add to a claim.

    A sentence goes on about it when it names its condition again, or follows within a few sentences and names no
    other one; the making of a product belongs to the event that the document is about, wherever it is told.
    """
    best = statement.best
    patient = _patient(best.frame, text.spans)
    # What follows "all had received prednisolone" is told of the therapy that was given then.
    following = not (best.predicate is Predicate.TREATS and _is_earlier_therapy(best.frame))
    for frame in _visited(statement, text):
        is_next = frame.index == best.frame.index + 1
        near = _NEXT_TAKEN_UP if _takes_up(frame) else _NEXT
        after = 0 < frame.index - best.frame.index <= near
        stated = text.relations.get(frame.index, ())
        absent = {key(r.object) for r in stated if r.negated}
        rivals = [r for r in stated if not r.negated]
        # After an adverse event or another therapy was told, "symptoms resolved" is about that.
        interrupted = best.predicate is Predicate.TREATS and (
            any(r.predicate is Predicate.CAUSES for r in rivals)
            or (_is_new_therapy(frame, best) and not _is_earlier_therapy(frame))
        )
        own = _before_another(frame, rivals, best, text) if after else None
        following = following and not (after and interrupted and own is None)
        if frame.index in statement.frames or frame.sentence.section in ("title", "keywords"):
            continue
        conditions = {key(m) for m in frame.named("C") if not is_taken_up(frame, m)} - absent
        goes_on = (
            after
            and following
            and (text.is_case or best.predicate is Predicate.CAUSES)
            and _patient(frame, text.spans) == patient
            and (own is not None or not any(_is_another_story(r, best) for r in rivals))
            # An adverse event's course is no result of the treatment, nor is another condition's the event's.
            and not (conditions & caused if best.predicate is Predicate.TREATS else conditions)
        )
        same = statement.key[4] in (None, _patient(frame, text.spans))
        again = same and statement.key[2] in conditions and not any(r.predicate is best.predicate for r in rivals)
        if again or goes_on:
            yield follow(best, frame, text.findings(frame) if own is None else own, goes_on)
            if best.predicate is Predicate.CAUSES:
                yield challenged(frame, text.frames.get(frame.index - 1), text.findings(frame))
        elif text.is_case and best.predicate is Predicate.CAUSES and same and (is_next or not conditions):
            # A later infusion is told where its turn comes, not where the event is.
            yield (
                recurrence(text.findings(frame))
                if not any(r.predicate is Predicate.CAUSES for r in rivals)
                else Qualifiers()
            )
        elif statement.is_focal and not conditions:
            made = (str(f.value) for f in text.findings(frame) if f.name == "product_class")
            yield Qualifiers(product_class=next(made, None))


def _all_harm(rivals: Sequence[Relation]) -> bool:
    return all(r.predicate is Predicate.CAUSES for r in rivals)


_SINCE = re.compile(
    r"(?:Since|Because|As|Given|Due to|Owing to|In view of|When|After)\s(?:(?!<)[^,;.]){5,120}"
    r"\b(?:improve|respon|effect|benefit|recover|remi(?:ssion|t))[^,;.]{0,60},",
)


def _before_another(frame: Frame, rivals: Sequence[Relation], best: Relation, text: Text) -> Sequence[Finding] | None:
    """What a sentence says before a semicolon behind which it tells another story, or as the reason for another
    therapy ("since there was no improvement, we …"); None where it does neither.
    """
    others = [r.start for r in rivals if _is_another_story(r, best)]
    stop = frame.text.rfind(";", 0, min(others)) if others else -1
    if others and stop < 0 and best.predicate is Predicate.TREATS and _all_harm(rivals):
        stop = frame.text.rfind(" and ", 0, min(others))  # "she responded and … developed"
    if others and stop < 0 and (reason := _SINCE.match(frame.text)):
        stop = reason.end()
    return None if stop < 0 else [f for f in text.findings(frame) if f.end <= stop]


# "All symptoms had resolved."
_ALL_OF_IT = re.compile(
    r"\b(?:all|the|his|her|these|their) (?:\w+ ){0,2}?(?:symptoms|signs|complaints|lesions|manifestations|deficits)\b",
    re.IGNORECASE,
)


def _takes_up(frame: Frame) -> bool:
    return any(is_taken_up(frame, m) for m in frame.named("C")) or _ALL_OF_IT.search(frame.text) is not None


_MUCH_LATER = 12  # sentences within which a later infusion may be told


def _visited(statement: _Statement, text: Text) -> Iterator[Frame]:
    """The sentences that may add to a claim, in order: those that follow, and those that name its condition."""
    first = statement.best.frame.index + 1
    indices = {*range(first, first + _MUCH_LATER), *text.naming.get(statement.key[2], ())[:_MOST_AGAIN]}
    for index in text.frames if statement.is_focal else sorted(indices):
        if index in text.frames and statement.since <= index < statement.until:
            yield text.frames[index]


def _is_another_story(relation: Relation, best: Relation) -> bool:
    """Whether a sentence's own statement is about something else than the therapy, or what treats its adverse event."""
    if relation.predicate is not Predicate.TREATS:
        return True
    told = {key(m) for m in best.frame.named("C")}
    # What is given for one of the events of a sentence is given for all ("headache and vomiting").
    of_the_event = best.predicate is Predicate.CAUSES and (
        key(relation.object) in {key(best.object), *told} or is_taken_up(relation.frame, relation.object)
    )
    return key(relation.subject) != key(best.subject) and not of_the_event


_EARLIER = re.compile(
    r"\b(?:had (?:all |both |previously |already |not )?(?:been|received|taken|failed|undergone|responded|tried)"
    r"|previous(?:ly)?|prior|earlier)\b",
    re.IGNORECASE,
)


def _is_earlier_therapy(frame: Frame) -> bool:
    """Whether a sentence tells what was given before, and names no immunoglobulin."""
    return not any(is_product(d) for d in frame.drugs()) and _EARLIER.search(frame.text) is not None


def _is_new_therapy(frame: Frame, best: Relation) -> bool:
    named = {key(m) for m in frame.drugs()}
    return bool(named) and key(best.subject) not in named
