"""The facts that a lab machine tells of itself, in the contract's own types."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from preflight.agents.contract import Gather
from preflight.agents.contract_facts import AddressLine, ServiceLine, SocketLine, SystemFact, TimeFact
from preflight.lab.packetfilter import firewall_fact
from preflight.lab.places import LOOPBACK, Listener
from preflight.lab.state import LabNetwork


def fact(name: str, machine: str, lab: LabNetwork, request: Gather) -> Any:
    """The value of one fact, ready for JSON. Raises KeyError for a fact that the lab does not know."""
    value = _FACTS[name](machine, lab, request)
    if isinstance(value, list):
        return [line.model_dump(mode="json") for line in value]
    return value.model_dump(mode="json")


def _system(machine: str, lab: LabNetwork, _: Gather) -> SystemFact:
    system = lab.world.places[machine].system
    return SystemFact(
        hostname=machine,
        family=system.family,
        name=system.name,
        version=system.version,
        architecture=system.architecture,
        user=system.user,
        elevated=system.elevated,
    )


def _addresses(machine: str, lab: LabNetwork, _: Gather) -> list[AddressLine]:
    here = lab.world.places[machine].machine
    network = lab.world.topology.networks.get(here.network or "")
    prefix = ipaddress.ip_network(network.cidr).prefixlen if network else 24
    return [
        AddressLine(interface="loopback", address=LOOPBACK, prefix=8),
        AddressLine(interface="lab0", address=here.address, prefix=prefix),
    ]


def _listeners(machine: str, lab: LabNetwork, _: Gather) -> list[SocketLine]:
    place = lab.world.places[machine]
    held = [*place.listeners.values(), *place.beside, *lab.temporary(machine)]
    return [_line(s, s.bind, state="LISTEN" if s.protocol == "tcp" else "") for s in held]


def _sockets(machine: str, lab: LabNetwork, _: Gather) -> list[SocketLine]:
    lines = [*_standing(machine, lab)]
    for held in lab.connections(machine):
        if held.there == machine and held.listener is not None:
            lines.append(_line(held.listener, held.address, held.seen, held.peer_port, "ESTABLISHED"))
        if held.here == machine:
            mine = Listener("tcp", held.peer_port, held.peer, held.pid, held.process)
            lines.append(_line(mine, held.peer, held.address, held.port, "ESTABLISHED"))
    return lines


def _standing(machine: str, lab: LabNetwork) -> list[SocketLine]:
    """Connections that the world's devices keep to this machine, where the service on that port runs."""
    place = lab.world.places[machine]
    lines = []
    for number, connection in enumerate(lab.world.connections):
        listener = place.listeners.get(("tcp", connection.port))
        if connection.destination == machine and listener is not None:
            peer = lab.world.places[connection.source].machine.address
            lines.append(_line(listener, place.machine.address, peer, 40000 + number, "ESTABLISHED"))
    return lines


def _services(machine: str, lab: LabNetwork, request: Gather) -> list[ServiceLine]:
    wanted = [re.compile(pattern, re.IGNORECASE) for pattern in request.services]
    return [
        ServiceLine(
            name=service.name,
            display=service.display,
            state="running" if service.running else "stopped",
            pid=service.pid,
            path=service.path,
        )
        for service in lab.world.places[machine].services
        if any(p.fullmatch(service.name) or p.fullmatch(service.display) for p in wanted)
    ]


def _time(machine: str, lab: LabNetwork, _: Gather) -> TimeFact:
    return TimeFact(epoch=time.time() + lab.world.places[machine].clock_skew_s, utc_offset_s=0)


def _line(owner: Listener, local: str, peer: str = "", peer_port: int = 0, state: str = "") -> SocketLine:
    return SocketLine(
        protocol="tcp" if owner.protocol == "tcp" else "udp",
        local=local,
        local_port=owner.port,
        peer=peer,
        peer_port=peer_port,
        state=state,
        pid=owner.pid,
        process=owner.process,
        path=owner.path,
        service=owner.service,
    )


_FACTS: dict[str, Callable[[str, LabNetwork, Gather], BaseModel | list[Any]]] = {
    "system": _system,
    "addresses": _addresses,
    "listeners": _listeners,
    "sockets": _sockets,
    "services": _services,
    "time": _time,
    "firewall": lambda machine, lab, _: firewall_fact(machine, lab),
}
