"""Cases of the plan as lines of the matrix: what the tests will ask, by row and by pair of networks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from preflight.catalogue.model import FlowRow
from preflight.ports.model import OUTSIDE, Line, Side, Zone
from preflight.topology.model import Machine, Topology
from preflight.values.case import Case
from preflight.values.spans import Spans, spans_of


@dataclass(slots=True)
class _Group:
    """Cases of one row, between the same two networks, on the same ports."""

    case: Case
    pairs: dict[str, dict[str, Case]] = field(default_factory=dict)  # source -> destination -> case


def is_drawn(case: Case) -> bool:
    """A flow between two machines that applies and must be open."""
    if case.protocol is None or case.restricted or case.not_applicable or case.not_built:
        return False
    return case.source is not None and case.destination is not None


def lines_of(cases: Iterable[Case], rows: dict[str, FlowRow], topology: Topology) -> list[Line]:
    """The lines of all drawn cases, sorted by zone, those of machines to themselves last."""
    groups: dict[tuple[object, ...], _Group] = {}
    for case in cases:
        if not is_drawn(case):
            continue
        source, destination = topology.machines[case.source or ""], topology.machines[case.destination or ""]
        itself = source.name == destination.name
        key = (case.row, itself, source.network, destination.network, ports_of(case, rows[case.row]), case.level)
        group = groups.setdefault(key, _Group(case))
        group.pairs.setdefault(source.name, {})[destination.name] = case
    lines = []
    for group in groups.values():
        for sources, destinations in products({s: set(d) for s, d in group.pairs.items()}):
            lines.append(_line(group, sources, destinations, rows[group.case.row], topology))
    order = {name: place for place, name in enumerate(topology.networks)}
    return sorted(lines, key=lambda line: _order(line, order))


def products(pairs: dict[str, set[str]]) -> list[tuple[list[str], list[str]]]:
    """The pairs as few full products, a machine and itself not counted: by equal destinations, or equal sources."""
    everywhere = set().union(*pairs.values())
    if all(targets >= everywhere - {source} for source, targets in pairs.items()):
        return [(list(pairs), sorted(everywhere))]
    backwards: dict[str, set[str]] = {}
    for source, targets in pairs.items():
        for target in targets:
            backwards.setdefault(target, set()).add(source)
    forth = [(sources, targets) for targets, sources in _alike(pairs)]
    back = [(sources, targets) for sources, targets in _alike(backwards)]
    return min(forth, back, key=len)


def _alike(ways: dict[str, set[str]]) -> list[tuple[list[str], list[str]]]:
    same: dict[frozenset[str], list[str]] = {}
    for one, others in ways.items():
        same.setdefault(frozenset(others), []).append(one)
    return [(sorted(others), ones) for others, ones in same.items()]


def ports_of(case: Case, row: FlowRow) -> tuple[Spans, str]:
    """The ports to open, and words beside them or in their place."""
    if case.spans:
        return case.spans, ""
    if row.port_from is not None:
        return (), f"as the SQL browser answers (row {row.port_from})"
    if not case.ports:
        return (), f"to be said in the inventory (ports.{row.id})" if row.sample_of is None else (case.unasked or "")
    if row.notation == "slash":
        # Unsaid, the page leaves open whether the site uses one of them or all.
        return (spans_of(case.chosen), "") if case.chosen else (spans_of(case.ports), "(all, or say which are used)")
    return spans_of(case.ports), f"(or {row.fallback_port}, where it is taken)" if row.fallback_port else ""


def side(machines: list[Machine], topology: Topology) -> Side:
    """Machines of one network, in the inventory's order."""
    network = topology.networks.get(machines[0].network or "")
    return Side(network.name if network else OUTSIDE, network.cidr if network else "", tuple(machines))


def zone(source: Side, destination: Side) -> Zone:
    """The zone between two ends."""
    known = bool(source.cidr and destination.cidr)
    ends = Side(source.network, source.cidr, ()), Side(destination.network, destination.cidr, ())
    return Zone(*ends, crosses=source.network != destination.network if known else None)


def _line(group: _Group, sources: Iterable[str], destinations: Iterable[str], row: FlowRow, topology: Topology) -> Line:
    wanted_from, wanted_to = set(sources), set(destinations)
    cases = [
        case
        for source, targets in group.pairs.items()
        if source in wanted_from
        for target, case in targets.items()
        if target in wanted_to
    ]
    names_from, names_to = {c.source for c in cases}, {c.destination for c in cases}
    source = side([m for m in topology.machines.values() if m.name in names_from], topology)
    destination = side([m for m in topology.machines.values() if m.name in names_to], topology)
    ports, word = ports_of(group.case, row)
    unasked = dict.fromkeys(case.unasked for case in cases if case.unasked and ports)
    notes = [f"cannot be tested: {reason}" for reason in unasked]
    if row.pair.kind == "broadcast":
        notes.insert(0, "a broadcast to the subnet: it is not routed")
    return Line(
        row=row.id,
        level=group.case.level,
        why=row.purpose,
        zone=zone(source, destination),
        source=source,
        destination=destination,
        protocol=row.protocol,
        ports=ports,
        ports_word=word,
        flows=len(cases),
        asked_from=tuple(dict.fromkeys(c.stand_in for c in cases if c.stand_in and row.pair.kind != "broadcast")),
        notes=tuple(notes[:3]),
    )


def _order(line: Line, networks: dict[str, int]) -> tuple[object, ...]:
    last = len(networks)
    return (
        networks.get(line.source.network, last),
        line.zone.crosses is not False,  # inside a network first
        networks.get(line.destination.network, last),
    )
