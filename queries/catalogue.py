"""The questions of the catalogue: one file each, with a header that says what it answers and what it takes.

    #+ title: Off-label uses
    #+ description: Conditions for which a text calls the use of a therapy off-label,
    #+   continued on lines that are indented.
    #+ parameter disease concept: Only this condition and what is narrower.

The parameter `disease` is the variable `?_disease`, and binding puts a term in its place. It stands in a condition:
a comment line that begins with `#?`, which becomes part of the query only when its parameters are given.

    #? ?disease ivo:isA? ?_disease .

So each file runs anywhere as it is, and a query with few conditions is not slowed down by the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn
from urllib.parse import unquote

from ivigraph.errors import IvigraphError, QueryError, QuerySyntaxError
from ivigraph.model import DocumentType
from ivigraph.namespaces import ONTOLOGY, Minter, compress, expand
from ivigraph.ontology.vocabulary import Concept
from ivigraph.queries import relations
from ivigraph.terminals import replace_iris, replace_variables, variables

_HERE = Path(__file__).parent
_ENTRY = re.compile(r"(title|description):\s*(.+)|parameter\s+([a-z][a-z_]*)\s+([a-z]+):\s*(.+)")
_CONDITION = re.compile(r"(?m)^([ \t]*)#\? (.+)$")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]+")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_DOCUMENT_PATH = "/id/document/"

DESIGNS: Mapping[str, str] = MappingProxyType(
    {
        ("OtherDocument" if type_ is DocumentType.OTHER else "".join(w.capitalize() for w in type_.split("_"))): type_
        for type_ in DocumentType
    }
)
"""The individuals of `ivo:documentType` by their local names, with the words of docs/claims.md."""


class ParameterType(StrEnum):
    """What a value is: an IRI, CURIE or name of a concept, an identifier of a document, a kind of claim, a design, …"""

    CONCEPT = "concept"
    DOCUMENT = "document"
    RELATION = "relation"
    TEXT = "text"
    INTEGER = "integer"
    DESIGN = "design"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: ParameterType
    description: str


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is SPARQL with all prefixes declared; it runs anywhere, with its parameters left open."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str

    def bind(self, values: Mapping[str, str], *, limit: int | None = None) -> str:
        """The query with the values in place; a concept or relation is given as its IRI, a document as its CURIE.

        `limit` is the most solutions that are wanted. Raises QueryError for an unknown parameter or a value that
        is none of its type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise QueryError(
                    f"no parameter {name!r}", where=f"query {self.name}", remedy=f"it takes {_listed(list(known))}"
                )
        terms = {f"_{name}": _term(known[name], value, self.name) for name, value in values.items()}
        bound = replace_variables(_with_conditions(self.text, values), terms.get)
        return bound if limit is None else f"{bound}\nLIMIT {int(limit)}"


@cache
def load() -> Mapping[str, Query]:
    """The queries that ship with the package, by name."""
    return read(_HERE)


def read(folder: Path) -> Mapping[str, Query]:
    """Every `NAME.rq` of a folder. Raises QuerySyntaxError naming the file and the line."""
    return MappingProxyType(
        {path.stem: parse(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.rq"))}
    )


def derivation(minter: Minter) -> str:
    """The SPARQL update that computes the graph of derived edges anew from the claims.

    Its first line announces what it derives, to a store that can do the same for less.
    """
    text = (_HERE / "edges.ru").read_text(encoding="utf-8")
    filled = {"<derived:>": f"<{minter.derived_graph}>", "<edge:>": f"<{minter.base}id/edge/>"}
    return f"#+ edges: {' '.join(filled.values())}\n" + replace_iris(text, filled.get)


def resolve(query: Query, given: Mapping[str, str], find: Callable[[str], Sequence[Concept]]) -> dict[str, str]:
    """What people type as what `bind` takes: a CURIE, an IRI, or a name that `find` knows. Empty values are left out.

    Raises QueryError, with a remedy, for what names nothing.
    """
    types = {parameter.name: parameter.type for parameter in query.parameters}
    return {
        name: _RESOLVERS[types[name]](value.strip(), find) if name in types else value
        for name, value in given.items()
        if value.strip()
    }


def parse(name: str, text: str) -> Query:
    """One query from the text of its file, which is named in errors as `NAME.rq`."""
    entries = _header(name, text)
    found: dict[str, str] = {}
    parameters: dict[str, Parameter] = {}
    for line, entry in entries:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            _wrong(
                name,
                line,
                f"cannot be read: {entry!r}",
                "write `title: …`, `description: …` or `parameter NAME TYPE: …`",
            )
        elif match[1]:
            found[match[1]] = match[2]
        elif match[4] not in set(ParameterType):
            _wrong(name, line, f"unknown type {match[4]!r}", f"one of {', '.join(ParameterType)}")
        else:
            parameters[match[3]] = Parameter(match[3], ParameterType(match[4]), match[5])
    for key in ("title", "description"):
        if key not in found:
            _wrong(name, 1, f"has no {key}", f"begin the file with `#+ {key}: …`")
    _check_parameters(name, text, parameters)
    return Query(name, found["title"], found["description"], tuple(parameters.values()), text)


def _header(name: str, text: str) -> list[tuple[int, str]]:
    """The entries of the header with the line each begins in; indented lines continue the one before."""
    entries: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        content = line.removeprefix("#+")
        if content.startswith("   "):
            if not entries:
                _wrong(name, number, "continues nothing", "begin an entry with `#+ ` and its name")
            begun, entry = entries[-1]
            entries[-1] = (begun, f"{entry} {content.strip()}")
        else:
            entries.append((number, content.strip()))
    return entries


def _check_parameters(name: str, text: str, parameters: Mapping[str, Parameter]) -> None:
    used: dict[str, int] = {}
    for variable, line in variables(_CONDITION.sub(r"\1\2", text)):
        if variable.startswith("_"):
            used.setdefault(variable[1:], line)
    for undeclared in sorted(set(used) - set(parameters)):
        _wrong(name, used[undeclared], f"?_{undeclared} is not declared", f"add `#+ parameter {undeclared} TYPE: …`")
    for unused in sorted(set(parameters) - set(used)):
        _wrong(name, 1, f"the parameter {unused!r} is not used", f"use ?_{unused} in the query, or take it out")


def _with_conditions(text: str, given: Container[str]) -> str:
    """The text with the conditions whose parameters are all given; the others stay comments."""

    def line(match: re.Match[str]) -> str:
        names = [name[1:] for name, _ in variables(match[2]) if name.startswith("_")]
        return match[1] + match[2] if all(name in given for name in names) else match[0]

    return _CONDITION.sub(line, text)


def _wrong(name: str, line: int, message: str, remedy: str) -> NoReturn:
    raise QuerySyntaxError(message, line=line, where=f"{name}.rq, line {line}", remedy=remedy)


def iri(value: str, *, where: str = "SPARQL") -> str:
    """An IRI as SPARQL writes it. Raises QueryError for what is no absolute IRI, so that nothing can slip in."""
    if not _IRI.fullmatch(value):
        raise QueryError(f"{value!r} is no IRI", where=where, remedy="give an absolute IRI")
    return f"<{value}>"


def text(value: str, *, where: str = "SPARQL") -> str:
    """A string as SPARQL writes it."""
    if re.search(r"\\[uU]", value):
        # Some engines resolve code points before they read strings, and would end the string here.
        raise QueryError("a text cannot hold \\u", where=where, remedy="write the character itself")
    return f'"{value.translate(_ESCAPES)}"'


def _term(parameter: Parameter, value: str, query: str) -> str:
    """A value as SPARQL writes it, refused unless it is what the type says."""
    where = f"query {query}, parameter {parameter.name}"
    if parameter.type in (ParameterType.CONCEPT, ParameterType.RELATION, ParameterType.DESIGN):
        return iri(value, where=where)
    if parameter.type is ParameterType.INTEGER:
        if not _INTEGER.fullmatch(value):
            raise QueryError(f"{value!r} is no whole number", where=where, remedy="give digits only")
        return str(int(value))
    return text(value, where=where)


def _concept(value: str, find: Callable[[str], Sequence[Concept]]) -> str:
    if "://" in value:
        return value
    if concepts := find(value):
        return expand(concepts[0].id)
    if ":" in value and not any(character.isspace() for character in value):
        try:
            return expand(value)
        except IvigraphError as error:
            raise QueryError(error.message, where=error.where, remedy=error.remedy) from error
    raise QueryError(
        "no concept of that name", where=value, remedy="give another name, a CURIE such as HP:0001873, or an IRI"
    )


def _document(value: str, find: Callable[[str], Sequence[Concept]]) -> str:
    """The CURIE under which a document is known, from itself, its page here, or its address elsewhere."""
    if _DOCUMENT_PATH in value:
        prefix, _, local = value.partition(_DOCUMENT_PATH)[2].partition("#")[0].partition("/")
        return f"{prefix}:{unquote(local)}"
    if "://" in value:
        return compress(value) or value
    return value


def _relation(value: str, find: Callable[[str], Sequence[Concept]]) -> str:
    if value in relations.BY_NAME:
        return relations.BY_NAME[value].iri
    if value in relations.BY_IRI:
        return value
    raise QueryError("no kind of claim", where=value, remedy=f"one of {', '.join(relations.BY_NAME)}")


def _design(value: str, find: Callable[[str], Sequence[Concept]]) -> str:
    name = value.removeprefix(ONTOLOGY)
    found = next((design for design, said in DESIGNS.items() if name in (design, said)), None)
    if found is None:
        raise QueryError("no study design", where=value, remedy=f"one of {', '.join(DESIGNS)}")
    return ONTOLOGY + found


def _verbatim(value: str, find: Callable[[str], Sequence[Concept]]) -> str:
    return value


_RESOLVERS: Mapping[ParameterType, Callable[[str, Callable[[str], Sequence[Concept]]], str]] = MappingProxyType(
    {
        ParameterType.CONCEPT: _concept,
        ParameterType.DOCUMENT: _document,
        ParameterType.RELATION: _relation,
        ParameterType.TEXT: _verbatim,
        ParameterType.INTEGER: _verbatim,
        ParameterType.DESIGN: _design,
    }
)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if names else "none"
