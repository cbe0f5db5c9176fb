"""One transaction of the embedded store.

Nothing is changed in place: the first change copies the newest generation (hard links to the engine's immutable
files, milliseconds at any size), all changes go to that draft, and the end of the transaction publishes it. An
exception or a kill at any moment leaves a draft that nobody sees.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyoxigraph
from rdflib import Graph

from ivigraph.errors import StoreError
from ivigraph.store import edges, merging, segments, terms, textindex
from ivigraph.store.generations import Generations, locked
from ivigraph.store.sparql import graphs_of_update, refuse_network
from ivigraph.store.syntax import syntax_error

BATCH_QUADS = 100_000  # additions are collected up to this many, then sorted into files by the engine: 3 times as fast
SMALL_QUADS = 5_000  # up to this many are written as a transaction, which makes no files of its own


@contextmanager
def transaction(
    generations: Generations, *, prefixes: Mapping[str, str], derive: str, keep: int, merge: bool, wait: float = 0.0
) -> Iterator[Transaction]:
    """Publish what the `with` block changes, at its end; nothing of it when the block raises.

    `derive` is the update that runs before publication; `keep` generations stay; with `merge` the engine's default
    graph becomes the merge of all. Raises StoreLockedError when another writer is at work for longer than `wait`
    seconds, StoreError when the files cannot be written.
    """
    with ExitStack() as stack:
        with _told(generations.directory):
            stack.enter_context(locked(generations.directory / "writer.lock", wait=wait))
            generations.recover()
            work = Transaction(generations, prefixes, derive, merge=merge)
        stack.callback(work.abandon)
        yield work
        with _told(generations.directory):
            if work.publish():
                generations.prune(keep)


class Transaction:
    """Implements `base.Writer`."""

    def __init__(self, generations: Generations, prefixes: Mapping[str, str], derive: str, *, merge: bool) -> None:
        self._generations = generations
        self._held = held = generations.hold()
        self._prefixes = dict(prefixes)
        self._derive = derive
        self._merge = merge
        self._derivation = _digest(derive)
        self._base = pyoxigraph.Store() if held is None else pyoxigraph.Store.read_only(str(held.graph))
        self._draft: pyoxigraph.Store | None = None
        self._added: list[pyoxigraph.Quad] = []  # not yet in the draft
        self._added_to: set[pyoxigraph.NamedNode] = set()
        self._touched: set[str] | None = set()  # the graphs that may differ by name; None: any

    @property
    def generation(self) -> int:
        """What this transaction began from."""
        return 0 if self._held is None else self._held.number

    def draft(self, *graphs: str) -> pyoxigraph.Store:
        """What will be published, to change these graphs of it by the engine's own means."""
        self._settle()
        return self._changed(*graphs)

    def replace_graph(self, name: str, graph: Graph | bytes) -> bool:
        if not graph:
            return self.delete_graph(name)
        node, wanted = terms.iri(name), terms.triples(graph)
        with _told(self._generations.directory):
            return self._replace(node, wanted)

    def _replace(self, node: pyoxigraph.NamedNode, wanted: set[pyoxigraph.Triple]) -> bool:
        if node in self._added_to:
            self._settle()
        present = {quad.triple for quad in self._seen.quads_for_pattern(None, None, None, node)}
        new = wanted - present
        if present and new:
            new = _as_stored(new)
        removed, added = present - wanted - new, new - present
        if not removed and not added:
            return False
        draft = self._changed(node.value)
        for triple in removed:
            draft.remove(_quad(triple, node))
        self._added += (_quad(triple, node) for triple in added)
        self._added_to.add(node)
        if len(self._added) >= BATCH_QUADS:
            self._settle()
        return True

    def delete_graph(self, name: str) -> bool:
        node = terms.iri(name)
        with _told(self._generations.directory):
            self._settle()
            if not self._seen.contains_named_graph(node):
                return False
            self._changed(name).remove_graph(node)
            return True

    def update(self, sparql: str) -> None:
        refuse_network(sparql)
        graphs = graphs_of_update(sparql)
        with _told(self._generations.directory):
            self._run(sparql)
        self._touch(graphs)

    def publish(self) -> bool:
        """Make what was changed the newest generation; False when there is nothing to publish."""
        if self._draft is None and not self._derived_otherwise():
            return False
        self._settle()
        draft = self._opened()
        self._derive_into(draft)
        self._merge_into(draft)
        textindex.publish(
            None if self._held is None else self._held.text,
            self._generations.draft / "text",
            base=self._base,
            draft=draft,
            touched=self._touched,
            merged=self._merge,
        )
        draft.flush()
        del draft
        self._draft = None  # the engine closes its files when the last reference goes
        self._generations.publish(self._derivation, merged=self._merge)
        self._release()
        return True

    def _derive_into(self, draft: pyoxigraph.Store) -> None:
        """Bring the derived graph up: by what changed where that is known how, else by the update as it stands."""
        if (known := edges.announced(self._derive)) is None:
            self._touch(graphs_of_update(self._derive))
            self._run(self._derive)
        else:
            touched = None if self._derived_otherwise() else self._touched
            edges.derive(known, base=self._base, draft=draft, touched=touched)

    def _merge_into(self, draft: pyoxigraph.Store) -> None:
        """Keep the merge of all graphs up, or take away one that another program left."""
        merged = self._held is not None and self._generations.about(self._held.number).merged
        if not self._merge:
            if merged:
                merging.forget(draft)
            return
        known = edges.announced(self._derive)
        touched = self._touched
        if touched is not None and (
            known is None or (self._held is not None and (not merged or self._derived_otherwise()))
        ):
            touched = None
        if touched is not None and known is not None:
            touched = touched | {known.graph.value}
        merging.bring_up(base=self._base, draft=draft, touched=touched)

    def abandon(self) -> None:
        """Forget what was not published; does nothing after `publish`."""
        self._draft = None
        self._release()
        shutil.rmtree(self._generations.draft, ignore_errors=True)

    def _release(self) -> None:
        """Let the generation that this transaction began with be pruned."""
        self._base = pyoxigraph.Store()
        if self._held is not None:
            self._held.close()

    def _settle(self) -> None:
        """Write the collected additions into the draft."""
        if self._added:
            draft = self._opened()
            (draft.extend if len(self._added) <= SMALL_QUADS else draft.bulk_extend)(self._added)
            self._added, self._added_to = [], set()

    @property
    def _seen(self) -> pyoxigraph.Store:
        return self._base if self._draft is None else self._draft

    def _changed(self, *graphs: str) -> pyoxigraph.Store:
        """The draft, to change these graphs of it, or any."""
        self._touch(graphs or None)
        return self._opened()

    def _touch(self, graphs: Iterable[str] | None) -> None:
        if graphs is None:
            self._touched = None
        elif self._touched is not None:
            self._touched.update(graphs)

    def _opened(self) -> pyoxigraph.Store:
        """The draft; made when it is asked for first."""
        if self._draft is None:
            graph = self._generations.draft / "graph"
            graph.parent.mkdir()
            if self._held is not None:
                self._base.backup(str(graph))
            self._draft = pyoxigraph.Store(str(graph))
        return self._draft

    def _run(self, text: str) -> None:
        self._settle()
        try:
            self._opened().update(text, prefixes=self._prefixes)
        except SyntaxError as error:
            raise syntax_error(str(error), text, self._prefixes) from error

    def _derived_otherwise(self) -> bool:
        """True when another version of this program made the derived graph or the text index."""
        if self._held is None:
            return False
        return self._generations.about(self._held.number).derivation != self._derivation


def _digest(derive: str) -> str:
    return hashlib.sha256(f"{segments.VERSION}\n{derive}".encode()).hexdigest()[:16]


def _quad(triple: pyoxigraph.Triple, name: pyoxigraph.NamedNode) -> pyoxigraph.Quad:
    return pyoxigraph.Quad(triple.subject, triple.predicate, triple.object, name)


def _as_stored(triples: set[pyoxigraph.Triple]) -> set[pyoxigraph.Triple]:
    """The triples as the engine gives them back: it normalises literals ("1.50" becomes "1.5")."""
    memory = pyoxigraph.Store()
    memory.extend(pyoxigraph.Quad(*triple) for triple in triples)
    return {quad.triple for quad in memory}


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    """Translate what the system says about the files of the store."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot be written: {error.strerror or error}",
            where=str(directory),
            remedy="check the free space and the permissions of this directory",
        ) from error
