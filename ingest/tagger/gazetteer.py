"""Names that ontologies know, as a hint to the tagger.

Only the CRC-32 of each normalised name is kept, four bytes a name: enough to say "some ontology has this name",
at one false answer in tens of thousands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
    """The keys of the names of each kind."""

    keys: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, names: dict[str, Iterable[str]]) -> Gazetteer:
        return cls(tuple(frozenset(_keys(names.get(kind, ()))) for kind in KINDS))

    @classmethod
    def load(cls, path: Path) -> Gazetteer:
        with np.load(path) as arrays:
            return cls(tuple(frozenset(arrays[kind].tolist()) for kind in KINDS))

    def save(self, path: Path) -> None:
        arrays = {kind: np.array(sorted(keys), dtype=np.uint32) for kind, keys in zip(KINDS, self.keys, strict=True)}
        np.savez(path, **arrays)  # type: ignore[arg-type]

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The longest names in a text as (start, end, index of the kind); those of one kind do not overlap."""
        found = words(text)
        for kind, keys in enumerate(self.keys):
            position = 0
            while position < len(found):
                for size in range(min(LONGEST, len(found) - position), 0, -1):
                    run = found[position : position + size]
                    if key([word for _, _, word in run]) in keys:
                        yield run[0][0], run[-1][1], kind
                        position += size
                        break
                else:
                    position += 1


def _keys(names: Iterable[str]) -> Iterator[int]:
    for name in names:
        parts = [word for _, _, word in words(name)]
        # A name of one or two letters is a word of the language more often than a name.
        if 0 < len(parts) <= LONGEST and len("".join(parts)) > 2:
            yield key(parts)
