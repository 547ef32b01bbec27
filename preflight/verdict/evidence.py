"""The observations, indexed once for judging: phase of a host, who listens where, which ports of a machine answered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from preflight.firewall.evaluate import Firewall, read_firewall
from preflight.values.case import Phase
from preflight.values.observation import HostObservation, Observations, Socket

Key = tuple[str, str, int]


@dataclass(slots=True)
class Evidence:
    """Read-only view of one survey. Every answer may be None: the host could not tell."""

    observations: Observations
    _listening: dict[str, dict[Key, list[Socket]] | None] = field(default_factory=dict)
    _taken: dict[str, dict[tuple[int, str], Socket]] = field(default_factory=dict)
    _stood: dict[str, set[tuple[int, str, int]]] = field(default_factory=dict)
    _firewalls: dict[str, Firewall | None] = field(default_factory=dict)
    _own: set[str] | None = None
    _open: dict[tuple[str, str], set[int]] | None = None

    def host(self, machine: str | None) -> HostObservation | None:
        """The machine's observation, None when it was not asked."""
        return self.observations.hosts.get(machine or "")

    def phase(self, machine: str | None) -> Phase | None:
        """`after` where a service of the product was found, `before` where none was; gathered, never a switch."""
        services = self._fact(machine, "services")
        if services is None:
            return None
        return "after" if services else "before"

    def listening(self, machine: str, protocol: str, port: int) -> list[Socket] | None:
        """Who listened on a port of the machine when it was asked."""
        if machine not in self._listening:
            lines = self._fact(machine, "listeners")
            table: dict[Key, list[Socket]] | None = None
            if lines is not None:
                table = defaultdict(list)
                for line in lines:
                    table[(machine, line["protocol"], line["local_port"])].append(Socket(**line))
            self._listening[machine] = table
        known = self._listening[machine]
        return None if known is None else known.get((machine, protocol, port), [])

    def device_on(self, machine: str, port: int, address: str) -> Socket | None:
        """A connection of that device to that port in the machine's own TCP table (a mere SYN does not count)."""
        if machine not in self._taken:
            lines = self._fact(machine, "sockets") or []
            self._taken[machine] = {
                (line["local_port"], line["peer"]): Socket(**line)
                for line in lines
                if line["protocol"] == "tcp" and line["state"] not in ("LISTEN", "SYN_RECV", "SYN_SENT", "SYN_RECEIVED")
            }
        return self._taken[machine].get((port, address))

    def stood_before(self, machine: str, line: Socket) -> bool:
        """Was this connection in the machine's table already when the facts were gathered?"""
        if machine not in self._stood:
            lines = self._fact(machine, "sockets") or []
            self._stood[machine] = {(s["local_port"], s["peer"], s["peer_port"]) for s in lines}
        return (line.local_port, line.peer, line.peer_port) in self._stood[machine]

    def is_ours(self, address: str) -> bool:
        """Is it the address of a machine that was gathered?"""
        if self._own is None:
            self._own = set().union(*(self.addresses(m) for m in self.observations.hosts))
        return address in self._own

    def open_ports(self, source: str, destination: str) -> set[int]:
        """Ports of the destination that took a connection from the source."""
        if self._open is None:
            self._open = defaultdict(set)
            for key, seen in self.observations.probes.items():
                if seen.attempts and seen.attempts[-1].outcome in ("accepted", "answered"):
                    ends = key.split("@", 1)[0].split(">", 1)
                    self._open[(ends[0], ends[-1])].add(seen.port)
        return self._open.get((source, destination), set())

    def addresses(self, machine: str) -> set[str]:
        """Addresses that the machine says are its own."""
        return {str(line.get("address")) for line in self._fact(machine, "addresses") or []}

    def networks(self, machine: str) -> tuple[str, ...]:
        """The machine's own addresses with their prefixes: 10.1.1.11/24."""
        lines = self._fact(machine, "addresses") or []
        return tuple(f"{line.get('address')}/{line.get('prefix')}" for line in lines)

    def system_version(self, machine: str) -> str:
        """Version of the machine's system; empty where it is not known."""
        told = self._value(machine, "system")
        return str(told.get("version", "")) if isinstance(told, dict) else ""

    def firewall(self, machine: str) -> Firewall | None:
        """The machine's own packet filter; None where it could not be read."""
        if machine not in self._firewalls:
            told = self._value(machine, "firewall")
            self._firewalls[machine] = read_firewall(told) if isinstance(told, dict) else None
        return self._firewalls[machine]

    def _value(self, machine: str | None, name: str) -> Any:
        host = self.host(machine)
        fact = host.facts.get(name) if host and host.reached else None
        return fact.value if fact is not None and fact.status == "ok" else None

    def _fact(self, machine: str | None, name: str) -> list[dict[str, Any]] | None:
        told = self._value(machine, name)
        return [line for line in told if isinstance(line, dict)] if isinstance(told, list) else None


def holder(sockets: list[Socket]) -> str:
    """Who holds a port, as a person would name it."""
    for s in sockets:
        if s.pid == 4 and s.local_port in (139, 445):
            return "Windows' file sharing (System, pid 4)"
        if s.pid == 4 and (s.process or "System") == "System":
            # Windows: the kernel's HTTP driver listens in the place of IIS and all that share it.
            return "IIS or another web service over http.sys (System, pid 4)"
        if s.process or s.pid is not None:
            name = s.process or f"process {s.pid}"
            parts = [
                f"service {s.service}" if s.service and s.service != name else "",
                f"pid {s.pid}" if s.pid is not None else "",
                s.path or "",
            ]
            told = ", ".join(p for p in parts if p)
            return f"{name} ({told})" if told else name
    return "a process that the account used may not see"


def short(sockets: list[Socket]) -> str:
    """The holder's name alone."""
    return holder(sockets).split(" (")[0]
