"""What the heads of the model answer, in the order of their outputs. Training and use share these tables.

Corpora disagree on what a mention is: PHEE marks only what takes part in an event, BC5CDR every chemical and
disease. One encoder serves both, with a row of outputs for each scheme; "documents" reads articles.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EVENT = ("drug", "condition", "dose", "route", "duration", "time_elapsed", "frequency", "age", "sex")
"""The arguments of an adverse event, as PHEE marks them."""

NAMES = ("drug", "condition")
"""Every drug and condition, whatever is said about it, as BC5CDR marks them."""

DISEASES = ("condition",)
"""Diseases alone, with composite names as one, as the NCBI disease corpus marks them."""

SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType({"events": EVENT, "names": NAMES, "diseases": DISEASES})

ANSWERS = ("causes", "treats", "negated", "speculated")
"""The outputs of the pair head, each a logit of its own."""


def labels(scheme: str) -> tuple[str, ...]:
    """The tags of a scheme: "O", then the begin and the inside of each type."""
    return ("O", *(f"{part}-{name}" for name in SCHEMES[scheme] for part in "BI"))


def columns(scheme: str) -> slice:
    """Where the tags of a scheme stand among all tag outputs."""
    start = 0
    for name in SCHEMES:
        width = len(labels(name))
        if name == scheme:
            return slice(start, start + width)
        start += width
    raise KeyError(scheme)


TAG_COUNT = sum(len(labels(scheme)) for scheme in SCHEMES)
