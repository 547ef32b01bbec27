"""The second place: rows whose ports should NOT be reachable from where no row allows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from preflight.catalogue.model import FlowRow
from preflight.plan.draft import asker_for, blank_case, serving_of
from preflight.plan.ports import PortChoice
from preflight.topology.model import Machine, Topology
from preflight.values.case import Case
from preflight.values.probe import Probe
from preflight.values.spans import port_list

# The likeliest to stand where users do first; servers last, for a site that has nothing else.
PLACES = ("workstation", "vantage", "crs", "ors", "mps", "ap_connector", "payment_system", "db", "ldap", "smtp", "cml")
Allowed = dict[tuple[str, int], set[str]]  # (destination, port) -> machines that some row lets in


def allowed_places(cases: Iterable[Case]) -> Allowed:
    """Which machines some row allows to reach which port."""
    allowed: Allowed = {}
    for case in cases:
        for probe in case.probes:
            allowed.setdefault((probe.destination, probe.port), set()).update(
                name for name in (probe.source, case.source) if name
            )
    return allowed


def restricted_cases(
    row: FlowRow, choice: PortChoice, destinations: Iterable[Machine], allowed: Allowed, topology: Topology
) -> list[Case]:
    """One case a destination: asked from a place that no row allows; reachable is an advisory."""
    cases = []
    for destination in destinations:
        place, asker = _place(row, choice, destination, allowed, topology)
        ground = blank_case(row, choice, f"{row.id}:elsewhere>{destination.name}:restricted")
        ground = replace(
            ground,
            level="recommended",
            destination=destination.name,
            hosts=frozenset({destination.name}),
            serving=serving_of(row, destination, topology),
            restricted=True,
            requirement=f"{_ports(choice)} on {destination.name} should not be reachable from where no row allows it",
            remedy="Limit the port to the machines that need it: in the host's firewall, or by the product's binding.",
        )
        if place is None or asker is None:
            reason = "no machine with an agent stands outside the places that the page allows"
            cases.append(replace(ground, not_applicable=reason))
            continue
        probes = tuple(
            Probe(
                asker.name,
                destination.name,
                destination.address,
                row.protocol,
                port,
                serving_of(row, destination, topology),
                restricted=True,
                installed_only=row.restricted_when == "after",
            )
            for port in choice.ports
        )
        cases.append(
            replace(
                ground,
                id=f"{row.id}:{place.name}>{destination.name}:restricted",
                source=place.name,
                stand_in=asker.name if asker.name != place.name else None,
                hosts=ground.hosts | {place.name, asker.name},
                probes=probes,
            )
        )
    return cases


def _place(
    row: FlowRow, choice: PortChoice, destination: Machine, allowed: Allowed, topology: Topology
) -> tuple[Machine | None, Machine | None]:
    roles = ("workstation",) if row.restricted_from == "workstation" else PLACES
    let_in = set().union(*(allowed.get((destination.name, port), set()) for port in choice.ports))
    for role in roles:
        for candidate in topology.with_role(role):
            machine = asker_for(candidate, topology).machine
            if machine is None or machine.name in let_in | {destination.name} or candidate.name in let_in:
                continue
            return candidate, machine
    return None, None


def _ports(choice: PortChoice) -> str:
    return ("port " if len(choice.ports) == 1 else "ports ") + port_list(choice.ports)
