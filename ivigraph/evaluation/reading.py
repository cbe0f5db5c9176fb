"""What is measured: whatever names drugs and conditions in a text and relates them.

Corpora disagree on what a name is, so the trained model is asked with the head that learned the convention of the
corpus; any other extractor is taken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivigraph.ingest import segment
from ivigraph.ingest.extract import Extractor
from ivigraph.model import Certainty, Document, DocumentType, Passage, Predicate

if TYPE_CHECKING:
    from ivigraph.ingest.tagger.decode import Span
    from ivigraph.ingest.tagger.tagger import Reading, Tagger

Place = tuple[int, int]
_LEAST_PART = 0.05

THRESHOLDS: Mapping[str, float] = {"events": 0.55, "effects": 0.64, "names": 0.475}
"""The confidence from which a pair counts, by convention; tuned on the development folds of PHEE, ADE and BC5CDR."""


@dataclass(frozen=True, slots=True)
class Named:
    start: int
    end: int
    type: str

    @property
    def place(self) -> Place:
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Related:
    type: str
    head: Place
    tail: Place
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Read:
    """`near` are the relations told within a sentence; `all` those of the whole text as well."""

    names: tuple[Named, ...]
    near: tuple[Related, ...]
    all: tuple[Related, ...]


class Reader(Protocol):
    """`types` are the types of names that it tells apart; `scheme` is the convention of the corpus."""

    def types(self, scheme: str) -> tuple[str, ...]: ...

    def read(self, text: str, scheme: str) -> Read: ...


def document(text: str, id: str = "text:1") -> Document:
    """A text without a file, as one passage."""
    return Document(
        id=id,
        source=id,
        title="",
        type=DocumentType.OTHER,
        text=text,
        passages=(Passage(section="body", start=0, end=len(text)),),
    )


@dataclass(frozen=True, slots=True)
class ExtractorReader:
    """An extractor through its claims: the affirmed ones that are more than hypothetical."""

    extractor: Extractor

    def types(self, scheme: str) -> tuple[str, ...]:
        return ("condition",) if scheme == "diseases" else ("drug", "condition")

    def read(self, text: str, scheme: str) -> Read:
        extraction = self.extractor.extract(document(text))
        names = tuple(Named(m.start, m.end, m.type) for m in extraction.mentions if m.type in self.types(scheme))
        claims = tuple(
            Related(c.predicate, (c.subject.start, c.subject.end), (c.object.start, c.object.end), c.confidence)
            for c in extraction.claims
            if c.predicate in (Predicate.CAUSES, Predicate.TREATS)
            and c.certainty is not Certainty.HYPOTHETICAL
            and not c.negated
        )
        return Read(names, claims, claims)


@dataclass(frozen=True, slots=True)
class TaggerReader:
    """The model's own heads. A pair is what the likelier of its answers says, from a threshold on."""

    tagger: Tagger

    def types(self, scheme: str) -> tuple[str, ...]:
        from ivigraph.ingest.tagger.schemes import EVENT, SCHEMES

        return SCHEMES.get(scheme, EVENT)

    def read(self, text: str, scheme: str) -> Read:
        if scheme == "events":
            return self._events(text)
        if scheme == "effects":
            return self._effects(text)
        return self._document(text, scheme)

    def _document(self, text: str, scheme: str) -> Read:
        """Names in narrow windows, made consistent over the text; what relates them in wide ones."""
        from ivigraph.ingest.tagger.consistency import consistent
        from ivigraph.ingest.tagger.encoding import MOST_PIECES

        sentences = [(s.start, s.end) for s in segment.sentences(document(text))]
        names = consistent(text, self.tagger.read(text, sentences), scheme)
        wide = self.tagger.read(text, sentences, MOST_PIECES) if scheme == "names" else []
        related = consistent(text, wide, scheme)
        pairs = [
            pair
            for reading in wide
            for pair in _pairs(reading, [s for s in related if reading.window.holds(s.start)])
            if pair.probability >= THRESHOLDS[scheme]
        ]
        near = tuple(pair.related() for pair in pairs if pair.drug.sentence == pair.condition.sentence)
        return Read(_named(names), near, tuple(pair.related() for pair in pairs))

    def _events(self, text: str) -> Read:
        """A sentence; what takes part in no event is no name there."""
        names: list[Named] = []
        related: list[Related] = []
        for reading in self.tagger.read(text, [(0, len(text))]):
            part: dict[Place, float] = {}
            spans = reading.spans("events")
            for pair in _pairs(reading, spans):
                for span in (pair.drug, pair.condition):
                    part[span.start, span.end] = max(part.get((span.start, span.end), 0.0), pair.probability)
                if pair.probability >= THRESHOLDS["events"]:
                    related.append(pair.related())
            names += _named(s for s in spans if part.get((s.start, s.end), 1.0) >= _LEAST_PART)
        return Read(tuple(names), tuple(related), tuple(related))

    def _effects(self, text: str) -> Read:
        """A sentence, which may report no effect: how sure the names are counts too. Each effect of a list is told."""
        from ivigraph.ingest.tagger.coordination import parts

        related = []
        for reading in self.tagger.read(text, [(0, len(text))]):
            for pair in _pairs(reading, reading.spans("events")):
                sure = math.sqrt(pair.probability) * pair.drug.score * pair.condition.score
                if pair.type == "causes" and sure >= THRESHOLDS["effects"]:
                    for place in parts(text, pair.condition.start, pair.condition.end):
                        related.append(Related("causes", (pair.drug.start, pair.drug.end), place, sure))
        names = (Named(*place, type) for r in related for place, type in ((r.head, "drug"), (r.tail, "condition")))
        return Read(tuple(dict.fromkeys(names)), tuple(related), tuple(related))


@dataclass(frozen=True, slots=True)
class _Pair:
    drug: Span
    condition: Span
    type: str
    probability: float

    def related(self) -> Related:
        places = (self.drug.start, self.drug.end), (self.condition.start, self.condition.end)
        return Related(self.type, *places, self.probability)


def _pairs(reading: Reading, spans: Sequence[Span]) -> Iterator[_Pair]:
    pairs = [(d, c) for d in spans if d.type == "drug" for c in spans if c.type == "condition"]
    answers = reading.probabilities([((d.first, d.last), (c.first, c.last)) for d, c in pairs])
    for (drug, condition), answer in zip(pairs, answers, strict=True):
        causes, treats = float(answer[0]), float(answer[1])
        yield _Pair(drug, condition, *(("causes", causes) if causes >= treats else ("treats", treats)))


def _named(spans: Iterable[Span]) -> tuple[Named, ...]:
    return tuple(Named(span.start, span.end, span.type) for span in spans)
