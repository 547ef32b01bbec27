"""Who must reach whom on which ports, as numbers and bits, so that sets can be compared quickly."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field

from preflight.report.change.needs import End, is_loopback
from preflight.values.spans import Spans, joined_spans

Pairs = dict[tuple[int, int], int]  # (source, destination) -> bits of ports


@dataclass(frozen=True, slots=True)
class Box:
    """A rule in numbers: each of the sources may reach each of the destinations on each of the ports."""

    sources: frozenset[int]
    destinations: frozenset[int]
    ports: int

    def joined(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(self.sources | other.sources, self.destinations | other.destinations, self.ports | other.ports)

    @property
    def size(self) -> int:
        """How many (source, destination, stretch of ports) it lets through."""
        return len(self.sources) * len(self.destinations) * self.ports.bit_count()


@dataclass(slots=True)
class Relation:
    """What must be opened and what may be, over machines that were made numbers; build it by `relate`."""

    ends: list[tuple[End, ...]]  # number -> machines that need and may the same
    points: list[int]  # where a stretch of ports begins; bit i is points[i] up to before points[i + 1]
    required: Pairs
    allowed: Pairs  # holds all that is required
    start: list[Pairs] = field(default_factory=list)  # the required pairs, by the groups that were given
    free: set[tuple[int, int]] = field(default_factory=set)  # a machine and itself

    def inside(self, box: Box) -> bool:
        """Is all that the box lets through asked for?"""
        allowed, ports = self.allowed, box.ports
        return all(
            allowed.get((s, d), 0) & ports == ports or (s, d) in self.free
            for d in box.destinations
            for s in box.sources
        )

    def covered(self, box: Box) -> Pairs:
        """What is required and in the box."""
        return {
            (s, d): bits
            for s in box.sources
            for d in box.destinations
            if (bits := self.required.get((s, d), 0) & box.ports)
        }

    def spans(self, bits: int) -> Spans:
        """Bits as stretches of ports, neighbours joined."""
        places = [place for place in range(bits.bit_length()) if bits >> place & 1]
        return joined_spans([tuple((self.points[place], self.points[place + 1] - 1) for place in places)])


def relate(required: Iterable[tuple[Hashable, End, End, Spans]], allowed: Iterable[tuple[End, End, Spans]]) -> Relation:
    """The relation of one protocol. `required`: group, source, destination, ports; the groups give `start`."""
    must = list(required)
    sources, destinations = {s for _, s, _, _ in must}, {d for _, _, d, _ in must}
    may = [line for line in allowed if line[0] in sources and line[1] in destinations]
    all_spans = {*(spans for *_, spans in must), *(spans for *_, spans in may)}
    points = sorted({edge for spans in all_spans for first, last in spans for edge in (first, last + 1)})
    bits = {spans: _bits(spans, points) for spans in all_spans}
    wanted: dict[End, dict[End, int]] = defaultdict(lambda: defaultdict(int))
    granted: dict[End, dict[End, int]] = defaultdict(lambda: defaultdict(int))
    for _, source, destination, spans in must:
        wanted[source][destination] |= bits[spans]
        granted[source][destination] |= bits[spans]
    for source, destination, spans in may:
        granted[source][destination] |= bits[spans]
    classes = _alike(wanted, granted, destinations)
    number = {end: place for place, members in enumerate(classes) for end in members}
    groups: dict[Hashable, Pairs] = {}
    for group, source, destination, spans in must:
        of_group = groups.setdefault(group, {})
        pair = number[source], number[destination]
        of_group[pair] = of_group.get(pair, 0) | bits[spans]
    return Relation(
        classes,
        points,
        _numbered(wanted, number),
        _numbered(granted, number),
        list(groups.values()),
        {(number[s], number[d]) for s, d in _selves(sources, destinations)},
    )


def _selves(sources: set[End], destinations: set[End]) -> Iterator[tuple[End, End]]:
    """The pairs that are one machine, without a look at each of millions of pairs."""
    named: dict[str, list[End]] = {}
    for source in sources:
        named.setdefault(source.name, []).append(source)
    for destination in destinations:
        for source in sources if is_loopback(destination.address) else named.get(destination.name, ()):
            yield source, destination


def _alike(
    wanted: dict[End, dict[End, int]], granted: dict[End, dict[End, int]], destinations: set[End]
) -> list[tuple[End, ...]]:
    """Machines that need and may the same, as one: a fleet of printers is a few of these."""
    served = {end.name for end in destinations}
    classes: dict[Hashable, list[End]] = {}
    for end in sorted({*wanted, *destinations}):
        needs, may = frozenset(wanted[end].items()), frozenset(granted[end].items())
        classes.setdefault(end if end.name in served else (needs, may), []).append(end)
    return [tuple(members) for members in classes.values()]


def _numbered(ways: dict[End, dict[End, int]], number: dict[End, int]) -> Pairs:
    return {(number[s], number[d]): bits for s, ends in ways.items() for d, bits in ends.items()}


def _bits(spans: Spans, points: list[int]) -> int:
    bits = 0
    for first, last in spans:
        bits |= (1 << bisect_left(points, last + 1)) - (1 << bisect_left(points, first))
    return bits
