"""What a person sees: messages and progress on stderr, tables on stdout.

Progress is drawn on a terminal; in a pipe or a log it is a line a minute.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ivigraph import settings as settings_module
from ivigraph.doctor import Check, State
from ivigraph.errors import IvigraphError, SettingsError, ShapeError
from ivigraph.model import Claim, Extraction
from ivigraph.store import Form, Rows, Store, terms

if TYPE_CHECKING:
    from ivigraph.ingesting import Report
    from ivigraph.pipeline import Failure

MEDIA_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "nquads": "application/n-quads",
    "trig": "application/trig",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
FORMATS = ("table", *MEDIA_TYPES)

_err = Console(stderr=True, soft_wrap=True, highlight=False)
_out = Console(highlight=False)


class Layout(StrEnum):
    TABLE = "table"
    JSON = "json"


Advance = Callable[[str], None]
LINE_SECONDS = 60.0  # between two lines of progress in a log


def note(text: str) -> None:
    _err.print(escape(text))


def error(problem: IvigraphError) -> None:
    """What is wrong, where, and what to do: three parts, each on a line of its own."""
    place = f"{escape(problem.where)}: " if problem.where else ""
    _err.print(f"[bold red]error[/] {place}{escape(problem.message)}")
    if isinstance(problem, ShapeError):
        for line in problem.violations[1:]:
            _err.print(f"      {escape(line)}")
    if problem.remedy:
        _err.print(f"      [dim]what to do:[/] {escape(problem.remedy)}")


def failures(items: Iterable[Failure]) -> None:
    for item in items:
        error(item.error)


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """A bar with rate and time left on a terminal, a line a minute elsewhere; call the result once an item."""
    if not _err.is_terminal:
        yield _Lines(what, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[source]}"),
    )
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task(what, total=total, source="", rate="")
        begun = time.monotonic()
        done = 0

        def advance(source: str) -> None:
            nonlocal done
            done += 1
            shown = escape(source.rsplit("/", 1)[-1][:40])
            bar.update(task, advance=1, source=shown, rate=_rate(done, time.monotonic() - begun))

        yield advance


class _Lines:
    """Progress for a log: a line when a minute has passed."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._begun = self._told = time.monotonic()

    def __call__(self, source: str) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._told >= LINE_SECONDS:
            self._told = now
            passed = now - self._begun
            left = timedelta(seconds=round(passed / self._done * max(self._total - self._done, 0)))
            rate = _rate(self._done, passed)
            note(f"{self._what}: {self._done:,} of {self._total:,}, {rate}, {left} left, at {source}")


def _rate(done: int, seconds: float) -> str:
    each = done / max(seconds, 1e-6)
    return f"{each:,.0f} a second" if each >= 10 else f"{60 * each:,.0f} a minute"


def claims(extraction: Extraction) -> None:
    """The claims of one document, for reading."""
    document = extraction.document
    table = Table(title=escape(document.title), title_justify="left", expand=True)
    for heading, ratio in (("claim", 3), ("qualifiers", 2), ("sentence", 5)):
        table.add_column(heading, ratio=ratio)
    for claim in extraction.claims:
        statement = f"{'no: ' if claim.negated else ''}{claim.subject.label} {claim.predicate} {claim.object.label}"
        table.add_row(
            escape(statement),
            escape(", ".join(qualifiers(claim))),
            escape(" ".join(claim.evidence.quote.split())),
        )
    _out.print(table)
    _out.print(f"[dim]{escape(document.source)} · {document.type} · {len(extraction.cases)} cases[/]\n")


def qualifiers(claim: Claim) -> Iterator[str]:
    """What the text says besides: "certainty possible", "onset a few days after"."""
    if claim.certainty != "asserted":
        yield f"certainty {claim.certainty}"
    for name in claim.qualifiers.__dataclass_fields__:
        value = getattr(claim.qualifiers, name)
        if value is not None:
            yield f"{name.replace('_', ' ')} {getattr(value, 'text', value)}"


def answer(store: Store, sparql: str, format: str, shorten: Callable[[str], str]) -> None:
    """The answer to a query on stdout; `shorten` gives an IRI's CURIE for the table.

    `format` is a key of MEDIA_TYPES, "table", or "" for a table on a terminal and the store's default elsewhere.
    """
    if format not in ("", "table", *MEDIA_TYPES):
        raise SettingsError(f"unknown format {format!r}", where="--format", remedy=f"one of {', '.join(FORMATS)}")
    found = store.answer(sparql, accept=MEDIA_TYPES.get(format))
    table = format == "table" or (not format and _out.is_terminal)
    if table and found.form is Form.SELECT:
        rows(terms.rows(b"".join(found.chunks)), shorten)
    elif table and found.form is Form.ASK:
        print("yes" if terms.truth(b"".join(found.chunks)) else "no")
    else:
        write(found.chunks)


def summary(report: Report, where: str) -> str:
    change = report.change
    parts = [
        f"{report.documents} documents with {report.claims} claims and {report.cases} cases",
        f"{report.mentions} mentions, {report.unlinked} of them unlinked and {report.ambiguous} ambiguous",
        f"{report.changed} documents new or changed",
        where,
    ]
    if change.gone_documents:
        parts.append(f"{change.gone_documents} documents gone")
    if change.new_claims or change.gone_claims:
        parts.append(f"{change.new_claims} claims new, {change.gone_claims} gone")
    if report.unchanged_files:
        parts.append(f"{report.unchanged_files} files not read again")
    if report.same_articles:
        parts.append(f"{report.same_articles} sources are the same article as another")
    if report.passed_over:
        parts.append(f"{report.passed_over} documents left out that mention no therapy of interest")
    return "; ".join(parts)


def rows(answer: Rows, shorten: Callable[[str], str]) -> None:
    """A SELECT's answer for reading: a table, or where it is too wide for the terminal, one record below the other.

    What has a label is shown by it: of ?event and ?eventLabel only the label.
    """
    named = {variable.removesuffix("Label") for variable in answer.variables if variable.endswith("Label")}
    shown = [variable for variable in answer.variables if variable not in named]
    cells = [[" ".join(shorten(str(row[v])).split()) if v in row else "" for v in shown] for row in answer]
    headings = [variable.removesuffix("Label") for variable in shown]
    longest = [max(len(heading), *(len(row[number]) for row in cells), 0) for number, heading in enumerate(headings)]
    least = sum(min(length, _NAME) + _BORDER for length in longest) - _NAME + _SENTENCE
    if max(longest, default=0) > _SENTENCE and _out.width < least:
        _records(headings, cells)
    else:
        _out.print(_table(headings, cells, longest))
    note(f"{len(answer)} rows")


def _table(headings: Sequence[str], cells: Sequence[Sequence[str]], longest: Sequence[int]) -> Table:
    """The column with the longest text takes the width that the others leave."""
    table = Table(show_lines=max(longest, default=0) > _SENTENCE)
    short = sum(length + _BORDER for length in longest if length <= _NAME)
    names = max(sum(length > _NAME for length in longest) - 1, 1)
    name = max((_out.width - _SENTENCE - short) // names - _BORDER, _NAME)
    for number, (heading, length) in enumerate(zip(headings, longest, strict=True)):
        table.add_column(
            heading,
            overflow="fold",
            justify="right" if all(row[number].isdecimal() for row in cells if row[number]) else "left",
            max_width=None if length == max(longest) else name,
        )
    for row in cells:
        table.add_row(*map(escape, row))
    return table


def _records(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    for row in cells:
        table = Table.grid(padding=(0, 2))
        for heading, text in zip(headings, row, strict=True):
            if text:
                table.add_row(f"[dim]{heading}[/]", escape(text))
        _out.print(table)
        _out.print()


# Characters: the least width for a sentence and for a name, and what a column's border takes.
_SENTENCE, _NAME, _BORDER = 36, 14, 3


def pairs(values: Mapping[str, object], format: str) -> None:
    if format == "json":
        print(json.dumps(values, indent=2, ensure_ascii=False))
        return
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in values.items():
        table.add_row(escape(name), escape(str(value)))
    _out.print(table)


def records(rows: Sequence[Mapping[str, object]], format: str) -> None:
    """Rows as a table for reading, or as JSON; columns without any value are left out of the table."""
    if format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    columns = [name for name in (rows[0] if rows else ()) if any(row.get(name) not in (None, "", 0) for row in rows)]
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")  # a path or an identifier is worth nothing cut off
    for row in rows:
        values = (row.get(name) for name in columns)
        table.add_row(*(escape("\n".join(v) if isinstance(v, tuple) else "" if v is None else str(v)) for v in values))
    if rows:
        _out.print(table)
    note(f"{len(rows)} entries")


def settings(values: settings_module.Settings, format: str) -> None:
    shown = [(name, values.shown(name), values.origins[name]) for name in settings_module.names()]
    if format == "json":
        print(json.dumps({name: {"value": value, "origin": origin} for name, value, origin in shown}, indent=2))
        return
    table = Table("setting", "value", "from", "meaning")
    for name, value, origin in shown:
        table.add_row(name, escape(value), escape(origin), escape(settings_module.about(name).about))
    _out.print(table)


def checks(results: Iterable[Check]) -> None:
    colours = {State.OK: "green", State.MISSING: "yellow", State.FAILED: "red"}
    for check in results:
        _out.print(f"[{colours[check.state]}]{check.state:>7}[/] {escape(check.name)}: {escape(check.found)}")
        if check.state is not State.OK:
            _out.print(f"        [dim]what to do:[/] {escape(check.remedy)}")


def write(chunks: Iterable[bytes]) -> None:
    """Bytes to stdout as they come."""
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
