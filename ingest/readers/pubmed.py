"""PubMed XML: what efetch answers, and the baseline and update files (DTD pubmed_250101)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import xml
from ivigraph.ingest.readers.bibliography import date, identifiers, language, written_date
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, Section, clean, document, unique
from ivigraph.ingest.readers.xml import text_of
from ivigraph.model import Deletion, Heading, Related, Relation

# CommentsCorrections/@RefType. What is cited or merely a summary of another kind of thing is left out.
_RELATIONS = {
    "RetractionIn": Relation.RETRACTED_BY,
    "RetractionOf": Relation.RETRACTS,
    "PartialRetractionIn": Relation.CORRECTED_BY,
    "PartialRetractionOf": Relation.CORRECTS,
    "RetractedandRepublishedIn": Relation.RETRACTED_BY,
    "RetractedandRepublishedFrom": Relation.REPUBLISHES,
    "ErratumIn": Relation.CORRECTED_BY,
    "ErratumFor": Relation.CORRECTS,
    "ExpressionOfConcernIn": Relation.CONCERN_IN,
    "CorrectedandRepublishedIn": Relation.REPUBLISHED_AS,
    "CorrectedandRepublishedFrom": Relation.REPUBLISHES,
    "RepublishedIn": Relation.REPUBLISHED_AS,
    "RepublishedFrom": Relation.REPUBLISHES,
    "UpdateIn": Relation.UPDATED_BY,
    "UpdateOf": Relation.UPDATES,
    "CommentOn": Relation.COMMENTS_ON,
    "CommentIn": Relation.COMMENTED_BY,
}
_TAGS = ("PubmedArticle", "PubmedBookArticle", "DeleteCitation")
_REFERENCES = "ReferenceList/Reference/ArticleIdList"


def documents(
    stream: Readable, where: str, *, max_bytes: int, keep: Callable[[bytes], bool] | None = None
) -> Iterator[Item]:
    """The records of a file as documents, its deletions as Deletion; what could not be read as ReadError.

    `keep` sees the XML of each article and may drop it before it is parsed. Raises ReadError where reading ends.
    """
    for record in xml.records(stream, _TAGS, where, max_bytes=max_bytes):
        if isinstance(record, ReadError):
            yield record
        elif record.tag == "PubmedArticle" and keep is not None and not keep(record.data):
            continue
        else:
            try:
                yield from _items(xml.parse(record), record, where)
            except ReadError as error:
                yield error


def _items(element: etree._Element, record: xml.Record, where: str) -> Iterator[Item]:
    if record.tag == "DeleteCitation":
        for pmid in element.iterfind("PMID"):
            for curie in identifiers(pmid=pmid.text):
                yield Deletion(id=curie, source=f"{where}#{curie.removeprefix('pmid:')}")
        return
    pmid = element.findtext("MedlineCitation/PMID") or element.findtext("BookDocument/PMID")
    source = f"{where}#{pmid.strip()}" if pmid else record.where
    if record.tag == "PubmedBookArticle":
        yield ReadError(
            "this record is a book or a chapter, which is not read",
            where=source,
            remedy="nothing needs to be done; the articles of the file were read",
        )
        return
    citation, article = element.find("MedlineCitation"), element.find("MedlineCitation/Article")
    if citation is None or article is None:
        raise ReadError("the record holds no article", where=source, remedy="fetch the record again")
    yield document(_citation(citation, article, element.find("PubmedData")), _abstract(article), source)


def _abstract(article: etree._Element) -> Iterator[Section]:
    for part in article.iterfind("Abstract/AbstractText"):
        label = clean(part.get("Label"))
        # "UNLABELLED" marks a part without a heading.
        heading = "" if label.upper() == "UNLABELLED" else label
        if text := clean(text_of(part)):
            yield Section(("abstract", heading), tuple(filter(None, (heading, text))))


def _citation(citation: etree._Element, article: etree._Element, data: etree._Element | None) -> Citation:
    types = unique(clean(name.text) for name in article.iterfind("PublicationTypeList/PublicationType"))
    return Citation(
        identifiers=_identifiers(citation, article, data),
        title=_title(article),
        published=_published(article),
        journal=clean(article.findtext("Journal/Title"))
        or clean(citation.findtext("MedlineJournalInfo/MedlineTA"))
        or None,
        authors=unique(map(_author, article.iterfind("AuthorList/Author"))),
        language=language(article.findtext("Language")),
        publication_types=types,
        mesh=tuple(_heading(heading) for heading in citation.iterfind("MeshHeadingList/MeshHeading")),
        keywords=unique(clean(text_of(word)) for word in citation.iterfind("KeywordList/Keyword")),
        licence=None,
        references=() if data is None else unique(map(_reference, data.iterfind(_REFERENCES))),
        related=_related(citation, "Preprint" in types),
        revised=_revised(citation),
    )


def _identifiers(citation: etree._Element, article: etree._Element, data: etree._Element | None) -> tuple[str, ...]:
    ids = _article_ids(data.find("ArticleIdList") if data is not None else None)
    if "doi" not in ids:
        # A record still without PubmedData names its DOI here; ValidYN="N" marks one that was mistaken.
        for location in article.iterfind("ELocationID[@EIdType='doi']"):
            if location.get("ValidYN") != "N":
                ids["doi"] = location.text or ""
    return identifiers(doi=ids.get("doi"), pmid=citation.findtext("PMID"), pmcid=ids.get("pmc"))


def _reference(ids: etree._Element) -> str:
    """The identifier by which the cited document would be named, "" where the reference has none."""
    found = _article_ids(ids)
    return next(iter(identifiers(doi=found.get("doi"), pmid=found.get("pubmed"), pmcid=found.get("pmc"))), "")


def _article_ids(ids: etree._Element | None) -> dict[str, str]:
    return {} if ids is None else {id.get("IdType") or "": id.text or "" for id in ids if id.tag == "ArticleId"}


def _title(article: etree._Element) -> str:
    """The English title; PubMed brackets one that it translated, and has none for some old records."""
    element = article.find("ArticleTitle")
    title = clean(text_of(element)) if element is not None else ""
    bare = title.rstrip(".")
    if bare.startswith("[") and bare.endswith("]") and bare.count("[") == 1:
        title = bare[1:-1]
    if not title or title.startswith("Not Available"):
        vernacular = article.find("VernacularTitle")
        title = clean(text_of(vernacular)) if vernacular is not None else ""
    return title


def _published(article: etree._Element) -> str | None:
    """The date of the issue, as the citation has it, else that of the article on the web."""
    for path in ("Journal/JournalIssue/PubDate", "ArticleDate"):
        element = article.find(path)
        if element is None:
            continue
        found = date(element.findtext("Year"), element.findtext("Month"), element.findtext("Day"))
        if found := found or written_date(element.findtext("MedlineDate") or ""):
            return found
    return None


def _revised(citation: etree._Element) -> str | None:
    element = citation.find("DateRevised")
    if element is None:
        return None
    return date(element.findtext("Year"), element.findtext("Month"), element.findtext("Day"))


def _author(author: etree._Element) -> str:
    parts = {part.tag: part for part in author}
    last = clean(_text(parts, "LastName"))
    if not last:
        return clean(text_of(parts["CollectiveName"])) if "CollectiveName" in parts else ""
    first = clean(_text(parts, "ForeName")) or clean(_text(parts, "Initials"))
    return " ".join(filter(None, (first, last, clean(_text(parts, "Suffix")))))


def _text(parts: Mapping[str, etree._Element], name: str) -> str | None:
    return parts[name].text if name in parts else None


def _heading(heading: etree._Element) -> Heading:
    label, id, major = "", None, False
    qualifiers = []
    for name in heading:
        if name.tag == "DescriptorName":
            label, id = clean(name.text), name.get("UI")
        elif name.tag == "QualifierName":
            qualifiers.append(clean(name.text))
        major = major or name.get("MajorTopicYN") == "Y"
    return Heading(label=label, id=f"MESH:{id}" if id else None, qualifiers=tuple(qualifiers), major=major)


def _related(citation: etree._Element, is_preprint: bool) -> tuple[Related, ...]:
    found = []
    for link in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        relation = _RELATIONS.get(link.get("RefType") or "")
        ids = identifiers(pmid=link.findtext("PMID"))
        if relation is None or not ids:
            continue
        # PubMed links a preprint to its article as an update.
        if is_preprint and relation is Relation.UPDATED_BY:
            relation = Relation.PREPRINT_OF
        found.append(Related(relation=relation, id=ids[0]))
    return tuple(dict.fromkeys(found))
