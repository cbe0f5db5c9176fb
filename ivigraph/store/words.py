"""Words of a text as the text index knows them, and what people type to search for them.

A word is a run of letters and digits, without regard to case, accents and width: "Sjögren" and "SJOGREN" are one.
Chinese and Japanese are written without spaces, so there each character is a word, and what is typed in one piece is
found as one piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_ACCENTS = "\u0300-\u036f"
_UNSPACED = (  # ideographs and kana
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_][{_ACCENTS}]*)+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")  # the same for a text of ASCII, in a fraction of the time
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
_ACCENT = re.compile(rf"[{_ACCENTS}]")
_TERM = re.compile(r'"([^"]*)(?:"|\Z)(\*?)|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its searchable form, and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand side by side; with `prefix`, the last of them may go on."""

    words: tuple[str, ...]
    prefix: bool = False


def words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        found, start = match[0], match.start()
        if not _UNSPACED_RUN.match(found):
            yield Word(_folded(found), start, match.end())
            continue
        characters = unicodedata.normalize("NFKC", found)
        if len(characters) == len(found):
            yield from (Word(one, start + i, start + i + 1) for i, one in enumerate(characters))
        else:  # half-width letters and their marks became one: the places within the run are lost
            yield from (Word(one, start, match.end()) for one in characters)


def spelled(text: str) -> list[str]:
    """The words alone, in order."""
    return _ASCII_WORD.findall(text.lower()) if text.isascii() else [word.text for word in words(text)]


def terms(typed: str) -> tuple[Term, ...]:
    """What must all occur in a text: words, "phrases in quotes", and beginnings of words marked with `*`."""
    found = []
    for match in _TERM.finditer(typed):
        text = match[3] if match[1] is None else match[1]
        if parts := tuple(spelled(text)):
            found.append(Term(parts, prefix=bool(match[2]) or (match[1] is None and text.endswith("*"))))
    return tuple(found)


def begun(typed: str) -> tuple[Term, ...]:
    """The terms of a text that is being typed: the last word may go on, unless a space follows it."""
    found = terms(typed)
    if found and not typed[-1:].isspace():
        return (*found[:-1], Term(found[-1].words, prefix=True))
    return found


def places(text: str, wanted: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Where the terms stand in the text, as (start, end), in order and without overlaps."""
    there = list(words(text))
    spans = sorted(
        (there[i].start, there[i + len(term.words) - 1].end)
        for term in wanted
        for i in range(len(there) - len(term.words) + 1)
        if _fits(term, [word.text for word in there[i : i + len(term.words)]])
    )
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _fits(term: Term, here: Sequence[str]) -> bool:
    *whole, last = term.words
    return list(here[:-1]) == whole and (here[-1].startswith(last) if term.prefix else here[-1] == last)


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", word))
    return unicodedata.normalize("NFKC", bare.casefold())
