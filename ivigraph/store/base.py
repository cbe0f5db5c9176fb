"""What a graph store offers, whichever it is: the one embedded here, or any SPARQL 1.1 endpoint.

Rows hold rdflib terms, which are strings: `row["label"]` prints as it should, `row["n"].toPython()` counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, TypedDict, Unpack

from ivigraph.store.changes import Applied, Change
from ivigraph.store.claims import Among, ClaimRow, DocumentRow

if TYPE_CHECKING:  # reader processes import this module and must start at once
    from rdflib import Graph
    from rdflib.term import Identifier

Row: TypeAlias = "Mapping[str, Identifier]"
"""One solution; a variable that is not bound is absent."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a SELECT: its variables in order, and its solutions."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def head(self, most: int) -> Rows:
        """The first `most` solutions."""
        return Rows(self.variables, self.rows[:most])


class Form(StrEnum):
    SELECT = "select"
    ASK = "ask"
    GRAPH = "graph"  # CONSTRUCT and DESCRIBE


_RESULTS = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
MEDIA_TYPES: Mapping[Form, tuple[str, ...]] = {
    Form.SELECT: _RESULTS,
    Form.ASK: _RESULTS,
    Form.GRAPH: (
        "application/n-triples",
        "text/turtle",
        "application/rdf+xml",
        "application/ld+json",
        "application/n-quads",
        "application/trig",
    ),
}
"""What `Store.answer` can write, the default first."""


class Chunks(Iterator[bytes], Protocol):
    """The bytes of an answer. Raises the error that ended it early, never ends as if complete."""

    def gathered(self, most: int, seconds: float) -> bytes | None:
        """All that is left, where it ends within so many bytes and so much time; else None, and it comes as before.

        Raises the error that ended the answer.
        """
        ...

    def close(self) -> None:
        """Stop: what is left is not computed. Does nothing at the end of the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A serialised answer on its way. Read `chunks` to the end, or close them; dropping them closes them too."""

    form: Form
    media_type: str
    generation: int
    chunks: Chunks


class Begun(Protocol):
    """A query that is being evaluated, or `waits` for that. `answer` or `close` must follow."""

    waits: bool

    def fileno(self) -> int:
        """A descriptor that becomes readable when the answer begins to arrive; for who does not wait."""
        ...

    def arrives(self, seconds: float) -> bool:
        """Wait for that so long; True where it began."""
        ...

    def answer(self) -> Answer:
        """As `Store.answer`, which it does not wait for once the descriptor is readable."""
        ...

    def close(self) -> None:
        """Stop: nobody wants the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The dataset of the SPARQL 1.1 Protocol: `default-graph-uri` and `named-graph-uri`."""

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """False where the request names no graph, which leaves the dataset to the query."""
        return bool(self.default_graphs or self.named_graphs)


class How(TypedDict, total=False):
    """How a query is to be answered; what is left out, or None, is as usual.

    `accept` is one of the media types of the query's form. `base` resolves relative IRIs. `timeout` in seconds,
    waiting for a free reader included, is cut to the store's own.
    """

    accept: str | None
    dataset: Dataset | None
    timeout: float | None
    base: str | None


class Kind(StrEnum):
    """What a text leads to: a concept of the vocabulary, a name that none has, a document, or a claim."""

    CONCEPT = "concept"
    TERM = "term"
    DOCUMENT = "document"
    CLAIM = "claim"


class Field(StrEnum):
    LABEL = "label"
    SYNONYM = "synonym"
    IDENTIFIER = "identifier"
    TITLE = "title"
    SENTENCE = "sentence"


NAMED = (Kind.CONCEPT, Kind.TERM, Kind.DOCUMENT)
"""What has a name, while a claim has a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that was found by one of its texts.

    `score` is the share of the text's letters that the words searched for make up, so 1.0 is the same text. `snippet`
    is the text, or its part around the first place that fits, and `spans` are these places within the snippet.
    """

    iri: str
    kind: Kind
    label: str
    field: Field
    text: str
    language: str
    score: float
    snippet: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What a store does: queries that run and wait, writes that wait; queries whose process was ended, so far."""

    running: int = 0
    waiting: int = 0
    writes: int = 0
    killed: int = 0


class Writer(Protocol):
    """One transaction. Leaving the `with` block commits and publishes; an exception leaves all as it was."""

    def replace_graph(self, name: str, graph: Graph | bytes) -> bool:
        """Make `graph`, as it is or as N-Triples, the content of the named graph; False when it held just that.

        Blank nodes have no names to compare, so a graph with one always counts as changed.
        """
        ...

    def delete_graph(self, name: str) -> bool: ...

    def update(self, sparql: str) -> None:
        """Run a SPARQL update (trusted: it has no time limit). It always counts as a change."""
        ...


class Store(Protocol):
    @property
    def versioned(self) -> bool:
        """False where nobody says when the graph changed: then `generation` only tells when to read it again."""
        ...

    @property
    def union_default_graph(self) -> bool:
        """Whether the default graph of a query is known to be the union of all graphs."""
        ...

    @property
    def generation(self) -> int:
        """Number of the newest published state; 0 while nothing was written."""
        ...

    def workload(self) -> Workload: ...

    def answer(self, sparql: str, **how: Unpack[How]) -> Answer:
        """Evaluate a query against the newest generation; the first bytes are ready, or an error is raised.

        Raises QuerySyntaxError, QueryTimeoutError, QueryRefusedError, QueryError.
        """
        ...

    def begin(self, sparql: str, **how: Unpack[How]) -> Begun | None:
        """As `answer`, and never waits; None where this store cannot do that: use `answer`."""
        ...

    def select(self, sparql: str, *, timeout: float | None = None) -> Rows: ...

    def ask(self, sparql: str, *, timeout: float | None = None) -> bool: ...

    def construct(self, sparql: str, *, timeout: float | None = None) -> Graph: ...

    def search(self, text: str, *, kinds: Collection[Kind] = tuple(Kind), limit: int = 20) -> tuple[Hit, ...]:
        """What has a name, title, identifier or sentence with all words of `text`, the best match first.

        Case, accents and punctuation do not matter. "Words in quotes" stand side by side, and `word*` is the beginning
        of one. Each IRI is given once, by its best text. Raises StoreError where the store has no text index.
        """
        ...

    def suggest(self, text: str, *, kinds: Collection[Kind] = NAMED, limit: int = 10) -> tuple[Hit, ...]:
        """What a text that is being typed may become: names that begin with it, then names that hold its words."""
        ...

    def claims(self, among: Among) -> Sequence[ClaimRow]:
        """The rows of the claims that are wanted, ordered by document and claim: what a page filters and counts."""
        ...

    def documents(self, wanted: Collection[str] | None = None) -> Mapping[str, DocumentRow]:
        """The rows of these documents, or of all, by their IRI; one that the graph lacks has none."""
        ...

    def sentences(self, claims: Collection[str]) -> Mapping[str, str]:
        """The sentences of these claims, by the claim."""
        ...

    def writer(self) -> AbstractContextManager[Writer]:
        """Raises StoreLockedError when another process is writing."""
        ...

    def apply(self, change: Change) -> Applied:
        """Carry out a client's change and publish it; durable, and seen by the next query, once this returns.

        Changes that come together share one publication. Raises QuerySyntaxError, QueryTimeoutError,
        QueryRefusedError, PreconditionError, QueryError for the change, StoreLockedError, StoreBusyError for the store.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
