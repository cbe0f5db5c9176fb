"""The command line: a thin table over the functions of the rooms.

Data goes to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 wrong usage,
3 some documents failed, 130 interrupted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ivigraph import __version__, console, pipeline, settings
from ivigraph.cli_copies import backup, restore, verify
from ivigraph.cli_fetch import fetch, watch
from ivigraph.cli_ingest import ingest, ledger_app
from ivigraph.cli_ontology import link, ontology_app
from ivigraph.cli_token import token_app
from ivigraph.console import Layout
from ivigraph.errors import ShapeError
from ivigraph.options import (
    AnyStoreOption,
    ConfigOption,
    ExtractorOption,
    FormatOption,
    MaxMbOption,
    Paths,
    PortOption,
    ProcessesOption,
    VerboseOption,
)
from ivigraph.status import FAILED, reported
from ivigraph.status import log_to_stderr as _log
from ivigraph.status import of_failures as _status

app = typer.Typer(
    name="ivigraph",
    help="Reads documents about immunoglobulin therapy into a graph of claims, each with its sentence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

TimeoutOption = Annotated[float | None, typer.Option("--timeout", help="Seconds after which a query is ended.")]


class ExtractFormat(StrEnum):
    JSONL = "jsonl"
    TABLE = "table"


class Picture(StrEnum):
    NETWORK = "network"
    MATRIX = "matrix"
    TIMELINE = "timeline"
    FOREST = "forest"
    EVIDENCE = "evidence"


def main() -> NoReturn:
    """Entry point of the command `ivigraph`."""
    app()
    sys.exit(0)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if show:
        print(f"ivigraph {__version__}")
        raise typer.Exit


@app.command("extract")
@reported
def extract(
    paths: Paths,
    output: Annotated[
        ExtractFormat, typer.Option("--format", help="jsonl: one object a document; table: for reading.")
    ] = ExtractFormat.JSONL,
    extractor: ExtractorOption = None,
    processes: ProcessesOption = None,
    max_document_mb: MaxMbOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Print the claims of documents, with their sentences, without storing them."""
    from ivigraph import assembly
    from ivigraph.ingest.jsonl import to_json

    _log(verbose)
    chosen = settings.load(
        {"extractor": extractor, "max_document_mb": max_document_mb, "processes": processes}, config=config
    )
    files = list(pipeline.sources(paths))
    failures, done = [], 0
    with console.progress("reading", len(files)) as advance:
        for item in assembly.extractions(files, chosen):
            if isinstance(item, pipeline.Failure):
                failures.append(item)
                advance(item.source)
                continue
            done += 1
            if output is ExtractFormat.JSONL:
                print(json.dumps(to_json(item), ensure_ascii=False))
            else:
                console.claims(item)
            advance(item.document.source)
    return _status(failures, done)


@app.command("eval")
@reported
def evaluate(
    gold: Annotated[
        list[Path],
        typer.Argument(metavar="GOLD…", help="Corpora (.jsonl) and gold claims (.yaml), docs/evaluation.md."),
    ],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="REPORT", help="Page that shows every error in its sentence.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="Measure the first records of a corpus only.")] = None,
    extractor: ExtractorOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Measure the extractor on annotated texts."""
    from ivigraph import assembly
    from ivigraph.evaluation import report, run

    _log(verbose)
    chosen = settings.load({"extractor": extractor}, config=config)
    with console.progress("measuring", len(gold)) as advance:
        figures, errors = run.evaluate(gold, assembly.reading(chosen), limit=limit, advance=advance)
    print(report.table(figures))
    print()
    print(report.kinds(errors))
    if html is not None:
        html.write_text(report.page(figures, errors, f"Evaluation of {chosen.extractor}"), encoding="utf-8")


@app.command("query")
@reported
def query(
    target: Annotated[
        str | None, typer.Argument(metavar="FILE.rq|NAME", help="A file, or a query of the catalogue.")
    ] = None,
    text: Annotated[str | None, typer.Option("-e", "--execute", metavar="TEXT", help="SPARQL text.")] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Parameter of a query: a CURIE, IRI or name."),
    ] = None,
    output: Annotated[str, typer.Option("--format", help=f"{', '.join(console.FORMATS)}.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the catalogue.")] = False,
    store: AnyStoreOption = None,
    timeout: TimeoutOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Ask the graph: a question of the catalogue, a file, or SPARQL text."""
    from ivigraph import assembly
    from ivigraph.queries import catalogue

    _log(verbose)
    if listed:
        console.pairs({name: query.title for name, query in catalogue.load().items()}, "table")
        return
    sparql = assembly.query_text(target, text, parameters or [])
    chosen = settings.load({"store": store, "query_timeout": timeout}, config=config)
    with assembly.opened(chosen) as graph:
        console.answer(graph, sparql, output, shorten=assembly.shortener(chosen))


@app.command("serve")
@reported
def serve(
    store: AnyStoreOption = None,
    host: Annotated[str | None, typer.Option("--host", help="Address that the server listens on.")] = None,
    port: PortOption = None,
    allow_remote: Annotated[
        bool | None, typer.Option("--allow-remote", help="Serve other machines although there are no tokens.")
    ] = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Serve the graph: pages, networks and a SPARQL endpoint."""
    from ivigraph import assembly
    from ivigraph.server import querylog, run

    _log(verbose)
    flags = {"store": store, "host": host, "port": port, "allow_remote": allow_remote}
    chosen = settings.load(flags, config=config)
    assembly.refuse_strangers(chosen)
    with assembly.opened(chosen) as graph:
        listener = run.bind(chosen.host, chosen.port)
        console.note(f"{assembly.named(graph, chosen)} at {run.address(listener)} (Ctrl-C stops)")
        querylog.write_to(chosen.query_log)
        app = assembly.application(graph, chosen)
        run.serve(app, listener, verbose=verbose, grace=chosen.shutdown_wait)


@app.command("draw")
@reported
def draw(
    picture: Annotated[Picture, typer.Argument(help="What to draw.")],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="FILE", help="FILE.svg, .html, .csv, .json or .graphml."),
    ],
    concept: Annotated[
        str | None, typer.Option("--concept", help="A network of what touches this: a CURIE, an IRI or a name.")
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A filter, such as design=CaseReport or since=2010."),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", min=2, max=300, help="Most nodes of a network, those with most evidence.")
    ] = 300,
    store: AnyStoreOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Draw the graph into a file that opens without a server."""
    from ivigraph import assembly, pictures

    _log(verbose)
    chosen = settings.load({"store": store}, config=config)
    given = assembly.pairs(parameters or [])
    with assembly.opened(chosen) as graph:
        if picture is Picture.NETWORK:
            notes = pictures.draw_network(
                graph, chosen, out, {**given, **({"concept": concept} if concept else {})}, most
            )
        else:
            notes = pictures.draw_plot(graph, chosen, picture, out, given)
    console.note(f"{picture} written to {out}")
    for line in notes:
        console.note(line)


@app.command("validate")
@reported
def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE…]", help="RDF files; without any, the store.")
    ] = None,
    store: AnyStoreOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> int:
    """Check the graph of every document, or RDF files, against the shapes."""
    from ivigraph import assembly

    _log(verbose)
    chosen = settings.load({"store": store}, config=config)
    if files:
        return _validated(assembly.validate_files(files))
    with assembly.opened(chosen) as graph:
        return _validated(assembly.validate_store(graph, chosen))


@app.command("stats")
@reported
def stats(
    output: FormatOption = Layout.TABLE,
    store: AnyStoreOption = None,
    config: ConfigOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Say what the graph holds."""
    from ivigraph import assembly

    _log(verbose)
    chosen = settings.load({"store": store}, config=config)
    with assembly.opened(chosen) as graph:
        console.pairs(assembly.stats(graph), output)


@app.command("doctor")
@reported
def doctor(store: AnyStoreOption = None, config: ConfigOption = None) -> int:
    """Check this installation and say what to do where something is missing."""
    from ivigraph.doctor import State, run

    results = run(settings.load({"store": store}, config=config))
    console.checks(results)
    return FAILED if any(result.state is State.FAILED for result in results) else 0


@app.command("config")
@reported
def show_config(
    output: FormatOption = Layout.TABLE,
    config: ConfigOption = None,
) -> None:
    """Show every setting, its value, and where the value came from."""
    console.settings(settings.load(config=config), output)


@app.command("demo")
@reported
def demo(
    check: Annotated[bool, typer.Option("--check", help="Check the answers over HTTP, and stop.")] = False,
    port: PortOption = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Keep the graph here (else it is temporary)."),
    ] = None,
    verbose: VerboseOption = False,
) -> int:
    """Read the sample documents and serve their graph on this machine."""
    from ivigraph import demo as demonstration

    _log(verbose)
    return demonstration.run(check=check, port=port, directory=store, verbose=verbose)


def _validated(results: Iterable[tuple[str, ShapeError | None]]) -> int:
    checked = failed = 0
    for _, problem in results:
        checked += 1
        if problem is not None:
            failed += 1
            console.error(problem)
    console.note(f"{checked - failed} of {checked} graphs conform to the shapes")
    return FAILED if failed else 0


app.command("ingest")(ingest)
app.command("fetch")(fetch)
app.command("watch")(watch)
app.add_typer(ledger_app)
app.add_typer(ontology_app)
app.add_typer(token_app)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("verify")(verify)
app.command("link")(link)
