"""Templates made into responses: the Jinja2 environment and what every page needs."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ivigraph import __version__
from ivigraph.namespaces import Minter, compress, expand, prefixes
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.queries import catalogue
from ivigraph.visualizations import drawing

_TEMPLATES = Path(__file__).parent / "templates"

# Pages of publications for people, where the IRI of an identifier is not the address one reads.
_READABLE = {
    "http://www.ncbi.nlm.nih.gov/pubmed/": "https://pubmed.ncbi.nlm.nih.gov/",
    "https://www.ncbi.nlm.nih.gov/pmc/articles/": "https://pmc.ncbi.nlm.nih.gov/articles/",
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders the templates of this room. Everything that is put into one is escaped."""

    environment: Environment

    def render(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        page = self.environment.get_template(template).render(**values)
        return HTMLResponse(page, status_code=status, headers=dict(headers or {}))


def create(minter: Minter) -> Pages:
    environment = Environment(
        loader=FileSystemLoader([_TEMPLATES, drawing.TEMPLATES]),  # the legend is the picture's own
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        version=__version__,
        page_of=minter.page,
        has_page=lambda iri: has_page(minter, iri),
        name_of=lambda iri: name_of(minter, iri),
        link=link,
        short=short,
        readable=readable,
        expand=expand,
        numbers=page_numbers,
    )
    environment.filters.update(
        moment=moment, number=number, percent=percent, plural=plural, sentence=sentence, words=words
    )
    return Pages(environment)


def link(path: str, **parameters: object) -> str:
    """A path with its query string; parameters without a value are left out."""
    given = {name: str(value) for name, value in parameters.items() if value not in (None, "", False)}
    return f"{path}?{urlencode(given)}" if given else path


def short(iri: str) -> str:
    """The CURIE of an IRI, or the IRI itself."""
    return compress(iri) or iri


def has_page(minter: Minter, iri: str) -> bool:
    """Whether something is named here or bears an identifier that a page can be about."""
    return iri.startswith(f"{minter.base}id/") or compress(iri) is not None


def name_of(minter: Minter, iri: str) -> str:
    """An IRI with its prefix in place of its beginning, as queries write it."""
    return compress(iri, prefixes(minter)) or iri


def readable(iri: str) -> str:
    """The address where a person finds what an external IRI names."""
    for start, address in _READABLE.items():
        if iri.startswith(start):
            return address + iri.removeprefix(start)
    return iri


def resolve(vocabulary: Vocabulary, parameter: str, value: str) -> str:
    """The IRI of what a parameter of an address names; raises QueryError, with a remedy, for what names nothing."""
    return catalogue.resolve(catalogue.load()["network-edges"], {parameter: value}, vocabulary.find).get(parameter, "")


def number(value: float) -> str:
    """12,345 with a thin space every three digits; decimals as they are."""
    return f"{value:,}".replace(",", "\u202f")


def moment(time: datetime) -> str:
    """25 November 2026, 14:17 UTC."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {calendar.month_name[utc.month]} {utc:%Y, %H:%M} UTC"


def percent(value: float) -> str:
    """3 %, with one decimal below ten."""
    return f"{value:.1f}".removesuffix(".0") + "\u202f%" if value < 10 else f"{value:.0f}\u202f%"


def sentence(text: str) -> str:
    """With a capital to begin with; Jinja's own filter would write "hp:0001873" and "limit"."""
    return text[:1].upper() + text[1:]


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    return f"{number(count)} {noun if count == 1 else nouns or noun + 's'}"


def words(iri_or_name: str) -> str:
    """`NoResponse`, `not_recovered` and their IRIs in plain words: no response, not recovered."""
    name = iri_or_name.rsplit("#", 1)[-1].rsplit("/", 1)[-1].replace("_", " ")
    spaced = "".join(f" {c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
    return spaced.strip()


def page_numbers(page: int, pages: int) -> Sequence[int | None]:
    """The numbers that a pager shows: the first, the last, those around the present one; None for a gap."""
    shown = sorted({1, pages, *range(max(1, page - 2), min(pages, page + 2) + 1)})
    result: list[int | None] = []
    for value in shown:
        if result and result[-1] is not None and value - result[-1] > 1:
            result.append(None)
        result.append(value)
    return result
