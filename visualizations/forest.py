"""How many of how many: proportions that texts state, each with its Wilson interval, by product or process class."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ivigraph.visualizations.plot import Link, Plot, Row, label, linked, no_link, plural, rule, text, ticks
from ivigraph.visualizations.svg import element, fitted

GROUPS = {"product": "product", "class": "process class", "event": "event"}
MOST = 60
_LEFT, _WIDTH, _RIGHT, _TOP, _LINE = 330, 420, 290, 56, 22
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `total` in `unit`, as one sentence says it."""

    group: str
    event: str
    population: str
    count: int
    total: int
    unit: str
    document: str
    claim: str

    @property
    def share(self) -> float:
        return self.count / self.total


def wilson(count: int, total: int, z: float = _Z) -> tuple[float, float]:
    """The score interval of Wilson (1927) for a proportion; 0 to 1, also for none or all of a few."""
    share, square = count / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)


def draw(rows: Iterable[Row], *, by: str = "product", link: Link = no_link) -> Plot:
    """From rows with object and objectLabel, therapy and therapyLabel, class, count, total, unit, population,
    documentLabel, document and claim.

    Nothing is pooled: studies differ in dose, population and follow-up. Each unit has a part of its own. The same
    numbers of the same event in the same document are one proportion, however many sentences tell them.
    """
    found: dict[tuple[object, ...], Proportion] = {}
    lacking, wrong = set(), set()
    groups: dict[str, set[str]] = defaultdict(set)
    several = list(rows)
    for row in several:
        if row.get("class"):
            groups[row["claim"]].add(row["class"])
    for row in several:
        if not row.get("count") or not row.get("total"):
            lacking.add(row["claim"])
            continue
        count, total = int(row["count"]), int(row["total"])
        if total < 1 or count > total:
            wrong.add(row["claim"])
            continue
        group = {
            "product": label(row, "therapy"),
            "class": ", ".join(sorted(groups[row["claim"]])) or "process not stated",
            "event": label(row, "object"),
        }[by]
        unit = row.get("unit") or "unit not stated"
        event = label(row, "therapy") if by == "event" else label(row, "object")
        held = Proportion(
            group, event, row.get("population", ""), count, total, unit, label(row, "document"), row["claim"]
        )
        found.setdefault((unit, group, event, count, total, row["document"]), held)
    kept = sorted(found.values(), key=lambda p: (-p.total, p.claim))[:MOST]
    kept.sort(key=lambda p: (_unit(p.unit), p.group.casefold(), p.event.casefold(), -p.share, p.claim))
    furthest = max((wilson(p.count, p.total)[1] for p in kept), default=1.0)
    body = list(_body(kept, min(1.0, math.ceil(furthest * 20) / 20), link))
    parts = len({p.unit for p in kept}) + len({(p.unit, p.group) for p in kept})
    notes = [
        "Each line is one statement of one document; nothing is pooled, and each unit stands in a part of its own. "
        "A larger square means a larger denominator.",
    ]
    if len(found) > len(kept):
        notes.append(f"{plural(len(found) - len(kept), 'proportion')} with smaller denominators not shown.")
    if lacking:
        notes.append(
            f"{plural(len(lacking), 'claim')} left out without a count or without a denominator "
            "(a percentage alone has no interval)."
        )
    if wrong:
        notes.append(f"{plural(len(wrong), 'claim')} left out whose count exceeds the total.")
    return Plot(
        name="forest",
        title=f"How many of how many, by {GROUPS[by]}",
        description=f"{plural(len(kept), 'proportion')} with 95 % Wilson intervals.",
        notes=notes,
        heading=(
            GROUPS[by], "therapy" if by == "event" else "event", "population", "count", "total", "unit",
            "percent", "low", "high", "document",
        ),
        rows=[_line(p) for p in kept],
        links=[link(claim=p.claim) for p in kept],
        width=_LEFT + _WIDTH + _RIGHT,
        height=_TOP + _LINE * (len(kept) + parts) + 44,
        body=body,
    )  # fmt: skip


def _line(p: Proportion) -> tuple[str | int, ...]:
    percents = (f"{100 * share:.1f}" for share in (p.share, *wilson(p.count, p.total)))
    return (p.group, p.event, p.population, p.count, p.total, p.unit, *percents, p.document)


def _unit(unit: str) -> tuple[bool, str]:
    """Patients first: what most people look for."""
    return unit != "patients", unit


def _body(kept: Sequence[Proportion], furthest: float, link: Link) -> Iterator[Element]:
    def place(share: float) -> float:
        return round(_LEFT + _WIDTH * min(share / furthest, 1.0), 1)

    y, unit, group = float(_TOP), "", ""
    lines: list[Element] = []
    largest = max((p.total for p in kept), default=1)
    for p in kept:
        if p.unit != unit:
            unit, group = p.unit, ""
            lines.append(
                text(f"of {unit}" if unit != "unit not stated" else unit, 12, y + 16, size=14, class_="strong")
            )
            y += _LINE
        if p.group != group:
            group = p.group
            lines.append(text(fitted(group, _LEFT - 30), 12, y + 16, class_="strong"))
            y += _LINE
        low, high = wilson(p.count, p.total)
        interval = f"95 % interval {100 * low:.1f} to {100 * high:.1f}"
        says = f"{p.event}, {p.group}: {p.count} of {p.total} {p.unit}, {100 * p.share:.1f} % ({interval})"
        size = 4 + 7 * (p.total / largest) ** 0.5
        mark = element(
            "g",
            rule(place(low), y + 11, place(high), y + 11, "span"),
            element("rect", x=place(p.share) - size / 2, y=y + 11 - size / 2, width=size, height=size, class_="point"),
        )
        name = p.event + (f" ({p.population})" if p.population else "")
        lines.append(text(fitted(name, _LEFT - 44), 28, y + 16))
        lines.append(linked(mark, link(claim=p.claim), says))
        lines.append(text(f"{p.count}/{p.total}", _LEFT + _WIDTH + 74, y + 16, anchor="end"))
        lines.append(text(f"{100 * p.share:.1f} % ({100 * low:.1f}–{100 * high:.1f})", _LEFT + _WIDTH + 90, y + 16))
        y += _LINE
    for percent in ticks(100 * furthest):
        x = place(percent / 100)
        yield rule(x, _TOP - 6, x, y + 4)
        yield text(f"{percent:g} %", x, y + 22, anchor="middle", size=12, class_="muted")
    yield text("n of m", _LEFT + _WIDTH + 74, _TOP - 14, anchor="end", size=12, class_="muted")
    yield text("percent (95 % interval)", _LEFT + _WIDTH + 90, _TOP - 14, size=12, class_="muted")
    yield from lines
