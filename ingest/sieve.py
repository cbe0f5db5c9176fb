"""Expressions that are first asked for a part without which they find nothing.

Most rules about wording look for words that a sentence does not have. Python's engine tries every alternative of an
expression at every letter; whether a sentence holds "improv" or "respon" at all is known a hundred times sooner.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

try:  # private, and the same from Python 3.11 to 3.14; without them everything is looked for, which only takes longer
    from re import _constants as code  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover
    parser = None

# What `re.IGNORECASE` takes for an i or s, and `str.lower` does not.
_LOOKALIKES = str.maketrans({"ı": "i", "İ": "i", "ſ": "s"})


class Sieved:
    """A compiled expression that answers as `re.Pattern` does, and sooner where there is nothing to find."""

    __slots__ = ("_pattern", "_signs")

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._signs: tuple[str, ...] | None = None

    @property
    def groupindex(self) -> Mapping[str, int]:
        return self._pattern.groupindex

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._pattern.search(text, start, end) if self._may_match(text, start, end) else None

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._pattern.match(text, start, end) if self._may_match(text, start, end) else None

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text, start, end) if self._may_match(text, start, end) else iter(())

    def _may_match(self, text: str, start: int, end: int) -> bool:
        if self._signs is None:  # found out when first needed: most commands load rules and read nothing
            self._signs = signs(self._pattern)
        return not self._signs or any(map(_folded(text, start, end).__contains__, self._signs))


def sieved(expression: str, flags: int = 0) -> Sieved:
    """As `re.compile`, for an expression that seldom finds something."""
    return Sieved(re.compile(expression, flags))


@lru_cache(maxsize=16)
def _folded(text: str, start: int, end: int) -> str:
    part = text[start:end]
    return part.lower() if part.isascii() else part.translate(_LOOKALIKES).lower()


def signs(pattern: re.Pattern[str]) -> tuple[str, ...]:
    """Strings in lower case of which every match of the pattern holds one; none where that cannot be told."""
    found = None if parser is None else _needed(parser.parse(pattern.pattern, pattern.flags))
    return tuple(sorted(found, key=lambda sign: (len(sign), sign))) if found else ()


def _needed(items: Iterable[tuple[Any, Any]]) -> frozenset[str]:
    """The best of what the parts of a sequence need, each by itself."""
    best: frozenset[str] = frozenset()
    run = ""
    for operator, argument in (*items, (None, None)):
        if operator is code.LITERAL and argument < 128:
            run += chr(argument).lower()
            continue
        best = max(best, _useful([run]), _needed_by(operator, argument), key=_worth)
        run = ""
    return best


def _needed_by(operator: Any, argument: Any) -> frozenset[str]:
    if operator is code.SUBPATTERN:
        return _needed(argument[-1])
    if operator is code.ATOMIC_GROUP:
        return _needed(argument)
    if operator in (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT) and argument[0] > 0:
        return _needed(argument[-1])
    if operator is code.BRANCH:
        branches = [_needed(branch) for branch in argument[1]]
        return _useful(frozenset().union(*branches)) if all(branches) else frozenset()
    return frozenset()


def _useful(found: Iterable[str]) -> frozenset[str]:
    """Without those that hold another one; nothing where one of them is in every sentence."""
    kept: list[str] = []
    for sign in sorted(found, key=len):
        if not sign.strip():
            return frozenset()
        if not any(other in sign for other in kept):
            kept.append(sign)
    return frozenset(kept)


def _worth(found: frozenset[str]) -> tuple[int, int]:
    """Long strings are rare, and few are soon looked for."""
    return min(map(len, found), default=0), -len(found)
