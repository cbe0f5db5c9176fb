"""When events began: each report as a point or span in days, on a logarithmic scale as wide as they need."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ivigraph.visualizations.plot import (
    Link,
    Plot,
    Row,
    duration,
    label,
    linked,
    no_link,
    number,
    plural,
    rule,
    short,
    text,
)
from ivigraph.visualizations.svg import element, fitted

MOST_EVENTS = 30
_HOUR = 1 / 24
_TICKS = ((_HOUR, "1 h"), (6 * _HOUR, "6 h"), (1.0, "1 day"), (3.0, "3 d"), (7.0, "1 week"), (30.0, "1 month"),
          (90.0, "3 m"), (365.0, "1 year"), (3650.0, "10 y"))  # fmt: skip
_FEWEST = 4  # ticks of a scale: a narrower one would make hours look like a trend
_LEFT, _WIDTH, _TOP, _LANE, _RIGHT = 220, 620, 62, 9, 190


@dataclass(frozen=True, slots=True)
class Report:
    """One event of one patient (or document where it describes none): days from `least` to `most`."""

    event: str
    least: float
    most: float
    anchor: str
    document: str
    words: str
    claim: str

    @property
    def middle(self) -> float:
        return (self.least + self.most) / 2


def draw(rows: Iterable[Row], *, link: Link = no_link) -> Plot:
    """From rows with event and eventLabel, minDays, maxDays, from, words, document, case and claim.

    The same event with the same days in the same patient of the same document is one report, however many sentences
    tell it. Days after the start and after the end of the therapy are told apart by their mark, and never averaged.
    """
    found: dict[tuple[str, ...], Report] = {}
    names: dict[str, str] = {}
    vague: set[str] = set()
    for row in rows:
        least, most = number(row.get("minDays")), number(row.get("maxDays"))
        if least is None and most is None:
            vague.add(row["claim"])
            continue
        names[row["event"]] = label(row, "event")
        low, high = (most if least is None else least), (least if most is None else most)
        report = Report(
            row["event"],
            float(low or 0),
            float(high or 0),
            row["from"],
            label(row, "document"),
            row["words"],
            row["claim"],
        )
        found.setdefault(
            (report.event, report.document, row.get("case", ""), report.anchor, str(low), str(high)), report
        )
    reports: dict[str, list[Report]] = defaultdict(list)
    for report in found.values():
        reports[report.event].append(report)
    best = sorted(reports, key=lambda event: (-len(reports[event]), names[event].casefold()))[:MOST_EVENTS]
    lines = sorted(
        best, key=lambda event: (statistics.median(r.middle for r in reports[event]), names[event].casefold())
    )
    table = [report for event in lines for report in sorted(reports[event], key=lambda r: (r.middle, r.claim))]
    days = scale(table)
    heights = [max(26, _LANE * (_lanes(reports[event], days)[1]) + 14) for event in lines]
    notes = [
        "A line is the span that the text gives, a point a single day; filled points count from the start of the "
        "therapy, open squares from its end.",
    ]
    if len(reports) > len(lines):
        notes.append(f"{plural(len(reports) - len(lines), 'event')} with fewer reports not shown.")
    if vague:
        notes.append(f"{plural(len(vague), 'claim')} left out whose onset is told in words only.")
    return Plot(
        name="timeline",
        title="When adverse events began",
        description=f"{plural(len(table), 'report')} of {plural(len(lines), 'event')}, "
        "earliest first, on a logarithmic scale of days.",
        notes=notes,
        heading=("event", "from day", "to day", "counted from", "in the text's words", "document"),
        rows=[(names[r.event], short(r.least), short(r.most), r.anchor, r.words, r.document) for r in table],
        links=[link(claim=r.claim) for r in table],
        width=_LEFT + _WIDTH + _RIGHT,
        height=_TOP + sum(heights) + 14,
        body=list(_body(lines, heights, reports, names, days, link)),
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic scale of days from its first tick to its last."""

    ticks: tuple[tuple[float, str], ...]

    def place(self, days: float) -> float:
        """Pixels from the left; what is beyond an end of the scale stands there."""
        low, high = self.ticks[0][0], self.ticks[-1][0]
        held = math.log10(min(max(days, low), high)) - math.log10(low)
        return round(_LEFT + _WIDTH * held / (math.log10(high) - math.log10(low)), 1)


def scale(reports: Iterable[Report]) -> Scale:
    """From the last tick before all reports to the first one after them, never less than some ticks."""
    days = [day for report in reports for day in (report.least, report.most)]
    first = max((n for n, (at, _) in enumerate(_TICKS) if at <= min(days, default=1)), default=0)
    last = next((n for n, (at, _) in enumerate(_TICKS) if at >= max(days, default=1)), len(_TICKS) - 1)
    last = min(max(last, first + _FEWEST - 1), len(_TICKS) - 1)
    return Scale(_TICKS[max(0, min(first, last - _FEWEST + 1)) : last + 1])


def _lanes(reports: Sequence[Report], days: Scale) -> tuple[list[tuple[Report, int]], int]:
    """Each report with the lane in which it hides no other, and the number of lanes."""
    ends: list[float] = []
    found = []
    for report in sorted(reports, key=lambda r: (r.least, r.most, r.claim)):
        start, end = days.place(report.least) - 6, days.place(report.most) + 6
        lane = next((n for n, taken in enumerate(ends) if taken <= start), len(ends))
        ends[lane : lane + 1] = [end]
        found.append((report, lane))
    return found, len(ends)


def _body(
    lines: Sequence[str],
    heights: Sequence[float],
    reports: dict[str, list[Report]],
    names: dict[str, str],
    days: Scale,
    link: Link,
) -> Iterator[Element]:
    bottom = _TOP + sum(heights)
    for at, words in days.ticks:
        yield rule(days.place(at), _TOP - 6, days.place(at), bottom)
        yield text(words, days.place(at), _TOP - 12, anchor="middle", size=12, class_="muted")
    yield text("days after the therapy (started, or ended)", _LEFT, 18, size=12, class_="muted")
    yield text("reports; median", _LEFT + _WIDTH + 40, _TOP - 12, size=12, class_="muted")
    y = float(_TOP)
    for event, height in zip(lines, heights, strict=True):
        yield rule(12, y, _LEFT + _WIDTH + _RIGHT - 12, y)
        yield text(fitted(names[event], _LEFT - 20), _LEFT - 10, y + height / 2 + 5, anchor="end")
        placed, lanes = _lanes(reports[event], days)
        for report, lane in placed:
            middle = y + height / 2 + (lane - (lanes - 1) / 2) * _LANE
            span = " to ".join(dict.fromkeys(map(duration, (report.least, report.most))))
            says = f"{names[event]}: {span} after the {report.anchor} (“{report.words}”)"
            yield linked(_mark(report, middle, days), link(claim=report.claim), says)
        yield text(_summary(reports[event]), _LEFT + _WIDTH + 40, y + height / 2 + 5, size=12)
        y += height


def _mark(report: Report, y: float, days: Scale) -> Element:
    x1, x2 = days.place(report.least), days.place(report.most)
    ends = [
        element("circle", cx=x, cy=y, r=3.6, class_="point")
        if report.anchor.startswith("start")
        else element("rect", x=x - 3.3, y=y - 3.3, width=6.6, height=6.6, class_="open")
        for x in dict.fromkeys((x1, x2))
    ]
    return element("g", *([rule(x1, y, x2, y, "span")] if x2 > x1 else []), *ends)


def _summary(reports: Sequence[Report]) -> str:
    """The number of reports, and the median for those counted from the start."""
    started = [r.middle for r in reports if r.anchor.startswith("start")]
    return f"{len(reports)}; {duration(statistics.median(started))}" if started else str(len(reports))
