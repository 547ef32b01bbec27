"""Turns one pair of machines into a case: who really asks, at which address, with which probes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import Literal

from preflight.catalogue.model import FlowRow
from preflight.plan.pairs import Pairing, scan_server_of
from preflight.plan.ports import PortChoice
from preflight.topology.model import Machine, Topology
from preflight.values.case import Case, Level, Passive
from preflight.values.probe import Probe, Serving

LOOPBACK = "127.0.0.1"
LEVELS: dict[str, Level] = {
    "mandatory": "mandatory",
    "optional": "optional",
    "optional, recommended from localhost": "recommended",
    "recommended from localhost": "recommended",
}


@dataclass(frozen=True, slots=True)
class Asker:
    """The machine that asks in fact; `stand_in` when it is not the source itself."""

    machine: Machine | None
    stand_in: str | None = None


def asker_for(source: Machine, topology: Topology) -> Asker:
    """The source itself when an agent can run there, else its network's vantage host, else nobody."""
    if source.manage is not None:
        return Asker(source)
    vantage = topology.vantage_of(source)
    if vantage is not None and vantage.manage is not None:
        return Asker(vantage, vantage.name)
    return Asker(None)


def serving_of(row: FlowRow, destination: Machine, topology: Topology) -> Serving:
    """Who serves the port at this destination: the row's word, unless the machine is the site's own service."""
    if row.served_by == "product":
        if row.existing_unless_on and not destination.roles & set(row.existing_unless_on):
            return "existing"
        if scan_server_of(row, topology) == destination.name:
            return "existing"
    return row.served_by


def blank_case(row: FlowRow, choice: PortChoice, case_id: str, hosts: frozenset[str] = frozenset()) -> Case:
    """A case of the row without ends: the ground for those that do not apply or that nobody can ask."""
    return Case(
        id=case_id,
        row=row.id,
        section=row.section,
        level=LEVELS[row.level],
        requirement=row.requirement,
        remedy=row.remedy if choice.said or not row.until_set else f"{row.remedy} {row.until_set}",
        purpose=row.purpose,
        protocol=row.protocol,
        ports=choice.ports,
        notation=choice.notation,
        source=None,
        destination=None,
        hosts=hosts,
        serving=None,
        chosen=choice.chosen,
        spans=choice.spans,
        silence=row.silence,
        by_address=row.by_address,
        note="; ".join(n for n in (choice.note, row.note or "") if n),
    )


def probes_for(
    row: FlowRow, choice: PortChoice, asker: Machine, destination: Machine, address: str, topology: Topology
) -> tuple[Probe, ...]:
    """The questions of one pair, one a port."""
    serving = serving_of(row, destination, topology)

    def probe(port: int, speak: Literal["ssrp"] | str | None, port_from: str | None = None) -> Probe:
        return Probe(
            asker.name,
            destination.name,
            address,
            row.protocol if port_from or speak != "ssrp" else "udp",
            port,
            serving,
            speak=speak,
            name=certificate_name(destination, topology) if speak == "tls" else "",
            fallback_port=row.fallback_port,
            port_from=port_from,
        )

    if row.port_from is not None:
        # The browser is asked again here (an equal question, so once): the row can be run alone.
        return (probe(1434, "ssrp"), probe(0, None, topology.features.database_instance))
    return tuple(probe(port, row.speak) for port in choice.ports)


def certificate_name(server: Machine, topology: Topology) -> str:
    """The name that the site says a directory server's certificate bears; empty where it says none."""
    held = (d.certificate_names for d in topology.directories if server.name in d.servers and d.certificate_names)
    return next(held, ("",))[0]


def broadcast_case(case: Case, choice: PortChoice, pair: Pairing, topology: Topology) -> Case:
    """P05: heard by the vantage host of the terminal's network, when the server sits in the same network."""

    server, terminal = pair.source, pair.destination
    network = topology.networks.get(terminal.network or "")
    inside = network is not None and ipaddress.ip_address(server.address) in ipaddress.ip_network(network.cidr)
    if server.manage is None:
        return replace(case, unasked=f"no agent can run on {server.name}, so nobody can send its broadcast")
    if network is None or not inside:
        return replace(
            case,
            unasked=f"a broadcast stays in its subnet, and {server.name} ({server.address}) is not in that of "
            f"{terminal.name} ({terminal.address}): it cannot be proven from here",
        )
    listener = topology.vantage_of(terminal)
    if listener is None or listener.manage is None or listener.name == server.name:
        return replace(
            case, unasked=f"nobody can listen for the broadcast: name a vantage host for network {network.name}"
        )
    address = str(ipaddress.ip_network(network.cidr).broadcast_address)
    probes = tuple(
        Probe(server.name, listener.name, address, "udp", port, "existing", broadcast=True) for port in choice.ports
    )
    return replace(case, probes=probes, stand_in=listener.name, hosts=case.hosts | {listener.name})


def paired_case(row: FlowRow, choice: PortChoice, pair: Pairing, topology: Topology) -> Case:
    """The case of one pair."""

    source, destination = pair.source, pair.destination
    same = source.name == destination.name
    case = replace(
        blank_case(row, choice, f"{row.id}:{source.name}>{destination.name}"),
        source=source.name,
        destination=destination.name,
        hosts=frozenset({source.name, destination.name}),
        serving=serving_of(row, destination, topology),
    )
    if choice.missing:
        return replace(case, unasked=choice.missing)
    if row.pair.kind == "broadcast":
        return broadcast_case(case, choice, pair, topology)
    if same and source.manage is None:
        return replace(case, unasked=f"only {source.name} can ask for its own loopback, and no agent can run there")
    passive: tuple[Passive, ...] = ()
    if source.manage is None and destination.manage is not None and row.protocol == "tcp":
        passive = tuple(Passive(destination.name, p, source.name, source.address) for p in choice.ports)
    asker = asker_for(source, topology)
    if asker.machine is None:
        return replace(
            case,
            passive=passive,
            unasked=f"no agent can run on {source.name}, and its network has no vantage host to ask in its place",
        )
    if asker.machine.name == destination.name and not same:
        return replace(
            case,
            passive=passive,
            unasked=f"the vantage host of {source.name} is {destination.name} itself: it would ask itself",
        )
    return replace(
        case,
        passive=passive,
        stand_in=asker.stand_in,
        hosts=case.hosts | {asker.machine.name},
        probes=probes_for(row, choice, asker.machine, destination, LOOPBACK if same else destination.address, topology),
    )
