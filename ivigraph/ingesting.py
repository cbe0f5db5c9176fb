"""A run of `ivigraph ingest`: files to sources, sources to articles, articles to graphs, graphs to the store.

    1. read      each file that is new or changed, in processes; what it holds goes to the ledger
    2. settle    which sources are one article: a function of all sources, so the order of reading does not matter
    3. extract   each article that is new or changed, in processes; its graph waits in the ledger
    4. publish   what waits goes to the store from time to time, then the ledger records that it is there

A run may be killed at any moment; the next one goes on where it was and ends with the same graph.
"""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rdflib import Graph

from ivigraph import fingerprint, reading, work
from ivigraph.errors import IvigraphError, ReadError
from ivigraph.extracting import Extracting, Recipe
from ivigraph.ledger import Ledger
from ivigraph.ledger.articles import Article
from ivigraph.ledger.files import Known, Outcome
from ivigraph.ledger.results import Change, Result
from ivigraph.namespaces import ONTOLOGY, Minter
from ivigraph.pipeline import Failure
from ivigraph.store import Store
from ivigraph.work import Died

Progress = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]
"""Given what is done and the number of its items: a context that is called with each item that is done."""


def silent(what: str, total: int) -> AbstractContextManager[Callable[[str], None]]:
    """No progress."""
    return nullcontext(lambda item: None)


_CHUNK = 16  # articles that are checked against the shapes together
_KEPT = 64  # results that are written to the ledger together
_KEPT_SECONDS = 5  # or those of so long, for a kill loses them
_PUBLISH_SECONDS = 60  # between two publications; more where they take long
_SHARE = 10  # a publication may take so much less time than what lies between two
_FEW_FILES, _FEW_BYTES = 8, 500_000  # are read in this process: starting another takes longer
_FEW_ARTICLES = 24
_READ_SECONDS, _EXTRACT_SECONDS = 3600, 900  # without a result, after which a process is ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`processes` 0 means as many as there are cores; `about` are the therapies of the gate, all documents without."""

    max_bytes: int
    base_iri: str
    about: tuple[str, ...] = ()
    processes: int = 0
    force: bool = False


@dataclass(slots=True, kw_only=True)
class Report:
    """What the graph holds of the files of a run, what the run changed, and what could not be read.

    Of the mentions, `unlinked` have no concept, and `ambiguous` have one that was chosen among several.
    """

    documents: int = 0
    claims: int = 0
    cases: int = 0
    mentions: int = 0
    unlinked: int = 0
    ambiguous: int = 0
    change: Change = field(default_factory=Change)
    unchanged_files: int = 0
    same_articles: int = 0
    passed_over: int = 0
    notes: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """Documents whose graph is new or different."""
        return self.change.changed


def run(
    files: Sequence[Path | Failure],
    store: Store,
    ledger: Ledger,
    recipe: Recipe,
    vocabulary: tuple[str, Callable[[], Graph]],
    options: Options,
    progress: Progress,
) -> Report:
    """Bring the graph up to date with the files. Interrupted, it publishes what was read so far, then stops.

    `vocabulary` is a digest of the graph of the concepts, and makes that graph.
    """
    report = Report(failures=[item for item in files if isinstance(item, Failure)])
    known = _begin([item for item in files if isinstance(item, Path)], ledger, options)
    ledger.results.trust(store.generation)
    interrupted: KeyboardInterrupt | None = None
    try:
        report.unchanged_files = _read(known, ledger, options, progress)
    except KeyboardInterrupt as stop:
        interrupted = stop  # what was read already goes into the graph, where that takes no more than a moment
    ledger.articles.settle()
    if options.force:
        ledger.results.forget_claims()
    publisher = _Publisher(store, ledger, vocabulary, Minter(options.base_iri), report.change)
    try:
        with Extracting(recipe) as extracting:
            _extract(
                ledger, recipe, extracting, options, publisher, progress, most=_FEW_ARTICLES if interrupted else None
            )
    finally:
        publisher.publish(last=True)
    if interrupted is not None:
        raise interrupted
    return _told(report, ledger)


def _begin(paths: Sequence[Path], ledger: Ledger, options: Options) -> list[tuple[Path, Known]]:
    found = ledger.files.begin([str(path.absolute()) for path in paths])
    if options.force:
        ledger.files.forget_readings()
        found = [Known(each.number, each.path, "", "") for each in found]
    return list(zip(paths, found, strict=True))


def _read(known: Sequence[tuple[Path, Known]], ledger: Ledger, options: Options, progress: Progress) -> int:
    """Enter what the files hold; gives how many did not change."""
    how = reading_how(options)
    tasks = (reading.FileTask(k.number, path, k.sha256 if k.how == how else "") for path, k in known)
    make = partial(reading.file_step, options.max_bytes, options.about, how)
    processes = processes_for_files([path for path, _ in known], options.processes)
    unchanged = 0
    with progress("reading", len(known)) as advance:
        for task, result in work.results(tasks, make, processes, ordered=False, seconds=_READ_SECONDS):
            if isinstance(result, Outcome):
                ledger.files.close(task.number, result)
            elif isinstance(result, Died):
                ledger.files.close(task.number, _crashed(task.path, result, how))
            elif result is None:
                unchanged += 1
            else:
                ledger.files.enter(task.number, result)
                continue
            advance(str(task.path))
    return unchanged


def _crashed(path: Path, died: Died, how: str) -> Outcome:
    error = ReadError(
        f"the file was not read: {died.reason}",
        where=str(path),
        remedy="it may be broken; save it again or in another form",
    )
    return Outcome(sha256="", how=how, bytes=0, error=error)


def rehearse(paths: Sequence[Path], ledger: Ledger, recipe: Recipe, options: Options) -> Iterator[tuple[str, Path]]:
    """What a run would do with each file, and why."""
    with Extracting(recipe) as extracting:
        read_by, extracted_by = reading_how(options), extracting.version
    for path in paths:
        known = ledger.files.known(str(path.absolute()))
        yield _state(path, known, ledger, read_by, extracted_by, force=options.force), path


def _state(path: Path, known: Known | None, ledger: Ledger, read_by: str, extracted_by: str, *, force: bool) -> str:
    if known is None:
        return "new"
    if force:
        return "read again by force"
    if not known.sha256:
        return "failed before"
    try:
        sha256, _ = reading.digest(path)
    except ReadError:
        return "unreadable"
    if sha256 != known.sha256:
        return "changed"
    if known.how != read_by:
        return "unchanged, read by other readers"
    if ledger.results.outdated(known.number, extracted_by):
        return "unchanged, not read by this extractor"
    return "unchanged"


def reading_how(options: Options) -> str:
    """What a file is read with: the same content is read again where this changed."""
    return " ".join([fingerprint.readers(), str(options.max_bytes), *options.about])


def processes_for_files(paths: Sequence[Path], wanted: int) -> int:
    """How many processes to read files in: those that are wanted, else what they are worth; 0 for none but this one."""
    if wanted:
        return wanted
    few = len(paths) <= _FEW_FILES and all(_is_small(path) for path in paths)
    return 0 if few else min(work.cores(), len(paths))


def _is_small(path: Path) -> bool:
    try:
        return not path.is_file() or path.stat().st_size <= _FEW_BYTES
    except OSError:
        return True  # told when it is read


def _extract(
    ledger: Ledger,
    recipe: Recipe,
    extracting: Extracting,
    options: Options,
    publisher: _Publisher,
    progress: Progress,
    most: int | None,
) -> None:
    how = extracting.version
    count = ledger.results.plan(how)
    if not count or (most is not None and count > most):
        return
    processes = options.processes or (0 if count <= _FEW_ARTICLES else min(work.cores(), -(-count // _CHUNK)))
    make: Callable[[], reading.ArticleStep] = partial(reading.article_step, recipe, options.base_iri)
    if processes == 0:
        make = partial(reading.article_step_with, extracting, options.base_iri)
    kept: list[Result] = []
    entered = time.monotonic()
    with progress("extracting", count) as advance:
        try:
            for result in _results(_chunks(ledger), make, processes):
                kept.append(result)
                advance(result.id)
                if len(kept) >= _KEPT or time.monotonic() - entered > _KEPT_SECONDS:
                    kept, full = [], kept
                    ledger.results.enter(full, how)
                    entered = time.monotonic()
                    publisher.publish_if_due()
        finally:
            ledger.results.enter(kept, how)


def _chunks(ledger: Ledger) -> Iterator[list[Article]]:
    planned = ledger.results.planned()
    while ids := list(itertools.islice(planned, _CHUNK)):
        yield [ledger.articles.get(id) for id in ids]


def _results(
    chunks: Iterator[list[Article]], make: Callable[[], reading.ArticleStep], processes: int
) -> Iterator[Result]:
    """The results of all articles in their order; where a process died, its articles are tried one by one."""
    given: set[str] = set()
    for articles, result in work.results(chunks, make, processes, seconds=_EXTRACT_SECONDS):
        if isinstance(result, Result):
            given.add(result.id)
            yield result
            continue
        left = [[article] for article in articles if article.id not in given]
        for (article,), again in work.results(left, make, 1, seconds=_EXTRACT_SECONDS):
            yield again if isinstance(again, Result) else Result(id=article.id, error=_lost(article, again))


def _lost(article: Article, died: Died) -> IvigraphError:
    return IvigraphError(
        f"no claims were taken from it: {died.reason}",
        where=article.sources[0][0],
        remedy="please report the document: it ends the extractor",
    )


class _Publisher:
    """Hands to the store what waits in the ledger, from time to time and at the end."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        vocabulary: tuple[str, Callable[[], Graph]],
        minter: Minter,
        change: Change,
    ) -> None:
        self._store, self._ledger, self._minter, self._change = store, ledger, minter, change
        self._digest, self._vocabulary = vocabulary
        self._due = time.monotonic() + _PUBLISH_SECONDS

    def publish_if_due(self) -> None:
        if time.monotonic() >= self._due:
            begun = time.monotonic()
            self.publish(last=False)
            now = time.monotonic()
            self._due = now + max(_PUBLISH_SECONDS, _SHARE * (now - begun))

    def publish(self, *, last: bool) -> None:
        ledger, results = self._ledger, self._ledger.results
        fresh = ledger.fact("vocabulary") != self._digest and self._store.generation > 0
        if not (results.waiting() or fresh):
            return
        with self._store.writer() as writer:
            results.write(
                lambda name, triples: writer.replace_graph(self._minter.document_graph(name), zlib.decompress(triples)),
                lambda name: writer.delete_graph(self._minter.document_graph(name)),
                self._change,
                last=last,
            )
            if last:
                writer.replace_graph(self._minter.proposals_graph, _proposals(results.duplicates()))
            if results.has_graphs and ledger.fact("vocabulary") != self._digest:
                writer.replace_graph(self._minter.vocabulary_graph, self._vocabulary())
        results.settle(self._store.generation)
        if results.has_graphs:
            ledger.remember("vocabulary", self._digest)


def _proposals(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Both directions of each pair, as N-Triples."""
    both = (pair for one, other in pairs for pair in ((one, other), (other, one)))
    return b"".join(f"<{one}> <{ONTOLOGY}possibleDuplicateOf> <{other}> .\n".encode() for one, other in both)


def _told(report: Report, ledger: Ledger) -> Report:
    totals = ledger.results.totals()
    report.documents, report.claims, report.cases = totals.documents, totals.claims, totals.cases
    report.mentions, report.unlinked, report.ambiguous = totals.mentions, totals.unlinked, totals.ambiguous
    report.same_articles = ledger.articles.unified()
    report.passed_over = ledger.files.passed_over()
    report.notes = [f"{name}: {note}" for name, note in ledger.articles.notes()]
    report.notes += [
        f"{count} {'document' if count == 1 else 'documents'} {note}" for note, count in ledger.results.notes()
    ]
    errors = [*ledger.files.failures(), *ledger.results.failures()]
    report.failures += [Failure(error.where, error) for error in errors]
    return report
