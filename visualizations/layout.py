"""Where the nodes of a network are drawn: the same network has the same picture, everywhere and each time.

Springs pull neighbours together and nodes push each other away (Fruchterman and Reingold 1991, with their grid for
the repulsion), from a sunflower in the order of a breadth-first search instead of from chance; then boxes that
overlap, each node's mark with its label, are moved apart. Nothing of it runs in the browser, so a page never waits
for a layout and nothing moves by itself.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float]  # width and height in pixels
Edge: TypeAlias = tuple[str, str]

_GOLDEN = math.pi * (3 - math.sqrt(5))
_ROOM = 1.9  # how much larger the picture is than what stands in it
_WIDE = 1.5  # a picture is wider than high, and so are labels
_GAP = 8.0  # pixels between two boxes
_ROUNDS, _FEWEST_ROUNDS, _MANY = 70, 12, 80  # rounds of the springs; from so many nodes on there are fewer
_PUSHES, _PATIENCE, _GROWTH = 120, 5, 1.06


def place(
    boxes: Mapping[str, Box],
    edges: Iterable[Edge],
    *,
    fixed: Mapping[str, Point] | None = None,
    around: str | None = None,
) -> dict[str, Point]:
    """The centre of each box, rounded to pixels. Those in `fixed` stay; the others find room near `around` or outside.

    Pure: depends on nothing but what is given, in its order.
    """
    kept = {node: point for node, point in (fixed or {}).items() if node in boxes}
    free = [node for node in boxes if node not in kept]
    if not free:
        return dict(kept)
    neighbours = _neighbours(boxes, edges)
    spacing = math.sqrt(_ROOM * sum(w * h for w, h in boxes.values()) / _WIDE / len(boxes))
    start = _beside(free, neighbours, kept, around, spacing) if kept else _sunflower(boxes, neighbours, spacing)
    relaxed = _relax(start, free, neighbours, spacing)
    stretched = {node: (x * _WIDE, y) if node not in kept else kept[node] for node, (x, y) in relaxed.items()}
    apart = _separate(stretched, boxes, frozenset(kept))
    return {node: kept.get(node) or (float(round(x)), float(round(y))) for node, (x, y) in apart.items()}


def _neighbours(boxes: Mapping[str, Box], edges: Iterable[Edge]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {node: {} for node in boxes}
    for a, b in edges:
        if a != b and a in found and b in found:
            found[a][b] = found[b][a] = None
    return {node: list(others) for node, others in found.items()}


def _order(neighbours: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Breadth first from the hub of each component, the larger hubs first."""
    seen: set[str] = set()
    for hub in sorted(neighbours, key=lambda node: -len(neighbours[node])):
        waiting = deque([hub] if hub not in seen else [])
        seen.add(hub)
        while waiting:
            node = waiting.popleft()
            yield node
            new = [other for other in neighbours[node] if other not in seen]
            seen.update(new)
            # Those that have most in common with their neighbours stay near the middle.
            waiting.extend(sorted(new, key=lambda other: -len(neighbours[other])))


def _sunflower(boxes: Mapping[str, Box], neighbours: Mapping[str, Sequence[str]], spacing: float) -> dict[str, Point]:
    return {
        node: (
            spacing * 0.6 * math.sqrt(number) * math.cos(number * _GOLDEN),
            spacing * 0.6 * math.sqrt(number) * math.sin(number * _GOLDEN),
        )
        for number, node in enumerate(_order(neighbours))
    }


def _beside(
    free: Sequence[str],
    neighbours: Mapping[str, Sequence[str]],
    kept: Mapping[str, Point],
    around: str | None,
    spacing: float,
) -> dict[str, Point]:
    """New nodes in a small sunflower on the outer side of the node that they belong to, the old ones where they are."""
    points = {node: (x / _WIDE, y) for node, (x, y) in kept.items()}
    middle_x = sum(x for x, _ in points.values()) / len(points)
    middle_y = sum(y for _, y in points.values()) / len(points)
    x, y = points.get(around or "", (middle_x, middle_y))
    away = math.hypot(x - middle_x, y - middle_y)
    reach = spacing * (0.8 + 0.6 * math.sqrt(len(free)))
    unit_x, unit_y = ((x - middle_x) / away, (y - middle_y) / away) if away > spacing * 0.5 else (0.0, 0.0)
    for number, node in enumerate(free):
        own = [points[other] for other in neighbours[node] if other in kept and other != around]
        at_x = x + unit_x * reach + sum(px - x for px, _ in own) / (len(own) + 1) * 0.5
        at_y = y + unit_y * reach + sum(py - y for _, py in own) / (len(own) + 1) * 0.5
        radius = spacing * 0.6 * math.sqrt(number + 1)
        points[node] = (at_x + radius * math.cos(number * _GOLDEN), at_y + radius * math.sin(number * _GOLDEN))
    return points


def _relax(
    start: Mapping[str, Point], free: Sequence[str], neighbours: Mapping[str, Sequence[str]], spacing: float
) -> dict[str, Point]:
    """Springs against repulsion until the temperature is down; only the free nodes move."""
    names = list(start)
    index = {node: number for number, node in enumerate(names)}
    xs, ys = [start[node][0] for node in names], [start[node][1] for node in names]
    # A node between many is not torn to each of them in turn.
    springs = [
        ([index[other] for other in neighbours[node]], 1 / spacing / math.sqrt(len(neighbours[node]) or 1))
        for node in names
    ]
    moving = [index[node] for node in free]
    rounds = _ROUNDS if len(free) <= _MANY else _ROUNDS * _MANY // len(free) + _FEWEST_ROUNDS
    far, strength, sqrt = (spacing * 2) ** 2, spacing * spacing, math.sqrt
    for round_ in range(rounds):
        heat = spacing * 0.8 * (1 - round_ / rounds) ** 1.5 + 0.5
        near = _Near(xs, ys, spacing * 2, spacing * 2)
        steps = []
        for i in moving:
            x, y = xs[i], ys[i]
            # A weak pull to the middle keeps what is not connected within the picture.
            fx, fy = -x * 0.02, -y * 0.02
            for j in near(x, y):
                dx, dy = x - xs[j], y - ys[j]
                square = dx * dx + dy * dy
                if square < far:  # its distance to itself is 0, which pushes nothing
                    push = strength / (square + 1.0)
                    fx += dx * push
                    fy += dy * push
            others, stiffness = springs[i]
            for j in others:
                dx, dy = xs[j] - x, ys[j] - y
                pull = sqrt(dx * dx + dy * dy) * stiffness
                fx += dx * pull
                fy += dy * pull
            length = sqrt(fx * fx + fy * fy)
            scale = min(length, heat) / length if length else 0.0
            steps.append((i, x + fx * scale, y + fy * scale))
        for i, x, y in steps:
            xs[i], ys[i] = x, y
    return {node: (xs[number], ys[number]) for number, node in enumerate(names)}


def _separate(points: Mapping[str, Point], boxes: Mapping[str, Box], fixed: frozenset[str]) -> dict[str, Point]:
    """The boxes moved apart until none overlaps another, each along the side on which it has less to go."""
    names = list(points)
    xs, ys = [points[node][0] for node in names], [points[node][1] for node in names]
    widths, heights = [boxes[node][0] + _GAP for node in names], [boxes[node][1] + _GAP for node in names]
    stay = [node in fixed for node in names]
    moving = [i for i in range(len(names)) if not stay[i]]
    for push in range(_PUSHES):
        if not fixed and push % _PATIENCE == _PATIENCE - 1:  # it is too crowded: more room, in the same proportions
            xs, ys = [x * _GROWTH for x in xs], [y * _GROWTH for y in ys]
        moved = False
        near = _Near(xs, ys, max(widths), max(heights))
        for i in moving:
            for j in near(xs[i], ys[i]):
                dx, dy = xs[j] - xs[i], ys[j] - ys[i]
                over_x = (widths[i] + widths[j]) / 2 - abs(dx)
                if over_x <= 0 or i == j:
                    continue
                over_y = (heights[i] + heights[j]) / 2 - abs(dy)
                if over_y <= 0:
                    continue
                moved = True
                mine, yours = (1.0, 0.0) if stay[j] else (0.5, 0.5)
                if over_x < over_y:
                    step = math.copysign(over_x + 0.5, dx)
                    xs[i], xs[j] = xs[i] - step * mine, xs[j] + step * yours
                else:
                    step = math.copysign(over_y + 0.5, dy)
                    ys[i], ys[j] = ys[i] - step * mine, ys[j] + step * yours
        if not moved:
            break
    else:
        _settle(xs, ys, widths, heights, moving)
    return {node: (xs[number], ys[number]) for number, node in enumerate(names)}


def _settle(
    xs: list[float], ys: list[float], widths: Sequence[float], heights: Sequence[float], moving: Sequence[int]
) -> None:
    """What was pushed to and fro between boxes that do not move goes to the nearest free place, found on a spiral."""

    def taken(i: int, x: float, y: float) -> bool:
        return any(
            j != i and abs(xs[j] - x) < (widths[i] + widths[j]) / 2 and abs(ys[j] - y) < (heights[i] + heights[j]) / 2
            for j in range(len(xs))
        )

    for i in moving:
        x, y, turn = xs[i], ys[i], 0
        while taken(i, xs[i], ys[i]):
            turn += 1
            reach = 12.0 * math.sqrt(turn)
            xs[i], ys[i] = x + reach * _WIDE * math.cos(turn * _GOLDEN), y + reach * math.sin(turn * _GOLDEN)


class _Near:
    """Finds who stands within a cell's width of a point, and some that stand a little further away."""

    def __init__(self, xs: Sequence[float], ys: Sequence[float], width: float, height: float) -> None:
        self._width, self._height = width, height
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._around: dict[tuple[int, int], list[int]] = {}
        for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
            self._cells[int(x // width), int(y // height)].append(i)

    def __call__(self, x: float, y: float) -> Sequence[int]:
        key = int(x // self._width), int(y // self._height)
        found = self._around.get(key)
        if found is None:
            column, row = key
            places = ((c, r) for c in (column - 1, column, column + 1) for r in (row - 1, row, row + 1))
            found = self._around[key] = [i for place in places for i in self._cells.get(place, ())]
        return found
