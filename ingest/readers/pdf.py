"""PDF: pypdfium2 finds the letters and their places, `pdf_layout` the order of reading, `article` the article in it.

PDFium runs in a process of its own (`pdf_process`), so that a file that crashes or holds it costs itself and no other.
Needs the extra `pdf`. A PDF keeps no structure, so a text, a web page or the XML of the same article is read better.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import article, streams
from ivigraph.ingest.readers.metadata import Record
from ivigraph.ingest.readers.pdf_layout import Page, Run, characters, paragraphs, title
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Item, clean
from ivigraph.model import Document

PAGES = 1000  # a longer one is a book
COMMAND = [sys.executable, "-P", str(Path(__file__).with_name("pdf_process.py")), str(PAGES)]
SECONDS = 300.0  # a thousand pages take a tenth of it
_LETTERS = 40  # a page on average; a page with fewer is a picture
_UNREADABLE = 0.2  # of the characters; fonts without a table of their letters give symbols
_ERRORS = {
    "absent": ("reading PDF files needs pypdfium2", "pip install 'ivigraph[pdf]'"),
    "encrypted": ("the PDF is encrypted", "save it without a password"),
    "broken": ("the PDF is broken", "download it again"),
    "long": (f"the PDF has more than {PAGES} pages", "cut the article out of it"),
}


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The article of a file. Raises ReadError for one that is encrypted, broken, scanned or holds no article.

    So it does for one that ends the process that reads it, or keeps it busy for five minutes.
    """
    yield document(_answer(streams.whole(stream, where, max_bytes=max_bytes), where), where)


def document(answer: dict[str, Any], where: str) -> Document:
    """The article in what `pdf_process.answer` found. Raises ReadError where that is an error or no article."""
    if "error" in answer:
        message, remedy = _ERRORS[answer["error"]]
        raise ReadError(message, where=where, remedy=remedy)
    pages = [Page(width, height, tuple(Run(*run) for run in runs)) for width, height, runs in answer["pages"]]
    text = "\n".join(characters(pages))
    _check(text, len(pages), where)
    found = [clean(paragraph) for paragraph in paragraphs(pages)]
    return article.document([line for line in found if line], text, Record(title=clean(title(pages[0]))), where)


def _answer(data: bytes, where: str) -> dict[str, Any]:
    remedy = "save it again with another program, or take the web page of the article"
    try:
        done = subprocess.run(COMMAND, input=data, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise ReadError(
            f"the PDF kept PDFium busy for more than {SECONDS:g} seconds", where=where, remedy=remedy
        ) from error
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    if done.returncode < 0:
        raise ReadError(f"the PDF crashes PDFium ({signal.Signals(-done.returncode).name})", where=where, remedy=remedy)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    raise ReadError(f"the PDF cannot be read: {said[-1] if said else 'PDFium gave up'}", where=where, remedy=remedy)


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
