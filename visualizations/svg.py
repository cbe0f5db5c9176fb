"""SVG: elements, text of about the right width, and a document that stands for itself, in light and in dark."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

STYLE = Path(__file__).parent / "templates" / "picture.css"
_NAMESPACE = "http://www.w3.org/2000/svg"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMW%@—")


@cache
def style() -> str:
    """The style of every picture: what a page links to and what a saved file carries."""
    return STYLE.read_text(encoding="utf-8")


def element(tag: str, *children: Element | str, **attributes: object) -> Element:
    """`class_` and `stroke_width` become `class` and `stroke-width`; None leaves an attribute out.

    A string among the children is text; there can be one, the first.
    """
    made = Element(
        tag,
        {
            name.rstrip("_").replace("_", "-"): _FORBIDDEN.sub("", _written(value))
            for name, value in attributes.items()
            if value is not None
        },
    )
    for child in children:
        if isinstance(child, str):
            made.text = _FORBIDDEN.sub("", child)
        else:
            made.append(child)
    return made


def picture(
    width: float, height: float, *body: Element, title: str, description: str, name: str, alone: bool, role: str = "img"
) -> str:
    """The whole picture. Its text is text, and its title and description are read aloud.

    With `alone` it is a file of its own that carries its style; else it stands in a page that links to the style,
    where `name` keeps its ids apart from those of other pictures.
    """
    ids = f"{name}-title", f"{name}-description"
    head = [element("title", title, id=ids[0]), element("desc", description, id=ids[1])]
    if alone:
        head.append(element("style", style()))
    made = element(
        "svg",
        *head,
        *body,
        xmlns=_NAMESPACE,
        viewBox=f"0 0 {_written(width)} {_written(height)}",
        width=width,
        height=height,
        class_="picture",
        role=role,
        aria_labelledby=" ".join(ids),
    )
    text = tostring(made, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n' if alone else text


def width_of(text: str, size: float = 13) -> float:
    """About how many pixels a text takes in a sans-serif face of that size."""
    return size * sum(0.3 if c in _NARROW else 0.86 if c in _WIDE else 0.56 if c < "\u0250" else 1.0 for c in text)


def fitted(text: str, room: float, size: float = 13) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
