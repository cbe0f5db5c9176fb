"""What PDFium finds in a PDF, in a process of its own: it is written in C, and a file may crash it or hold it for ever.

`pdf` runs this file as a script, the PDF on its standard input, the answer as JSON on its standard output. It imports
nothing of this project, so that it starts in a moment.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from ctypes import c_double
from typing import Any

_HYPHENS = {0x02: "-", 0xFFFE: "-", 0xAD: "-"}  # how PDFium marks a hyphen at the end of a line
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_MEMORY = 4 << 30  # bytes: a page may unpack to more than any machine has

Box = tuple[float, float, float, float]


def answer(data: bytes, most: int) -> dict[str, Any]:
    """{"pages": […]}, each as [width, height, [[left, bottom, right, top, text], …]] in points from the bottom left.

    Else {"error": "absent" | "encrypted" | "broken" | "long"}; with more than `most` pages also their number.
    """
    try:
        import pypdfium2
    except ImportError:
        return {"error": "absent"}
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        # PDFium may still hold the code of an earlier file.
        return {"error": "encrypted" if error.err_code == _PASSWORD and b"/Encrypt" in data else "broken"}
    try:
        if len(pdf) > most:
            return {"error": "long", "pages": len(pdf)}
        return {"pages": [_page(pdf, number) for number in range(len(pdf))]}
    except pypdfium2.PdfiumError:
        return {"error": "broken"}
    finally:
        pdf.close()


def _page(pdf: Any, number: int) -> list[Any]:
    page = pdf[number]
    text = page.get_textpage()
    try:
        width, height = page.get_size()
        return [width, height, list(_runs(text))]
    finally:
        text.close()
        page.close()


def _runs(text: Any) -> Iterator[tuple[float, float, float, float, str]]:
    """The characters of a page, cut where a line ends or a gap is wider than a space."""
    run: list[str] = []
    box: Box | None = None
    for index in range(text.count_chars()):
        char, place = _character(text, index)
        if not char or place is None:
            if char in ("\r", "\n", "") and box is not None:
                yield (*box, "".join(run))
                run, box = [], None
            elif char and run:
                run.append(char)
            continue
        if box is not None and _is_apart(box, place):
            yield (*box, "".join(run))
            run, box = [], None
        run.append(char)
        box = place if box is None else _around(box, place)
    if box is not None:
        yield (*box, "".join(run))


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


def main() -> None:
    with suppress(OSError, ValueError):  # a system without this limit
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    json.dump(answer(sys.stdin.buffer.read(), int(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
