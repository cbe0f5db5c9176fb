"""Bytes become text here, or it is said why they cannot."""

from __future__ import annotations

import re

from ivigraph.errors import ReadError
from ivigraph.ingest.readers.streams import encoding_of

# Files that people take for documents, by their first bytes.
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"{\\rtf", "a rich text file"),
)
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|main|div|section|meta\s|title|p|h[1-6])\b[^<]*>",
    re.IGNORECASE,
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HEAD = 4096  # bytes in which a file shows what it is
_CONTROL_SHARE = 0.01  # of the bytes; a text copied from a terminal or a PDF has a few of them
_MARKUP = 3  # tags in the head that make a text a web page; prose may quote one


def decode(data: bytes, where: str) -> str:
    """The text of a file, without a byte order mark. Raises ReadError for an empty, binary or wrongly encoded one."""
    if not data.strip():
        raise ReadError("the file is empty", where=where, remedy="save the document again")
    mark = encoding_of(data)
    if mark is None:
        _refuse_binary(data, where)
    declared = _DECLARED.search(data[:_HEAD]) if mark is None else None
    for encoding in (mark, declared and declared.group(1).decode("ascii")):
        if encoding and (text := _try(data, encoding)) is not None:
            return text
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ReadError(
            f"the text is not valid UTF-8: byte {error.start} is 0x{data[error.start]:02x}",
            where=where,
            remedy="save it as UTF-8; for a text from Windows: iconv -f WINDOWS-1252 -t UTF-8",
        ) from error


def is_html(text: str) -> bool:
    """Whether a text is a web page, whatever its file is called."""
    head = text[:_HEAD]
    found = [match.group().lower() for match in _HTML.finditer(head)]
    return len(found) >= _MARKUP or any(tag.startswith(("<!doctype", "<html")) for tag in found)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _refuse_binary(data: bytes, where: str) -> None:
    kind = next((kind for sign, kind in _SIGNATURES if data.startswith(sign)), None)
    if kind is None:
        head = data[: 16 * _HEAD]
        if b"\x00" not in head and len(_CONTROL.findall(head)) <= _CONTROL_SHARE * len(head):
            return
        kind = "a binary file"
    raise ReadError(
        f"this is {kind}, not a text", where=where, remedy="save the document as plain text or as a web page"
    )
