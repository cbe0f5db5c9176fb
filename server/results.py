"""Answers made ready for a page: the first rows as terms that a template can link."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from rdflib import Literal, URIRef
from rdflib.util import from_n3

from ivigraph.queries import relations
from ivigraph.store import Chunks, Dataset, Form, Row, Store

MOST_ROWS = 1000
MOST_BYTES = 400_000
_LINKS = {"claim": "in context", "case": "patient"}  # columns whose IRIs say nothing to a reader
_YES_NO = {"true": "yes", "false": "no"}


@dataclass(frozen=True, slots=True)
class Cell:
    """`iri` is what the cell links to, if anything; `numeric` cells are aligned to the right."""

    text: str
    iri: str | None = None
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer on a page: a table of rows, or a text. `cut` when there is more than is shown."""

    headings: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    text: str = ""
    cut: bool = False

    @property
    def numeric(self) -> frozenset[int]:
        """The columns that hold numbers."""
        return frozenset(index for row in self.rows for index, cell in enumerate(row) if cell.numeric)


def shown(
    store: Store, query: str, form: Form, *, dataset: Dataset | None = None, timeout: float | None = None
) -> Shown:
    """The beginning of an answer, as much as a page can show; the rest is not computed."""
    accept = {Form.SELECT: "text/tab-separated-values", Form.ASK: "text/csv", Form.GRAPH: "text/turtle"}[form]
    answer = store.answer(query, accept=accept, dataset=dataset, timeout=timeout)
    try:
        if form is not Form.SELECT:
            text, cut = _beginning(answer.chunks)
            return Shown(text=_YES_NO.get(text.strip(), text), cut=cut)
        lines = csv.reader(_lines(answer.chunks), delimiter="\t", quoting=csv.QUOTE_NONE)
        headings = [name.removeprefix("?") for name in next(lines)]
        rows = [[_cell(from_n3(term)) if term else Cell("") for term in line] for line in islice(lines, MOST_ROWS + 1)]
        return Shown(headings=headings, rows=rows[:MOST_ROWS], cut=len(rows) > MOST_ROWS)
    finally:
        answer.chunks.close()


def labelled(variables: Sequence[str], rows: Sequence[Row]) -> Shown:
    """Rows of the catalogue, where `thing` and `thingLabel` become one column: the label, linked to the thing."""
    columns = [name for name in variables if not (name.endswith("Label") and name.removesuffix("Label") in variables)]
    cells = [[_labelled(row, column) for column in columns] for row in rows]
    return Shown(headings=columns, rows=cells)


def _labelled(row: Row, column: str) -> Cell:
    if column not in row:
        return Cell("")
    cell = _cell(row[column])
    if relation := relations.BY_IRI.get(cell.text):
        return Cell(relation.predicate.value.replace("_", " "))
    if column in _LINKS:
        return Cell(_LINKS[column], cell.iri)
    if cell.text in _YES_NO:
        return Cell(_YES_NO[cell.text])
    label = row.get(f"{column}Label")
    return cell if label is None else Cell(str(label), cell.iri)


def _cell(term: object) -> Cell:
    if isinstance(term, URIRef):
        return Cell(str(term), str(term))
    value = term.toPython() if isinstance(term, Literal) else None
    return Cell(str(term), numeric=isinstance(value, int | float | Decimal) and not isinstance(value, bool))


def _lines(chunks: Chunks) -> Iterator[str]:
    """The lines of a TSV answer; a line break within a term is escaped there."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in lines)
    if rest:
        yield rest.decode()


def _beginning(chunks: Chunks) -> tuple[str, bool]:
    read = b""
    for chunk in chunks:
        read += chunk
        if len(read) > MOST_BYTES:
            end = read.rfind(b"\n", 0, MOST_BYTES)
            return read[:end].decode(), True
    return read.decode(), False


def table(store: Store, query: str) -> Iterator[dict[str, str]]:
    """The rows of an answer as plain text, empty where unbound: a tenth of the time that it takes to make terms."""
    answer = store.answer(query, accept="text/csv")
    return csv.DictReader(io.StringIO(b"".join(answer.chunks).decode(), newline=""))
