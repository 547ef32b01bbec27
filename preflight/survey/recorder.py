"""Collects what the agents say while the survey runs; frozen into Observations at its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from preflight.values.observation import (
    Attempt,
    Fact,
    Heard,
    HostObservation,
    ListenerObservation,
    Observations,
    ProbeObservation,
    SiteFact,
    Socket,
)
from preflight.values.probe import Probe


@dataclass(slots=True)
class Recorder:
    """Mutable while the survey runs; `freeze` may be called at any time, also after Ctrl-C."""

    hosts: dict[str, HostObservation] = field(default_factory=dict)
    listeners: dict[str, ListenerObservation] = field(default_factory=dict)
    probes: dict[str, ProbeObservation] = field(default_factory=dict)
    site: dict[str, SiteFact] = field(default_factory=dict)

    def fact(self, machine: str, fact: Fact) -> None:
        """A fact of a machine that was reached."""
        self.hosts[machine].facts[fact.name] = fact

    def attempt(self, probe_id: str, attempt: Attempt) -> None:
        """One more try of a probe."""
        known = self.probes[probe_id]
        self.probes[probe_id] = replace(known, attempts=(*known.attempts, attempt))

    def heard(self, probe_id: str, heard: Heard) -> None:
        """A listener heard the probe's nonce."""
        known = self.probes[probe_id]
        self.probes[probe_id] = replace(known, heard=(*known.heard, heard))

    def table(self, probe_id: str, lines: tuple[Socket, ...]) -> None:
        """The destination's TCP table was read while the probe's connection was held."""
        self.probes[probe_id] = replace(self.probes[probe_id], table=lines, table_read=True)

    def freeze(self) -> Observations:
        """What is known now."""
        return Observations(dict(self.hosts), dict(self.listeners), dict(self.probes), dict(self.site))


def sockets_of(host: HostObservation | None, fact: str) -> list[Socket]:
    """The lines of a socket fact (`listeners`, `sockets`); empty where the fact could not be had."""
    found = host.facts.get(fact) if host else None
    if found is None or found.status != "ok" or not isinstance(found.value, list):
        return []
    return [Socket(**line) for line in found.value]


def installed(host: HostObservation | None) -> bool | None:
    """Is the product on this host? None where the host could not tell."""
    fact = host.facts.get("services") if host and host.reached else None
    if fact is None or fact.status != "ok" or not isinstance(fact.value, list):
        return None
    return bool(fact.value)


def holder_known(recorder: Recorder, probe: Probe, port: int) -> bool:
    """Did the destination name somebody who listens on this port when its facts were gathered?"""
    lines = sockets_of(recorder.hosts.get(probe.destination), "listeners")
    return any(s.local_port == port and s.protocol == probe.protocol for s in lines)
