"""From runs of characters with their places on a page to paragraphs in reading order, without PDF and without I/O.

Measures are points from the bottom left corner of the page, as in PDF.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from ivigraph.ingest.readers.furniture import is_article_heading


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand side by side; `size` is the height of their line."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def size(self) -> float:
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Page:
    width: float
    height: float
    runs: tuple[Run, ...]


_GUTTER = (0.35, 0.65)  # of the width of the page, where the gap between two columns is looked for
_CROSSING = 0.2  # of the runs may cross the gap: title, abstract, wide tables
_SIDE = 0.25  # of the runs stand at least on either side of it
_TITLE = 0.6  # of the height of a first page, above which its title stands
_MARGIN = 0.12  # of the height of the page, where running heads and page numbers stand
_PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–]?\s*\d{1,5}\s*[-–]?(?:\s*(?:of|/)\s*\d{1,5})?", re.IGNORECASE)


def paragraphs(pages: Sequence[Page]) -> list[str]:
    """The paragraphs of a document, hyphens at the ends of lines undone, running heads and page numbers left out."""
    ordered = [_lines(page) for page in pages]
    heads = _running(pages, ordered)
    lines = [
        (line, _edge(line, found))
        for page, found in zip(pages, ordered, strict=True)
        for line in found
        if not (_in_margin(line, page) and (_mask(line.text) in heads or _PAGE_NUMBER.fullmatch(line.text)))
    ]
    return _joined(lines)


def title(page: Page) -> str:
    """What is set in the largest letters on the upper part of a first page, "" where nothing stands out."""
    lines = [line for line in _lines(page) if line.bottom > page.height * _TITLE and len(line.text) > 3]
    if not lines:
        return ""
    largest = max(line.size for line in lines)
    if largest < 1.15 * median(line.size for line in _lines(page)):
        return ""
    first = next(number for number, line in enumerate(lines) if line.size > 0.95 * largest)
    block = []
    for line in lines[first:]:
        if line.size < 0.9 * largest:
            break
        block.append(line)
    return " ".join(_joined([(line, line.right) for line in block]))


def _lines(page: Page) -> list[Run]:
    """The lines of a page in reading order: what spans the columns parts the page, then left before right."""
    gap = _gutter(page)
    if gap is None:
        return _rows(page.runs)
    wide = [run for run in page.runs if run.left < gap < run.right]
    narrow = [run for run in page.runs if not run.left < gap < run.right]
    result: list[Run] = []
    for row in sorted(_rows(wide), key=lambda run: -run.top):
        above = [run for run in narrow if run.bottom >= row.bottom]
        narrow = [run for run in narrow if run.bottom < row.bottom]
        result += [*_columns(above, gap), row]
    return [*result, *_columns(narrow, gap)]


def _columns(runs: Iterable[Run], gap: float) -> list[Run]:
    runs = list(runs)
    return [*_rows(run for run in runs if run.right <= gap), *_rows(run for run in runs if run.right > gap)]


def _gutter(page: Page) -> float | None:
    """Where the gap between two columns is, None for a page of one column."""
    body = [run for run in page.runs if len(run.text) > 12]
    if len(body) < 8:
        return None
    best: tuple[int, float] | None = None
    for step in range(31):
        x = page.width * (_GUTTER[0] + (_GUTTER[1] - _GUTTER[0]) * step / 30)
        crossing = sum(run.left < x < run.right for run in body)
        left, right = sum(run.right <= x for run in body), sum(run.left >= x for run in body)
        if crossing <= _CROSSING * len(body) and min(left, right) >= _SIDE * (len(body) - crossing):
            # Of equally good places the one nearest to the middle.
            rank = (crossing, abs(x - page.width / 2))
            if best is None or rank < (best[0], abs(best[1] - page.width / 2)):
                best = (crossing, x)
    return None if best is None else best[1]


def _rows(runs: Iterable[Run]) -> list[Run]:
    """Runs on the same height become one line, from top to bottom."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (-run.top, run.left)):
        middle = (run.top + run.bottom) / 2
        row = next((row for row in reversed(rows[-3:]) if row[0].bottom < middle < row[0].top), None)
        if row is None:
            rows.append([run])
        else:
            row.append(run)
    return [_line(row) for row in rows]


def _line(row: list[Run]) -> Run:
    row = sorted(row, key=lambda run: run.left)
    text = " ".join(run.text.strip() for run in row)
    largest = max(row, key=lambda run: len(run.text))
    return Run(row[0].left, largest.bottom, max(run.right for run in row), largest.top, " ".join(text.split()))


def _in_margin(line: Run, page: Page) -> bool:
    return line.bottom > page.height * (1 - _MARGIN) or line.top < page.height * _MARGIN


def _mask(text: str) -> str:
    return re.sub(r"\d+", "#", text).casefold()


def _running(pages: Sequence[Page], ordered: Sequence[Sequence[Run]]) -> frozenset[str]:
    """Lines in the margins that come again on another page, but for their numbers."""
    times: Counter[str] = Counter()
    for page, lines in zip(pages, ordered, strict=True):
        times.update({_mask(line.text) for line in lines if _in_margin(line, page)})
    # Left and right pages may have heads of their own.
    least = max(2, len(pages) // 3)
    return frozenset(text for text, count in times.items() if count >= least)


def _edge(line: Run, page: Sequence[Run]) -> float:
    """Where the column of a line ends on the right."""
    return max(other.right for other in page if abs(other.left - line.left) < 3 * line.size)


def _joined(lines: Sequence[tuple[Run, float]]) -> list[str]:
    """Lines, each with the edge of its column, become paragraphs."""
    words = _words(line.text for line, _ in lines)
    result: list[str] = []
    previous: tuple[Run, float] | None = None
    for line, edge in lines:
        if previous is not None and not _begins(*previous, line):
            result[-1] = _append(result[-1], line.text, words)
        else:
            result.append(line.text)
        previous = (line, edge)
    return [text for text in result if text]


_ENDED = re.compile(r"""[.!?:]["'”’)\]]*(?:\[?\d{1,3}(?:[,–-]\d{1,3})*\]?)?$""")


def _begins(previous: Run, edge: float, line: Run) -> bool:
    """Whether a line begins a paragraph: at a gap, other letters, a heading, an indent, or after a short line."""
    if abs(line.size - previous.size) > 0.15 * previous.size:
        return True
    if is_article_heading(line.text) or is_article_heading(previous.text):
        return True
    gap = previous.bottom - line.top
    is_below = gap > -0.5 * line.size
    if is_below and gap > 0.6 * line.size:
        return True
    if not _ENDED.search(previous.text):
        return False
    if is_below and line.left > previous.left + 0.5 * line.size:
        return True
    # A line that ends its sentence well before its column does is the last of its paragraph.
    return previous.right < edge - 3 * line.size


_HYPHEN = re.compile(r"([^\W_]+)-$")
_FIRST = re.compile(r"[^\W_]+")


def _words(lines: Iterable[str]) -> frozenset[str]:
    """The words of the document, hyphenated ones as they are, without the halves at the ends of lines."""
    found: set[str] = set()
    for line in lines:
        found.update(re.findall(r"[^\W_]+(?:-[^\W_]+)*(?!\w*-$)", line.lower()))
    return frozenset(found)


def _append(text: str, line: str, words: frozenset[str]) -> str:
    """Join a line to the one above; its hyphen stays where the document, or the halves, show a compound."""
    left, right = _HYPHEN.search(text), _FIRST.match(line)
    if left is None or right is None:
        return f"{text}{'' if text.endswith('-') else ' '}{line}"
    first, second = left.group(1), right.group()
    whole, compound = (first + second).lower(), f"{first}-{second}".lower()
    is_compound = (
        not second[0].islower()
        or not first[-1].islower()
        or compound in words
        or (whole not in words and first.lower() in words and second.lower() in words)
    )
    return text + line if is_compound else text[:-1] + line


def characters(pages: Iterable[Page]) -> Iterator[str]:
    """All text as it is, to judge what kind of document it is."""
    for page in pages:
        yield "\n".join(run.text for run in page.runs)
