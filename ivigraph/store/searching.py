"""Text search inside a query: `SERVICE ivo:search { … }` becomes the VALUES that the text index finds.

    SERVICE ivo:search { ?claim search:query "ivig headache" ; search:kind "claim" ; search:score ?score }

The block stands wherever a query may have a SERVICE. Its grammar is small and read from the terminals of SPARQL, so a
query that holds anything else there is refused; nothing of the block reaches the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ivigraph.errors import QueryError, QuerySyntaxError
from ivigraph.namespaces import ONTOLOGY, SEARCH
from ivigraph.store.base import Kind
from ivigraph.store.sparql import declared, iri_of, is_word, place, replaced, symbols_of
from ivigraph.store.words import terms
from ivigraph.terminals import Token

SERVICE = f"{ONTOLOGY}search"
MOST = 10_000  # subjects that a search without `search:limit` may give; more is an error, never a part of them
MOST_LIMIT = 100_000  # the largest `search:limit`

GIVEN = ("query", "kind", "limit")
FOUND = ("score", "text", "label", "field")
_REMEDY = 'write SERVICE ivo:search { ?x search:query "words" ; search:score ?score }'
_STRING_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_STRING_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_LITERAL_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One block, from `start` to `end` in the text of the query. `found` maps score, text, … to their variables."""

    start: int
    end: int
    subject: str
    query: str
    kinds: tuple[Kind, ...]
    limit: int | None
    found: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives for one subject."""

    iri: str
    score: float
    text: str
    language: str
    label: str
    field: str


Find = Callable[[str, Collection[Kind], int], Sequence[Found]]
"""Given the words, the kinds and the most subjects that are wanted, the best first."""


def parse(text: str, prefixes: Mapping[str, str]) -> tuple[Search, ...]:
    """The search blocks of a query. Raises QuerySyntaxError, with line and column, for one that is not understood."""
    if "search" not in text:  # both names have it
        return ()
    symbols = tuple(symbols_of(text))
    known = {**prefixes, **declared(text, symbols)}
    found = []
    for i, symbol in enumerate(symbols):
        if is_word(symbol, "service"):
            target = i + 2 if i + 1 < len(symbols) and is_word(symbols[i + 1], "silent") else i + 1
            if target < len(symbols) and iri_of(symbols[target], text, known) == SERVICE:
                found.append(_Block(text, known, symbols, i, target + 1).read())
    return tuple(found)


def without(text: str, searches: Sequence[Search]) -> str:
    """The query with an empty group of the same length in the place of each block."""
    return replaced(text, [(search.start, search.end, _blank(text[search.start : search.end])) for search in searches])


def filled(text: str, searches: Sequence[Search], find: Find) -> str:
    """The query with what was found in the place of each block. Raises QueryError where that is too much."""
    return replaced(text, [(search.start, search.end, _values(search, find)) for search in searches])


def _blank(block: str) -> str:
    return "{" + re.sub(r"[^\n]", " ", block[1:-1]) + "}"


def _values(search: Search, find: Find) -> str:
    most = MOST if search.limit is None else search.limit
    found = find(search.query, search.kinds, most + 1)
    if search.limit is None and len(found) > most:
        raise QueryError(
            f"the search for {search.query!r} finds more than {MOST:,}",
            where="query",
            remedy=f"search for more words, or add search:limit, up to {MOST_LIMIT:,}, to have the best so many",
        )
    names = [search.subject, *search.found.values()]
    rows = (f"({' '.join([f'<{one.iri}>', *(_literal(one, name) for name in search.found)])})" for one in found[:most])
    return f"VALUES ({' '.join(names)}) {{ {' '.join(rows)} }}"


def _literal(found: Found, name: str) -> str:
    if name == "score":
        return f"{found.score:.4f}"
    value = {"text": found.text, "label": found.label, "field": found.field}[name]
    language = f"@{found.language}" if name == "text" and found.language else ""
    return f'"{value.translate(_LITERAL_ESCAPES)}"{language}'


class _Block:
    """Reads one block, symbol by symbol."""

    def __init__(self, text: str, known: Mapping[str, str], symbols: Sequence[Token], service: int, first: int) -> None:
        self._text = text
        self._known = known
        self._symbols = symbols
        self._service = symbols[service]
        self._next = first

    def read(self) -> Search:
        self._expect("{")
        subject = self._take("variable", "a variable for what is found").text
        given: dict[str, tuple[str, ...]] = {}
        while not self._skip("}"):
            place = self._symbols[min(self._next, len(self._symbols) - 1)]
            name = self._property()
            if name in given and name != "kind":
                self._fail(place, f"search:{name} is given twice")
            given[name] = (*given.get(name, ()), *self._values(name))
            if self._skip(".") and not self._at("}"):
                again = self._take("variable", "the end of the search")
                if again.text[1:] != subject[1:]:
                    self._fail(again, "a search has one variable for what is found")
            elif not self._skip(";") and not self._at("}"):
                self._expect("}")
        end = self._symbols[self._next - 1].end
        return self._search(subject, given, end)

    def _search(self, subject: str, given: Mapping[str, tuple[str, ...]], end: int) -> Search:
        if "query" not in given:
            self._fail(self._service, "the search has no search:query")
        found = {name: given[name][0] for name in FOUND if name in given}
        if len({name[1:] for name in (subject, *found.values())}) <= len(found):
            self._fail(self._service, "each variable of a search has a meaning of its own")
        return Search(
            start=self._service.start,
            end=end,
            subject=subject,
            query=given["query"][0],
            kinds=tuple(Kind(kind) for kind in given.get("kind", tuple(Kind))),
            limit=int(given["limit"][0]) if "limit" in given else None,
            found=found,
        )

    def _property(self) -> str:
        symbol = self._symbols[self._next] if self._next < len(self._symbols) else self._service
        name = (iri_of(symbol, self._text, self._known) or "").removeprefix(SEARCH)
        if name not in (*GIVEN, *FOUND):
            self._fail(symbol, f"one of search:{', search:'.join((*GIVEN, *FOUND))} was expected")
        self._next += 1
        return name

    def _values(self, name: str) -> Iterator[str]:
        yield self._value(name)
        while name == "kind" and self._skip(","):
            yield self._value(name)

    def _value(self, name: str) -> str:
        if name in FOUND:
            return self._take("variable", f"a variable for search:{name}").text
        if name == "limit":
            symbol = self._take("word", "a whole number")
            if not symbol.text.isdecimal() or not 0 < int(symbol.text) <= MOST_LIMIT:
                self._fail(symbol, f"search:limit is a whole number up to {MOST_LIMIT:,}")
            return symbol.text
        symbol = self._take("string", f"a text in quotes for search:{name}, which cannot be a variable,")
        value = _string(symbol.text)
        if name == "kind" and value not in tuple(Kind):
            self._fail(symbol, f"search:kind is one of {', '.join(Kind)}")
        if name == "query" and not terms(value):
            self._fail(symbol, "there is no word to search for")
        return value

    def _take(self, kind: str, wanted: str) -> Token:
        symbol = self._symbols[self._next] if self._next < len(self._symbols) else None
        if symbol is None or symbol.kind != kind:
            self._fail(symbol or self._service, f"{wanted} was expected")
        self._next += 1
        return symbol

    def _expect(self, mark: str) -> None:
        if not self._skip(mark):
            symbol = self._symbols[self._next] if self._next < len(self._symbols) else self._service
            self._fail(symbol, f"{mark!r} was expected")

    def _skip(self, mark: str) -> bool:
        found = self._at(mark)
        self._next += found
        return found

    def _at(self, mark: str) -> bool:
        return self._next < len(self._symbols) and self._symbols[self._next].text == mark

    def _fail(self, symbol: Token, message: str) -> NoReturn:
        line, column = place(self._text, symbol.start)
        raise QuerySyntaxError(
            message, line=line, column=column, where=f"SPARQL, line {line}, column {column}", remedy=_REMEDY
        )


def _string(token: str) -> str:
    """What a string of SPARQL says."""
    quotes = 3 if token[:3] in {'"""', "'''"} else 1
    return _STRING_ESCAPE.sub(_unescaped, token[quotes:-quotes])


def _unescaped(match: re.Match[str]) -> str:
    if match[3]:
        return _STRING_ESCAPES.get(match[3], match[3])
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else ""
