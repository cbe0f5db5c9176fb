"""The trained extractor: what the rules state, and what the model sees where no rule was written for the wording.

The model adds names to the lexicon's and relates pairs of which the rules say nothing. Immunoglobulin products are
the lexicon's alone; negation, qualifiers, patients and the diagnosis that is carried through a case are the rules'.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ivigraph.ingest.discourse import key
from ivigraph.ingest.extract import More, RuleExtractor
from ivigraph.ingest.frames import Frame, frames
from ivigraph.ingest.lexicon import TYPES, Lexicon
from ivigraph.ingest.relations import Relation
from ivigraph.ingest.segment import Sentence
from ivigraph.ingest.tagger import tagger as trained
from ivigraph.ingest.tagger.consistency import consistent
from ivigraph.ingest.tagger.coordination import parts
from ivigraph.ingest.tagger.decode import Span
from ivigraph.ingest.tagger.encoding import Window
from ivigraph.ingest.tagger.plausible import is_condition, is_drug
from ivigraph.ingest.tagger.schemes import ANSWERS
from ivigraph.ingest.tagger.tagger import Reading, Tagger
from ivigraph.model import Certainty, Document, Mention, MentionType, Predicate
from ivigraph.ontology.vocabulary import Vocabulary

RULE = "model"
LEAST = 0.1
"""The probability from which a pair that no rule relates is a candidate."""

SHIFT = 0.85
"""What is taken off a probability's logit: the texts that we read report effects more rarely than the corpora by which
it was calibrated. Chosen on the development documents about immunoglobulins (docs/model-card.md)."""

CONFLICT = 0.5
"""By this a probability is multiplied where the rest of the document speaks against the pair, or where the
condition is a short form that nothing explains."""

# How sure the tagger must be of a name that the lexicon does not have.
_LEAST_SCORE: Mapping[str, float] = MappingProxyType({"drug": 0.9, "condition": 0.8})
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
        version = f"{cls.version}-{tagger.version}"
        return cls(vocabulary, lexicon, name="model", version=version, threshold=threshold, tagger=tagger)

    def more(
        self,
        document: Document,
        sentences: Sequence[Sentence],
        mentions: tuple[Mention, ...],
        ruled: Sequence[Relation],
    ) -> More:
        text = document.text
        readings = self.tagger.read(text, [(s.start, s.end) for s in sentences])
        mentions = _joined(mentions, self._names(text, readings), text, self.vocabulary)
        # What else an event is made of ("raised liver enzymes") is a name only as the effect of a drug.
        effects = [span for reading in readings for span in self._effects(reading, mentions, text)]
        mentions = _joined(mentions, effects, text, self.vocabulary)
        judge, known = _Judge(readings), _Known.of(ruled)
        weighed = [r for frame in frames(text, sentences, mentions) for r in _weighed(judge, frame, known)]
        return More(
            mentions,
            relations=[relation for relation in weighed if relation.confidence >= self.threshold],
            doubted=[relation for relation in weighed if relation.confidence < self.threshold],
        )

    def _names(self, text: str, readings: Sequence[Reading]) -> list[Span]:
        return [s for s in consistent(text, readings, "names") if self._is_plausible(text, s)]

    def _is_plausible(self, text: str, span: Span) -> bool:
        if span.type == "drug":
            return is_drug(text, span.start, span.end)
        return is_condition(text, span.start, span.end, self.tagger.gazetteer)

    def _effects(self, reading: Reading, mentions: Sequence[Mention], text: str) -> Iterator[Span]:
        taken = [(m.start, m.end) for m in mentions]
        drugs = _placed(reading.window, (m for m in mentions if m.type is MentionType.DRUG))
        for span in reading.spans("events"):
            if span.type != "condition" or _overlaps((span.start, span.end), taken):
                continue
            if _BETTER.search(text, span.start, span.end) or not self._is_plausible(text, span):
                continue
            near = [at for at in drugs.values() if reading.window.words[at[0]].sentence == span.sentence]
            answers = reading.probabilities([(at, (span.first, span.last)) for at in near])
            if any(_shifted(float(row[_PREDICATES[Predicate.CAUSES]])) >= self.threshold for row in answers):
                yield from (replace(span, start=start, end=end) for start, end in parts(text, span.start, span.end))


_BETTER = re.compile(
    r"\b(?:regain|improv|recover|resol[vu]|normali[sz]|remi(?:ssion|tted)|heal|cure|subsid)\w*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rules took from a document, by the keys of names: the pairs that they relate, and who has which role."""

    related: Set[tuple[str, str]]
    treated: Set[str]
    caused: Set[str]
    used: Set[tuple[int, str]]

    @classmethod
    def of(cls, ruled: Sequence[Relation]) -> _Known:
        affirmed = [relation for relation in ruled if not relation.negated]
        return cls(
            frozenset((key(r.subject), key(r.object)) for r in ruled),
            frozenset(key(r.object) for r in affirmed if r.predicate is Predicate.TREATS),
            frozenset(key(r.object) for r in affirmed if r.predicate is Predicate.CAUSES),
            frozenset((r.frame.index, key(r.subject)) for r in affirmed if r.predicate is Predicate.TREATS),
        )

    def has_another_use(self, relation: Relation) -> bool:
        """Whether the rules take from the same sentence what the drug was for: its other names are not."""
        used = (relation.frame.index, key(relation.subject)) in self.used
        return relation.predicate is Predicate.TREATS and used

    def is_against(self, relation: Relation) -> bool:
        """Whether the condition has the other role in the document, or is introduced as what the patient has."""
        condition = key(relation.object)
        if relation.predicate is Predicate.TREATS:
            return condition in self.caused
        return condition in self.treated or _is_background(relation)


def _weighed(judge: _Judge, frame: Frame, known: _Known) -> Iterator[Relation]:
    """What the model says of each pair of a sentence of which the rules say nothing, with its probability."""
    seen: set[tuple[str, str]] = set()
    for (drug, condition), answers in judge.answers(frame).items():
        predicate = max(_PREDICATES, key=lambda p: answers[_PREDICATES[p]])
        pair = key(drug), key(condition)
        if answers[_PREDICATES[predicate]] < LEAST or pair in known.related or pair in seen:
            continue
        seen.add(pair)
        if predicate is Predicate.CAUSES and frame.is_set_aside(drug):
            continue
        if predicate is Predicate.CAUSES and _got_better(frame, drug, condition):
            continue
        if condition.id is None and _SAYS_LITTLE.fullmatch(condition.text):
            continue
        relation = _relation(frame, drug, condition, predicate, answers)
        doubtful = (
            known.is_against(relation)
            or known.has_another_use(relation)
            or (predicate is Predicate.CAUSES and _came_with(frame, drug, condition))
            or (condition.id is None and condition.text.isupper())
        )
        yield replace(relation, confidence=relation.confidence * CONFLICT) if doubtful else relation


def _got_better(frame: Frame, drug: Mention, condition: Mention) -> bool:
    """Whether, as in "after the infusion her headache resolved", it went away: that is no effect."""
    offset = frame.sentence.start
    clause = re.split(r"[,;]", frame.text[condition.end - offset :], maxsplit=1)[0]
    return drug.start < condition.start and _BETTER.search(clause) is not None


# "A woman on immunoglobulin and prednisone presented with pain": why she came, whatever she takes.
_CAME = re.compile(r"\b(?:present(?:ed|s|ing)|(?:was|were) (?:admitted|referred|hospitali[sz]ed|seen)|came|attended)\b")


def _came_with(frame: Frame, drug: Mention, condition: Mention) -> bool:
    offset = frame.sentence.start
    between = frame.text[max(0, drug.end - offset) : max(0, condition.start - offset)]
    return len(frame.drugs()) > 1 and _CAME.search(between) is not None


# Not what a therapy is for, nor what it does.
_SAYS_LITTLE = re.compile(
    r"(?:[\w-]+ ){0,2}(?:symptoms?|manifestations?|signs?|findings|complaints|conditions?|diseases?|abnormalities)",
    re.IGNORECASE,
)


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


def _is_background(relation: Relation) -> bool:
    before = relation.frame.text[: relation.object.start - relation.frame.sentence.start]
    return _BACKGROUND.search(before) is not None


class _Judge:
    """The pair head, asked about mentions of the document."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._readings = readings
        self._starts = [reading.window.words[0].start for reading in readings]

    def answers(self, frame: Frame) -> dict[tuple[Mention, Mention], Sequence[float]]:
        """The answers for every drug and condition of a sentence."""
        number = bisect_right(self._starts, frame.sentence.start) - 1
        if number < 0:
            return {}
        reading = self._readings[number]
        drugs = _placed(reading.window, (m for m in frame.drugs() if m.type is MentionType.DRUG))
        conditions = _placed(reading.window, (m for m in frame.mentions if m.type is MentionType.CONDITION))
        pairs = [(drug, condition) for drug in drugs for condition in conditions]
        rows = reading.probabilities([(drugs[drug], conditions[condition]) for drug, condition in pairs])
        return {pair: [_shifted(float(value)) for value in row] for pair, row in zip(pairs, rows, strict=True)}


def _shifted(probability: float) -> float:
    odds = probability / max(1.0 - probability, 1e-9) * math.exp(-SHIFT)
    return odds / (1.0 + odds)


def _placed(window: Window, mentions: Iterable[Mention]) -> dict[Mention, tuple[int, int]]:
    return {m: found for m in mentions if (found := window.find(m.start, m.end)) is not None}


def _joined(known: Sequence[Mention], tagged: Sequence[Span], text: str, vocabulary: Vocabulary) -> tuple[Mention, ...]:
    """The mentions, and the tagger's where there are none or only guesses by the form of words."""
    sure = [m for m in known if not _is_guess(m)]
    taken = [(m.start, m.end) for m in sure]
    spans = [
        span
        for span in tagged
        if span.score >= _LEAST_SCORE[span.type]
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
