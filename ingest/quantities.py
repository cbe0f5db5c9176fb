"""Numbers, durations and amounts as English writes them."""

from __future__ import annotations

import re

from ivigraph.ingest.tables import words

_ONES = words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen
    """
)
_TENS = words(
    """
    twenty thirty forty fifty sixty seventy eighty ninety
    """
)
_WORDS: dict[str, float] = {word: number for number, word in enumerate(_ONES)}
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, 2)}
_WORDS |= {f"{ten}-{one}": 10 * n + _ONES.index(one) for n, ten in enumerate(_TENS, 2) for one in _ONES[1:10]}
_WORDS |= {"a": 1, "an": 1, "half": 0.5, "both": 2, "single": 1, "hundred": 100}

# With the tens and the ones apart, three times as fast as a list of all.
_SPELT = rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_ONES[1:10])}))?|{'|'.join(reversed(_ONES))}|hundred"
# A count: digits with thousands separated or not, or a number word; never part of a decimal, a range or a code.
COUNT = rf"(?:(?<![\w.,/-])\d{{1,3}}(?:,\d{{3}})+(?![\w.])|(?<![\w.,/-])\d{{1,6}}(?![\w.]*\d|,\d|-)|\b(?:{_SPELT})\b)"
NUMBER = rf"(?:\d+(?:\.\d+)?|\b(?:{_SPELT})\b)"
DASH = r"(?:\s?[-–—]\s?|\sto\s|\sor\s)"


def number(text: str) -> float:
    """The value of what COUNT or NUMBER matched, or of "a", "an"."""
    plain = text.strip().lower()
    return _WORDS[plain] if plain in _WORDS else float(plain.replace(",", ""))


# Days in a unit of time; months and years as calendars have them on average.
_DAYS = {
    "second": 1 / 86400,
    "sec": 1 / 86400,
    "minute": 1 / 1440,
    "min": 1 / 1440,
    "hour": 1 / 24,
    "hr": 1 / 24,
    "h": 1 / 24,
    "day": 1.0,
    "d": 1.0,
    "week": 7.0,
    "wk": 7.0,
    "month": 30.4,
    "mo": 30.4,
    "year": 365.25,
    "yr": 365.25,
}
UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|weeks?|wks?|months?|years?|yrs?)"
# How many "a few" are: the guidelines read "a few days" as 2 to 7.
_VAGUE = {"few": (2.0, 7.0), "couple": (2.0, 2.0), "several": (3.0, 7.0), "some": (2.0, 7.0)}
_FEW_OF_LONGER = 4.0  # "a few weeks" are 2 to 4: seven would be called months

DURATION = (
    rf"(?:(?P<bound>within|(?:during|in) the first|less than|under|in less than|up to|no more than|more than"
    rf"|over|at least"
    rf"|about|approximately|around|some|nearly|almost|only|just)\s(?:the\s)?(?:first\s|next\s|following\s)?)?"
    rf"(?:(?P<vague>a few|few|several|a couple of)|(?P<low>{NUMBER}"
    rf"|an?\b)(?:{DASH}(?P<high>{NUMBER}))?)[\s-](?:full\s|consecutive\s)?(?P<unit>{UNIT})\b"
)
_DURATION = re.compile(DURATION, re.IGNORECASE)
_UPPER = frozenset(
    {"within", "less than", "under", "in less than", "up to", "no more than", "during the first", "in the first"}
)
_LOWER = frozenset({"more than", "over", "at least"})


def days(text: str) -> tuple[float | None, float | None]:
    """The shortest and longest that a duration may be, in days: "within two weeks" is (0, 14), "2-3 days" (2, 3).

    A side that the text leaves open is None; both are for a text that is no duration.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None, None
    unit = match["unit"].lower()
    scale = _DAYS[unit if unit in _DAYS else unit.removesuffix("s")]
    if match["vague"]:
        low, high = next(span for word, span in _VAGUE.items() if word in match["vague"].lower())
        if scale > 1 and high > _FEW_OF_LONGER:
            high = _FEW_OF_LONGER
    else:
        low = number(match["low"])
        high = number(match["high"]) if match["high"] else low
    low, high = sorted((_rounded(low * scale), _rounded(high * scale)))
    bound = (match["bound"] or "").lower()
    if bound in _UPPER:
        return 0.0, high
    return (low, None) if bound in _LOWER else (low, high)


def _rounded(value: float) -> float:
    return round(value, 4)
