"""The site's networks as values; their vantage hosts are held against the machines once these are known."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from preflight.topology.model import Machine, Network
from preflight.topology.nearest import shown
from preflight.topology.pieces import Pieces
from preflight.topology.problems import Problems
from preflight.topology.references import Names, Once


def resolve_networks(pieces: Pieces, problems: Problems) -> dict[str, Network]:
    """Networks in the inventory's order. Two of the same cidr are a problem: an address would be in both."""
    sites, cidrs = Names("site", pieces.sites, problems), Once("cidr", problems)
    networks: dict[str, Network] = {}
    for entry in pieces.networks:
        raw, at = entry.raw, entry.at
        cidrs.claim(raw.cidr, at.of("cidr"))
        site = sites.check(raw.site, at.of("site"))
        networks[entry.name] = Network(entry.name, raw.cidr, site, raw.vantage, at.line)
    return networks


def check_vantages(pieces: Pieces, machines: Mapping[str, Machine], problems: Problems) -> None:
    """A vantage host is there and can be managed, or nothing could be asked from it."""
    known = Names("host", (h.name for h in pieces.hosts), problems, {*pieces.broken, *machines})
    for entry in pieces.networks:
        name, at = entry.raw.vantage, entry.at.of("vantage")
        machine = machines.get(known.check(name, at) or "")
        if machine is not None and machine.manage is None:
            remedy = "give it a `manage`" if machine.roles.isdisjoint(("printer", "terminal", "card_reader")) else ""
            why = "has `manage: none`" if remedy else "is a device"
            problems.add(at, f"{shown(name)} {why}, so nothing can be asked from it; {remedy or 'name a host'}")
        elif machine is not None and ipaddress.ip_address(machine.address) not in ipaddress.ip_network(entry.raw.cidr):
            problems.add(
                at,
                f"{shown(name)} ({machine.address}) does not stand in {entry.raw.cidr}, so what it is let through says "
                "nothing of the machines there; name a host of that network",
            )
