"""The commands that read documents into a store: `ivigraph ingest` and `ivigraph ledger`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ivigraph import console, ledger, pipeline, settings
from ivigraph.console import Layout
from ivigraph.ingest import files
from ivigraph.ingesting import Report
from ivigraph.ledger import shown
from ivigraph.options import (
    AboutOption,
    ConfigOption,
    ExtractorOption,
    FormatOption,
    MaxMbOption,
    Paths,
    ProcessesOption,
    StoreOption,
    VerboseOption,
)
from ivigraph.pipeline import Failure
from ivigraph.settings import Settings
from ivigraph.status import FAILED, SOME_FAILED, log_to_stderr, of_failures, reported
from ivigraph.store import Store

ledger_app = typer.Typer(
    name="ledger",
    help="Show what was read, when, by what and with which result.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_DIGESTS = ("sha256", "readers")  # which nobody reads in a table
_SKIPPED = 3  # names of files that were passed over, as examples


@reported
def ingest(
    paths: Paths,
    store: StoreOption = None,
    about: AboutOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read, and why; write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Read again what did not change, too.")] = False,
    extractor: ExtractorOption = None,
    processes: ProcessesOption = None,
    max_document_mb: MaxMbOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Read documents into the graph store: what is new or changed. A run that was stopped goes on where it was."""
    from ivigraph import assembly

    log_to_stderr(verbose)
    flags = {"store": store, "extractor": extractor, "max_document_mb": max_document_mb, "processes": processes}
    chosen = settings.load(flags, config=config)
    found = list(pipeline.sources(paths))
    _tell_skipped(paths)
    if dry_run:
        return _rehearse(found, chosen, about or [], force)
    with assembly.opened_to_fill(chosen) as graph:
        report = assembly.ingest(found, graph, chosen, console.progress, about=about or [], force=force)
        return tell(report, graph, chosen)


def _tell_skipped(paths: list[Path]) -> None:
    names = [file.name for path in paths if path.is_dir() for file in files.skipped([path])]
    if names:
        shown = ", ".join(names[:_SKIPPED]) + (", …" if len(names) > _SKIPPED else "")
        console.note(f"{len(names)} files passed over, their names promise no document: {shown}")


def _rehearse(found: list[Path | Failure], chosen: Settings, about: list[str], force: bool) -> int:
    from ivigraph import assembly

    counts: Counter[str] = Counter()
    for state, path in assembly.rehearsed(found, chosen, about, force):
        counts[state] += 1
        print(f"{state}\t{path}")
    failures = [item for item in found if isinstance(item, Failure)]
    console.note("; ".join(f"{count} files {state}" for state, count in counts.items()) or "no files")
    return of_failures(failures, counts.total())


def tell(report: Report, graph: Store, chosen: Settings) -> int:
    """What an ingest did, and its exit status."""
    where = f"generation {graph.generation} in {chosen.directory}" if graph.generation else "nothing was stored"
    console.note(console.summary(report, where))
    for note in report.notes:
        console.note(note)
    return of_failures(report.failures, report.documents)


@ledger_app.command("show")
@reported
def show(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH|ID…]", help="Files, directories, or identifiers of documents; all files without."
        ),
    ] = None,
    output: FormatOption = Layout.TABLE,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Show what was read: each file with its last reading, or what was taken from a document."""
    chosen = settings.load({"store": store}, config=config)
    missing = 0
    with ledger.opened(chosen.directory) as entered:
        rows: list[shown.FileRow | shown.DocumentRow] = []
        for name in what or [""]:
            found: list[shown.FileRow | shown.DocumentRow] = list(
                shown.files(entered.database, str(Path(name).absolute()) if name else "")
            )
            if not found and (document := shown.document(entered.database, name)):
                found = [document]
            if name and not found:
                missing += 1
                console.note(f"{name}: the ledger has no such file or document")
            rows += found
    left_out = _DIGESTS if output is Layout.TABLE else ()
    console.records([{k: v for k, v in asdict(row).items() if k not in left_out} for row in rows], output)
    return FAILED if missing else 0


@ledger_app.command("failures")
@reported
def failures(
    output: FormatOption = Layout.TABLE,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Show what could not be read, and what to do about it. Status 3 where there is anything."""
    chosen = settings.load({"store": store}, config=config)
    with ledger.opened(chosen.directory) as entered:
        errors = [*entered.files.failures(everything=True), *entered.results.failures(everything=True)]
    rows = [{"source": error.where, "error": error.message, "remedy": error.remedy} for error in errors]
    console.records(rows, output)
    return SOME_FAILED if rows else 0
