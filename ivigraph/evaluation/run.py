"""Measures one extractor on any number of gold files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ivigraph.errors import ReadError
from ivigraph.evaluation import claims, corpora
from ivigraph.evaluation.reading import ExtractorReader, Reader
from ivigraph.evaluation.scores import Error, Figure
from ivigraph.ingest.extract import Extractor


def reader_of(extractor: Extractor) -> Reader:
    """The model through the head that knows a corpus's convention, any other extractor through its claims."""
    from ivigraph.evaluation.reading import TaggerReader

    tagger = getattr(extractor, "tagger", None)
    return ExtractorReader(extractor) if tagger is None else TaggerReader(tagger)


def evaluate(
    paths: Iterable[Path],
    extractor: Extractor,
    *,
    limit: int | None = None,
    advance: Callable[[str], object] = lambda _: None,
) -> tuple[list[Figure], list[Error]]:
    """The figures of all files in order, and the errors behind them; `limit` takes the first records of a corpus."""
    figures: list[Figure] = []
    errors: list[Error] = []
    for path in paths:
        if path.suffix in (".yaml", ".yml"):
            found = claims.measure(path, extractor)
        elif path.suffix == ".jsonl":
            found = corpora.measure(path, reader_of(extractor), limit=limit)
        else:
            raise ReadError("no gold file", where=str(path), remedy="give a .jsonl corpus or a .yaml of gold claims")
        figures += found[0]
        errors += found[1]
        advance(str(path))
    return figures, errors
