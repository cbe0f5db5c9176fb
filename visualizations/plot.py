"""A plot: a drawing, the table behind it, and what it leaves out; as SVG, CSV, JSON, or a page of its own.

Rows come as texts, as a SPARQL answer in CSV has them: an absent value is an empty text or no key at all.
"""

from __future__ import annotations

import json as json_module
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.etree.ElementTree import Element

from jinja2 import Environment, FileSystemLoader

from ivigraph.visualizations import network, svg

TEMPLATES = Path(__file__).parent / "templates"

Row: TypeAlias = Mapping[str, str]
Link: TypeAlias = Callable[..., str]
"""The address of the claims with these terms: `subject`, `object`, `event`, `disease`, `document`, … or `claim`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """`notes` say what was counted, and what was left out and how much of it; `links` stand beside `rows`."""

    name: str
    title: str
    description: str
    notes: Sequence[str]
    heading: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]
    links: Sequence[str]
    width: float
    height: float
    body: Sequence[Element]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def svg(self, *, alone: bool = True) -> str:
        return svg.picture(
            self.width,
            self.height,
            *self.body,
            title=self.title,
            description=f"{self.description} {' '.join(self.notes)}",
            name=self.name,
            alone=alone,
            role="img" if alone else "group",
        )

    def csv(self) -> str:
        return network.written(self.heading, self.rows)

    def json(self) -> str:
        rows = [dict(zip(self.heading, row, strict=True)) for row in self.rows]
        content = {"title": self.title, "notes": list(self.notes), "rows": rows}
        return json_module.dumps(content, indent=2, ensure_ascii=False) + "\n"

    def html(self) -> str:
        """A page of its own that opens without a server."""
        environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        return environment.get_template("plot-alone.html").render(plot=self, style=svg.style())


def linked(mark: Element, address: str, says: str) -> Element:
    """A mark that leads to its claims; the table does the same by keyboard."""
    title = svg.element("title", says)
    if not address:
        return svg.element("g", title, mark)
    return svg.element("a", title, mark, href=address, tabindex="-1", aria_label=says)


def text(
    words: str, x: float, y: float, *, size: int = 13, anchor: str = "start", class_: str | None = None
) -> Element:
    return svg.element(
        "text", words, x=x, y=y, font_size=size, text_anchor=None if anchor == "start" else anchor, class_=class_
    )


def rule(x1: float, y1: float, x2: float, y2: float, class_: str = "rule") -> Element:
    return svg.element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def number(value: str | None) -> float | None:
    return float(value) if value else None


def short(value: float) -> str:
    """A number as people write it: at most three figures that count."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def duration(days: float) -> str:
    """A span as people say it: 10 min, 6 h, 2.5 d."""
    if 0 < days < 1:
        return f"{1440 * days:.0f} min" if days < 1 / 24 else f"{24 * days:.2g} h"
    return f"{short(days)} d"


def ticks(most: float, about: int = 5) -> list[float]:
    """Round numbers from 0 to `most`, some `about` of them: steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0.0]
    rough = most / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    return [step * n for n in range(int(most / step + 1e-9) + 1)]


def label(row: Row, name: str) -> str:
    return row.get(f"{name}Label") or row[name]


def plural(count: int, noun: str, nouns: str = "") -> str:
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def no_link(**terms: str) -> str:
    """Of a file, which lies anywhere."""
    return ""
