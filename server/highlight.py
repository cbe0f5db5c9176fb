"""Text cut into pieces, so that a template can mark sentences and the names within them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a text, end exclusive, with what it is (`kind`) and where it leads (`target`, an IRI)."""

    start: int
    end: int
    kind: str
    target: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with the one span that marks it, if any."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of text inside one sentence (or outside of all), in pieces."""

    sentence: Span | None
    pieces: tuple[Piece, ...]


def stretches(
    text: str, sentences: Iterable[Span], names: Iterable[Span], *, start: int = 0, end: int | None = None
) -> tuple[Stretch, ...]:
    """`text[start:end]` in stretches. Spans count in `text`; what overlaps an earlier and longer span is left out.

    The pieces joined are the text, whatever the spans.
    """
    end = len(text) if end is None else end
    cut_names = _disjoint(names, start, end)
    result = []
    for sentence, begins, ends in _runs(_disjoint(sentences, start, end), start, end):
        within = _disjoint(cut_names, begins, ends)
        pieces = tuple(Piece(text[a:b], name) for name, a, b in _runs(within, begins, ends))
        result.append(Stretch(sentence, pieces))
    return tuple(result)


def _disjoint(spans: Iterable[Span], start: int, end: int) -> Sequence[Span]:
    """The spans within the range, by place; of two that overlap the one that begins first, or else the longer."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        begins, ends = max(span.start, start), min(span.end, end)
        if begins < ends and (not kept or begins >= kept[-1].end):
            kept.append(Span(begins, ends, span.kind, span.target, span.title))
    return kept


def _runs(spans: Sequence[Span], start: int, end: int) -> Iterator[tuple[Span | None, int, int]]:
    """The range cut at the spans: each span, and the gaps between them."""
    at = start
    for span in spans:
        if span.start > at:
            yield None, at, span.start
        yield span, span.start, span.end
        at = span.end
    if at < end:
        yield None, at, end


def window(text: str, start: int, end: int, around: int) -> tuple[int, int]:
    """A range some `around` characters wider than the given one, cut between words."""
    begin, finish = max(0, start - around), min(len(text), end + around)
    if begin > 0:
        space = text.find(" ", begin, start)
        begin = space + 1 if space >= 0 else begin
    if finish < len(text):
        space = text.rfind(" ", end, finish)
        finish = space if space >= 0 else finish
    return begin, finish
