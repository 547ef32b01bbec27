"""Gives everything its place: boxes in two columns, the ways between them in the middle, words below."""

from __future__ import annotations

from dataclasses import replace

from preflight.report.picture.key import place_keys, place_legend
from preflight.report.picture.lettering import fitted, width
from preflight.report.picture.routes import PER_ROW, Streets, lay_routes
from preflight.report.picture.scene import Box, Node, Scene
from preflight.report.picture.shapes import Frame, Layout, Letters, PlacedBox, PlacedNode, Rect, centred

MARGIN, FRAME, PAD, GAP = 12.0, 10.0, 10.0, 12.0
NODE_W, NODE_H, LINE = 94.0, 68.0, 12.0  # a machine with two lines of text, and a third line
HEAD, FRAME_HEAD = 26.0, 24.0
BOX_W = PER_ROW * NODE_W + 2 * PAD
_COLUMN = BOX_W + 2 * FRAME


def lay_out(scene: Scene) -> Layout:
    """The layout of a scene: the same for the same scene, nothing over anything else but lines over lines."""
    streets = Streets(scene)
    # Upright places come first, as the middle is as wide as they need it; then the right column is moved aside.
    frames, bottom = _frames(scene, streets)
    middle = MARGIN + _COLUMN
    routes, gutter = lay_routes(scene, streets, frames, middle, MARGIN + FRAME + BOX_W)
    two = any(box.rect.x > middle for frame in frames for box in frame.boxes)
    total = middle + gutter + (_COLUMN if two else 0) + MARGIN
    frames = tuple(_aside(frame, middle, gutter) for frame in frames)
    boxes = [box.rect for frame in frames for box in frame.boxes]
    at = middle + 8
    branches = tuple((box.y + HEAD / 2, *((box.right, at) if box.right < at else (at, box.x))) for box in boxes)
    trunk = (at, min(y for y, *_ in branches), max(y for y, *_ in branches)) if len(boxes) > 1 else None
    keys, y = place_keys(scene, Rect(MARGIN, bottom + GAP, total - 2 * MARGIN, 0))
    legend, y = place_legend(scene, Rect(MARGIN, y + GAP, total - 2 * MARGIN, 0))
    return Layout(total, y + MARGIN, frames, routes, trunk, branches if trunk else (), keys, legend)


def _frames(scene: Scene, streets: Streets) -> tuple[tuple[Frame, ...], float]:
    """Sites of several boxes go over both columns, the others into the shorter one; both columns stand side by side."""
    frames: list[Frame] = []
    ends = [MARGIN, MARGIN]  # where each column is free
    for place in sorted(scene.places, key=lambda place: len(place.boxes) < 2):
        if len(place.boxes) > 1:
            top = max(ends)
            columns = [top + FRAME_HEAD, top + FRAME_HEAD]
            boxes = []
            for box in place.boxes:
                side = columns.index(min(columns))
                boxes.append(_box(box, _left(side), columns[side], streets))
                columns[side] = boxes[-1].rect.bottom + GAP
            bottom = max(columns) - GAP + FRAME
            rect = Rect(MARGIN, top, 2 * _COLUMN, bottom - top)
            ends = [bottom + GAP, bottom + GAP]
        else:
            side = ends.index(min(ends))
            boxes = [_box(box, _left(side), ends[side] + FRAME_HEAD, streets) for box in place.boxes]
            rect = Rect(MARGIN + side * _COLUMN, ends[side], _COLUMN, boxes[0].rect.bottom + FRAME - ends[side])
            ends[side] = rect.bottom + GAP
        label = Letters(rect.x + FRAME, rect.y + 17, fitted(place.label, BOX_W, 13, bold=True), 13, "pt-site")
        frames.append(Frame(rect, label, tuple(boxes)))
    return tuple(frames), max(ends) - GAP


def _left(side: int) -> float:
    return MARGIN + side * _COLUMN + FRAME


def _box(box: Box, x: float, y: float, streets: Streets) -> PlacedBox:
    name = fitted(box.label, BOX_W * 0.62, 12, middle=True, bold=True)
    note = fitted(box.note, BOX_W - 2 * PAD - 14 - width(name, 12, bold=True), 10.5)
    lines = [
        Letters(x + PAD, y + 17, name, 12, "pt-net"),
        Letters(x + BOX_W - PAD, y + 17, note, 10.5, "pt-note", "end"),
    ]
    nodes: list[PlacedNode] = []
    at = y + HEAD
    if not box.nodes:
        lines.append(Letters(x + PAD, at + 14, "no machines", 10.5, "pt-note"))
        at += 20
    for row in range(0, len(box.nodes), PER_ROW):
        together = box.nodes[row : row + PER_ROW]
        high = NODE_H if all(len(_words(node)) < 3 for node in together) else NODE_H + LINE
        for column, node in enumerate(together):
            nodes.append(_node(node, Rect(x + PAD + column * NODE_W, at, NODE_W, high)))
        at = streets.end((box.key, row // PER_ROW), at + high, x > _left(0))
    return PlacedBox(Rect(x, y, BOX_W, at + 4 - y), tuple(line for line in lines if line.text), tuple(nodes))


def _node(node: Node, rect: Rect) -> PlacedNode:
    baselines = (rect.y + 49, rect.y + 62, rect.y + 62 + LINE)
    lines = zip(baselines, _words(node), strict=False)
    return PlacedNode(node, rect, tuple(centred(rect, y, text, size, style) for y, (text, size, style) in lines))


def _words(node: Node) -> list[tuple[str, float, str]]:
    """What stands below a machine: text, size, style; what is wrong with it comes last, the worst of it only."""
    words = [(node.label, 12.0, "pt-name")]
    if node.note:
        words.append((node.note, 10.0, "pt-note"))
    many = len(node.members) > 1
    if node.lost:
        words.append((f"{node.lost} not reached" if many else "not reached", 10.0, "pt-w"))
    elif many and node.failing:
        words.append((f"\u2717 {_share(node.failing, node)}", 10.0, "pt-f"))
    elif many and node.unverified:
        words.append((f"? {_share(node.unverified, node)}", 10.0, "pt-w"))
    return words


def _share(count: int, node: Node) -> str:
    return "all" if count == len(node.members) else f"{count}"


def _aside(frame: Frame, middle: float, gutter: float) -> Frame:
    """The frame with the right column moved by the width of the middle."""
    if frame.rect.right <= middle:
        return frame
    if frame.rect.x >= middle:
        rect, label = _moved(frame.rect, gutter), replace(frame.label, x=frame.label.x + gutter)
    else:
        rect, label = replace(frame.rect, w=frame.rect.w + gutter), frame.label
    boxes = tuple(_box_aside(box, gutter) if box.rect.x > middle else box for box in frame.boxes)
    return Frame(rect, label, boxes)


def _box_aside(box: PlacedBox, by: float) -> PlacedBox:
    return PlacedBox(
        _moved(box.rect, by),
        tuple(replace(line, x=line.x + by) for line in box.lines),
        tuple(
            PlacedNode(
                placed.node, _moved(placed.rect, by), tuple(replace(line, x=line.x + by) for line in placed.lines)
            )
            for placed in box.nodes
        ),
    )


def _moved(rect: Rect, by: float) -> Rect:
    return replace(rect, x=rect.x + by)
