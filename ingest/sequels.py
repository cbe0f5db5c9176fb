"""What an adverse event was found to be, or came with, in the sentences that go on about the patient.

"Three days after the infusion she became pale. […] Haemolytic anaemia was diagnosed." The second sentence names no
therapy, yet it tells what the therapy did. And the therapy may be told only after its effect: "She was admitted with
headache. Two days before, she had received immunoglobulin."
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from ivigraph.ingest import topics
from ivigraph.ingest.cases import Span
from ivigraph.ingest.discourse import case_of, is_taken_up, key
from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.onsets import onsets
from ivigraph.ingest.quantities import DURATION, days
from ivigraph.ingest.relations import RELIEF_OF, Relation
from ivigraph.model import Certainty, Mention, MentionType, Onset, Predicate

# Rules that tell an adverse event as something that happened to a patient.
_NARRATED = frozenset(
    {
        "began after",
        "timed after",
        "after it began",
        "after it appeared",
        "appeared after",
        "after being given",
        "thereafter",
        "followed",
        "leads to",
        "died of",
    }
)
_REACH = 4  # sentences after an adverse event that may tell what it was
_LOOKED_BACK = 2  # sentences before the therapy in which its effect may be told
_CONFIDENCE = 0.55

# A condition as what was found, diagnosed or came with the event: the words right before it, or after it.
_FOUND = re.compile(
    r"(?:\b(?:diagnos(?:is|ed)(?: (?:of|as|with|was|were|is|made))*|confirm(?:ed|ing|s)?|show(?:ed|ing)|reveal(?:ed"
    r"|ing)"
    r"|disclosed|demonstrat(?:ed|ing)|detected|found|consistent with|compatible with|indicat(?:ed|ing|ive of)"
    r"|suggest(?:ed|ive of)"
    r"|accompanied by|aggravated by|followed by|along with|together with|associated with|as well as|complicated by"
    r"|progress(?:ed"
    r"|ing)"
    r" (?:in)?to|became|had|has|developed|experienced|suffered(?: from)?|complained of|passed|noted|signs of|due to"
    r"|died (?:of|from)"
    r"|presented with|and then|then)\b[^<;.]{0,50})$",
    re.IGNORECASE,
)
_WAS_FOUND = re.compile(
    r"[^<;.]{0,60}?\b(?:(?:was|were) (?:\w+ )?(?:diagnosed|confirmed|found|detected|noted|observed|made|documented"
    r"|seen|present|evident|suspected)|developed|occurred|ensued|appeared|followed|set in)\b",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(
    r"\b(?:history|family|had had|since the age|before|previous\w*|prior|exclud\w+|ruled out|known)\b[^.;]*$",
    re.IGNORECASE,
)
_GIVEN_BEFORE = re.compile(
    rf"<(?P<drug>D\d+)>[^.;<]{{0,80}}?(?P<time>{DURATION})\s(?:before(?:hand)?|prior(?: to)?|earlier"
    rf"|previously)\b",
    re.IGNORECASE,
)
_ADMITTED = re.compile(
    r"\b(?:admitted|hospitali[sz]ed|presented|presenting|seen|referred|came|brought|attended)\b[^.;]{0,60}?"
    r"\b(?:with|for|because of|due to|complaining of)\b[^.;]{0,60}?<(?P<slot>C\d+)>",
    re.IGNORECASE,
)


def sequels(stated: Sequence[Relation], frames: Sequence[Frame], spans: Sequence[Span]) -> Iterator[Relation]:
    """The further adverse events of patients to whom `stated` says that a therapy did harm."""
    # What else was given for an event does not make it the patient's disease.
    treated = {key(r.object) for r in stated if r.predicate is Predicate.TREATS and is_product(r.subject)}
    told = {(r.frame.index, key(r.object)) for r in stated if r.predicate is Predicate.CAUSES}
    first: dict[str, int] = {}
    for frame in frames:
        for mention in frame.named("C"):
            if frame.sentence.section != "title":
                first.setdefault(key(mention), frame.index)
    blamed = {key(r.subject) for r in stated if _is_fact(r) and not is_product(r.subject)}
    origins: dict[int, Relation] = {}
    for relation in stated:
        if relation.rule in _NARRATED and _is_fact(relation):
            origins.setdefault(relation.frame.index, relation)
    for index, origin in sorted(origins.items()):
        onset = _onset(origin)
        for frame in _following(origin, frames, origins, spans, blamed):
            for mention in _findings(frame, origin):
                name = key(mention)
                if name in treated or first.get(name, index) < index or (frame.index, name) in told:
                    continue
                if _died_late(frame, mention):
                    continue
                told.add((frame.index, name))
                yield _sequel(origin.subject, mention, frame, onset)
    harmful = any(r.predicate is Predicate.CAUSES and not r.negated and is_product(r.subject) for r in stated)
    if harmful or any(_is_titled_by_event(frame, treated) for frame in frames):
        yield from _aftermath(frames, treated, first, told, spans, blamed)
        yield from _told_before(frames, treated, told, spans)


# Where a report goes on to other patients than its own.
_LITERATURE = re.compile(
    r"\b(?:literature|(?:has|have) (?:\w+ )?been (?:\w+ )?(?:associated|reported|described|linked|implicated)"
    r"|(?:previously|hitherto) (?:reported|described|published)|(?:similar|other|published|reported"
    r"|previous) (?:cases|reports|patients)"
    r"|mechanisms?|pathogen\w+)\b",
    re.IGNORECASE,
)
_AFTERMATH = 8  # sentences after the last dose in which a report of harm goes on about what the patient had then
_TISSUE = re.compile(r"\b(?:biops|histolog|histopatholog|autops|microscop|smear)", re.IGNORECASE)
_TYPICAL = re.compile(
    r"\b(?:typical|diagnostic|consistent|compatible|indicative|characteristic|suggestive"
    r"|diagnos\w+)\b[^.;]{0,20}$",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:should|must|physicians|clinicians|we (?:suggest|recommend|conclude|advise)|recommended)\b", re.IGNORECASE
)
_NOT_NEW = re.compile(
    r"\bstill\b[^.;]{0,60}$|\b(?:worsen\w*|persist\w*|remain\w*|reactivat\w*|relaps\w*|exacerbat\w*|underlying"
    r"|because of|due to"
    r"|secondary to|caused by|risk|fewer|less|reduc\w*|prevent\w*|treat\w*|for|his|her)\b(?:(?!\b(?:she|he|they"
    r"|patient)\b)[^.;]){0,20}$",
    re.IGNORECASE,
)


# "The heliotrope rash had faded": it was there before.
_WENT = re.compile(
    r" (?:(?:had|has|have|was|were|also|later|completely|gradually|then) )*"
    r"(?:faded|treated|managed|controlled|cleared|resolv\w+|improv\w+|disappear\w+|subsid\w+|vanished|abated|regress\w+|healed|recover\w+)\b",
    re.IGNORECASE,
)


def _last_of_list(frame: Frame, mention: Mention) -> int:
    return (frame.list_of(mention) or (mention,))[-1].end


# "The neuropathy remains well controlled".
_UNCHANGED = re.compile(r"[^.;,]{0,40} (?:was|were|remained) unchanged\b", re.IGNORECASE)
_STAYS = re.compile(r" (?:remains?|remained|stays?|stayed|persists?|persisted|was still|is still)\b", re.IGNORECASE)


def _aftermath(
    frames: Sequence[Frame],
    treated: set[str],
    first: dict[str, int],
    told: set[tuple[int, str]],
    spans: Sequence[Span],
    blamed: Set[str],
) -> Iterator[Relation]:
    """In a report of harm, what the patient had for the first time after the therapy."""
    since: dict[str | None, tuple[Frame, Mention]] = {}
    started: dict[str | None, int] = {}
    onset: Onset | None = None
    general = {frame.index for frame in topics.general(frames)}
    for frame in frames:
        patient = case_of(frame.sentence.start, spans)
        last = since.get(patient)
        if frame.index in general or frame.sentence.section == "title" or _LITERATURE.search(frame.text):
            continue
        onset = next((f.value for f in onsets(frame.text) if isinstance(f.value, Onset)), onset)
        if _is_after_another(frame):
            since.pop(patient, None)
            continue
        if _is_generic(frame):
            continue
        for mention in _new(frame) if last is not None and frame.index - last[0].index <= _AFTERMATH else ():
            name = key(mention)
            if name in treated or first.get(name, 0) < started[patient] or (frame.index, name) in told:
                continue
            if _died_late(frame, mention) or _UNCHANGED.match(frame.text, mention.end - frame.sentence.start):
                continue
            told.add((frame.index, name))
            told_then = None if frame.text.startswith("|") else onset  # the row of a table goes on with no story
            yield _sequel(last[1], mention, frame, told_then)  # type: ignore[index]
        product = next((d for d in frame.named("D") if is_product(d) and not _is_denied(frame, d)), None)
        if any(key(d) in blamed for d in frame.drugs()):
            since.pop(patient, None)  # the story goes on about another drug
        elif product is not None and not _STOPPED.search(frame.text):
            since[patient] = frame, product
            started.setdefault(patient, frame.index + 1)


_AFTER = re.compile(
    r"\b(?:after|following|during|upon|since) (?:(?!\bthe (?:last|end))[^<;,.]){0,40}<(?P<drug>D\d+)>", re.IGNORECASE
)


def _is_after_another(frame: Frame) -> bool:
    """Whether a sentence tells what came after another drug: "after three infusions of infliximab she had fever"."""
    after = _AFTER.search(frame.masked)
    if after is None or any(map(is_product, frame.named("D"))):
        return False
    return frame.slots[after["drug"]][0].type is MentionType.DRUG and "<C" in frame.masked[after.end() :]


# "Vasculitis presents as purpura, often with arthralgia": of the disease in general, not of the patient.
_GENERIC = re.compile(r"\b(?:is|are|includes?|presents?|may|can|occurs?|usually|often|typically)\b", re.IGNORECASE)
_NARRATIVE = re.compile(
    r"\b(?:was|were|had|did|developed|presented|showed|revealed|disclosed|became|experienced|complained|died|noticed"
    r"|started|received|found|he|she|his|her)\b",
    re.IGNORECASE,
)


def _is_generic(frame: Frame) -> bool:
    return _GENERIC.search(frame.text) is not None and _NARRATIVE.search(frame.text) is None


# "He died of pneumonia six weeks later": too late for an effect of an infusion.
_DIED_LATE = re.compile(
    r"\b(?:died|death)\b[^.;]*\b(?:(?:weeks|months|years) (?:later|after)|after (?:[\w-]+ ){1,3}(?:weeks|months"
    r"|years))\b",
    re.IGNORECASE,
)


def _died_late(frame: Frame, mention: Mention) -> bool:
    late = _DIED_LATE.search(frame.text)
    return late is not None and mention.start - frame.sentence.start >= late.start()


def _is_denied(frame: Frame, drug: Mention) -> bool:
    start = drug.start - frame.sentence.start
    return start >= 0 and frame.assertions.of(start, start + len(drug.text)).negated


def _new(frame: Frame) -> Iterator[Mention]:
    """The conditions of a sentence that it tells as happening now."""
    offset = frame.sentence.start
    for mention in frame.named("C"):
        start, end = mention.start - offset, mention.end - offset
        before = frame.text[:start]
        said = frame.assertions.of(start, end)
        if is_taken_up(frame, mention) or _STAYS.match(frame.text, end) or RELIEF_OF.search(before):
            continue
        if _WENT.match(frame.text, end) or _WENT.match(frame.text, _last_of_list(frame, mention) - offset):
            continue
        if said.negated or said.historical or said.certainty is not Certainty.ASSERTED or _ADVICE.search(frame.text):
            continue
        seen_only = _TISSUE.search(frame.text) and not _TYPICAL.search(before)
        if not (seen_only or _TOO_MUCH.search(before) or _NOT_NEW.search(before) or topics.is_whose(frame, mention)):
            yield mention


_TREATING = re.compile(
    r"\b(?:treat\w*|therapy|respon\w*|efficacy|success\w*|use|for|improve\w*"
    r"|remission)\b",
    re.IGNORECASE,
)


def _is_titled_by_event(frame: Frame, treated: set[str]) -> bool:
    """Whether a title names a condition first and then the immunoglobulin, and not as its treatment."""
    names = list(frame.slots)
    if frame.sentence.section != "title" or not names or names[0][0] != "C":
        return False
    event = frame.slots[names[0]][0]
    product = next((d for d in frame.named("D") if is_product(d)), None)
    if product is None or key(event) in treated:
        return False
    offset = frame.sentence.start
    return _TREATING.search(frame.text, event.end - offset, product.start - offset) is None


def _same_patient(one: Frame, other: Frame, spans: Sequence[Span]) -> bool:
    return case_of(one.sentence.start, spans) == case_of(other.sentence.start, spans)


def _is_fact(relation: Relation) -> bool:
    return (
        relation.predicate is Predicate.CAUSES
        and not relation.negated
        and relation.certainty in (Certainty.ASSERTED, Certainty.PROBABLE)
        and relation.frame.sentence.section != "title"
    )


def _following(
    event: Relation,
    frames: Sequence[Frame],
    origins: dict[int, Relation],
    spans: Sequence[Span],
    blamed: Set[str],
) -> Iterator[Frame]:
    """The sentence itself and those after it, up to the next event, dose, patient or other drug that is blamed."""
    origin = event.frame
    others = blamed - {key(event.subject)}
    yield origin
    for frame in frames[origin.index + 1 : origin.index + 1 + _REACH]:
        restarted = any(is_product(d) for d in frame.drugs()) and not _STOPPED.search(frame.text)
        restarted = restarted or any(key(d) in others for d in frame.drugs())
        if frame.index in origins or restarted or _is_after_another(frame) or not _same_patient(origin, frame, spans):
            return
        if frame.sentence.section != origin.sentence.section or _LITERATURE.search(frame.text) or _is_generic(frame):
            return
        yield frame


_STOPPED = re.compile(r"\b(?:stopp\w+|discontinu\w+|withh\w+|withdr\w+|interrupt\w+|halted|ceased)\b", re.IGNORECASE)


def _findings(frame: Frame, origin: Relation) -> Iterator[Mention]:
    """The conditions of a sentence that it tells as found or diagnosed; in the origin's own, those after its event."""
    offset = frame.sentence.start
    for name, members in frame.slots.items():
        if name[0] != "C":
            continue
        place = frame.masked.index(f"<{name}>")
        before, after = frame.masked[:place], frame.masked[place + len(name) + 2 :]
        if frame is origin.frame and members[0].start <= origin.object.start:
            continue
        if _TOO_MUCH.search(before) or not (_FOUND.search(before) or _WAS_FOUND.match(after)):
            continue
        for mention in members:
            if is_taken_up(frame, mention) or RELIEF_OF.search(frame.text, 0, mention.start - offset):
                continue
            said = frame.assertions.of(mention.start - offset, mention.end - offset)
            if not said.negated and not said.historical and said.certainty is not Certainty.HYPOTHETICAL:
                yield mention


def _told_before(
    frames: Sequence[Frame],
    treated: set[str],
    told: set[tuple[int, str]],
    spans: Sequence[Span],
) -> Iterator[Relation]:
    """What a patient was admitted with who had been given an immunoglobulin before."""
    for frame in frames:
        found = (
            (match, next(filter(is_product, frame.slots[match["drug"]]), None))
            for match in _GIVEN_BEFORE.finditer(frame.masked)
        )
        given, subject = next(((match, drug) for match, drug in found if drug is not None), (None, None))
        if given is None or subject is None:
            continue
        low, high = days(given["time"])
        onset = Onset(min_days=low, max_days=high, text=given.group("time"))
        for earlier in frames[max(0, frame.index - _LOOKED_BACK) : frame.index + 1]:
            admitted = _ADMITTED.search(earlier.masked)
            if admitted is None or not _same_patient(frame, earlier, spans):
                continue
            for mention in earlier.slots[admitted["slot"]]:
                if key(mention) not in treated and (earlier.index, key(mention)) not in told:
                    told.add((earlier.index, key(mention)))
                    yield _sequel(subject, mention, earlier, onset)


def _onset(origin: Relation) -> Onset | None:
    start = origin.object.start - origin.frame.sentence.start
    found = min(onsets(origin.frame.text), key=lambda f: min(abs(f.start - start), abs(f.end - start)), default=None)
    return found.value if found is not None and isinstance(found.value, Onset) else None


def _sequel(subject: Mention, mention: Mention, frame: Frame, onset: Onset | None) -> Relation:
    start = mention.start - frame.sentence.start
    said = frame.assertions.of(start, start + len(mention.text))
    return Relation(
        Predicate.CAUSES, subject, mention, frame, "sequel", _CONFIDENCE, start, start + len(mention.text),
        False, said.certainty, onset,
    )  # fmt: skip
