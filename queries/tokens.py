"""The few words of SPARQL's grammar that it takes to replace a variable safely.

Strings, IRIs and comments are passed over as wholes, so that what looks like a variable in one of them stays
as it is (SPARQL 1.1 Query Language, section 19.8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(
    r"""
    (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<string> \"{3}(?:[^"\\]|\\.|\"{1,2}(?!"))*\"{3} | '{3}(?:[^'\\]|\\.|'{1,2}(?!'))*'{3}
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
  | (?P<comment> \#[^\n\r]* )
  | (?P<variable> [?$]\w+ )
  | (?P<word> [^\W\d_] (?: [\w.:%-] | \\. )* | : (?: [\w.:%-] | \\. )* )
  | (?P<space> \s+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The whole text as (kind, piece); the pieces joined are the text."""
    for match in _TOKEN.finditer(text):
        yield str(match.lastgroup), match.group()


def replace_variables(text: str, replacement: Callable[[str], str | None]) -> str:
    """`text` with each variable replaced by what `replacement` gives for its name; None leaves it."""
    pieces = []
    for kind, piece in tokens(text):
        found = replacement(piece[1:]) if kind == "variable" else None
        pieces.append(piece if found is None else found)
    return "".join(pieces)


def variables(text: str) -> Iterator[tuple[str, int]]:
    """Each variable's name with the line it stands in, counted from 1."""
    line = 1
    for kind, piece in tokens(text):
        if kind == "variable":
            yield piece[1:], line
        line += piece.count("\n")
