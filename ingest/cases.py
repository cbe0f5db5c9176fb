"""The patients whom a document describes, each with age and sex, and the stretch of text that is about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivigraph.ingest.quantities import number
from ivigraph.ingest.segment import Sentence
from ivigraph.model import Case, Document, Sex

_FEMALE_WORDS = "woman|women|sisters|girls|female|girl|lady|mother|housewife|schoolgirl|wife|daughter|sister"
_MALE_WORDS = "man|men|brothers|boys|male|boy|gentleman|father|schoolboy|husband|son|brother"
_FEMALE = rf"(?:{_FEMALE_WORDS}|F\b)"
_MALE = rf"(?:{_MALE_WORDS}|M\b)"
_PERSON = (
    r"(?:patient|child|infant|baby|toddler|newborn|neonate|adult|adolescent|teenager|student|recipient|individual"
    r"|subject|primigravida)"
)
_UNITS = {"year": 1.0, "yr": 1.0, "month": 1 / 12, "mo": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_NUMBER = (
    r"\d{1,3}(?:\.\d)?|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w+)?|\w*(?:one|two|three"
    r"|four|five|six|seven|eight|nine|ten|eleven|twelve|teen)"
)
_AGE = rf"(?P<age>{_NUMBER})[\s-]*(?P<unit>year|yr|month|mo|week|day)s?[\s-]*old"
# An introduction: an age with the person, or a person known by sex alone in a sentence that opens a case.
_INTRODUCTIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_AGE}\b(?P<who>(?:[ ,-]+[^\s.,;:()]+){{0,7}}?[ ,-]+(?:{_FEMALE}|{_MALE}|{_PERSON}))\b",
        rf"\b{_AGE}\b(?P<who>)",
        rf"\b(?P<who>{_FEMALE}|{_MALE}|{_PERSON}),?\s(?:who was )?(?:\(?aged?|age[d:]?"
        rf"|of)\s(?:of )?(?P<age>{_NUMBER})(?:\s(?P<unit>year|month|week|day)s?(?: of age)?)?\b",
        rf"\b(?:at|from) (?:the )?age of (?P<age>{_NUMBER})(?:\s(?P<unit>year|month|week|day)s?)?,? (?:an?|the|this"
        rf"|our)\s"
        rf"(?P<who>(?:[\w-]+\s){{0,4}}?(?:{_FEMALE}|{_MALE}|{_PERSON}))\b",
        rf"\b(?P<who>{_FEMALE}|{_MALE})\s?[(,]\s?(?P<age>{_NUMBER})\s?(?P<unit>year|month|week|day|yr|y)s?\b",
        rf"\b(?P<age>{_NUMBER})\s?(?P<unit>y/?o|yo|y\.o\.?)\b(?P<who>(?:\s\w+){{0,4}}?\s(?:{_FEMALE}|{_MALE}"
        rf"|{_PERSON}))?",
        rf"\b(?:an?|the|one|this)\s(?P<who>(?:\w+\s){{0,2}}?(?:{_FEMALE}|{_MALE})\s?(?:newborn|neonate|infant"
        rf"|baby)|(?:\w+\s)?(?:newborn|neonate)\s?(?:{_FEMALE}|{_MALE}))\b",
    )
)
# "Two sisters aged 24 and 27 years": each has an age of their own.
_PAIRS = re.compile(
    rf"\b(?P<who>sisters|brothers|women|men|girls|boys|siblings|twins|patients|children|infants)\s?[,(]?\s?(?:aged|of)"
    rf"\s(?P<first>{_NUMBER})(?:,\s(?P<second>{_NUMBER}))?,?\sand\s(?P<third>{_NUMBER})"
    r"(?:\s(?P<unit>year|month|week|day)s?)?\b",
    re.IGNORECASE,
)
_NO_PATIENT = re.compile(
    r"\b(?:brother|sister|father|mother|son|daughter|husband|wife|donor|sibling|cousin|aunt|uncle)\b", re.IGNORECASE
)
# "A boy born to a 39-year-old mother", "delivered by a 30-year-old woman".
_OF_A_PARENT = re.compile(
    r"\b(?:born (?:to|of)|delivered (?:by|to)|son of|daughter of|infant of|child of) (?:an? |the )?$", re.IGNORECASE
)
_SEXES = (
    (Sex.FEMALE, re.compile(rf"\b(?:{_FEMALE_WORDS})\b", re.IGNORECASE)),
    (Sex.MALE, re.compile(rf"\b(?:{_MALE_WORDS})\b", re.IGNORECASE)),
)
_PRONOUNS = (
    (Sex.FEMALE, re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE)),
    (Sex.MALE, re.compile(r"\b(?:he|his|him|himself)\b", re.IGNORECASE)),
)
_LONE_PATIENT = re.compile(
    rf"\b(?:an?|the|our|this|one|another)\s(?:(?!and\b|of\b|for\b)[\w-]+\s){{0,5}}?(?P<who>{_FEMALE}|{_MALE})\b",
    re.IGNORECASE,
)
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class Span:
    """The text from `start` to `end` is about this patient."""

    case: Case
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Introduction:
    """Where a patient is introduced, and where the text about them begins."""

    start: int
    end: int
    age: int | None
    sex: Sex | None
    begin: int


def cases(document: Document, sentences: Sequence[Sentence]) -> tuple[Span, ...]:
    """The patients in order of introduction; each one's text goes to the introduction of the next."""
    found = _without_repeats([one for s in sentences for one in _introduced(document.text, s)])
    found = found or list(_lone(document.text, sentences))
    stops = [*(one.begin for one in found[1:]), len(document.text)]
    return tuple(
        Span(
            Case(
                id=str(number),
                age_years=one.age,
                sex=one.sex or _by_pronoun(document.text[one.end : stop]),
                start=one.start,
                end=one.end,
            ),
            one.begin,
            stop,
        )
        for number, (one, stop) in enumerate(
            zip(found, stops, strict=False), start=1
        )  # without a patient there is one stop too many
    )


# What every introduction holds; most sentences do not, and need no closer look.
_SIGN = re.compile(
    r"\bold\b|\baged?\b|\by/?o\b|\by\.o|born|neonate|\bof \d"
    r"|\b(?:\w*man|\w*male|\w*boy|\w*girl|lady|mother|[FM])\b\s?[(,]\s?\d",
    re.IGNORECASE,
)


def _introduced(text: str, sentence: Sentence) -> list[_Introduction]:
    found: list[_Introduction] = []
    if not _SIGN.search(text, sentence.start, sentence.end):
        return found
    for match in _PAIRS.finditer(text, sentence.start, sentence.end):
        scale = _UNITS.get((match["unit"] or "year").lower(), 1.0)
        ages = [int(number(match[name]) * scale) for name in ("first", "second", "third") if match[name]]
        found += [_Introduction(*match.span(), age, _sex(match["who"]), sentence.start) for age in ages]
    relatives: list[tuple[int, int]] = []
    for pattern in _INTRODUCTIONS:
        for match in pattern.finditer(text, sentence.start, sentence.end):
            taken = [*((one.start, one.end) for one in found), *relatives]
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            age, who = _age(match), match["who"] or ""
            following = text[match.end() : match.end() + 30].lower()
            if _NO_PATIENT.search(who) or _OF_A_PARENT.search(text, max(0, match.start() - 30), match.start()):
                relatives.append(match.span())
                continue
            if age is None or following.startswith((" history", " donor")):
                continue
            # The sex may follow the person ("a 3-year-old child, a boy") in the same phrase.
            sex = _sex(who) or _sex(re.split(r"[,.]", following, maxsplit=1)[0])
            found.append(
                _Introduction(match.start(), match.end(), age, sex, match.start() if found else sentence.start)
            )
    return sorted(found, key=lambda one: one.start)


def _age(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    if groups.get("age") is None:
        return 0  # a newborn
    try:
        value = number(groups["age"])
    except ValueError:
        return None
    unit = (groups.get("unit") or "year").lower()
    years = value * _UNITS.get(unit.rstrip("s"), 1.0)
    return int(years) if years <= _OLDEST else None


def _sex(words: str) -> Sex | None:
    # The last word is the person: "a woman's son" is a son.
    places = [(match.end(), sex) for sex, pattern in _SEXES for match in pattern.finditer(words)]
    return max(places)[1] if places else None


def _by_pronoun(text: str) -> Sex | None:
    """The sex that the pronouns of the following text tell, where they agree."""
    counts = {sex: len(pattern.findall(text[:1500])) for sex, pattern in _PRONOUNS}
    counts[Sex.FEMALE] += len(_OBSTETRIC.findall(text[:1500]))
    (best, most), (_, other) = sorted(counts.items(), key=lambda pair: -pair[1])
    return best if most > 2 * other else None


# Only of a woman: "a 31-year-old G3P0 at 28 weeks".
_OBSTETRIC = re.compile(
    r"\bG\d+\s?P\d+|\b(?:\w*gravid\w*|pregnan\w+|gestation\w*|maternal|ca?esarean)\b", re.IGNORECASE
)


def _without_repeats(found: Sequence[_Introduction]) -> list[_Introduction]:
    """A patient is introduced in title, abstract and text: the same age and sex is the same patient."""
    kept: list[_Introduction] = []
    for one in found:
        if not any(known.age == one.age and (known.sex == one.sex or None in (known.sex, one.sex)) for known in kept):
            kept.append(one)
    return kept


def _lone(text: str, sentences: Sequence[Sentence]) -> Iterator[_Introduction]:
    """One patient of whom only the sex is told ("a woman with dermatomyositis")."""
    for sentence in sentences[:_INTRODUCING]:
        if match := _LONE_PATIENT.search(text, sentence.start, sentence.end):
            yield _Introduction(match.start(), match.end(), None, _sex(match["who"]), sentence.start)
            return


_INTRODUCING = 6  # sentences within which a report names its patient
