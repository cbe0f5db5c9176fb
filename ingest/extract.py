"""Extractors turn a document into claims; they are chosen by name.

An extractor is anything with a `name`, a `version` and `extract`. What is shared by all of them (sentences,
assertion, qualifiers, cases, the diagnosis carried through a case) stands in modules of its own, so that another
extractor may tag mentions and decide pairs in its own way and use the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from ivigraph.errors import SettingsError
from ivigraph.ingest import segment
from ivigraph.ingest.cases import Span, cases
from ivigraph.ingest.claims import candidate, claims
from ivigraph.ingest.complications import without_complications, without_recurrences
from ivigraph.ingest.discourse import Diagnoses, key, therapy_context
from ivigraph.ingest.ellipsis import elided
from ivigraph.ingest.frames import Frame, frames, is_product
from ivigraph.ingest.given import given
from ivigraph.ingest.lexicon import Lexicon
from ivigraph.ingest.mechanisms import explained
from ivigraph.ingest.populations import with_population
from ivigraph.ingest.preventives import prevented, preventives, without_preventives
from ivigraph.ingest.relations import Relation, relations
from ivigraph.ingest.rules import CIRCUMSTANTIAL
from ivigraph.ingest.safety import about_safety, absent, is_about_harm
from ivigraph.ingest.sequels import sequels
from ivigraph.ingest.topics import by_topic, general, topics, within
from ivigraph.model import Claim, Document, DocumentType, Extraction, Mention, Predicate
from ivigraph.ontology.vocabulary import Kind, Vocabulary


class Extractor(Protocol):
    """`version` changes whenever the same document may give other claims; `languages` are ISO 639-1 codes."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    def extract(self, document: Document) -> Extraction: ...


CONFIDENCE = 0.5
"""From here on a statement is claimed; below it is a candidate. Rules are at least as sure."""

# Lists of words, not statements.
_NO_STATEMENTS = frozenset({"keywords", "key words"})


@dataclass(frozen=True, slots=True)
class More:
    """What an extractor takes from a document beside the rules; `doubted` are relations of which it is not sure enough.

    `mentions` are all of the document's, those of the lexicon included.
    """

    mentions: tuple[Mention, ...]
    relations: Sequence[Relation] = ()
    doubted: Sequence[Relation] = ()


@dataclass(frozen=True)
class RuleExtractor:
    """Claims by rules about language alone."""

    vocabulary: Vocabulary
    lexicon: Lexicon
    name: str = "rules"
    version: str = "5"
    threshold: float = CONFIDENCE
    languages: tuple[str, ...] = ("en",)

    def extract(self, document: Document) -> Extraction:
        sentences = tuple(segment.sentences(document))
        mentions = self.lexicon.mentions(document, sentences)
        spoken = [s for s in sentences if s.section not in _NO_STATEMENTS]
        all_frames = frames(document.text, spoken, mentions)
        spans = cases(document, sentences)
        found = _without_contradictions(list(self._relations(document, all_frames, spans)))
        more = self.more(document, spoken, mentions, found)
        stated = claims(
            without_complications([*found, *_valid(more.relations)], self.vocabulary.ancestors),
            all_frames,
            spans,
            self.vocabulary.ancestors,
            is_case=_is_about_patients(document, spans),
        )
        if document.type in _STUDIES:
            stated = with_population(stated, all_frames)
        doubted = [candidate(relation) for relation in more.doubted]
        return Extraction(
            document=document,
            extractor=f"{self.name}-{self.version}",
            mentions=more.mentions,
            cases=tuple(span.case for span in spans),
            claims=tuple(c for c in stated if c.confidence >= self.threshold),
            candidates=_unclaimed(
                (*(c for c in stated if c.confidence < self.threshold), *doubted), stated, self.threshold
            ),
        )

    def more(
        self,
        document: Document,
        sentences: Sequence[segment.Sentence],
        mentions: tuple[Mention, ...],
        ruled: Sequence[Relation],
    ) -> More:
        """What another extractor adds to the lexicon's mentions and the rules' relations; nothing here."""
        return More(mentions)

    def _relations(self, document: Document, all_frames: Sequence[Frame], spans: Sequence[Span]) -> Iterator[Relation]:
        beforehand = preventives(all_frames)
        contexts = therapy_context(all_frames, beforehand, narrative=_is_about_patients(document, spans))
        stated = [r for frame in all_frames for r in _valid(relations(frame, contexts[frame.index]))]
        stated = without_recurrences(without_preventives(stated, beforehand, contexts), all_frames)
        stated += list(elided(stated))
        stated = about_safety(
            stated,
            all_frames,
            contexts,
            self._is_event,
            narrative=_is_narrative(document, spans),
        )
        stated += explained(stated, all_frames, contexts)
        if _is_about_patients(document, spans):
            stated += self._recent(sequels(stated, all_frames, spans))
        by_frame = _by_frame(stated)
        stated += [r for frame in all_frames for r in absent(frame, by_frame, contexts[frame.index])]
        about = topics(document, all_frames)
        stated = within(about, stated)
        if not _is_about_patients(document, spans):
            yield from stated
            yield from self._recent(by_topic(about, all_frames, stated, contexts, beforehand, narrative=False))
            return
        stated += self._recent(by_topic(about, general(all_frames), stated, contexts, beforehand, narrative=True))
        caused = {key(r.object) for r in stated if r.predicate is Predicate.CAUSES and is_product(r.subject)}
        diagnoses = Diagnoses(all_frames, spans, self.vocabulary, caused)
        direct = [r for r in stated if r.rule not in CIRCUMSTANTIAL]
        yield from direct
        by_frame = _by_frame(stated)
        yield from prevented(stated, all_frames)
        yield from _valid(given(all_frames, by_frame, diagnoses, spans, beforehand))

    def _recent(self, found: Iterable[Relation]) -> Iterator[Relation]:
        """What only its place in the text makes an effect, without what takes longer to come about than a report."""
        for relation in _valid(found):
            above = self.vocabulary.ancestors(relation.object.id) if relation.object.id else frozenset()
            if relation.predicate is not Predicate.CAUSES or not above & _CHRONIC:
                yield relation

    def _is_event(self, mention: Mention) -> bool:
        """Whether a condition can be an adverse event: a finding rather than a disease in its own right."""
        concept = self.vocabulary.concepts.get(mention.id or "")
        return concept is None or concept.kind is Kind.EVENT


def _by_frame(stated: Sequence[Relation]) -> dict[int, list[Relation]]:
    by_frame: dict[int, list[Relation]] = {}
    for relation in stated:
        by_frame.setdefault(relation.frame.index, []).append(relation)
    return by_frame


_STUDIES = (DocumentType.TRIAL, DocumentType.COHORT, DocumentType.CASE_SERIES)


def _is_narrative(document: Document, spans: Sequence[Span]) -> bool:
    """Whether most of what occurs in the text is illness; a series of patients may be one of a therapy's harm."""
    if document.type is DocumentType.CASE_SERIES and is_about_harm(document.title):
        return False
    if document.type in (DocumentType.COHORT, DocumentType.TRIAL):
        return False  # though it may tell of one of its patients
    return document.type is DocumentType.CASE_REPORT or bool(spans)


def _is_about_patients(document: Document, spans: Sequence[Span]) -> bool:
    return document.type in (DocumentType.CASE_REPORT, DocumentType.CASE_SERIES) or (
        bool(spans) and document.type is DocumentType.OTHER
    )


# "Not effective for dermatomyositis" denies the effect, "patients without dermatomyositis" the disease.
_ABSENT = re.compile(
    r"\b(?:no|without|absence of|negative for|denie[sd]|excluded|ruled out|rather than|nor"
    r"|free of)\s(?:(?!benefit|effect|response|improvement|role|success|use|place)[\w-]+\s){0,3}$",
    re.IGNORECASE,
)


# What a patient may have who is given immunoglobulin, and what it is never given for: it warns of a reaction to it.
_WARNINGS = frozenset({"MONDO:0001341", "ivo:AntiIgAAntibodies"})


# Tumours and diabetes mellitus: found in the days after an infusion, they were there before.
_CHRONIC = frozenset({"MONDO:0005070", "MONDO:0005015"})


def _valid(found: Iterable[Relation]) -> Iterator[Relation]:
    """A condition that the patients do not have is not what a therapy is for, and no warning against it is."""
    for relation in found:
        start = relation.object.start - relation.frame.sentence.start
        absent = relation.predicate is Predicate.TREATS and _ABSENT.search(relation.frame.text[:start])
        warning = relation.predicate is not Predicate.CONTRAINDICATED_IN and relation.object.id in _WARNINGS
        if not absent and not warning:
            yield relation


def _without_contradictions(found: list[Relation]) -> list[Relation]:
    """A finding that a therapy is said to cause is not what the same sentence gives it for."""
    caused = {
        (key(r.subject), key(r.object), r.frame.index)
        for r in found
        if r.predicate is Predicate.CAUSES and not r.negated
    }
    return [
        r
        for r in found
        if r.predicate is not Predicate.TREATS or (key(r.subject), key(r.object), r.frame.index) not in caused
    ]


def _unclaimed(doubted: Iterable[Claim], claimed: Iterable[Claim], threshold: float) -> tuple[Claim, ...]:
    """The candidates in order of their evidence: nothing that its sentence claims of the same two."""
    taken = {_pair(c) for c in claimed if c.confidence >= threshold}
    found = sorted(
        doubted, key=lambda c: (c.evidence.start, c.predicate, c.subject.start, c.object.start, -c.confidence)
    )
    return tuple({_pair(c): c for c in reversed(found) if _pair(c) not in taken}.values())[::-1]


def _pair(claim: Claim) -> tuple[int, Predicate, str, str]:
    return claim.evidence.start, claim.predicate, key(claim.subject), key(claim.object)


def _model(vocabulary: Vocabulary, threshold: float) -> Extractor:
    from ivigraph.ingest.tagger.extractor import ModelExtractor

    return ModelExtractor.of(vocabulary, threshold)


def _rules(vocabulary: Vocabulary, threshold: float) -> Extractor:
    return RuleExtractor(vocabulary, Lexicon.of(vocabulary), threshold=threshold)


_EXTRACTORS: Mapping[str, Callable[[Vocabulary, float], Extractor]] = MappingProxyType(
    {"rules": _rules, "model": _model}
)


def names() -> tuple[str, ...]:
    """The extractors that can be chosen."""
    return tuple(_EXTRACTORS)


def extractor(name: str, vocabulary: Vocabulary, *, threshold: float = CONFIDENCE) -> Extractor:
    """The extractor of that name; what it is less sure of than `threshold` are candidates.

    Raises SettingsError for an unknown one.
    """
    if name not in _EXTRACTORS:
        raise SettingsError(
            f"there is no extractor {name!r}", where="setting extractor", remedy=f"choose one of: {', '.join(names())}"
        )
    return _EXTRACTORS[name](vocabulary, threshold)
