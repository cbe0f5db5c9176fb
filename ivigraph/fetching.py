"""What `ivigraph fetch` and `ivigraph watch` ask of NCBI, and which files come of it for an ingest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ivigraph.errors import IvigraphError, ReadError, SettingsError
from ivigraph.ingest.fetch import eutils
from ivigraph.ingest.fetch.http import Client
from ivigraph.ledger.searches import Search
from ivigraph.pipeline import Failure
from ivigraph.settings import Settings

FOLDER = "fetched"  # below the directory of the store
_OVERLAP = timedelta(days=1)  # NCBI dates by its own clock


@dataclass(frozen=True, slots=True)
class Wanted:
    """Identifiers by kind, as they were asked for."""

    pmids: tuple[str, ...] = ()
    pmcids: tuple[str, ...] = ()
    dois: tuple[str, ...] = ()


def wanted(names: Iterable[str]) -> Wanted:
    """Sort identifiers by kind. Raises SettingsError for what is none."""
    found: dict[str, list[str]] = {"pmid": [], "pmc": [], "doi": []}
    for name in names:
        plain = re.sub(r"^(?:pmid|pmcid|doi):\s*|^https?://(?:dx\.)?doi\.org/", "", name.strip(), flags=re.IGNORECASE)
        if re.fullmatch(r"[1-9][0-9]{0,8}", plain):
            found["pmid"].append(plain)
        elif re.fullmatch(r"PMC[1-9][0-9]{0,8}", plain, re.IGNORECASE):
            found["pmc"].append(plain.upper())
        elif re.fullmatch(r"10\.[0-9]{4,9}/\S+", plain):
            found["doi"].append(plain)
        else:
            raise SettingsError(
                "is no PMID, PMCID or DOI", where=name, remedy="write 28856544, PMC3257650 or 10.1007/s10354-017-0595-x"
            )
    return Wanted(*(tuple(dict.fromkeys(ids)) for ids in found.values()))


def since(text: str) -> date:
    """The day that "2020", "2020-04" or "2020/04/17" begins with. Raises SettingsError."""
    parts = re.fullmatch(r"(\d{4})(?:[-/](\d{1,2}))?(?:[-/](\d{1,2}))?", text.strip())
    try:
        if parts is None:
            raise ValueError
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError as error:
        raise SettingsError("is no date", where=f"--since {text}", remedy="write 2020 or 2020-04-17") from error


def client(settings: Settings) -> Client:
    """Raises SettingsError unless the network is allowed."""
    if not settings.allow_network:
        raise SettingsError(
            "is on the network, which is not used unless asked for",
            where=settings.ncbi_url,
            remedy="give --allow-network, or set allow_network",
        )
    return Client(
        url=settings.ncbi_url,
        directory=settings.directory / FOLDER,
        email=settings.ncbi_email,
        key=settings.ncbi_api_key,
    )


def fetched(ncbi: Client, ids: Wanted, search: Search | None, *, full_text: bool) -> Iterator[Path | Failure]:
    """The files of what is asked for; what is not to be had is a failure among them."""
    pmids = list(ids.pmids)
    for doi in ids.dois:
        try:
            pmids.append(eutils.pmid_of_doi(ncbi, doi))
        except ReadError as error:
            yield Failure(doi, error)
    found = [eutils.Found(tuple(dict.fromkeys(pmids)))] if pmids else []
    yield from _files(ncbi, found, full_text=full_text)
    yield from eutils.pmc_files(ncbi, ids.pmcids)
    if search is not None:
        window = eutils.published_since(search.since, _today())
        yield from _files(ncbi, eutils.search(ncbi, search.query, window), full_text=full_text)


def news(ncbi: Client, search: Search) -> Iterator[Path | Failure]:
    """The files of what a search finds that was entered or changed since it was last asked."""
    query = search.query
    if search.since is not None:
        query = f"({query}) AND {search.since:%Y/%m/%d}:3000[pdat]"
    first = search.asked - _OVERLAP
    new: dict[str, None] = {}
    for kind in ("edat", "mdat"):
        window = eutils.Window(kind=kind, first=first, last=_today() + timedelta(days=1))
        for found in eutils.search(ncbi, query, window, max_age=0):
            new.update(dict.fromkeys(found.ids))
    yield from _files(ncbi, [eutils.Found(tuple(new))] if new else [], full_text=search.full_text, max_age=0)


def _files(
    ncbi: Client,
    found: Iterable[eutils.Found],
    *,
    full_text: bool,
    max_age: float = 86_400.0,
) -> Iterator[Path | Failure]:
    for part in found:
        given: set[str] = set()
        for file in eutils.pubmed_files(ncbi, part, max_age=max_age):
            records = eutils.identifiers_in(file)
            given.update(id for record in records for id in record)
            yield file
            if full_text:
                yield from eutils.pmc_files(ncbi, _with("pmcid", records), max_age=max_age)
        for pmid in part.ids:
            if f"pmid:{pmid}" not in given:
                yield Failure(pmid, _missing(pmid))


def _with(kind: str, records: Sequence[tuple[str, ...]]) -> list[str]:
    return [id.partition(":")[2] for record in records for id in record if id.startswith(f"{kind}:")]


def _missing(pmid: str) -> IvigraphError:
    return ReadError("PubMed has no record of this number", where=f"pmid:{pmid}", remedy="check the number")


def _today() -> date:
    return datetime.now(UTC).date()
