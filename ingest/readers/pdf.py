"""PDF: pypdfium2 finds the letters and their places, `pdf_layout` the order of reading, `article` the article in it.

Needs the extra `pdf`. A PDF keeps no structure, so a text, a web page or the XML of the same article is read better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ctypes import c_double
from typing import Any

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import article, streams
from ivigraph.ingest.readers.metadata import Record
from ivigraph.ingest.readers.pdf_layout import Page, Run, characters, paragraphs, title
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Item, clean

_PAGES = 1000  # a longer one is a book
_LETTERS = 40  # a page on average; a page with fewer is a picture
_UNREADABLE = 0.2  # of the characters; fonts without a table of their letters give symbols
_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}  # how PDFium marks a hyphen at the end of a line
_PASSWORD = 4  # FPDF_ERR_PASSWORD


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The article of a file. Raises ReadError for one that is encrypted, broken, scanned or holds no article."""
    pages = _pages(streams.whole(stream, where, max_bytes=max_bytes), where)
    text = "\n".join(characters(pages))
    _check(text, len(pages), where)
    found = [clean(paragraph) for paragraph in paragraphs(pages)]
    yield article.document([line for line in found if line], text, Record(title=clean(title(pages[0]))), where)


def _pages(data: bytes, where: str) -> list[Page]:
    try:
        import pypdfium2
    except ImportError as error:
        raise ReadError(
            "reading PDF files needs pypdfium2", where=where, remedy="pip install 'ivigraph[pdf]'"
        ) from error
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium may still hold the code of an earlier file.
        if error.err_code == _PASSWORD and b"/Encrypt" in data:
            raise ReadError("the PDF is encrypted", where=where, remedy="save it without a password") from error
        raise ReadError("the PDF is broken", where=where, remedy="download it again") from error
    try:
        if len(pdf) > _PAGES:
            raise ReadError(
                f"the PDF has {len(pdf)} pages, the limit is {_PAGES}", where=where, remedy="cut the article out of it"
            )
        return [_page(pdf, number) for number in range(len(pdf))]
    except pypdfium2.PdfiumError as error:
        raise ReadError(f"a page of the PDF is broken: {error}", where=where, remedy="download it again") from error
    finally:
        pdf.close()


def _page(pdf: Any, number: int) -> Page:
    page = pdf[number]
    text = page.get_textpage()
    try:
        width, height = page.get_size()
        return Page(width, height, tuple(_runs(text)))
    finally:
        text.close()
        page.close()


def _runs(text: Any) -> Iterator[Run]:
    """The characters of a page, cut where a line ends or a gap is wider than a space."""
    run: list[str] = []
    box: tuple[float, float, float, float] | None = None
    for index in range(text.count_chars()):
        char, place = _character(text, index)
        if not char or place is None:
            if char in ("\r", "\n", "") and box is not None:
                yield Run(*box, "".join(run))
                run, box = [], None
            elif char and run:
                run.append(char)
            continue
        if box is not None and _is_apart(box, place):
            yield Run(*box, "".join(run))
            run, box = [], None
        run.append(char)
        box = place if box is None else _around(box, place)
    if box is not None:
        yield Run(*box, "".join(run))


Box = tuple[float, float, float, float]


def _character(text: Any, index: int) -> tuple[str, Box | None]:
    """A character and its box; the box is None for white space and line ends, which have no place of their own."""
    from pypdfium2 import raw

    code = raw.FPDFText_GetUnicode(text, index)
    char = _HYPHENS.get(code) or (chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "")
    if char.isspace():
        return char, None
    left, right, bottom, top = c_double(), c_double(), c_double(), c_double()
    loose = raw.FS_RECTF()
    if raw.FPDFText_GetLooseCharBox(text, index, loose):
        return char, (loose.left, loose.bottom, loose.right, loose.top)
    if raw.FPDFText_GetCharBox(text, index, left, right, bottom, top):
        return char, (left.value, bottom.value, right.value, top.value)
    return char, None


def _is_apart(box: Box, place: Box) -> bool:
    size = max(box[3] - box[1], 1.0)
    middle = (place[1] + place[3]) / 2
    # A superscript still stands within the height of its line.
    return not box[1] - 0.2 * size < middle < box[3] + 0.2 * size or not -2 * size < place[0] - box[2] < 0.9 * size


def _around(box: Box, place: Box) -> Box:
    return min(box[0], place[0]), min(box[1], place[1]), max(box[2], place[2]), max(box[3], place[3])


def _check(text: str, pages: int, where: str) -> None:
    letters = len(re.findall(r"[^\W\d_]", text))
    if letters < _LETTERS * pages:
        raise ReadError(
            "the PDF holds pictures of pages, not text",
            where=where,
            remedy="recognise its text first, for example with ocrmypdf",
        )
    strange = len(re.findall("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]", text))
    if strange > _UNREADABLE * len(text):
        raise ReadError(
            "the letters of the PDF cannot be told: its fonts do not say which they are",
            where=where,
            remedy="recognise its text with ocrmypdf --force-ocr, or take the web page of the article",
        )
