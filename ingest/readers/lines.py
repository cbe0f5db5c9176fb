"""The lines of a page: white space evened out, hard-wrapped paragraphs joined again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

# Control and format characters and halves of surrogate pairs, without what counts as white space.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BULLET = re.compile(r"^(?:[-*+•◦▪‣·–—]\s+|\(?\d{1,2}[.)]\s+|\(?[a-hA-H][.)]\s+)(?=\S)")
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+")
_WRAPPED = range(50, 121)  # the widths at which mail programs, editors and PDF tools wrap
_SENTENCE_END = re.compile(r"""[.!?]["'”’)\]]*(?:\[?\d{1,3}(?:[,–-]\d{1,3})*\]?)?$""")


def lines(text: str) -> list[str]:
    """The non-empty lines, each a paragraph, heading or list item; marks of list items are kept."""
    text = INVISIBLE.sub("", _BREAKS.sub("\n", text))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    stripped = [_MARKDOWN_HEADING.sub("", line.strip()) for line in text.split("\n")]
    return [line for filled, block in groupby(stripped, key=bool) if filled for line in _unwrap(list(block))]


def is_item(line: str) -> bool:
    """Whether the line is marked as an item of a list."""
    return _BULLET.match(line) is not None


def is_prose(line: str, least: int = 10) -> bool:
    """Whether the line holds at least one full sentence of at least `least` words."""
    return line.count(" ") >= least - 1 and _SENTENCE_END.search(line) is not None


def _unwrap(block: list[str]) -> Iterator[str]:
    """Join what an editor wrapped: all lines of a paragraph but its last one have about the same width."""
    width = max(map(len, block))
    if len(block) < 2 or width not in _WRAPPED or any(is_item(line) for line in block):
        yield from block
        return
    paragraph = [block[0]]
    for line in block[1:]:
        # A line that was wrapped is nearly full, or the next word would have fitted on it.
        if len(paragraph[-1].lstrip()) + 1 + len(line.split(" ", 1)[0]) > 0.8 * width:
            broken_word = paragraph[-1].endswith("-") and line[:1].islower()
            paragraph.append(line if broken_word else f" {line}")
        else:
            yield "".join(paragraph)
            paragraph = [line]
    yield "".join(paragraph)
