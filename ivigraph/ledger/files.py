"""The first part of the ledger: files, and what each of them holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ivigraph.errors import IvigraphError, ReadError
from ivigraph.ingest.identity import CITATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One document of a file as it is entered. `ordinal` counts within the file; `digest` is that of the content."""

    ordinal: int
    name: str
    digest: str
    format: str
    rank: str
    title: str
    author: str
    year: int | None
    identifiers: tuple[str, ...]
    retracts: tuple[str, ...]
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A file says that the record of this identifier, read before it, is withdrawn."""

    ordinal: int
    identifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the reading of a file ended. `how` names the readers; `passed_over` counts what the gate left out."""

    sha256: str
    how: str
    bytes: int
    documents: int = 0
    passed_over: int = 0
    seconds: float = 0.0
    error: IvigraphError | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A file of the ledger: its number, and the content and readers of its last complete reading ("" for none)."""

    number: int
    path: str
    sha256: str
    how: str


class Files:
    """`enter` what comes while a file is read, then `close` it: only then does it take the place of what was there."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def begin(self, paths: Sequence[str]) -> list[Known]:
        """Number the new files, make all of them the scope of this run, forget what was not read to its end."""
        with self._database as database:
            for table in ("sources", "problems", "deletions"):
                self._forget(table, "live = 0", ())
            database.executemany("INSERT OR IGNORE INTO files (path) VALUES (?)", ((path,) for path in paths))
            database.execute("DELETE FROM scope")
            database.executemany(
                "INSERT OR IGNORE INTO scope SELECT number FROM files WHERE path = ?", ((path,) for path in paths)
            )
        rows = database.execute(
            "SELECT number, path, COALESCE(sha256, ''), COALESCE(how, '') FROM files JOIN scope ON file = number"
        )
        found = {row[1]: Known(*row) for row in rows}
        return [found[path] for path in paths]

    def known(self, path: str) -> Known | None:
        row = self._database.execute(
            "SELECT number, path, COALESCE(sha256, ''), COALESCE(how, '') FROM files WHERE path = ?", (path,)
        ).fetchone()
        return Known(*row) if row else None

    def forget_readings(self) -> None:
        """Have the files of this run read again, whether they changed or not."""
        with self._database as database:
            database.execute("UPDATE files SET sha256 = NULL WHERE number IN (SELECT file FROM scope)")

    def enter(self, file: int, items: Iterable[Source | Withdrawal | ReadError]) -> None:
        with self._database as database:
            for item in items:
                if isinstance(item, Source):
                    self._enter_source(file, item)
                elif isinstance(item, Withdrawal):
                    database.execute(
                        "INSERT OR IGNORE INTO deletions VALUES (?, ?, 0, ?)", (item.identifier, file, item.ordinal)
                    )
                else:
                    database.execute(
                        "INSERT INTO problems VALUES (?, 0, ?, ?, ?)", (file, item.message, item.where, item.remedy)
                    )

    def _enter_source(self, file: int, source: Source) -> None:
        number = self._database.execute(
            "INSERT INTO sources (file, live, ordinal, name, digest, format, rank, title, author, year, content)"
            " VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                file,
                source.ordinal,
                source.name,
                source.digest,
                source.format,
                source.rank,
                source.title,
                source.author,
                source.year,
                source.content,
            ),
        ).lastrowid
        self._database.executemany(
            "INSERT OR IGNORE INTO identifiers VALUES (?, ?)", ((id, number) for id in source.identifiers)
        )
        self._database.executemany(
            "INSERT OR IGNORE INTO notices VALUES (?, ?)", ((id, number) for id in source.retracts)
        )

    def close(self, file: int, outcome: Outcome) -> None:
        """What was entered takes the place of what the file held before; a document that is the same stays as it is.

        A file that could not be read at all keeps what it gave before: nothing is lost by a failing disk.
        """
        error = outcome.error
        with self._database as database:
            if error is None or outcome.documents:
                self._replace(file)
            else:
                for table in ("sources", "problems", "deletions"):
                    self._forget(table, "live = 0 AND file = ?", (file,))
            database.execute(
                "UPDATE files SET sha256 = ?, how = ?, bytes = ?, documents = ?, passed_over = ?, seconds = ?,"
                " time = ?, message = ?, place = ?, remedy = ? WHERE number = ?",
                (
                    None if error else outcome.sha256,  # what failed is tried again: a remedy may lie outside the file
                    outcome.how,
                    outcome.bytes,
                    outcome.documents,
                    outcome.passed_over,
                    round(outcome.seconds, 3),
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    error.message if error else None,
                    error.where if error else None,
                    error.remedy if error else None,
                    file,
                ),
            )

    def _replace(self, file: int) -> None:
        database = self._database
        same = dict(
            database.execute(
                "SELECT new.number, old.number FROM sources new JOIN sources old ON old.file = new.file"
                " AND old.ordinal = new.ordinal AND old.digest = new.digest AND old.name = new.name"
                " WHERE new.file = ? AND new.live = 0 AND old.live = 1",
                (file,),
            ).fetchall()
        )
        stay = set(same.values())
        former = [
            row[0]
            for row in database.execute("SELECT number FROM sources WHERE live = 1 AND file = ?", (file,))
            if row[0] not in stay
        ]
        touched = self._deleted(file)
        for number in former:
            unsettle(database, number)
        for number in (*same, *former):
            self._drop_source(number)
        for table in ("problems", "deletions"):
            self._forget(table, "live = 1 AND file = ?", (file,))
        for table in ("sources", "problems", "deletions"):
            database.execute(f"UPDATE {table} SET live = 1 WHERE live = 0 AND file = ?", (file,))
        for (number,) in database.execute(
            "SELECT number FROM sources WHERE file = ? AND article IS NULL", (file,)
        ).fetchall():
            unsettle(database, number)
        touched |= self._deleted(file)
        touched |= {
            row[0]
            for row in database.execute(
                "SELECT DISTINCT identifier FROM identifiers JOIN sources ON number = source"
                " JOIN deletions USING (identifier) WHERE sources.file = ?",
                (file,),
            )
        }
        self._withdraw(touched)

    def _deleted(self, file: int) -> set[str]:
        rows = self._database.execute("SELECT identifier FROM deletions WHERE file = ?", (file,))
        return {row[0] for row in rows}

    def _withdraw(self, identifiers: set[str]) -> None:
        """Mark the records that a file read after them withdraws, and those that none does any more."""
        marks = ", ".join(f"'{format}'" for format in sorted(CITATIONS))
        for identifier in sorted(identifiers):
            rows = self._database.execute(
                "SELECT number, withdrawn, EXISTS (SELECT 1 FROM deletions d WHERE d.identifier = ?1 AND d.live = 1"
                "   AND (d.file, d.ordinal) > (sources.file, sources.ordinal))"
                f" FROM identifiers JOIN sources ON number = source WHERE identifier = ?1 AND format IN ({marks})",
                (identifier,),
            ).fetchall()
            for number, before, now in rows:
                if before != now:
                    unsettle(self._database, number)
                    self._database.execute("UPDATE sources SET withdrawn = ? WHERE number = ?", (now, number))

    def _forget(self, table: str, condition: str, values: Sequence[object]) -> None:
        if table == "sources":
            rows = self._database.execute(f"SELECT number FROM sources WHERE {condition}", values).fetchall()
            for (number,) in rows:
                self._drop_source(number)
        else:
            self._database.execute(f"DELETE FROM {table} WHERE {condition}", values)

    def _drop_source(self, number: int) -> None:
        for table, column in (("identifiers", "source"), ("notices", "source"), ("sources", "number")):
            self._database.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))

    def failures(self, *, everything: bool = False) -> Iterator[ReadError]:
        """What could not be read of the files of this run, or of all: files, and records of files, in their order."""
        among = "" if everything else "AND number IN (SELECT file FROM scope)"
        rows = self._database.execute(
            "SELECT number, 0 AS part, message, place, remedy FROM files"
            f" WHERE message IS NOT NULL {among}"
            " UNION ALL SELECT number, problems.rowid, problems.message, problems.place, problems.remedy FROM problems"
            f" JOIN files ON number = file WHERE live = 1 {among} ORDER BY 1, 2"
        )
        for _, _, message, place, remedy in rows:
            yield ReadError(message, where=place, remedy=remedy)

    def passed_over(self) -> int:
        """How many documents of this run's files the gate left out."""
        row = self._database.execute("SELECT SUM(passed_over) FROM files JOIN scope ON file = number").fetchone()
        return row[0] or 0


def unsettle(database: sqlite3.Connection, source: int) -> None:
    """Have the article of a source put together anew, and every other that shares an identifier or a notice with it."""
    ids = "SELECT identifier FROM identifiers WHERE source = ?1 UNION SELECT target FROM notices WHERE source = ?1"
    own = "SELECT identifier FROM identifiers WHERE source = ?1"
    database.execute(
        "UPDATE sources SET article = NULL WHERE article IS NOT NULL AND ("
        " number = ?1 OR article = (SELECT article FROM sources WHERE number = ?1)"
        f" OR number IN (SELECT source FROM identifiers WHERE identifier IN ({ids}))"
        f" OR number IN (SELECT source FROM notices WHERE target IN ({own})))",
        (source,),
    )
