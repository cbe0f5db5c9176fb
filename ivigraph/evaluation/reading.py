"""What is measured: whatever names drugs and conditions in a text and relates them.

Corpora disagree on what a name is, so the trained model is asked with the head that learned the convention of the
corpus; any other extractor is taken as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ivigraph.ingest import segment
from ivigraph.ingest.extract import Extractor
from ivigraph.model import Certainty, Document, DocumentType, Passage, Predicate

if TYPE_CHECKING:
    from ivigraph.ingest.tagger.tagger import Reading, Tagger

Place = tuple[int, int]
_LEAST_PART = 0.05


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
    """The model's own heads. A pair is what the likelier of its answers says, from `threshold` on."""

    tagger: Tagger
    threshold: float = 0.5

    def types(self, scheme: str) -> tuple[str, ...]:
        from ivigraph.ingest.tagger.schemes import SCHEMES

        return SCHEMES[scheme]

    def read(self, text: str, scheme: str) -> Read:
        ranges = (
            [(s.start, s.end) for s in segment.sentences(document(text))] if scheme != "events" else [(0, len(text))]
        )
        names: list[Named] = []
        near: list[Related] = []
        every: list[Related] = []
        for reading in self.tagger.read(text, ranges):
            found, pairs = self._window(reading, scheme)
            names += found
            every += [related for related, _ in pairs]
            near += [related for related, together in pairs if together]
        return Read(tuple(names), tuple(near), tuple(every))

    def _window(self, reading: Reading, scheme: str) -> tuple[list[Named], Sequence[tuple[Related, bool]]]:
        spans = reading.spans(scheme)
        pairs = [(d, c) for d in spans if d.type == "drug" for c in spans if c.type == "condition"]
        answers = reading.probabilities([((d.first, d.last), (c.first, c.last)) for d, c in pairs])
        related = []
        part: dict[Place, float] = {}
        for (drug, condition), answer in zip(pairs, answers, strict=True):
            causes, treats = float(answer[0]), float(answer[1])
            for span in (drug, condition):
                part[span.start, span.end] = max(part.get((span.start, span.end), 0.0), causes, treats)
            type, probability = ("causes", causes) if causes >= treats else ("treats", treats)
            if probability >= self.threshold:
                places = (drug.start, drug.end), (condition.start, condition.end)
                related.append((Related(type, *places, probability), drug.sentence == condition.sentence))
        if scheme == "events":  # what takes part in no event is no name there
            spans = [s for s in spans if part.get((s.start, s.end), 1.0) >= _LEAST_PART]
        return [Named(s.start, s.end, s.type) for s in spans], related
