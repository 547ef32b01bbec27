"""Names that point at other parts of the inventory: they are there, and each thing is there once."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from preflight.topology.nearest import nearest, shown
from preflight.topology.problems import Place, Problems

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


class Once:
    """Things that may be there once (names, addresses, networks), each with the place it was first seen at."""

    def __init__(self, what: str, problems: Problems) -> None:
        self._what = what
        self._problems = problems
        self._first: dict[str, Place] = {}

    def claim(self, value: str, at: Place) -> bool:
        """Note the value; False, with a problem that names both lines, when it was there before."""
        first = self._first.setdefault(value, at)
        if first is at:
            return True
        where = f"line {first.line}" if first.file == at.file else str(first)
        owner = first.label or "a printer"
        self._problems.add(at, f"{self._what} {shown(value)} is already that of {owner} ({where}); change one")
        return False


class Names:
    """A set of names that references are held against; `broken` ones exist, but are nothing to recommend."""

    def __init__(
        self, what: str, names: Iterable[str], problems: Problems, broken: Collection[str] = frozenset()
    ) -> None:
        self._what = what
        self._names = dict.fromkeys(names)
        self._broken = broken
        self._problems = problems

    def __contains__(self, name: str) -> bool:
        return name in self._names or name in self._broken

    def check(self, name: str | None, at: Place) -> str | None:
        """The name when it is there (or None was given), else None and a problem with the nearest names."""
        if name is None or name in self:
            return name
        self._problems.add(at, lambda: f"there is no {self._what} {shown(name)}{nearest(name, self._names)}")
        return None

    def check_all(self, names: Collection[str], at: Place) -> tuple[str, ...]:
        """Those of the names that are there, each once, with a problem for every other one."""
        found = (self.check(name, at.of(index)) for index, name in enumerate(names))
        return tuple(dict.fromkeys(name for name in found if name is not None))


class LongestCidr:
    """Finds the narrowest network that holds an address; fast for thousands of addresses."""

    def __init__(self, cidrs: Iterable[tuple[str, str]]) -> None:
        self._by_prefix: dict[tuple[int, int], dict[int, str]] = {}
        for name, cidr in cidrs:
            network = ipaddress.ip_network(cidr)
            shift = network.max_prefixlen - network.prefixlen
            masked = int(network.network_address) >> shift
            self._by_prefix.setdefault((network.version, shift), {})[masked] = name
        self._shifts = sorted(self._by_prefix)

    def find(self, address: str) -> str | None:
        """Name of the narrowest network that holds the address, or None."""
        parsed = ipaddress.ip_address(address)
        for version, shift in self._shifts:
            if version == parsed.version:
                name = self._by_prefix[version, shift].get(int(parsed) >> shift)
                if name is not None:
                    return name
        return None


def holds(cidr: str, address: str) -> bool:
    """True when the network holds the address; of different IP versions: False."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)
