"""JATS, the XML of journals and of PubMed Central (NISO Z39.96 and the NLM DTD before it)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import jats_front, xml
from ivigraph.ingest.readers.furniture import ends_article
from ivigraph.ingest.readers.jats_text import FLOATING, heading_of, sections
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Item, Section, document, label
from ivigraph.model import Document, Related, Relation

_TAGS = ("article",)


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The article of a file and its sub-articles, or the articles of a set. Raises ReadError where reading ends."""
    for record in xml.records(stream, _TAGS, where, max_bytes=max_bytes):
        if isinstance(record, ReadError):
            yield record
            continue
        try:
            yield from _article(xml.parse(record), where, record)
        except ReadError as error:
            yield error


def _article(root: etree._Element, where: str, record: xml.Record) -> Iterator[Document | ReadError]:
    citation = jats_front.citation(root)
    name = citation.identifiers[-1].partition(":")[2] if citation.identifiers else ""
    source = where if record.is_root else f"{where}#{name}" if name else record.where
    main = document(citation, _sections(root), source)
    yield main
    for number, part in enumerate(root.iterchildren("sub-article", "response"), start=1):
        yield from _part(part, main, f"{source}#{part.get('id') or f'sub-article-{number}'}")


def _part(part: etree._Element, whole: Document, source: str) -> Iterator[Document | ReadError]:
    """A letter with its reply, a translation or the papers of a supplement: documents of their own."""
    citation = jats_front.citation(part)
    citation.related = (*citation.related, Related(relation=Relation.PART_OF, id=whole.id))
    citation.journal = citation.journal or whole.journal
    citation.published = citation.published or whole.published
    citation.licence = citation.licence or whole.licence
    # A stub may repeat the identifiers of the article around it.
    citation.identifiers = tuple(id for id in citation.identifiers if id not in whole.identifiers)
    try:
        result = document(citation, _sections(part), source)
    except ReadError as error:
        yield error
        return
    yield result
    for number, inner in enumerate(part.iterchildren("sub-article", "response"), start=1):
        yield from _part(inner, result, f"{source}-{inner.get('id') or number}")


def _sections(article: etree._Element) -> Iterator[Section]:
    """Abstracts, body, floating tables and figures, appendices; not what thanks, declares or lists references."""
    for path in ("front/article-meta/abstract", "front-stub/abstract"):
        for abstract in article.iterfind(path):
            kind = abstract.get("abstract-type")
            if kind not in _SIGHTS:
                # "Editors' Summary" and the like are not the authors' own abstract.
                yield from sections(abstract, ((kind and heading_of(abstract)) or "abstract",))
    for path in ("body", "floats-group", "floats-wrap"):
        for element in article.iterchildren(path):
            yield from _article_only(sections(element, ()))
    for appendix in article.iterfind("back/app-group/app"):
        yield from sections(appendix, (heading_of(appendix) or "appendix",))


_SIGHTS = frozenset({"graphical", "teaser", "toc"})  # a picture, or a line that only advertises the article


def _article_only(found: Iterator[Section]) -> Iterator[Section]:
    """Without "Competing interests", "Authors' contributions" and what else is beside the article."""
    return (
        section for section in found if section.path in FLOATING or not (section.path and _is_beside(section.path[0]))
    )


def _is_beside(heading: str) -> bool:
    return ends_article(heading) or label(heading) in _BESIDE


_BESIDE = frozenset(
    {"pre-publication history", "supporting information", "additional files", "electronic supplementary material"}
)
