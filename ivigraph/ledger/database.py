"""The file of the ledger: its tables, and the one process that writes them.

    files       each file that was named, in the order in which it was first met, and how its reading ended
    problems    records of a file that were left out
    sources     each document that a file holds, with its content; several may be one article
    identifiers, notices, deletions    what the sources say: their names, what they retract, what was withdrawn
    articles    the documents that the graph should hold
    results     what was taken from an article, until it is published
    published   what the graph holds
    patients    who was reported, one row for each author, to see whether two reports are about one

A change is made in one transaction. What the graph holds is recorded after the store has published it, so the ledger
never claims what the graph lacks; what it has missed is written again, which changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ivigraph.errors import StoreError
from ivigraph.ledger.articles import Articles
from ivigraph.ledger.files import Files
from ivigraph.ledger.results import Results
from ivigraph.ledger.searches import Searches
from ivigraph.store.generations import locked

NAME = "ledger.sqlite"
_FORMAT = 2
_TABLES = """
CREATE TABLE files (
  number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sha256 TEXT, how TEXT, bytes INTEGER, documents INTEGER,
  passed_over INTEGER, seconds REAL, time TEXT, message TEXT, place TEXT, remedy TEXT);
CREATE TABLE problems (file INTEGER NOT NULL, live INTEGER NOT NULL, message TEXT, place TEXT, remedy TEXT);
CREATE INDEX problems_of_file ON problems (file);
CREATE TABLE sources (
  number INTEGER PRIMARY KEY, file INTEGER NOT NULL, live INTEGER NOT NULL, ordinal INTEGER NOT NULL,
  name TEXT NOT NULL, digest TEXT NOT NULL, format TEXT NOT NULL, rank TEXT NOT NULL, title TEXT NOT NULL,
  author TEXT NOT NULL, year INTEGER, withdrawn INTEGER NOT NULL DEFAULT 0, article TEXT, content BLOB NOT NULL);
CREATE INDEX sources_of_file ON sources (file, ordinal);
CREATE INDEX sources_of_article ON sources (article) WHERE article IS NOT NULL;
CREATE INDEX sources_without_article ON sources (number) WHERE article IS NULL;
CREATE INDEX sources_by_title ON sources (title) WHERE title != '';
CREATE TABLE identifiers (
  identifier TEXT NOT NULL, source INTEGER NOT NULL, PRIMARY KEY (identifier, source)) WITHOUT ROWID;
CREATE INDEX identifiers_of_source ON identifiers (source);
CREATE TABLE notices (target TEXT NOT NULL, source INTEGER NOT NULL, PRIMARY KEY (target, source)) WITHOUT ROWID;
CREATE INDEX notices_of_source ON notices (source);
CREATE TABLE deletions (
  identifier TEXT NOT NULL, file INTEGER NOT NULL, live INTEGER NOT NULL, ordinal INTEGER NOT NULL,
  PRIMARY KEY (identifier, file, live, ordinal)) WITHOUT ROWID;
CREATE TABLE articles (
  id TEXT PRIMARY KEY, source INTEGER NOT NULL, input TEXT NOT NULL, identifiers TEXT NOT NULL,
  notices TEXT NOT NULL, note TEXT) WITHOUT ROWID;
CREATE INDEX articles_by_source ON articles (source);
CREATE TABLE results (
  id TEXT PRIMARY KEY, input TEXT NOT NULL, how TEXT NOT NULL, seconds REAL, claims TEXT NOT NULL, cases INTEGER,
  mentions INTEGER, unlinked INTEGER, ambiguous INTEGER,
  note TEXT, message TEXT, place TEXT, remedy TEXT, triples BLOB) WITHOUT ROWID;
CREATE TABLE patients (
  author TEXT NOT NULL, age REAL NOT NULL, sex TEXT NOT NULL, iri TEXT NOT NULL, document TEXT NOT NULL,
  conditions TEXT NOT NULL, PRIMARY KEY (author, age, sex, iri)) WITHOUT ROWID;
CREATE INDEX patients_of_document ON patients (document);
CREATE TABLE published (
  id TEXT PRIMARY KEY, input TEXT NOT NULL, how TEXT NOT NULL, seconds REAL, claims TEXT NOT NULL, cases INTEGER,
  mentions INTEGER, unlinked INTEGER, ambiguous INTEGER,
  note TEXT, message TEXT, place TEXT, remedy TEXT, generation INTEGER NOT NULL, time TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE searches (
  query TEXT PRIMARY KEY, since TEXT NOT NULL, full_text INTEGER NOT NULL, asked TEXT NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE scope (file INTEGER PRIMARY KEY);
"""


class Ledger:
    """An open ledger; `files`, `articles` and `results` are its three parts, in the order in which a run fills them."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self.files = Files(connection)
        self.articles = Articles(connection)
        self.results = Results(connection)
        self.searches = Searches(connection)

    @property
    def database(self) -> sqlite3.Connection:
        return self._connection

    def fact(self, name: str) -> str:
        """A remembered value; "" for none."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def remember(self, name: str, value: str) -> None:
        with self._connection as database:
            database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


@contextmanager
def opened(directory: Path, *, writing: bool = False) -> Iterator[Ledger]:
    """The ledger in the directory of a store; made when it is opened for writing, which one process may do at a time.

    Raises StoreLockedError for a second writer, StoreError where there is no ledger or it cannot be used.
    """
    path = directory / NAME
    if writing:
        with locked(directory / "ledger.lock"), _translated(path), _connected(path) as connection:
            yield Ledger(connection, path)
    elif not path.exists():
        raise StoreError("there is no ledger here", where=str(directory), remedy="run ivigraph ingest PATH first")
    else:
        with _translated(path), _connected(path) as connection:
            yield Ledger(connection, path)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=30)
    try:
        # A kill loses nothing that was committed; a power failure may lose the last transactions, never half of one.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        *permanent, scope, _ = _TABLES.split(";")
        if _version(connection) not in (0, _FORMAT):
            raise StoreError(
                "was written by another version of ivigraph",
                where=str(path),
                remedy="use that version, or remove the file and ingest again",
            )
        if _version(connection) == 0:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in permanent if _version(connection) == 0 else ():
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute(scope)
        yield connection
    finally:
        connection.close()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(
            f"the ledger cannot be used: {error}",
            where=str(path),
            remedy="check the free space and the permissions; where the file is damaged, remove it and ingest again",
        ) from error
