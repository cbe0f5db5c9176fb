"""Sentences, as ranges of the cleaned text.

A break is looked for after every full stop, question or exclamation mark that white space follows, and refused
where an abbreviation, an initial, a number or an open bracket says that the sentence goes on. A list that a line
introduces is one sentence with it ("Side effects include:" and its items), since neither says anything alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ivigraph.ingest.readers.furniture import ARTICLE_HEADING
from ivigraph.ingest.tables import words
from ivigraph.model import Document


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]` of the document, without white space around; `section` is that of its passage."""

    start: int
    end: int
    section: str


# Never the end of a sentence, whatever follows.
_OPEN = frozenset(
    words(
        """
        dr mr mrs ms prof fig figs eq ref refs vs viz cf e.g i.e eg ie ca approx resp incl st sr jr vol vols
        pp ed eds dept univ a.k.a e.t.c b.i.d t.i.d q.i.d q.d i.v i.m s.c p.o subsp spp sp var ser
        """
    )
)
# The end of a sentence only where the next word begins one: a capital that is no number and no name in brackets.
_MAYBE = frozenset(
    words(
        """
        al etc no nos inc ltd co corp u.s u.k min max hr hrs wk wks yr yrs mo p.m a.m dose bid tid
        """
    )
)
_NUMBER_AFTER = frozenset(
    words(
        """
        no nos fig figs vol p pp ref refs eq case patient grade
        """
    )
)
_STOP = re.compile(r"""[.!?]["'”’)\]]*(?:\[\d[\d,–-]{0,12}\])?(?=\s)|[.!?](?=["'”’]?[A-Z][a-z]{2,}\s)""")
_LAST_WORD = re.compile(r"(?:^|[\s(\[/])([^\s(\[/]*)$")
_INITIAL = re.compile(r"(?:^|[\s(.])[^\W\d_]$")
_BEGINS = re.compile(r"""\s*["'“‘(\[]*(?:[A-Z0-9Α-Ω]|[a-z][A-Z])""")
_LONGEST_LIST = 1500  # characters; a longer list is told item by item
_LABEL = 60  # characters within which a passage's heading stands


def sentences(document: Document) -> Iterator[Sentence]:
    """The sentences of a document in order; a heading is one of its own, and none crosses a paragraph."""
    for number, passage in enumerate(document.passages):
        start = passage.start
        for paragraph in re.finditer(r"[^\n](?:[^\n]|\n(?!\n))*", document.text[passage.start : passage.end]):
            first, last = start + paragraph.start(), start + paragraph.end()
            if passage.section == "title":
                yield Sentence(first, last, "title")
                continue
            section = passage.section
            for begin, end in _trimmed(document.text, first, last):
                if number == 0 and begin == passage.start and _is_title(document.text, begin, end, last):
                    yield Sentence(begin, end, "title")
                    continue
                heading = ARTICLE_HEADING.match(document.text[begin : min(end, begin + _LABEL)])
                if heading is None or not (heading["colon"] == ":" or begin + heading.end() == end):
                    yield Sentence(begin, end, section)
                    continue
                # An abstract in one paragraph has its headings within it: "Background: …. Methods: …."
                section = section if begin == passage.start else _name(heading)
                yield Sentence(begin, begin + heading.end(), section)
                if body := document.text[begin + heading.end() : end].lstrip():
                    yield Sentence(end - len(body), end, section)


# A verb, or who a verb's subject is: no title.
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|may|can|could|should|will|do|does|did|we|i|he|she|it|they|there|who|which"
    r"|developed|presented|received|complained|experienced|underwent|suffered|reported|occurred|showed|describes?"
    r"|reports?|occurs?|causes?|induces?|improves?|remains?|became|old|please|see)\b",
    re.IGNORECASE,
)
_LONGEST_TITLE = 200  # characters


def _is_title(text: str, begin: int, end: int, last: int) -> bool:
    """Whether a text opens with its title: a sentence without a verb, and others after it."""
    opening = text[begin:end]
    return (
        opening.endswith(".")
        and len(opening) <= _LONGEST_TITLE
        and end < last
        and opening.count(" ") > 2
        and ":" not in opening[:_LABEL]
        and _VERB.search(opening) is None
    )


def _name(heading: re.Match[str]) -> str:
    return " ".join(heading["name"].lower().split())


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for first, last in _lines(text, start, end):
        for begin, stop in _breaks(text[first:last]):
            piece = text[first + begin : first + stop]
            left = len(piece) - len(piece.lstrip())
            if stripped := piece.strip():
                yield first + begin + left, first + begin + left + len(stripped)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The paragraph as one range where it is one list, else its lines."""
    block = text[start:end]
    if "\n" not in block:
        yield start, end
        return
    opening = block.split("\n", 1)[0]
    if opening.rstrip().endswith(":") and len(block) <= _LONGEST_LIST and not re.search(r"[.!?]\s+[A-Z]", block):
        yield start, end
        return
    position = start
    for line in block.split("\n"):
        yield position, position + len(line)
        position += len(line) + 1


def _breaks(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _STOP.finditer(text):
        if match.end() > start and _ends(text, start, match):
            yield start, match.end()
            start = match.end()
    if start < len(text):
        yield start, len(text)


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    if not _BEGINS.match(text, match.end()):
        return False
    if match.group()[0] != ".":
        return True
    before = text[max(start, match.start() - 40) : match.start()]
    if before.count("(") > before.count(")") and ")" in text[match.end() : match.end() + 80] and match.group() == ".":
        return False
    found = _LAST_WORD.search(before)
    word = found.group(1).lower().lstrip("\"'“‘") if found else ""
    following = text[match.end() :].lstrip()[:1]
    if word in _NUMBER_AFTER and following.isdigit():
        return False
    if word in _OPEN or (_INITIAL.search(before) and following.isupper() and not _is_unit(before)):
        return False
    if word in _MAYBE:
        return following.isupper()
    if re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        return following.isupper()
    return not (word.isdigit() and len(before) < 4)  # "1." opens an item


def _is_unit(before: str) -> bool:
    """A single capital that ends a sentence: "vitamin D.", "hepatitis B.", "type A."."""
    if re.search(r"\d\s?[A-Za-z]$", before):  # "over 4 h."
        return True
    return (
        re.search(
            r"\b(?:vitamin|hepatitis|type|group|class|grade|factor|immunoglobulin|globulin|protein|patient|case"
            r"|h(?:a)?emophilia)\s\w$",
            before,
            re.IGNORECASE,
        )
        is not None
    )
