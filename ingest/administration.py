"""How a therapy was given besides its dose: the route, the rate of an infusion, and the schedule.

The words are those of prescriptions. Whether they are said of a therapy ("weekly immunoglobulin") or of something else
("weekly headaches", "urine output of 0.5 mL/kg/h") is decided by what stands between the two (`is_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.quantities import DASH, NUMBER
from ivigraph.ingest.sieve import sieved

Place = tuple[int, int]
"""Start and end in a sentence."""

NAMES = ("route", "rate", "schedule")

# Each route and its words; "IV" and its like only before a word. IVIG is a name and says no more than its concept.
_WORD = r"(?=[- ](?!(?:to|and|or|in|of|at|on|is|are|was|were|with|for)\b)[A-Za-z])"
_ROUTES = (
    ("intravenous", rf"(?i:intravenous(?:ly)?|i\.v\.)|(?<!I/)IV{_WORD}"),
    ("subcutaneous", rf"(?i:subcutaneous(?:ly)?|s\.c\.)|SC{_WORD}"),
    ("intramuscular", rf"(?i:intramuscular(?:ly)?|i\.m\.)|IM{_WORD}"),
    ("oral", r"(?i:oral(?:ly)?|per os|by mouth|p\.o\.)"),
    ("topical", r"(?i:topical(?:ly)?)"),
    ("intrathecal", r"(?i:intrathecal(?:ly)?)"),
    ("intralesional", r"(?i:intralesional(?:ly)?)"),
    ("inhaled", r"(?i:inhaled|nebuli[sz]ed|by inhalation)"),
)
_NAMED = tuple(value for value, _ in _ROUTES)
_ROUTE = sieved("|".join(rf"(?P<r{n}>(?<![\w-])(?:{words})(?!\w))" for n, (_, words) in enumerate(_ROUTES)))
_NUMBERED = re.compile(r"\b(?:stage|grade|arm|class|type|factor|phase|group|nerve|level|cranial)s?\s$", re.IGNORECASE)

_TIME = r"(?:hours?|hrs?|h|minutes?|mins?)"
_RATE_UNIT = rf"(?:mL|ml|mg|µg|μg|mcg|g|IU|U)(?:\s?(?:/|per)\s?kg)?\s?(?:/|per)\s?{_TIME}(?:\s?(?:/|per)\s?kg)?"
_RATE = sieved(rf"\d+(?:[.,·]\d+)?(?:{DASH}\d+(?:\.\d+)?)?\s?{_RATE_UNIT}(?![\w/])")
# What the body does at a rate, and what is measured at one.
_NO_INFUSION = re.compile(
    r"\b(?:clearance|filtration|e?GFR|output|diuresis|urine|urinary|secretion|production|flow|excretion|CrCl)\b[^.;]{0,40}$",
    re.IGNORECASE,
)

_PERIOD = r"(?:hours?|days?|weeks?|months?|years?|fortnight)"
_LENGTH = rf"{NUMBER}(?:{DASH}{NUMBER})?"
_SCHEDULE = sieved(
    rf"\b(?:(?:once |twice )?(?:daily|weekly|monthly|fortnightly) (?:for|on|over) (?:\w+ )?{_LENGTH}"
    rf"(?: consecutive| successive)? {_PERIOD}"
    rf"|(?:once |twice )?every (?:(?:other|second|third|fourth) |{_LENGTH}[ -])?{_PERIOD}"
    rf"|(?:once|twice|thrice|{NUMBER} times) (?:daily|weekly|monthly|yearly|(?:a|an|per|each|every) {_PERIOD})"
    rf"|(?:on|for|over) {_LENGTH} (?:consecutive|successive) {_PERIOD}"
    rf"|at (?:intervals of {_LENGTH} {_PERIOD}|{_LENGTH}[- ]?(?:{_PERIOD}|weekly|daily|monthly) intervals)"
    rf"|q\s?{_LENGTH}\s?[hdw]\b"
    rf"|(?:{_LENGTH}[- ])?(?:daily|weekly|monthly|fortnightly))(?!\w)",
    re.IGNORECASE,
)
# "2 g/kg over five days": what follows a dose says how it was spread.
_SPREAD = re.compile(
    rf"\s(?:body weight|BW|in total|total|divided|each)?\s?"
    rf"(?P<schedule>(?:for|over|on) (?:the )?{_LENGTH} {_PERIOD})\b",
    re.IGNORECASE,
)

# "Administered over two days", "divided into five doses".
_GIVEN_OVER = re.compile(
    rf"\b(?:given|administered|infused|divided|spread|split)(?: \w+ly)? (?P<schedule>(?:over|for|on|into) {_LENGTH}"
    rf"(?: {_PERIOD}|(?: (?:equal|daily|divided))? doses))\b",
    re.IGNORECASE,
)


def routes(sentence: str) -> Iterator[Finding]:
    """By which way it was given: "intravenously", "subcutaneous"."""
    for match in _ROUTE.finditer(sentence):
        if not _NUMBERED.search(sentence[: match.start()]):
            number = next(n for n in range(len(_ROUTES)) if match[f"r{n}"])
            yield Finding("route", _NAMED[number], *match.span())


def rates(sentence: str) -> Iterator[Finding]:
    """How fast it was infused: "0.5 mL/kg/h"."""
    for match in _RATE.finditer(sentence):
        if not _NO_INFUSION.search(sentence[: match.start()]):
            yield Finding("rate", match.group(), *match.span())


def schedules(sentence: str) -> Iterator[Finding]:
    """When it was given: "every 4 weeks", "on five consecutive days"."""
    said = list(_SCHEDULE.finditer(sentence))
    for match in said:
        yield Finding("schedule", match.group(), *match.span())
    for match in _GIVEN_OVER.finditer(sentence):
        if not any(one.start() < match.end() and match.start() < one.end() for one in said):
            yield Finding("schedule", match["schedule"], *match.span("schedule"))


def spread(sentence: str, end: int) -> Finding | None:
    """The schedule right behind a dose that ends there: "over five days"."""
    match = _SPREAD.match(sentence, end)
    return Finding("schedule", match["schedule"], *match.span("schedule")) if match else None


_WORDS_BEFORE = (
    r"high[- ]dose|low[- ]dose|infusions?|injections?|pulses?|boluse?s?|courses?|cycles?|doses?|treatments?|therapy"
    r"|administrations?|replacement|of|with|maintenance|human|normal|pooled|using|a|an|the"
)
_BEFORE = re.compile(rf"(?:[\s,(-]|{_WORDS_BEFORE})*", re.IGNORECASE)
_HEADS = re.compile(rf"(?:\s|{_WORDS_BEFORE})+", re.IGNORECASE)
_APART = re.compile(
    r"[;:]|\b(?:but|then|after|before|until|which|who|because|and (?:he|she|they|it|\w+ed)|had|developed)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\b(?:infusions?|infused|doses?|dosage|courses?|treatment|therapy|treated|given|gave|administ\w+|receiv\w+)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\band|\bor|,)\s$")
_NAME = re.compile(
    r"[\s-](?!(?:route|administration|infusions?|injections?|use|and|or|for|over|at|in|on|every)\b)[A-Za-z]"
)
_REACH = 90  # characters behind the name of a therapy


def is_of(finding: Finding, therapies: Sequence[Place], others: Sequence[Place], sentence: str) -> bool:
    """Whether it is said of a therapy that stands at these places; at `others` the sentence names anything else.

    Where it stands at none ("it was given"), the sentence has to speak of giving something after what else it names.
    """
    if not therapies:
        since = max((close for _, close in others if close <= finding.start), default=0)
        return not any(other <= finding.start < close for other, close in others) and (
            _GIVEN.search(sentence, since, finding.start) is not None
        )
    return any(_is_said_of(finding, place, others, sentence) for place in therapies)


def _is_said_of(finding: Finding, place: Place, others: Sequence[Place], sentence: str) -> bool:
    start, end = place
    if start <= finding.start < end:
        return True
    for other, close in others:
        if other <= finding.start < close or (
            finding.end < other and _HEADS.fullmatch(sentence, finding.end, other) is not None
        ):
            return False  # a part of another name, or what stands before it
    if finding.end <= start:
        return _BEFORE.fullmatch(sentence, finding.end, start) is not None
    between = sentence[end : finding.start]
    return (
        len(between) <= _REACH
        and not any(end <= other < finding.start for other, _ in others)
        and _APART.search(between) is None
        and not (finding.name == "route" and _heads_a_name(finding, between, sentence))
    )


def _heads_a_name(finding: Finding, before: str, sentence: str) -> bool:
    """Whether it is said of what follows, as in "oral prednisolone", and not of what stands before."""
    if sentence[finding.start : finding.end].lower().endswith(("ly", "mouth", "os", "inhalation")):
        return False
    return _LISTED.search(before) is not None or _NAME.match(sentence, finding.end) is not None
