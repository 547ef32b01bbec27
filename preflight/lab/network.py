"""What becomes of a packet flow: a pure decision from the world. Knows nothing of rows, cases or verdicts."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from preflight.lab.files import RuleEntry
from preflight.lab.places import Listener, Place
from preflight.lab.world import World

Fate = Literal["delivered", "refused", "dropped", "unreachable", "proxied"]
# (machine, protocol, port) -> who holds the port now, temporary listeners included.
Holder = Callable[[str, str, int], Listener | None]


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened to a flow; `seen` is the source address that the destination sees."""

    fate: Fate
    machine: str | None = None
    listener: Listener | None = None
    seen: str = ""
    by: str = ""  # network, host, or nothing when the flow met no obstacle


def pass_through(world: World, holder: Holder, source: str, address: str, protocol: str, port: int) -> Passage:
    """Follow a flow from a machine to an address: own host, network rules, the host's firewall, then the port."""
    place = world.places[source]
    own = place.machine.address
    if address == own or ipaddress.ip_address(address).is_loopback:
        return _at_port(place, holder, address, address, protocol, port, filtered=False)
    there = world.by_address(address)
    if there is None or there.reach == "down" or place.reach == "down":
        return Passage("dropped", by="network")
    seen, stopped = _ruled(world, place, there, protocol, port, own)
    return stopped or _at_port(there, holder, address, seen, protocol, port, filtered=True)


def broadcast_to(world: World, source: str, address: str) -> list[Place]:
    """Machines that a datagram to a subnet's broadcast address reaches: those of the sender's own subnet."""
    here = world.topology.networks.get(world.places[source].machine.network or "")
    if here is None or address not in ("255.255.255.255", str(ipaddress.ip_network(here.cidr).broadcast_address)):
        return []
    return [
        place
        for place in world.places.values()
        if place.machine.network == here.name and place.machine.name != source and place.reach != "down"
    ]


def admitted(place: Place, port: int) -> bool:
    """True when the host's own firewall lets new flows to that port in, TCP and UDP alike."""
    return not place.firewall.on or place.firewall.inbound == "any" or port in place.firewall.inbound


def _ruled(
    world: World, source: Place, there: Place, protocol: str, port: int, seen: str
) -> tuple[str, Passage | None]:
    """The address after translation, and the passage where a rule ends the flow."""
    routed = source.machine.network is None or source.machine.network != there.machine.network
    for where in ("network", "host"):
        if where == "network" and not routed:
            continue  # inside one subnet no router is passed
        for rule in world.rules:
            entry = rule.entry
            if entry.where != where or not rule.matches(source.machine.name, there.machine.name, protocol, port):
                continue
            if entry.do == "translate":
                seen = entry.as_ or seen
                continue
            if entry.do == "proxy" and protocol != "tcp":
                continue  # a proxy terminates TCP and has nothing to do with datagrams
            if entry.do == "allow":
                break
            return seen, _stopped(entry)
    return seen, None


def _stopped(entry: RuleEntry) -> Passage:
    if entry.do == "reject":
        return Passage("unreachable", by=entry.where)
    if entry.do == "reject-rst":
        return Passage("refused", by=entry.where)
    if entry.do == "proxy":
        return Passage("proxied", by=entry.where)
    return Passage("dropped", by=entry.where)


def _at_port(
    place: Place, holder: Holder, address: str, seen: str, protocol: str, port: int, *, filtered: bool
) -> Passage:
    name = place.machine.name
    listener = place.on_address(protocol, port, address) or holder(name, protocol, port)
    if listener is not None and listener.bind not in ("0.0.0.0", "::", address):  # noqa: S104 - compared only
        listener = None
    if filtered and place.firewall.on and (listener is None or not admitted(place, port)):
        # Windows with its firewall on is silent about closed ports too, so silence does not tell the two apart.
        return Passage("dropped", name, by="host")
    if listener is None:
        return Passage("refused", name, by="host")
    return Passage("delivered", name, listener, seen)
