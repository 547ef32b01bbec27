"""The simulated world as frozen values: what every machine of the inventory is, and the rules between them."""

from __future__ import annotations

import difflib
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from preflight.errors import SelectionError
from preflight.lab.files import (
    SCENARIOS,
    TOLD,
    WORLDS,
    ConnectionEntry,
    RuleEntry,
    ScenarioFile,
    ToldFile,
    WorldFile,
    names,
    read,
)
from preflight.lab.overlay import laid_over
from preflight.lab.places import Builder, Place
from preflight.topology.model import ROLES, Machine, Topology

ANY = "any"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its ends resolved to machine names."""

    source: frozenset[str]
    destination: frozenset[str]
    entry: RuleEntry

    def matches(self, source: str, destination: str, protocol: str, port: int) -> bool:
        """True when the flow is one that the rule speaks of."""
        return (
            source in self.source
            and destination in self.destination
            and self.entry.protocol in (protocol, "any")
            and (self.entry.ports is None or port in self.entry.ports)
        )


@dataclass(frozen=True, slots=True)
class Connection:
    """A device's standing connection to a server."""

    source: str
    destination: str
    port: int


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is true in the lab while a scenario is played."""

    scenario: str
    title: str
    topology: Topology
    places: Mapping[str, Place]
    rules: tuple[Rule, ...]
    connections: tuple[Connection, ...] = field(default=())
    site: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told_by(self) -> str:
        """Who answers in the place of the site's servers, for reports."""
        return f"lab, simulated, scenario {self.scenario}"

    def told_of_site(self, keys: Iterable[str]) -> dict[str, Any]:
        """What the machine that runs the suite would be told, by key; no packet leaves it."""
        return {key: self.site[key] for key in keys if key in self.site}

    def by_address(self, address: str) -> Place | None:
        """The machine that serves on an address."""
        return next((p for p in self.places.values() if p.machine.address == address), None)


def scenario_names() -> list[str]:
    """All scenarios that come with the suite, `healthy` first."""
    return sorted(names(SCENARIOS), key=lambda n: (n != "healthy", n))


def scenario_titles() -> dict[str, str]:
    """What each scenario shows, in a sentence."""
    return {name: read(SCENARIOS / f"{name}.yaml", ScenarioFile).title for name in scenario_names()}


def load_world(topology: Topology, scenario: str = "healthy") -> World:
    """The world that the inventory names (`lab:`), patched by a scenario.

    Raises SelectionError for an unknown name, or a scenario that speaks of a machine that the inventory lacks.
    """
    base = read(WORLDS / f"{_known(topology.lab or 'default', names(WORLDS), 'lab world')}.yaml", WorldFile)
    patch = read(SCENARIOS / f"{_known(scenario, scenario_names(), 'scenario')}.yaml", ScenarioFile)
    _hold_to(topology, patch, scenario)
    builder = Builder(base, topology)
    files = [read(TOLD / f"{name}.yaml", ToldFile) for name in names(TOLD)]
    told = [entry for file in files for entry in file.machines]
    site = dict(ChainMap(patch.site, *(file.site for file in reversed(files)), base.site))
    for key, over in patch.site_over.items():
        site[key] = laid_over(site.get(key, {}), over)
    for entry in (*base.machines, *told, *patch.machines):
        for machine in _matching(topology, entry.who):
            builder.lay(machine.name, entry)
    return World(
        scenario=scenario,
        title=patch.title,
        topology=topology,
        places=builder.places(),
        rules=tuple(_rules(topology, (*patch.rules, *base.rules))),
        connections=tuple(_connections(topology, (*base.connections, *patch.connections))),
        site=site,
    )


def matches(machine: Machine, word: str) -> bool:
    """True when a world's word means this machine: any, a name or glob, a role, network, site or vendor."""
    return (
        word in (ANY, machine.network, machine.site, machine.vendor)
        or word in machine.roles
        or fnmatchcase(machine.name, word)
    )


def _matching(topology: Topology, words: Iterable[str]) -> list[Machine]:
    wanted = tuple(words)
    return [m for m in topology.machines.values() if any(matches(m, word) for word in wanted)]


def _rules(topology: Topology, entries: Iterable[RuleEntry]) -> Iterator[Rule]:
    for entry in entries:
        source, destination = (_matching(topology, who) for who in (entry.source, entry.destination))
        yield Rule(frozenset(m.name for m in source), frozenset(m.name for m in destination), entry)


def _connections(topology: Topology, entries: Iterable[ConnectionEntry]) -> Iterator[Connection]:
    for entry in entries:
        for source in _matching(topology, entry.source):
            for destination in _matching(topology, entry.destination):
                yield Connection(source.name, destination.name, entry.port)


def _known(name: str, known: list[str], kind: str) -> str:
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 3, 0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise SelectionError(f"no {kind} is called {name!r}; {hint}There are: {', '.join(known)}")


def _hold_to(topology: Topology, patch: ScenarioFile, scenario: str) -> None:
    words = {word for layer in patch.machines for word in layer.who}
    words |= {word for rule in patch.rules for word in (*rule.source, *rule.destination)}
    words |= {word for line in patch.connections for word in (*line.source, *line.destination)}
    strange = sorted(word for word in words.difference(ROLES) if not _matching(topology, (word,)))
    if strange:
        raise SelectionError(
            f"scenario {scenario} speaks of {', '.join(strange)}, which {topology.file} does not have: "
            "play it with the default inventory, or write a scenario for yours (docs/lab.md)"
        )
