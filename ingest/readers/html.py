"""Saved web pages: trafilatura finds the article, the page's head names what it is."""

from __future__ import annotations

import re
from typing import Any

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import article
from ivigraph.ingest.readers.lines import lines
from ivigraph.ingest.readers.metadata import Record, doi
from ivigraph.model import Document

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
# Names of meta elements, the most telling first: Highwire Press tags, Dublin Core, PRISM, Open Graph.
_META = {
    "title": ("citation_title", "dc.title", "og:title"),
    "doi": ("citation_doi", "dc.identifier", "prism.doi"),
    "pmid": ("citation_pmid", "ncbi_uid"),
    "pmcid": ("citation_pmcid", "citation_pmc"),
    "date": (
        "citation_publication_date",
        "citation_date",
        "citation_online_date",
        "dc.date",
        "prism.publicationdate",
        "article:published_time",
    ),
    "journal": ("citation_journal_title", "prism.publicationname", "citation_journal_abbrev"),
    "authors": ("citation_author", "citation_authors", "dc.creator", "author"),
}


def document(content: str, source: str) -> Document:
    """The article in a web page. Raises ReadError for a page without one."""
    import trafilatura  # takes as long to load as all the other readers

    # lxml refuses a text that declares its own encoding; it is decoded already.
    tree = trafilatura.load_html(re.sub(r"^\s*<\?xml[^>]*\?>", "", content))
    if tree is not None:
        _without_layout_tables(tree)
        _write_exponents(tree)
    text = (
        None
        if tree is None
        else trafilatura.extract(tree, include_comments=False, favor_recall=True, deduplicate=False)
    )
    if not text or not text.strip():
        raise ReadError(
            "the web page holds no article",
            where=source,
            remedy="save the page of the article itself, or its text",
        )
    record = _record(tree)
    # A line of what was extracted is a paragraph of the page, never a part of one that an editor wrapped.
    found = lines(text.replace("\n", "\n\n"))
    return article.document(found, text, record, source)


_BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table")
_TABLE_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th")


def _without_layout_tables(tree: Any) -> None:
    """Make boxes of the tables that older pages lay themselves out with, so that no cell becomes one line of text.

    A cell of data holds a value; one that holds several paragraphs, headings or tables is a part of the page.
    """
    layout = [
        table
        for table in tree.iter("table")
        if any(sum(block.tag in _BLOCKS for block in cell.iterdescendants()) > 1 for cell in _cells(table))
    ]
    # All are found before the first is changed: a layout may hold another.
    parts = [
        part
        for table in layout
        for part in table.iter(*_TABLE_PARTS)
        if part is table or next(part.iterancestors("table")) is table
    ]
    for part in parts:
        part.tag = "div"


def _cells(table: Any) -> list[Any]:
    return [cell for cell in table.iter("td", "th") if next(cell.iterancestors("table")) is table]


_EXPONENT = re.compile(r"\s*[-+−–]?\s?\d{1,2}\s*")
_POWER = str.maketrans("0123456789-+−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁻⁻")


def _write_exponents(tree: Any) -> None:
    """Write 10<sup>9</sup> and m<sup>2</sup> as 10⁹ and m²: read as plain text they become 109 and m2.

    Other raised figures are left alone, for they are the marks of references.
    """
    for element in tree.iter("sup"):
        before = _text_before(element)
        if re.search(r"(?<![\d.,])10\s?$|(?<![^\W\d_])[cmk]?m$", before) and _EXPONENT.fullmatch(element.text or ""):
            element.text = "".join(element.text.split()).translate(_POWER)
            element.tag = "span"


def _text_before(element: Any) -> str:
    previous = element.getprevious()
    text = element.getparent().text if previous is None else previous.tail
    return text or ""


def _record(tree: Any) -> Record:
    meta: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        name = str(element.get("name") or element.get("property") or "").lower()
        if content := " ".join(str(element.get("content") or "").split()):
            meta.setdefault(name, []).append(content)
    values = {key: next((meta[name] for name in names if name in meta), []) for key, names in _META.items()}
    identifiers = []
    if values["doi"] and (match := re.search(r"10\.\d{4,9}/\S+", values["doi"][0])):
        identifiers.append(doi(match.group()))
    for prefix in ("pmid", "pmcid"):
        if values[prefix] and (digits := re.search(r"\d+", values[prefix][0])):
            identifiers.append(f"{prefix}:{'PMC' if prefix == 'pmcid' else ''}{digits.group()}")
    year = _YEAR.search(values["date"][0]) if values["date"] else None
    names = [name for value in values["authors"] for name in value.split(";")]
    return Record(
        title=values["title"][0] if "citation_title" in meta else _headline(tree, values["title"]),
        identifiers=tuple(identifiers),
        year=int(year.group()) if year else None,
        journal=values["journal"][0] if values["journal"] else None,
        authors=tuple(name.strip() for name in names if name.strip()),
    )


def _headline(tree: Any, named: list[str]) -> str:
    """The title as the page shows it: its main heading, else its name without that of the site."""
    headings = [" ".join(element.text_content().split()) for element in tree.iter("h1")]
    title = next((" ".join(element.text_content().split()) for element in tree.iter("title")), "")
    for heading in headings:
        # A site's name may be its first heading; the page's own is repeated in its title.
        if heading and (heading in title or heading in named):
            return str(heading)
    if len(headings) == 1 and headings[0].count(" ") > 1:
        return str(headings[0])
    if named:
        return named[0]
    return str(re.split(r"\s[|·–—-]\s", title, maxsplit=1)[0].strip())
