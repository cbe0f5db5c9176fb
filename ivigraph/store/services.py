"""The SERVICE blocks of a query, and the query with what their endpoints answered in the place of each.

A SERVICE with a constant name is joined as a whole, whatever stands around it (SPARQL 1.1 Federated Query, section 4):
the same query has VALUES with the whole answer there. So who evaluates the rest needs no network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph

from ivigraph.errors import QueryError, QueryRefusedError
from ivigraph.store import searching
from ivigraph.store.sparql import (
    ambiguous,
    declared,
    form_at,
    iri_of,
    is_word,
    place,
    refuse_network,
    symbols_of,
    undeclared,
)
from ivigraph.terminals import Token

JSON = "application/sparql-results+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block, from `start` to `end` in the text. `query` asks its endpoint for all that it holds."""

    start: int
    end: int
    url: str
    silent: bool
    query: str
    variables: frozenset[str]
    lines: int


def parse(text: str, prefixes: Mapping[str, str], base: str = "") -> tuple[Block, ...]:
    """The blocks that ask others, without the search in our own texts. `base` resolves relative IRIs in them.

    Raises QueryRefusedError for a block that cannot be asked for beforehand.
    """
    if "service" not in text.casefold():
        return ()
    symbols = tuple(symbols_of(text))
    known = {**prefixes, **declared(text, symbols)}
    blocks: list[Block] = []
    for i, symbol in enumerate(symbols):
        if not is_word(symbol, "service") or (blocks and symbol.start < blocks[-1].end):
            continue
        name = i + 2 if i + 1 < len(symbols) and is_word(symbols[i + 1], "silent") else i + 1
        url = iri_of(symbols[name], text, known) if name < len(symbols) else None
        if url == searching.SERVICE:
            continue
        if url is None or "\\" in url or name + 1 >= len(symbols) or symbols[name + 1].text != "{":
            raise _refused(text, symbol, "needs a constant address, without escapes, and a group after it")
        blocks.append(_block(text, symbols, i, name, url, base, prefixes))
    if blocks and (doubtful := next(filter(ambiguous, symbols), None)):
        raise _refused(text, doubtful, "cannot be told from the rest here: write a space after each <")
    return tuple(blocks)


def _block(
    text: str, symbols: Sequence[Token], first: int, name: int, url: str, base: str, prefixes: Mapping[str, str]
) -> Block:
    depth, last = 0, name + 1
    for last in range(name + 1, len(symbols)):
        depth += {"{": 1, "}": -1}.get(symbols[last].text, 0)
        if depth == 0:
            break
    else:
        raise _refused(text, symbols[first], "has no end")
    inner, end = symbols[name + 1 : last], symbols[last].end
    group, prologue = text[inner[0].start : end], text[: form_at(text)]
    try:
        refuse_network(group)
    except QueryRefusedError as error:
        raise _refused(text, symbols[first], "cannot hold another SERVICE") from error
    missing = sorted(undeclared(f"{prologue}\n{group}") & prefixes.keys())
    start = (f"BASE <{base}>\n" if base else "") + "".join(f"PREFIX {name}: <{prefixes[name]}>\n" for name in missing)
    return Block(
        start=symbols[first].start,
        end=end,
        url=url,
        silent=name == first + 2,
        query=f"{start}{prologue}\nSELECT * WHERE {group}",
        variables=frozenset(token.text[1:] for token in inner if token.kind == "variable"),
        lines=text.count("\n", symbols[first].start, end),
    )


def values(block: Block, answer: bytes, most: int) -> tuple[str, int]:
    """What takes the place of the block, given the endpoint's SPARQL 1.1 JSON, and its number of rows.

    Raises QueryError for more than `most` rows, and for what is no such answer or holds terms that have no place here.
    """
    where = f"SERVICE <{block.url}>"
    found = None
    try:
        found = pyoxigraph.parse_query_results(answer, pyoxigraph.QueryResultsFormat.JSON)
        if not isinstance(found, pyoxigraph.QuerySolutions):
            raise SyntaxError("no rows")
        names = [variable for variable in found.variables if variable.value in block.variables]
        rows: list[str] = []
        for row in found:
            if len(rows) == most:
                raise QueryError(
                    f"gives more than {most:,} rows", where=where, remedy="ask for less, in a subquery with a LIMIT"
                )
            rows.append(f"({' '.join(_term(row[name], where) for name in names)})")
    except SyntaxError as error:
        raise QueryError(f"its answer cannot be read: {error}", where=where, remedy="try again later") from error
    finally:
        del found  # it belongs to this thread, and the frame of an error may end in another
    head = " ".join(f"?{name.value}" for name in names)
    return f"VALUES ({head}) {{ {' '.join(rows)} }}" + "\n" * block.lines, len(rows)


def nothing(block: Block) -> str:
    """What takes the place of a block whose endpoint failed in silence: one solution that binds nothing."""
    return "{}" + "\n" * block.lines


def _term(term: object, where: str) -> str:
    if term is None:
        return "UNDEF"
    if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal):
        return str(term)
    kind = "blank nodes" if isinstance(term, pyoxigraph.BlankNode) else "triple terms"
    raise QueryError(
        f"its answer holds {kind}, which mean nothing here",
        where=where,
        remedy="select other variables, in a subquery, or filter with isBlank",
    )


def _refused(text: str, symbol: Token, message: str) -> QueryRefusedError:
    line, column = place(text, symbol.start)
    return QueryRefusedError(
        f"SERVICE {message}",
        where=f"SPARQL, line {line}, column {column}",
        remedy="write SERVICE <http://host/sparql> { … }",
    )
