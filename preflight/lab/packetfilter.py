"""A lab machine's own firewall as the fact `firewall`: Windows rule texts that say the same as the world."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import pairwise

from preflight.agents.contract_facts import FirewallFact, FirewallInterface, FirewallProfileState, FirewallRuleText
from preflight.lab.network import admitted
from preflight.lab.places import Place
from preflight.lab.state import LabNetwork
from preflight.lab.world import World

_PROFILES = ("domain", "private", "public")
_NUMBERS = {"tcp": 6, "udp": 17}


def firewall_fact(machine: str, lab: LabNetwork) -> FirewallFact:
    """Windows machines tell rules; others have no filter, or one that the lab does not spell out."""
    place = lab.world.places[machine]
    if place.system.family != "windows":
        return FirewallFact(kind="other" if place.firewall.on else "none")
    here = FirewallInterface(interface="lab0", profile="domain", kind="lan", addresses=(place.machine.address,))
    states = tuple(
        FirewallProfileState(store="local", profile=name, enabled=place.firewall.on, inbound="block", outbound="allow")
        for name in _PROFILES
    )
    rules = tuple(_rules(lab.world, place)) if place.firewall.on else ()
    return FirewallFact(kind="windows", running=True, rules=rules, profiles=states, interfaces=(here,))


def _rules(world: World, place: Place) -> Iterator[FirewallRuleText]:
    for protocol, number in _NUMBERS.items():
        allowed = {port: _askers(world, place, protocol, port) for port in _spoken_of(world, place, protocol)}
        # Ports that no rule of the world speaks of are open to everybody, where the firewall lets them in at all.
        closed = {port for port, askers in allowed.items() if askers is not None}
        told = [(None, _open_spans(place, closed)), *((a, [(p, p)]) for p, a in allowed.items() if a)]
        for index, (askers, spans) in enumerate((a, s) for a, s in told if s):
            fields = [f"Action=Allow|Active=TRUE|Dir=In|Protocol={number}", *map(_port_field, spans)]
            fields += [f"RA4={world.topology.machines[asker].address}" for asker in askers or ()]
            name = f"lab-{protocol}-{index}"
            text = f"v2.30|{'|'.join(fields)}|Name=Lab {protocol.upper()} {spans[0][0]} and others|"
            yield FirewallRuleText(store="local", name=name, text=text)


def _spoken_of(world: World, place: Place, protocol: str) -> list[int]:
    """Ports that the world's rules for this machine's own firewall name."""
    ports: set[int] = set()
    for rule in world.rules:
        entry = rule.entry
        if entry.where == "host" and place.machine.name in rule.destination and entry.protocol in (protocol, "any"):
            ports.update(range(1, 65536) if entry.ports is None else entry.ports)
    return sorted(ports)


def _askers(world: World, place: Place, protocol: str, port: int) -> list[str] | None:
    """Machines that may come in on a port: None is all of them."""
    if not admitted(place, port):
        return []
    left = set(world.places) - {place.machine.name}
    everybody = set(left)
    allowed: set[str] = set()
    for rule in world.rules:
        entry = rule.entry
        fits = entry.where == "host" and place.machine.name in rule.destination and entry.protocol in (protocol, "any")
        if not fits or (entry.ports is not None and port not in entry.ports) or entry.do == "translate":
            continue
        if entry.do == "proxy" and protocol != "tcp":
            continue
        if entry.do == "allow":
            allowed |= left & rule.source
        left -= rule.source
    allowed |= left
    return None if allowed == everybody else sorted(allowed)


def _open_spans(place: Place, closed: Set[int]) -> list[tuple[int, int]]:
    """The ports that everybody may come in on, as first and last."""
    if place.firewall.inbound != "any":
        return [(port, port) for port in place.firewall.inbound if port not in closed]
    edges = [0, *sorted(closed), 65536]
    return [(low + 1, high - 1) for low, high in pairwise(edges) if high - low > 1]


def _port_field(span: tuple[int, int]) -> str:
    """LPort=80, LPort2_10=5000-5010"""
    first, last = span
    return f"LPort={first}" if first == last else f"LPort2_10={first}-{last}"
