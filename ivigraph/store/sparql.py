"""What can be told of a query before it runs: its form, its dataset clause, and what it must not ask for.

The engine tells nothing about a parsed query, so the text is cut into the terminals of the grammar
(`ivigraph.terminals`): a keyword in a string, an IRI, a comment, a variable or the local part of a name is none.
Where the text can be cut
in two ways (`FILTER(?a<'>'…`), and wherever a word runs into a keyword, the decision is to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from ivigraph.errors import QueryRefusedError
from ivigraph.store.base import Form
from ivigraph.terminals import Token, tokens

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_NAME_A_GRAPH = {"graph", "with", "into", "clear", "drop", "create", "add", "move", "copy", "to"}
_FORMS = {"select": Form.SELECT, "ask": Form.ASK, "construct": Form.GRAPH, "describe": Form.GRAPH}
# The engine needs no space after a keyword, and before SERVICE none after a number or `true`.
_REFUSED = {"service": re.compile(r"service"), "load": re.compile(r"\Aload")}


def form(text: str) -> Form | None:
    """The form of a query; None where the text is no query."""
    found = _form(text)
    return None if found is None else _FORMS[found.text.casefold()]


def form_at(text: str) -> int:
    """Where a query begins, after its prefixes; 0 where the text is no query."""
    found = _form(text)
    return 0 if found is None else found.start


def _form(text: str) -> Token | None:
    return next((token for token in tokens(text) if token.kind == "word" and token.text.casefold() in _FORMS), None)


def names_dataset(text: str) -> bool:
    """True for a query with FROM or FROM NAMED."""
    return "from" in text.casefold() and any(
        token.kind == "word" and token.text.casefold() == "from" for token in tokens(text)
    )


def undeclared(text: str) -> frozenset[str]:
    """The prefixes that a query uses and does not declare."""
    used: set[str] = set()
    declared: set[str] = set()
    before = ""
    for token in tokens(text):
        if token.kind == "prefix":
            (declared if before == "prefix" else used).add(token.text)
        if token.kind != "comment":
            before = token.text.casefold() if token.kind == "word" else ""
    return frozenset(used - declared)


def graphs_of_update(text: str) -> frozenset[str] | None:
    """The graphs that an update may change, the default graph by an empty name; None where it may be any.

    It may be any unless each graph is named by an absolute IRI in angle brackets.
    """
    if "\\" in text:
        return None
    found, awaited = {""}, False
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if awaited:
            if token.kind == "word" and token.text.casefold() in {"graph", "silent"}:
                continue
            if token.kind != "iri" or not _ABSOLUTE.match(token.text):
                return None
            found.add(token.text[1:-1])
            awaited = False
        if token.kind in {"word", "prefix"}:
            word = token.text.casefold()
            awaited = token.kind == "word" and word in _NAME_A_GRAPH
            if not awaited and any(keyword in word for keyword in _NAME_A_GRAPH):
                return None  # the engine needs no space after a keyword
    return None if awaited else frozenset(found)


def symbols_of(text: str) -> Iterator[Token]:
    """The terminals, and every other character but white space; comments are left out."""
    end = 0
    for token in tokens(text):
        yield from _marks(text, end, token.start)
        if token.kind != "comment":
            yield token
        end = token.end
    yield from _marks(text, end, len(text))


def _marks(text: str, start: int, end: int) -> Iterator[Token]:
    return (Token("mark", text[i], i, i + 1) for i in range(start, end) if not text[i].isspace())


def declared(text: str, symbols: Sequence[Token]) -> dict[str, str]:
    """The prefixes that the query declares with an absolute IRI."""
    return {
        name.text: iri.text[1:-1]
        for (word, name), (_, iri) in zip(pairwise(symbols), pairwise(symbols[1:]), strict=False)
        if is_word(word, "prefix") and name.kind == "prefix" and iri.kind == "iri"
    }


def is_word(symbol: Token, word: str) -> bool:
    return symbol.kind == "word" and symbol.text.casefold() == word


def iri_of(symbol: Token, text: str, known: Mapping[str, str]) -> str | None:
    if symbol.kind == "iri":
        return symbol.text[1:-1]
    if symbol.kind == "prefix" and symbol.text in known:
        return known[symbol.text] + text[symbol.start + len(symbol.text) + 1 : symbol.end]
    return None


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column, from 1."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def replaced(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each part, from its start to its end, replaced by another; they come in their order."""
    parts, end = [], 0
    for start, after, piece in pieces:
        parts += [text[end:start], piece]
        end = after
    return "".join([*parts, text[end:]])


def refuse_network(text: str, *, load: bool = True) -> None:
    """Raises QueryRefusedError for a query with SERVICE or an update with SERVICE or, unless `load` is False, LOAD.

    A prefix whose name contains "service" is taken for the keyword: the engine reads `SERVICE:h` as `SERVICE :h`.
    """
    # The engine resolves \\uXXXX in strings and IRIs only, the standard everywhere: both readings count.
    for reading in {text, _ESCAPE.sub(_unescaped, text)}:
        folded = reading.casefold()
        for keyword, pattern in _REFUSED.items():
            if keyword == "load" and not load:
                continue  # for who carries it out without the engine
            if keyword in folded and any(_may_be(pattern, token) for token in tokens(reading)):
                raise QueryRefusedError(
                    f"{keyword.upper()} is not allowed",
                    where="SPARQL",
                    remedy="query this store's own graphs, or allow the host in the settings of its server",
                )


def _may_be(keyword: re.Pattern[str], token: Token) -> bool:
    if token.kind in {"word", "prefix"}:
        return keyword.search(token.text.casefold()) is not None
    return ambiguous(token)


def ambiguous(token: Token) -> bool:
    """True for what looks like an IRI and may be the operator "<": a quote or "#" in it would begin something else."""
    return token.kind == "iri" and not _ABSOLUTE.match(token.text) and ("'" in token.text or "#" in token.text)


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
