"""Where the nodes of a network are drawn: the same network has the same picture, everywhere and each time.

Springs pull neighbours together and nodes that are near push each other away (Fruchterman and Reingold 1991), from a
sunflower in the order of a breadth-first search instead of from chance; then boxes that overlap, each node's mark with
its label, are moved apart. Nothing of it runs in the browser, so a page never waits for a layout and nothing moves by
itself.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np

Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float]  # width and height in pixels
Edge: TypeAlias = tuple[str, str]

_GOLDEN = math.pi * (3 - math.sqrt(5))
_ROOM = 1.9  # how much larger the picture is than what stands in it
_WIDE = 1.5  # a picture is wider than high, and so are labels
_GAP = 8.0  # pixels between two boxes
_ROUNDS, _FEWEST_ROUNDS, _MANY = 70, 12, 80  # rounds of the springs; from so many nodes on there are fewer
_PUSHES, _PATIENCE, _GROWTH = 120, 5, 1.06
_TURNS = 32  # places on the spiral that are tried at once
_TINY = 1e-12  # instead of a division by zero


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
    """Springs against repulsion until the temperature is down; only the free nodes move.

    Arrays hold a row for each node and a column for each that moves. They are added up row by row, so that the
    result does not depend on the width of a processor's registers.
    """
    names = list(start)
    index = {node: number for number, node in enumerate(names)}
    xs, ys = np.array([start[node] for node in names]).T.copy()
    moving = [index[node] for node in free]
    springs = np.zeros((len(names), len(free)))
    for column, node in enumerate(free):
        # A node between many is not torn to each of them in turn.
        springs[[index[other] for other in neighbours[node]], column] = (
            1 / spacing / math.sqrt(len(neighbours[node]) or 1)
        )
    rounds = _ROUNDS if len(free) <= _MANY else _ROUNDS * _MANY // len(free) + _FEWEST_ROUNDS
    far, strength = (spacing * 2) ** 2, spacing * spacing
    for round_ in range(rounds):
        heat = spacing * 0.8 * (1 - round_ / rounds) ** 1.5 + 0.5
        x, y = xs[moving], ys[moving]
        dx, dy = x - xs[:, None], y - ys[:, None]
        square = dx * dx + dy * dy
        force = np.where(square < far, strength / (square + 1.0), 0.0) - np.sqrt(square) * springs
        # A weak pull to the middle keeps what is not connected within the picture.
        fx, fy = (dx * force).sum(axis=0) - x * 0.02, (dy * force).sum(axis=0) - y * 0.02
        length = np.sqrt(fx * fx + fy * fy)
        scale = np.minimum(length, heat) / np.maximum(length, _TINY)
        xs[moving], ys[moving] = x + fx * scale, y + fy * scale
    return {node: (float(xs[number]), float(ys[number])) for number, node in enumerate(names)}


def _separate(points: Mapping[str, Point], boxes: Mapping[str, Box], fixed: frozenset[str]) -> dict[str, Point]:
    """The boxes moved apart until none overlaps another, each along the side on which it has less to go."""
    names = list(points)
    xs, ys = [points[node][0] for node in names], [points[node][1] for node in names]
    widths, heights = [boxes[node][0] + _GAP for node in names], [boxes[node][1] + _GAP for node in names]
    stay = [node in fixed for node in names]
    moving = [i for i in range(len(names)) if not stay[i]]
    overlapping = _Overlaps(widths, heights, moving)
    for push in range(_PUSHES):
        if not fixed and push % _PATIENCE == _PATIENCE - 1:  # it is too crowded: more room, in the same proportions
            xs, ys = [x * _GROWTH for x in xs], [y * _GROWTH for y in ys]
        found = overlapping(xs, ys)
        for i, j in found:
            dx, dy = xs[j] - xs[i], ys[j] - ys[i]
            over_x = (widths[i] + widths[j]) / 2 - abs(dx)
            over_y = (heights[i] + heights[j]) / 2 - abs(dy)
            if over_x <= 0 or over_y <= 0:  # they were moved apart meanwhile
                continue
            mine, yours = (1.0, 0.0) if stay[j] else (0.5, 0.5)
            if over_x < over_y:
                step = math.copysign(over_x + 0.5, dx)
                xs[i], xs[j] = xs[i] - step * mine, xs[j] + step * yours
            else:
                step = math.copysign(over_y + 0.5, dy)
                ys[i], ys[j] = ys[i] - step * mine, ys[j] + step * yours
        if not found:
            break
    else:
        _settle(xs, ys, widths, heights, moving)
    return {node: (xs[number], ys[number]) for number, node in enumerate(names)}


def _settle(
    xs: list[float], ys: list[float], widths: Sequence[float], heights: Sequence[float], moving: Sequence[int]
) -> None:
    """What was pushed to and fro between boxes that do not move goes to the nearest free place, found on a spiral."""
    all_x, all_y = np.array(xs), np.array(ys)
    wide, high = np.array(widths), np.array(heights)
    for i in moving:
        room_x, room_y = (wide + wide[i]) / 2, (high + high[i]) / 2
        room_x[i] = 0.0  # it is not in its own way
        for turn in itertools.count(0, _TURNS):
            there = np.array([_spiral(number) for number in range(turn, turn + _TURNS)])
            x, y = all_x[i] + there[:, 0], all_y[i] + there[:, 1]
            taken = (np.abs(all_x - x[:, None]) < room_x) & (np.abs(all_y - y[:, None]) < room_y)
            if (free := np.flatnonzero(~taken.any(axis=1))).size:
                all_x[i], all_y[i] = x[free[0]], y[free[0]]
                break
    xs[:], ys[:] = all_x.tolist(), all_y.tolist()


@lru_cache(maxsize=10_000)
def _spiral(turn: int) -> Point:
    reach = 12.0 * math.sqrt(turn)
    return reach * _WIDE * math.cos(turn * _GOLDEN), reach * math.sin(turn * _GOLDEN)


class _Overlaps:
    """Finds which of the boxes that move overlap which others."""

    def __init__(self, widths: Sequence[float], heights: Sequence[float], moving: Sequence[int]) -> None:
        self._moving = np.array(moving, dtype=int)
        wide, high = np.array(widths), np.array(heights)
        self._wide, self._high = ((size[self._moving, None] + size) / 2 for size in (wide, high))
        self._others = self._moving[:, None] != np.arange(len(wide))

    def __call__(self, xs: Sequence[float], ys: Sequence[float]) -> list[tuple[int, int]]:
        x, y = np.array(xs), np.array(ys)
        rows, columns = np.nonzero(
            (np.abs(x - x[self._moving, None]) < self._wide)
            & (np.abs(y - y[self._moving, None]) < self._high)
            & self._others
        )
        return list(zip(self._moving[rows].tolist(), columns.tolist(), strict=True))
