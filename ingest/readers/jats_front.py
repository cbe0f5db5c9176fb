"""What the front of a JATS article says about it: identifiers, people, dates, licence, and its references."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ivigraph.ingest.readers.bibliography import date, identifiers, language
from ivigraph.ingest.readers.structured import Citation, clean, unique
from ivigraph.ingest.readers.xml import text_of
from ivigraph.model import Related, Relation

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LICENCE_REF = "{http://www.niso.org/schemas/ali/1.0/}license_ref"
# The date of the issue, which a citation gives, before that of the article on the web.
_DATES = ("ppub", "epub-ppub", "collection", "print", "pub", "epub", "electronic", "")
# related-article/@related-article-type, as PubMed Central uses it.
_RELATIONS = {
    "retracted-article": Relation.RETRACTS,
    "retraction-forward": Relation.RETRACTED_BY,
    "corrected-article": Relation.CORRECTS,
    "correction-forward": Relation.CORRECTED_BY,
    "object-of-concern": Relation.COMMENTS_ON,
    "concern-forward": Relation.CONCERN_IN,
    "updated-article": Relation.UPDATES,
    "update-forward": Relation.UPDATED_BY,
    "addended-article": Relation.CORRECTS,
    "addendum": Relation.CORRECTED_BY,
    "commentary-article": Relation.COMMENTS_ON,
    "commentary": Relation.COMMENTED_BY,
    "letter": Relation.COMMENTED_BY,
    "preprint": Relation.HAS_PREPRINT,
    "published-article": Relation.PREPRINT_OF,
    "republished-article": Relation.REPUBLISHES,
    "republication-forward": Relation.REPUBLISHED_AS,
}


def citation(article: etree._Element) -> Citation:
    """The record of an article, a sub-article or a response."""
    meta = article.find("front/article-meta")
    if meta is None:
        meta = article.find("front-stub")
    if meta is None:
        return Citation(title=_untitled(article), references=_references(article))
    permissions = meta.find("permissions")
    return Citation(
        identifiers=_identifiers(meta.iterchildren("article-id"), "pub-id-type"),
        title=_title(meta),
        published=_published(meta),
        journal=_journal(article),
        authors=unique(_authors(meta)),
        language=language(article.get(_LANG)),
        publication_types=_types(article, meta),
        keywords=unique(
            clean(text_of(word)) for group in meta.iterchildren("kwd-group") for word in group.iterdescendants("kwd")
        ),
        licence=_licence(permissions) if permissions is not None else None,
        references=_references(article),
        related=_related(meta),
    )


def _identifiers(ids: Iterator[etree._Element], attribute: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for element in ids:
        found.setdefault(element.get(attribute) or "", clean(text_of(element)))
    # Newer files of PubMed Central write pmcid, older ones pmc.
    return identifiers(doi=found.get("doi"), pmid=found.get("pmid"), pmcid=found.get("pmcid") or found.get("pmc"))


def _title(meta: etree._Element) -> str:
    group = meta.find("title-group")
    title, subtitle = (group.find(name) if group is not None else None for name in ("article-title", "subtitle"))
    parts = [clean(_without_notes(part)) for part in (title, subtitle) if part is not None]
    return ": ".join(part.rstrip(":") if number < len(parts) - 1 else part for number, part in enumerate(parts))


def _without_notes(element: etree._Element) -> str:
    """The text without footnote marks ("A case report*")."""
    for note in list(element.iter("fn", "xref")):
        if note.get("ref-type") in (None, "fn", "author-notes", "corresp") and (parent := note.getparent()) is not None:
            previous = note.getprevious()
            if previous is None:
                parent.text = (parent.text or "") + (note.tail or "")
            else:
                previous.tail = (previous.tail or "") + (note.tail or "")
            parent.remove(note)
    return text_of(element)


def _untitled(article: etree._Element) -> str:
    title = article.find("body/title")
    return text_of(title) if title is not None else ""


def _published(meta: etree._Element) -> str | None:
    """The year of the first kind of date that is there, as exactly as any date of that year says it."""
    found: dict[str, str] = {}
    for element in meta.iterchildren("pub-date"):
        parts = (clean(element.findtext(name)) for name in ("year", "month", "day"))
        if written := date(*parts):
            found.setdefault(
                element.get("pub-type") or element.get("publication-format") or element.get("date-type") or "", written
            )
    first = next((found[kind] for kind in _DATES if kind in found), None)
    if first is None:
        return None
    known = [found[kind] for kind in _DATES if kind in found and found[kind].startswith(first)]
    return max(known, key=len)


def _journal(article: etree._Element) -> str | None:
    for path in ("front/journal-meta/journal-title-group/journal-title", "front/journal-meta/journal-title"):
        if title := clean(article.findtext(path)):
            return title
    return None


def _authors(meta: etree._Element) -> Iterator[str]:
    for group in meta.iterchildren("contrib-group"):
        for contributor in group.iterchildren("contrib"):
            if contributor.get("contrib-type") not in (None, "author"):
                continue
            for name in contributor.iterdescendants("name", "string-name", "collab"):
                yield _name(name)
                break


def _name(element: etree._Element) -> str:
    parts = (clean(element.findtext(part)) for part in ("given-names", "surname", "suffix"))
    # A collaboration may list its members inside; only its own name is wanted.
    own = clean("".join([element.text or "", *(child.tail or "" for child in element)]))
    return " ".join(filter(None, parts)) or own or clean(element.findtext("institution"))


def _types(article: etree._Element, meta: etree._Element) -> tuple[str, ...]:
    headings = [
        clean(text_of(subject))
        for group in meta.iterfind("article-categories/subj-group[@subj-group-type='heading']")
        for subject in group.iterchildren("subject")
    ]
    return unique([clean(article.get("article-type") or article.get("response-type")), *headings])


def _licence(permissions: etree._Element) -> str | None:
    """The address of the licence, else what it says."""
    for element in permissions.iterchildren("license"):
        named = element.get(_HREF) or clean(element.findtext(_LICENCE_REF))
        links = (link.get(_HREF) or "" for link in element.iterdescendants("ext-link", "uri"))
        return (
            named
            or next((link for link in links if "creativecommons" in link), None)
            or clean(text_of(element))
            or None
        )
    return clean(permissions.findtext(_LICENCE_REF)) or None


def _references(article: etree._Element) -> tuple[str, ...]:
    """What the article cites, each by the identifier that would name it; without that a reference is left out."""
    found: list[str] = []
    for back in article.iterchildren("back"):
        for reference in back.iterdescendants("ref"):
            for cited in reference.iterdescendants("element-citation", "mixed-citation", "citation", "nlm-citation"):
                found += _identifiers(cited.iterdescendants("pub-id"), "pub-id-type")[:1]
    return unique(found)


def _related(meta: etree._Element) -> tuple[Related, ...]:
    found: list[Related] = []
    for link in meta.iterdescendants("related-article"):
        relation = _RELATIONS.get(link.get("related-article-type") or "")
        kind, target = link.get("ext-link-type") or "doi", link.get(_HREF)
        if relation is None or not target:
            continue
        ids = identifiers(
            doi=target if kind == "doi" else None,
            pmid=target if kind in ("pubmed", "pmid") else None,
            pmcid=target if kind in ("pmc", "pmcid") else None,
        )
        found += [Related(relation=relation, id=id) for id in ids]
    return tuple(dict.fromkeys(found))
