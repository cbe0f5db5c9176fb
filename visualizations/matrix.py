"""Events by disease as a heat map: in how many documents, patients or claims an event was reported in a disease."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from ivigraph.visualizations.plot import Link, Plot, Row, label, linked, no_link, plural, text
from ivigraph.visualizations.svg import element, fitted

UNITS = {"documents": "document", "patients": "patient", "claims": "claim"}
MOST_EVENTS, MOST_DISEASES = 30, 16
_CELL, _LINE, _LEFT, _TOP, _MARGIN = 46, 24, 220, 150, 12


class _Counts:
    """The distinct things of one cell, affirmed and denied."""

    def __init__(self) -> None:
        self.affirmed: set[str] = set()
        self.denied: set[str] = set()


def draw(rows: Iterable[Row], *, unit: str = "documents", link: Link = no_link) -> Plot:
    """From rows with event, disease (each with its Label), document, case, claim and negated.

    A document that reports two events counts in both lines, so lines and columns are never added up. Rows without a
    disease are left out and counted, as are claims without a described patient when patients are counted.
    """
    cells: dict[tuple[str, str], _Counts] = defaultdict(_Counts)
    events: dict[str, set[str]] = defaultdict(set)
    diseases: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    homeless: set[str] = set()
    without_case: set[str] = set()
    key = {"documents": "document", "patients": "case", "claims": "claim"}[unit]
    for row in rows:
        if not row.get("disease"):
            homeless.add(row["claim"])
            continue
        thing = row.get(key, "")
        if not thing:
            without_case.add(row["claim"])
            continue
        event, disease = row["event"], row["disease"]
        names[event], names[disease] = label(row, "event"), label(row, "disease")
        cell = cells[event, disease]
        if row.get("negated") == "true":
            cell.denied.add(thing)
            events[event], diseases[disease] = events[event], diseases[disease]
        else:
            cell.affirmed.add(thing)
            events[event].add(thing)
            diseases[disease].add(thing)
    lines = _first(events, names, MOST_EVENTS)
    columns = _first(diseases, names, MOST_DISEASES)
    shown = [(event, disease) for event in lines for disease in columns if (event, disease) in cells]
    one = UNITS[unit]
    notes = [
        f"Each cell counts distinct {unit} with at least one affirmed claim; lines and columns overlap and cannot be "
        "added up. A dash marks what was only reported as absent.",
        *_left_out(len(events) - len(lines), "event", len(diseases) - len(columns), "disease", unit),
        *(
            [f"{plural(len(homeless), 'claim')} about adverse events left out that name no disease."]
            if homeless
            else []
        ),
        *([f"{plural(len(without_case), 'claim')} left out that describe no single patient."] if without_case else []),
    ]
    return Plot(
        name="matrix",
        title=f"Adverse events by disease, in {unit}",
        description=f"{plural(len(lines), 'event')} by {plural(len(columns), 'disease')}; "
        f"a darker cell means more {unit}.",
        notes=notes,
        heading=("event", "disease", unit, f"{unit} where it was absent"),
        rows=[
            (names[e], names[d], len(cells[e, d].affirmed), len(cells[e, d].denied - cells[e, d].affirmed))
            for e, d in shown
        ],
        links=[link(event=e, disease=d) for e, d in shown],
        width=_LEFT + _CELL * len(columns) + _CELL + 150,
        height=_TOP + _LINE * len(lines) + _MARGIN + 8,
        body=list(_body(lines, columns, cells, names, {e: len(things) for e, things in events.items()}, one, link)),
    )


def _first(counted: dict[str, set[str]], names: dict[str, str], most: int) -> list[str]:
    return sorted(counted, key=lambda iri: (-len(counted[iri]), names[iri].casefold()))[:most]


def _left_out(events: int, event: str, diseases: int, disease: str, unit: str) -> list[str]:
    parts = [plural(number, noun) for number, noun in ((events, event), (diseases, disease)) if number > 0]
    return [f"{' and '.join(parts)} with fewer {unit} not shown."] if parts else []


def _body(
    lines: Sequence[str],
    columns: Sequence[str],
    cells: dict[tuple[str, str], _Counts],
    names: dict[str, str],
    totals: dict[str, int],
    one: str,
    link: Link,
) -> Iterable[Element]:
    most = max((len(cells[e, d].affirmed) for e in lines for d in columns if (e, d) in cells), default=1) or 1
    headings = [text(fitted(names[disease], 170), 0, 0) for disease in columns]
    for number, heading in enumerate([*headings, text("all diseases", 0, 0, class_="muted")]):
        x, y = _LEFT + _CELL * (number + 0.5), _TOP - 10
        yield element("g", heading, transform=f"translate({x:.0f} {y}) rotate(-40)")
    for number, event in enumerate(lines):
        y = _TOP + _LINE * number
        yield text(fitted(names[event], _LEFT - 20), _LEFT - 8, y + 17, anchor="end")
        for place, disease in enumerate(columns):
            x = _LEFT + _CELL * place
            box = {"x": x + 1, "y": y + 1, "width": _CELL - 2, "height": _LINE - 2}
            if (event, disease) not in cells:
                yield element("rect", **box, class_="empty")
                continue
            count, absent = len(cells[event, disease].affirmed), len(cells[event, disease].denied)
            share = (count / most) ** 0.5
            says = f"{names[event]} in {names[disease]}: {plural(count, one)}" + (
                f", absent in {absent}" if absent else ""
            )
            opacity = round(0.08 + 0.87 * share, 2) if count else None
            mark = element(
                "g",
                element("rect", **box, class_="heat" if count else "denied", fill_opacity=opacity),
                text(str(count) if count else "–", x + _CELL / 2, y + 17, anchor="middle",
                     class_="on" if share > 0.55 else None),
            )  # fmt: skip
            yield linked(mark, link(event=event, disease=disease), says)
        yield text(str(totals[event]), _LEFT + _CELL * (len(columns) + 0.5), y + 17, anchor="middle", class_="muted")
