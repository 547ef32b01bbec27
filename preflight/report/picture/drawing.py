"""Draws the layout as SVG. Every text of the run is escaped; nothing here decides where anything stands."""

from __future__ import annotations

from preflight.report.cells import safe
from preflight.report.marks import SIGNS
from preflight.report.picture.icons import icon
from preflight.report.picture.key import told_way
from preflight.report.picture.layout import lay_out
from preflight.report.picture.scene import Scene, Way
from preflight.report.picture.shapes import Frame, Letters, PlacedBox, PlacedNode, Rect, Route
from preflight.report.picture.staging import scene_of
from preflight.report.picture.style import drawn_as
from preflight.report.text import fit
from preflight.run.model import Run
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_NAMED = 12  # members of a stack in its tooltip


def topology_svg(run: Run) -> str:
    """The site's networks and machines with the ways that failed or are unverified between them."""
    scene = scene_of(run)
    layout = lay_out(scene)
    lines = [
        *(_frame(frame) for frame in layout.frames),
        *_trunk(layout.trunk, layout.branches),
        *(_box(box) for box in layout.boxes),
        *(_route(route) for route in layout.routes),
        *(_badge(route.way, route.badge) for route in layout.routes),
        *((_badge(way, rect) if way else "") + "".join(map(_letters, words)) for way, rect, words in layout.keys),
        *(_legend(kind, rect) + _letters(word) for kind, rect, word in layout.legend),
    ]
    body = "\n".join(line for line in lines if line)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pt-picture" viewBox="0 0 {_n(layout.width)} '
        f'{_n(layout.height)}" role="img" aria-labelledby="pt-title pt-desc" font-family="system-ui, sans-serif">\n'
        f'<title id="pt-title">{safe(f"Topology of {fit(scene.title, 120)}")}</title>\n'
        f'<desc id="pt-desc">{safe(_described(scene))}</desc>\n{body}\n</svg>'
    )


def _described(scene: Scene) -> str:
    """The picture in words, for those who cannot see it."""
    nodes = {node.key: node for box in scene.boxes for node in box.nodes}
    where = {node.key: box.place for box in scene.boxes for node in box.nodes}
    machines = sum(len(node.members) for node in nodes.values())
    ways = [f"{way.number}: {'; '.join(told_way(way, nodes, where))}" for way in scene.ways if way.drawn]
    told = ". ".join(fit(way, 200) for way in ways) or "No flow between two machines failed or is unverified"
    return f"{counted(machines, 'machine')} in {counted(len(scene.boxes), 'box', 'boxes')}. {fit(told, 1800)}."


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _rect(rect: Rect, style: str, radius: float) -> str:
    return (
        f'<rect {drawn_as(style)} x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.w)}" height="{_n(rect.h)}" '
        f'rx="{_n(radius)}"/>'
    )


def _letters(line: Letters) -> str:
    anchor = f' text-anchor="{line.anchor}"' if line.anchor != "start" else ""
    return (
        f'<text {drawn_as(line.style)} x="{_n(line.x)}" y="{_n(line.y)}" font-size="{_n(line.size)}"{anchor}>'
        f"{safe(line.text)}</text>"
    )


def _frame(frame: Frame) -> str:
    return _rect(frame.rect, "pt-frame", 8) + _letters(frame.label)


def _box(box: PlacedBox) -> str:
    return _rect(box.rect, "pt-box", 5) + "".join(map(_letters, box.lines)) + "".join(map(_node, box.nodes))


def _node(placed: PlacedNode) -> str:
    node, rect = placed.node, placed.rect
    names = ", ".join(fit(name, 60) for name in node.members[:_NAMED])
    more = f" and {len(node.members) - _NAMED} more" if len(node.members) > _NAMED else ""
    stacked = len(node.members) > 1
    return (
        f"<g><title>{safe(names)}{more}: {node.kind} {safe(node.note)}</title>"
        f'<g {drawn_as("pt-icon")} transform="translate({_n(rect.x + rect.w / 2 - 18)} {_n(rect.y + 7)})">'
        f"{icon(node.kind, stacked)}</g>{''.join(map(_letters, placed.lines))}</g>"
    )


def _trunk(trunk: tuple[float, float, float] | None, branches: tuple[tuple[float, float, float], ...]) -> list[str]:
    if trunk is None:
        return []
    lines = [f"M{_n(trunk[0])} {_n(trunk[1])}V{_n(trunk[2])}"]
    lines += [f"M{_n(start)} {_n(y)}H{_n(end)}" for y, start, end in branches]
    return [f'<path {drawn_as("pt-trunk")} d="{"".join(lines)}"/>']


def _kind(way: Way) -> str:
    return "pt-fail" if way.standing is Outcome.FAILED else "pt-open"


def _route(route: Route) -> str:
    x, top, bottom = route.upright
    lines = [f"M{_n(x)} {_n(top)}V{_n(bottom)}"] if bottom > top else []
    lines += [f"M{_n(start)} {_n(y)}H{_n(end)}" for y, start, end in route.streets]
    ends = []
    for stub in route.stubs:
        if stub.arrives:
            lines.append(f"M{_n(stub.x)} {_n(stub.bottom)}V{_n(stub.top + 6)}")
            ends.append(f"M{_n(stub.x)} {_n(stub.top - 1)}l3.5 7.5h-7z")
        else:
            lines.append(f"M{_n(stub.x)} {_n(stub.bottom)}V{_n(stub.top + 3)}")
            ends.append(f"M{_n(stub.x - 2.5)} {_n(stub.top + 2)}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z")
    kind = _kind(route.way)
    return f'<path {drawn_as(kind)} d="{"".join(lines)}"/><path {drawn_as(f"{kind}-end")} d="{"".join(ends)}"/>'


def _badge(way: Way, rect: Rect) -> str:
    style = "pt-f" if way.standing is Outcome.FAILED else "pt-w"
    sign = Letters(rect.x + rect.w / 2, rect.y + 12, SIGNS[way.standing], 11, style, "middle")
    number = Letters(rect.x + rect.w / 2, rect.y + 24, str(way.number), 10, style, "middle")
    return _rect(rect, f"{_kind(way)}-badge", 4) + _letters(sign) + _letters(number)


def _legend(kind: str, rect: Rect) -> str:
    x, y, middle = _n(rect.x), rect.y, _n(rect.y + 13)
    if kind == "trunk":
        return f'<path {drawn_as("pt-trunk")} d="M{x} {middle}h34"/>'
    if kind in ("failed", "unverified"):
        style = "pt-fail" if kind == "failed" else "pt-open"
        return (
            f'<path {drawn_as(style)} d="M{x} {middle}h27"/>'
            f'<path {drawn_as(f"{style}-end")} d="M{_n(rect.x + 34)} {middle}l-8 -3.5v7z"/>'
            + _letters(
                Letters(rect.x + 12, y + 9, SIGNS[Outcome(kind)], 10, "pt-f" if kind == "failed" else "pt-w", "middle")
            )
        )
    shape = icon("printer" if kind == "stack" else kind, kind == "stack")
    return f'<g {drawn_as("pt-icon")} transform="translate({x} {_n(y)})">{shape}</g>'
