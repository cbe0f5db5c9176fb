"""From paths to the graph: each step is a function from an iterable to an iterable.

    paths -> documents -> extractions -> links -> graphs -> store

What fails travels along as a `Failure`, so a document that cannot be read never stops the others.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rdflib import Graph

from ivigraph.errors import IvigraphError, ReadError
from ivigraph.ingest import files, rdf
from ivigraph.ingest.extract import Extractor
from ivigraph.ingest.links import Linking
from ivigraph.ingest.readers import read
from ivigraph.ingest.verify import verbatim
from ivigraph.model import Deletion, Document, Extraction
from ivigraph.namespaces import Minter
from ivigraph.ontology import conformance
from ivigraph.store import Store

log = logging.getLogger(__name__)

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that did not come through, and why."""

    source: str
    error: IvigraphError


@dataclass(frozen=True, slots=True)
class DocumentGraph:
    """What one document adds to the graph, checked against the shapes."""

    extraction: Extraction
    name: str
    graph: Graph


@dataclass(slots=True)
class Report:
    """What an ingest did. `changed` counts the documents whose graph is new or different.

    Of the mentions, `unlinked` have no concept, and `ambiguous` have one that was chosen among several.
    """

    documents: int = 0
    changed: int = 0
    claims: int = 0
    cases: int = 0
    mentions: int = 0
    unlinked: int = 0
    ambiguous: int = 0
    failures: list[Failure] = field(default_factory=list)


Progress = Callable[[str], None]
"""Called with the source of each document that came through or failed."""


def sources(paths: Iterable[Path]) -> Iterator[Path | Failure]:
    """The files below the paths, in a fixed order; an unknown path is a failure among them."""
    for path in paths:
        try:
            yield from files.find([path])
        except IvigraphError as error:
            yield Failure(str(path), error)


def documents(items: Iterable[Path | Failure], *, max_bytes: int) -> Iterator[Document | Failure]:
    """Read each file; the same document a second time is a failure that names the first."""
    seen: dict[str, str] = {}
    for path in items:
        if isinstance(path, Failure):
            yield path
            continue
        try:
            for item in read(path, max_bytes=max_bytes):
                yield _once(item, seen) if isinstance(item, Document) else _left_out(item)
        except Exception as error:
            yield Failure(str(path), _translated(error, str(path)))


def _once(document: Document, seen: dict[str, str]) -> Document | Failure:
    first = seen.setdefault(document.id, document.source)
    return document if first == document.source else Failure(document.source, _duplicate(document, first))


def _left_out(item: Deletion | ReadError) -> Failure:
    if isinstance(item, ReadError):
        return Failure(item.where, item)
    return Failure(
        item.source,
        IvigraphError(
            f"its source withdrew {item.id}",
            where=item.source,
            remedy="if it was read before, it is still in the graph",
        ),
    )


def _duplicate(document: Document, first: str) -> IvigraphError:
    return IvigraphError(
        f"the same document as {first} ({document.id})",
        where=document.source,
        remedy="it was read once; remove one of the two files",
    )


def extractions(items: Iterable[Document | Failure], extractor: Extractor) -> Iterator[Extraction | Failure]:
    """What the extractor takes from each document, refused unless every quote is verbatim."""
    return _each(items, lambda document: verbatim(extractor.extract(document)), lambda document: document.source)


def links(items: Iterable[Extraction | Failure], linking: Linking) -> Iterator[Extraction | Failure]:
    """Every mention with the concept that it was linked to, and why."""
    return _each(items, linking.linked, lambda extraction: extraction.document.source)


def graphs(items: Iterable[Extraction | Failure], minter: Minter) -> Iterator[DocumentGraph | Failure]:
    """The graph of each document, refused unless it conforms to the shapes."""

    def graph(extraction: Extraction) -> DocumentGraph:
        result = rdf.graph(extraction, minter)
        conformance.check(result, where=extraction.document.source)
        return DocumentGraph(extraction, minter.document_graph(extraction.document.id), result)

    return _each(items, graph, lambda extraction: extraction.document.source)


def ingest(
    items: Iterable[DocumentGraph | Failure],
    store: Store,
    vocabulary: tuple[str, Graph],
    *,
    progress: Progress = lambda source: None,
) -> Report:
    """Write all in one transaction and publish it. Interrupted, it keeps what was read so far, then stops.

    `vocabulary` is the name and content of the graph of the concepts; it comes with the first document.
    """
    report = Report()
    interrupted: KeyboardInterrupt | None = None
    with store.writer() as writer:
        try:
            for item in items:
                if isinstance(item, Failure):
                    report.failures.append(item)
                    progress(item.source)
                    continue
                with _undisturbed():
                    if not report.documents:
                        writer.replace_graph(*vocabulary)
                    report.changed += writer.replace_graph(item.name, item.graph)
                    report.documents += 1
                    report.claims += len(item.extraction.claims)
                    report.cases += len(item.extraction.cases)
                    report.mentions += len(item.extraction.mentions)
                    report.unlinked += sum(m.id is None for m in item.extraction.mentions)
                    report.ambiguous += sum(bool(m.link and m.link.rivals) for m in item.extraction.mentions)
                progress(item.extraction.document.source)
        except KeyboardInterrupt as stop:
            interrupted = stop
    if interrupted is not None:
        raise interrupted
    return report


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back until a document is written whole: what was written before an interrupt is published."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is interrupted
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def _each(items: Iterable[A | Failure], step: Callable[[A], B], source: Callable[[A], str]) -> Iterator[B | Failure]:
    for item in items:
        if isinstance(item, Failure):
            yield item
            continue
        try:
            result = step(item)
        except Exception as error:
            yield Failure(source(item), _translated(error, source(item)))
        else:
            yield result


def _translated(error: Exception, source: str) -> IvigraphError:
    """Our own errors as they are; anything else is a bug, told with its kind and logged with its traceback."""
    if isinstance(error, IvigraphError):
        return error
    log.debug("unexpected error in %s", source, exc_info=error)
    return IvigraphError(
        f"unexpected {type(error).__name__}: {error}",
        where=source,
        remedy="this is a bug; run again with --verbose and report it with the traceback",
    )
