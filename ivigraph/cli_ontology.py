"""The commands `ivigraph ontology …` and `ivigraph link`: other people's ontologies beside the vocabulary."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ivigraph import console, settings
from ivigraph.console import Layout
from ivigraph.errors import ReadError, SettingsError
from ivigraph.ontology import external, proposals
from ivigraph.ontology.index import Hit, Loaded, TermIndex, default_path, located
from ivigraph.ontology.vocabulary import load as load_vocabulary
from ivigraph.options import FormatOption
from ivigraph.status import FAILED, SOME_FAILED, reported

ontology_app = typer.Typer(
    name="ontology",
    help="Load other ontologies, search them and show their terms.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_TICKS = 100  # of the progress bar, for each file
_TIMEOUT = 60  # seconds without an answer
_out = Console(highlight=False)

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="FILE", help="Term index; else that of the settings.")
]


def _path(index: Path | None) -> Path:
    return index or located(settings.load().term_index) or default_path()


@ontology_app.command("add")
@reported
def add(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE|URL…", help="OWL, SKOS, OBO, OBO Graphs JSON, SSSOM or a table of labels."),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the source; the file's name unless given.")
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", help="Prefix of bare identifiers in a table: MESH for D003920.")
    ] = "",
    allow_network: Annotated[
        bool, typer.Option("--allow-network", help="Fetch what is given as a URL; imports are never fetched.")
    ] = False,
    index: IndexOption = None,
) -> int:
    """Load ontologies into the term index; a source that was loaded before is replaced."""
    if name is not None and len(files) > 1:
        raise SettingsError(
            "one name for several files", where="--name", remedy="add them one by one, or leave the name out"
        )
    failed = 0
    with TermIndex.open(_path(index), create=True) as terms:
        with console.progress("loading", _TICKS * len(files)) as advance:
            for file in files:
                try:
                    with _local(file, allow_network) as path:
                        report = _load(terms, path, file, name or _stem(file), prefix, advance)
                    _report(report)
                except (ReadError, SettingsError) as error:
                    console.error(error)
                    failed += 1
        console.note(f"{len(files) - failed} of {len(files)} files loaded into {terms.path}")
    return 0 if not failed else SOME_FAILED if failed < len(files) else FAILED


def _load(terms: TermIndex, path: Path, file: str, name: str, prefix: str, advance: console.Advance) -> Loaded:
    ticks = 0

    def step(fraction: float) -> None:
        nonlocal ticks
        while ticks < int(fraction * _TICKS):
            ticks += 1
            advance(file)

    source = external.read(path, prefix=prefix, progress=lambda fraction: step(fraction / 2))
    written = terms.add(name, source, file=Path(file).name, sha256=external.digest(path))
    step(1.0)
    return written


def _report(loaded: Loaded) -> None:
    console.note(
        f"{loaded.name}: {loaded.terms:,} terms, {loaded.names:,} names, {loaded.mappings:,} mappings "
        f"({loaded.format}{', ' + loaded.version if loaded.version else ''})"
    )
    for kind, count in loaded.problems.items():
        examples = [p for p in loaded.examples if p.kind == kind][:3]
        shown = "; ".join(f"{p.where}: {p.message}" for p in examples)
        console.note(f"  {kind}: {count:,} ({shown}{'; …' if count > len(examples) else ''})")


def _stem(file: str) -> str:
    return Path(urlsplit(file).path or file).name.partition(".")[0]


@contextmanager
def _local(file: str, allow_network: bool) -> Iterator[Path]:
    """The file, fetched where it is a URL and that is allowed."""
    parts = urlsplit(file)
    if parts.scheme == "file":
        yield Path(unquote(parts.path))
    elif parts.scheme in ("http", "https"):
        if not allow_network:
            raise SettingsError(
                "is on the network, which is not used unless asked for",
                where=file,
                remedy="give --allow-network, or download the file",
            )
        with tempfile.TemporaryDirectory() as folder:
            yield _fetched(file, Path(folder) / (Path(parts.path).name or "ontology"))
    else:
        yield Path(file)


def _fetched(url: str, path: Path) -> Path:
    try:
        with urlopen(url, timeout=_TIMEOUT) as answer, path.open("wb") as file:  # noqa: S310 - http(s) only
            shutil.copyfileobj(answer, file)
    except (URLError, OSError) as error:
        raise ReadError(f"cannot be fetched: {error}", where=url, remedy="check the address") from error
    return path


@ontology_app.command("list")
@reported
def list_sources(output: FormatOption = Layout.TABLE, index: IndexOption = None) -> None:
    """List the loaded ontologies."""
    with TermIndex.open(_path(index)) as terms:
        sources = terms.sources()
    if output is Layout.JSON:
        print(json.dumps([asdict(source) for source in sources], indent=2, ensure_ascii=False))
        return
    table = Table("source", "format", "terms", "names", "mappings", "version")
    for s in sources:
        counts = (f"{count:,}" for count in (s.terms, s.names, s.mappings))
        table.add_row(*map(escape, (s.name, s.format, *counts, s.version)))
    _out.print(table)


@ontology_app.command("remove")
@reported
def remove(name: Annotated[str, typer.Argument(metavar="NAME")], index: IndexOption = None) -> int:
    """Take a loaded ontology out of the index."""
    with TermIndex.open(_path(index)) as terms:
        done = terms.remove(name)
    console.note(f"{name} removed" if done else f"no source is named {name}: see ivigraph ontology list")
    return 0 if done else FAILED


@ontology_app.command("search")
@reported
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name, or words of one.")],
    most: Annotated[int, typer.Option("--most", min=1, help="Most terms that are shown.")] = 20,
    output: FormatOption = Layout.TABLE,
    index: IndexOption = None,
) -> int:
    """Find terms by their names."""
    with TermIndex.open(_path(index)) as terms:
        hits = terms.search(text, most)
    if output is Layout.JSON:
        print(json.dumps([hit._asdict() for hit in hits], indent=2, ensure_ascii=False))
    else:
        _out.print(_hits(hits))
        console.note(f"{len(hits)} terms")
    return 0 if hits else FAILED


def _hits(hits: Sequence[Hit]) -> Table:
    table = Table("term", "label", "name", "scope", "source")
    for hit in hits:
        label = f"{hit.label} (obsolete)" if hit.obsolete else hit.label
        table.add_row(*map(escape, (hit.term, label, hit.text, hit.scope, hit.source)))
    return table


@ontology_app.command("show")
@reported
def show(
    curie: Annotated[str, typer.Argument(metavar="CURIE", help="MONDO:0016367, or an IRI.")],
    output: FormatOption = Layout.TABLE,
    index: IndexOption = None,
) -> None:
    """Show a term: names, definition, broader terms and mappings."""
    with TermIndex.open(_path(index)) as terms:
        entry = terms.entry(curie)
    if output is Layout.JSON:
        print(json.dumps({**asdict(entry), "names": [n._asdict() for n in entry.names]}, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False)
    table.add_row("term", escape(entry.id))
    table.add_row("label", escape(entry.label))
    if entry.obsolete:
        table.add_row("obsolete", escape(f"replaced by {entry.replaced_by}" if entry.replaced_by else "yes"))
    if entry.definition:
        table.add_row("definition", escape(entry.definition))
    for title, lines in (
        ("names", dict.fromkeys(f"{n.text} ({n.scope}, {n.language})" for n in entry.names)),
        ("broader", [f"{id} {label}" for id, label in entry.ancestors]),
        ("mappings", dict.fromkeys(f"{p} {id} {label if label != id else ''}" for p, id, label, _ in entry.mappings)),
        ("sources", dict.fromkeys(entry.sources)),
    ):
        if lines:
            table.add_row(title, escape("\n".join(lines)))
    _out.print(table)


@ontology_app.command("check")
@reported
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="OWL files; without any, ivigraph's own ontology and vocabulary."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain/--no-explain", help="Look for the axioms that contradict each other.")
    ] = True,
) -> int:
    """Check with HermiT that an ontology is consistent (needs Java); say which axioms are not."""
    from ivigraph.ontology import reasoning

    graphs = reasoning.parsed(files) if files else reasoning.own()
    found = reasoning.classify(graphs, explain=explain)
    for iri in found.unsatisfiable:
        console.note(f"no individual can be a {iri}")
    for axiom in found.explanation:
        console.note(f"  contradicts: {axiom}")
    verdict = "consistent" if found.consistent else "inconsistent"
    console.note(
        f"{verdict}; {len(found.superclasses):,} classes, {len(found.unsatisfiable)} of them unsatisfiable "
        f"({found.seconds:.1f} s)"
    )
    return 0 if found.sound else FAILED


@reported
def link(
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="SSSOM file of proposals and decisions.")
    ] = None,
    minimum: Annotated[
        float, typer.Option("--minimum", min=0.0, max=1.0, help="Least confidence that is proposed.")
    ] = 0.6,
    index: IndexOption = None,
) -> None:
    """Propose mappings for concepts that have none; accept or reject them in the file's column `status`."""
    path = file or proposals.default_path()
    decided = proposals.read(path) if path.is_file() else []
    concepts = proposals.unmapped(proposals.with_accepted(load_vocabulary(), decided))
    with TermIndex.open(_path(index)) as terms:
        fresh = list(proposals.propose(concepts, terms, minimum=minimum))
    lines = proposals.merged(decided, fresh)
    proposals.write(path, lines)
    counts = {status: sum(line.status is status for line in lines) for status in proposals.Status}
    found = len({line.subject for line in lines if line.status is proposals.Status.PROPOSED})
    console.note(f"{', '.join(f'{count} {status}' for status, count in counts.items())} in {path}")
    console.note(f"{len(concepts)} concepts have no mapping; something is proposed for {found} of them")
