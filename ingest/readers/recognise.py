"""What a file is, from its first bytes and never from its name, which is often wrong or missing."""

from __future__ import annotations

import re
from enum import StrEnum

from ivigraph.ingest.readers.decoding import is_html
from ivigraph.ingest.readers.streams import encoding_of


class Format(StrEnum):
    """A form in which documents come, as it is told to a user."""

    TEXT = "plain text"
    HTML = "a web page"
    PUBMED = "PubMed XML"
    JATS = "JATS XML"
    BIOC_XML = "BioC XML"
    BIOC_JSON = "BioC JSON"
    MEDLINE = "MEDLINE"
    RIS = "RIS"
    PUBTATOR = "PubTator"
    RECORDS = "JSON Lines"
    PDF = "PDF"
    GZIP = "gzip"
    ZIP = "ZIP"
    TAR = "tar"
    OFFICE = "an office document or an e-book"
    OTHER_XML = "XML of another kind"
    OTHER_JSON = "JSON of another kind"


SUFFIXES = frozenset(
    {
        ".txt", ".text", ".md", ".html", ".htm", ".xhtml", ".xml", ".nxml", ".nbib", ".ris", ".pubtator", ".json",
        ".jsonl", ".ndjson", ".pdf", ".gz", ".tgz", ".zip", ".tar",
    }
)  # fmt: skip
"""Names that promise a document, for choosing files of a folder or an archive; what they are, `recognise` tells."""

_PDF_WITHIN = 1024  # bytes in which readers of PDF look for its mark
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/", b"META-INF/", b"word/")
_PROLOGUE = re.compile(r"\A\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
_ROOTS = {
    "pubmedarticleset": Format.PUBMED,
    "pubmedarticle": Format.PUBMED,
    "pubmedbookarticleset": Format.PUBMED,
    "pubmedbookarticle": Format.PUBMED,
    "deletecitation": Format.PUBMED,
    "pmc-articleset": Format.JATS,
    "html": Format.HTML,
}
_JATS = re.compile(r"<!DOCTYPE\s+article|<article\b[^>]*\barticle-type=|<article\b[^>]*>\s*(?:<\?[^>]*\?>\s*)*<front\b")
_BIOC_XML = re.compile(r"BioC\.dtd|<(?:document|source|passage)\b")
_BIOC_JSON = re.compile(r'"(?:documents|passages|PubTator3|bioctype)"\s*:')
_RECORD = re.compile(r'\{.*"(?:text|abstract|body)"\s*:\s*"')
_LINES = (
    (Format.MEDLINE, re.compile(r"PMID {0,2}- ?\d")),
    (Format.RIS, re.compile(r"TY {1,3}- ?[A-Z]")),
    (Format.PUBTATOR, re.compile(r"[^|\s]{1,64}\|t\|")),
)


def recognise(head: bytes) -> Format:
    """The format of a file that begins with these bytes (`streams.HEAD` of them are enough)."""
    return _by_mark(head) or _by_text(_text(head))


def _by_mark(head: bytes) -> Format | None:
    if head.startswith(b"\x1f\x8b"):
        return Format.GZIP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Format.OFFICE if any(name in head[:4096] for name in _OFFICE) else Format.ZIP
    if head[257:262] == b"ustar":
        return Format.TAR
    # At last, for an archive that packs a PDF without compressing it has this mark near its beginning.
    return Format.PDF if b"%PDF-" in head[:_PDF_WITHIN] else None


def _text(head: bytes) -> str:
    """The head as text: where no mark names its encoding, the marks of all formats are ASCII."""
    return head.decode(encoding_of(head) or "latin-1", "replace").lstrip("\ufeff")


def _by_text(text: str) -> Format:
    start = text.lstrip()[:1]
    if start == "<":
        return _markup(text)
    if start in ("{", "["):
        return _json(text.lstrip())
    opening = next((line for line in text.splitlines() if line.strip()), "").lstrip("\u00ef\u00bb\u00bf")
    found = next((format for format, pattern in _LINES if pattern.match(opening)), None)
    return found or (Format.HTML if is_html(text) else Format.TEXT)


def _markup(text: str) -> Format:
    prologue = _PROLOGUE.match(text)
    match = _ROOT.match(text, prologue.end() if prologue else 0)
    root = match.group(1).lower() if match else ""
    if root in _ROOTS:
        return _ROOTS[root]
    if _JATS.search(text):
        return Format.JATS
    if root == "collection" and _BIOC_XML.search(text):
        return Format.BIOC_XML
    if is_html(text):
        return Format.HTML
    # A text may begin with a sign of its own ("<5% of patients"), but not with a declaration or a root element.
    return Format.OTHER_XML if root or text.lstrip().startswith(("<?xml", "<!DOCTYPE")) else Format.TEXT


def _json(text: str) -> Format:
    line = text.partition("\n")[0]
    if _RECORD.match(line):
        return Format.RECORDS
    if _BIOC_JSON.search(text):
        return Format.BIOC_JSON
    # "[Article in German]" and "{…" may open a text.
    return Format.OTHER_JSON if re.match(r'[\[{]\s*["\[{]', text) else Format.TEXT
