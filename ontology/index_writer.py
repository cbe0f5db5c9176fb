"""Writes one source into the tables of the term index, and finds out what is wrong with it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator

from ivigraph.ontology.external import XREF, Mapping, Problem, ProblemKind, Progress, Scope, Term, TermName
from ivigraph.ontology.identifiers import known
from ivigraph.ontology.names import normalise
from ivigraph.ontology.wording import bag

_MOST_SHOWN = 20  # problems of one kind
# At least two capitals, at most three other characters: ITP, vWD, HbA1c, GAVE-1.
_ABBREVIATION = re.compile(r"^(?=(?:[^A-Z]*[A-Z]){2})(?!(?:[A-Z]*[^A-Z]){4})[A-Za-z0-9-]{2,8}$")
_BATCH = 2_000  # terms held at a time


class Writer:
    """One source on its way into an open transaction; the counts are those of what was written."""

    def __init__(self, db: sqlite3.Connection, source: int, problems: list[Problem]) -> None:
        self._db, self._source, self._problems = db, source, problems
        self.term_count = self.name_count = self.mapping_count = 0

    def terms(self, terms: Iterable[Term], progress: Progress) -> None:
        batch: list[Term] = []
        for term in terms:
            batch.append(term)
            if len(batch) == _BATCH:
                self._write(batch)
                batch = []
        self._write(batch)
        progress(1.0)

    def _write(self, batch: list[Term]) -> None:
        kept = [term for term in batch if term.label or term.names]
        # A class without a name was only referred to; its home ontology will bring the name.
        self._problems.extend(
            Problem(ProblemKind.UNLABELLED, term.id, "has no name here")
            for term in batch
            if not (term.label or term.names)
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO terms VALUES (?, ?, ?, ?, ?, ?)",
            ((self._source, t.id, t.label, t.definition, int(t.obsolete), t.replaced_by) for t in kept),
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO parents VALUES (?, ?, ?)",
            ((self._source, term.id, parent) for term in kept for parent in term.parents),
        )
        rows = [(name, term, key) for term in kept for name in _all_names(term) if (key := normalise(name.text))]
        self._write_keys(key for _, _, key in rows)
        self._db.executemany(
            "INSERT INTO names SELECT ?, id, ?, ?, ?, ?, ?, ? FROM keys WHERE key = ?",
            ((self._source, t.id, t.label, n.text, _scope(n), n.language, int(t.obsolete), key) for n, t, key in rows),
        )
        self.term_count += len(kept)
        self.name_count += len(rows)

    def _write_keys(self, keys: Iterable[str]) -> None:
        for key in dict.fromkeys(keys):
            words = bag(key)
            number = self._db.execute("INSERT OR IGNORE INTO keys (key, bag) VALUES (?, ?)", (key, words))
            if number.rowcount:
                self._db.executemany(
                    "INSERT OR IGNORE INTO words VALUES (?, ?)",
                    ((word, number.lastrowid) for word in words.split()),
                )

    def mappings(self, mappings: Iterable[Mapping]) -> None:
        unknown: dict[str, int] = {}

        def kept() -> Iterator[tuple[object, ...]]:
            for m in mappings:
                if m.predicate == XREF and not known(m.object):
                    prefix = m.object.partition(":")[0]
                    unknown[prefix] = unknown.get(prefix, 0) + 1
                    continue
                self.mapping_count += 1
                yield self._source, m.subject, m.predicate, m.object, m.justification, m.confidence

        self._db.executemany("INSERT INTO mappings VALUES (?, ?, ?, ?, ?, ?)", kept())
        self._problems.extend(
            Problem(ProblemKind.PREFIX, prefix, f"{count} cross references left out")
            for prefix, count in sorted(unknown.items(), key=lambda pair: -pair[1])
        )

    def check(self) -> None:
        """Add what only shows over the whole source."""
        self._check_prefixes()
        self._check_labels()
        self._check_obsolete()
        self._problems.extend(Problem(ProblemKind.CYCLE, cycle[0], " -> ".join(cycle)) for cycle in self._cycles())

    def _check_prefixes(self) -> None:
        ids = [t for (t,) in self._db.execute("SELECT id FROM terms WHERE source = ?", (self._source,))]
        counts: dict[str, int] = {}
        for term in ids:
            if not known(term):
                prefix = term.rpartition("/")[0] or term if "://" in term else term.partition(":")[0]
                counts[prefix] = counts.get(prefix, 0) + 1
        self._problems.extend(
            Problem(ProblemKind.PREFIX, prefix, f"{count} terms keep this spelling of their identifier")
            for prefix, count in sorted(counts.items(), key=lambda pair: -pair[1])
        )

    def _check_labels(self) -> None:
        # Within one identifier space: in a table of mappings both sides bear the label, as they should.
        rows = self._db.execute(
            """SELECT keys.key, group_concat(DISTINCT names.term) FROM names
               JOIN keys ON keys.id = names.key WHERE names.source = ? AND scope = 'label' AND NOT obsolete
               GROUP BY keys.id, substr(names.term, 1, instr(names.term, ':'))
               HAVING count(DISTINCT names.term) > 1""",
            (self._source,),
        )
        self._problems.extend(Problem(ProblemKind.DUPLICATE, key, ids.replace(",", ", ")) for key, ids in rows)

    def _check_obsolete(self) -> None:
        rows = self._db.execute(
            """SELECT DISTINCT m.subject, m.predicate, m.object, t.replaced_by
               FROM mappings m JOIN terms t ON t.id = m.object WHERE t.obsolete AND (m.source = ?1 OR t.source = ?1)""",
            (self._source,),
        )
        self._problems.extend(
            Problem(ProblemKind.OBSOLETE, s, f"{p} {o}" + (f", replaced by {r}" if r else "")) for s, p, o, r in rows
        )

    def _cycles(self) -> Iterator[list[str]]:
        """Each cycle of the hierarchy once, as the path that closes it."""
        above: dict[str, list[str]] = {}
        for term, parent in self._db.execute("SELECT term, parent FROM parents WHERE source = ?", (self._source,)):
            above.setdefault(term, []).append(parent)
        done: set[str] = set()
        for start, first in above.items():
            path: dict[str, Iterator[str]] = {start: iter(first)} if start not in done else {}
            while path:
                term, parents = next(reversed(path.items()))
                parent = next(parents, None)
                if parent is None:
                    done.add(term)
                    del path[term]
                elif parent in path:
                    steps = list(path)
                    yield [*steps[steps.index(parent) :], parent]
                elif parent not in done:
                    path[parent] = iter(above.get(parent, ()))

    def problem_counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for problem in self._problems:
            counts[problem.kind.value] = counts.get(problem.kind.value, 0) + 1
        return counts

    def examples(self) -> tuple[Problem, ...]:
        """The first few of each kind."""
        seen: dict[ProblemKind, int] = {}
        shown = []
        for problem in self._problems:
            seen[problem.kind] = seen.get(problem.kind, 0) + 1
            if seen[problem.kind] <= _MOST_SHOWN:
                shown.append(problem)
        return tuple(shown)


def _all_names(term: Term) -> Iterator[TermName]:
    """The label and the other names, each text once."""
    seen = set()
    for name in ((TermName(term.label, Scope.LABEL),) if term.label else ()) + term.names:
        if (name.text, name.language) not in seen:
            seen.add((name.text, name.language))
            yield name


def _scope(name: TermName) -> Scope:
    """A name in capitals is an abbreviation, whatever its source calls it: its case will have to agree."""
    if name.scope in (Scope.EXACT, Scope.RELATED) and _ABBREVIATION.match(name.text):
        return Scope.ABBREVIATION
    return name.scope
