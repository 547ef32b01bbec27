"""A CML node's addresses beside the inventory's (C05): who else has one of them, and what else it carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from preflight.facts.adapters import Adapter, same_address
from preflight.facts.standing import Address
from preflight.topology.model import Machine, Topology


def doubles(
    machine: Machine, carried: Iterable[Address], elsewhere: Mapping[str, Iterable[Address]], site: Topology
) -> list[str]:
    """Addresses that two machines have, as far as the inventory and the nodes themselves can show it."""
    own = {same_address(line.address) for line in carried}
    found = [f"{m.address} of {m.name}" for m in site.machines.values() if m is not machine and m.address in own]
    holders = [
        name
        for name, lines in elsewhere.items()
        if same_address(machine.address) in {same_address(line.address) for line in lines}
    ]
    return [f"{machine.name} has {text}, too" for text in found] + [
        f"{name} has {machine.address} of {machine.name}, too" for name in holders
    ]


def is_dhcp(adapter: Adapter, address: str) -> bool | None:
    """Whether the adapter has the address by DHCP; None where that was not told: DHCPEnabled speaks of IPv4 alone."""
    return None if ":" in address else adapter.dhcp


def carrier(adapters: Iterable[Adapter], address: str) -> Adapter | None:
    """The adapter that has the address."""
    return next((adapter for adapter in adapters if same_address(address) in adapter.addresses), None)
