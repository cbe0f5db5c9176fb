"""MEDLINE format: what PubMed saves as "PubMed" or .nbib, tags as in its help ("MEDLINE/PubMed data elements")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import tagged
from ivigraph.ingest.readers.bibliography import date, identifiers, language, written_date
from ivigraph.ingest.readers.streams import Readable
from ivigraph.ingest.readers.structured import Citation, Item, clean, document, labelled, unique
from ivigraph.model import Heading, Related, Relation

# Tags that link another citation; its PMID stands at the end of the value.
_RELATIONS = {
    "RIN": Relation.RETRACTED_BY,
    "ROF": Relation.RETRACTS,
    "EIN": Relation.CORRECTED_BY,
    "EFR": Relation.CORRECTS,
    "ECI": Relation.CONCERN_IN,
    "CRI": Relation.REPUBLISHED_AS,
    "CRF": Relation.REPUBLISHES,
    "RPI": Relation.REPUBLISHED_AS,
    "RPF": Relation.REPUBLISHES,
    "UIN": Relation.UPDATED_BY,
    "UOF": Relation.UPDATES,
    "CON": Relation.COMMENTS_ON,
    "CIN": Relation.COMMENTED_BY,
}
_PMID = re.compile(r"PMID:\s*(\d+)")


def documents(stream: Readable, where: str, *, max_bytes: int) -> Iterator[Item]:
    """The records of a file. Raises ReadError where reading ends."""
    for record in tagged.records(stream, where, first="PMID", max_bytes=max_bytes):
        if isinstance(record, ReadError):
            yield record
            continue
        pmid = record.first("PMID")
        sections = [] if not (abstract := clean(record.first("AB"))) else labelled(abstract)
        try:
            yield document(_citation(record), sections, f"{where}#{pmid}" if pmid.isdigit() else record.where)
        except ReadError as error:
            yield error


def _citation(record: tagged.Record) -> Citation:
    types = unique(map(clean, record.all("PT")))
    doi = next((value for value in record.all("LID", "AID") if value.endswith("[doi]")), None)
    return Citation(
        identifiers=identifiers(doi=doi, pmid=record.first("PMID"), pmcid=record.first("PMC")),
        title=_title(record),
        published=written_date(record.first("DP")),
        journal=clean(record.first("JT", "TA")) or None,
        authors=unique([*map(_name, record.all("FAU") or record.all("AU")), *map(clean, record.all("CN"))]),
        language=language(record.first("LA")),
        publication_types=types,
        mesh=tuple(_heading(value) for value in record.all("MH") if value),
        keywords=unique(clean(value.lstrip("*")) for value in record.all("OT")),
        related=_related(record, "Preprint" in types),
        revised=_revised(record.first("LR")),
    )


def _revised(value: str) -> str | None:
    return date(value[:4], value[4:6], value[6:8])


def _title(record: tagged.Record) -> str:
    title = record.first("TI", "BTI")
    bare = title.rstrip(".")
    if bare.startswith("[") and bare.endswith("]") and bare.count("[") == 1:
        title = bare[1:-1]
    return record.first("TT") if not title or title.startswith("Not Available") else title


def _name(value: str) -> str:
    """Turn "Dourmishev, Lyubomir A" into "Lyubomir A Dourmishev"."""
    last, _, first = value.partition(", ")
    return clean(f"{first} {last}")


def _heading(value: str) -> Heading:
    """Read "*Immunoglobulins, Intravenous/adverse effects"; a star marks a main point."""
    label, *qualifiers = clean(value).split("/")
    return Heading(
        label=label.lstrip("*"),
        qualifiers=tuple(qualifier.lstrip("*") for qualifier in qualifiers),
        major="*" in value,
    )


def _related(record: tagged.Record, is_preprint: bool) -> tuple[Related, ...]:
    found = []
    for tag, relation in _RELATIONS.items():
        for value in record.all(tag):
            if match := _PMID.search(value):
                # PubMed links a preprint to its article as an update.
                published = is_preprint and relation is Relation.UPDATED_BY
                kind = Relation.PREPRINT_OF if published else relation
                found += [Related(relation=kind, id=id) for id in identifiers(pmid=match.group(1))]
    return tuple(dict.fromkeys(found))
