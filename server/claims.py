"""Claims by their terms and any filter: as a list with the sentences, and whole as CSV, JSON or RDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ivigraph.server import choices, downloads, findings, reading, selection
from ivigraph.server.core import Core
from ivigraph.server.findings import Finding
from ivigraph.server.naming import names
from ivigraph.server.negotiation import FORMATS, HTML, choose
from ivigraph.server.paging import paged, turned
from ivigraph.server.problems import Problem
from ivigraph.server.selection import Selection
from ivigraph.server.streaming import AnswerResponse

PER_PAGE = 25
_OFFERED = (HTML, *downloads.TYPES)


def router(core: Core) -> APIRouter:
    routes = APIRouter(tags=["claims"])

    @routes.head("/claims", include_in_schema=False)
    @routes.get("/claims", summary="Claims by their terms and filters, each with its sentence")
    def claims(request: Request, page: int = Query(1, ge=1, le=100_000), format: str = "") -> Response:
        """The filters are those of the address: `subject`, `relation`, `object` and `document` as they are; `concept`,
        `product`, `event` and `disease` with what is narrower; `design`, `since`, `until`, `outcome`, `certainty`,
        `negated`. A `format` gives all that they leave: csv, json, turtle, ntriples, jsonld or rdfxml.
        """
        wanted = selection.parse(core, request.query_params)
        media_type = _representation(request, format)
        generation = core.store.generation
        among = _in_order(selection.chosen(core, wanted))
        if media_type != HTML:
            return AnswerResponse(
                downloads.written(core, [finding.claim for finding in among], media_type, generation),
                media_type=media_type,
                headers={"Vary": "Accept", **downloads.headers(media_type)},
            )
        part = paged(len(among), page, PER_PAGE)
        return core.pages.render(
            "claims.html",
            statements=reading.statements(core.store, [f.claim for f in among[part.first : part.last]]),
            counts=choices.counts(among),
            selection=wanted,
            named=_named(core, wanted),
            choices=choices.offered(core, wanted, findings.of(core, wanted.scope)),
            retracted=findings.retracted(core),
            page=part,
            pager_address=lambda number: wanted.address("/claims", page=number, generation=generation),
            changed=turned(request.query_params, generation),
            headers={"Vary": "Accept"},
        )

    return routes


def _in_order(among: Iterable[Finding]) -> list[Finding]:
    """What was affirmed first, then the newest documents; the order never depends on anything else."""
    return sorted(among, key=lambda f: (f.negated, -(f.year or 0), f.document, f.claim))


def _representation(request: Request, format: str) -> str:
    if format and FORMATS.get(format) not in _OFFERED:
        known = [name for name, media_type in FORMATS.items() if media_type in _OFFERED]
        raise Problem(400, f"unknown format {format!r}", remedy=f"one of {', '.join(known)}")
    wanted = choose(FORMATS[format] if format else request.headers.get("accept"), _OFFERED)
    if wanted is None:
        raise Problem(406, "no such representation", remedy=f"accept one of {', '.join(_OFFERED)}")
    return wanted


def _named(core: Core, wanted: Selection) -> Mapping[str, str]:
    """What the things are called that the list is about, by the name of the parameter."""
    things = {name: getattr(wanted, name) for name in ("subject", "object", "concept", "document")}
    labels = names(core, {iri for iri in things.values() if iri})
    return {name: labels[iri] for name, iri in things.items() if iri}
