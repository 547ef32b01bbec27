"""The words below the picture: what each numbered way is, and what the shapes mean."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.report.picture.lettering import fitted
from preflight.report.picture.routes import BADGE_H, BADGE_W
from preflight.report.picture.scene import Node, Scene, Way
from preflight.report.picture.shapes import Letters, Rect
from preflight.values.counted import counted
from preflight.values.outcome import Outcome

_NAMED, _SPANS = 4, 12
_ITEM_W, _ITEM_H = 138.0, 30.0
_KINDS = ("server", "database", "directory", "workstation", "printer", "terminal", "vantage", "other")
Keys = tuple[tuple[Way | None, Rect, tuple[Letters, ...]], ...]


def place_keys(scene: Scene, room: Rect) -> tuple[Keys, float]:
    """Two lines for each way that is drawn, one for all others; and where they end."""
    nodes = {node.key: node for box in scene.boxes for node in box.nodes}
    where = {node.key: box.place for box in scene.boxes for node in box.nodes}
    keys: list[tuple[Way | None, Rect, tuple[Letters, ...]]] = []
    y, x = room.y, room.x + BADGE_W + 10
    most = room.right - x
    for way in scene.ways:
        if way.drawn:
            first, second = told_way(way, nodes, where)
            lines = (
                Letters(x, y + 12, fitted(first, most, 12), 12, "pt-key"),
                Letters(x, y + 26, fitted(second, most, 11), 11, "pt-note"),
            )
            keys.append((way, Rect(room.x, y, BADGE_W, BADGE_H), lines))
            y += BADGE_H + 6
    more = [way for way in scene.ways if not way.drawn]
    if more:
        cases = counted(sum(way.cases for way in more), "case")
        text = f"and {len(more)} more, of {cases}, not drawn: the flow matrix has them all"
        keys.append((None, Rect(room.x, y, BADGE_W, 16), (Letters(x, y + 12, fitted(text, most, 12), 12, "pt-key"),)))
        y += 18
    if not scene.ways:
        text = "No flow between two machines failed or is unverified."
        keys.append((None, Rect(room.x, y, BADGE_W, 16), (Letters(x, y + 12, fitted(text, most, 12), 12, "pt-key"),)))
        y += 18
    return tuple(keys), y


def told_way(way: Way, nodes: dict[int, Node], where: dict[int, str]) -> tuple[str, str]:
    """Who to whom; and which ports and rows, of how many cases."""
    sources = _named(way.sources, {source for source, _ in way.pairs}, nodes, where)
    destinations = _named(way.destinations, {destination for _, destination in way.pairs}, nodes, where)
    some = "" if way.whole else f", {counted(len(way.pairs), 'pair')} of these"
    rows = ", ".join(way.rows[:_SPANS]) + (f" and {len(way.rows) - _SPANS} more" if len(way.rows) > _SPANS else "")
    cases = f"{counted(way.cases, 'case')} {way.standing}"
    ports = told_ports(way.ports)
    return f"{sources} \u2192 {destinations}{some}", "; ".join(filter(None, (cases, ports, f"rows {rows}")))


def told_ports(ports: Sequence[tuple[str, int]]) -> str:
    """Ports by protocol, neighbours as spans: tcp 515, 9100-9103; udp 161."""
    spans: dict[str, list[list[int]]] = {}
    for protocol, port in ports:
        known = spans.setdefault(protocol, [])
        if known and known[-1][1] == port - 1:
            known[-1][1] = port
        else:
            known.append([port, port])
    told = []
    for protocol, found in spans.items():
        texts = [str(first) if first == last else f"{first}-{last}" for first, last in found[:_SPANS]]
        more = f" and {len(found) - _SPANS} more" if len(found) > _SPANS else ""
        told.append(f"{protocol} {', '.join(texts)}{more}".strip())
    return "; ".join(told)


def _named(keys: Sequence[int], ends: set[str], nodes: dict[int, Node], where: dict[int, str]) -> str:
    """Machines by name, a few of them; of a stack how many, unless they are few."""
    texts: list[str] = []
    for key in keys:
        node = nodes[key]
        meant = [name for name in node.members if name in ends]
        if len(node.members) > 1 and len(meant) > 2:
            all_of = f"{node.label} {node.note}"
            texts.append(all_of if len(meant) == len(node.members) else f"{len(meant)} of {all_of}")
        else:
            texts += meant
    more = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"{', '.join(texts[:_NAMED])}{more} ({where[keys[0]]})"


def place_legend(scene: Scene, room: Rect) -> tuple[tuple[tuple[str, Rect, Letters], ...], float]:
    """The shapes and lines that the picture has, each with its word; and where they end."""
    there = {node.kind for box in scene.boxes for node in box.nodes}
    items: list[tuple[str, str]] = [
        (kind, kind if kind != "vantage" else "vantage host") for kind in _KINDS if kind in there
    ]
    if any(len(node.members) > 1 for box in scene.boxes for node in box.nodes):
        items.append(("stack", "several alike"))
    drawn = {way.standing for way in scene.ways if way.drawn}
    items += [("failed", "failed")] if Outcome.FAILED in drawn else []
    items += [("unverified", "unverified")] if Outcome.UNVERIFIED in drawn else []
    if len(scene.boxes) > 1:
        items.append(("trunk", "way between"))
    across = max(1, int(room.w // _ITEM_W))
    placed = []
    for number, (kind, word) in enumerate(items):
        x, y = room.x + number % across * _ITEM_W, room.y + number // across * _ITEM_H
        text = fitted(word, _ITEM_W - 46, 10.5)
        placed.append((kind, Rect(x, y, 36, 26), Letters(x + 42, y + 17, text, 10.5, "pt-note")))
    return tuple(placed), room.y + -(-len(items) // across) * _ITEM_H
