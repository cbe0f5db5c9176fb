"""Which representation a client wants: Accept with its quality values (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

HTML = "text/html"
_SHORT = 500  # characters of a header that is worth remembering

# The short names of the `format` parameter, for links and for people who write URLs by hand.
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "html": HTML,
        "json": "application/json",
        "xml": "application/xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
        "turtle": "text/turtle",
        "ntriples": "application/n-triples",
        "nquads": "application/n-quads",
        "trig": "application/trig",
        "rdfxml": "application/rdf+xml",
        "jsonld": "application/ld+json",
        "graphml": "application/graphml+xml",
    }
)


def choose(accept: str | None, offers: Sequence[str]) -> str | None:
    """The best of `offers`, which stand in our order of preference; None when the client accepts none of them."""
    if not accept or not accept.strip():
        return offers[0]
    return (_chosen if len(accept) <= _SHORT else _chosen.__wrapped__)(accept, tuple(offers))


@lru_cache(maxsize=512)
def _chosen(accept: str, offers: tuple[str, ...]) -> str | None:
    ranges = list(_ranges(accept))
    best, best_quality = None, 0.0
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > best_quality:
            best, best_quality = offer, quality
    return best


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        if media_range:
            yield media_range, quality


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality that the most specific range gives to an offer."""
    wildcard = f"{offer.partition('/')[0]}/*"
    for wanted in (offer, wildcard, "*/*"):
        found = [quality for media_range, quality in ranges if media_range == wanted]
        if found:
            return max(found)
    return 0.0
