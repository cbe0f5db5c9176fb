"""What a document carries from sentence to sentence: the therapy that it speaks of, and the diagnosis in question.

In a case report the therapy and its target often stand sentences apart: "We diagnosed dermatomyositis. […] She
received immunoglobulin." Of the conditions that were named, the one that the wording presents as the diagnosis is
what the therapy was given for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ivigraph.ingest.cases import Span
from ivigraph.ingest.frames import Frame, antecedent, is_product
from ivigraph.model import Mention, MentionType
from ivigraph.ontology.vocabulary import Kind, Vocabulary


def focal_therapy(all_frames: Sequence[Frame]) -> Mention | None:
    """The therapy that a document is about: an immunoglobulin where one is named, the one named most often."""
    drugs = [m for frame in all_frames for m in frame.drugs() if m.type is MentionType.DRUG]
    products = [m for m in drugs if is_product(m)]
    counts = Counter(m.id or m.label.lower() for m in products or drugs)
    if not counts:
        return None
    most = max(counts.values())
    return next(m for m in products or drugs if counts[m.id or m.label.lower()] == most)


# How the wording presents a condition, just before or after it, and what that weighs.
_BEFORE = (
    (
        5.0,
        r"(?:diagnos(?:is|es|ed|tic)(?: \w+){0,3}?(?: of| with| as| having| was| for)"
        r"|diagnosed (?:\w+ ){0,3}(?:with|as|having))(?:[^.;]){0,60}$",
    ),
    (
        7.0,
        r"(?:finally|eventually|ultimately|definitively|later) (?:re)?diagnosed (?:\w+ ){0,3}?(?:with|as"
        r"|having)(?:[^.;]){0,60}$"
        r"|(?:final|definitive|definite) diagnosis (?:\w+ ){0,2}?(?:was|of)(?:[^.;]){0,60}$",
    ),
    (
        5.0,
        r"\b(?:receiving|undergoing|under|during) (?:\w+ )?(?:treatment|therapy) (?:for|of)(?: [\w-]+){0,3}\s$"
        r"|\b(?:recently|newly) diagnosed(?: [\w-]+)?\s$",
    ),
    (
        4.0,
        r"\b(?:consistent with|compatible with|confirm(?:ed|ing|s)(?: \w+){0,4}|established|suggestive of"
        r"|indicat(?:ed|ing|ive of)|features of|criteria (?:of|for)|suspicion of|concerns? (?:for|of)"
        r"|suspected(?: of)?|presumed"
        r"|in keeping with|typical (?:of|for)|diagnostic (?:of|for)|suspect)(?:[^.;]){0,40}$",
    ),
    (
        3.5,
        r"\b(?:cases? of|suffer(?:ing|ed)(?: from)?|(?:patient|man|woman|boy|girl|male|female|child|infant|case"
        r"|recipient)\s(?:\w+ )?(?:with|had|has)|episode of|affected by|known|(?:complete|incomplete|atypical"
        r"|fulminant|refractory)|underlying (?:disease|disorder|condition) (?:was|is))(?:[^.;]){0,50}$",
    ),
    (3.5, r"\b(?:developed|develop(?:s|ing)?|induced|complicated (?:by|with)|onset of)(?:[^.;]){0,60}$"),
    (
        2.2,
        r"\b(?:present(?:ed|ing|s) (?:with|as)|(?:admitted|hospitali[sz]ed)(?: (?:in|to|at)(?: [\w-]+){1,5}?)?"
        r" (?:with|for|because of)"
        r"|complain(?:ed|ing) of|referred (?:for|with|because of))(?:[^.;]){0,80}$",
    ),
    (1.5, r"\b(?:reveal\w*|show\w*|demonstrat\w*|noted|found|had)(?:[^.;]){0,80}$"),
    (
        -1.0,
        r"\b(?:MRI|CT|SPECT|PET|scans?|x-?rays?|imaging|tomography|laborator(?:y|ies)|ultraso\w+|echocardio\w+"
        r"|angiogra\w+|electrocardiogra\w+|ECG)\b(?:[^.;]){0,60}$",
    ),
    (
        -3.0,
        r"\b(?:(?:initially|first|erroneously) (?:mis)?(?:diagnosed|thought|considered|treated)|misdiagnos(?:ed|is)"
        r"|(?:initial|first|provisional|preliminary|working|tentative|erroneous) diagnosis"
        r"|differential diagnos[ei]s)\b(?:[^.;]){0,60}$",
    ),
    (-1.0, r"\bsecondary to(?:[^.;]){0,60}$"),
    (
        -4.0,
        r"\b(?:(?:past|previous|medical|family|prior)(?: \w+)? history|history (?:of|was|included|significant)"
        r"|treated for(?: \w+){0,2}|underwent [^.;]{0,30}for|transplant\w* (?:for|because of)"
        r"|recover(?:ed|y) from|after an?|following an?|preceded by|episode of an?)(?:[^.;]){0,60}$",
    ),
)
_AFTER = (
    (4.0, r"^(?: \([^)]*\))? (?:refractory|resistant|unresponsive) to\b"),
    (5.0, r"^[^.;,]{0,40}\b(?:was|were|is) (?:\w+ )?(?:diagnosed|confirmed|suspected|established|made)"),
    (3.0, r"^[^.;,]{0,40}\b(?:was|were|is) (?:\w+ )?considered"),
    (-2.5, r"^[^.;,]{0,20}\b(?:was|were|had) (?:\w+ )?(?:corrected|resected|treated with (?!<)|resolved before)"),
)
_BEFORE_RULES = tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in _BEFORE)
_AFTER_RULES = tuple((weight, re.compile(pattern, re.IGNORECASE)) for weight, pattern in _AFTER)
_DISEASE = 2.0  # a disease is more often what a therapy is for than a finding is
# What immunoglobulin is given for, by the vocabulary's hierarchy: diseases of the immune system above all, and never a
# tumour, an infection or a relapse as such. The row of the closest kind of disease is not looked for: rows add up.
_IMMUNOGLOBULIN = (
    (1.5, ("MONDO:0005046", "MONDO:0007179", "MONDO:0003778", "HP:0004313")),
    # The indications of the products' labels and the guidelines: immunodeficiency, immune thrombocytopenia, Kawasaki
    # disease, Guillain-Barre syndrome, CIDP, multifocal motor neuropathy, myasthenia gravis, inflammatory myopathy, and
    # the one infection among them, toxic shock syndrome.
    (
        2.5,
        (
            "MONDO:0003778",
            "MONDO:0019098",
            "MONDO:0012727",
            "MONDO:0016218",
            "MONDO:0006702",
            "MONDO:0018979",
            "MONDO:0009688",
            "MONDO:0600023",
            "MONDO:0001881",
        ),
    ),
    (-3.0, ("MONDO:0005070", "MONDO:0005015")),
    (-2.0, ("MONDO:0005550",)),
)
_NEVER = -100.0
_ADVERSE = 1.5  # what another therapy is for, once an adverse event was told
_NAMED_AGAIN = 0.4
_IN_TITLE = 2.0
_DISTANCE = 0.25  # for each sentence between
_WITHIN = 150  # sentences to each side in which the diagnosis is looked for
_AFTERWARDS = 2.5  # what is named only after the therapy is rather its sequel
_LEAST = 0.8
_FIRM = 3.0  # the weight from which all of a list may be the diagnosis, and not its first member alone
_FIRM_DISEASE = 5.0  # a disease that the wording presents so
_SURE_DISEASE = 6.0  # one of which nothing is known that speaks for immunoglobulin or against it
_DIAGNOSED = 7.0  # diseases that are called the diagnosis: both are treated, however likely each
_EPONYM = re.compile(r"^[A-Z]\w+['’]s? (?:disease|syndrome)$")
_DISEASE_SHAPE = re.compile(
    r"(?:syndrome|disease|disorder|itis|opathy|opathies|oma|penia|deficiency|sclerosis|purpura|emia|gravis|lysis)s?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A condition and how strongly the wording presents it as what the patient has."""

    mention: Mention
    frame: Frame
    weight: float


class Diagnoses:
    """The conditions of a document, each weighed once where it stands."""

    def __init__(
        self, all_frames: Sequence[Frame], spans: Sequence[Span], vocabulary: Vocabulary, caused: Iterable[str]
    ) -> None:
        self._spans = spans
        self._vocabulary = vocabulary
        self._caused = frozenset(caused)
        self._known = {
            frame.index: [Diagnosis(mention, frame, weight) for mention, weight in self._weigh(frame)]
            for frame in all_frames
        }
        self._times = Counter(key(d.mention) for found in self._known.values() for d in found)

    def at(self, frame: Frame, drug: Mention) -> tuple[Diagnosis, ...]:
        """What a therapy named in this sentence was given for: the likeliest diagnosis, with its equals in a list."""
        start, end = self.stretch(frame)
        near = range(frame.index - _WITHIN, frame.index + _WITHIN + 1)
        found = (d for index in near for d in self._known.get(index, ()) if start <= d.mention.start < end)
        ranked = sorted(
            ((self._rank(d, frame, drug), -d.mention.start, d) for d in found),
            key=lambda ranked: ranked[:2],
            reverse=True,
        )
        if not ranked or ranked[0][0] < _LEAST:
            return ()
        best = ranked[0][2]
        return (best, *self._equals(best, drug))

    def is_likely(self, diagnosis: Diagnosis, drug: Mention) -> bool:
        """Whether the wording presents a disease that an immunoglobulin is given for as the diagnosis."""
        prior = self._prior(diagnosis.mention, drug)
        return (diagnosis.weight >= _FIRM_DISEASE and prior > 0) or (diagnosis.weight >= _SURE_DISEASE and prior == 0)

    def stretch(self, frame: Frame) -> tuple[int, int]:
        """The text about the patient of this sentence; the whole text where no patient is told apart."""
        for span in self._spans:
            if span.start <= frame.sentence.start < span.end:
                # What stands before the first patient is introduced is about all of them.
                return (0 if span is self._spans[0] else span.start), span.end
        return 0, max((s.end for s in self._spans), default=1 << 60)

    def _rank(self, diagnosis: Diagnosis, frame: Frame, drug: Mention) -> float:
        distance = frame.index - diagnosis.frame.index
        if key(diagnosis.mention) in self._caused and (distance < 0 or diagnosis.frame.sentence.section == "title"):
            return _NEVER  # what had not happened yet
        late = _AFTERWARDS if distance < 0 else 0.0
        again = _NAMED_AGAIN * min(self._times[key(diagnosis.mention)] - 1, 3)
        return (
            diagnosis.weight + self._prior(diagnosis.mention, drug) + again - _DISTANCE * min(abs(distance), 12) - late
        )

    def _equals(self, best: Diagnosis, drug: Mention) -> Iterator[Diagnosis]:
        """The conditions in one list with it ("a diagnosis of Morvan syndrome and myasthenia gravis")."""
        weight = best.weight + self._prior(best.mention, drug)
        members = best.frame.list_of(best.mention)
        seen = {key(best.mention)}
        for other in self._known[best.frame.index]:
            if key(other.mention) in seen:
                continue
            first, last = sorted((best.mention, other.mention), key=lambda m: m.start)
            between = best.frame.text[first.end - best.frame.sentence.start : last.start - best.frame.sentence.start]
            # "Lupus complicated by neuronopathy" is one illness.
            if other.mention not in members and _COMPLICATED.fullmatch(between) is None:
                continue
            both = min(best.weight, other.weight)
            as_likely = both >= _DIAGNOSED or (
                both >= _FIRM and other.weight + self._prior(other.mention, drug) >= weight - 0.5
            )
            if as_likely and " with " not in between:
                seen.add(key(other.mention))
                yield other

    def _weigh(self, frame: Frame) -> Iterator[tuple[Mention, float]]:
        offset = frame.sentence.start
        for mention in frame.mentions:
            if mention.type is not MentionType.CONDITION:
                continue
            start, end = mention.start - offset, mention.end - offset
            said = frame.assertions.of(start, end)
            if said.negated:
                continue
            before, after = frame.text[max(0, start - 120) : start], frame.text[end : end + 80]
            weight = max((w for w, rule in _BEFORE_RULES if w > 0 and rule.search(before)), default=0.0)
            weight = max(weight, *(w for w, rule in _AFTER_RULES if w > 0 and rule.search(after)), 0.0)
            weight += min((w for w, rule in _BEFORE_RULES if w < 0 and rule.search(before)), default=0.0)
            weight += min((w for w, rule in _AFTER_RULES if w < 0 and rule.search(after)), default=0.0)
            weight += _IN_TITLE * (frame.sentence.section == "title")
            yield mention, weight + self._kind(mention)

    def _kind(self, mention: Mention) -> float:
        if mention.id is None:
            if _EPONYM.search(mention.label):
                return _DISEASE
            return _DISEASE / 2 if _DISEASE_SHAPE.search(mention.label) else 0.0
        concept = self._vocabulary.concepts.get(mention.id)
        return _DISEASE if concept is not None and concept.kind is Kind.DISEASE else 0.0

    def _prior(self, mention: Mention, drug: Mention) -> float:
        """How likely the condition is what immunoglobulin is given for; nothing is known of other therapies."""
        if key(mention) in self._caused:
            # What immunoglobulin did is treated with something else.
            return _NEVER if is_product(drug) else _ADVERSE
        if mention.id is None or not is_product(drug):
            return 0.0
        above = self._vocabulary.ancestors(mention.id)
        return sum(weight for weight, ids in _IMMUNOGLOBULIN if not above.isdisjoint(ids))


_COMPLICATED = re.compile(r"\s(?:\([^)]*\)\s)?complicated by (?:an? |severe )?")


def key(mention: Mention) -> str:
    """What makes two mentions the same concept."""
    return mention.id or mention.label.casefold()


# That a therapy was given, tried or stopped: a sentence that names one and says none of this only talks about it.
_GIVEN = re.compile(
    r"\b(?:treat(?:ed|ment|ing)?|therap(?:y|ies)|receiv(?:ed|ing)|given|administ\w+|(?:re)?start(?:ed|ing)?|initiat\w+|(?:re)?introduc\w+|opted"
    r"|commenc\w+|infus(?:ed|ion|ions)|"
    r"perform(?:ed)?|add(?:ed|ition)|after|with|using|on|underwent|prescribed|cycles?|courses?|doses?|prompt(?:ed"
    r"|ing)|result(?:ed|ing)|led|"
    r"achieved|obtained|allow(?:ed|ing)|brought|managed|controlled|by|despite|"
    r"respon(?:ded|se|d)|improv\w+|resol(?:ved|ution)|reliev\w+|ameliorat\w+|outcome|maintain\w*|continu\w+|consist\w+|regimens?|includ\w+|put|g/kg)\b",
    re.IGNORECASE,
)
_NOT_GIVEN = re.compile(
    r"\b(?:refus(?:ed|al)|declin(?:ed|es)|not (?:been )?(?:given|treated|available|received|administered|started)"
    r"|contraindicated|without (?:\w+ )?(?:treatment|therapy)(?! with)|(?:is|are) (?:advised|recommended|suggested)"
    r"|we (?:suggest|recommend|advise|propose)|should|not been associated)\b",
    re.IGNORECASE,
)


# The words that say it outright; the others only go with it.
_GAVE = re.compile(
    r"\b(?:treated|received|receiving|given|administ\w+|started|initiated|introduced|commenced|infused|underwent|responded"
    r"|put on|consisted)\b",
    re.IGNORECASE,
)
# Just before its name: what was stopped, kept from the patient, or given to prepare for something else.
_STOPPED = re.compile(
    r"\b(?:discontinu\w+|withdr\w+|stopp\w+|cessation|argued against|instead of|rather than|avoid\w*|(?:pre-?medicat"
    r"|prophyla)\w+(?= (?:with |of )?$|$)"
    r"|had (?:begun|started|been taking)|(?:need|requirement) for|(?:was|were) taking|risk factors?)"
    r"(?: of| with)? (?:the |any )?(?:and )?$|\bpre-?$",
    re.IGNORECASE,
)
# What a patient takes anyway, immunoglobulin apart.
_USUAL = re.compile(r"\b(?:long-term|usual|regular) (?:the |any )?(?:and )?$", re.IGNORECASE)
_WAS_STOPPED = re.compile(
    r"(?: dos(?:e|age))? (?:taper(?:ing)?|withdrawal|discontinuation|cessation|interruption)\b"
    r"|[^.,;]{0,20}\b(?:was|were|had been) (?:\w+ )?(?:discontinued|stopped|withdrawn"
    r"|withheld|reduced|tapered|avoided|deferred|declined|refused|omitted|continued|planned|considered|not (?:needed"
    r"|required"
    r"|given))",
    re.IGNORECASE,
)


# Someone in the family of the patient, or who gave them an organ.
_TO_ANOTHER = re.compile(
    r"\b(?:mother|father|brother|sister|son|donor|parents?|spouse|husband|wife)\b"
    r"(?:(?!\b(?:and|who|he|she|his|her|patient|infant|baby|child)\b)[^.;,]){0,40}"
    r"\b(?:received|was given|were given|had been given|was treated|had received)\b[^.;]*$",
    re.IGNORECASE,
)


def says_given(frame: Frame) -> bool:
    """Whether a sentence tells the giving itself, which makes it the better evidence."""
    return bool(_GAVE.search(frame.masked))


def is_given(frame: Frame, drug: Mention) -> bool:
    """Whether the sentence says that the patient was given the therapy that it names."""
    offset = frame.sentence.start
    before, after = frame.text[: drug.start - offset], frame.text[drug.end - offset :]
    if _STOPPED.search(before) or _WAS_STOPPED.match(after) or (not is_product(drug) and _USUAL.search(before)):
        return False
    if _TO_ANOTHER.search(before):
        return False
    said = frame.assertions.of(drug.start - offset, drug.end - offset)
    return bool(_GIVEN.search(frame.masked)) and not said.negated and not _NOT_GIVEN.search(frame.text)


def case_of(mention_start: int, spans: Sequence[Span]) -> str | None:
    """The id of the patient whom the text at that place is about."""
    return next((span.case.id for span in spans if span.start <= mention_start < span.end), None)


# Words for an event that was told: "the eruption", "her symptoms"; and death, which is how one ends.
_TAKEN_UP = re.compile(
    r"(?:eruptions?|rash(?:es)?|lesions?|reactions?|symptoms?|episodes?|events?|attacks?|complications?|signs?)",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"\b(?:the|this|these|those|that|his|her|their|its|all|both|such)\s(?:\w+\s)?$", re.IGNORECASE)


def is_taken_up(frame: Frame, mention: Mention) -> bool:
    """Whether a sentence goes on about an event that was told ("the eruption"), and tells no new one."""
    before = frame.text[: mention.start - frame.sentence.start]
    is_definite = _TAKEN_UP.fullmatch(mention.text) is not None and _DEFINITE.search(before) is not None
    return is_definite or mention.label == "death"


def therapy_context(
    all_frames: Sequence[Frame], beside: Set[str] = frozenset(), *, narrative: bool = True
) -> Mapping[int, Sequence[Mention]]:
    """For each sentence the therapy that it is about when it names none: the last one named, else the focal one.

    `beside` are the keys of drugs that a text is never about. A text that tells no case (`narrative`) and has an
    immunoglobulin for its subject goes on about it, whatever else it mentions.
    """
    focal = focal_therapy(all_frames)
    # A case begins with the illness; the therapy is spoken of from its first name on, or from the title on.
    titled = any(f.sentence.section == "title" and f.drugs() for f in all_frames)
    begun = focal is not None and (titled or not narrative)
    last = [focal] if focal and begun else []
    stays = not narrative and focal is not None and is_product(focal)
    contexts: dict[int, Sequence[Mention]] = {}
    for frame in all_frames:
        contexts[frame.index] = last
        if stays:
            continue
        if drugs := [m for m in frame.drugs() if _is_in_focus(m, frame, beside)]:
            last = list(antecedent(drugs))
    return contexts


def _is_in_focus(drug: Mention, frame: Frame, beside: Set[str]) -> bool:
    return drug.type is MentionType.DRUG and key(drug) not in beside and not frame.is_aside(drug)
