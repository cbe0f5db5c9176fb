"""When an adverse event began: days after the start of the therapy, or after its end where the text says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivigraph.ingest.counts import Finding
from ivigraph.ingest.quantities import DASH, DURATION, NUMBER, UNIT, days
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Onset

_ANCHOR = (
    r"(?:the\s|his\s|her\s|their\s|an?\s|each\s|every\s)?(?:(?P<end>completion|completing|end|ending"
    r"|discontinu\w+|cessation|stopping|last|final)(?:\s(?:of\s)?(?:the\s)?(?:infusion|dose|course|treatment"
    r"|therapy))?|start\w*|initiat\w+|beginning|begin|commenc\w+|"
    r"(?:(?:he|she|they|(?:the|our|this) (?:patient|child|boy|girl|man|woman)|having|being|had|was|were|been)\s)+"
    r"(?:given|received|infused|treated|started|begun|completed)|"
    r"each of (?:the )?(?:\w+ )?(?:infusion|course|cycle|dose)s|(?:first|second|third|fourth|fifth|sixth|seventh"
    r"|eighth|ninth|tenth|eleventh|twelfth|\w+teenth|next)(?:\s(?:\w+\s)?(?:infusion|dose"
    r"|course|cycle|administration|day)s?)?|infusion|infusing|administ\w+|receiving|treatment|therapy|dose"
    r"|exposure|intravenous|IV|high[- ]dose|immun\w+|gamma\w*|\w*Ig[A-Z]?s?\b|drug|medication|transfusion|course"
    r"|cycle)\w*"
)
_ONSETS = (
    sieved(
        rf"{DURATION}\s(?:after|following|post|from|of|into|since|subsequent to)[\s-](?P<anchor>{_ANCHOR})",
        re.IGNORECASE,
    ),
    sieved(
        rf"(?<=after )(?:about |approximately |only )?{DURATION}\sof\s(?:[\w-]+\s){{0,3}}?(?P<anchor>treatment"
        rf"|therapy|infusions?"
        rf"|administration)",
        re.IGNORECASE,
    ),
    sieved(rf"within (?:the first |about )?{DURATION}(?=[,.;]| and\b| she\b| he\b)", re.IGNORECASE),
    sieved(rf"{DURATION}\s(?:later|afterwards?|thereafter|post-?infusion|after(?=[,.;]))", re.IGNORECASE),
)
_ONSET_WORDS = (
    # No number is in these: what they say is kept as text alone, where the day is not certain.
    (
        (0.0, 0.0),
        sieved(
            r"(?:on )?the same (?:day|evening|night)|(?:on )?the (?:day|evening|night) of (?:the )?(?:\w+ )?infusion"
            r"|immediately (?:after|following|upon)|during (?:the |an? |each |his "
            r"|her )?(?:\w+ )?(?:infusion|administration)",
            re.IGNORECASE,
        ),
    ),
    (
        (1.0, 1.0),
        sieved(
            r"(?:on |by )?the (?:next|following) (?:day|morning|evening|night)|overnight|one day after|the day after",
            re.IGNORECASE,
        ),
    ),
    (
        (0.0, 0.0417),
        sieved(
            r"(?:within|in|during) (?:the|an) (?:first )?hour\b(?: (?:of|after) (?:the |each |an? )?(?:\w+ )?"
            r"(?:infusion|dose|administration|start))?|within (?:a few |some )?minutes\b|(?:a few "
            r"|some )?minutes later",
            re.IGNORECASE,
        ),
    ),
    (
        (0.0, 1.0),
        sieved(
            r"within hours\b|(?<![\d-] )(?<!\w )hours (?:later|after)|later (?:on )?(?:that|the same) (?:day"
            r"|evening|night)",
            re.IGNORECASE,
        ),
    ),
    ((0.0, 7.0), sieved(r"within days\b", re.IGNORECASE)),
    ((None, None), sieved(r"(?:shortly|soon)(?: there)?after(?:wards?)?", re.IGNORECASE)),
)
# "Median latency was one day for urticaria and ten days for eczema."
_LATENCY = sieved(
    r"\b(?:latency|latent period|time to onset|(?:median|mean) onset"
    r"|(?:median|mean|average) (?:time|interval) (?:to|from|between|until))\b",
    re.IGNORECASE,
)
_LASTING = re.compile(DURATION, re.IGNORECASE)
# "Several hours to two days after": each end has its own unit.
_ONSET_SPAN = sieved(
    rf"(?P<low>(?:{NUMBER}|an?|a few|few|several)\s{UNIT})\s?(?:to|and|-|–|or)\s?(?P<high>(?:{NUMBER}|an?)\s{UNIT})"
    rf"\s(?:after|following|post|from|of|into)[\s-]{_ANCHOR}",
    re.IGNORECASE,
)
# "A median of 4 days (range 2-9) after": the range says more than its middle.
_ONSET_RANGE = sieved(
    rf"(?:median|mean|average)[^.;,()]{{0,80}}?{NUMBER}\s(?P<unit>{UNIT})\s?\((?:\w+[:,]?\s)?(?P<low>{NUMBER}){DASH}(?P<high>{NUMBER})"
    rf"(?:\s(?:{UNIT}))?\)(?:\s(?:after|following|post|from)[\s-]{_ANCHOR})?",
    re.IGNORECASE,
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "tenth": 10}
_DAY = sieved(
    rf"\bon (?:the )?(?:day (?P<day>\d{{1,3}})"
    rf"|(?P<nth>\d{{1,3}})(?:st|nd|rd|th) day|(?P<word>{'|'.join(_ORDINALS)}) day)"
    r"\s(?:of|after|following)\s(?:the\s|her\s|his\s)?(?:\w+\s){0,2}?(?:treatment|therapy|infusions?|dose|course"
    r"|immun\w+|IVIG)\b",
    re.IGNORECASE,
)


# "A rash on day 9"; but "resolved on day 9" is the course of it.
_ON_DAY = sieved(
    rf"\bon (?:day (?P<day>\d{{1,3}})|the (?P<word>{'|'.join(_ORDINALS)}) day)\b(?!\s(?:of|after|following)|[-–])",
    re.IGNORECASE,
)
_COURSE = re.compile(
    r"\b(?:recover|resol|normal|improv|discharg|died|stopp|discontinu|ceas|subsid|perform|scan|test|treat|given"
    r"|start|born|admi|operat|surgery|postoperative)\w*"
    r"[^,;.]{0,40}$",
    re.IGNORECASE,
)


def onsets(sentence: str) -> Iterator[Finding]:
    """When something began: days after the start of the therapy, or after its end where the text says so."""
    if _ANY_UNIT.search(sentence):
        yield from _measured_onsets(sentence)
    for (low, high), words in _ONSET_WORDS:
        for match in words.finditer(sentence):
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ON_DAY.finditer(sentence):
        if not _COURSE.search(sentence[: match.start()]):
            day = float(match["day"] or _ORDINALS[match["word"].lower()])
            yield Finding("onset", Onset(min_days=day, max_days=day, text=match.group()), *match.span())
    for match in _DAY.finditer(sentence):
        day = float(match["day"] or match["nth"] or _ORDINALS[match["word"].lower()])
        yield Finding("onset", Onset(min_days=day, max_days=day, text=match.group()), *match.span())


_ANY_UNIT = re.compile(rf"\b{UNIT}\b", re.IGNORECASE)


def _measured_onsets(sentence: str) -> Iterator[Finding]:
    """The onsets that are told in a unit of time."""
    for pattern in _ONSETS:
        for match in pattern.finditer(sentence):
            span = match.group()[: match.end("unit") - match.start()]
            low, high = days(span)
            anchor = "end" if "end" in pattern.groupindex and match["end"] else "start"
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group(), anchor=anchor), *match.span())
    if _LATENCY.search(sentence):
        for match in _LASTING.finditer(sentence):
            low, high = days(match.group())
            yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ONSET_SPAN.finditer(sentence):
        (low, _), (_, high) = days(match["low"]), days(match["high"])
        low = 0.0 if low is not None and low < 1 else low
        yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
    for match in _ONSET_RANGE.finditer(sentence):
        low, high = days(f"{match['low']} to {match['high']} {match['unit']}")
        yield Finding("onset", Onset(min_days=low, max_days=high, text=match.group()), *match.span())
