"""Names that nearly agree, without comparing with all of them.

Only names that share a rare word with the one asked for are compared, by the weight of the words that they share; a
word that no name has is first replaced by the words spelt like it ("thrombocytopaenia").
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ivigraph.ontology.index import TermIndex
from ivigraph.ontology.wording import MODIFIERS

_SHORT_WORD = 5  # letters below which a slip makes another word
_LONG_WORD = 13  # letters from which two slips are allowed, not one
_BLOCK = 2000  # names compared at most for one word
_RAREST = 2  # words that choose names
_DISTINCTIVE = 6.0  # weight of a number or a letter: "type 1" is not "type 2", however common both are

_MODIFIER = 0.4  # of the weight of "acute", "drug-induced" and the like


class Likeness:
    """Over the bags of a vocabulary and of an index."""

    def __init__(self, bags: Iterable[str], index: TermIndex | None) -> None:
        self._index = index
        self._own: dict[str, list[str]] = defaultdict(list)
        for words in bags:
            for word in words.split():
                self._own[word].append(words)
        self._frequency = lru_cache(maxsize=1 << 15)(self._count)
        self._corrected = lru_cache(maxsize=1 << 14)(self._spelt_like)
        self._by_start: dict[str, list[str]] = {}

    def nearest(self, words: str, heads: frozenset[str], least: float, most: int) -> list[tuple[str, float]]:
        """(bag, likeness 0 to 1) of the names most like this bag, the best first.

        The likeness is the weight of the shared words over the weight of all words of both; a word weighs the
        more the fewer names have it. A name without one of `heads`, the words that say what kind of thing
        is meant, is some other thing.
        """
        wanted: dict[str, float] = {}
        for word in words.split():
            if self._frequency(word):
                wanted[word] = 1.0
            else:
                wanted.update(self._corrected(word) or {word: 1.0})
        known = [word for word in wanted if self._frequency(word)]
        heads |= {other for word in heads if not self._frequency(word) for other in self._corrected(word)}
        rarest = sorted(known, key=self._frequency)[:_RAREST]
        found = {other: self._likeness(wanted, other, heads) for word in rarest for other in self._with(word)}
        ranked = sorted(((o, v) for o, v in found.items() if v >= least), key=lambda p: (-p[1], p[0]))
        return ranked[:most]

    def _likeness(self, wanted: dict[str, float], other: str, heads: frozenset[str]) -> float:
        words = other.split()
        if heads.isdisjoint(words):
            return 0.0
        shared = sum(sure * self._weight(word) for word, sure in wanted.items() if word in words)
        # In a fixed order: the sum of the same numbers in another order may differ in its last digit.
        return shared / sum(self._weight(word) for word in dict.fromkeys((*words, *wanted)))

    def _weight(self, word: str) -> float:
        if len(word) < 3 or word[0].isdigit():
            return _DISTINCTIVE
        weight = math.log(1e5 / (1 + self._frequency(word)))
        return weight * _MODIFIER if word in MODIFIERS else weight

    def _with(self, word: str) -> Iterator[str]:
        yield from self._own.get(word, ())
        if self._index is not None:
            yield from (words for _, _, words in self._index.with_word(word, _BLOCK))

    def _count(self, word: str) -> int:
        inside = self._index.frequency(word) if self._index is not None else 0
        return len(self._own.get(word, ())) + inside

    def _spelt_like(self, word: str) -> dict[str, float]:
        """The known word that begins with the same letter and is a slip of the pen away, with its likeness."""
        if len(word) < _SHORT_WORD:
            return {}
        slips = 2 if len(word) >= _LONG_WORD else 1
        choices = [other for other in self._starting(word[0]) if not _opposite(word, other)]
        found = process.extractOne(word, choices, scorer=OSA.distance, score_cutoff=slips)
        return {found[0]: 1 - found[1] / len(word)} if found else {}

    def _starting(self, letter: str) -> list[str]:
        if not self._by_start:
            known = set(self._own).union(self._index.vocabulary() if self._index is not None else ())
            for word in sorted(known):
                self._by_start.setdefault(word[0], []).append(word)
        return self._by_start.get(letter, [])


# Few letters apart, and the contrary of each other.
_OPPOSITES = (("hyper", "hypo"), ("inter", "intra"), ("ante", "anti"))


def _opposite(one: str, other: str) -> bool:
    return any(
        (one.startswith(a) and other.startswith(b)) or (one.startswith(b) and other.startswith(a))
        for a, b in _OPPOSITES
    )
