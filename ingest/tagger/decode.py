"""From the outputs of the tag head to spans: the best sequence of tags in which no name begins in its middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from ivigraph.ingest.tagger.encoding import Floats, Window
from ivigraph.ingest.tagger.schemes import columns, labels

_FORBIDDEN = -1e4


@dataclass(frozen=True, slots=True)
class Span:
    """A name: `text[start:end]` of the document, words `first` to `last` (exclusive) of its window.

    `score` is the mean probability of its tags.
    """

    type: str
    start: int
    end: int
    first: int
    last: int
    sentence: int
    score: float


def spans(window: Window, logits: Floats, scheme: str) -> list[Span]:
    """The names in a window, by the tags of a scheme; `logits` has one row a word piece. None overlap."""
    pieces = [word.piece for word in window.words]
    if not pieces:
        return []
    scores = _log_softmax(logits[pieces, columns(scheme)])
    names = labels(scheme)
    path = _best(scores, names, [word.sentence for word in window.words])
    return list(_spans(window, path, scores, names))


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _best(scores: Floats, names: tuple[str, ...], sentences: list[int]) -> list[int]:
    """The best tags that fit together, sentence by sentence: no name goes on into the next one."""
    path: list[int] = scores.argmax(axis=1).tolist()
    starting, moves = _rules(names)
    first = 0
    for last in range(1, len(path) + 1):
        if last == len(path) or sentences[last] != sentences[first]:
            # Mostly the best tag of each word fits with its neighbours' and is part of the best sequence.
            tags = path[first:last]
            fits = names[tags[0]][0] != "I" and all(moves[left, right] == 0 for left, right in pairwise(tags) if right)
            if not fits:
                path[first:last] = _viterbi(scores[first:last], starting, moves)
            first = last
    return path


@cache
def _rules(names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """What a tag loses at the start of a sentence, and after each other tag [before, tag]."""
    starting = np.array([_FORBIDDEN if name[0] == "I" else 0.0 for name in names], dtype=np.float32)
    moves = np.array([[_move(left, right) for right in names] for left in names], dtype=np.float32)
    return starting, moves


def _viterbi(scores: Floats, starting: Floats, moves: Floats) -> list[int]:
    best = scores[0] + starting
    back = []
    every = np.arange(len(best))
    for row in scores[1:]:
        total = best[:, None] + moves
        back.append(total.argmax(axis=0))
        best = total[back[-1], every] + row
    path = [int(best.argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]


def _move(left: str, right: str) -> float:
    return _FORBIDDEN if right[0] == "I" and left[2:] != right[2:] else 0.0


def _spans(window: Window, path: list[int], scores: Floats, names: tuple[str, ...]) -> Iterator[Span]:
    words = window.words
    chosen = scores[np.arange(len(path)), path]
    first = 0
    while first < len(path):
        name = names[path[first]]
        last = first + 1
        if name != "O":
            while last < len(path) and names[path[last]] == f"I-{name[2:]}":
                last += 1
            score = float(np.exp(np.add.reduce(chosen[first:last]) / np.float32(last - first)))
            yield Span(name[2:], words[first].start, words[last - 1].end, first, last, words[first].sentence, score)
        first = last
