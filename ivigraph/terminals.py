"""Cuts SPARQL into the terminals of its grammar (SPARQL 1.1 Query Language, section 19.8), as far as anybody here asks.

Strings, IRIs and comments are wholes, so what looks like a keyword or a variable in one of them is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_TERMINAL = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*)
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\[uU][0-9A-Fa-f]+)*>)
    | (?P<string>\"{3}(?:[^"\\]|\\.|\"{1,2}(?!\"))*\"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
    | (?P<variable>[?$]\w+)
    | (?P<prefix>(?:\w[\w.-]*)?):(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
    | (?P<word>[@\w][\w-]*)
    | (?P<mark>[{};.'"\\])
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A terminal that may matter: `kind` is "word", "iri", "string", "variable", "comment", "prefix" or "mark".

    The text of a prefixed name is its prefix, without the colon; `end` is the end of the whole name.
    """

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    for match in _TERMINAL.finditer(text):
        kind = match.lastgroup or ""
        yield Token(kind, match[kind], match.start(), match.end())


def replace_iris(text: str, replacement: Callable[[str], str | None]) -> str:
    """`text` with each IRI, brackets included, replaced by what `replacement` gives for it; None leaves it."""
    return _replaced(text, lambda token: replacement(token.text) if token.kind == "iri" else None)


def replace_variables(text: str, replacement: Callable[[str], str | None]) -> str:
    """`text` with each variable replaced by what `replacement` gives for its name; None leaves it."""
    return _replaced(text, lambda token: replacement(token.text[1:]) if token.kind == "variable" else None)


def _replaced(text: str, replacement: Callable[[Token], str | None]) -> str:
    parts, end = [], 0
    for token in tokens(text):
        if (found := replacement(token)) is not None:
            parts += [text[end : token.start], found]
            end = token.end
    return "".join([*parts, text[end:]])


def variables(text: str) -> Iterator[tuple[str, int]]:
    """Each variable's name with the line it stands in, counted from 1."""
    for token in tokens(text):
        if token.kind == "variable":
            yield token.text[1:], text.count("\n", 0, token.start) + 1
