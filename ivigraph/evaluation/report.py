"""What was measured, as the README's table, and every error in its sentence, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ivigraph.evaluation.scores import Count, Error, Figure


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table, in percent."""
    lines = [
        "| corpus | figure | F1 | recall | precision | F1 relaxed | recall relaxed | precision relaxed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for figure in figures:
        cells = [figure.corpus, figure.name, *_cells(figure.exact), *_cells(figure.relaxed)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(count: Count | None) -> tuple[str, str, str]:
    if count is None:
        return "-", "-", "-"
    if not count.found:  # nothing is given that could be wrong: the share of what was expected
        return "-", f"{100 * count.recall:.1f} ({count.recalled}/{count.gold})", "-"
    return f"{100 * count.f1:.1f}", f"{100 * count.recall:.1f}", f"{100 * count.precision:.1f}"


def kinds(errors: Iterable[Error]) -> str:
    """How many errors there are of each kind, by figure; those of qualifiers by the qualifier."""
    counted = Counter((error.figure, error.label) for error in errors)
    lines = ["| figure | kind of error | errors |", "| --- | --- | --- |"]
    lines += [f"| {figure} | {kind} | {count} |" for (figure, kind), count in sorted(counted.items())]
    return "\n".join(lines)


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; } td, th { border: 1px solid #ccc; padding: .2rem .6rem; text-align: left; }
details { margin: .4rem 0; } summary { cursor: pointer; font-weight: 600; } li { margin: .5rem 0; }
mark { background: #fde9c9; } mark.drug { background: #cfe5ff; } mark.condition { background: #ffd9d0; }
.about { color: #555; }
"""


def page(figures: Sequence[Figure], errors: Sequence[Error], title: str) -> str:
    """A page that stands alone: the figures, then each error in its sentence with its names marked."""
    rows = "".join(
        f"<tr><td>{escape(f.corpus)}</td><td>{escape(f.name)}</td>"
        + "".join(f"<td>{cell}</td>" for cell in (*_cells(f.exact), *_cells(f.relaxed)))
        + "</tr>"
        for f in figures
    )
    head = "".join(
        f"<th>{name}</th>"
        for name in (
            "corpus",
            "figure",
            "F1",
            "recall",
            "precision",
            "F1 relaxed",
            "recall relaxed",
            "precision relaxed",
        )
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{''.join(_groups(errors))}</body></html>\n"
    )


def _groups(errors: Sequence[Error]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Error]] = {}
    for error in errors:
        groups.setdefault((error.figure, error.label), []).append(error)
    for (figure, kind), found in sorted(groups.items()):
        items = "".join(_item(error) for error in found)
        yield f"<details><summary>{escape(figure)}: {escape(kind)} ({len(found)})</summary><ul>{items}</ul></details>"


_AROUND = 200


def _item(error: Error) -> str:
    first = min((start for start, _, _ in error.marks), default=0)
    last = max((end for _, end, _ in error.marks), default=len(error.text))
    start, end = max(0, first - _AROUND), min(len(error.text), last + _AROUND)
    shown = "".join(_marked(error, start, end))
    return (
        f'<li><span class="about">{escape(error.source)}: {escape(error.about)}</span><br>'
        f"{'… ' if start else ''}{shown}{' …' if end < len(error.text) else ''}</li>"
    )


def _marked(error: Error, start: int, end: int) -> Iterator[str]:
    position = start
    for left, right, name in sorted(error.marks):
        if left < position:
            continue
        yield escape(error.text[position:left])
        yield f'<mark class="{escape(name)}" title="{escape(name)}">{escape(error.text[left:right])}</mark>'
        position = right
    yield escape(error.text[position:end])
