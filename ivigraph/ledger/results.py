"""The third part of the ledger: what was taken from each article, and what of it the graph holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivigraph.errors import IvigraphError

_PAGE = 200
_SHARED_CONDITIONS = 2
_IN_SCOPE = "EXISTS (SELECT 1 FROM sources s JOIN scope USING (file) WHERE s.article = {}.id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient as far as it takes to see that two reports may be about the same one."""

    iri: str
    age: float | None
    sex: str | None
    conditions: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was taken from one article: its graph as N-Triples, compressed, or the error that kept it from having one.

    `claims` are the claims' IRIs without their common start.
    """

    id: str
    triples: bytes | None = None
    claims: tuple[str, ...] = ()
    cases: int = 0
    mentions: int = 0
    unlinked: int = 0
    ambiguous: int = 0
    patients: tuple[Patient, ...] = ()
    seconds: float = 0.0
    note: str | None = None
    error: IvigraphError | None = None


@dataclass(slots=True)
class Change:
    """What a run changed in the graph; `changed` counts documents that are new or different.

    `documents` names them: "+" new, "~" changed, "-" gone.
    """

    changed: int = 0
    new_documents: int = 0
    gone_documents: int = 0
    new_claims: int = 0
    gone_claims: int = 0
    documents: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the graph holds of the files of a run."""

    documents: int
    claims: int
    cases: int
    mentions: int
    unlinked: int
    ambiguous: int


Replace = Callable[[str, bytes], bool]
Delete = Callable[[str], bool]


@dataclass(slots=True)
class Results:
    """`plan` says which articles are to be read for claims, `enter` keeps what came of it, `publish` hands it on."""

    _database: sqlite3.Connection
    _published: list[tuple[str, str]] = field(default_factory=list)

    def trust(self, generation: int) -> None:
        """Forget what was published in generations that the store does not have (any more)."""
        with self._database as database:
            database.execute("UPDATE published SET input = '' WHERE generation > ?", (generation,))

    def forget_claims(self) -> None:
        """Have the articles of this run read again, whether they or the extractor changed or not."""
        with self._database as database:
            for table in ("results", "published"):
                database.execute(f"UPDATE {table} SET how = '' WHERE {_IN_SCOPE.format(table)}")

    def plan(self, how: str) -> int:
        """Choose the articles to be read, and count them.

        Those that are new or changed, wherever they came from; of this run's files also what another version read.
        """
        with self._database as database:
            database.execute(
                "DELETE FROM results WHERE how != ? OR NOT EXISTS"
                " (SELECT 1 FROM articles a WHERE a.id = results.id AND a.input = results.input)",
                (how,),
            )
            database.execute("DROP TABLE IF EXISTS temp.plan")
            database.execute(
                "CREATE TEMP TABLE plan (number INTEGER PRIMARY KEY, id TEXT NOT NULL, input TEXT NOT NULL)"
            )
            database.execute(
                "INSERT INTO plan (id, input) SELECT a.id, a.input FROM articles a LEFT JOIN published p ON p.id = a.id"
                " WHERE NOT EXISTS (SELECT 1 FROM results r WHERE r.id = a.id) AND (p.id IS NULL OR p.input != a.input"
                f" OR (p.how != ? AND {_IN_SCOPE.format('a')})) ORDER BY a.source",
                (how,),
            )
        return int(database.execute("SELECT COUNT(*) FROM plan").fetchone()[0])

    def outdated(self, file: int, how: str) -> bool:
        """Whether an article of a file is not in the graph, or as another version read it."""
        row = self._database.execute(
            "SELECT EXISTS (SELECT 1 FROM sources s JOIN articles a ON a.id = s.article LEFT JOIN published p"
            " ON p.id = a.id WHERE s.file = ? AND (p.id IS NULL OR p.input != a.input OR p.how != ?))",
            (file, how),
        ).fetchone()
        return bool(row[0])

    def planned(self) -> Iterator[str]:
        """The chosen articles in the order of the files."""
        last = 0
        while rows := self._database.execute(
            "SELECT number, id FROM plan WHERE number > ? ORDER BY number LIMIT ?", (last, _PAGE)
        ).fetchall():
            last = rows[-1][0]
            yield from (row[1] for row in rows)

    def enter(self, results: Iterable[Result], how: str) -> None:
        with self._database as database:
            for result in results:
                error = result.error
                database.execute("DELETE FROM patients WHERE document = ?", (result.id,))
                database.executemany(
                    "INSERT OR REPLACE INTO patients VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        (author, p.age, p.sex or "", p.iri, result.id, json.dumps(p.conditions))
                        for p in result.patients
                        for author in p.authors
                    ),
                )
                database.execute(
                    "INSERT OR REPLACE INTO results SELECT id, input, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                    " ?11, ?12, ?13"
                    " FROM plan WHERE id = ?1",
                    (
                        result.id,
                        how,
                        round(result.seconds, 4),
                        json.dumps(result.claims),
                        result.cases,
                        result.mentions,
                        result.unlinked,
                        result.ambiguous,
                        result.note,
                        error.message if error else None,
                        error.where if error else None,
                        error.remedy if error else None,
                        result.triples,
                    ),
                )

    def waiting(self) -> bool:
        """Whether the graph lacks something that was read, or holds something that is gone."""
        row = self._database.execute(
            "SELECT EXISTS (SELECT 1 FROM results) OR EXISTS"
            " (SELECT 1 FROM published WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = published.id))"
        ).fetchone()
        return bool(row[0])

    @property
    def has_graphs(self) -> bool:
        """Whether the graph holds a document, or does when what `write` handed on is published."""
        row = self._database.execute(
            "SELECT EXISTS (SELECT 1 FROM published) OR EXISTS (SELECT 1 FROM results WHERE triples IS NOT NULL)"
        )
        return bool(row.fetchone()[0])

    def write(self, replace: Replace, delete: Delete, change: Change, *, last: bool) -> None:
        """Hand every graph that waits to `replace`; with the `last` of a run, `delete` what is gone."""
        self._published = []
        after = ""
        while rows := self._database.execute(
            "SELECT r.id, r.input, r.claims, r.triples, p.claims FROM results r LEFT JOIN published p ON p.id = r.id"
            " WHERE r.id > ? ORDER BY r.id LIMIT ?",
            (after, _PAGE),
        ).fetchall():
            after = rows[-1][0]
            for id, input, claims, triples, before in rows:
                self._published.append((id, input))
                if triples is None:
                    continue
                old, new = set(json.loads(before or "[]")), set(json.loads(claims))
                if replace(id, triples):
                    change.changed += 1
                    change.documents.append(("+" if before is None else "~", id))
                change.new_documents += before is None
                change.new_claims += len(new - old)
                change.gone_claims += len(old - new)
        if last:
            for id, claims in self._gone():
                delete(id)
                self._published.append((id, ""))
                change.gone_documents += 1
                change.documents.append(("-", id))
                change.gone_claims += len(json.loads(claims))

    def _gone(self) -> list[tuple[str, str]]:
        return self._database.execute(
            "SELECT id, claims FROM published WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = published.id)"
            " ORDER BY id"
        ).fetchall()

    def duplicates(self) -> Iterator[tuple[str, str]]:
        """Pairs of patients of different documents who agree in age, sex, an author and two conditions."""
        rows = self._database.execute(
            "SELECT DISTINCT a.iri, b.iri, a.conditions, b.conditions FROM patients a JOIN patients b"
            " USING (author, age, sex) WHERE a.iri < b.iri AND a.document != b.document"
            " AND a.document IN (SELECT id FROM articles) AND b.document IN (SELECT id FROM articles) ORDER BY 1, 2"
        )
        for one, other, its, others in rows:
            if len(set(json.loads(its)) & set(json.loads(others))) >= _SHARED_CONDITIONS:
                yield one, other

    def settle(self, generation: int) -> None:
        """Record what `write` handed on, after the store has published it."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database as database:
            for id, input in self._published:
                if input == "":
                    for table, column in (("published", "id"), ("patients", "document")):
                        database.execute(f"DELETE FROM {table} WHERE {column} = ?", (id,))
                    continue
                # What failed leaves the graph that an earlier reading gave, and its claims.
                database.execute(
                    "INSERT OR REPLACE INTO published SELECT r.id, r.input, r.how, r.seconds,"
                    " CASE WHEN r.triples IS NULL THEN COALESCE(p.claims, '[]') ELSE r.claims END,"
                    " CASE WHEN r.triples IS NULL THEN COALESCE(p.cases, 0) ELSE r.cases END,"
                    " r.mentions, r.unlinked, r.ambiguous,"
                    " r.note, r.message, r.place, r.remedy, ?, ?"
                    " FROM results r LEFT JOIN published p ON p.id = r.id WHERE r.id = ?",
                    (generation, now, id),
                )
                database.execute("DELETE FROM results WHERE id = ?", (id,))
        self._published = []

    def failures(self, *, everything: bool = False) -> Iterator[IvigraphError]:
        """The errors of articles of this run's files, or of all."""
        for table in ("results", "published"):
            among = "" if everything else f"AND {_IN_SCOPE.format(table)}"
            rows = self._database.execute(
                f"SELECT message, place, remedy FROM {table} WHERE message IS NOT NULL {among} ORDER BY id"
            )
            for message, place, remedy in rows.fetchall():
                yield IvigraphError(message, where=place, remedy=remedy)

    def notes(self) -> list[tuple[str, int]]:
        """Why documents of this run's files were not read for claims, with how many each."""
        return self._database.execute(
            f"SELECT note, COUNT(*) FROM published WHERE note IS NOT NULL AND {_IN_SCOPE.format('published')}"
            " GROUP BY note ORDER BY 2 DESC, 1"
        ).fetchall()

    def totals(self) -> Totals:
        row = self._database.execute(
            "SELECT COUNT(*), COALESCE(SUM(json_array_length(claims)), 0), COALESCE(SUM(cases), 0),"
            " COALESCE(SUM(mentions), 0), COALESCE(SUM(unlinked), 0), COALESCE(SUM(ambiguous), 0) FROM published"
            f" WHERE (message IS NULL OR claims != '[]') AND {_IN_SCOPE.format('published')}"
        ).fetchone()
        return Totals(*row)
