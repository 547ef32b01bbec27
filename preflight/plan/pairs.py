"""Who talks to whom: the pairs of machines that a row's roles make at this site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from preflight.catalogue.model import FlowRow
from preflight.plan.conditions import group_lacks
from preflight.topology.model import Machine, RoamingGroup, Topology

SERVER_ROLES = frozenset({"cml", "ors"})
DEVICE_ROLES = frozenset({"printer", "terminal", "card_reader", "workstation", "local_monitor"})


@dataclass(frozen=True, slots=True)
class Pairing:
    """One source and one destination; `device` is the end that device conditions are about."""

    source: Machine
    destination: Machine
    device: Machine | None = None


def pairs_of(row: FlowRow, topology: Topology) -> list[Pairing]:
    """All pairs of a row, in the inventory's order, device conditions not yet applied."""
    found = _PAIRERS[row.pair.kind](row, topology)
    return list({(p.source.name, p.destination.name): p for p in found}.values())


def missing_role(row: FlowRow, topology: Topology) -> str | None:
    """The role that nobody at the site has, so that the row has no pairs; None when it is the number that lacks."""
    for roles in (row.pair.source, row.pair.to):
        real = [r for r in roles if r not in ("server", "localhost")]
        if real and not _holders(real, topology):
            return " or ".join(r.replace("_", " ") for r in real)
    return None


def etcd_groups(topology: Topology) -> list[tuple[str, ...]]:
    """Members of each etcd: the CML nodes of a cluster, and the ORS of each near roaming group (row I16)."""
    groups = []
    if topology.features.cluster:
        groups.append(tuple(m.name for m in topology.with_role("cml")))
    groups.extend(group.members for group in topology.features.near_roaming)
    return groups


def groups_for(row: FlowRow, topology: Topology) -> tuple[list[RoamingGroup], list[str]]:
    """Near roaming groups of a size that the row is for, and the reasons why the others are not."""
    fitting, reasons = [], []
    for group in topology.features.near_roaming:
        reason = group_lacks(row.applies, group)
        if reason:
            reasons.append(reason)
        else:
            fitting.append(group)
    return fitting, reasons


def scan_server_of(row: FlowRow, topology: Topology) -> str | None:
    """The site's own machine that takes the scans of this row, when it names one."""
    scan = topology.features.scan.get(row.scan_server or "")
    return scan.server if scan else None


def _served(row: FlowRow, topology: Topology) -> Iterator[Pairing]:
    outward = bool(DEVICE_ROLES & set(row.pair.source))
    device_roles, server_roles = (row.pair.source, row.pair.to) if outward else (row.pair.to, row.pair.source)
    wanted = SERVER_ROLES if "server" in server_roles else frozenset(server_roles)
    own = scan_server_of(row, topology)
    for device in _holders(device_roles, topology):
        names = (own,) if own else device.servers or _other_servers(device, topology)
        for name in names:
            server = topology.machines[name]
            if server.name == device.name or not (own or server.roles & wanted):
                continue
            ends = (device, server) if outward else (server, device)
            yield Pairing(*ends, device=device)


def _other_servers(device: Machine, topology: Topology) -> tuple[str, ...]:
    # A server with a Local Monitor (W03) has no servers of its own: it reports to the CML nodes.
    return tuple(m.name for m in topology.with_role("cml") if m.name != device.name)


def _each(row: FlowRow, topology: Topology) -> Iterator[Pairing]:
    destinations = topology.with_role(*row.pair.to)
    if "crs" in row.pair.to and row.served_by == "existing" and topology.features.analysis_services:
        # W06: Analysis Services may run on another machine than the CRS.
        destinations = [topology.machines[topology.features.analysis_services]]
    for source in _holders(row.pair.source, topology):
        for destination in destinations:
            if source.name != destination.name:
                yield Pairing(source, destination)


def _same_host(row: FlowRow, topology: Topology) -> Iterator[Pairing]:
    beside = frozenset(row.pair.source) - {"localhost"}
    for machine in topology.with_role(*row.pair.to):
        if not beside or machine.roles & beside:
            yield Pairing(machine, machine)


def _group(row: FlowRow, topology: Topology) -> Iterator[Pairing]:
    for group in groups_for(row, topology)[0]:
        yield from _ordered(group.members, topology)


def _etcd(_row: FlowRow, topology: Topology) -> Iterator[Pairing]:
    for members in etcd_groups(topology):
        yield from _ordered(members, topology)


def _none(_row: FlowRow, _topology: Topology) -> Iterator[Pairing]:
    yield from ()


def _ordered(names: tuple[str, ...], topology: Topology) -> Iterator[Pairing]:
    for source in names:
        for destination in names:
            if source != destination:
                yield Pairing(topology.machines[source], topology.machines[destination])


def _holders(roles: tuple[str, ...] | list[str], topology: Topology) -> list[Machine]:
    if "local_monitor" in roles:
        flagged = [m for m in topology.machines.values() if m.local_monitor]
        return flagged or topology.with_role("workstation")
    return topology.with_role(*roles)


_PAIRERS = {
    "served": _served,
    "each": _each,
    "same_host": _same_host,
    "group": _group,
    "etcd": _etcd,
    "broadcast": _served,
    "multicast": _none,
}
