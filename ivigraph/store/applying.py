"""Carries out a client's change on the draft of a transaction, within the ownership of graphs.

Runs in the process that writes. Any error may leave the draft half changed: whoever calls then abandons it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph

from ivigraph.errors import PreconditionError, QueryError, QueryRefusedError, QuerySyntaxError
from ivigraph.store import updates
from ivigraph.store.base import MEDIA_TYPES, Form
from ivigraph.store.changes import Change, Content, GraphWrite, Update
from ivigraph.store.ownership import Ownership
from ivigraph.store.sparql import refuse_network
from ivigraph.store.syntax import syntax_error


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """See `changes.Applied`."""

    created: bool = False
    found: bool = True
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applier:
    """Applies changes to one draft. `generation` is what the draft began from, None once it was changed.

    `touched` is filled with the names of the graphs that may have changed, the engine's default graph by "".
    """

    draft: pyoxigraph.Store
    touched: set[str]
    generation: int | None
    ownership: Ownership
    prefixes: Mapping[str, str]

    def apply(self, change: Change) -> Done:
        """Raises QuerySyntaxError, QueryRefusedError, PreconditionError, QueryError."""
        if isinstance(change, Update):
            return self._update(change)
        return self._write(change)

    def _update(self, update: Update) -> Done:
        self._expect(update.if_generation, "SPARQL update")
        refuse_network(update.text, load=False)
        self.touched.add(self.ownership.default)
        try:
            operations = updates.operations(update.text)
        except QueryError:
            self._refuse_syntax(update)  # says better what is wrong, if it is that
            raise
        left = 0
        for operation in operations:
            try:
                left += self._operation(operation, update)
            except SyntaxError as error:
                self._refuse_syntax(update)
                raise QuerySyntaxError(str(error), where="SPARQL update", remedy="correct the update") from error
            except (
                RuntimeError,
                ValueError,
            ) as error:  # what the engine says of graphs that do not exist, and the like
                raise QueryError(str(error), where="SPARQL update", remedy="correct the update") from error
        return Done(left=left)

    def _operation(self, operation: updates.Operation, update: Update) -> int:
        """Run one; gives the number of graphs that CLEAR or DROP left because they are managed."""
        if operation.scope:
            return self._clear(operation, update)
        using = _using(update)
        text = "" if operation.verb == "load" else updates.text(operation, self.ownership.default, using)
        self._check(operation, update, using)
        if operation.verb == "load":
            self._load_operation(operation, update)
            return 0
        if operation.source is None and self.ownership.default:  # the default graph is always there to be read
            self.draft.add_graph(pyoxigraph.NamedNode(self.ownership.default))
        self.draft.update(text, base_iri=update.base, prefixes=dict(self.prefixes))
        return 0

    def _clear(self, operation: updates.Operation, update: Update) -> int:
        clear = self.draft.clear_graph if operation.verb == "clear" else self.draft.remove_graph
        left = 0
        for graph in list(self.draft.named_graphs()):
            if self.ownership.refusal(graph.value, admin=update.admin) is None:
                self.touched.add(graph.value)
                clear(graph)
            else:
                left += self.ownership.is_managed(graph.value)
        if operation.scope == "all" and not self.ownership.default:
            self.draft.clear_graph(pyoxigraph.DefaultGraph())
        return left

    def _check(self, operation: updates.Operation, update: Update, using: str) -> None:
        """Refuse an operation that would write a graph which it must not; the engine resolves the names."""
        names = updates.names_written(operation, self.ownership.default)
        if not names:
            return
        into = f"urn:uuid:{uuid.uuid4()}"
        probe = updates.probe(operation, names, into, self.ownership.default, using)
        store = self.draft if any(name[0] in "?$" for name in names) else pyoxigraph.Store()
        store.update(probe, base_iri=update.base, prefixes=dict(self.prefixes))
        node = pyoxigraph.NamedNode(into)
        written = [quad.object for quad in store.quads_for_pattern(None, None, None, node)]
        store.remove_graph(node)
        for graph in written:
            if isinstance(graph, pyoxigraph.NamedNode):
                self._allow(graph.value, admin=update.admin)

    def _load_operation(self, operation: updates.Operation, update: Update) -> None:
        content = update.loads.get((operation.source or "").removeprefix("<").removesuffix(">"))
        if content is None:
            if operation.silent:
                return
            raise QueryRefusedError(
                f"LOAD of {operation.source} is not allowed",
                where="SPARQL update",
                remedy="send the document itself to the graph store",
            )
        into = operation.graph
        name = self._resolved(operation, update) if into else self.ownership.default
        try:
            self._load(content, name, admin=update.admin)
        except QueryError:
            if not operation.silent:
                raise

    def _resolved(self, operation: updates.Operation, update: Update) -> str:
        scratch = pyoxigraph.Store()
        probe = updates.probe(operation, (operation.graph or "",), "urn:ivigraph:graph", "")
        scratch.update(probe, base_iri=update.base, prefixes=dict(self.prefixes))
        return str(next(quad.object.value for quad in scratch))

    def _write(self, write: GraphWrite) -> Done:
        self._expect(write.if_generation, write.graph or "")
        if write.graph is None:
            for content in write.contents:
                self._load(content, None, admin=write.admin)
            return Done()
        self._allow(write.graph, admin=write.admin)
        node = pyoxigraph.NamedNode(write.graph)
        default = write.graph == self.ownership.default
        there = default or self.draft.contains_named_graph(node)
        if write.if_absent and self.draft.contains_named_graph(node):
            raise PreconditionError("the graph is there already", where=write.graph, remedy="use another name")
        if write.action in {"put", "delete"}:
            self.draft.remove_graph(node)
        if write.action == "delete":
            return Done(found=there)
        self.draft.add_graph(node)
        for content in write.contents:
            self._load(content, write.graph, admin=write.admin)
        return Done(created=not there)

    def _expect(self, generation: int | None, where: str) -> None:
        """Raises PreconditionError where something was written since the generation that a client has seen."""
        if generation is not None and generation != self.generation:
            raise PreconditionError("the graph has changed since you read it", where=where, remedy="read it again")

    def _load(self, content: Content, graph: str | None, *, admin: bool) -> None:
        """Add a document to one graph, or to the graphs that it names."""
        syntax = pyoxigraph.RdfFormat.from_media_type(content.media_type)
        if syntax is None:
            raise QueryError(
                "no syntax of RDF", where=content.media_type, remedy=f"send {', '.join(MEDIA_TYPES[Form.GRAPH])}"
            )
        to = pyoxigraph.NamedNode(graph or self.ownership.default)
        try:
            if syntax.supports_datasets:
                self._check_names(content, syntax, graph, admin=admin)
            elif graph is None:
                self._allow(to.value, admin=admin)
            self.draft.load(content.data, syntax, base_iri=content.base, to_graph=to)
        except SyntaxError as error:
            raise _unreadable(content, error) from error
        except ValueError as error:
            raise QueryError(str(error), where=content.media_type, remedy="correct the document") from error

    def _check_names(self, content: Content, syntax: pyoxigraph.RdfFormat, graph: str | None, *, admin: bool) -> None:
        quads = pyoxigraph.parse(content.data, syntax, base_iri=content.base)
        for name in {quad.graph_name for quad in quads}:
            if isinstance(name, pyoxigraph.DefaultGraph):
                self._allow(graph or self.ownership.default, admin=admin)
            elif graph is not None:
                raise QueryError(
                    f"the document names a graph itself ({name.value})",
                    where=content.media_type,
                    remedy="send it to the graph store without naming a graph",
                )
            elif isinstance(name, pyoxigraph.NamedNode):
                self._allow(name.value, admin=admin)

    def _allow(self, graph: str, *, admin: bool) -> None:
        self.touched.add(graph)
        if reason := self.ownership.refusal(graph, admin=admin):
            raise QueryRefusedError(
                f"this graph cannot be written: {reason}",
                where=graph,
                remedy=f"write to {self.ownership.default or 'another graph'}, or to any name of your own",
            )

    def _refuse_syntax(self, update: Update) -> None:
        """Raises QuerySyntaxError for an update that is none, with the place as its author wrote it."""
        try:
            refuse_network(update.text)
            pyoxigraph.Store().update(update.text, base_iri=update.base, prefixes=dict(self.prefixes))
        except SyntaxError as error:
            raise syntax_error(str(error), update.text, self.prefixes) from error
        except (QueryRefusedError, RuntimeError, ValueError):
            return


def _using(update: Update) -> str:
    clauses = [f"USING <{name}>" for name in update.default_graphs]
    clauses += [f"USING NAMED <{name}>" for name in update.named_graphs]
    return " ".join(clauses)


def _unreadable(content: Content, error: SyntaxError) -> QuerySyntaxError:
    message = str(error.msg).partition(": ")[2] or str(error.msg)
    place = f", line {error.lineno}, column {error.offset}" if error.lineno else ""
    return QuerySyntaxError(
        message if place else str(error.msg),
        line=error.lineno,
        column=error.offset,
        where=f"{content.media_type}{place}",
        remedy="correct the document",
    )
