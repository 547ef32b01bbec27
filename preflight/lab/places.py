"""One machine of the simulated world, built out of the layers that speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from preflight.errors import InputError
from preflight.lab.files import (
    FirewallEntry,
    InstanceEntry,
    ListensEntry,
    MachineEntry,
    OpensEntry,
    ServiceEntry,
    Speech,
    SystemEntry,
    WinRmEntry,
    WorldFile,
)
from preflight.topology.model import Machine, Topology

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that a process holds open."""

    protocol: str
    port: int
    bind: str
    pid: int
    process: str
    path: str | None = None
    service: str | None = None
    speaks: Speech | None = None
    certificate: str | None = None  # PEM, where it speaks tls with one of its own


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a machine, the product's or another."""

    name: str
    display: str
    running: bool
    pid: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Place:
    """What one machine is in the world."""

    machine: Machine
    system: SystemEntry
    reach: Literal["up", "no-management", "down"] = "up"
    firewall: FirewallEntry = field(default_factory=lambda: FirewallEntry(on=False))
    listeners: Mapping[tuple[str, int], Listener] = field(default_factory=dict)
    beside: tuple[Listener, ...] = ()
    services: tuple[Service, ...] = ()
    installed: bool = False
    excluded: frozenset[int] = frozenset()
    snmp: Mapping[str, str | int] = field(default_factory=dict)
    banner: str = ""
    naming_context: str = ""
    certificate: str = ""
    instances: tuple[InstanceEntry, ...] = ()
    clock_skew_s: float = 0.0
    language_mode: str = "FullLanguage"
    winrm: WinRmEntry = field(default_factory=WinRmEntry)
    told: Mapping[str, Any] = field(default_factory=dict)

    def on_address(self, protocol: str, port: int, address: str) -> Listener | None:
        """Who has a port on this one address, beside whoever has it on all: what comes to the address is his."""
        return next((b for b in self.beside if (b.protocol, b.port, b.bind) == (protocol, port, address)), None)


class Builder:
    """Collects the layers of every machine, then makes places of them."""

    def __init__(self, world: WorldFile, topology: Topology) -> None:
        self._world = world
        self._topology = topology
        self._layers: dict[str, list[MachineEntry]] = {name: [] for name in topology.machines}

    def lay(self, name: str, entry: MachineEntry) -> None:
        """Put one layer over a machine."""
        self._layers[name].append(entry)

    def places(self) -> dict[str, Place]:
        """All machines, in the inventory's order. Raises InputError where no layer names a machine's system."""
        return {name: self._place(self._topology.machines[name], layers) for name, layers in self._layers.items()}

    def _place(self, machine: Machine, layers: list[MachineEntry]) -> Place:
        system = next((e.system for e in reversed(layers) if e.system), None)
        if system is None or system not in self._world.systems:
            raise InputError(f"the lab world gives {machine.name} no known system: {system}")
        place = Place(machine, self._world.systems[system])
        listeners: dict[tuple[str, int], Listener] = {}
        stopped = {name for entry in layers for name in entry.stopped}
        pids = iter(range(1204, 9000, 4))
        beside: list[Listener] = []
        for entry in layers:
            place = _overlaid(place, entry)
            for port in entry.silent:
                listeners.pop(("tcp", port), None)
                listeners.pop(("udp", port), None)
            for listens in entry.listens:
                if listens.service not in stopped:
                    owner = _owner(listens.pid or next(pids), listens)
                    _open(listeners, listens, owner, late=False)
            for listens in entry.beside:
                held: dict[tuple[str, int], Listener] = {}
                _open(held, listens, _owner(listens.pid or next(pids), listens), late=False)
                beside.extend(held.values())
        services = []
        if place.installed:
            for service in self._world.product:
                if not machine.roles & set(service.on):
                    continue
                running = service.service not in stopped
                owner = _owner(next(pids), service)
                pid = owner.pid if running else None
                services.append(Service(service.service, service.display, running, pid, service.path))
                for opens in service.opens if running else ():
                    _open(listeners, opens, owner, late=True)
        services.extend(_others(layers, listeners, stopped))
        told: dict[str, Any] = {}
        for entry in layers:
            told |= entry.told | (entry.told_after if place.installed else {})
        return replace(place, listeners=listeners, beside=tuple(beside), services=tuple(services), told=told)


def _overlaid(place: Place, entry: MachineEntry) -> Place:
    return replace(
        place,
        reach=entry.reach or place.reach,
        firewall=entry.firewall or place.firewall,
        installed=place.installed if entry.product is None else entry.product == "installed",
        excluded=place.excluded | set(entry.excluded),
        snmp={**place.snmp, **entry.snmp},
        banner=place.banner if entry.banner is None else entry.banner,
        naming_context=place.naming_context if entry.naming_context is None else entry.naming_context,
        certificate=place.certificate if entry.certificate is None else entry.certificate,
        instances=place.instances if entry.instances is None else entry.instances,
        clock_skew_s=place.clock_skew_s if entry.clock_skew_s is None else entry.clock_skew_s,
        language_mode=entry.language_mode or place.language_mode,
        winrm=entry.winrm or place.winrm,
    )


def _open(listeners: dict[tuple[str, int], Listener], entry: OpensEntry, owner: Listener, late: bool) -> None:
    """Open the ports of an entry; `late`: ports that another process holds already stay with it."""
    for protocol, ports in (("tcp", entry.tcp), ("udp", entry.udp)):
        for port in ports:
            if not (late and (protocol, port) in listeners):
                listeners[protocol, port] = replace(
                    owner,
                    protocol=protocol,
                    port=port,
                    bind=entry.bind,
                    speaks=entry.speaks,
                    certificate=entry.certificate,
                )


def _owner(pid: int, entry: ListensEntry | ServiceEntry) -> Listener:
    return Listener("", 0, "", pid, entry.process, entry.path, entry.service)


def _others(
    layers: list[MachineEntry], listeners: Mapping[tuple[str, int], Listener], stopped: set[str]
) -> list[Service]:
    """Services that are not the product's, as far as they hold ports."""
    pids = {listener.service: listener.pid for listener in listeners.values()}
    named = {listens.service: listens for entry in layers for listens in entry.listens if listens.service}
    return [
        Service(name, name, name not in stopped, None if name in stopped else pids.get(name), listens.path or "")
        for name, listens in named.items()
    ]
