"""Counts of what was found, what was right and what there was, and the figures from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Overlap: TypeAlias = Callable[[Any, Any], bool]


class Kind(StrEnum):
    """Kinds of error."""

    MISSED = "missed"
    SPURIOUS = "spurious"
    BOUNDARY = "other boundaries"
    NAME_MISSED = "relation missed with a name of it"
    PAIR_MISSED = "relation missed between names that were found"
    WRONG_PAIR = "relation found between unrelated names"
    ASSERTION = "negation"
    QUALIFIER = "qualifier"
    FORBIDDEN = "forbidden claim"
    FACT = "fact about the document"


@dataclass(frozen=True, slots=True)
class Error:
    """One error in its text; `marks` are the ranges of `text` that it is about, each with what it is called.

    `detail` says what the kind leaves open: which qualifier is wrong.
    """

    figure: str
    kind: Kind
    source: str
    text: str
    about: str
    marks: tuple[tuple[int, int, str], ...] = ()
    detail: str = ""

    @property
    def label(self) -> str:
        """The kind of error, with its detail."""
        return f"{self.kind} {self.detail}".rstrip()


@dataclass(slots=True)
class Count:
    """`gold` expected, `found` given, `recalled` of the expected and `right` of the given agree."""

    gold: int = 0
    found: int = 0
    recalled: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        return self.recalled / self.gold if self.gold else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    @property
    def f1(self) -> float:
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table: `exact` wants the same places, `relaxed` an overlap; None where it is not measured."""

    corpus: str
    name: str
    exact: Count | None = None
    relaxed: Count | None = None


@dataclass(slots=True)
class Tally:
    """Counts of one figure while the texts go by."""

    corpus: str
    name: str
    exact: Count = field(default_factory=Count)
    relaxed: Count = field(default_factory=Count)

    def add(self, gold: Iterable[object], found: Iterable[object], overlaps: Overlap) -> None:
        gold, found = set(gold), set(found)
        self.exact.gold += len(gold)
        self.exact.found += len(found)
        self.exact.recalled += len(gold & found)
        self.exact.right += len(gold & found)
        self.relaxed.gold += len(gold)
        self.relaxed.found += len(found)
        self.relaxed.recalled += sum(any(overlaps(g, f) for f in found) for g in gold)
        self.relaxed.right += sum(any(overlaps(g, f) for g in gold) for f in found)

    def figure(self) -> Figure:
        return Figure(self.corpus, self.name, self.exact, self.relaxed)
