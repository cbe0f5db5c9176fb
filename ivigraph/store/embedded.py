"""The store that needs no server: a directory of generations, and processes that answer from them."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar, Unpack

import pyoxigraph

from ivigraph.errors import StoreError
from ivigraph.store import searching, writing
from ivigraph.store.asking import Asking
from ivigraph.store.base import NAMED, Answer, Begun, Dataset, Form, Hit, How, Kind, Workload, Writer
from ivigraph.store.changes import Applied, Change
from ivigraph.store.claims import Among, ClaimRow, DocumentRow
from ivigraph.store.commits import Commits
from ivigraph.store.generations import Generation, Generations, Held
from ivigraph.store.ownership import Ownership
from ivigraph.store.pool import Pool
from ivigraph.store.readers import Limits
from ivigraph.store.sparql import names_dataset, refuse_network
from ivigraph.store.streams import Stream
from ivigraph.store.textindex import TextIndex, build

T = TypeVar("T")


class EmbeddedStore(Asking):
    """Implements `base.Store`; made by `open_store`. Safe to use from many threads."""

    versioned = True

    def __init__(
        self,
        generations: Generations,
        *,
        held: Held | None,
        readers: int,
        queue: int,
        limits: Limits,
        in_memory_mb: int,
        keep_generations: int,
        prefixes: Mapping[str, str],
        derive: str,
        union_default_graph: bool,
        ownership: Ownership,
        update_limits: Limits,
        write_wait: float,
        write_queue: int,
    ) -> None:
        self._generations = generations
        self._limits = limits
        self._keep = keep_generations
        self._prefixes = dict(prefixes)
        self._derive = derive
        self._union = union_default_graph
        self._own = ownership.default
        self._merge = union_default_graph and bool(ownership.default)  # else the engine's default graph is somebody's
        self._as_of = None if held is None else held.number
        configuration = {
            "directory": str(generations.directory.absolute()),
            "as_of": self._as_of,
            "memory_mb": limits.memory_mb,
            "in_memory_mb": in_memory_mb,
            "prefixes": self._prefixes,
        }
        self._pool = Pool(readers, configuration, queue=queue)
        self._index = _Index(generations, self._as_of)
        self._write_wait = write_wait
        self._commits = Commits(
            {
                "directory": configuration["directory"],
                "prefixes": self._prefixes,
                "derive": derive,
                "keep": keep_generations,
                "merge": self._merge,
                "ownership": asdict(ownership),
            },
            limits=update_limits,
            wait=write_wait,
            queue=write_queue,
        )
        self._end = weakref.finalize(self, _close, self._pool, self._commits, self._index, held)

    @property
    def union_default_graph(self) -> bool:
        return self._union

    @property
    def generation(self) -> int:
        return self._generations.current() if self._as_of is None else self._as_of

    def workload(self) -> Workload:
        pool = self._pool
        return Workload(
            running=pool.running(), waiting=pool.waiting(), writes=self._commits.waiting(), killed=pool.killed
        )

    def generations(self) -> tuple[Generation, ...]:
        """Every published state that is still kept, oldest first."""
        return self._generations.published()

    def quads(self, number: int | None = None) -> int:
        """How many quads a generation holds, the newest by default; counted each time, some 7 million a second."""
        held = self._generations.hold(self._as_of if number is None else number)
        if held is None:
            return 0
        with held:
            store = pyoxigraph.Store.read_only(str(held.graph))
            merged = self._generations.about(held.number).merged
            return len(store) - (_size(store, pyoxigraph.DefaultGraph()) if merged else 0)

    def answer(self, sparql: str, **how: Unpack[How]) -> Answer:
        stream = self._stream(sparql, **how)
        stream.start()
        return _answer(stream)

    def begin(self, sparql: str, **how: Unpack[How]) -> Begun | None:
        stream = self._stream(sparql, **how)
        return _Begun(stream, waits=not stream.begin())

    def search(self, text: str, *, kinds: Collection[Kind] = tuple(Kind), limit: int = 20) -> tuple[Hit, ...]:
        return self._index.read(lambda index: index.search(text, kinds=kinds, limit=limit), ())

    def suggest(self, text: str, *, kinds: Collection[Kind] = NAMED, limit: int = 10) -> tuple[Hit, ...]:
        return self._index.read(lambda index: index.suggest(text, kinds=kinds, limit=limit), ())

    def claims(self, among: Among) -> Sequence[ClaimRow]:
        return self._index.read(lambda index: index.claims(among), list[ClaimRow]())

    def documents(self, wanted: Collection[str] | None = None) -> Mapping[str, DocumentRow]:
        return self._index.read(lambda index: index.documents(wanted), dict[str, DocumentRow]())

    def sentences(self, claims: Collection[str]) -> Mapping[str, str]:
        return self._index.read(lambda index: index.sentences(claims), dict[str, str]())

    def writer(self) -> AbstractContextManager[Writer]:
        self._refuse_the_past()
        return writing.transaction(
            self._generations,
            prefixes=self._prefixes,
            derive=self._derive,
            keep=self._keep,
            merge=self._merge,
            wait=self._write_wait,
        )

    def apply(self, change: Change) -> Applied:
        self._refuse_the_past()
        return self._commits.apply(change)

    def close(self) -> None:
        """End all readers; answers that are on their way end with an error."""
        self._end()

    def _default_graphs(self, text: str) -> tuple[str, ...] | None:
        """What a query that names no dataset speaks of: the graph that updates write; None for the engine's choice."""
        if self._union or not self._own or names_dataset(text):
            return None
        return (self._own,)

    def _refuse_the_past(self) -> None:
        if self._as_of is not None:
            raise StoreError(
                f"is open as of generation {self._as_of}, which never changes",
                where=str(self._generations.directory),
                remedy="open it without as_of to write",
            )

    def _stream(
        self,
        text: str,
        *,
        accept: str | None = None,
        dataset: Dataset | None = None,
        timeout: float | None = None,
        base: str | None = None,
    ) -> Stream:
        refuse_network(searching.without(text, searching.parse(text, self._prefixes)))
        request = {
            "query": text,
            "accept": accept,
            "base": base,
            "default_graphs": dataset.default_graphs if dataset else self._default_graphs(text),
            "named_graphs": dataset.named_graphs if dataset else None,
            # The engine lets the union win over FROM, which names a dataset of its own.
            "union": self._union and not names_dataset(text),
        }
        seconds = self._limits.seconds if timeout is None else min(timeout, self._limits.seconds)
        return Stream(self._pool, request, Limits(seconds=seconds, memory_mb=self._limits.memory_mb))


class _Begun:
    """Implements `base.Begun`."""

    def __init__(self, stream: Stream, *, waits: bool) -> None:
        self.waits = waits
        self._stream = stream

    def fileno(self) -> int:
        return self._stream.fileno()

    def arrives(self, seconds: float) -> bool:
        return self._stream.arrives(seconds)

    def answer(self) -> Answer:
        self._stream.start()
        return _answer(self._stream)

    def close(self) -> None:
        self._stream.close()


def _answer(stream: Stream) -> Answer:
    return Answer(Form(stream.head["form"]), stream.head["media_type"], stream.head["generation"], stream)


def _size(store: pyoxigraph.Store, graph: pyoxigraph.DefaultGraph) -> int:
    return sum(1 for _ in store.quads_for_pattern(None, None, None, graph))


class _Index:
    """The index of the generation that was read last, for many threads, one after the other."""

    def __init__(self, generations: Generations, as_of: int | None) -> None:
        self._generations = generations
        self._as_of = as_of
        self._lock = threading.Lock()
        self._index: TextIndex | None = None
        self._built: tempfile.TemporaryDirectory[str] | None = None
        self._number = 0

    def read(self, find: Callable[[TextIndex], T], nothing: T) -> T:
        """What `find` gives; `nothing` where nothing was published yet."""
        with self._lock:
            if self._number != (self._generations.current() if self._as_of is None else self._as_of):
                self._open()
            return find(self._index) if self._index is not None else nothing

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _open(self) -> None:
        self._forget()
        held = self._generations.hold(self._as_of)
        if held is not None:
            with held:  # open files stay readable when the generation is pruned
                try:
                    self._index = TextIndex(held.text)
                except StoreError:  # another version of this program wrote it: the next write makes one of ours
                    self._index = self._made(held)
            self._number = held.number

    def _made(self, held: Held) -> TextIndex:
        self._built = tempfile.TemporaryDirectory(prefix="ivigraph-index-")
        merged = self._generations.about(held.number).merged
        build(Path(self._built.name), pyoxigraph.Store.read_only(str(held.graph)), merged=merged)
        return TextIndex(Path(self._built.name))

    def _forget(self) -> None:
        if self._index is not None:
            self._index.close()
        if self._built is not None:
            self._built.cleanup()
        self._index, self._built, self._number = None, None, 0


def _close(pool: Pool, commits: Commits, index: _Index, held: Held | None) -> None:
    pool.close()
    commits.close()
    index.close()
    if held is not None:
        held.close()
