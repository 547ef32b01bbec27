"""The ends of a rule as network people write them: a network where all of it is meant, else the machines."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from preflight.report.change.needs import End
from preflight.run.model import Run
from preflight.run.model_site import HostResult, NetworkResult
from preflight.values.counted import counted
from preflight.values.spans import stretches

# A network of these may stand for its machines: who opens a way for one of its users or devices means all of them.
CLIENTS = frozenset(
    {"workstation", "printer", "terminal", "card_reader", "payment_machine", "recharge_station", "vantage"}
)
OUTSIDE = "in no network of the inventory"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Place:
    """One end of a rule, or a part of it, in one network."""

    network: str  # its name; OUTSIDE where the inventory names none
    cidr: str  # of the network
    ends: tuple[End, ...]  # the machines of the inventory that are meant, by name
    whole: bool  # the network stands for them: they are all that the run knows in its addresses, and none is a server

    @property
    def addresses(self) -> tuple[str, ...]:
        """What to write into a firewall: the network, or addresses, neighbours as first-last."""
        return (self.cidr,) if self.whole else stretches(end.address for end in self.ends)

    @property
    def text(self) -> str:
        """For people: the network with a count, or names with addresses."""
        if self.whole:
            return f"network {self.network} ({self.cidr}): {counted(len(self.ends), 'machine')} of the inventory"
        if len(self.ends) > 12:
            return f"{len(self.ends)} machines in {self.network}: {', '.join(self.addresses)}"
        return ", ".join(f"{end.name} ({end.address or 'address not known'})" for end in self.ends)


class Places:
    """Finds the places of ends in the networks of a run."""

    def __init__(self, run: Run) -> None:
        self._network_of = {host.name: host.network for host in run.hosts}
        self._networks: Mapping[str, NetworkResult] = {network.name: network for network in run.networks}
        self._members: dict[str, list[HostResult]] = {}
        for host in run.hosts:
            self._members.setdefault(host.network or "", []).append(host)
        self._inhabited = sorted(
            (address.version, int(address), host.name)
            for host in run.hosts
            if (address := _address(host.address)) is not None
        )

    def network_of(self, name: str) -> str:
        """The network of a machine; OUTSIDE where it has none."""
        return self._network_of.get(name) or OUTSIDE

    def of(self, ends: Iterable[End]) -> tuple[Place, ...]:
        """The ends by network, in the networks' order of name."""
        by_network: dict[str, list[End]] = {}
        for end in sorted(ends):
            by_network.setdefault(self.network_of(end.name), []).append(end)
        return tuple(self._place(name, tuple(members)) for name, members in sorted(by_network.items()))

    def _place(self, name: str, ends: tuple[End, ...]) -> Place:
        network = self._networks.get(name)
        if network is None:
            return Place(name, "", ends, False)
        members = self._members.get(name, [])
        # Exactly these machines at exactly these addresses, and nobody else's: else it would not stand for them.
        same = {(host.name, host.address) for host in members} == {(end.name, end.address) for end in ends}
        whole = same and all(set(host.roles) <= CLIENTS for host in members) and self._alone(network, ends)
        return Place(name, network.cidr, ends, whole)

    def _alone(self, network: NetworkResult, ends: Iterable[End]) -> bool:
        """Do these and no others have an address in the network, and does no other network lie in it?

        A machine is told to be in the narrowest network that holds it, or where the inventory says: a firewall goes by
        addresses alone.
        """
        cidr = _network(network.cidr)
        if cidr is None:
            return False
        first, last = int(cidr.network_address), int(cidr.broadcast_address)
        place = bisect_left(self._inhabited, (cidr.version, first, ""))
        inside = []
        for version, address, name in self._inhabited[place:]:
            if (version, address) > (cidr.version, last):
                break
            inside.append(name)
        others = (_network(other.cidr) for other in self._networks.values() if other.name != network.name)
        crowded = any(_within(other, cidr) for other in others if other is not None)
        return not crowded and sorted(inside) == sorted(end.name for end in ends)


def halves(places: Iterable[Place]) -> tuple[tuple[Place, ...], ...]:
    """The places parted in two, neighbouring addresses together; nothing where there is but one machine or network."""
    pieces: list[Place] = []
    for place in places:
        apart = [replace(place, ends=(end,)) for end in sorted(place.ends, key=_nearness)]
        pieces += [place] if place.whole else apart
    middle = len(pieces) // 2
    return (_put_together(pieces[:middle]), _put_together(pieces[middle:])) if middle else ()


def _put_together(pieces: Iterable[Place]) -> tuple[Place, ...]:
    networks: dict[str, list[Place]] = {}
    for piece in pieces:
        networks.setdefault(piece.network, []).append(piece)
    return tuple(replace(of[0], ends=tuple(sorted(end for one in of for end in one.ends))) for of in networks.values())


def _nearness(end: End) -> tuple[int, int, str]:
    address = _address(end.address)
    return (address.version, int(address), end.name) if address is not None else (9, 0, end.name)


def _within(inner: _Network, outer: _Network) -> bool:
    """Networks overlap only where one lies in the other."""
    return inner.version == outer.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
