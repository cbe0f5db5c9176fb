"""Abbreviations that a document defines itself: "eosinophilic fasciitis (EF)".

The algorithm of Schwartz and Hearst (Pacific Symposium on Biocomputing 2003): the letters of the short form are
looked for from right to left in the words before the bracket; the first letter must begin a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """`text[start:end]` is the long form, written before its short form in brackets."""

    short: str
    start: int
    end: int


_BRACKET = re.compile(r"[(\[]\s*([^()\[\],;:]{2,14})\s*(?=[)\],;:])")
_WORD = re.compile(r"\S+")
_LONGEST_SHORT_FORM = 10


def definitions(text: str, start: int, end: int) -> Iterator[Definition]:
    """The definitions within one sentence, `text[start:end]`."""
    for match in _BRACKET.finditer(text, start, end):
        short = match.group(1).strip().strip("\"'“”‘’")
        if not _is_short_form(short):
            continue
        # No more words than the method allows for a short form of that length.
        before = text[start : match.start()].rstrip().rstrip("\"'“”‘’")
        words = list(_WORD.finditer(before))
        most = min(len(short) + 5, len(short) * 2)
        if not words or not before:
            continue
        first = words[max(0, len(words) - most)].start()
        if (begin := _match(short, before, first)) is not None:
            yield Definition(short, start + begin, start + len(before))


def _is_short_form(short: str) -> bool:
    return (
        2 <= len(short) <= _LONGEST_SHORT_FORM
        and short.count(" ") <= 1
        and short[0].isalnum()
        and any(character.isalpha() for character in short)
        and any(character.isupper() for character in short)
    )


def _match(short: str, before: str, first: int) -> int | None:
    """Where the long form begins in `before`, not before `first`; None when the letters do not fit."""
    position = len(before) - 1
    for index in range(len(short) - 1, -1, -1):
        letter = short[index].lower()
        if not letter.isalnum():
            continue
        while position >= first and (
            before[position].lower() != letter or (index == 0 and position > 0 and before[position - 1].isalnum())
        ):
            position -= 1
        if position < first:
            return None
        position -= 1
    begin = position + 1
    long_form = before[begin:]
    # "IVIG (IVIG)" defines nothing, and a long form within brackets of its own is cut.
    if len(long_form) <= len(short) or long_form.count(")") != long_form.count("("):
        return None
    return begin
