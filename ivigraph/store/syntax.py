"""What is wrong with a query's syntax, in words, from what the engine reports.

The engine reports the furthest place that its parser looked at, and everything that it would have taken there:
"error at 3:10: expected OPTIONAL". For a keyword that place lies behind as many characters as the keyword has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivigraph.errors import QuerySyntaxError
from ivigraph.store import sparql
from ivigraph.terminals import Token, tokens

_REPORT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_KEYWORD = re.compile(r"[A-Za-z0-9_]{2,}")
_REASON = re.compile(r"[A-Z]\w*(?: \w+)+")
_PREFIX_UNKNOWN = "Prefix not found"
_PREFIX_DECLARATION = re.compile(r"\bprefix\s+([\w.-]*):", re.IGNORECASE)


def syntax_error(report: str, text: str, prefixes: Mapping[str, str]) -> QuerySyntaxError:
    """The error to raise for `text`; `prefixes` are those known without a declaration."""
    match = _REPORT.fullmatch(report)
    if match is None:
        return _error(report, text, None)
    furthest = min(_offset(text, int(match[1]), int(match[2])), len(text))
    expected = match[3].split(", ")
    reason = next((part for part in expected if _REASON.fullmatch(part)), None)
    place = furthest if reason else _start(text, furthest, expected)
    unknown = _unknown_prefix(text, 0 if reason == _PREFIX_UNKNOWN else place, furthest, prefixes)
    if unknown is not None:
        name = f"{unknown.text}:"
        return _error(f"unknown prefix {name!r}", text, unknown.start, f"declare it: PREFIX {name} <…>")
    if reason is not None:
        return _error(reason, text, place)
    found = re.match(r"\w+|\S", text[place:])
    return _error(f"unexpected {found[0]!r}" if found else "unexpected end", text, place)


def _start(text: str, place: int, expected: list[str]) -> int:
    """Where the text stops making sense, given the furthest place that was looked at."""
    if any(not _KEYWORD.fullmatch(part) and part != "[_]" for part in expected):
        start = place  # a single character was expected: this is the place
    else:
        starts = {place - len(part) for part in expected if _KEYWORD.fullmatch(part)}
        start = max((s for s in starts if s == 0 or (s > 0 and not text[s - 1 : s + 1].isalnum())), default=place)
    return start + len(text[start:]) - len(text[start:].lstrip())


def _unknown_prefix(text: str, start: int, end: int, prefixes: Mapping[str, str]) -> Token | None:
    known = {"_", *prefixes, *_PREFIX_DECLARATION.findall(text)}
    names = (token for token in tokens(text) if token.kind == "prefix" and start <= token.start <= end)
    return next((name for name in names if name.text not in known), None)


def _error(message: str, text: str, place: int | None, remedy: str = "correct the query") -> QuerySyntaxError:
    if place is None:
        return QuerySyntaxError(message, where="SPARQL", remedy=remedy)
    line, column = sparql.place(text, place)
    return QuerySyntaxError(
        message, line=line, column=column, where=f"SPARQL, line {line}, column {column}", remedy=remedy
    )


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return start + column - 1
