"""What changes while the lab runs: temporary listeners and held connections, shared by all of its agents."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from preflight.agents.contract import ListenerRequest, ProbeRequest
from preflight.lab.answers import answer
from preflight.lab.network import Passage, broadcast_to, pass_through
from preflight.lab.places import Listener
from preflight.lab.world import World

Outcome = Literal["accepted", "answered", "refused", "dropped", "unreachable", "silent", "sent"]
NONCE_LINE = re.compile(rb"PREFLIGHT/1 ([0-9a-f]{16}) ([A-Za-z0-9]{1,32})\n")
_FAR_MS, _NEAR_MS = 1.5, 0.3
_CODES = {"refused": "ECONNREFUSED", "unreachable": "EHOSTUNREACH"}


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a listener heard of one prober."""

    nonce: str
    address: str
    port: int
    local: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A temporary listener of an agent."""

    listener: Listener
    token: str
    hear: Callable[[Hearing], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A TCP connection that stands: both ends, as each sees it. `there` is None behind a proxy."""

    owner: object
    here: str
    address: str
    port: int
    peer: str
    peer_port: int
    pid: int
    process: str
    there: str | None
    seen: str
    listener: Listener | None
    until: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What one probe saw."""

    outcome: Outcome
    took_ms: float
    local: str
    local_port: int
    code: str = ""
    detail: str = ""
    received: bytes = b""


class LabNetwork:
    """The running lab. Safe to use from several agents at once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._lock = threading.RLock()
        self._opened: dict[tuple[str, str, int], Opened] = {}
        self._lines: list[Line] = []
        self._source_port = 49152

    def holder(self, machine: str, protocol: str, port: int) -> Listener | None:
        """Who holds a port now."""
        with self._lock:
            opened = self._opened.get((machine, protocol, port))
            return opened.listener if opened else self.world.places[machine].listeners.get((protocol, port))

    def temporary(self, machine: str) -> list[Listener]:
        """The temporary listeners of a machine."""
        with self._lock:
            return [opened.listener for (name, _, _), opened in self._opened.items() if name == machine]

    def open(
        self, machine: str, asked: ListenerRequest, pid: int, process: str, token: str, hear: Callable[[Hearing], None]
    ) -> tuple[Literal["up", "in-use", "denied", "excluded"], str]:
        """Open a temporary listener; the status and, where it is not up, who or what is in the way."""
        place = self.world.places[machine]
        with self._lock:
            if asked.port in place.excluded:
                return "excluded", "the port lies in a range that Windows keeps back"
            beside = (b for b in place.beside if (b.protocol, b.port) == (asked.protocol, asked.port))
            if holder := self.holder(machine, asked.protocol, asked.port) or next(beside, None):
                return "in-use", f"held by {holder.process} (pid {holder.pid})"
            if place.system.family != "windows" and not place.system.elevated and asked.port < 1024:
                return "denied", "EACCES: ports below 1024 need root"
            listener = Listener(asked.protocol, asked.port, asked.bind, pid, process)
            self._opened[machine, asked.protocol, asked.port] = Opened(listener, token, hear)
            return "up", ""

    def close(self, machine: str, protocol: str, port: int) -> None:
        """Close a temporary listener."""
        with self._lock:
            self._opened.pop((machine, protocol, port), None)

    def ask(self, owner: object, machine: str, pid: int, process: str, probe: ProbeRequest) -> Asked:
        """Send one probe on its way and tell what came back; the listener's side is told before this returns."""
        payload = bytes.fromhex(probe.send)
        with self._lock:
            self._source_port = 49152 + (self._source_port - 49151) % 16384
            source_port = self._source_port
        if probe.broadcast:
            return self._broadcast(machine, source_port, probe, payload)
        way = pass_through(self.world, self.holder, machine, probe.address, probe.protocol, probe.port)
        local = way.seen if way.seen == probe.address else self.world.places[machine].machine.address
        outcome, received = self._fate(way, probe, payload, source_port)
        if outcome in ("accepted", "answered") and probe.protocol == "tcp" and probe.hold_s > 0:
            self._hold(owner, machine, local, source_port, pid, process, probe, way)
        took = self._took(outcome, probe, machine, way)
        return Asked(outcome, took, local, source_port, _CODES.get(outcome, ""), _detail(outcome, probe), received)

    def connections(self, machine: str) -> list[Line]:
        """Held connections that end or begin at a machine."""
        now = time.time()
        with self._lock:
            self._lines = [line for line in self._lines if line.until > now]
            return [line for line in self._lines if machine in (line.here, line.there)]

    def release(self, owner: object) -> None:
        """Close what an exchange holds."""
        with self._lock:
            self._lines = [line for line in self._lines if line.owner != owner]

    def _fate(self, way: Passage, probe: ProbeRequest, payload: bytes, source_port: int) -> tuple[Outcome, bytes]:
        received = b""
        if way.fate == "delivered" and way.machine and way.listener:
            received = self._served(way.machine, way.listener, way.seen, source_port, probe, payload)
        if probe.protocol == "udp":
            if probe.read_s <= 0:
                return "sent", b""
            if way.fate == "refused":
                return "refused", b""
            if way.fate == "unreachable":
                return "unreachable", b""
            return ("answered", received) if received else ("silent", b"")
        if way.fate == "delivered" or way.fate == "proxied":
            received = received if probe.read_s > 0 else b""
            return ("answered" if received else "accepted"), received
        return way.fate, b""

    def _served(
        self, machine: str, listener: Listener, seen: str, source_port: int, probe: ProbeRequest, payload: bytes
    ) -> bytes:
        with self._lock:
            opened = self._opened.get((machine, listener.protocol, listener.port))
        if opened is None:
            place = self.world.places[machine]
            shown = replace(place, certificate=listener.certificate or place.certificate)
            return answer(shown, listener.speaks, payload)
        said = NONCE_LINE.fullmatch(payload)
        if said is None or said[1].decode() != opened.token:
            return b""
        opened.hear(Hearing(said[2].decode(), seen, source_port, probe.address))
        return payload if probe.protocol == "udp" else b"PREFLIGHT/1 %s heard %s\n" % (said[1], said[2])

    def _broadcast(self, machine: str, source_port: int, probe: ProbeRequest, payload: bytes) -> Asked:
        """A datagram to a subnet: those who listen hear it, the sender waits for nobody."""
        own = self.world.places[machine].machine.address
        for place in broadcast_to(self.world, machine, probe.address) if probe.protocol == "udp" else ():
            # To the listener's own firewall a broadcast is a datagram like any other.
            way = pass_through(self.world, self.holder, machine, place.machine.address, "udp", probe.port)
            if way.fate == "delivered" and way.listener:
                self._served(place.machine.name, way.listener, own, source_port, probe, payload)
        return Asked("sent", _NEAR_MS, own, source_port)

    def _hold(
        self,
        owner: object,
        machine: str,
        local: str,
        source_port: int,
        pid: int,
        process: str,
        probe: ProbeRequest,
        way: Passage,
    ) -> None:
        line = Line(
            owner,
            machine,
            probe.address,
            probe.port,
            local,
            source_port,
            pid,
            process,
            way.machine,
            way.seen,
            way.listener,
            time.time() + probe.hold_s,
        )
        with self._lock:
            self._lines.append(line)

    def _took(self, outcome: str, probe: ProbeRequest, machine: str, way: Passage) -> float:
        if outcome == "dropped":
            return probe.timeout_s * 1000
        if outcome == "silent":
            return probe.read_s * 1000
        there = self.world.places.get(way.machine or "")
        near = there is not None and there.machine.network == self.world.places[machine].machine.network
        return _NEAR_MS if near else _FAR_MS


def _detail(outcome: Outcome, probe: ProbeRequest) -> str:
    waited = {"dropped": probe.timeout_s, "silent": probe.read_s}.get(outcome)
    return "" if waited is None else f"no reply within {waited:g} s"
