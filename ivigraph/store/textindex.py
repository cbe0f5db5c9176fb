"""The index of a generation: which files it consists of, how the next one follows from it, searching and reading.

    generations/000042/text/000040.sqlite     older segments are hard links to those of the generation before
    generations/000042/text/000042.sqlite     the newest, with the graphs that this generation changed

A write adds a segment with the graphs whose texts or claims changed. So that there are few, it takes in those before
it that are less than four times its size, as log-structured merge trees do: a graph is written some ten times in all.
"""

from __future__ import annotations

import heapq
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from operator import attrgetter
from pathlib import Path

import pyoxigraph

from ivigraph.errors import StoreError
from ivigraph.store import entries, segments
from ivigraph.store.base import Hit, Kind
from ivigraph.store.claims import Among, ClaimRow, DocumentRow
from ivigraph.store.searching import Found
from ivigraph.store.segments import SUFFIX, Match, Record, Segment
from ivigraph.store.words import Term, begun, places, terms

_GROWTH = 4
_SNIPPET = 240  # characters


class TextIndex:
    """The index of one generation, open for reading. For one thread at a time."""

    def __init__(self, directory: Path) -> None:
        """Raises StoreError when there is none of this version."""
        self._segments: list[Segment] = []
        try:
            for file in _files(directory):
                segment = Segment(file)
                self._segments.append(segment)
                if segment.version != segments.VERSION:
                    raise sqlite3.DatabaseError(f"version {segment.version}")
                for older in self._segments[:-1]:
                    older.outdate(segment.graphs())
        except sqlite3.Error as error:
            self.close()
            raise _missing(directory, str(error)) from error
        if not self._segments:
            raise _missing(directory, "no files")

    def search(self, typed: str, *, kinds: Collection[Kind], limit: int) -> tuple[Hit, ...]:
        """What has a text with all the words, the text that has the least besides first."""
        wanted = terms(typed)
        return tuple(_hit(match, wanted) for match in _distinct(self.matches(wanted, kinds), limit)) if wanted else ()

    def found(self, typed: str, kinds: Collection[Kind], most: int) -> list[Found]:
        """As `search`, without snippets: for a query that wants them by the thousand."""
        wanted = terms(typed)
        return [
            Found(
                iri=match.entry.iri,
                score=score(match, wanted),
                text=match.entry.text,
                language=match.entry.language,
                label=match.entry.label,
                field=match.entry.field,
            )
            for match in _distinct(self.matches(wanted, kinds), most)
        ]

    def suggest(self, typed: str, *, kinds: Collection[Kind], limit: int) -> tuple[Hit, ...]:
        """What begins with the text that is being typed, then what holds all its words, the last begun."""
        wanted = begun(typed)
        if not wanted:
            return ()
        matches = chain(self.matches(wanted, kinds, at_start=True), self.matches(wanted, kinds))
        return tuple(_hit(match, wanted) for match in _distinct(matches, limit))

    def matches(self, wanted: Sequence[Term], kinds: Collection[Kind], *, at_start: bool = False) -> Iterator[Match]:
        streams = (segment.matches(wanted, kinds, at_start=at_start) for segment in self._segments)
        return heapq.merge(*streams, key=lambda match: match.size)

    def claims(self, among: Among) -> list[ClaimRow]:
        """The rows of the claims that are wanted, each once, in the order of document and claim."""
        rows = {row for segment in self._segments for row in segment.claims(among)}
        if len({row.claim for row in rows}) < len(rows):  # the order must not hang on that of a set
            return sorted(rows, key=lambda row: (row.document, row.claim, _key(row)))
        return sorted(rows, key=attrgetter("document", "claim"))

    def documents(self, wanted: Collection[str] | None = None) -> dict[str, DocumentRow]:
        """These documents, or all; of what graphs say differently the first in order."""
        rows = {row for segment in self._segments for row in segment.documents(wanted)}
        return {row.document: row for row in sorted(rows, reverse=True, key=_key)}

    def sentences(self, claims: Collection[str]) -> dict[str, str]:
        """The sentences of these claims; of several the first in order."""
        return dict(sorted({pair for segment in self._segments for pair in segment.sentences(claims)}, reverse=True))

    def absorbed(self, changed: Mapping[str, set[Record]]) -> tuple[list[Path], dict[str, set[Record]]]:
        """The files that stay, and what the new segment holds: what changed, and the small segments before it."""
        content = dict(changed)
        kept = list(self._segments)
        for segment in self._segments:
            segment.outdate(changed)
        while content and kept and len(kept[-1]) < _GROWTH * (len(content) + sum(map(len, content.values()))):
            content = {**kept.pop().content(), **content}
        if not kept:  # nobody is left to be told that a graph lost its entries
            content = {name: entries for name, entries in content.items() if entries}
        return [segment.file for segment in kept], content

    def problem(self, store: pyoxigraph.Store, *, merged: bool) -> str:
        """Why this is not the index of the store; "" where it is. Reads all of both."""
        for segment in self._segments:
            if told := segment.problem():
                return f"{segment.file.name}: {told}"
        held: dict[str, set[Record]] = {}
        for segment in self._segments:
            held.update(segment.content())
        for graph in entries.graphs(store, merged=merged):
            name = entries.name(graph)
            if entries.of_graph(store, graph) != held.pop(name, set()):
                return f"its texts differ from those of the graph {name or 'without a name'}"
        return next((f"it has texts of {name}, which is no graph" for name, texts in held.items() if texts), "")

    def close(self) -> None:
        for segment in self._segments:
            segment.close()


def _key(row: ClaimRow | DocumentRow) -> tuple[object, ...]:
    """To sort by: nothing compares with None."""
    return tuple(-1 if value is None else value for value in row)


def build(directory: Path, store: pyoxigraph.Store, *, merged: bool = False) -> None:
    """Make the index of a store from all that it holds, in a directory that is there."""
    content = {entries.name(graph): entries.of_graph(store, graph) for graph in entries.graphs(store, merged=merged)}
    segments.write(directory / _file(1), content)


def publish(
    old: Path | None,
    new: Path,
    *,
    base: pyoxigraph.Store,
    draft: pyoxigraph.Store,
    touched: Set[str] | None,
    merged: bool = False,
) -> None:
    """Make the index of the generation `draft` in the directory `new`, from the index `old` of the generation `base`.

    `touched` names the graphs that may differ, the default graph by an empty name; None: any may. `merged` says
    that the default graph holds nothing of its own. Where there is no
    index of this version to start from, all is read.
    """
    new.mkdir()
    try:
        index = TextIndex(old) if old is not None else None
    except StoreError:
        index = None
    if index is None or old is None:
        build(new, draft, merged=merged)
        return
    try:
        kept, content = index.absorbed(_changed(base, draft, touched, merged=merged))
    finally:
        index.close()
    for file in kept:
        os.link(file, new / file.name)
    if content or not kept:
        segments.write(new / _file(int(_files(old)[-1].stem) + 1), content)


def _changed(
    base: pyoxigraph.Store, draft: pyoxigraph.Store, touched: Set[str] | None, *, merged: bool
) -> dict[str, set[Record]]:
    """The texts and rows that the graphs have now, for each graph where they are others than before."""
    if touched is None:
        touched = entries.differing(base, draft)
    changed = {}
    for name in touched - ({""} if merged else set()):
        graph = pyoxigraph.NamedNode(name) if name else pyoxigraph.DefaultGraph()
        now = entries.of_graph(draft, graph)
        if now != entries.of_graph(base, graph):
            changed[name] = now
    return changed


def _files(directory: Path) -> list[Path]:
    """The segments, oldest first."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def _file(number: int) -> str:
    return f"{number:06d}{SUFFIX}"


def _missing(directory: Path, reason: str) -> StoreError:
    return StoreError(
        f"has no text index that can be used ({reason})",
        where=str(directory),
        remedy="the next write makes one: run ivigraph ingest on any document",
    )


def _distinct(matches: Iterable[Match], most: int) -> Iterator[Match]:
    """The first of each IRI."""
    seen: set[str] = set()
    for match in matches:
        if len(seen) == most:
            return
        if match.entry.iri not in seen:
            seen.add(match.entry.iri)
            yield match


def _hit(match: Match, wanted: Sequence[Term]) -> Hit:
    entry = match.entry
    snippet, spans = _snippet(entry.text, places(entry.text, wanted))
    return Hit(
        iri=entry.iri,
        kind=entry.kind,
        label=entry.label,
        field=entry.field,
        text=entry.text,
        language=entry.language,
        score=score(match, wanted),
        snippet=snippet,
        spans=spans,
    )


def score(match: Match, wanted: Sequence[Term]) -> float:
    """The share of the letters of the text that are searched for; see `Hit`."""
    spelled = sum(len(word) for term in wanted for word in term.words)
    return round(min(1.0, spelled / max(match.size, 1)), 4)


def _snippet(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """At most so many characters around the first span, cut between words, and the spans that lie within."""
    if len(text) <= _SNIPPET:
        return text, tuple(spans)
    middle = spans[0][0] if spans else 0
    start = max(0, min(middle - _SNIPPET // 3, len(text) - _SNIPPET))
    end = start + _SNIPPET
    if start and (space := text.find(" ", start, middle)) >= 0:
        start = space + 1
    if end < len(text) and middle < (space := text.rfind(" ", middle, end)):
        end = space
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    inside = tuple((first + shift, last + shift) for first, last in spans if start <= first and last <= end)
    return f"{before}{text[start:end]}{after}", inside
