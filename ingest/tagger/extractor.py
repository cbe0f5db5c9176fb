"""The second extractor: mentions from lexicon and tagger, relations from the rules and the trained pair head.

Everything around them is the rules' extractor: sentences, negation, qualifiers, patients, and the diagnosis that is
carried through a case report. Immunoglobulin products are the lexicon's alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from ivigraph.ingest.discourse import key
from ivigraph.ingest.extract import RuleExtractor, Sight
from ivigraph.ingest.frames import Frame
from ivigraph.ingest.lexicon import TYPES, Lexicon
from ivigraph.ingest.relations import Relation, relations
from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.tagger import tagger as trained
from ivigraph.ingest.tagger.decode import Span
from ivigraph.ingest.tagger.schemes import ANSWERS
from ivigraph.ingest.tagger.tagger import Reading, Tagger
from ivigraph.model import Certainty, Document, Mention, MentionType, Predicate
from ivigraph.ontology.vocabulary import Vocabulary

RULE = "model"
VETO = 0.02
"""The probability below which a pair is only a candidate though a rule relates it."""

LEAST = 0.1
"""The probability from which a pair that no rule relates is a candidate."""

# How sure the tagger must be of a name that the lexicon does not have.
_LEAST_SCORE = 0.8
# Whether one of these is given or only measured, `ingest.immunoglobulin` has decided.
_IMMUNOGLOBULIN = re.compile(r"globulin|\b(?:iv)?ig[agmde]?\b", re.IGNORECASE)
_PREDICATES = {Predicate.CAUSES: ANSWERS.index("causes"), Predicate.TREATS: ANSWERS.index("treats")}
_NEGATED = ANSWERS.index("negated")
_LEAST_NEGATED = 0.5


@dataclass(frozen=True)
class ModelExtractor(RuleExtractor):
    """A pair that no rule relates is claimed by its calibrated probability, from `threshold` on."""

    tagger: Tagger = field(kw_only=True)

    @classmethod
    def of(cls, vocabulary: Vocabulary, threshold: float) -> ModelExtractor:
        """Raises SettingsError when the model is not installed."""
        tagger = trained.load()
        lexicon = Lexicon.of(vocabulary)
        return cls(vocabulary, lexicon, name="model", version=tagger.version, threshold=threshold, tagger=tagger)

    def read(self, document: Document, sentences: Sequence[Sentence]) -> Sight:
        readings = self.tagger.read(document.text, [(s.start, s.end) for s in sentences])
        known = self.lexicon.mentions(document, sentences)
        tagged = [span for reading in readings for span in reading.spans("names")]
        mentions = _joined(known, tagged, document.text, self.vocabulary)
        # What else an event is made of ("raised liver enzymes") is a name only as the effect of a drug.
        effects = [span for reading in readings for span in self._effects(reading, mentions)]
        mentions = _joined(mentions, effects, document.text, self.vocabulary)
        judge = _Judge(readings)

        overruled: dict[int, list[Relation]] = {}

        def relate(frame: Frame, context: Sequence[Mention]) -> Iterator[Relation]:
            weighed = judge.weigh(frame)
            ruled = list(relations(frame, context))
            found = [r for r in ruled if _probability(r, weighed) >= VETO]
            overruled[frame.index] = [r for r in ruled if _probability(r, weighed) < VETO]
            related = {(r.subject, r.object) for r in found}
            yield from found
            effects = {(key(r.subject), key(r.object)) for r in found if r.predicate is Predicate.CAUSES}
            for (drug, condition), answers in weighed.items():
                if (drug, condition) in related:
                    continue
                for claimed in self._claimed(frame, drug, condition, answers):
                    if not _is_background(claimed, effects):
                        yield claimed

        def doubt(frame: Frame) -> Iterator[Relation]:
            weighed = judge.weigh(frame)
            yield from self._doubted(frame, weighed)
            for relation in overruled.get(frame.index, ()):
                yield replace(relation, confidence=round(_probability(relation, weighed), 3))

        return Sight(mentions, relate, doubt)

    def _effects(self, reading: Reading, mentions: Sequence[Mention]) -> Iterator[Span]:
        taken = [(m.start, m.end) for m in mentions]
        drugs = [at for m in mentions if m.type is MentionType.DRUG and (at := _words(reading, m))]
        for span in reading.spans("events"):
            if span.type != "condition" or _overlaps((span.start, span.end), taken):
                continue
            near = [at for at in drugs if reading.window.words[at[0]].sentence == span.sentence]
            answers = reading.probabilities([(at, (span.first, span.last)) for at in near])
            if any(row[_PREDICATES[Predicate.CAUSES]] >= self.threshold for row in answers):
                yield span

    def _claimed(self, frame: Frame, drug: Mention, condition: Mention, answers: Sequence[float]) -> Iterator[Relation]:
        predicate = max(_PREDICATES, key=lambda p: answers[_PREDICATES[p]])
        if answers[_PREDICATES[predicate]] >= self.threshold:
            yield _relation(frame, drug, condition, predicate, answers)

    def _doubted(self, frame: Frame, weighed: Weighed) -> Iterator[Relation]:
        for (drug, condition), answers in weighed.items():
            for predicate, column in _PREDICATES.items():
                if LEAST <= answers[column] < self.threshold:
                    yield _relation(frame, drug, condition, predicate, answers)


def _probability(relation: Relation, weighed: Weighed) -> float:
    """What the model says of a rule's relation: 1 where its sentence does not name the pair, or it was never taught."""
    column = _PREDICATES.get(relation.predicate)
    answers = weighed.get((relation.subject, relation.object))
    return 1.0 if column is None or answers is None else answers[column]


def _relation(
    frame: Frame, drug: Mention, condition: Mention, predicate: Predicate, answers: Sequence[float]
) -> Relation:
    offset = frame.sentence.start
    said = frame.assertions.of(condition.start - offset, condition.end - offset)
    causes = predicate is Predicate.CAUSES
    start, end = min(drug.start, condition.start) - offset, max(drug.end, condition.end) - offset
    return Relation(
        predicate, drug, condition, frame, RULE, round(answers[_PREDICATES[predicate]], 3), start, end,
        negated=causes and (said.negated or answers[_NEGATED] >= _LEAST_NEGATED),
        certainty=said.certainty if causes else Certainty.ASSERTED,
    )  # fmt: skip


# What the patient has: "the present case of dermatomyositis exhibited IVIG-induced thrombocytopenia".
_BACKGROUND = re.compile(
    r"\b(?:cases? of|(?:patients?|wom[ae]n|m[ae]n|boys?|girls?|child(?:ren)?|infants?|adults?|those) with|history of|"
    r"diagnos(?:ed with|is of)|known|suffer(?:s|ed|ing) from)\s(?:[\w-]+\s){0,2}$",
    re.IGNORECASE,
)


def _is_background(relation: Relation, effects: Set[tuple[str, str]]) -> bool:
    """Whether a condition is introduced as the patient's, in a sentence that tells another effect of the drug."""
    if relation.predicate is not Predicate.CAUSES:
        return False
    others = any(drug == key(relation.subject) and event != key(relation.object) for drug, event in effects)
    before = relation.frame.text[: relation.object.start - relation.frame.sentence.start]
    return others and _BACKGROUND.search(before) is not None


Weighed = dict[tuple[Mention, Mention], Sequence[float]]


class _Judge:
    """The pair head, asked about mentions of the document."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._starts = [reading.window.words[0].start for reading in readings]
        self._weighed: dict[int, Weighed] = {}

    def weigh(self, frame: Frame) -> Weighed:
        """The answers for every drug and condition of a sentence."""
        if frame.index not in self._weighed:
            self._weighed[frame.index] = self._answers(frame)
        return self._weighed[frame.index]

    def _answers(self, frame: Frame) -> Weighed:
        number = bisect_right(self._starts, frame.sentence.start) - 1
        if number < 0:
            return {}
        reading = self._readings[number]
        drugs = [(m, at) for m in frame.drugs() if m.type is MentionType.DRUG and (at := _words(reading, m))]
        conditions = [(m, at) for m in frame.mentions if m.type is MentionType.CONDITION and (at := _words(reading, m))]
        pairs = [(d, c) for d in drugs for c in conditions]
        answers = reading.probabilities([(at, other) for (_, at), (_, other) in pairs])
        return {
            (drug, condition): [float(value) for value in row]
            for ((drug, _), (condition, _)), row in zip(pairs, answers, strict=True)
        }


def _words(reading: Reading, mention: Mention) -> tuple[int, int] | None:
    words = reading.window.words
    first = bisect_right(words, mention.start, key=lambda word: word.end)
    last = first
    while last < len(words) and words[last].start < mention.end:
        last += 1
    return (first, last) if last > first else None


def _joined(known: Sequence[Mention], tagged: Sequence[Span], text: str, vocabulary: Vocabulary) -> tuple[Mention, ...]:
    """The mentions, and the tagger's where there are none or only guesses by the form of words."""
    sure = [m for m in known if not _is_guess(m)]
    taken = [(m.start, m.end) for m in sure]
    spans = [
        span
        for span in tagged
        if span.score >= _LEAST_SCORE
        and not _overlaps((span.start, span.end), taken)
        and not (span.type == "drug" and _IMMUNOGLOBULIN.search(text, span.start, span.end))
    ]
    taken += [(s.start, s.end) for s in spans]
    guesses = [m for m in known if _is_guess(m) and not _overlaps((m.start, m.end), taken)]
    mentions = [*sure, *guesses, *(_mention(span, text, vocabulary) for span in spans)]
    return tuple(sorted(mentions, key=lambda m: m.start))


def _is_guess(mention: Mention) -> bool:
    return mention.id is None and "by its form" in mention.reasons


def _overlaps(place: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < place[1] and place[0] < end for start, end in taken)


def _mention(span: Span, text: str, vocabulary: Vocabulary) -> Mention:
    surface = text[span.start : span.end]
    type = MentionType(span.type)
    concept = next((c for c in vocabulary.find(surface) if TYPES[c.kind] is type), None)
    mention = Mention(
        start=span.start, end=span.end, text=surface, type=type, id=None, label=surface,
        reasons=(f"tagged with {span.score:.2f}",),
    )  # fmt: skip
    return mention if concept is None else replace(mention, id=concept.id, label=concept.label)
