"""Makes OPTIONAL cost what it finds, where that is provably the same question.

The engine evaluates an OPTIONAL of several triple patterns over the whole graph and then joins it to the few rows that
it is asked for. `LATERAL { OPTIONAL { … } }` (a form beyond SPARQL 1.1, which the engine has) asks row by row. For a
group of triple patterns alone both give the same: no FILTER sees variables of outside, no BIND or subquery hides any.
"""

from __future__ import annotations

import re

from ivigraph.store.sparql import ambiguous
from ivigraph.terminals import Token, tokens

_TERMS = {"iri", "prefix", "variable", "string"}
_WORDS = re.compile(r"a|true|false|[0-9]+")
_BETWEEN = re.compile(r"[\s,]*")


def correlated(text: str) -> str:
    """The query with each such OPTIONAL in its new form; as it is where there is none, or any doubt."""
    folded = text.casefold()
    if "optional" not in folded or "lateral" in folded or "\\" in text:
        return text
    found = [token for token in tokens(text) if token.kind != "comment"]
    if any(ambiguous(token) for token in found):
        return text
    parts, end = [], 0
    for i, token in enumerate(found):
        if token.kind == "word" and token.text.casefold() == "optional" and (close := _plain(text, found, i + 1)):
            parts += [text[end : token.start], "LATERAL { ", text[token.start : close.end], " }"]
            end = close.end
    return "".join([*parts, text[end:]])


def _plain(text: str, found: list[Token], start: int) -> Token | None:
    """The end of the group that begins here, if it is of two or more triple patterns and nothing else."""
    if start >= len(found) or found[start].text != "{" or text[found[start - 1].end : found[start].start].strip():
        return None
    patterns, before = 1, found[start]
    for i in range(start + 1, len(found)):
        token = found[i]
        between = re.sub(r"#[^\n]*", "", text[before.end : token.start])
        patterns += "," in between
        if not _BETWEEN.fullmatch(between):
            return None
        if token.kind == "mark":
            if token.text == "}":
                return token if patterns > 1 else None
            if token.text not in ";.":
                return None
            patterns += found[i + 1].text not in "};." if i + 1 < len(found) else 0
        elif token.kind == "word":
            if not _WORDS.fullmatch(token.text):
                return None
        elif token.kind not in _TERMS:
            return None
        before = token
    return None
