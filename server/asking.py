"""One query as the SPARQL 1.1 Protocol carries it: by GET, by form and by direct POST."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from starlette.requests import Request

from ivigraph.errors import IvigraphError
from ivigraph.queries import catalogue
from ivigraph.server import bodies
from ivigraph.server.negotiation import FORMATS
from ivigraph.server.problems import Problem
from ivigraph.store import MEDIA_TYPES, Dataset, Form
from ivigraph.store.repeating import repeats
from ivigraph.store.sparql import form as form_of

DIRECT = "application/sparql-query"
_MOST_REMEMBERED = 1_000  # texts of requests that need not be taken apart again
_LONGEST_REMEMBERED = 8_000  # characters

# Other names that clients have for a format.
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "n3": "text/turtle",
        "rdf": "application/rdf+xml",
        "rdf+xml": "application/rdf+xml",
        "json-ld": "application/ld+json",
        **{kind: kind for kind in (*MEDIA_TYPES[Form.SELECT], *MEDIA_TYPES[Form.GRAPH])},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`repeats`: the same graph gives the same answer. A text of no form is a syntax error, which the engine tells."""

    query: str | None
    dataset: Dataset | None
    timeout: float
    format: str | None
    form: Form
    repeats: bool


class Asking:
    """Takes requests apart; `most_bytes` of a query, and `most_seconds` that it may take."""

    def __init__(self, most_bytes: int, most_seconds: float, asks_others: Callable[[str], bool]) -> None:
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        self._asks_others = asks_others
        self._remembered: OrderedDict[tuple[str, str | None], Asked] = OrderedDict()

    async def read(self, request: Request) -> Asked:
        """What a GET, HEAD or POST asks. Raises Problem for what makes no sense or is too large."""
        address = request.scope["query_string"].decode("latin-1")
        if request.method != "POST":
            return self._parsed(address, None)
        kind = bodies.media_type(request)
        body = bodies.text(request, await bodies.read(request, self._most_bytes))
        if kind == bodies.FORM:
            asked = self._parsed(body, None)
        elif kind == DIRECT:
            asked = self._parsed(address, body)
        else:
            raise Problem(415, f"the body is {kind or 'of no kind'}", remedy=f"send {bodies.FORM} or {DIRECT}")
        if asked.query is None:
            raise Problem(400, "there is no query", remedy="give it as the parameter `query`")
        return asked

    def _parsed(self, encoded: str, direct: str | None) -> Asked:
        key = (encoded, direct)
        if (asked := self._remembered.get(key)) is not None:
            self._remembered.move_to_end(key)
            return asked
        asked = self._taken_apart(encoded, direct)
        if len(encoded) + len(direct or "") <= _LONGEST_REMEMBERED:
            self._remembered[key] = asked
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered.popitem(last=False)
        return asked

    def _taken_apart(self, encoded: str, direct: str | None) -> Asked:
        """The parameters of the protocol. Raises Problem for one that is given twice or makes no sense."""
        values = bodies.parameters(encoded, once=("query", "timeout"))
        if "update" in values or ("query" in values and direct is not None):
            raise Problem(400, "one query is answered here", remedy="send one query, and no update")
        query = direct if direct is not None else next(iter(values.get("query", ())), None)
        if query is not None and len(query.encode()) > self._most_bytes:
            size = self._most_bytes // 1000
            raise Problem(413, f"the query is larger than {size} kB", remedy="send a shorter one")
        return Asked(
            query=query,
            dataset=dataset(values, "default-graph-uri", "named-graph-uri"),
            timeout=_timeout(values.get("timeout", [""])[0], self._most_seconds),
            format=_format(values.get("format", ())),
            form=form_of(query or "") or Form.SELECT,
            repeats=repeats(query or "") and not self._asks_others(query or ""),
        )


def dataset(values: Mapping[str, Sequence[str]], for_default: str, for_named: str) -> Dataset | None:
    """The graphs that two parameters of the protocol name; None where there is none."""
    default, named = tuple(values.get(for_default, ())), tuple(values.get(for_named, ()))
    for name in (*default, *named):
        try:
            catalogue.iri(name)
        except IvigraphError as error:
            raise Problem(400, f"no graph can have the name {name!r}", remedy="give absolute IRIs") from error
    return Dataset(default_graphs=default, named_graphs=named) if default or named else None


def _timeout(value: str, most: float) -> float:
    if not value:
        return most
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise Problem(400, f"the timeout {value!r} is no number of seconds", remedy=f"give one up to {most:g}")
    return min(seconds, most)


def _format(values: Sequence[str]) -> str | None:
    """The media type that the first value stands for which we know; clients send a name and the media type as well."""
    given = [name.strip() for value in values for name in value.split(",") if name.strip()]
    known = (FORMATS.get(name) or _NAMES.get(name) or (name if name in FORMATS.values() else None) for name in given)
    found = next(filter(None, known), None)
    if given and found is None:
        raise Problem(400, f"unknown format {given[0]!r}", remedy=f"one of {', '.join(FORMATS)}")
    return found
