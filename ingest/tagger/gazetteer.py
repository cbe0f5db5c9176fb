"""Names that ontologies know, as a hint to the tagger.

Only the CRC-32 of each normalised name is kept, four bytes a name: enough to say "some ontology has this name",
at one false answer in tens of thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

KINDS = ("condition", "drug", "other")
LONGEST = 6
"""Words of the longest name that is looked up."""

_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[tuple[int, int, str]]:
    """The words of a text with their places, in the form in which names are compared: lower case, no plural s."""
    return [(m.start(), m.end(), _stem(m.group().lower())) for m in _WORD.finditer(text)]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def key(name: Sequence[str]) -> int:
    return crc32(" ".join(name).encode())


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """`kinds` has the kinds of the names with each key, by their index in KINDS."""

    kinds: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, names: dict[str, Iterable[str]]) -> Gazetteer:
        return cls._by_kind([frozenset(_keys(names.get(kind, ()))) for kind in KINDS])

    @classmethod
    def load(cls, path: Path) -> Gazetteer:
        with np.load(path) as arrays:
            return cls._by_kind([frozenset(arrays[kind].tolist()) for kind in KINDS])

    @classmethod
    def _by_kind(cls, keys: Sequence[Set[int]]) -> Gazetteer:
        kinds: dict[int, tuple[int, ...]] = {}
        for kind, those in enumerate(keys):
            kinds |= {key: (*kinds.get(key, ()), kind) for key in those}
        return cls(kinds)

    def save(self, path: Path) -> None:
        arrays = {
            name: np.array(sorted(key for key, kinds in self.kinds.items() if number in kinds), dtype=np.uint32)
            for number, name in enumerate(KINDS)
        }
        np.savez(path, **arrays)  # type: ignore[arg-type]

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The longest names in a text as (start, end, index of the kind); those of one kind do not overlap."""
        found = words(text)
        spelt = [b" " + word.encode() for _, _, word in found]
        known = {
            position: names
            for position in range(len(found))
            if (names := self._known(spelt[position : position + LONGEST]))
        }
        for kind in range(len(KINDS)):
            free = 0
            for position, names in known.items():
                if position >= free and (size := next((size for size, kinds in names if kind in kinds), 0)):
                    free = position + size
                    yield found[position][0], found[free - 1][1], kind

    def _known(self, spelt: Sequence[bytes]) -> list[tuple[int, tuple[int, ...]]]:
        """(words, kinds) of every name that the words begin with, the longest first; a space stands before each."""
        known = self.kinds
        # The value is that of `key` for all the words, without going over the first ones again.
        value = crc32(spelt[0][1:])
        names = [(1, known[value])] if value in known else []
        for size in range(1, len(spelt)):
            value = crc32(spelt[size], value)
            if value in known:
                names.append((size + 1, known[value]))
        return names[::-1]


def _keys(names: Iterable[str]) -> Iterator[int]:
    for name in names:
        parts = [word for _, _, word in words(name)]
        # A name of one or two letters is a word of the language more often than a name.
        if 0 < len(parts) <= LONGEST and len("".join(parts)) > 2:
            yield key(parts)
