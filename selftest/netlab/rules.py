"""The rules read in plain order: what a flow must meet, told without nftables."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from netlab.spec import Expected, LabSpec, Ports, Rule

Stage = Literal["translate", "filter", "snat", "host"]


def stage_of(rule: Rule) -> Stage:
    """The stage in which a rule is looked at."""
    if rule.where == "host":
        return "host"
    if rule.action in ("dnat", "proxy"):
        return "translate"
    return "snat" if rule.action == "snat" else "filter"


def expected(spec: LabSpec, rules: Sequence[Rule], source: str, destination: str, protocol: str, port: int) -> Expected:
    """What the rules do to a new flow from a host to a host or address; "open" says nothing about a listener there.

    Raises KeyError for an unknown source, ValueError for a destination that is neither a host nor an address.
    """
    sender = spec.host(source)
    asking = IPv4Address(sender.address)
    asked = spec.address_of(destination)
    if asked == asking:
        return "open"
    if asked not in IPv4Network(spec.networks[sender.network]):  # else the router never sees it
        first = _first(spec, rules, "translate", asking, asked, protocol, port)
        if first is not None and first.action == "proxy":
            return "proxy"
        if first is not None:
            asked, port = spec.address_of(first.to), first.to_port or port
        met = _filtered(_first(spec, rules, "filter", asking, asked, protocol, port))
        if met != "open":
            return met
        if _first(spec, rules, "snat", asking, asked, protocol, port) is not None:
            asking = _router_towards(spec, asked)
    return _filtered(_first(spec, rules, "host", asking, asked, protocol, port))


def _first(
    spec: LabSpec,
    rules: Sequence[Rule],
    stage: Stage,
    asking: IPv4Address,
    asked: IPv4Address,
    protocol: str,
    port: int,
) -> Rule | None:
    for rule in rules:
        if (
            stage_of(rule) == stage
            and rule.protocol in ("any", protocol)
            and _covers(spec.end(rule.source), asking)
            and _covers(spec.end(rule.destination), asked)
            and _has_port(rule.ports, port)
        ):
            return rule
    return None


def _covers(end: list[IPv4Network] | None, address: IPv4Address) -> bool:
    return end is None or any(address in network for network in end)


def _has_port(ports: Ports, port: int) -> bool:
    return not ports or any(p == port if isinstance(p, int) else p[0] <= port <= p[1] for p in ports)


def _filtered(rule: Rule | None) -> Expected:
    if rule is None or rule.action == "accept":
        return "open"
    if rule.action in ("drop", "reject-icmp", "reject-port", "reject-rst"):
        return rule.action
    raise AssertionError(f"{rule.action} is no filter")


def _router_towards(spec: LabSpec, address: IPv4Address) -> IPv4Address:
    network = next(name for name, cidr in spec.networks.items() if address in IPv4Network(cidr))
    return IPv4Address(spec.gateway(network))
