"""XML of others, read safely: one record at a time, no DTD, no entity, no network, bounded memory.

The records of a file are found by their tags and parsed one by one. So a broken record costs itself and no
other, memory depends on the largest record only, and a scan may drop records before they are parsed. Only a comment
or a CDATA section could hold such a tag as text; what is cut wrongly there does not parse and is reported. libxml2's
own limits (depth, text length, amplification) stay on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams
from ivigraph.ingest.readers.streams import HEAD, Prefixed, Readable

_PROLOGUE = 1 << 20  # bytes in which the first record has to begin
_TAG = 256  # bytes that hold a tag
_AFTER_NAME = (b">", b" ", b"\t", b"\r", b"\n")  # what ends a tag's name
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    encoding="utf-8",
)
# With a document type whose file is never opened, a named character ("&alpha;") is kept instead of refused.
_DOCTYPE = b'<!DOCTYPE r SYSTEM "not-read">'
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)["']""")
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")
_REFETCH = "fetch the file again; it is not whole"


@dataclass(frozen=True, slots=True)
class Record:
    """The bytes of one element, UTF-8, and the line on which it begins; `where` names both file and line.

    `is_root` tells that the file holds this element alone.
    """

    tag: str
    data: bytes
    line: int
    where: str
    is_root: bool


def records(stream: Readable, tags: tuple[str, ...], where: str, *, max_bytes: int) -> Iterator[Record | ReadError]:
    """The elements of these names, which do not nest, in their order; an error for each that is cut off or too large.

    Raises ReadError for a file that declares entities, is wrongly encoded, has no record, or ends too soon.
    """
    return _Splitter(_utf8(stream, where), tags, where, max_bytes).records()


def parse(record: Record) -> etree._Element:
    """The element of a record. Raises ReadError naming the line on which its XML is broken."""
    try:
        return etree.fromstring(_DOCTYPE + record.data, _PARSER)
    except etree.XMLSyntaxError as error:
        line = record.line + (error.lineno or 1) - 1
        raise ReadError(
            f"the XML of a record is broken: {error.msg}",
            where=f"{record.where.rpartition(', line ')[0]}, line {line}",
            remedy="fetch this record again; the other records of the file were read",
        ) from error


class _Splitter:
    def __init__(self, stream: Readable, tags: tuple[str, ...], where: str, max_bytes: int) -> None:
        self._start = re.compile(rb"<(" + "|".join(map(re.escape, tags)).encode() + rb")(?=[\s>/])")
        self._tags = tuple(tag.encode() for tag in tags)
        self._stream, self._where, self._limit = stream, where, max_bytes
        self._buffer = bytearray()
        self._line = 1
        self._root: bytes | None = None

    def records(self) -> Iterator[Record | ReadError]:
        self._root = root = self._prologue()
        found = False
        tail = b""
        while True:
            if match := self._start.search(self._buffer):
                found = True
                tag = bytes(match.group(1))
                self._drop(match.start())
                yield self._record(tag)
                continue
            # A tag may be cut by the end of the buffer.
            tail = bytes(self._buffer[-_TAG:])
            self._drop(max(0, len(self._buffer) - _TAG))
            if not self._fill():
                break
        # The end tag of the root shows that nothing is missing; a root that is itself a record has shown it.
        if root is not None and root not in self._tags and not re.search(rb"</" + re.escape(root) + rb"\s*>", tail):
            raise ReadError("the file is cut off after its last record", where=self._place(), remedy=_REFETCH)
        if not found:
            raise ReadError(
                "the file holds no record", where=self._where, remedy="fetch it again; a search may have found nothing"
            )

    def _prologue(self) -> bytes | None:
        """The name of the root; what stands before the first record is checked."""
        while not (match := self._start.search(self._buffer)) and len(self._buffer) < _PROLOGUE and self._fill():
            pass
        head = bytes(self._buffer[: match.end() if match else _PROLOGUE])
        if b"<!ENTITY" in head:
            raise ReadError(
                "the XML file declares entities, which are never expanded",
                where=self._where,
                remedy="save it with its entities resolved (xmllint --noent), if you trust where it is from",
            )
        root = _ROOT.search(head)
        return root.group(1) if root else None

    def _record(self, tag: bytes) -> Record | ReadError:
        """The record at the start of the buffer, taken off it."""
        where, line = self._place(), self._line
        searched = 0
        while (end := self._end(tag, searched)) < 0:
            searched = max(0, len(self._buffer) - _TAG)
            if len(self._buffer) > self._limit:
                return self._skip(tag, where)
            if not self._fill():
                raise ReadError("the file ends inside a record", where=where, remedy=_REFETCH)
        if second := self._next_start(tag, 1, end):
            self._drop(second)
            return ReadError("a record is cut off", where=where, remedy=_REFETCH)
        if end > self._limit:
            return self._skip(tag, where)
        data = bytes(self._buffer[:end])
        self._drop(end)
        return Record(tag.decode(), data, line, where, self._root in self._tags)

    def _skip(self, tag: bytes, where: str) -> ReadError:
        """Read on to the next record without keeping anything."""
        while True:
            end = self._end(tag, 1)
            second = self._next_start(tag, 1, end if end >= 0 else len(self._buffer))
            if second or end >= 0:
                self._drop(second or end)
                break
            self._drop(max(0, len(self._buffer) - _TAG))
            if not self._fill():
                break
        return ReadError(
            f"a record is larger than {self._limit / 1e6:g} MB",
            where=where,
            remedy="raise the setting max_document_mb, if a document may be so long",
        )

    def _end(self, tag: bytes, start: int) -> int:
        """Where the end tag ends that follows `start`; -1 where none is in the buffer."""
        if start == 0 and (close := self._buffer.find(b">", 0, _TAG)) > 0 and self._buffer[close - 1] == ord("/"):
            return close + 1  # an element without content
        found = start
        while (found := self._buffer.find(b"</" + tag, found)) >= 0:
            after = found + 2 + len(tag)
            if self._buffer[after : after + 1] in _AFTER_NAME:
                close = self._buffer.find(b">", after)
                return close + 1 if close >= 0 else -1
            found = after
        return -1

    def _next_start(self, tag: bytes, start: int, end: int) -> int:
        """Where the next record of this name begins, 0 for nowhere: the end tag of the first one is missing."""
        found = start
        while (found := self._buffer.find(b"<" + tag, found, end)) >= 0:
            found += 1
            if self._buffer[found + len(tag) : found + len(tag) + 1] in _AFTER_NAME:
                return found - 1
        return 0

    def _fill(self) -> bool:
        data = self._stream.read(streams.CHUNK)
        self._buffer += data
        return bool(data)

    def _drop(self, count: int) -> None:
        self._line += self._buffer.count(b"\n", 0, count)
        del self._buffer[:count]

    def _place(self) -> str:
        return f"{self._where}, line {self._line}"


def _utf8(stream: Readable, where: str) -> Readable:
    head = stream.read(HEAD)
    declared = _DECLARED.match(head)
    encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    return streams.utf8(Prefixed(head, stream), where, declared=encoding)


# A number raised over a ten is its exponent; over another number or behind a full stop it points to a note.
_EXPONENT = re.compile(r"[-−–+]?\d{1,3}")
_TEN = re.compile(r"(?<![\d.,])10$")
_NOTE = re.compile(r"\d{1,3}(?:\s?[,–-]\s?\d{1,3})*")
_BEFORE_NOTE = re.compile(r"[\d.,;:)]$")


def text_of(element: etree._Element) -> str:
    """The text in an element. What is raised is told apart: 10<sup>9</sup> is "10^9", a note is "[3]".

    Formulas are their symbols in a row; TeX sources of formulas are left out.
    """
    if len(element) == 0:
        return element.text or ""
    parts = [element.text or ""]
    for child in element:
        parts.append(inline(child, parts[-1]))
        if child.tail:
            parts.append(child.tail)
    return "".join(parts)


def inline(element: etree._Element, before: str) -> str:
    """The text of an element within a line, given what stands before it there."""
    if isinstance(element, etree._Entity):
        return html.unescape(element.text or "")
    name = local_name(element)
    if name == "sup":
        return _superscript(element, before)
    if name == "xref" and _is_raised(element):
        return f"[{text_of(element).strip()}]"
    if name == "math":
        return "".join(text.strip() for text in element.itertext())
    if name == "break":
        return " "
    return "" if name in ("tex-math", "annotation") else text_of(element)


def local_name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _superscript(element: etree._Element, before: str) -> str:
    text = text_of(element).strip()
    if any(local_name(child) == "xref" for child in element.iter()):
        return text if text.startswith("[") else f"[{text}]"
    if not before.strip():
        return f"{text} "  # the mark in front of a note
    if _TEN.search(before) and _EXPONENT.fullmatch(text):
        return f"^{text}"
    return f"[{text}]" if _NOTE.fullmatch(text) and _BEFORE_NOTE.search(before) else text


def _is_raised(link: etree._Element) -> bool:
    return len(link) == 1 and local_name(link[0]) == "sup" and not (link.text or "").strip()
