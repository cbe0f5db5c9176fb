"""Pictures of a network: what vis-network draws on a page, the stand-alone page that pyvis makes, and SVG.

All three have the same places, shapes, colours and labels.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from jinja2 import Environment, FileSystemLoader

from ivigraph.visualizations import layout, network
from ivigraph.visualizations.assets import vis_network
from ivigraph.visualizations.network import LOOKS, Graph, plural
from ivigraph.visualizations.svg import element, picture

if TYPE_CHECKING:
    from pyvis.network import Network

TEMPLATES = Path(__file__).parent / "templates"
_FONT, _LINE, _LETTER = 14, 17, 7.9  # pixels: the size of a label, the height of its lines, the mean width of a letter
_LETTERS, _LINES = 22, 3  # the most letters in a line, and lines, of a label; the tooltip has all of it

# Edges by relation: dark enough on white paper, light enough on a dark screen.
EDGE_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "has adverse event": "#D0743C",
        "used to treat": "#4C8FBF",
        "has mechanism": "#B98A1D",
        "contraindicated in": "#B5669A",
        "interacts with": "#3F9C78",
    }
)
_OTHER = "#8A94A3"


@dataclass(frozen=True, slots=True)
class Step:
    """Nodes that came into the picture together, beside the node that was expanded for them."""

    nodes: Sequence[str]
    around: str | None = None


def arrange(graph: Graph, steps: Sequence[Step] = (), moved: Mapping[str, layout.Point] | None = None) -> None:
    """Gives each node its place, `x` and `y`, in pixels.

    What came with an earlier step stays where it was; what a person `moved` stands where they put it.
    """
    boxes = {node: _box(data) for node, data in graph.nodes(data=True)}
    edges = list(graph.edges())
    places: dict[str, layout.Point] = {}
    for step in steps or [Step(list(graph))]:
        known = {node: boxes[node] for node in (*places, *step.nodes) if node in boxes}
        among = tuple((a, b) for a, b in edges if a in known and b in known)
        places = _placed(tuple(known.items()), among, tuple(places.items()), step.around)
    for node, data in graph.nodes(data=True):
        x, y = (moved or {}).get(node) or _mark(places[node], boxes[node], data)
        data["x"], data["y"] = round(x), round(y)


@lru_cache(maxsize=128)
def _placed(
    boxes: tuple[tuple[str, layout.Box], ...],
    edges: tuple[layout.Edge, ...],
    fixed: tuple[tuple[str, layout.Point], ...],
    around: str | None,
) -> dict[str, layout.Point]:
    """Expanding one node of many costs the layout of what is new, and no more."""
    return layout.place(dict(boxes), edges, fixed=dict(fixed), around=around)


def radius(data: Mapping[str, Any]) -> float:
    """Of a node's mark, in pixels: the area grows with its neighbours."""
    return float(round(9 + 3.2 * min(data["degree"], 20) ** 0.5, 1))


def lines(label: str) -> list[str]:
    """A label as it is drawn: cut into lines, and shortened where it is very long."""
    plain = " ".join(label.split())
    return textwrap.wrap(plain, _LETTERS, max_lines=_LINES, placeholder=" …") or [plain]


def _box(data: Mapping[str, Any]) -> layout.Box:
    """The room of a mark with its label below."""
    label = lines(data["label"])
    # A mark's size is not what it has now but the most it can have, so that expanding a neighbour moves nothing.
    return max(2 * _LARGEST, max(map(len, label)) * _LETTER), 2 * _LARGEST + 4 + _LINE * len(label)


_LARGEST = radius({"degree": 20}) * 0.8


def _mark(place: layout.Point, box: layout.Box, data: Mapping[str, Any]) -> layout.Point:
    return place[0], place[1] - box[1] / 2 + _LARGEST


def vis_nodes(graph: Graph, name: Callable[[str], str] = str) -> Iterator[dict[str, Any]]:
    """Nodes as vis-network takes them, named by `name`. Tooltips are plain text, which it does not read as markup."""
    for node, data in graph.nodes(data=True):
        look = LOOKS[data["kind"]]
        yield {
            "id": name(node),
            "label": "\n".join(lines(data["label"])),
            "title": f"{data['label']}\n{look.name}, {plural(data['degree'], 'neighbour')} shown",
            "group": data["kind"],
            "size": radius(data),
            "x": data["x"],
            "y": data["y"],
            **({"hidden": True} if data.get("hidden") else {}),
            **({"borderWidth": 4} if data.get("start") else {}),
        }


def vis_edges(
    graph: Graph, name: Callable[[str], str] = str, name_edge: Callable[[str, str, str], str] | None = None
) -> Iterator[dict[str, Any]]:
    for start, end, data in graph.edges(data=True):
        yield {
            "id": (name_edge or _edge_id)(start, data["relation"], end),
            "from": name(start),
            "to": name(end),
            "title": tooltip(graph.nodes[start]["label"], graph.nodes[end]["label"], data),
            "width": _width(data),
            "color": EDGE_COLOURS.get(data["says"], _OTHER),
            **({"dashes": [7, 6]} if not data["claims"] else {}),
            **({"path": True} if data.get("path") else {}),
            **_bend(graph, start, end, data["relation"]),
        }


def options() -> dict[str, Any]:
    """What vis-network is told once: the looks of the kinds, and that nothing moves by itself."""
    groups = {
        kind: {"shape": look.shape, "color": {"background": look.colour, "border": _darker(look.colour),
               "highlight": {"background": look.colour}, "hover": {"background": look.colour}}}
        for kind, look in LOOKS.items()
    }  # fmt: skip
    return {"groups": groups, **_OPTIONS}


def to_pyvis(graph: Graph) -> Network:
    """The picture of a network that was arranged."""
    from pyvis.network import Network  # imported where it is used: it takes most of a second

    drawn = Network(directed=True, height="100%", width="100%", cdn_resources="in_line")
    for node in vis_nodes(graph):
        drawn.add_node(node.pop("id"), color=LOOKS[node["group"]].colour, shape=LOOKS[node["group"]].shape, **node)
    for edge in vis_edges(graph):
        drawn.add_edge(edge.pop("from"), edge.pop("to"), **edge)
    drawn.set_options(json.dumps(options()))
    return drawn


def html(graph: Graph, *, title: str = "Network of claims", note: str = "") -> str:
    """A page of its own that opens without a server and without the internet: script and style are inside."""
    drawn = to_pyvis(graph)
    drawn.heading = title
    drawn.templateEnv = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    drawn.templateEnv.globals.update(
        vis=vis_network(),
        legend=network.legend(graph),
        edge_legend=edge_legend(graph),
        hidden=graph.graph["hidden"],
        table=list(network.table(graph)),
        note=note,
    )
    drawn.path = "network.html"
    page: str = drawn.generate_html()
    return page


def edge_legend(graph: Graph) -> list[tuple[str, str, int]]:
    """What the edges say, their colour and how many there are."""
    said = [data["says"] for _, _, data in graph.edges(data=True)]
    return [(says, colour, said.count(says)) for says, colour in EDGE_COLOURS.items() if says in said]


def tooltip(start: str, end: str, data: Mapping[str, Any]) -> str:
    """What an edge says, and how well it is borne out; a line each."""
    found = [f"{start} – {data['says']} – {end}"]
    if data["claims"]:
        found.append(f"{plural(data['claims'], 'claim')} in {plural(data['documents'], 'document')}")
    if data["cases"]:
        found.append(plural(data["cases"], "patient"))
    if data["negated"]:
        found.append(f"explicitly absent: {plural(data['negated'], 'claim')}")
    return "\n".join(found)


def svg(graph: Graph, *, title: str = "Network of claims", alone: bool = True) -> str:
    """The same picture as a drawing for papers and slides."""
    shown = {node: data for node, data in graph.nodes(data=True) if not data.get("hidden")}
    left, top, right, bottom = _extent(shown)
    edges = [
        _svg_edge(graph, start, end, data)
        for start, end, data in sorted(graph.edges(data=True), key=lambda edge: edge[2]["documents"])
        if start in shown and end in shown
    ]
    nodes = [_svg_node(data) for data in shown.values()]
    key = _svg_key(graph, left, bottom + 12)
    height = bottom - top + 26 * (1 + len(key) // 4) + 24
    body = element("g", *edges, *nodes, *key, transform=f"translate({-left} {-top})")
    kinds = ", ".join(f"{number} {look.plural if number > 1 else look.name}" for look, number in network.legend(graph))
    return picture(
        right - left,
        height,
        body,
        title=title,
        description=f"{plural(len(shown), 'node')} ({kinds}) and {plural(len(edges), 'edge')}. Wider edges stand in "
        "more documents; dashed edges were only reported as absent.",
        name="network",
        alone=alone,
    )


def _extent(shown: Mapping[str, Mapping[str, Any]]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is drawn, with a margin."""
    if not shown:
        return 0.0, 0.0, 480.0, 80.0
    halves = [(data, _box(data)[0] / 2, 8 + _LINE * len(lines(data["label"]))) for data in shown.values()]
    return (
        min(data["x"] - half for data, half, _ in halves) - 20,
        min(data["y"] for data, _, _ in halves) - 40,
        max(max(data["x"] + half for data, half, _ in halves) + 20, min(d["x"] for d, _, _ in halves) + 760),
        max(data["y"] + 26 + below for data, _, below in halves) + 20,
    )


def _svg_node(data: Mapping[str, Any]) -> Element:
    x, y, size = data["x"], data["y"], radius(data)
    label = lines(data["label"])
    spans = [element("tspan", line, x=x, y=y + size + _FONT + 2 + _LINE * number) for number, line in enumerate(label)]
    return element(
        "g",
        element("title", f"{data['label']} ({LOOKS[data['kind']].name})"),
        mark(data["kind"], x, y, size, class_="start" if data.get("start") else "mark"),
        element("text", *spans, class_="label", text_anchor="middle", font_size=_FONT),
    )


def mark(kind: str, x: float, y: float, size: float, class_: str = "mark") -> Element:
    """The mark of a kind of node, as vis-network draws it."""
    look = LOOKS[kind]
    given: dict[str, Any] = {"fill": look.colour, "class_": class_}
    if look.shape == "dot":
        return element("circle", cx=x, cy=y, r=size, **given)
    points = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in _CORNERS[look.shape])
    return element("polygon", points=points, **given)


def _round(corners: int, *sizes: float) -> list[layout.Point]:
    """The corners of a polygon, the first to the top; its sizes take turns."""
    turns = [(2 * math.pi * n / corners, sizes[n % len(sizes)]) for n in range(corners)]
    return [(size * math.sin(turn), -size * math.cos(turn)) for turn, size in turns]


_CORNERS: Mapping[str, Sequence[layout.Point]] = {
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "triangle": [(0, -1.15), (1.1, 0.8), (-1.1, 0.8)],
    "triangleDown": [(0, 1.15), (1.1, -0.8), (-1.1, -0.8)],
    "diamond": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    "hexagon": [(y, x) for x, y in _round(6, 1.0)],
    "star": _round(10, 1.2, 0.5),
}


def _svg_edge(graph: Graph, start: str, end: str, data: Mapping[str, Any]) -> Element:
    a, b = graph.nodes[start], graph.nodes[end]
    dx, dy = b["x"] - a["x"], b["y"] - a["y"]
    length = math.hypot(dx, dy) or 1.0
    # From rim to rim, with room for the arrow.
    x1, y1 = a["x"] + dx / length * radius(a), a["y"] + dy / length * radius(a)
    x2, y2 = b["x"] - dx / length * (radius(b) + 9), b["y"] - dy / length * (radius(b) + 9)
    bend = _bend(graph, start, end, data["relation"]).get("smooth")
    off = (bend["roundness"] * length * 0.5) if bend else 0.0
    path = f"M{x1:.1f} {y1:.1f}Q{(x1 + x2) / 2 + dy / length * off:.1f} {(y1 + y2) / 2 - dx / length * off:.1f} "
    colour = EDGE_COLOURS.get(data["says"], _OTHER)
    tip = f"{x2 + dx / length * 9:.1f},{y2 + dy / length * 9:.1f}"
    wings = " ".join(f"{x2 - dy / length * 4 * s:.1f},{y2 + dx / length * 4 * s:.1f}" for s in (-1, 1))
    return element(
        "g",
        element("title", tooltip(a["label"], b["label"], data)),
        element(
            "path",
            d=f"{path}{x2:.1f} {y2:.1f}",
            fill="none",
            stroke=colour,
            stroke_width=_width(data),
            stroke_dasharray=None if data["claims"] else "7 6",
        ),
        element("polygon", points=f"{tip} {wings}", fill=colour),
        class_="edge",
    )


def _svg_key(graph: Graph, left: float, top: float) -> list[Element]:
    """The legend, four to a line."""
    entries = [
        (mark(kind, 0, 0, 8), f"{look.name} ({number})")
        for look, number in network.legend(graph)
        for kind in [next(kind for kind, known in LOOKS.items() if known is look)]
    ] + [
        (element("path", d="M-11 0H11", stroke=colour, stroke_width=3), f"{says} ({number})")
        for says, colour, number in edge_legend(graph)
    ]
    return [
        element(
            "g",
            shape,
            element("text", text, x=18, y=5, font_size=13),
            transform=f"translate({left + 34 + (number % 4) * 185} {top + 12 + number // 4 * 26})",
        )
        for number, (shape, text) in enumerate(entries)
    ]


def _width(data: Mapping[str, Any]) -> float:
    return float(round(1 + min(data["documents"] or data["negated"], 25) ** 0.5, 2))


def _bend(graph: Graph, start: str, end: str, relation: str) -> dict[str, Any]:
    """Edges between the same two nodes are bent apart; a single one is straight, which is also drawn fastest."""
    beside = sorted({*graph[start].get(end, ()), *(f"<{key}" for key in graph[end].get(start, ()))})
    if len(beside) < 2:
        return {}
    return {
        "smooth": {"enabled": True, "type": "curvedCW", "roundness": round(0.12 + 0.14 * beside.index(relation), 2)}
    }


def _darker(colour: str) -> str:
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * 0.72):02X}" for i in (1, 3, 5))


def _edge_id(start: str, relation: str, end: str) -> str:
    return f"{start} {relation} {end}"


_OPTIONS: dict[str, Any] = {
    "layout": {"randomSeed": 7, "improvedLayout": False},
    "physics": {"enabled": False},
    "nodes": {"borderWidth": 1, "font": {"face": "system-ui, sans-serif", "size": _FONT, "strokeWidth": 4}},
    "edges": {"arrows": {"to": {"enabled": True, "scaleFactor": 0.5}}, "smooth": False, "selectionWidth": 3},
    "interaction": {"hover": True, "keyboard": False, "tooltipDelay": 150},
}
