"""The rows of claims and documents in a segment of the index: how they are written, chosen and read.

All that is text is kept once, in `name`, and rows hold its number: the rows of a hub are read in some milliseconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import fields

from ivigraph.store.claims import Among, ClaimRow, DocumentRow

# `diseases` names the list of them; `context` is there to find claims by one.
SCHEMA = """
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE claim (id INTEGER PRIMARY KEY, graph INTEGER, iri TEXT, subject INTEGER, relation INTEGER, object INTEGER,
                    document INTEGER, patient INTEGER, diseases INTEGER, certainty INTEGER, outcome INTEGER,
                    unit INTEGER, percent INTEGER, population INTEGER, class INTEGER, onset INTEGER, anchor INTEGER,
                    min_days INTEGER, max_days INTEGER, negated INTEGER, retracted INTEGER, count INTEGER,
                    total INTEGER, confidence REAL, sentence INTEGER);
CREATE TABLE context (disease INTEGER, claim INTEGER, PRIMARY KEY (disease, claim)) WITHOUT ROWID;
CREATE TABLE document (id INTEGER PRIMARY KEY, graph INTEGER, iri INTEGER, title TEXT, design INTEGER, year INTEGER);
"""
INDICES = tuple(
    f"CREATE INDEX {table}_{column} ON {table} ({column})"
    for table, column in (
        ("claim", "iri"), ("claim", "subject"), ("claim", "object"), ("claim", "document"), ("claim", "patient"),
        ("document", "iri"),
    )
)  # fmt: skip
_NAMED = 17  # columns from `subject` to `max_days` are names
_COLUMNS = (
    "iri, subject, relation, object, document, patient, diseases, certainty, outcome, unit, percent, population, "
    "class, onset, anchor, min_days, max_days, negated, retracted, count, total, confidence"
)
_NONE = 1
_ROW = ", ".join("?" * 25)


class Names:
    """Numbers for the texts of a segment that is being written."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": _NONE}

    def __call__(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def insert(self, database: sqlite3.Connection) -> None:
        database.executemany("INSERT INTO name (text, id) VALUES (?, ?)", self._numbers.items())


def insert(
    database: sqlite3.Connection,
    rows: Iterable[tuple[ClaimRow | DocumentRow, int]],
    sentences: dict[tuple[int, str], int],
) -> None:
    """Write rows, each with the number of its graph; `sentences` numbers the entry of a claim of a graph."""
    named = Names()
    context, number = [], 0
    for row, graph in rows:
        if isinstance(row, DocumentRow):
            values = (graph, named(row.document), row.title, named(row.design), row.year)
            database.execute("INSERT INTO document (graph, iri, title, design, year) VALUES (?, ?, ?, ?, ?)", values)
            continue
        number += 1
        claim: str = row.claim
        names = map(named, map(str, (*row[1:6], "\n".join(row.diseases), *row[7:_NAMED])))
        sentence = sentences.get((graph, claim))
        database.execute(
            f"INSERT INTO claim VALUES ({_ROW})",  # noqa: S608 - question marks
            (number, graph, claim, *names, *row[_NAMED:], sentence),
        )
        context += [(named(disease), number) for disease in row.diseases]
    named.insert(database)
    database.executemany("INSERT INTO context VALUES (?, ?)", context)
    for index in INDICES:
        database.execute(index)


def claims(database: sqlite3.Connection, among: Among, outdated: Set[int]) -> Iterator[tuple[ClaimRow, int]]:
    """The rows that are wanted, each with the number of its graph, without those of outdated graphs."""
    where, values = _where(among)
    found = database.execute(f"SELECT {_COLUMNS}, graph FROM claim {where}", values)  # noqa: S608 - names of ours
    rows = [row for row in found if row[-1] not in outdated]
    names = _names(database, {number for row in rows for number in row[1:_NAMED]})
    lists: dict[int, tuple[str, ...]] = {
        number: tuple(names[number].split("\n")) if names[number] else () for number in {row[6] for row in rows}
    }
    text = names.__getitem__
    for row in rows:
        ends, words = map(text, row[1:6]), map(text, row[7:_NAMED])
        yield ClaimRow._make((row[0], *ends, lists[row[6]], *words, row[17] == 1, row[18] == 1, *row[19:22])), row[22]


def documents(
    database: sqlite3.Connection, wanted: Collection[str] | None, outdated: Set[int]
) -> Iterator[tuple[DocumentRow, int]]:
    """The rows of these documents, or of all, each with the number of its graph."""
    where = "" if wanted is None else f"WHERE document.iri IN ({_IDS})"
    rows = database.execute(
        "SELECT own.text, title, kind.text, year, graph FROM document "  # noqa: S608 - names of ours
        f"JOIN name own ON own.id = document.iri JOIN name kind ON kind.id = design {where}",
        () if wanted is None else (json.dumps(list(wanted)),),
    )
    return ((DocumentRow(*row[:4]), row[4]) for row in rows if row[4] not in outdated)


def sentences(database: sqlite3.Connection, wanted: Collection[str], outdated: Set[int]) -> Iterator[tuple[str, str]]:
    """(claim, sentence) of these claims."""
    rows = database.execute(
        "SELECT claim.iri, text, claim.graph FROM claim JOIN entry ON entry.id = sentence "
        "WHERE claim.iri IN (SELECT value FROM json_each(?))",
        (json.dumps(list(wanted)),),
    )
    return ((iri, text) for iri, text, graph in rows if graph not in outdated)


_IDS = "SELECT id FROM name WHERE text IN (SELECT value FROM json_each(?))"
_TESTS = {
    "claims": "iri IN (SELECT value FROM json_each(?))",
    "subjects": f"subject IN ({_IDS})",
    "relations": f"+relation IN ({_IDS})",
    "objects": f"object IN ({_IDS})",
    "documents": f"document IN ({_IDS})",
    "cases": f"patient IN ({_IDS})",
    "about": f"id IN (SELECT id FROM claim WHERE subject IN ({_IDS}) UNION "  # noqa: S608 - names of ours
    f"SELECT id FROM claim WHERE object IN ({_IDS}) UNION SELECT claim FROM context WHERE disease IN ({_IDS}))",
}


def _where(among: Among) -> tuple[str, Sequence[str]]:
    tests, values = [], []
    for field in fields(among):
        wanted = getattr(among, field.name)
        if wanted is not None:
            test = _TESTS[field.name]
            tests.append(test)
            values += [json.dumps(sorted(wanted))] * test.count("?")
    return (f"WHERE {' AND '.join(tests)}" if tests else ""), values


def _names(database: sqlite3.Connection, numbers: Set[int]) -> dict[int, str]:
    return dict(
        database.execute(
            "SELECT id, text FROM name WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),)
        )
    )
