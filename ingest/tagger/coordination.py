"""Names that share a word: "fever, rash and lymphadenopathy" is three events, each a statement of its own."""

from __future__ import annotations

import re

_JOINT = re.compile(
    r"\s*(?:,\s*(?:and|or)\s+|;\s*|,\s+|\s+and/or\s+|\s+(?:and|or|as\s+well\s+as)\s+)(?:then\s+|also\s+)?",
    re.IGNORECASE,
)
# "lactic acidosis (MALA)": the short form is another name of the same.
_SHORT_FORM = re.compile(r"\s*\([^()]*\)?$")
_SHORTEST = 3


def parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The members of the coordination in `text[start:end]` as ranges, without short forms in brackets behind them."""
    found, position = [], start
    for joint in _JOINT.finditer(text, start, end):
        found.append((position, joint.start()))
        position = joint.end()
    found.append((position, end))
    return [_bare(text, left, right) for left, right in found if right - left >= _SHORTEST]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    match = _SHORT_FORM.search(text[start:end])
    return (start, start + match.start()) if match and match.start() else (start, end)
