"""A case: one requirement for the hosts it concerns. The unit that is judged, counted and reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from preflight.values.probe import Probe, Protocol, Serving

Phase = Literal["before", "after"]
Level = Literal["mandatory", "optional", "recommended"]


@dataclass(frozen=True, slots=True)
class Passive:
    """Look into a server's own TCP table for the real device, when it has no agent to ask from."""

    server: str
    port: int
    device: str
    device_address: str


@dataclass(frozen=True, slots=True)
class Case:
    """One requirement of one row for one source and one destination, with its probes or the reason it has none."""

    id: str  # "S03:mfp1>cml1", "I10:ws1>cml2:restricted", "I08:site" when no pair exists
    row: str
    section: str
    level: Level
    requirement: str
    remedy: str
    purpose: str
    protocol: Protocol | None
    ports: tuple[int, ...]
    notation: str  # one, comma, range: all ports must hold; slash: see `chosen`; sample: taken out of a range
    source: str | None
    destination: str | None
    hosts: frozenset[str]  # every machine that selects this case, stand-ins included
    serving: Serving | None
    probes: tuple[Probe, ...] = ()
    passive: tuple[Passive, ...] = ()
    not_applicable: str | None = None  # the feature or machine that the site lacks
    unasked: str | None = None  # required, but nobody can ask: why
    stand_in: str | None = None  # vantage machine that asks or listens in the place of the real one
    chosen: tuple[int, ...] = ()  # slash rows: the ports that the inventory says are used
    spans: tuple[tuple[int, int], ...] = ()  # the whole range (first, last), where `ports` is a sample of it
    restricted: bool = False  # passes when it is NOT reachable; reachable is an advisory
    silence: Literal["failed", "allowed", "advisory"] = "failed"  # what nobody listening after installation means
    by_address: bool = False  # the row knows devices by their address: translation is a finding
    note: str = ""  # our reading of the page, shown in the report
    facts: tuple[str, ...] = ()  # checklist items: what the host is asked for beside the standing facts
    reads: tuple[Any, ...] = ()  # those of preflight.agents.reads that depend on the site's own words
    directory: str | None = None  # checklist items: the user directory that it is about, by its name
    not_built: str | None = None  # checklist items that this version cannot run yet

    @property
    def about(self) -> str | None:
        """Whom a checklist item is about: a host, or a user directory."""
        return self.destination or self.directory

    @property
    def row_names_instance(self) -> bool:
        """True where an SSRP answer names the port, so that the last probe alone is the requirement (O15)."""
        return any(p.port_from for p in self.probes)
