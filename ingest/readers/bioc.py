"""BioC, XML and JSON: the collections of PubMed Central, PubTator and corpora; annotations are not read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import streams, xml
from ivigraph.ingest.readers.bibliography import identifiers, written_date
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, Section, clean, document, unique
from ivigraph.ingest.readers.xml import text_of

_TAGS = ("document",)
# What PubMed Central calls its sections ("section_type"), and those that are beside the article.
_SECTIONS = {
    "abstract": "abstract", "intro": "introduction", "methods": "methods", "results": "results",
    "discuss": "discussion", "concl": "conclusions", "case": "case", "appendix": "appendix", "review": "body",
}  # fmt: skip
_BESIDE = frozenset(
    {"ref", "ack_fund", "auth_cont", "comp_int", "suppl", "abbr", "review_info", "keyword", "pubyear", "journal"}
)
_HEADING = re.compile(r"(?:abstract_)?title_([1-9])")


@dataclass(frozen=True, slots=True)
class _Passage:
    infons: Mapping[str, str]
    text: str


def xml_documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The documents of a collection in XML. Raises ReadError where reading ends."""
    for record in xml.records(stream, _TAGS, where, max_bytes=max_bytes):
        if isinstance(record, ReadError):
            yield record
            continue
        try:
            element = xml.parse(record)
            id = clean(element.findtext("id"))
            passages = [_passage(passage) for passage in element.iterchildren("passage")]
            yield _document(id, _infons(element), passages, where, record.where)
        except ReadError as error:
            yield error


def json_documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The documents of a collection in JSON, or of the list of collections that PubMed Central answers.

    The whole file is one value, so it may have `max_bytes` at most. Raises ReadError for what is no such value.
    """
    data = streams.whole(streams.utf8(stream, where), where, max_bytes=max_bytes)
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ReadError(f"the JSON is broken: {error}", where=where, remedy="fetch the file again") from error
    found = list(_collected(value))
    if not found:
        raise ReadError("the file holds no BioC document", where=where, remedy="fetch the file again")
    for number, item in enumerate(found, start=1):
        place = f"{where}, document {number}"
        passages = [_json_passage(passage) for passage in _list(item, "passages") if isinstance(passage, dict)]
        try:
            yield _document(clean(str(item.get("id") or "")), _json_infons(item), passages, where, place)
        except ReadError as error:
            yield error


def _collected(value: object) -> Iterator[dict[str, object]]:
    """The documents in a document, a collection, or a list of either; PubTator names its list "PubTator3"."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from _collected(item)
    elif isinstance(value, dict):
        if "passages" in value:
            yield value
        for key in ("documents", "PubTator3"):
            for item in _list(value, key):
                if isinstance(item, dict) and "passages" in item:
                    yield item


def _list(value: Mapping[str, object], key: str) -> list[object]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _passage(element: etree._Element) -> _Passage:
    text = element.findtext("text")
    if text is None:
        text = " ".join(sentence.findtext("text") or "" for sentence in element.iterchildren("sentence"))
    return _Passage(_infons(element), text)


def _infons(element: etree._Element) -> dict[str, str]:
    return {infon.get("key") or "": clean(text_of(infon)) for infon in element.iterchildren("infon")}


def _json_passage(value: dict[str, object]) -> _Passage:
    text = value.get("text")
    if not text:
        sentences = (sentence for sentence in _list(value, "sentences") if isinstance(sentence, dict))
        text = " ".join(str(sentence.get("text") or "") for sentence in sentences)
    return _Passage(_json_infons(value, ()), str(text))


def _json_infons(
    value: dict[str, object], beside: tuple[str, ...] = ("pmid", "pmcid", "date", "journal")
) -> dict[str, str]:
    """The infons of a document or passage; PubTator writes some of a document's beside them."""
    infons = value.get("infons")
    named = {**{key: value.get(key) for key in beside}, **(infons if isinstance(infons, dict) else {})}
    return {str(key): clean(str(infon)) for key, infon in named.items() if infon}


def _document(id: str, infons: Mapping[str, str], passages: list[_Passage], where: str, place: str) -> Item:
    return document(_citation(id, infons, passages), _sections(passages), f"{where}#{id}" if id else place)


def _citation(id: str, named: Mapping[str, str], passages: list[_Passage]) -> Citation:
    """The infons of document and passages, of which the first passage carries most."""
    infons: dict[str, str] = dict(named)
    references: list[str] = []
    for passage in passages:
        if _kind(passage) == "ref":
            references += _cited(passage.infons)
        else:
            infons = {**passage.infons, **infons}
    # A number alone is a PMID, but PubMed Central, which tells sections apart, names its articles by number as well.
    central = id.upper().startswith("PMC") or "section_type" in infons
    return Citation(
        identifiers=identifiers(
            doi=infons.get("article-id_doi") or infons.get("doi"),
            pmid=infons.get("article-id_pmid") or infons.get("pmid") or (None if central else id),
            pmcid=infons.get("article-id_pmc") or infons.get("pmcid") or (id if central else None),
        ),
        title=next((passage.text for passage in passages if _is_title(passage)), ""),
        published=written_date(infons.get("date") or infons.get("year") or ""),
        journal=_journal(infons.get("journal-title") or infons.get("journal")),
        authors=unique(_names(infons)),
        keywords=unique(map(clean, infons["kwd"].split(";"))) if ";" in infons.get("kwd", "") else (),
        licence=infons.get("license") or None,
        references=unique(references),
    )


def _cited(infons: Mapping[str, str]) -> tuple[str, ...]:
    named = {kind: infons.get(f"pub-id_{kind}") for kind in ("doi", "pmid", "pmcid")}
    return identifiers(**named)[:1]


def _journal(value: str | None) -> str | None:
    """PubTator writes the citation behind the name ("Mol Cell;2024Jan24. doi:…")."""
    return re.split(r"[.;]\s*\d{4}", value or "", maxsplit=1)[0].strip() or None


def _names(infons: Mapping[str, str]) -> Iterator[str]:
    """From "surname:Doe;given-names:Jane" in name_0, name_1 and so on, or "Doe J, Roe R" in authors."""
    for number in range(len(infons)):
        if named := infons.get(f"name_{number}"):
            parts = dict(part.split(":", 1) for part in named.split(";") if ":" in part)
            yield clean(f"{parts.get('given-names', '')} {parts.get('surname', '')}")
    yield from map(clean, infons.get("authors", "").split(","))


def _kind(passage: _Passage) -> str:
    infons = passage.infons
    return (infons.get("section_type") or infons.get("section") or infons.get("type") or "").lower()


def _is_title(passage: _Passage) -> bool:
    return _kind(passage) in ("title", "front")


def _sections(passages: list[_Passage]) -> Iterator[Section]:
    """Passages under the headings above them; the parts of a table or a figure are one section."""
    path: tuple[str, ...] = ()
    under = opened = ""  # what PubMed Central calls the section, and the table or figure that is open
    paragraphs: list[str] = []
    for passage in passages:
        kind, form = _kind(passage), passage.infons.get("type", "").lower()
        if _is_title(passage) or kind in _BESIDE:
            continue
        here = path if kind == under else (_SECTIONS.get(kind, kind) or "body",)
        opens = kind != under
        if kind in ("table", "fig") or form.startswith(("table", "fig")):
            here = ("figure" if "fig" in (kind, form[:3]) else "table",)
            opens = opens or passage.infons.get("id", opened) != opened
            opened = passage.infons.get("id", opened)
        elif heading := _HEADING.fullmatch(form):
            # The parts of an abstract stand under it, those of the body under its own first heading.
            above = int(heading.group(1)) - (kind != "abstract")
            here, opens = (*here[:above], passage.text) if kind in (under, "abstract") else (passage.text,), True
        if opens:
            yield Section(path, tuple(paragraphs))
            paragraphs = []
        path, under = here, kind
        paragraphs.append(_rows(passage.text) if form == "table" else passage.text)
    yield Section(path, tuple(paragraphs))


def _rows(text: str) -> str:
    """A table as PubMed Central flattens it: cells parted by tabs, rows by a tab, a space and a tab."""
    return "\n".join(" | ".join(row.split("\t")) for row in text.split("\t \t"))
