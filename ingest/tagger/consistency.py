"""One document, one meaning: whether a string is a name is decided for all of its places at once.

Windows are read one by one, and short forms say little by themselves: what the tagger made of a string elsewhere in
the document, and of the long form of an abbreviation, decides beside its own sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ivigraph.ingest.abbreviations import Definition, definitions
from ivigraph.ingest.tagger.decode import Span
from ivigraph.ingest.tagger.tagger import Reading

LEAST = 0.7
"""The mean score from which a string is a name wherever it stands; tuned on BC5CDR's development fold."""

UNTAGGED = 0.65
"""What a place counts at which the string was not tagged; tuned likewise."""

_WORD = re.compile(r"\w")
_SHORTEST = 3
_WEIGHT_OF_LONG_FORM = 2


@dataclass(slots=True)
class _Name:
    """What speaks for a string, in lower case: the tagger's spans of it, and that of its long form."""

    text: str
    spans: list[Span] = field(default_factory=list)
    long_form: Span | None = None

    def places(self, text: str) -> list[tuple[int, int]]:
        if len(self.text) < _SHORTEST and self.long_form is None:
            return [(span.start, span.end) for span in self.spans]
        return list(_whole(self.text, text))

    def score(self, places: Sequence[tuple[int, int]]) -> float:
        tagged = {(span.start, span.end): span.score for span in self.spans}
        scores = [tagged.get(place, UNTAGGED) for place in places]
        if self.long_form is not None:
            scores += [self.long_form.score] * _WEIGHT_OF_LONG_FORM
        return sum(scores) / len(scores) if scores else 0.0

    def type(self) -> str:
        weights: dict[str, float] = {}
        for span in self.spans:
            weights[span.type] = weights.get(span.type, 0.0) + span.score
        if self.long_form is not None:
            weights[self.long_form.type] = weights.get(self.long_form.type, 0.0) + _WEIGHT_OF_LONG_FORM
        return max(sorted(weights), key=weights.__getitem__)


def _whole(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a name stands in a text with no letter or digit next to it."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        alone = not (_WORD.match(text, start - 1) if start else None) and not _WORD.match(text, end)
        if alone:
            yield start, end
        start = text.find(name, end if alone else start + 1)


def consistent(text: str, readings: Sequence[Reading], scheme: str) -> list[Span]:
    """The names of a document by one scheme, in order, none overlapping; the longer name goes first."""
    lower = text.lower()
    found: dict[tuple[int, int], Span] = {}
    for name in sorted(_names(text, readings, scheme), key=lambda name: (-len(name.text), name.text)):
        places = name.places(lower)
        score = name.score(places)
        if score < LEAST:
            continue
        for place in places:
            if not any(start < place[1] and place[0] < end for start, end in found):
                span = _span(readings, place, name.type(), score)
                found |= {} if span is None else {place: span}
    return [found[place] for place in sorted(found)]


def _names(text: str, readings: Sequence[Reading], scheme: str) -> list[_Name]:
    lower = text.lower()
    names: dict[str, _Name] = {}
    forms: dict[int, Definition] = {definition.end: definition for definition in definitions(text, 0, len(text))}
    for reading in readings:
        for span in reading.spans(scheme):
            surface = lower[span.start : span.end]
            names.setdefault(surface, _Name(surface)).spans.append(span)
            definition = forms.get(span.end)
            if definition is not None and abs(definition.start - span.start) < _SHORTEST:
                short = definition.short.lower()
                names.setdefault(short, _Name(short)).long_form = span
    return list(names.values())


def _span(readings: Sequence[Reading], place: tuple[int, int], type: str, score: float) -> Span | None:
    number = bisect_right(readings, place[0], key=lambda reading: reading.window.words[0].start) - 1
    if number < 0:
        return None
    window = readings[number].window
    words = window.find(*place)
    return None if words is None else Span(type, *place, *words, window.words[words[0]].sentence, score)
