"""The text of a JATS element as sections: paragraphs under their headings, tables and figures beside them."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ivigraph.ingest.readers.lines import is_item
from ivigraph.ingest.readers.structured import Section, clean
from ivigraph.ingest.readers.xml import inline, local_name, text_of

_TABLES = frozenset({"table-wrap", "table-wrap-group"})
_FIGURES = frozenset({"fig", "fig-group", "chem-struct-wrap"})
_FLOATS = _TABLES | _FIGURES | {"boxed-text"}
_LISTS = frozenset({"list", "def-list"})
_BLOCKS = (
    _FLOATS | _LISTS | {"p", "disp-quote", "verse-group", "statement", "speech", "disp-formula", "disp-formula-group"}
)
# Nothing to read: titles are taken as headings, labels with what they count, the rest is metadata or media.
_SILENT = frozenset(
    {
        "title", "label", "sec-meta", "supplementary-material", "media", "graphic", "object-id", "ref-list", "fn-group",
        "permissions", "attrib", "alt-text", "long-desc", "kwd-group", "sub-article", "response", "sig-block", "email",
    }
)  # fmt: skip
_INTERRUPTING = _BLOCKS | _SILENT
_TABLE, _FIGURE = ("table",), ("figure",)
FLOATING = (_TABLE, _FIGURE)


def heading_of(element: etree._Element) -> str:
    title = element.find("title")
    return clean(text_of(title)) if title is not None else ""


def sections(element: etree._Element, path: tuple[str, ...]) -> Iterator[Section]:
    """The sections of an abstract, a body, a section or an appendix, in the order of reading.

    Tables and figures follow the section in which they stand, as sections "table" and "figure" of their own.
    """
    paragraphs: list[str] = []
    floats: list[etree._Element] = []
    inner: list[etree._Element] = []
    for child in element:
        name = local_name(child)
        if name == "sec" and child.get("sec-type") != "supplementary-material":
            inner.append(child)
        elif name != "sec" and name not in _SILENT:
            _append(paragraphs, _paragraphs(child, floats))
    if any(paragraphs):
        # The heading of an abstract as a whole says nothing; every other is part of the text.
        printed = [heading_of(element)] if path and path != ("abstract",) else []
        yield Section(path, (*printed, *paragraphs))
    for item in floats:
        yield from _float(item)
    for section in inner:
        yield from sections(section, (*path, heading_of(section)))


def _paragraphs(element: etree._Element, floats: list[etree._Element]) -> list[str]:
    """The paragraphs of a block, its lists among them; the floats within it are put aside."""
    name = local_name(element)
    if name in _FLOATS:
        floats.append(element)
        return []
    if name in _LISTS:
        return ["\n".join(_items(element, floats))]
    result: list[str] = []
    run = [element.text or ""]
    for child in element:
        if local_name(child) in _INTERRUPTING:
            _append(result, [clean("".join(run))])
            run = []
            if local_name(child) not in _SILENT:
                _append(result, _paragraphs(child, floats))
        else:
            run.append(inline(child, run[-1] if run else ""))
        run.append(child.tail or "")
    _append(result, [clean("".join(run))])
    return result


def _append(paragraphs: list[str], more: list[str]) -> None:
    """Add paragraphs; a list joins the line that introduces it, since neither says anything alone."""
    for paragraph in filter(None, more):
        if paragraphs and paragraphs[-1].endswith(":") and is_item(paragraph):
            paragraphs[-1] += f"\n{paragraph}"
        else:
            paragraphs.append(paragraph)


def _items(element: etree._Element, floats: list[etree._Element]) -> Iterator[str]:
    for child in element:
        name = local_name(child)
        if name == "list-item":
            label = clean(child.findtext("label")) or "-"
            text = " ".join(" ".join(_paragraphs(child, floats)).split())
            yield text if is_item(text) else f"{label} {text}"
        elif name == "def-item":
            yield "- " + ": ".join(clean(text_of(part)) for part in child.iterchildren("term", "def"))
        elif name in _LISTS:
            yield from _items(child, floats)


def _float(element: etree._Element) -> Iterator[Section]:
    name = local_name(element)
    if name in ("table-wrap-group", "fig-group"):
        for child in element.iterchildren(*_FLOATS):
            yield from _float(child)
    elif name == "boxed-text":
        yield from sections(element, (heading_of(element) or "box",))
    else:
        paragraphs = (_caption(element), *_tables(element), *_notes(element))
        if any(paragraphs):
            yield Section(_TABLE if name in _TABLES else _FIGURE, paragraphs)


def _caption(element: etree._Element) -> str:
    label = clean(element.findtext("label"))
    caption = element.find("caption")
    parts = [] if caption is None else [clean(text_of(part)) for part in caption.iterchildren("title", "p")]
    if label and parts and not label.endswith((".", ":")):
        label += "."
    return " ".join(filter(None, (label, *parts)))


def _tables(element: etree._Element) -> Iterator[str]:
    """Each table as one paragraph, a line for each row, its cells parted by bars."""
    for table in element.iter("table", "array"):
        rows = []
        for row in table.iter("tr"):
            cells = [clean(text_of(cell)) for cell in row.iterchildren("td", "th")]
            if any(cells):
                rows.append(" | ".join(cells))
        yield "\n".join(rows)


def _notes(element: etree._Element) -> Iterator[str]:
    for foot in element.iterchildren("table-wrap-foot"):
        for note in foot.iterdescendants("p"):
            label = note.getparent().findtext("label") if note.getparent() is not None else None
            yield clean(f"{label or ''} {text_of(note)}")
