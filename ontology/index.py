"""The names of loaded ontologies in one SQLite file, found by their normalised form.

One row in `sources` for each file that was added; adding it again replaces all that came from it, in one transaction.
Several processes may read while one writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import platformdirs

from ivigraph.errors import StoreError, StoreLockedError, VocabularyError
from ivigraph.ontology.external import (
    Problem,
    Progress,
    Scope,
    Source,
)
from ivigraph.ontology.identifiers import canonical
from ivigraph.ontology.index_writer import Writer
from ivigraph.ontology.names import normalise
from ivigraph.ontology.wording import bag

# Changes when the tables, `names.normalise` or `wording.bag` change: keys are compared only with keys of one rule.
_VERSION = 1
_MAPPED = 1 << 30  # bytes of the file that are read where the system keeps them, without a copy
_TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, file TEXT, format TEXT, sha256 TEXT, title TEXT, version TEXT,
    licence TEXT, added TEXT, terms INTEGER, names INTEGER, mappings INTEGER, problems TEXT);
CREATE TABLE terms (
    source INTEGER NOT NULL, id TEXT NOT NULL, label TEXT, definition TEXT, obsolete INTEGER, replaced_by TEXT,
    PRIMARY KEY (id, source)) WITHOUT ROWID;
CREATE TABLE parents (source INTEGER NOT NULL, term TEXT NOT NULL, parent TEXT NOT NULL,
    PRIMARY KEY (term, parent, source)) WITHOUT ROWID;
CREATE TABLE keys (id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, bag TEXT NOT NULL);
-- The label and whether the term is obsolete are repeated here: linking reads this table alone.
CREATE TABLE names (source INTEGER NOT NULL, key INTEGER NOT NULL, term TEXT NOT NULL, label TEXT, text TEXT,
    scope TEXT, language TEXT, obsolete INTEGER);
CREATE TABLE words (word TEXT NOT NULL, key INTEGER NOT NULL, PRIMARY KEY (word, key)) WITHOUT ROWID;
CREATE TABLE mappings (source INTEGER NOT NULL, subject TEXT, predicate TEXT, object TEXT, justification TEXT,
    confidence REAL);
CREATE INDEX names_by_key ON names (key);
CREATE INDEX names_by_term ON names (term);
CREATE INDEX names_by_source ON names (source);
CREATE INDEX keys_by_bag ON keys (bag);
CREATE INDEX mappings_by_subject ON mappings (subject);
CREATE INDEX mappings_by_object ON mappings (object);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A source in the index. `problems` counts what was reported, by kind; `examples` holds some of each."""

    name: str
    file: str
    format: str
    title: str
    version: str
    licence: str
    sha256: str
    added: str
    terms: int
    names: int
    mappings: int
    problems: dict[str, int]
    examples: tuple[Problem, ...] = ()


class Hit(NamedTuple):
    """A name that bears the key that was asked for, and its term. `scope` is a value of `Scope`."""

    term: str
    label: str
    text: str
    scope: str
    language: str
    source: str
    obsolete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """All that the index knows of one term, over its sources. `ancestors` are (CURIE, label), nearest first."""

    id: str
    label: str
    names: tuple[Hit, ...]
    definition: str
    obsolete: bool
    replaced_by: str
    sources: tuple[str, ...]
    ancestors: tuple[tuple[str, str], ...]
    mappings: tuple[tuple[str, str, str, str], ...]
    """(predicate, identifier, label, source), the identifier being the other side."""


def default_path() -> Path:
    """The user's own index."""
    return platformdirs.user_data_path("ivigraph") / "terms.sqlite"


def located(setting: str) -> Path | None:
    """Where the setting `term_index` says: a file, the user's own where it is empty, None for "none"."""
    return None if setting == "none" else Path(setting) if setting else default_path()


class TermIndex:
    """An open index. Close it, or use it in a `with` block."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self._sources: dict[int, str] = {}
        self.path = path

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> TermIndex:
        """Raises StoreError when there is none, or when another version wrote it."""
        if not create and not path.is_file():
            raise StoreError(
                "no term index here", where=str(path), remedy="load an ontology: ivigraph ontology add FILE"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            db.execute(f"PRAGMA mmap_size = {_MAPPED}")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0 and not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                db.executescript(
                    f"PRAGMA journal_mode = WAL; BEGIN; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;"
                )
                version = _VERSION
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"cannot be opened: {error}", where=str(path), remedy="name another file with --index"
            ) from error
        if version != _VERSION:
            db.close()
            raise StoreError(
                f"was written by another version of ivigraph (layout {version}, not {_VERSION})",
                where=str(path),
                remedy="delete the file and add the ontologies again",
            )
        return cls(db, path)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> TermIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Writing

    def add(
        self, name: str, source: Source, *, file: str = "", sha256: str = "", progress: Progress = lambda _: None
    ) -> Loaded:
        """Load a source under a name, replacing what had that name. Nothing is kept when it fails."""
        with self._writing():
            self._remove(name)
            number = self._db.execute("INSERT INTO sources (name) VALUES (?)", (name,)).lastrowid or 0
            writer = Writer(self._db, number, source.problems)
            writer.terms(source.terms, progress)
            writer.mappings(source.mappings)
            writer.check()
            loaded = Loaded(
                name=name,
                file=file,
                format=source.format,
                title=source.title,
                version=source.version,
                licence=source.licence,
                sha256=sha256,
                added=datetime.now(UTC).isoformat(timespec="seconds"),
                terms=writer.term_count,
                names=writer.name_count,
                mappings=writer.mapping_count,
                problems=writer.problem_counts(),
                examples=writer.examples(),
            )
            columns = {**{f: getattr(loaded, f) for f in _SOURCE_COLUMNS}, "problems": json.dumps(loaded.problems)}
            self._db.execute(
                f"UPDATE sources SET {', '.join(f'{column} = ?' for column in columns)} WHERE id = ?",  # noqa: S608 - our own column names
                (*columns.values(), number),
            )
        self._db.execute("PRAGMA optimize")
        return loaded

    def remove(self, name: str) -> bool:
        """Take a source out; False when there is none of that name."""
        with self._writing():
            return self._remove(name)

    def _remove(self, name: str) -> bool:
        row = self._db.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
        if row is None:
            return False
        for table in ("terms", "parents", "names", "mappings"):
            self._db.execute(f"DELETE FROM {table} WHERE source = ?", row)  # noqa: S608
        self._db.execute("DELETE FROM sources WHERE id = ?", row)
        self._db.execute("DELETE FROM keys WHERE id NOT IN (SELECT key FROM names)")
        self._db.execute("DELETE FROM words WHERE key NOT IN (SELECT id FROM keys)")
        return True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreLockedError(
                "another process is adding an ontology", where=str(self.path), remedy="wait until it has done"
            ) from error
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    # Reading

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One view of the index for many look-ups, which saves each of them a lock on the file."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def sources(self) -> list[Loaded]:
        rows = self._db.execute(f"SELECT {', '.join(_SOURCE_COLUMNS)}, problems FROM sources ORDER BY name")  # noqa: S608
        return [Loaded(**dict(zip(_SOURCE_COLUMNS, row, strict=False)), problems=json.loads(row[-1])) for row in rows]

    def by_key(self, key: str) -> list[Hit]:
        """The names with this normalised form."""
        return self._hits(_BY_KEY, key)

    def by_bag(self, words: str) -> list[Hit]:
        """The names with this bag of words."""
        return self._hits(_BY_BAG, words)

    def _hits(self, query: str, value: str) -> list[Hit]:
        rows = self._db.execute(query, (value,)).fetchall()
        try:
            return [Hit(t, label, text, s, lang, self._sources[n], o) for t, label, text, s, lang, n, o in rows]
        except KeyError:  # another process added a source
            self._sources = dict(self._db.execute("SELECT id, name FROM sources"))
            return [Hit(t, label, text, s, lang, self._sources[n], o) for t, label, text, s, lang, n, o in rows]

    def frequency(self, word: str) -> int:
        """In how many keys a word stands."""
        (count,) = self._db.execute("SELECT count(*) FROM words WHERE word = ?", (word,)).fetchone()
        return int(count)

    def with_word(self, word: str, most: int) -> list[tuple[int, str, str]]:
        """(number, key, bag) of keys whose bag holds a word."""
        return self._db.execute(
            "SELECT keys.id, keys.key, keys.bag FROM words JOIN keys ON keys.id = words.key WHERE word = ? LIMIT ?",
            (word, most),
        ).fetchall()

    def vocabulary(self) -> list[str]:
        """Every distinct word of every bag."""
        return [word for (word,) in self._db.execute("SELECT DISTINCT word FROM words")]

    def mappings(self, term: str) -> list[tuple[str, str]]:
        """(predicate, identifier) of the other side of each mapping, in either direction."""
        return self._db.execute(
            """SELECT predicate, object FROM mappings WHERE subject = ?
               UNION SELECT predicate, subject FROM mappings WHERE object = ?""",
            (term, term),
        ).fetchall()

    def parents(self, term: str) -> list[str]:
        return [p for (p,) in self._db.execute("SELECT DISTINCT parent FROM parents WHERE term = ?", (term,))]

    def names(self, term: str) -> list[tuple[str, str, Scope]]:
        """(key, bag, scope) of every name of a term."""
        rows = self._db.execute(
            "SELECT DISTINCT keys.key, keys.bag, scope FROM names JOIN keys ON keys.id = names.key WHERE term = ?",
            (term,),
        )
        return [(key, words, Scope(scope)) for key, words, scope in rows]

    def label(self, term: str) -> str:
        """The preferred label of a term; its identifier where none is known."""
        row = self._db.execute(
            "SELECT label FROM terms WHERE id = ? AND label <> '' ORDER BY obsolete, source LIMIT 1", (term,)
        ).fetchone()
        return row[0] if row else term

    def search(self, text: str, most: int = 20) -> list[Hit]:
        """Names that hold all words of `text`, its exact form first, then the shortest; one hit a term."""
        key = normalise(text)
        found = {hit.term: hit for hit in self.by_key(key)}
        words = sorted(set(bag(key).split()), key=self.frequency)
        if words:
            rest = set(words[1:])
            candidates = [row for row in self.with_word(words[0], 100_000) if rest <= set(row[2].split())]
            for _, candidate, _ in sorted(candidates, key=lambda row: (len(row[1]), row[1])):
                if len(found) >= most:
                    break
                for hit in self.by_key(candidate):
                    found.setdefault(hit.term, hit)
        return list(found.values())[:most]

    def entry(self, identifier: str) -> Entry:
        """Everything about a term. Raises VocabularyError when no source has it."""
        term = canonical(identifier)
        rows = self._db.execute(
            """SELECT label, definition, obsolete, replaced_by, sources.name FROM terms
               JOIN sources ON sources.id = source WHERE terms.id = ? ORDER BY label = '', source""",
            (term,),
        ).fetchall()
        if not rows:
            raise VocabularyError(
                "no loaded ontology has this term",
                where=identifier,
                remedy="find it with: ivigraph ontology search TEXT; what is loaded: ivigraph ontology list",
            )
        names = self._db.execute(
            """SELECT term, label, text, scope, language, sources.name, obsolete FROM names
               JOIN sources ON sources.id = source WHERE term = ? ORDER BY source""",
            (term,),
        )
        mappings = self._db.execute(
            """SELECT predicate, object, sources.name FROM mappings JOIN sources ON sources.id = source
                 WHERE subject = ?
               UNION SELECT predicate, subject, sources.name FROM mappings JOIN sources ON sources.id = source
                 WHERE object = ? ORDER BY 1, 2""",
            (term, term),
        ).fetchall()
        return Entry(
            id=term,
            label=rows[0][0],
            names=tuple(map(Hit._make, names)),
            definition=next((row[1] for row in rows if row[1]), ""),
            obsolete=any(row[2] for row in rows),
            replaced_by=next((row[3] for row in rows if row[3]), ""),
            sources=tuple(row[4] for row in rows),
            ancestors=tuple((ancestor, self.label(ancestor)) for ancestor in self.ancestors(term)),
            mappings=tuple((predicate, other, self.label(other), src) for predicate, other, src in mappings),
        )

    def ancestors(self, term: str) -> list[str]:
        """Every broader term once, the nearest first; a cycle ends where it closes."""
        rows = self._db.execute(
            """WITH RECURSIVE above (id, distance) AS (
                   SELECT ?, 0
                   UNION
                   SELECT parent, distance + 1 FROM above JOIN parents ON term = above.id WHERE distance < 100)
               SELECT id FROM above WHERE id <> ? GROUP BY id ORDER BY min(distance), id""",
            (term, term),
        )
        return [ancestor for (ancestor,) in rows]


_HIT = """SELECT n.term, n.label, n.text, n.scope, n.language, n.source, n.obsolete
          FROM keys JOIN names n ON n.key = keys.id"""
_BY_KEY = f"{_HIT} WHERE keys.key = ?"
_BY_BAG = f"{_HIT} WHERE keys.bag = ?"
_SOURCE_COLUMNS = (
    "name", "file", "format", "title", "version", "licence", "sha256", "added", "terms", "names", "mappings",
)  # fmt: skip
