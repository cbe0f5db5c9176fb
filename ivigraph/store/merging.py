"""The default graph of a generation: the RDF merge of its named graphs, each triple once.

Queries see the union of all graphs as their default graph. The engine can form it while it evaluates, but gives a
triple as often as there are graphs that hold it: a name that a thousand documents give a concept is a thousand rows,
and two such names in one question a million. So a writer keeps the merge beside the graphs, where the engine's
default graph is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain, islice

import pyoxigraph

MOST_AT_ONCE = 5_000  # triples that are written as one transaction
MOST_REMOVED = 200_000  # when more triples went, all graphs are merged anew
_DEFAULT = pyoxigraph.DefaultGraph()


def bring_up(*, base: pyoxigraph.Store, draft: pyoxigraph.Store, touched: Set[str] | None) -> None:
    """Make the default graph of `draft` the merge. In `base` it was, and only the graphs `touched` differ since.

    `touched` is None where any graph may differ, or where there is no merge in `base` to build on.
    """
    if touched is None or "" in touched:
        _merge_all(draft)
        return
    new, gone = [], set[pyoxigraph.Triple]()
    for name in touched:
        node = pyoxigraph.NamedNode(name)
        before = {quad.triple for quad in base.quads_for_pattern(None, None, None, node)}
        if not before:
            new.append(node)
            continue
        now = {quad.triple for quad in draft.quads_for_pattern(None, None, None, node)}
        _add(draft, (pyoxigraph.Quad(*triple) for triple in now - before))
        gone |= before - now
    _add(draft, chain.from_iterable(_merged(draft, node) for node in new))
    if len(gone) > MOST_REMOVED:
        _merge_all(draft)
        return
    for triple in gone:
        if not _stated(draft, triple):
            draft.remove(pyoxigraph.Quad(*triple))


def forget(draft: pyoxigraph.Store) -> None:
    """Leave no merge behind."""
    draft.clear_graph(_DEFAULT)


def _merge_all(draft: pyoxigraph.Store) -> None:
    forget(draft)
    _add(draft, _merged(draft, None))


def _add(draft: pyoxigraph.Store, quads: Iterator[pyoxigraph.Quad]) -> None:
    """Many make files of their own, which the engine sorts; few are written as a transaction."""
    first = list(islice(quads, MOST_AT_ONCE))
    if len(first) < MOST_AT_ONCE:
        draft.extend(first)
    else:
        draft.bulk_extend(chain(first, quads))


def _merged(store: pyoxigraph.Store, graph: pyoxigraph.NamedNode | None) -> Iterator[pyoxigraph.Quad]:
    for quad in store.quads_for_pattern(None, None, None, graph):
        if quad.graph_name != _DEFAULT:
            yield pyoxigraph.Quad(quad.subject, quad.predicate, quad.object)


def _stated(store: pyoxigraph.Store, triple: pyoxigraph.Triple) -> bool:
    """True when some named graph holds the triple."""
    return any(
        quad.graph_name != _DEFAULT
        for quad in store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    )
