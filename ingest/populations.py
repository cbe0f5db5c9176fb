"""Whom a study is about, where it says so once: its statements hold for them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivigraph.ingest.frames import Frame, is_product
from ivigraph.ingest.sieve import sieved
from ivigraph.ingest.story import filled
from ivigraph.model import Claim, Predicate

# Kinds of people of whom one may be told; "patients" alone says nothing.
_KINDS = sieved(
    r"\b(?P<who>(?P<child>children|paediatric patients|pediatric patients)|(?P<infant>infants|neonates|newborns)"
    r"|(?P<adult>adults|adult patients)|(?P<young>adolescents)|(?P<pregnant>pregnant women|pregnancies)"
    r"|(?P<old>the elderly|elderly (?:patients|people|persons|adults)|older (?:patients|people|adults)"
    r"|patients (?:older|aged more) than \d+ years))\b",
    re.IGNORECASE,
)
_LEAST = 2  # times that the kind of people is named, unless it is counted


def with_population(claims: Sequence[Claim], frames: Sequence[Frame]) -> tuple[Claim, ...]:
    """The claims of a study of one kind of people, as those of that kind."""
    named = [match for frame in frames for match in _KINDS.finditer(frame.text)]
    kinds = {_kind(match) for match in named}
    if len(kinds) != 1 or (len(named) < _LEAST and not any(_is_counted(match) for match in named)):
        return tuple(claims)
    who = named[0]["who"].lower().removeprefix("the ")
    return tuple(filled(c, population=who) if c.predicate in _TOLD and is_product(c.subject) else c for c in claims)


_TOLD = (Predicate.CAUSES, Predicate.TREATS)


def _kind(match: re.Match[str]) -> str:
    return next(name for name, value in match.groupdict().items() if name != "who" and value)


_COUNTED = re.compile(
    r"(?:\b(?:all|of|in|\d[\d,]*|\w+teen|\w+ty(?:-\w+)?|ten|twelve|eleven)\s(?:\w+\s)?)$", re.IGNORECASE
)


def _is_counted(match: re.Match[str]) -> bool:
    return _COUNTED.search(match.string, 0, match.start()) is not None
