"""The files of the index: SQLite databases with FTS5, written once and never changed.

A segment speaks for a set of graphs: it holds all texts and rows of each, and what an older segment holds of them
counts no more. The texts are numbered by their length, shortest first, so that the best matches come out first and a
search for a frequent word ends after as many as are wanted.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from ivigraph.store import claimtable
from ivigraph.store.base import Field, Kind
from ivigraph.store.claims import Among, ClaimRow, DocumentRow
from ivigraph.store.entries import Entry
from ivigraph.store.words import Term, spelled

VERSION = 3  # of the files; an index of another version is built anew
SUFFIX = ".sqlite"

_TABLES: Mapping[Kind, str] = MappingProxyType(
    {Kind.CONCEPT: "names", Kind.TERM: "names", Kind.DOCUMENT: "titles", Kind.CLAIM: "sentences"}
)
# The words come ready made, and this tokenizer leaves all that is not ASCII as it is. The texts themselves are in
# `entry`. Short beginnings of names are looked up as such, since they are searched for while somebody types.
_SCHEMA = """
CREATE TABLE entry (id INTEGER PRIMARY KEY, iri TEXT, kind TEXT, field TEXT, text TEXT, language TEXT, label TEXT,
                    size INTEGER, graph INTEGER);
CREATE TABLE graph (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE VIRTUAL TABLE names USING fts5(words, content='', columnsize=0, prefix='1 2 3', tokenize='ascii');
CREATE VIRTUAL TABLE titles USING fts5(words, content='', columnsize=0, prefix='1 2 3', tokenize='ascii');
CREATE VIRTUAL TABLE sentences USING fts5(words, content='', columnsize=0, tokenize='ascii');
"""
_COLUMNS = "iri, kind, field, text, language, label"

Record: TypeAlias = Entry | ClaimRow | DocumentRow
Content = Mapping[str, Set[Record]]
"""Texts and rows by the name of their graph; a graph without any is one that lost them."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that fits; `size` is the number of letters and digits in its text."""

    entry: Entry
    size: int


def write(file: Path, content: Content) -> None:
    """Make a segment. It is not yet on the disk for certain: that is for who publishes it."""
    database = sqlite3.connect(file, isolation_level=None)
    try:
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192;")
        database.executescript(_SCHEMA + claimtable.SCHEMA)
        database.execute(f"PRAGMA user_version={VERSION}")
        database.execute("BEGIN")
        numbers = dict(zip(content, count(1), strict=False))
        database.executemany("INSERT INTO graph VALUES (?, ?)", ((number, name) for name, number in numbers.items()))
        records = [(record, numbers[name]) for name, own in content.items() for record in own]
        sentences = _insert(database, [(one, graph) for one, graph in records if isinstance(one, Entry)])
        rows = [(one, graph) for one, graph in records if not isinstance(one, Entry)]
        claimtable.insert(database, rows, sentences)
        for table in set(_TABLES.values()):
            database.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608 - a name of ours
        database.execute("COMMIT")
    finally:
        database.close()


def _insert(database: sqlite3.Connection, entries: Iterable[tuple[Entry, int]]) -> dict[tuple[int, str], int]:
    """Gives the numbers of the sentences by graph and claim; of several the shortest."""
    cut = [(entry, graph, spelled(entry.text)) for entry, graph in entries]
    sized = sorted(
        ((sum(map(len, parts)), entry, graph, parts) for entry, graph, parts in cut),
        key=lambda row: (row[0], row[1].text != row[1].label, row[1].text, row[1].iri, row[1].field, row[1].language),
    )
    database.executemany(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (i, e.iri, e.kind.value, e.field.value, e.text, e.language, None if e.label == e.text else e.label, size, g)
            for i, (size, e, g, _) in enumerate(sized, start=1)
        ),
    )
    for table in set(_TABLES.values()):
        database.executemany(
            f"INSERT INTO {table}(rowid, words) VALUES (?, ?)",  # noqa: S608 - a name of ours
            ((i, " ".join(parts)) for i, (_, e, _, parts) in enumerate(sized, start=1) if _TABLES[e.kind] == table),
        )
    numbered = reversed(list(enumerate(sized, start=1)))
    return {(graph, e.iri): i for i, (_, e, graph, _) in numbered if e.kind is Kind.CLAIM}


class Segment:
    """A segment that is open. Raises sqlite3.Error where the file is none."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._database = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
        self.version: int = self._database.execute("PRAGMA user_version").fetchone()[0]
        self._outdated: frozenset[int] = frozenset()

    def __len__(self) -> int:
        """The records and graphs that it holds, outdated or not: what it takes to write it again."""
        tables = ("entry", "claim", "document", "graph")
        return sum(self._one(f"SELECT COUNT(*) FROM {table}") for table in tables)  # noqa: S608 - names of ours

    def graphs(self) -> list[str]:
        return [name for (name,) in self._database.execute("SELECT name FROM graph")]

    def outdate(self, graphs: Iterable[str]) -> None:
        """Leave out the entries of these graphs, for which a newer segment speaks."""
        found = (self._database.execute("SELECT id FROM graph WHERE name = ?", (name,)).fetchone() for name in graphs)
        self._outdated |= {row[0] for row in found if row}

    def problem(self) -> str:
        """What is wrong with the file; "" for nothing."""
        try:
            found = self._database.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.Error as error:
            return str(error)
        return "" if found == "ok" else str(found)

    def content(self) -> dict[str, set[Record]]:
        """All that is not outdated."""
        content: dict[int, set[Record]] = {}
        names: dict[int, str] = dict(self._database.execute("SELECT id, name FROM graph"))
        for graph in names.keys() - self._outdated:
            content[graph] = set()
        for *columns, graph in self._database.execute(f"SELECT {_COLUMNS}, graph FROM entry"):  # noqa: S608
            if graph not in self._outdated:
                content[graph].add(_entry(columns))
        for claim, graph in claimtable.claims(self._database, Among(), self._outdated):
            content[graph].add(claim)
        for document, graph in claimtable.documents(self._database, None, self._outdated):
            content[graph].add(document)
        return {names[graph]: entries for graph, entries in content.items()}

    def matches(self, terms: Sequence[Term], kinds: Collection[Kind], *, at_start: bool = False) -> Iterator[Match]:
        """The entries of these kinds that hold all terms, the shortest text first; `at_start`: that begin with them."""
        expression = _expression(terms, at_start=at_start)
        tables = sorted({_TABLES[kind] for kind in kinds})
        return heapq.merge(*(self._rows(table, expression, kinds) for table in tables), key=lambda match: match.size)

    def _rows(self, table: str, expression: str, kinds: Collection[Kind]) -> Iterator[Match]:
        rows = self._database.execute(
            f"SELECT {_COLUMNS}, size, graph FROM {table} JOIN entry ON id = {table}.rowid "  # noqa: S608 - names of ours
            f"WHERE {table} MATCH ? ORDER BY {table}.rowid",
            (expression,),
        )
        for *columns, size, graph in rows:
            if graph not in self._outdated and columns[1] in kinds:
                yield Match(_entry(columns), size)

    def claims(self, among: Among) -> Iterator[ClaimRow]:
        return (row for row, _ in claimtable.claims(self._database, among, self._outdated))

    def documents(self, wanted: Collection[str] | None) -> Iterator[DocumentRow]:
        return (row for row, _ in claimtable.documents(self._database, wanted, self._outdated))

    def sentences(self, claims: Collection[str]) -> Iterator[tuple[str, str]]:
        return claimtable.sentences(self._database, claims, self._outdated)

    def close(self) -> None:
        self._database.close()

    def _one(self, query: str) -> int:
        value: int = self._database.execute(query).fetchone()[0]
        return value


def _entry(columns: Sequence[str]) -> Entry:
    iri, kind, field, text, language, label = columns
    return Entry(iri, Kind(kind), Field(field), text, language, label or text)


def _expression(terms: Sequence[Term], *, at_start: bool) -> str:
    """In FTS5's language. A word holds letters and digits only, so there is nothing to escape."""
    if at_start:  # side by side, from the first word on
        terms = [Term(tuple(word for term in terms for word in term.words), prefix=terms[-1].prefix)]
    phrases = (f'"{" ".join(term.words)}"{"*" if term.prefix else ""}' for term in terms)
    return ("^" if at_start else "") + " AND ".join(phrases)
