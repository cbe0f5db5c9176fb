"""How many of how many: counts with their group, and percentages.

Two numbers without a group are a score ("muscle power 3/5", "GCS 15/15") and count nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ivigraph.ingest.quantities import COUNT, number
from ivigraph.ingest.sieve import sieved
from ivigraph.model import Unit


@dataclass(frozen=True, slots=True)
class Finding:
    """The value of the qualifier `name`, read from `sentence[start:end]`."""

    name: str
    value: object
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Count:
    """`count` of `total` units, or a `percent` of them; what the text leaves out is None."""

    count: int | None
    total: int | None
    percent: float | None
    unit: Unit | None

    @property
    def is_bare(self) -> bool:
        """Whether it says nothing of what it counts ("rash in 7")."""
        return self.total is None and self.percent is None and self.unit is None


# What is counted. Without one of these words two numbers are a score: "muscle power 3/5", "GCS 15/15".
_GROUPS = (
    (
        Unit.PATIENTS,
        r"patients?|subjects?|participants?|individuals?|persons?|people|child(?:ren)?|bab(?:y|ies)|m[ae]n|wom[ae]n"
        r"|infants?|newborns?|neonates?"
        r"|adults?|males?|females?|boys?|girls?|recipients?|volunteers?|adolescents?|mothers?|users?|sisters|brothers|siblings|twins",
    ),
    (Unit.INFUSIONS, r"infusions?|administrations?|doses"),
    (Unit.COURSES, r"courses?|cycles?|treatments?"),
    (Unit.CASES, r"cases?|reports?"),
)
_GROUP = "|".join(words for _, words in _GROUPS)
_UNITS = tuple((unit, re.compile(words, re.IGNORECASE)) for unit, words in _GROUPS)
# Of a range ("10 to 20%") neither end is the percentage.
_PERCENT = r"(?<![\d.–-])(?<!\d to )(?P<percent>\d{1,3}(?:\.\d+)?)\s?(?:%|percent|per cent)"
# Each begins where `_START` finds something.
_COUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "19 of 62 patients (30.6%)", "three of the five cases", "two out of ten", "3/5 patients"
        rf"(?P<count>{COUNT}|\d{{1,5}}(?=/\d))\s?(?:\([^)]{{1,20}}\)\s?)?(?:of|out of|in|among|/)\s?(?:the\s"
        rf"|a total of\s|all\s|our\s|these\s)*(?P<total>{COUNT}"
        rf"|(?<=/)\d{{1,5}}(?![\w.]*\d))\s(?:\w+[\s-]){{0,2}}?(?P<group>{_GROUP})\b(?:\s?[(\[,]\s?{_PERCENT})?",
        # "79% of the patients in the IVIG group (37 of 47)"
        rf"{_PERCENT}\s(?:of\s)?(?:the\s|all\s)?(?P<group>{_GROUP})\s(?:in|on|with|of|given|receiving|treated)\s"
        rf"[^(),;.]{{2,40}}\s[(\[](?P<count>\d{{1,6}})\s?(?:/|of|out of)\s?(?P<total>\d{{1,6}})[)\]]",
        # "30.6% (19/62) of patients", "30% of infusions", "5.2 % patients"
        rf"{_PERCENT}\s?(?:[(\[]\s?(?P<count>\d{{1,6}})\s?(?:/|of"
        rf"|out of)\s?(?P<total>\d{{1,6}})[^)\]]{{0,12}}[)\]]\s?)?(?:of\s)?(?:the\s|all\s|our\s|treated\s"
        rf"|these\s)*(?:(?P<all>{COUNT})\s)?(?:\w+\s)?(?P<group>{_GROUP})\b",
        # "19 patients (30.6%)", "12 (24%) patients", "5 (10%) of 50 patients"
        rf"(?P<count>{COUNT})\s(?:\w+\s)?(?P<group>{_GROUP})\s?[(\[]\s?{_PERCENT}",
        rf"(?P<count>{COUNT})\s?[(\[]\s?{_PERCENT}\s?[)\]]\s?(?:(?:of"
        rf"|out of)\s(?:the\s)?(?P<total>{COUNT})\s)?(?:\w+\s)?(?P<group>{_GROUP})\b",
        # "and by 5 of 33 (15%)"
        rf"(?P<count>{COUNT})\s?(?:of|out of)\s?(?P<total>{COUNT})\s?[(\[]\s?{_PERCENT}",
        # "rash (4 of 54)", "[1/50]": of what, another of the list says
        r"(?<=[(\[])(?P<count>\d{1,6})\s?(?:of|out of|/)\s?(?P<total>\d{1,6})(?=[)\]])",
        # "17 patients had headache and 5 had chills": of what, the clause before says
        rf"(?<=\band )(?P<count>{COUNT})(?=,? (?:also )?(?:had|developed|experienced|reported|complained"
        rf"|suffered|showed)\b)",
        # "six complained of headache and one of urticaria"
        rf"(?<=\band )(?P<count>{COUNT})(?= (?:of|with) (?!{COUNT}|the\b|them\b|these\b|those\b|our\b|wh))",
        # "one each had hypotension and syncope"
        rf"(?P<count>{COUNT})(?= each\b)",
        # "stroke in 3 (2.7%)": of what, the sentence said before
        rf"(?<=\bin )(?P<count>{COUNT})\s?[(\[]\s?{_PERCENT}",
        # "headache in 7, fever in 4 and rash in 2 of 24 patients": of what, the end of the list says
        rf"(?<=\bin )(?P<count>{COUNT})(?=,? (?:and )?[\w -]{{3,30}} in {COUNT}\b)"
        rf"(?=[^.;]*\b(?:of|out of) (?:the )?{COUNT} )",
        # "secondary immunodeficiency (n = 96)", "(n=5; 10%)"
        rf"\bn\s?=\s?(?P<count>\d{{1,6}})(?:\s?/\s?(?P<total>\d{{1,6}}))?(?:\s?[,;(\[]\s?{_PERCENT})?",
        # "it affected 47 (53%)": of what, the document says
        rf"(?<!\bof )(?P<count>{COUNT})\s?[(\[]\s?{_PERCENT}\s?[)\]]",
        # "headache (22 infusions), chills (9)": of what, the list says
        r"(?<=\()(?P<count>\d{1,4})(?=\))",
        # "headache (19 patients, 43%)", "two cases of haemolysis", "in three patients"
        rf"(?P<count>{COUNT})\s(?:(?!each|every|of)\w+\s)?(?P<group>{_GROUP})\b(?:,\s{_PERCENT})?",
        # "in 9 patients, nausea in 7 and hypotension in two": of what, the beginning of the list or the document says
        rf"(?:(?<=\bin )|(?<=\bfor )|(?<=\bin the remaining ))(?!(?:19|20)\d\d\b)(?P<count>{COUNT})"
        r"(?=\s?(?:[;,.)]|and\b|$))",
    )
)


_START = re.compile(rf"(?=\d|\bn\s?=|{COUNT})", re.IGNORECASE)  # where each of the forms begins


def counts(sentence: str) -> Iterator[Finding]:
    """How many of a group: "19 of 62 patients (30.6%)"."""
    if starts := [match.start() for match in _START.finditer(sentence)]:
        found = sorted(_separate(sentence, starts), key=lambda f: f.start)
        found = [f for n, f in enumerate(found) if not _is_a_part(sentence, f, found[:n])]
        yield from _shared(sentence, _of_wholes(found))


def agrees(count: int, size: int, percent: float) -> bool:
    """Whether a percentage is that of a count, within what rounding takes away."""
    digits = len(str(percent).split(".")[1].rstrip("0"))
    return abs(100 * count / size - percent) <= 0.5 * 0.1**digits + 1e-9


def _of_wholes(found: Sequence[Finding]) -> list[Finding]:
    """The counts, each with the number before it that its percentage agrees with, which counts nothing else then."""
    result: list[Finding] = []
    for finding in found:
        part = finding.value
        if isinstance(part, Count) and part.count is not None and part.percent is not None and part.total is None:
            for other in reversed(result):
                whole = other.value
                if not isinstance(whole, Count) or whole.count is None or whole.unit is None or whole.percent:
                    continue
                if whole.count > part.count and agrees(part.count, whole.count, part.percent):
                    result.remove(other)
                    part = replace(part, total=whole.count, unit=whole.unit)
                    break
        result.append(replace(finding, value=part))
    return result


# "Twelve patients (9 women, 3 men)": of what sex they were.
_SEXES = re.compile(r"(?:wo)?men\b|boys\b|girls\b|(?:fe)?males?\b", re.IGNORECASE)
_SINCE_A_COUNT = re.compile(r"[^()]{0,80}\([^()]*")


def _is_a_part(sentence: str, finding: Finding, before: Sequence[Finding]) -> bool:
    if not _SEXES.search(sentence, finding.start, finding.end):
        return False
    return any(
        _SINCE_A_COUNT.fullmatch(sentence, other.end, finding.start) for other in before if other.end <= finding.start
    )


# "Among 305 elderly patients, 4 (1.3%) had": the group is named before what is counted of it.
_GROUP_BEFORE = re.compile(r"\b(?:of|in|among|from)\s(?:the\s|our\s|these\s|all\s)*$", re.IGNORECASE)
_PART_AFTER = re.compile(
    rf"\s?(?:[^,;.]{{0,60}},\s(?P<count>{COUNT})\s?[(\[]\s?{_PERCENT}\s?[)\]]"
    rf"|[^,;.]{{0,60}},\s(?P<bare>{COUNT})\s(?=(?:were|was|had|received|responded|developed|showed|experienced|achieved"
    r"|concerned|described|involved|reported|needed|required)\b))",
    re.IGNORECASE,
)


_DOSES = re.compile(r"\bdoses$", re.IGNORECASE)  # "two doses" counts what one of them was given


def _shared(sentence: str, found: list[Finding]) -> Iterator[Finding]:
    """The counts, with the total and the unit that a list or a clause before gives for them."""
    units = [
        f for f in found if isinstance(f.value, Count) and f.value.unit and not _DOSES.search(sentence, f.start, f.end)
    ]
    for finding in found:
        count = finding.value
        part = _PART_AFTER.match(sentence, finding.end)
        if (
            isinstance(count, Count)
            and part
            and count.total is None
            and _GROUP_BEFORE.search(sentence[: finding.start])
        ):
            name = "count" if part["count"] else "bare"
            least = int(number(part[name]))
            if count.count is not None and least <= count.count:
                whole = Count(least, count.count, float(part["percent"]) if part["percent"] else None, count.unit)
                yield Finding("count", whole, part.start(name), part.end(name) if name == "bare" else part.end())
                continue
        if isinstance(count, Count) and count.unit is None and units:
            nearest = min(units, key=lambda f: abs(f.start - finding.start)).value
            after = next((f.value for f in units if f.start > finding.start), None)
            total = count.total
            if total is None and isinstance(after, Count) and count.percent is None:
                total = after.total
            unit = nearest.unit if isinstance(nearest, Count) else None
            yield Finding("count", replace(count, unit=unit, total=total), finding.start, finding.end)
            continue
        if isinstance(count, Count) and count.unit is None and count.percent is None:
            # "(n = 96)" counts people where nothing else is named; a bare number only what stands before it.
            if sentence[finding.start] in "nN":
                count = replace(count, unit=Unit.PATIENTS)
            if count.unit is not None or sentence[finding.start - 1] != "(":  # "(9)" may be a reference
                yield Finding("count", count, finding.start, finding.end)
            continue
        yield finding


def _separate(sentence: str, starts: Sequence[int]) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for pattern in _COUNTS:
        for match in _matches(pattern, sentence, starts):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if (value := _count(match)) is not None:
                taken.append(match.span())
                if not (value.count == 1 and _BOUND.search(sentence, 0, match.start())):
                    yield Finding("count", value, match.start(), match.end())


# "May affect up to 1 in 10 people" is a frequency.
_BOUND = re.compile(r"\b(?:up to|(?:more|less|fewer) than|at least)\s$", re.IGNORECASE)


def _matches(pattern: re.Pattern[str], sentence: str, starts: Sequence[int]) -> Iterator[re.Match[str]]:
    """As `pattern.finditer`, for a pattern that matches nowhere but at one of the starts."""
    end = 0
    for start in starts:
        if start >= end and (match := pattern.match(sentence, start)):
            end = match.end()
            yield match


def _count(match: re.Match[str]) -> Count | None:
    groups = match.groupdict()
    count, total, percent = (groups.get(name) for name in ("count", "total", "percent"))
    total = total or groups.get("all")
    group = groups.get("group")
    unit = next((unit for unit, words in _UNITS if words.fullmatch(group)), None) if group else None
    found = Count(
        None if count is None else int(number(count)),
        None if total is None else int(number(total)),
        None if percent is None else float(percent),
        unit,
    )
    impossible = (found.percent or 0) > 100 or (
        found.count is not None and found.total is not None and found.count > found.total
    )
    return None if impossible else found


_BARE_PERCENT = re.compile(
    rf"{_PERCENT}(?![\w-]|\s(?:ci|confidence|solution|ivig|immun|human|albumin|dextrose|sucrose|glucose"
    rf"|on room air|(?!in |on |of |with |while |during |after |and )(?:\w+ )?(?:\w+ )?(?:\w*globulin|ivig|product"
    r"|preparation)))",
    re.IGNORECASE,
)


_FRACTIONS = {"half": 50.0, "third": 33.3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_FRACTION = sieved(
    rf"\b(?:an?|one) (?P<part>{'|'.join(_FRACTIONS)})(?: of (?:the |all |our |treated |these )*(?:{_GROUP})\b"
    r"|(?=[,;.]|$))",
    re.IGNORECASE,
)


def percents(sentence: str) -> Iterator[Finding]:
    """A percentage that stands for itself ("headache (30%)"); of what is left open."""
    for match in _FRACTION.finditer(sentence):
        yield Finding("percent", _FRACTIONS[match["part"].lower()], *match.span())
    for match in _BARE_PERCENT.finditer(sentence):
        if float(match["percent"]) <= 100:
            yield Finding("percent", float(match["percent"]), match.start(), match.end())
