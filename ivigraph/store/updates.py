"""Reads how a SPARQL update is built: its operations, the graphs that each writes, and where its parts stand.

The engine tells nothing of a parsed update, and runs it on the one graph that names none. Cut into operations, an
update can be checked against the ownership of graphs and run with a default graph of our own. Whatever is not
plainly of the grammar's form (SPARQL 1.1 Update, section 19.8) is refused, never guessed at: the engine takes
`DROPALL` for two words, and what looks like an IRI for the operator "<".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ivigraph.errors import QueryError
from ivigraph.store import sparql
from ivigraph.terminals import Token, tokens

_TARGETS = frozenset({"clear", "drop"})
_TRANSFERS = frozenset({"add", "move", "copy"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; texts are as they stand in the request, names of graphs included.

    `verb` is "modify" (with all that is written as one), "clear", "drop", "create", "add", "move", "copy" or "load".
    `scope` is "all", "named" or "" for CLEAR and DROP, `source` what LOAD and the transfers read; a graph that is
    None is the default graph. `writes` are the graphs that templates name, variables among them.
    """

    prologue: str
    verb: str
    silent: bool = False
    graph: str | None = None
    source: str | None = None
    scope: str = ""
    delete: str = ""
    insert: str = ""
    using: str = ""
    where: str = "{}"
    writes: tuple[str, ...] = ()


def operations(text: str) -> list[Operation]:
    """Raises QueryError for what cannot be told apart for certain."""
    return _Reading(text).operations()


def sources(text: str) -> list[tuple[str, bool]]:
    """What an update loads, each absolute IRI with whether SILENT allows it to be missing."""
    if "load" not in text.casefold():
        return []
    try:
        found = [one for one in operations(text) if one.verb == "load" and one.source is not None]
    except QueryError:
        return []  # who carries it out says what is wrong, and loads nothing
    return [(one.source[1:-1], one.silent) for one in found if one.source and one.source.startswith("<")]


class _Reading:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [token for token in tokens(text) if token.kind != "comment"]
        self._next = 0
        for token in self._tokens:
            # A quote or backslash that is part of nothing: what follows may be cut in another way.
            if (token.kind == "iri" and sparql.ambiguous(token)) or (token.kind == "mark" and token.text in "'\"\\"):
                raise self._unclear(token)

    def operations(self) -> list[Operation]:
        found: list[Operation] = []
        prologue: list[str] = []
        while True:
            self._declarations(prologue)
            if self._peek() is None:
                return found
            found.append(self._operation("\n".join(prologue)))
            if self._peek() is not None:
                self._mark(";")

    def _declarations(self, prologue: list[str]) -> None:
        while self._at("base", "prefix"):
            start = self._take()
            if start.text.casefold() == "prefix":
                self._kind("prefix")
            prologue.append(self._text[start.start : self._kind("iri").end])

    def _operation(self, prologue: str) -> Operation:
        verb = self._word()
        if verb in _TARGETS:
            silent = self._skip("silent")
            if self._at("all", "named"):
                return Operation(prologue=prologue, verb=verb, silent=silent, scope=self._word())
            graph = None if self._skip("default") else self._graph_reference()
            return Operation(prologue=prologue, verb=verb, silent=silent, graph=graph)
        if verb == "create":
            silent = self._skip("silent")
            return Operation(prologue=prologue, verb=verb, silent=silent, graph=self._graph_reference())
        if verb in _TRANSFERS:
            silent, source = self._skip("silent"), self._graph_or_default()
            self._words("to")
            graph = self._graph_or_default()
            return Operation(prologue=prologue, verb=verb, silent=silent, source=source, graph=graph)
        if verb == "load":
            silent, source = self._skip("silent"), self._name()
            graph = self._graph_reference() if self._skip("into") else None
            return Operation(prologue=prologue, verb=verb, silent=silent, source=source, graph=graph)
        return self._modify(prologue, verb)

    def _modify(self, prologue: str, verb: str) -> Operation:
        graph = self._name() if verb == "with" else None
        if verb == "with":
            verb = self._word()
        if verb not in {"insert", "delete"}:
            raise self._unclear(self._tokens[self._next - 1])
        if graph is None and self._skip("data"):
            block, writes, fixed = self._template()
            if not fixed:  # only the engine's message says it well
                raise self._unclear(self._tokens[self._next - 1])
            insert, delete = (block, "") if verb == "insert" else ("", block)
            return Operation(prologue=prologue, verb="modify", insert=insert, delete=delete, writes=writes)
        if graph is None and verb == "delete" and self._skip("where"):
            block, writes, _ = self._template()
            return Operation(prologue=prologue, verb="modify", delete=block, where=block, writes=writes)
        delete = insert = ""
        written: list[str] = []
        if verb == "delete":
            delete, writes, _ = self._template()
            written += writes
        if verb == "insert" or self._skip("insert"):
            insert, writes, _ = self._template()
            written += writes
        using = self._using()
        self._words("where")
        return Operation(
            prologue=prologue,
            verb="modify",
            graph=graph,
            using=using,
            where=self._group(),
            delete=delete,
            insert=insert,
            writes=tuple(dict.fromkeys(written)),
        )

    def _using(self) -> str:
        clauses = []
        while self._skip("using"):
            named = "NAMED " if self._skip("named") else ""
            clauses.append(f"USING {named}{self._name()}")
        return " ".join(clauses)

    def _template(self) -> tuple[str, tuple[str, ...], bool]:
        """A block of quads; with the graphs that it names, and whether it has no variable."""
        start, names, fixed = self._mark("{"), [], True
        while not self._at_mark("}"):
            token = self._take()
            fixed &= token.kind != "variable"
            if token.kind == "mark" and token.text == "{":
                raise self._unclear(token)  # of something newer than SPARQL 1.1
            if token.kind == "word" and token.text.casefold() == "graph":
                name = self._take()
                fixed &= name.kind != "variable"
                names.append(self._written(name))
                self._triples()
        return self._text[start.start : self._take().end], tuple(names), fixed

    def _triples(self) -> None:
        self._mark("{")
        while not self._at_mark("}"):
            if self._at_mark("{"):
                raise self._unclear(self._take())
            self._take()
        self._take()

    def _group(self) -> str:
        start, depth = self._mark("{"), 1
        end = start
        while depth:
            end = self._take()
            if end.kind == "mark":
                depth += {"{": 1, "}": -1}.get(end.text, 0)
        return self._text[start.start : end.end]

    def _graph_reference(self) -> str:
        self._words("graph")
        return self._name()

    def _graph_or_default(self) -> str | None:
        if self._skip("default"):
            return None
        self._skip("graph")
        return self._name()

    def _name(self) -> str:
        token = self._take()
        if token.kind not in {"iri", "prefix"}:
            raise self._unclear(token)
        return self._written(token)

    def _written(self, token: Token) -> str:
        if token.kind not in {"iri", "prefix", "variable"}:
            raise self._unclear(token)
        return self._text[token.start : token.end]

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise self._unclear(None)
        self._next += 1
        return token

    def _kind(self, kind: str) -> Token:
        token = self._take()
        if token.kind != kind:
            raise self._unclear(token)
        return token

    def _word(self) -> str:
        return self._kind("word").text.casefold()

    def _words(self, *wanted: str) -> None:
        for word in wanted:
            if not self._skip(word):
                raise self._unclear(self._peek())

    def _mark(self, mark: str) -> Token:
        token = self._kind("mark")
        if token.text != mark:
            raise self._unclear(token)
        return token

    def _at(self, *words: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "word" and token.text.casefold() in words

    def _at_mark(self, mark: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "mark" and token.text == mark

    def _skip(self, word: str) -> bool:
        if not self._at(word):
            return False
        self._next += 1
        return True

    def _unclear(self, token: Token | None) -> QueryError:
        if token is None:
            place = "the end"
        else:
            line = self._text.count("\n", 0, token.start) + 1
            column = token.start - self._text.rfind("\n", 0, token.start)
            place = f"line {line}, column {column}"
        return QueryError(
            "cannot be told apart for certain",
            where=f"SPARQL update, {place}",
            remedy='write spaces around keywords and the operator "<", and no escapes in keywords and names',
        )


def text(operation: Operation, default: str, using: str = "") -> str:
    """The operation for the engine; `default` is the graph of statements that name none, "" the engine's own.

    CLEAR and DROP of several graphs, and LOAD, have no such text. Raises QueryError when both the update and the
    protocol (`using`) say what it reads.
    """
    name = f"<{default}>" if default else ""
    silent = "SILENT " if operation.silent else ""
    verb = operation.verb.upper()
    if operation.verb == "modify":
        if using and (operation.using or operation.graph):
            raise QueryError(
                "USING and WITH are both in the update and in the parameters of the request",
                where="SPARQL update",
                remedy="leave out using-graph-uri and using-named-graph-uri",
            )
        graph = operation.graph or name
        parts = (
            f"WITH {graph}" if graph else "",
            f"DELETE {operation.delete}" if operation.delete else "",
            f"INSERT {operation.insert}" if operation.insert else "",
            operation.using or using,
            f"WHERE {operation.where}",
        )
        return _joined(operation, filter(None, parts))
    if operation.verb in _TRANSFERS:
        source, graph = (
            f"GRAPH {it}" if it else "DEFAULT" for it in (operation.source or name, operation.graph or name)
        )
        return _joined(operation, (f"{verb} {silent}{source} TO {graph}",))
    if operation.graph is None:  # the default graph is always there, with content or without
        return _joined(operation, (f"{verb} SILENT {f'GRAPH {name}' if name else 'DEFAULT'}",))
    return _joined(operation, (f"{verb} {silent}GRAPH {operation.graph}",))


def names_written(operation: Operation, default: str) -> tuple[str, ...]:
    """The graphs that an operation writes, as its text names them; the engine resolves them."""
    own = f"<{default}>" if default else None
    names: list[str | None] = list(operation.writes)
    if operation.verb == "modify":
        names.append(operation.graph)
    else:
        names.append(operation.graph or own)
        if operation.verb == "move":
            names.append(operation.source or own)
    return tuple(name for name in dict.fromkeys(names) if name is not None)


def probe(operation: Operation, names: Sequence[str], into: str, default: str, using: str = "") -> str:
    """An update that writes, instead of what the operation would write, the graphs that `names` stand for."""
    found = " , ".join(names)
    insert = f"{{ GRAPH <{into}> {{ <{into}> <{into}> {found} }} }}"
    if not any(name[0] in "?$" for name in names):
        return _joined(operation, (f"INSERT {insert} WHERE {{}}",))
    # Where the template writes a graph that no solution names, it writes nothing; each name counts by itself.
    graph = operation.graph or (f"<{default}>" if default else "")
    parts = (f"WITH {graph}" if graph else "", f"INSERT {insert}", operation.using or using, f"WHERE {operation.where}")
    return _joined(operation, filter(None, parts))


def _joined(operation: Operation, parts: Iterable[str]) -> str:
    return "\n".join((operation.prologue, *parts))
