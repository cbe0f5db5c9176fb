"""How much was published when: documents with at least one claim, by year and study design."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from ivigraph.visualizations.plot import Link, Plot, Row, linked, no_link, plural, rule, text, ticks
from ivigraph.visualizations.svg import element, width_of

# The strongest design at the bottom of a bar; colours of Okabe and Ito, the order tells them apart as well.
DESIGNS = {
    "Trial": ("trial", "#0072B2"),
    "Cohort": ("cohort", "#56B4E9"),
    "CaseSeries": ("case series", "#009E73"),
    "CaseReport": ("case report", "#E69F00"),
    "Review": ("review", "#CC79A7"),
    "Education": ("education", "#D55E00"),
    "OtherDocument": ("other", "#8A8F98"),
}
_LEFT, _HEIGHT, _TOP, _WIDEST = 60, 300, 64, 44
_NONE = "no year"


def draw(rows: Iterable[Row], *, link: Link = no_link) -> Plot:
    """From rows with document, year and design (the IRI or local name of a design).

    Each document counts once. Those without a year stand in a bar of their own beside the others.
    """
    seen: dict[str, tuple[str, str]] = {}
    for row in rows:
        design = row.get("design", "").rpartition("#")[2] or "OtherDocument"
        seen[row["document"]] = row.get("year") or _NONE, design if design in DESIGNS else "OtherDocument"
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(DESIGNS, 0))
    for year, design in seen.values():
        counts[year][design] += 1
    dated = sorted(int(year) for year in counts if year != _NONE)
    years = [str(year) for year in range(dated[0], dated[-1] + 1)] if dated else []
    undated = sum(counts[_NONE].values()) if _NONE in counts else 0
    bars = years + ([_NONE] if undated else [])
    shown = [(year, design) for year in bars for design in DESIGNS if year in counts and counts[year][design]]
    width = max(760, min(1100, _LEFT + len(bars) * _WIDEST + 30))
    return Plot(
        name="evidence",
        title="Documents by year and study design",
        description=f"{plural(len(seen), 'document')}" + (f" from {years[0]} to {years[-1]}." if years else "."),
        notes=[
            "A document counts once, in the year of its publication, when it makes at least one claim that fits.",
            *([f"{plural(undated, 'document')} without a year, in a bar of their own."] if undated else []),
        ],
        heading=("year", "design", "documents"),
        rows=[(year, DESIGNS[design][0], counts[year][design]) for year, design in shown],
        links=[_address(link, year, design) for year, design in shown],
        width=width,
        height=_TOP + _HEIGHT + 46,
        body=list(_body(bars, counts, width, link)),
    )


def _address(link: Link, year: str, design: str) -> str:
    return link(design=design, **({} if year == _NONE else {"since": year, "until": year}))


def _body(bars: Sequence[str], counts: dict[str, dict[str, int]], width: float, link: Link) -> Iterator[Element]:
    most = max((sum(counts[year].values()) for year in bars if year in counts), default=1) or 1
    scale = [tick for tick in ticks(most) if tick == int(tick)]
    top = max(most, scale[-1])
    x = float(_LEFT)
    for design in (design for design in DESIGNS if any(counts[year][design] for year in bars if year in counts)):
        words, colour = DESIGNS[design]
        yield element("rect", x=x, y=14, width=13, height=13, fill=colour)
        yield text(words, x + 19, 25)
        x += 40 + width_of(words)
    for tick in scale:
        y = round(_TOP + _HEIGHT * (1 - tick / top), 1)
        yield rule(_LEFT, y, width - 12, y)
        yield text(f"{tick:g}", _LEFT - 8, y + 4, anchor="end", size=12, class_="muted")
    yield text("documents", _LEFT, _TOP - 12, size=12, class_="muted")
    step = (width - _LEFT - 24) / max(len(bars), 1)
    every = max(1, round(38 / step + 0.49))
    for number, year in enumerate(bars):
        left, y = _LEFT + 6 + step * number, float(_TOP + _HEIGHT)
        for design, (words, colour) in DESIGNS.items():
            count = counts[year][design] if year in counts else 0
            if not count:
                continue
            height = _HEIGHT * count / top
            y -= height
            bar = element("rect", x=left, y=y, width=step * 0.8, height=max(height - 0.8, 0.5), fill=colour)
            yield linked(bar, _address(link, year, design), f"{year}: {plural(count, 'document')}, {words}")
        if year == _NONE or (
            number % every == 0 and (bars[-1] != _NONE or len(bars) - 1 - number >= every or every == 1)
        ):
            yield text(year, left + step * 0.4, _TOP + _HEIGHT + 20, anchor="middle", size=12, class_="muted")
