"""The ways as lines: along streets below the rows of machines and uprights in the middle, never through a machine."""

from __future__ import annotations

import math
from collections.abc import Sequence

from preflight.report.picture.scene import Scene
from preflight.report.picture.shapes import Frame, PlacedNode, Rect, Route, Stub

PER_ROW = 4  # machines in a row of a box
_BEFORE, _STEP, _AFTER = 9.0, 8.0, 6.0  # a street: at least so much above its first line, between lines, below
_FIRST, _LANE = 28.0, 22.0  # of the uprights: the first one's place in the middle, and their distance
BADGE_W, BADGE_H = 18.0, 28.0
_Street = tuple[int, int]  # a box's key and the number of its row


class Streets:
    """Which drawn ways run below which rows of machines, each on a line of its own."""

    def __init__(self, scene: Scene) -> None:
        self.row = {
            node.key: (box.key, place // PER_ROW) for box in scene.boxes for place, node in enumerate(box.nodes)
        }
        self.lines: dict[_Street, list[int]] = {}
        self.ends: dict[int, list[tuple[int, bool]]] = {}  # node -> ways that start or arrive below it
        for way in scene.ways:
            if not way.drawn:
                continue
            for nodes, arrives in ((way.sources, False), (way.destinations, True)):
                for node in nodes:
                    self.ends.setdefault(node, []).append((way.number, arrives))
                    numbers = self.lines.setdefault(self.row[node], [])
                    if way.number not in numbers:
                        numbers.append(way.number)

    def end(self, street: _Street, below: float, right: bool) -> float:
        """Where the street ends, of a row in the right column or the left one; `below`: the machines' lower edge."""
        lines = len(self.lines.get(street, ()))
        return _first(below, right) + (lines - 1) * _STEP + _AFTER if lines else below + 4

    def line(self, street: _Street, way: int, below: float, right: bool) -> float:
        """The y of the way's line."""
        return _first(below, right) + self.lines[street].index(way) * _STEP

    def stub(self, node: PlacedNode, way: int, arrives: bool) -> float:
        """The x of the way's end below the machine."""
        ends = self.ends[node.node.key]
        return node.rect.x + node.rect.w * (ends.index((way, arrives)) + 1) / (len(ends) + 1)


def _first(below: float, right: bool) -> float:
    """The first line below a row, on a grid: lines of the right column lie between those of the left one.

    Both reach into the middle, where two ways must not run along the same line.
    """
    shift = _STEP / 2 if right else 0.0
    return math.ceil((below + _BEFORE - shift) / _STEP) * _STEP + shift


def lay_routes(
    scene: Scene, streets: Streets, frames: Sequence[Frame], middle: float, edge: float
) -> tuple[tuple[Route, ...], float]:
    """The routes, and how wide the middle is. `middle`: its left edge; boxes right of it will be moved by that width.

    `edge`: where the boxes of the left column end.
    """
    placed = {node.node.key: node for frame in frames for box in frame.boxes for node in box.nodes}
    drawn = [way for way in scene.ways if way.drawn]
    lines = {
        way.number: {
            street: streets.line(street, way.number, placed[node].rect.bottom, placed[node].rect.x > edge)
            for node in (*way.sources, *way.destinations)
            for street in [streets.row[node]]
        }
        for way in drawn
    }
    lanes, count = _lanes({number: (min(ys.values()), max(ys.values())) for number, ys in lines.items()})
    gutter = _FIRST + count * _LANE
    routes = []
    for way in drawn:
        x = middle + _FIRST + lanes[way.number] * _LANE
        stubs = []
        reach: dict[_Street, list[float]] = {}
        for nodes, arrives in ((way.sources, False), (way.destinations, True)):
            for node in nodes:
                street = streets.row[node]
                at = streets.stub(placed[node], way.number, arrives)
                at += gutter if placed[node].rect.x > edge else 0
                stubs.append(Stub(at, placed[node].rect.bottom, lines[way.number][street], arrives))
                reach.setdefault(street, [x]).append(at)
        ys = lines[way.number]
        upright = (x, min(ys.values()), max(ys.values()))
        centre = (upright[1] + upright[2]) / 2
        routes.append(
            Route(
                way,
                tuple((ys[street], min(xs), max(xs)) for street, xs in reach.items()),
                upright,
                tuple(stubs),
                Rect(x - BADGE_W / 2, centre - BADGE_H / 2, BADGE_W, BADGE_H),
            )
        )
    return tuple(routes), gutter


def _lanes(spans: dict[int, tuple[float, float]]) -> tuple[dict[int, int], int]:
    """A lane for each way, as few as there can be: two ways share one where neither they nor their badges meet."""
    free: list[float] = []  # where each lane is free again
    lanes = {}
    for number, (top, bottom) in sorted(spans.items(), key=lambda item: (item[1], item[0])):
        half = max((bottom - top) / 2, BADGE_H / 2)
        centre = (top + bottom) / 2
        lane = next((at for at, end in enumerate(free) if end + 4 <= centre - half), len(free))
        if lane == len(free):
            free.append(0.0)
        free[lane] = centre + half
        lanes[number] = lane
    return lanes, len(free)
