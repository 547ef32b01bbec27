"""The fewest boxes that hold all that is required and nothing that is not asked for.

The exact minimum is a covering problem without a quick answer (rectangles in a relation), so several ways are gone and
the best is taken. Each begins with at most one box for every row, source network and destination network where what is
asked between these is a full product, and none ever makes more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations

from preflight.report.change.relation import Box, Pairs, Relation

Key = Callable[[Box], object]
_JOINTS: dict[str, Key] = {
    # What two boxes must share to be joined without a second look: all but one of their three sides.
    "ports": lambda box: (box.sources, box.destinations),
    "sources": lambda box: (box.destinations, box.ports),
    "destinations": lambda box: (box.sources, box.ports),
}
_GROWN_AT_MOST = 400  # boxes: growing tries every machine for every box


def fewest_boxes(relation: Relation) -> list[Box]:
    """Boxes in a fixed order. All of `required` is in one of them, and each is `inside`."""
    first = [box for pairs in relation.start for box in _begin(pairs, relation)]
    ways = [_fitted(_merged(first, order, relation), relation) for order in permutations(_JOINTS)]
    if first and len(ways[0]) <= _GROWN_AT_MOST:
        ways += [_fitted(_merged(_grown(way, relation), ("ports",), relation), relation) for way in ways[:2]]
    best = min(ways, key=lambda boxes: (len(boxes), sum(box.size for box in boxes)), default=[])
    return sorted(best, key=_place)


def _begin(pairs: Pairs, relation: Relation) -> list[Box]:
    """The boxes of one group: one if may be, else by source or by destination, whichever gives fewer."""
    whole = _hull(Box(frozenset({s}), frozenset({d}), bits) for (s, d), bits in pairs.items())
    if relation.inside(whole):
        return [whole]
    ways = []
    for side in (0, 1):
        lines: dict[tuple[int, int], set[int]] = {}
        for pair, bits in pairs.items():
            lines.setdefault((pair[side], bits), set()).add(pair[1 - side])
        alike: dict[tuple[frozenset[int], int], set[int]] = {}
        for (one, bits), others in lines.items():
            alike.setdefault((frozenset(others), bits), set()).add(one)
        ways.append([_sided(side, frozenset(ones), others, bits) for (others, bits), ones in alike.items()])
    return min(ways, key=len)


def _sided(side: int, ones: frozenset[int], others: frozenset[int], bits: int) -> Box:
    return Box(ones, others, bits) if side == 0 else Box(others, ones, bits)


def _merged(boxes: Iterable[Box], order: Iterable[str], relation: Relation) -> list[Box]:
    """Joined to a fixpoint: first what fits side by side, then any two whose joint box is inside."""
    current = list(dict.fromkeys(boxes))
    while True:
        before = len(current)
        for joint in order:
            current = _joined(current, _JOINTS[joint])
        if len(current) == before:
            current = _absorbed(current, relation)
        if len(current) == before:
            return current


def _joined(boxes: list[Box], key: Key) -> list[Box]:
    shared: dict[object, Box] = {}
    for box in boxes:
        known = shared.get(key(box))
        shared[key(box)] = box if known is None else known.joined(box)
    return list(shared.values())


def _absorbed(boxes: list[Box], relation: Relation) -> list[Box]:
    """Each box takes in every other that it can; smaller ones first, as they fit more easily."""
    rest = sorted(boxes, key=lambda box: (box.size, *_place(box)))
    kept: list[Box] = []
    while rest:
        box, others = rest[0], []
        for other in rest[1:]:
            both = box.joined(other)
            if relation.inside(both):
                box = both
            else:
                others.append(other)
        kept.append(box)
        rest = others
    return kept


def _grown(boxes: list[Box], relation: Relation) -> list[Box]:
    """The boxes made as large as what is asked for allows; of these, greedily, those that cover most."""
    large = list(dict.fromkeys(_enlarged(box, relation) for box in boxes))
    left = dict(relation.required)
    chosen: list[Box] = []
    while left:
        box = max(large, key=lambda b: sum(bits.bit_count() for bits in _overlap(b, left).values()))
        for pair, bits in _overlap(box, left).items():
            left[pair] &= ~bits
            if not left[pair]:
                del left[pair]
        chosen.append(box)
    return chosen


def _enlarged(box: Box, relation: Relation) -> Box:
    for one in sorted({d for _, d in relation.required} - box.destinations):
        more = Box(box.sources, frozenset({one}), box.ports)
        box = box.joined(more) if relation.inside(more) else box
    for one in sorted({s for s, _ in relation.required} - box.sources):
        more = Box(frozenset({one}), box.destinations, box.ports)
        box = box.joined(more) if relation.inside(more) else box
    for bit in range(len(relation.points) - 1):
        more = Box(box.sources, box.destinations, 1 << bit)
        box = box.joined(more) if relation.inside(more) else box
    return box


def _overlap(box: Box, pairs: Pairs) -> Pairs:
    return {(s, d): both for s in box.sources for d in box.destinations if (both := pairs.get((s, d), 0) & box.ports)}


def _fitted(boxes: list[Box], relation: Relation) -> list[Box]:
    """Without boxes whose whole content is in others, and each drawn in to what it is needed for."""
    kept = list(boxes)
    for box in sorted(boxes, key=lambda b: (sum(n.bit_count() for n in relation.covered(b).values()), *_place(b))):
        others = [other for other in kept if other is not box]
        if all(_among(pair, bits, others) for pair, bits in relation.covered(box).items()):
            kept = others
    fitted: list[Box] = []
    for place, box in enumerate(kept):
        beside = [*fitted, *kept[place + 1 :]]
        alone = {pair: bits for pair, bits in relation.covered(box).items() if not _among(pair, bits, beside)}
        fitted.append(_hull(Box(frozenset({s}), frozenset({d}), bits) for (s, d), bits in alone.items()))
    return fitted


def _among(pair: tuple[int, int], bits: int, boxes: Iterable[Box]) -> bool:
    for box in boxes:
        if pair[0] in box.sources and pair[1] in box.destinations:
            bits &= ~box.ports
            if not bits:
                return True
    return False


def _hull(boxes: Iterable[Box]) -> Box:
    sources: set[int] = set()
    destinations: set[int] = set()
    ports = 0
    for box in boxes:
        sources |= box.sources
        destinations |= box.destinations
        ports |= box.ports
    return Box(frozenset(sources), frozenset(destinations), ports)


def _place(box: Box) -> tuple[list[int], list[int], int]:
    return sorted(box.sources), sorted(box.destinations), box.ports
