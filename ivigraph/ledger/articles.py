"""The second part of the ledger: which sources are one article, as a function of the set of all sources alone.

Whatever the order in which files were read, and whether a run was stopped between them, the same sources give the same
articles.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ivigraph.ingest import identity
from ivigraph.ingest.identity import Sketch
from ivigraph.ledger.content import decode
from ivigraph.model import Document

_PAGE = 500
_COMPARED = 20  # sources with the same identifier or title that one is compared with; more is a common title or a slip
_KINDS = ("doi", "pmid", "pmcid", "sha256")


@dataclass(frozen=True, slots=True)
class _Member:
    """A source as far as it takes to tell whose article it is."""

    number: int
    order: tuple[str, int, int]
    name: str
    digest: str
    sketch: Sketch

    @property
    def keys(self) -> Iterator[str]:
        yield from self.sketch.identifiers
        if self.sketch.title:
            yield f"title {self.sketch.title}"


@dataclass(frozen=True, slots=True)
class Article:
    """What an article is made of: the contents of its sources with their names, the best first."""

    id: str
    identifiers: tuple[str, ...]
    notices: tuple[str, ...]
    sources: tuple[tuple[str, bytes], ...]

    def document(self) -> Document:
        """The one document of all sources."""
        return identity.unified(
            [replace(decode(content), source=name) for name, content in self.sources],
            identifiers=self.identifiers,
            id=self.id,
            retracted_by=self.notices,
        )


class Articles:
    """`settle` puts together what is new or was touched; `get` gives one article."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def settle(self) -> None:
        database = self._database
        with database:
            database.execute(
                "DELETE FROM articles WHERE NOT EXISTS (SELECT 1 FROM sources WHERE article = articles.id)"
            )
        while seeds := database.execute(
            "SELECT number FROM sources WHERE article IS NULL AND live = 1 AND withdrawn = 0 ORDER BY number LIMIT ?",
            (_PAGE,),
        ).fetchall():
            with database:
                done: set[int] = set()
                for (number,) in seeds:
                    if number not in done:
                        done |= self._settle_around(number)
        with database:
            database.execute(
                "DELETE FROM articles WHERE NOT EXISTS (SELECT 1 FROM sources WHERE article = articles.id)"
            )

    def _settle_around(self, number: int) -> set[int]:
        members = self._reach(number)
        claimed: dict[str, str] = {}
        for cluster in self._clustered(members):
            self._write(cluster, claimed)
        return {member.number for member in members}

    def _reach(self, number: int) -> list[_Member]:
        """A source and all that share an identifier or a title with it, or with one of those; the best first."""
        found = {number: self._member(number)}
        keys = list(found[number].keys)
        seen = set(keys)
        while keys:
            key = keys.pop()
            for other in self._with(key):
                if other not in found:
                    found[other] = self._member(other)
                    fresh = [k for k in found[other].keys if k not in seen]
                    seen.update(fresh)
                    keys += fresh
        return sorted(found.values(), key=lambda member: member.order, reverse=True)

    def _with(self, key: str) -> list[int]:
        if key.startswith("title "):
            rows = self._database.execute(
                "SELECT number FROM sources WHERE title = ? AND title != '' AND live = 1 AND withdrawn = 0",
                (key.removeprefix("title "),),
            )
        else:
            rows = self._database.execute(
                "SELECT source FROM identifiers JOIN sources ON number = source"
                " WHERE identifier = ? AND live = 1 AND withdrawn = 0",
                (key,),
            )
        return [row[0] for row in rows]

    def _member(self, number: int) -> _Member:
        rank, file, ordinal, name, digest, title, author, year = self._database.execute(
            "SELECT rank, file, ordinal, name, digest, title, author, year FROM sources WHERE number = ?", (number,)
        ).fetchone()
        ids = self._database.execute("SELECT identifier FROM identifiers WHERE source = ?", (number,)).fetchall()
        return _Member(
            number, (rank, file, ordinal), name, digest, Sketch(tuple(row[0] for row in ids), title, author, year)
        )

    def _clustered(self, members: Iterable[_Member]) -> list[list[_Member]]:
        """The sources by article, each with its best source first, in the order of the best."""
        clusters: dict[int, list[_Member]] = {}
        cluster_of: dict[int, int] = {}
        by_key: dict[str, list[_Member]] = {}
        for member in members:
            own = member.number
            clusters[own] = [member]
            cluster_of[own] = own
            for key in member.keys:
                for other in by_key.get(key, ())[:_COMPARED]:
                    joined = cluster_of[other.number]
                    if joined != cluster_of[own] and self._same(member, other):
                        first, second = sorted((joined, cluster_of[own]), key=lambda c: clusters[c][0].order)
                        for moved in clusters.pop(first):
                            clusters[second].append(moved)
                            cluster_of[moved.number] = second
                by_key.setdefault(key, []).append(member)
        ordered = [sorted(cluster, key=lambda m: m.order, reverse=True) for cluster in clusters.values()]
        return sorted(ordered, key=lambda cluster: cluster[0].order, reverse=True)

    def _same(self, one: _Member, other: _Member) -> bool:
        return one.digest == other.digest or identity.same(
            one.sketch, other.sketch, lambda: (self._text(one), self._text(other))
        )

    def _text(self, member: _Member) -> str:
        return self._content(member.number).text

    def _content(self, number: int) -> Document:
        row = self._database.execute("SELECT content FROM sources WHERE number = ?", (number,)).fetchone()
        return decode(row[0])

    def _write(self, cluster: list[_Member], claimed: dict[str, str]) -> None:
        """Enter an article. An identifier that a better article bears already is left out, with a note."""
        stated = sorted(
            {id for member in cluster for id in member.sketch.identifiers},
            key=lambda name: (_KINDS.index(name.partition(":")[0]), name),
        )
        public = [id for id in stated if id not in claimed and not id.startswith("sha256:")]
        taken = [id for id in stated if id in claimed]
        text = f"sha256:{hashlib.sha256(self._text(cluster[0]).encode()).hexdigest()}" if not public else ""
        id = public[0] if public else text
        claimed.update((name, cluster[0].name) for name in stated if name not in claimed)
        notices = self._notices(public)
        digest = json.dumps([[m.digest, m.name.rsplit("/", 1)[-1]] for m in cluster] + [public, notices])
        note = "; ".join(f"it states {name}, which is {claimed[name]} with another text" for name in taken)
        numbers = [member.number for member in cluster]
        database = self._database
        for number in numbers:
            database.execute(
                "DELETE FROM articles WHERE id = (SELECT article FROM sources WHERE number = ?) AND id != ?",
                (number, id),
            )
        database.execute(
            "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?)",
            (
                id,
                numbers[0],
                hashlib.sha256(digest.encode()).hexdigest(),
                json.dumps(public),
                json.dumps(notices),
                note,
            ),
        )
        database.executemany("UPDATE sources SET article = ? WHERE number = ?", ((id, number) for number in numbers))

    def _notices(self, identifiers: Iterable[str]) -> list[str]:
        """The documents that retract an article with these identifiers, each by its PMID where it has one."""
        found = set()
        for target in identifiers:
            for (source,) in self._database.execute(
                "SELECT source FROM notices JOIN sources ON number = source"
                " WHERE target = ? AND live = 1 AND withdrawn = 0",
                (target,),
            ).fetchall():
                names = self._member(source).sketch.identifiers
                found.add(min(names, key=lambda name: (not name.startswith("pmid:"), name)))
        return sorted(name for name in found if not name.startswith("sha256:"))

    def get(self, id: str) -> Article:
        identifiers, notices = self._database.execute(
            "SELECT identifiers, notices FROM articles WHERE id = ?", (id,)
        ).fetchone()
        rows = self._database.execute(
            "SELECT name, content FROM sources WHERE article = ? ORDER BY rank DESC, file DESC, ordinal DESC", (id,)
        ).fetchall()
        return Article(id, tuple(json.loads(identifiers)), tuple(json.loads(notices)), tuple(rows))

    def notes(self) -> list[tuple[str, str]]:
        """Of this run's files: a source that states another's identifier, and which."""
        return self._database.execute(
            "SELECT DISTINCT s.name, a.note FROM articles a JOIN sources s ON s.number = a.source"
            " JOIN sources t ON t.article = a.id JOIN scope ON t.file = scope.file WHERE a.note != '' ORDER BY 1"
        ).fetchall()

    def unified(self) -> int:
        """How many sources of this run's files are an article that another source gives the text of."""
        row = self._database.execute(
            "SELECT COUNT(*) FROM sources s JOIN scope USING (file) JOIN articles a ON a.id = s.article"
            " WHERE a.source != s.number"
        ).fetchone()
        return int(row[0])
