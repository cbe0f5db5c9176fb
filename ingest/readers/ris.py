"""RIS, which publishers, Zotero and EndNote export: one citation from TY to ER."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import tagged
from ivigraph.ingest.readers.bibliography import identifiers, language, written_date
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, clean, document, labelled, unique

_PUBMED = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d+)", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\d+\b")
_DATABASE = re.compile(r"pubmed|medline|nlm\b", re.IGNORECASE)
# Reference types that are no articles but name what kind of text they hold; all others say nothing about it.
_TYPES = {"NEWS": "News", "ELEC": "Web page", "BOOK": "Book", "CHAP": "Chapter", "THES": "Thesis"}


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The citations of a file. Raises ReadError where reading ends."""
    for record in tagged.records(stream, where, first="TY", last="ER", max_bytes=max_bytes):
        if isinstance(record, ReadError):
            yield record
            continue
        citation = _citation(record)
        # AB and N2 often hold the same abstract.
        abstract = clean(record.first("AB", "N2"))
        name = citation.identifiers[0].partition(":")[2] if citation.identifiers else record.first("ID")
        source = f"{where}#{name}" if name else record.where
        try:
            yield document(citation, labelled(abstract) if abstract else (), source)
        except ReadError as error:
            yield error


def _citation(record: tagged.Record) -> Citation:
    return Citation(
        identifiers=_identifiers(record),
        title=record.first("TI", "T1"),
        published=written_date(record.first("DA")) or written_date(record.first("PY", "Y1")),
        journal=clean(record.first("JF", "JO", "T2", "JA")) or None,
        authors=unique(map(_name, record.all("AU") or record.all("A1"))),
        language=language(record.first("LA")),
        publication_types=unique([_TYPES.get(record.first("TY"), ""), clean(record.first("M3"))]),
        keywords=unique(map(clean, record.all("KW"))),
    )


def _identifiers(record: tagged.Record) -> tuple[str, ...]:
    """AN is the number in a database, which DB or DP names; PubMed's own addresses tell the PMID as well."""
    addresses = " ".join(record.all("UR", "L1", "L2", "LK"))
    pmid = match.group(1) if (match := _PUBMED.search(addresses)) else None
    if pmid is None and _DATABASE.search(" ".join(record.all("DB", "DP"))):
        pmid = record.first("AN")
    pmcid = _PMCID.search(" ".join(record.all("C2", "UR", "L1", "L2")))
    doi = record.first("DO") or next((value for value in record.all("UR", "LK", "M3") if "doi.org/" in value), "")
    return identifiers(doi=doi, pmid=pmid, pmcid=pmcid.group() if pmcid else None)


def _name(value: str) -> str:
    """Turn "Dourmishev, Lyubomir A.,Jr" into "Lyubomir A. Dourmishev Jr"."""
    last, _, first = value.partition(",")
    first, _, suffix = first.partition(",")
    return clean(f"{first} {last} {suffix}")
