"""NCBI's E-utilities: a search or a list of identifiers becomes files of PubMed XML and JATS on disk.

ESearch and EPost leave what they found on NCBI's history server; EFetch takes it from there, some hundred records at a
time. Each answer is a file that is kept, so that what was interrupted goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from lxml import etree

from ivigraph.errors import ReadError
from ivigraph.ingest.fetch.http import Client
from ivigraph.ingest.readers import bibliography

BATCH = 200  # records that are fetched at a time
MOST = 9_999  # that ESearch lists of one search; a larger one is cut at dates
_FIRST = date(1780, 1, 1)  # before the oldest record
_LAST = timedelta(days=3 * 366)  # after today: issues are dated ahead
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": True}


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: PMIDs, and their place on the history server."""

    ids: tuple[str, ...]
    environment: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a search; `kind` is the date that counts: pdat of publication, edat of entry, mdat of change."""

    kind: str
    first: date
    last: date


def published_since(since: date | None, today: date) -> Window:
    return Window(kind="pdat", first=since or _FIRST, last=today + _LAST)


def search(client: Client, query: str, window: Window, *, max_age: float = 86_400.0) -> Iterator[Found]:
    """The PMIDs that a query finds, in parts of at most `MOST`. Raises ReadError with what PubMed says of the query."""
    form = {
        "db": "pubmed",
        "term": query,
        "usehistory": "y",
        "retmax": str(MOST),
        "datetype": window.kind,
        "mindate": f"{window.first:%Y/%m/%d}",
        "maxdate": f"{window.last:%Y/%m/%d}",
    }
    root = _parsed(client.post("esearch.fcgi", form, valid=_is_whole("eSearchResult"), max_age=max_age))
    _refuse_errors(root, f"search {query!r}")
    count = int(root.findtext("Count") or 0)
    if count > MOST and window.first < window.last:
        middle = window.first + (window.last - window.first) // 2
        for first, last in ((window.first, middle), (middle + timedelta(days=1), window.last)):
            part = Window(kind=window.kind, first=first, last=last)
            yield from search(client, query, part, max_age=max_age)
        return
    ids = tuple(element.text or "" for element in root.iterfind("IdList/Id"))
    if ids:
        yield Found(ids, root.findtext("WebEnv") or "", root.findtext("QueryKey") or "")


def pmid_of_doi(client: Client, doi: str) -> str:
    """The PMID of an article. Raises ReadError where PubMed has none, or more than one."""
    form = {"db": "pubmed", "term": f"{doi}[doi]", "retmax": "5"}
    root = _parsed(client.post("esearch.fcgi", form, valid=_is_whole("eSearchResult")))
    ids = [element.text or "" for element in root.iterfind("IdList/Id")]
    # PubMed leaves out a term that it does not find, and searches for what is left of it.
    if len(ids) != 1:
        raise ReadError(
            "PubMed has no article with this DOI" if not ids else "PubMed finds several articles for this DOI",
            where=f"doi:{doi}",
            remedy="give its PMID, or save the article and ingest the file",
        )
    return ids[0]


def pubmed_files(client: Client, found: Found, *, max_age: float = 86_400.0) -> Iterator[Path]:
    """The records of what was found, as files of PubMed XML in its order."""
    for number, ids in enumerate(batched(found.ids, BATCH)):
        yield _file(client, "pubmed", ids, found, number * BATCH, max_age)


def pmc_files(client: Client, pmcids: Sequence[str], *, max_age: float = 86_400.0) -> Iterator[Path]:
    """The full texts of articles ("PMC3257650"), as files of JATS; PMC gives of some no more than the abstract."""
    for ids in batched([id.upper().removeprefix("PMC") for id in pmcids], BATCH // 10):
        yield _file(client, "pmc", ids, Found(ids), 0, max_age)


def _file(client: Client, database: str, ids: Sequence[str], found: Found, start: int, max_age: float) -> Path:
    root = "PubmedArticleSet" if database == "pubmed" else "pmc-articleset"
    name = f"{database}/{hashlib.sha256(','.join(ids).encode()).hexdigest()[:32]}.xml"
    form = {"db": database, "retmode": "xml"}
    history = {"WebEnv": found.environment, "query_key": found.query, "retstart": str(start), "retmax": str(len(ids))}
    valid = _is_whole(root)
    if found.environment:
        try:
            client.post("efetch.fcgi", {**form, **history}, valid=valid, keep_as=name, max_age=max_age)
            return client.kept(name)
        except ReadError:
            pass  # what lies on the history server is forgotten after some hours: put there again
    posted = _posted(client, database, ids)
    history = {"WebEnv": posted.environment, "query_key": posted.query, "retstart": "0", "retmax": str(len(ids))}
    client.post("efetch.fcgi", {**form, **history}, valid=valid, keep_as=name, max_age=max_age)
    return client.kept(name)


def _posted(client: Client, database: str, ids: Sequence[str]) -> Found:
    form = {"db": database, "id": ",".join(ids)}
    root = _parsed(client.post("epost.fcgi", form, valid=_is_whole("ePostResult"), max_age=0))
    _refuse_errors(root, f"{database} {', '.join(ids[:3])}")
    return Found(tuple(ids), root.findtext("WebEnv") or "", root.findtext("QueryKey") or "")


def identifiers_in(file: Path) -> list[tuple[str, ...]]:
    """The identifiers of each record of a file of PubMed XML: doi:, pmid:, pmcid:."""
    root = _parsed(file.read_bytes())
    found = []
    for record in root:
        pmid = record.findtext("MedlineCitation/PMID") or record.findtext("BookDocument/PMID")
        ids = {e.get("IdType"): e.text for e in record.iterfind("PubmedData/ArticleIdList/ArticleId")}
        found.append(bibliography.identifiers(doi=ids.get("doi"), pmid=pmid, pmcid=ids.get("pmc")))
    return found


def batched(ids: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    rest = iter(ids)
    while batch := tuple(islice(rest, size)):
        yield batch


def _parsed(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(**_PARSER))


def _is_whole(tag: str) -> Callable[[bytes], bool]:
    def is_whole(data: bytes) -> bool:
        try:
            return bool(_parsed(data).tag == tag)
        except etree.XMLSyntaxError:
            return False

    return is_whole


def _refuse_errors(root: etree._Element, where: str) -> None:
    said = [element.text or "" for element in root.iter("ERROR")]
    if said:
        raise ReadError(f"PubMed says: {'; '.join(said)}", where=where, remedy="correct the search, or the identifiers")
