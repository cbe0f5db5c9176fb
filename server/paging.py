"""Lists cut into pages. A page beyond the end is the last one: a list may have become shorter while one reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Items `first` to `last` (exclusive) of `total`; pages count from 1."""

    number: int
    pages: int
    first: int
    last: int
    total: int


def paged(total: int, number: int, size: int) -> Page:
    pages = max(1, -(-total // size))
    number = min(max(number, 1), pages)
    first = (number - 1) * size
    return Page(number, pages, first, min(first + size, total), total)


def turned(given: Mapping[str, str], generation: int) -> bool:
    """Whether the graph has changed since a visitor began to turn the pages of the list in this address."""
    began = given.get("generation", "")
    return began.isdecimal() and int(began) != generation
