"""The commands that ask NCBI: `ivigraph fetch` and `ivigraph watch`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ivigraph import console, ledger, pipeline, settings
from ivigraph.cli_ingest import tell
from ivigraph.errors import SettingsError
from ivigraph.ledger.searches import Search
from ivigraph.options import (
    AboutOption,
    ConfigOption,
    ExtractorOption,
    NetworkOption,
    ProcessesOption,
    StoreOption,
    VerboseOption,
)
from ivigraph.pipeline import Failure
from ivigraph.settings import Settings
from ivigraph.status import log_to_stderr, reported


@reported
def fetch(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[PMID|PMCID|DOI…]", help="Articles by their identifiers.")
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="QUERY", help="All that PubMed finds for a query.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only what was published since: 2020, 2020-04-17.")
    ] = None,
    full_text: Annotated[
        bool, typer.Option("--full-text", help="Fetch the full texts that PMC has of the articles, too.")
    ] = False,
    store: StoreOption = None,
    about: AboutOption = None,
    extractor: ExtractorOption = None,
    processes: ProcessesOption = None,
    allow_network: NetworkOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Fetch articles from PubMed and PMC, and read them into the store; a search is remembered for `ivigraph watch`."""
    from ivigraph import assembly, fetching

    log_to_stderr(verbose)
    if not ids and search is None:
        raise SettingsError("nothing to fetch", where="ivigraph fetch", remedy="give identifiers, or --search QUERY")
    flags = {"store": store, "extractor": extractor, "processes": processes, "allow_network": allow_network}
    chosen = settings.load(flags, config=config)
    wanted = fetching.wanted(ids or [])
    asked = None
    if search is not None:
        first = fetching.since(since) if since else None
        asked = Search(query=search, since=first, full_text=full_text, asked=datetime.now(UTC).date())
    ncbi = fetching.client(chosen)
    with assembly.opened_to_fill(chosen) as graph:
        files = _collected(fetching.fetched(ncbi, wanted, asked, full_text=full_text))
        report = assembly.ingest(files, graph, chosen, console.progress, about=about or [])
        if asked is not None:
            with ledger.opened(chosen.directory, writing=True) as entered:
                entered.searches.remember(asked)
        return tell(report, graph, chosen)


@reported
def watch(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH…]", help="Files or directories to look into as well.")
    ] = None,
    store: StoreOption = None,
    about: AboutOption = None,
    extractor: ExtractorOption = None,
    processes: ProcessesOption = None,
    allow_network: NetworkOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Read what is new or changed since the last run, of the searches that were fetched and of paths; say what it
    changed in the graph.
    """
    from ivigraph import assembly

    log_to_stderr(verbose)
    flags = {"store": store, "extractor": extractor, "processes": processes, "allow_network": allow_network}
    chosen = settings.load(flags, config=config)
    with assembly.opened(chosen) as graph:
        with ledger.opened(chosen.directory) as entered:
            searches = entered.searches.all()
        if not searches and not paths:
            raise SettingsError(
                "there is nothing to watch",
                where=str(chosen.directory),
                remedy="fetch a search first (ivigraph fetch --search QUERY), or name files or directories",
            )
        today = datetime.now(UTC).date()
        files = [*_news(searches, chosen), *pipeline.sources(paths or [])]
        report = assembly.ingest(files, graph, chosen, console.progress, about=about or [])
        with ledger.opened(chosen.directory, writing=True) as entered:
            for search in searches:
                entered.searches.remember(replace(search, asked=today))
        for sign, document in report.change.documents:
            print(f"{sign}\t{document}")
        return tell(report, graph, chosen)


def _news(searches: list[Search], chosen: Settings) -> list[Path | Failure]:
    from ivigraph import fetching

    if not searches:
        return []
    ncbi = fetching.client(chosen)
    return [file for search in searches for file in _collected(fetching.news(ncbi, search))]


def _collected(files: Iterable[Path | Failure]) -> list[Path | Failure]:
    """All files, with a count of what came on the way."""
    found: list[Path | Failure] = []
    with console.progress("fetching", 0) as advance:
        for file in files:
            found.append(file)
            advance(str(file))
    return found
