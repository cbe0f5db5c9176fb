"""From paths to claims without a store: each step is a function from an iterable to an iterable.

    paths -> documents -> extractions

What fails travels along as a `Failure`, so a document that cannot be read never stops the others. What goes on from
there to the graph is `ivigraph.ingesting`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ivigraph import work
from ivigraph.errors import IvigraphError, ReadError
from ivigraph.extracting import Extracting, Recipe, translated
from ivigraph.ingest import files
from ivigraph.ingest.readers import read
from ivigraph.model import Deletion, Document, Extraction
from ivigraph.work import Died

Extract = Callable[[Document], Extraction]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that did not come through, and why."""

    source: str
    error: IvigraphError


def sources(paths: Iterable[Path]) -> Iterator[Path | Failure]:
    """The files below the paths, in a fixed order; an unknown path is a failure among them."""
    for path in paths:
        try:
            yield from files.find([path])
        except IvigraphError as error:
            yield Failure(str(path), error)


def documents(items: Iterable[Path | Failure], *, max_bytes: int, processes: int = 0) -> Iterator[Document | Failure]:
    """Read each file; the same text of the same document a second time is a failure that names the first."""
    seen: dict[str, tuple[int, str]] = {}
    make = partial(partial, _read, max_bytes=max_bytes)
    for task, item in work.results(items, make, processes):
        if isinstance(item, Died):
            yield _lost(str(task), item)
        elif isinstance(item, Document):
            text, first = seen.setdefault(item.id, (hash(item.text), item.source))
            repeated = first != item.source and text == hash(item.text)
            yield Failure(item.source, _duplicate(item, first)) if repeated else item
        else:
            yield item


def _read(path: Path | Failure, *, max_bytes: int) -> Iterator[Document | Failure]:
    if isinstance(path, Failure):
        yield path
        return
    try:
        for item in read(path, max_bytes=max_bytes):
            yield item if isinstance(item, Document) else _left_out(item)
    except Exception as error:  # a bug in a reader or in a library costs its file
        yield Failure(str(path), translated(error, str(path)))


def _left_out(item: Deletion | ReadError) -> Failure:
    if isinstance(item, ReadError):
        return Failure(item.where, item)
    return Failure(
        item.source,
        IvigraphError(
            f"its source withdrew {item.id}",
            where=item.source,
            remedy="nothing needs to be done; ivigraph ingest takes it out of the graph",
        ),
    )


def _duplicate(document: Document, first: str) -> IvigraphError:
    return IvigraphError(
        f"the same document as {first} ({document.id})",
        where=document.source,
        remedy="it was read once; remove one of the two files",
    )


def _lost(source: str, died: Died) -> Failure:
    return Failure(
        source,
        ReadError(f"it was not read: {died.reason}", where=source, remedy="it may be broken; save it in another form"),
    )


def extractions(items: Iterable[Document | Failure], extracting: Extract) -> Iterator[Extraction | Failure]:
    """What is taken from each document, refused unless every quote is verbatim."""
    for item in items:
        yield from _extract(item, extracting=extracting)


def extractions_by(
    items: Iterable[Document | Failure], recipe: Recipe, processes: int
) -> Iterator[Extraction | Failure]:
    """The same by a recipe in processes of their own, in the order of the documents."""
    for task, result in work.results(items, partial(_extraction_step, recipe), processes):
        yield _lost(task.source, result) if isinstance(result, Died) else result


def _extraction_step(recipe: Recipe) -> Callable[[Document | Failure], Iterator[Extraction | Failure]]:
    return partial(_extract, extracting=Extracting(recipe))


def _extract(item: Document | Failure, *, extracting: Extract) -> Iterator[Extraction | Failure]:
    if isinstance(item, Failure):
        yield item
        return
    try:
        yield extracting(item)
    except Exception as error:  # a bug in an extractor costs one document
        yield Failure(item.source, translated(error, item.source))
