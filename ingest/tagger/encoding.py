"""From sentences to what the encoder reads: windows of word pieces, each piece with a few facts about its word."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from ivigraph.ingest.tagger.gazetteer import KINDS, Gazetteer

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float32]

MOST_PIECES = 384
"""Word pieces in a window, its two marks included: an abstract fits into one."""

WINDOW = 128
"""Word pieces in the windows in which names are looked for: what is far away tells little of a name."""

SHAPES = 4
FEATURES = SHAPES + 2 * len(KINDS)
"""Facts about a word: capital first, all capitals, mixed case, a digit; then begin and inside of a known name."""


class Word(NamedTuple):
    """`text[start:end]`; `piece` is the place of its first word piece in the window, `sentence` counts from 0."""

    start: int
    end: int
    piece: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Window:
    """`ids` has one number a word piece, `features` one row a word piece."""

    ids: Ints
    features: Floats
    words: tuple[Word, ...]

    def holds(self, place: int) -> bool:
        """Whether a place of the text is in this window."""
        return self.words[0].start <= place < self.words[-1].end

    def find(self, start: int, end: int) -> tuple[int, int] | None:
        """The words (first, exclusive last) that a range of the text touches; None where it is not of this window."""
        first = bisect_right(self.words, start, key=lambda word: word.end)
        last = first
        while last < len(self.words) and self.words[last].start < end:
            last += 1
        return (first, last) if last > first else None

    def sentence(self, number: int) -> tuple[int, int]:
        """The words (first, exclusive last) of a sentence."""
        return (
            bisect_left(self.words, number, key=lambda word: word.sentence),
            bisect_right(self.words, number, key=lambda word: word.sentence),
        )


def windows(
    text: str,
    sentences: Iterable[tuple[int, int]],
    tokenizer: Tokenizer,
    gazetteer: Gazetteer,
    most: int = MOST_PIECES,
) -> Iterator[Window]:
    """Whole sentences packed into as few windows as hold them; one that is too long is cut between words.

    A window has at most `most` word pieces, its two marks included.
    """
    pending: list[_Piece] = []
    for number, (start, end) in enumerate(sentences):
        pieces = _pieces(text, start, end, number, tokenizer, gazetteer)
        for part in _parts(pieces, most - 2):
            if pending and len(pending) + len(part) > most - 2:
                yield _window(pending, tokenizer)
                pending = []
            pending.extend(part)
    if pending:
        yield _window(pending, tokenizer)


class _Piece(NamedTuple):
    id: int
    word: tuple[int, int]
    opens: bool
    sentence: int
    facts: Sequence[int]


def _pieces(text: str, start: int, end: int, number: int, tokenizer: Tokenizer, gazetteer: Gazetteer) -> list[_Piece]:
    sentence = text[start:end]
    encoding: Encoding = tokenizer.encode(sentence, add_special_tokens=False)
    numbers = [-1 if number is None else number for number in encoding.word_ids]
    spans: dict[int, tuple[int, int]] = {}
    for word, (left, right) in zip(numbers, encoding.offsets, strict=True):
        first, last = spans.get(word, (left, right))
        spans[word] = (min(first, left), max(last, right))
    known = _known(sentence, spans, gazetteer)
    pieces: list[_Piece] = []
    before: int | None = None
    for id, word in zip(encoding.ids, numbers, strict=True):
        left, right = spans[word]
        pieces.append(_Piece(id, (start + left, start + right), word != before, number, known[word]))
        before = word
    return pieces


def _known(sentence: str, spans: dict[int, tuple[int, int]], gazetteer: Gazetteer) -> dict[int, Sequence[int]]:
    facts: dict[int, Sequence[int]] = {word: _shape(sentence[left:right]) for word, (left, right) in spans.items()}
    numbers, places = list(spans), list(spans.values())
    for start, end, kind in gazetteer.find(sentence):
        first = bisect_right(places, start, key=lambda place: place[1])
        for inside in range(first, bisect_left(places, end, key=lambda place: place[0])):
            facts[numbers[inside]] = (*facts[numbers[inside]], SHAPES + 2 * kind + (inside > first))
    return facts


@lru_cache(maxsize=1 << 14)
def _shape(word: str) -> tuple[int, ...]:
    """Which of the facts about its letters hold of a word."""
    rest, capitals = word[1:], word.isupper()
    digit = not word.isalpha() and any(character.isdigit() for character in word)
    facts = (word[:1].isupper(), bool(rest) and capitals, not capitals and rest != rest.lower(), digit)
    return tuple(number for number, holds in enumerate(facts) if holds)


def _parts(pieces: Sequence[_Piece], most: int) -> Iterator[Sequence[_Piece]]:
    start = 0
    while len(pieces) - start > most:
        cut = start + most
        while cut > start + 1 and not pieces[cut].opens:
            cut -= 1
        yield pieces[start:cut]
        start = cut
    yield pieces[start:]


def _window(pieces: Sequence[_Piece], tokenizer: Tokenizer) -> Window:
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    ids = np.array([first, *(piece.id for piece in pieces), last], dtype=np.int64)
    features = np.zeros((len(ids), FEATURES), dtype=np.float32)
    holding = [(place, fact) for place, piece in enumerate(pieces, 1) for fact in piece.facts]
    if holding:
        features[tuple(zip(*holding, strict=True))] = 1.0
    words = tuple(Word(*piece.word, place, piece.sentence) for place, piece in enumerate(pieces, 1) if piece.opens)
    return Window(ids, features, words)
