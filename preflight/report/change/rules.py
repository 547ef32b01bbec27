"""The change request as values: its rules in order, and what of the failures is not in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from preflight.report.change.merge import fewest_boxes
from preflight.report.change.needs import End, Need, asked_for, is_open_question, is_waived, needs_of
from preflight.report.change.places import Place, Places
from preflight.report.change.relation import Box, Relation, relate
from preflight.run.model import CaseResult, Run
from preflight.values.case import Level
from preflight.values.probe import Protocol
from preflight.values.spans import Spans, joined_spans


@dataclass(frozen=True, slots=True)
class Rule:
    """Let these sources reach these destinations on these ports."""

    number: int
    sources: tuple[Place, ...]
    destinations: tuple[Place, ...]
    protocol: Protocol
    ports: Spans
    levels: tuple[tuple[str, Level], ...]  # rows with their levels, in the page's order
    reasons: tuple[str, ...]  # the rows' purposes
    firewalls: tuple[str, ...]  # whose firewall shuts it, as far as the hosts' policies tell
    notes: tuple[str, ...]
    needs: tuple[Need, ...]  # what it was made from

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of the rows that it is for."""
        return tuple(row for row, _ in self.levels)

    @property
    def mandatory(self) -> str:
        """yes, no, or partly: some of its rows are, as each row's level tells."""
        found = [level == "mandatory" for _, level in self.levels]
        return "yes" if all(found) else "partly" if any(found) else "no"

    @property
    def parts(self) -> tuple[tuple[str, Level, Spans, str], ...]:
        """What of it is for which row: row, level, ports, purpose. So that a row can be declined without the others."""
        by_row: dict[str, list[Need]] = {}
        for need in self.needs:
            by_row.setdefault(need.case.row, []).append(need)
        return tuple(
            (row, level, joined_spans(need.ports for need in by_row[row]), by_row[row][0].case.purpose)
            for row, level in self.levels
        )

    @property
    def cases(self) -> tuple[str, ...]:
        """Ids of the failed cases that it is for, in the run's order."""
        return tuple(dict.fromkeys(need.case.id for need in self.needs))


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What a run asks the site's firewalls to let through."""

    rules: tuple[Rule, ...]
    needs: tuple[Need, ...]
    left_out: tuple[CaseResult, ...]  # failed flows whose end was not proven to be listening: no firewall's matter yet
    waived: tuple[CaseResult, ...]  # seen shut, and left out because a waiver lies over them


_last: list[tuple[Run, ChangeRequest]] = []  # several views of one run are made in a row


def change_request(run: Run) -> ChangeRequest:
    """The request of a run; pure, the same run gives the same one."""
    if not _last or _last[0][0] is not run:
        _last[:] = [(run, _made(run))]
    return _last[0][1]


def _made(run: Run) -> ChangeRequest:
    needs, asked, places = needs_of(run), list(asked_for(run)), Places(run)
    rules: list[Rule] = []
    for protocol in ("tcp", "udp"):
        told = [need for need in needs if need.protocol == protocol]
        relation = relate(
            ((_group(n, places), n.source, n.destination, n.ports) for n in told),
            ((source, destination, spans) for asks, source, destination, spans in asked if asks == protocol),
        )
        for box in fewest_boxes(relation):
            rules.append(_rule(run, protocol, _with_stand_ins(box, told, relation), relation, told, places))
    ids = {need.case.id for need in needs}
    left_out = tuple(case for case in run.cases if is_open_question(case) and case.id not in ids)
    numbered = tuple(replace(rule, number=place) for place, rule in enumerate(sorted(rules, key=_order), 1))
    return ChangeRequest(numbered, tuple(needs), left_out, tuple(case for case in run.cases if is_waived(case)))


def _with_stand_ins(box: Box, needs: list[Need], relation: Relation) -> Box:
    """Another rule may hold the stand-in already; in each rule that it asked for, it makes that rule testable alone."""
    number = {end.name: place for place, members in enumerate(relation.ends) for end in members}
    for stand_in in sorted(
        {n.case.stand_in for n in needs if n.case.stand_in and number[n.source.name] in box.sources}
    ):
        one = Box(frozenset({number[stand_in]}), box.destinations, box.ports) if stand_in in number else None
        if one is not None and len(relation.ends[number[stand_in]]) == 1 and relation.inside(one):
            box = box.joined(one)
    return box


def _group(need: Need, places: Places) -> tuple[str, str, str]:
    case = need.case
    return case.row, places.network_of(case.source or ""), places.network_of(case.destination or "")


def _within(needs: Iterable[Need], sources: frozenset[End], destinations: frozenset[End], spans: Spans) -> list[Need]:
    inside = [
        need
        for need in needs
        if need.source in sources
        and need.destination in destinations
        and any(first <= b and a <= last for first, last in need.ports for a, b in spans)
    ]
    names = {end.name for end in sources}
    # A stand-in asks for many; a rule is told to be for those alone that it lets through themselves.
    return [need for need in inside if need.case.source in names] or inside


def _rule(run: Run, protocol: Protocol, box: Box, relation: Relation, told: list[Need], places: Places) -> Rule:
    sources = frozenset(end for number in box.sources for end in relation.ends[number])
    destinations = frozenset(end for number in box.destinations for end in relation.ends[number])
    spans = relation.spans(box.ports)
    needs = _within(told, sources, destinations, spans)
    order = {row.id: place for place, row in enumerate(run.rows)}
    cases = sorted({n.case.id: n.case for n in needs}.values(), key=lambda c: (order.get(c.row, len(order)), c.row))
    return Rule(
        number=0,
        levels=tuple(dict.fromkeys((case.row, case.level) for case in cases)),
        sources=places.of(sources),
        destinations=places.of(destinations),
        protocol=protocol,
        ports=spans,
        reasons=tuple(dict.fromkeys(case.purpose for case in cases)),
        firewalls=_firewalls(needs, places),
        notes=_notes(run, cases, places),
        needs=tuple(needs),
    )


def _firewalls(needs: Iterable[Need], places: Places) -> tuple[str, ...]:
    own: dict[str, dict[str, None]] = {"destination": {}, "source": {}, "network": {}, "unknown": {}}
    for need in needs:
        asker = need.case.stand_in or need.source.name
        ends = [places.network_of(need.case.source or asker), places.network_of(need.destination.name)]
        zone = f"{ends[0]} to {ends[1]}" if ends[0] != ends[1] else f"inside {ends[0]}"
        names = {"destination": need.destination.name, "source": asker, "network": zone, "unknown": zone}
        for door in need.doors:
            own[door][names[door]] = None
    words = {
        "destination": "own firewall of {} (inbound)",
        "source": "own firewall of {} (outbound)",
        "network": "network between: {}",
        "unknown": "not known whose: {}, or the destination's own",
    }
    return tuple(words[door].format(_some(list(names))) for door, names in own.items() if names)


def _notes(run: Run, cases: Iterable[CaseResult], places: Places) -> tuple[str, ...]:
    roles = {host.name: set(host.roles) for host in run.hosts}
    cidrs = {network.name: network.cidr for network in run.networks}
    stood: dict[str, dict[str, None]] = {}
    alone: dict[str, dict[str, None]] = {}
    for case in cases:
        source = case.source or ""
        if case.stand_in:
            stood.setdefault(case.stand_in, {})[source] = None
        elif roles.get(source, set()) & {"workstation"}:
            alone.setdefault(places.network_of(source), {})[source] = None
    notes = [
        f"{stand_in} asked in the place of {_some(list(names))}: it must be let through as well, or the next run "
        "cannot show that they are"
        for stand_in, names in sorted(stood.items())
    ]
    for network, names in sorted(alone.items()):
        where = f"{network} ({cidrs[network]})" if network in cidrs else network
        notes.append(f"{_some(list(names))} was asked for all users in {where}: what it needs, their machines need")
    if any(case.spans for case in cases):
        notes.append("of a range only a sample of ports is asked: the whole range is meant")
    return tuple(notes)


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _order(rule: Rule) -> tuple[object, ...]:
    def ends(places: tuple[Place, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
        return [(place.network, [(end.name, end.address) for end in place.ends]) for place in places]

    return (rule.mandatory == "no", ends(rule.sources), ends(rule.destinations), rule.protocol, rule.ports)
