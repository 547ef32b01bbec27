"""The rules as nftables text: one table for the router, one for each host's own firewall."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from netlab.rules import Stage, stage_of
from netlab.spec import LabHost, LabSpec, Ports, Rule

PROXY_PORT = 4999  # where the router's silent acceptor listens
# Adding, deleting and defining a table in one file is nftables' way to replace it in one transaction.
FRESH = "table ip netlab\ndelete table ip netlab\n"


def router_text(spec: LabSpec, rules: Sequence[Rule]) -> str:
    """The router's table; flows that are known keep passing (the lab forgets them when it replaces rules)."""
    return (
        FRESH
        + "table ip netlab {\n"
        + _chain("prerouting", "nat hook prerouting priority dstnat", _lines(spec, rules, "translate"))
        + _chain("forward", "filter hook forward priority filter", [_KNOWN, *_lines(spec, rules, "filter")])
        + _chain("postrouting", "nat hook postrouting priority srcnat", _lines(spec, rules, "snat"))
        + "}\n"
    )


def host_text(spec: LabSpec, rules: Sequence[Rule], host: LabHost) -> str:
    """A host's own firewall; the management link and the host itself are never filtered."""
    here = IPv4Address(host.address)
    mine = [rule for rule in rules if stage_of(rule) == "host" and _concerns(spec.end(rule.destination), here)]
    lines = ['iifname { "lo", "mgmt0" } accept', _KNOWN]
    lines += [_line(_match(spec, rule, whole=False), rule) for rule in mine]
    return FRESH + "table ip netlab {\n" + _chain("input", "filter hook input priority filter", lines) + "}\n"


_KNOWN = "ct state established,related accept"


def _chain(name: str, hook: str, lines: list[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"  chain {name} {{\n    type {hook}; policy accept;\n{body}  }}\n"


def _lines(spec: LabSpec, rules: Sequence[Rule], stage: Stage) -> list[str]:
    found = []
    for rule in rules:
        if stage_of(rule) != stage:
            continue
        statement = ""
        if rule.action == "dnat":
            statement = f"dnat to {spec.address_of(rule.to)}" + (f":{rule.to_port}" if rule.to_port else "")
        found.append(_line(_match(spec, rule, whole=True), rule, statement))
    return found


def _line(match: str, rule: Rule, statement: str = "") -> str:
    return f"{match} {statement or _STATEMENTS[rule.action]}".strip()


_STATEMENTS = {
    "drop": "drop",
    "accept": "accept",
    "reject-icmp": "reject with icmp type admin-prohibited",
    "reject-port": "reject with icmp type port-unreachable",
    "reject-rst": "reject with tcp reset",
    "proxy": f"redirect to :{PROXY_PORT}",
    "snat": "masquerade",
}


def _match(spec: LabSpec, rule: Rule, *, whole: bool) -> str:
    parts = [_end("saddr", spec.end(rule.source))]
    if whole:  # in a host's own table every packet is for the host, broadcasts too
        parts.append(_end("daddr", spec.end(rule.destination)))
    parts.append("meta l4proto { tcp, udp }" if rule.protocol == "any" else f"meta l4proto {rule.protocol}")
    if rule.ports:
        parts.append(f"th dport {{ {_ports(rule.ports)} }}")
    return " ".join(part for part in parts if part)


def _end(word: str, end: list[IPv4Network] | None) -> str:
    return "" if end is None else f"ip {word} {{ {', '.join(str(network) for network in end)} }}"


def _ports(ports: Ports) -> str:
    return ", ".join(str(port) if isinstance(port, int) else f"{port[0]}-{port[1]}" for port in ports)


def _concerns(end: list[IPv4Network] | None, address: IPv4Address) -> bool:
    return end is None or any(address in network for network in end)
