"""A store elsewhere: any SPARQL 1.1 endpoint by its address, read only.

It answers queries and nothing else. What it cannot do is listed in `LIMITS`; whoever asks for it gets an
UnsupportedError. An endpoint's own habits are met here: formats that it lacks are converted, and an answer that it cut
off, by its own limit or by a lost connection, is an error, never a short answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Self
from urllib.parse import urlencode, urlsplit

import pyoxigraph

from ivigraph.errors import (
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    SettingsError,
    StoreBusyError,
    StoreError,
    UnsupportedError,
)
from ivigraph.store import distant, searching
from ivigraph.store.asking import Asking
from ivigraph.store.base import MEDIA_TYPES, NAMED, Answer, Dataset, Form, Hit, Kind, Workload, Writer
from ivigraph.store.callers import CALLER, Caller
from ivigraph.store.changes import Applied, Change
from ivigraph.store.claims import Among, ClaimRow, DocumentRow
from ivigraph.store.exchange import Exchange, refuse_partial
from ivigraph.store.sparql import form, refuse_network, undeclared
from ivigraph.store.syntax import syntax_error

LIMITS = (
    "it is read only here: updates, graph writes, ingest and backup work on a store of this machine",
    "no text index: SERVICE ivo:search is refused, and the search of the pages finds concepts only",
    "no generations: answers have no entity tag, and pages may be half a minute behind",
    "derived edges are those that were loaded into it",
    "memory and time of its queries are its own affair: here only the wait is limited",
)
"""What such a store cannot do, to be told when it is opened."""

_VIRTUOSO = "virtuoso"
_ASKED = "__ASK_RETVAL"  # its answer to ASK: a table of one number
_FRESH_SECONDS = 30  # how long pages may show what they read before
_MOST_CONVERTED = 256_000_000  # bytes of an answer in another format than the one asked for
_CONNECTIONS = 32


def check(url: str) -> str:
    """The address of an endpoint. Raises SettingsError for what is none."""
    parts = urlsplit(url)
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise SettingsError("is no address of an endpoint", where=url, remedy="give one such as http://host:7878/query")
    if parts.username is not None or parts.fragment:
        raise SettingsError(
            "an address holds neither a password nor a fragment",
            where=parts.hostname or url,
            remedy="leave them out; endpoint_authorization sends credentials",
        )
    return url


class RemoteStore(Asking):
    """Implements `base.Store` for reading. Safe to use from many threads.

    `authorization` is the value of that header. `timeout` in seconds is the longest that an answer may take,
    `connections` how many are asked for at once. Nothing is sent before the first question.
    """

    versioned = False
    union_default_graph = False  # it may be, and no endpoint has to say so

    def __init__(
        self,
        url: str,
        *,
        authorization: str = "",
        timeout: float = 30.0,
        prefixes: Mapping[str, str] | None = None,
        connections: int = _CONNECTIONS,
    ) -> None:
        self.url = check(url)
        self._authorization = authorization
        self._timeout = timeout
        self._prefixes = dict(prefixes or {})
        self._places = threading.BoundedSemaphore(connections)
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._running = 0
        self._converts = (
            False  # True for Virtuoso, whose ASK, TSV and typed literals in JSON are not those of the standard
        )

    @property
    def generation(self) -> int:
        """Counts half minutes: nobody says when a remote graph changed, so what was read is forgotten after one."""
        return 1 + int((time.monotonic() - self._began) / _FRESH_SECONDS)

    def workload(self) -> Workload:
        with self._lock:
            return Workload(running=self._running)

    def limits(self) -> tuple[str, ...]:
        """`LIMITS`, and what this endpoint shows of its own. Raises StoreError where it does not answer."""
        found = list(LIMITS)
        if not self.ask("ASK { ?s ?p ?o }") and self.ask("ASK { GRAPH ?g { ?s ?p ?o } }"):
            found.append(
                "its default graph is empty while it has named graphs: make it their union, or most pages stay empty"
            )
        if self._converts:
            found.append("Virtuoso cuts CONSTRUCT and DESCRIBE off after its ResultSetMaxRows, and gives no sign of it")
        return tuple(found)

    def answer(
        self,
        sparql: str,
        *,
        accept: str | None = None,
        dataset: Dataset | None = None,
        timeout: float | None = None,
        base: str | None = None,
    ) -> Answer:
        if searching.parse(sparql, self._prefixes):
            raise _cannot("search texts")
        refuse_network(sparql)
        found = form(sparql)
        if found is None:
            raise self._refused(sparql, "is no query")
        media_type = accept or MEDIA_TYPES[found][0]
        if media_type not in MEDIA_TYPES[found]:
            raise QueryError(f"the answer to this query cannot be written as {media_type}", where="query")
        seconds = self._timeout if timeout is None else min(timeout, self._timeout)
        body = self._asked(sparql, dataset, base)
        return Answer(found, media_type, self.generation, self._chunks(sparql, body, found, media_type, seconds))

    def search(self, text: str, *, kinds: Collection[Kind] = tuple(Kind), limit: int = 20) -> tuple[Hit, ...]:
        raise _cannot("search texts")

    def suggest(self, text: str, *, kinds: Collection[Kind] = NAMED, limit: int = 10) -> tuple[Hit, ...]:
        raise _cannot("search texts")

    def claims(self, among: Among) -> Sequence[ClaimRow]:
        return distant.claims(self._table, among)

    def documents(self, wanted: Collection[str] | None = None) -> Mapping[str, DocumentRow]:
        return distant.documents(self._table, wanted)

    def sentences(self, claims: Collection[str]) -> Mapping[str, str]:
        return distant.sentences(self._table, claims)

    def writer(self) -> AbstractContextManager[Writer]:
        raise _cannot("be written")

    def apply(self, change: Change) -> Applied:
        raise _cannot("be written")

    def close(self) -> None:
        """Nothing stays open between two answers."""

    def _table(self, sparql: str) -> bytes:
        return self._whole(sparql, Form.SELECT, None)

    def _asked(self, sparql: str, dataset: Dataset | None, base: str | None) -> bytes:
        """The form of the protocol. What is known to every query here is declared, in front and without a line."""
        missing = sorted(undeclared(sparql) & self._prefixes.keys())
        prologue = "".join(f"PREFIX {name}: <{self._prefixes[name]}> " for name in missing)
        start = f"BASE <{base}> " if base else ""
        values = [("query", f"{start}{prologue}{sparql}")]
        values += [("default-graph-uri", name) for name in (dataset.default_graphs if dataset else ())]
        values += [("named-graph-uri", name) for name in (dataset.named_graphs if dataset else ())]
        return urlencode(values).encode()

    def _chunks(self, sparql: str, body: bytes, wanted: Form, media_type: str, seconds: float) -> _Chunks:
        caller = CALLER.get() or Caller()
        deadline = time.monotonic() + seconds
        if not self._places.acquire(timeout=seconds):
            raise QueryTimeoutError("the endpoint is busy with other queries", remedy="try again later")
        with self._lock:
            self._running += 1
        exchange = Exchange(self.url, deadline, seconds, caller, self._done)
        try:
            answer = exchange.post(body, self._headers(wanted, media_type))
            if answer.status != 200:
                raise self._failure(sparql, answer.status, exchange.head())
            refuse_partial(answer)
            given = answer.headers.get_content_type()
            if not self._converts and _VIRTUOSO in answer.headers.get("Server", "").casefold():
                self._converts = True
                exchange.close()
                return self._chunks(sparql, body, wanted, media_type, deadline - time.monotonic())
            if given == media_type and not (self._converts and wanted is not Form.GRAPH):
                return _Chunks(exchange.chunks(), exchange.close)
            converted = _converted(exchange.all(_MOST_CONVERTED), given, media_type, wanted)
        except BaseException:
            exchange.close()
            raise
        exchange.close()
        return _Chunks(iter([converted]), exchange.close)

    def _done(self) -> None:
        with self._lock:
            self._running -= 1
        self._places.release()

    def _headers(self, wanted: Form, media_type: str) -> dict[str, str]:
        accept = ", ".join((media_type, *(f"{name};q=0.5" for name in _READABLE[wanted] if name != media_type)))
        headers = {
            "Accept": _READABLE[wanted][0] if self._converts else accept,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "ivigraph",
            "Connection": "close",
        }
        if self._authorization:
            headers["Authorization"] = self._authorization
        return headers

    def _failure(self, sparql: str, status: int, text: str) -> StoreError:
        if status == 400:
            return self._refused(sparql, text)
        if status in (401, 403):
            return StoreError(
                f"answered {status}", where=self.url, remedy="give credentials with endpoint_authorization"
            )
        if status in (429, 503):
            return StoreBusyError("the endpoint is busy", where=self.url, remedy="try again in a few seconds")
        if status in (408, 504):
            return QueryTimeoutError("took longer than the endpoint allows", where="query", remedy="ask for less")
        if status >= 500:  # Virtuoso answers so where a query is too much for it
            return QueryError(f"the endpoint failed ({status}): {text}", where="query", remedy="change the query")
        return StoreError(f"answered {status}", where=self.url, remedy="check the address of the endpoint")

    def _refused(self, sparql: str, text: str) -> QueryError:
        """What is wrong with a query, with its place where this machine's own parser finds one."""
        try:
            pyoxigraph.Store().query(sparql, prefixes=self._prefixes)
        except SyntaxError as error:
            return syntax_error(str(error), sparql, self._prefixes)
        except (ValueError, RuntimeError):
            pass
        return QuerySyntaxError(f"the endpoint refused it: {text}", where="query", remedy="correct the query")


_READABLE: Mapping[Form, tuple[str, ...]] = {
    Form.SELECT: ("application/sparql-results+json", "application/sparql-results+xml"),
    Form.ASK: ("application/sparql-results+json", "application/sparql-results+xml"),
    Form.GRAPH: ("application/n-triples", "text/turtle", "application/rdf+xml"),
}
"""What is converted where the endpoint lacks the format that was asked for."""


class _Chunks:
    """Implements `base.Chunks`."""

    def __init__(self, chunks: Iterator[bytes], close: Callable[[], None]) -> None:
        self._chunks = chunks
        self._close = close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except BaseException:
            self._close()
            raise

    def gathered(self, most: int, seconds: float) -> bytes | None:
        return None  # nobody knows how soon the next comes

    def close(self) -> None:
        self._close()
        self._chunks = iter(())

    def __del__(self) -> None:
        self._close()


def _converted(data: bytes, given: str, wanted: str, into: Form) -> bytes:
    try:
        if into is Form.GRAPH:
            graph, syntax = pyoxigraph.RdfFormat.from_media_type(given), pyoxigraph.RdfFormat.from_media_type(wanted)
            if graph is not None and syntax is not None:
                return pyoxigraph.serialize((q.triple for q in pyoxigraph.parse(data, graph)), format=syntax) or b""
        else:
            results = pyoxigraph.QueryResultsFormat.from_media_type(given)
            written = pyoxigraph.QueryResultsFormat.from_media_type(wanted)
            if results is not None and written is not None:
                return _table_or_truth(data, results, into).serialize(format=written) or b""
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"the endpoint's answer cannot be read: {error}", where="query") from error
    raise QueryRefusedError(f"the endpoint answers with {given}", where="query", remedy="check its address")


def _table_or_truth(
    data: bytes, syntax: pyoxigraph.QueryResultsFormat, into: Form
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean:
    found = pyoxigraph.parse_query_results(data, syntax)
    if isinstance(found, pyoxigraph.QuerySolutions) and into is Form.ASK:
        values = [str(row[_ASKED].value) for row in found if isinstance(row[_ASKED], pyoxigraph.Literal)]
        truth = {"head": {}, "boolean": values == ["1"]}
        return pyoxigraph.parse_query_results(json.dumps(truth).encode(), pyoxigraph.QueryResultsFormat.JSON)
    return found


def _cannot(what: str) -> UnsupportedError:
    return UnsupportedError(
        f"a remote store cannot {what}", where="the store", remedy="use a store of this machine for that"
    )
