"""All graphs in one document, made from the rows of a query while they come."""

from __future__ import annotations

from collections.abc import Generator
from itertools import islice

import pyoxigraph

from ivigraph.errors import IvigraphError
from ivigraph.store import Chunks

_BATCH = 1000  # quads that are written together; in N-Quads and TriG documents that follow each other are one


def serialized(chunks: Chunks, media_type: str) -> Generator[bytes, None, None]:
    """The rows ?s ?p ?o ?g of an answer in SPARQL JSON as N-Quads or TriG. Raises what ended the answer early."""
    syntax = pyoxigraph.RdfFormat.from_media_type(media_type)
    source = _Source(chunks)
    try:
        rows = pyoxigraph.parse_query_results(source, pyoxigraph.QueryResultsFormat.JSON)  # type: ignore[arg-type]
        if not isinstance(rows, pyoxigraph.QuerySolutions):
            return
        while batch := list(islice(rows, _BATCH)):
            quads = (pyoxigraph.Quad(row["s"], row["p"], row["o"], row["g"]) for row in batch)
            yield pyoxigraph.serialize(quads, format=syntax) or b""
    except (OSError, SyntaxError) as error:
        raise source.error or error from None
    finally:
        chunks.close()


class _Source:
    """An answer as the file that the parser reads; keeps the error that ended it, which the parser would hide."""

    def __init__(self, chunks: Chunks) -> None:
        self.error: IvigraphError | None = None
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest or size < 0:
            try:
                self._rest += next(self._chunks)
            except StopIteration:
                break
            except IvigraphError as error:
                self.error = error
                raise OSError from error
        data, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        return data
