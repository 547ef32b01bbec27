"""What a lab is made of, as plain values: hosts, services, networks and the rules between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Literal

Transport = Literal["tcp", "udp"]
Kind = Literal["accept", "http", "banner", "close", "udp-echo", "udp-silent", "time", "ssrp", "snmp"]
Action = Literal["drop", "reject-icmp", "reject-port", "reject-rst", "accept", "dnat", "snat", "proxy"]
Expected = Literal["open", "drop", "reject-icmp", "reject-port", "reject-rst", "proxy"]
Manage = Literal["ssh", "winrm", "none"]
Ports = tuple[int | tuple[int, int], ...]

PRODUCT_SERVICE = re.compile(r"YSoft.*|YSQ.*", re.IGNORECASE)  # the names by which the product is recognised


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a host: a unit file, and a process under that name when `running`.

    accept: takes TCP connections, holds them, says nothing. http: one 200 answer. banner: a mail server's greeting.
    close: accepts and hangs up. udp-echo, udp-silent; time: RFC 868; ssrp: MS-SQLR; snmp: the system's snmpd.
    UDP ports of a TCP kind are silent ones.
    """

    name: str
    ports: list[tuple[Transport, int]] = field(default_factory=list)
    running: bool = True
    bind: str = "0.0.0.0"  # noqa: S104 - services listen everywhere; "address": on the serving address only
    kind: Kind = "accept"
    banner: str = "220 mail.example ESMTP"
    instances: Mapping[str, int] = field(default_factory=dict)  # ssrp: instance -> TCP port
    unit: bool = True  # False: a process without a unit file


@dataclass(frozen=True, slots=True)
class LabHost:
    """A machine: its own network, processes, mounts and name.

    `manage` says how the lab's controller reaches it: an sshd, a WinRM endpoint that runs PowerShell (such a host is
    a Windows to whoever asks it), or none.
    """

    name: str
    address: str
    network: str
    installed: bool = False  # must agree with `services`: says for the reader that the product is there
    services: list[Service] = field(default_factory=list)
    manage: Manage = "ssh"
    culture: str = ""  # winrm: of its PowerShell, as cs-CZ

    @property
    def managed(self) -> bool:
        """Can the controller run something there?"""
        return self.manage != "none"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in words. The first that matches counts, within its stage.

    Stages, as nftables has them: translation (dnat, proxy) on the address that was asked; then filters (drop, reject-*,
    accept) on the translated one; then snat. Rules with where="host" are the destination's own firewall, after all
    that. Hosts of one network reach each other past the router; a host reaches itself past everything.
    Ends are "any", a host, a network, an address, a cidr, or a tuple of them.
    """

    action: Action
    source: str | tuple[str, ...] = "any"
    destination: str | tuple[str, ...] = "any"
    protocol: Literal["tcp", "udp", "any"] = "any"
    ports: Ports = ()  # numbers and (low, high) pairs; empty: all
    where: Literal["router", "host"] = "router"
    to: str = ""  # dnat: the host that really serves the address
    to_port: int = 0  # dnat: 0 keeps the port

    def __post_init__(self) -> None:
        """Refuses what nftables cannot do; raises ValueError."""
        if self.action in ("reject-rst", "proxy") and self.protocol != "tcp":
            raise ValueError(f"{self.action} is for tcp: say protocol='tcp' in {self}")
        if (self.action == "dnat") != bool(self.to):
            raise ValueError(f"dnat, and only dnat, says where `to`: {self}")
        if self.to_port and self.protocol == "any":
            raise ValueError(f"to_port needs a protocol: {self}")
        if self.where == "host" and self.action in ("dnat", "snat", "proxy"):
            raise ValueError(f"a host's own firewall only filters: {self}")


@dataclass(frozen=True, slots=True)
class LabSpec:
    """A whole lab; `networks` maps name to cidr, the first address of each is the router's."""

    hosts: list[LabHost]
    networks: Mapping[str, str]
    rules: list[Rule] = field(default_factory=list)
    prefix: str = "nl"  # of interface names and process labels; leftovers are looked for under it

    def __post_init__(self) -> None:
        """Refuses contradictions; raises ValueError."""
        names = [host.name for host in self.hosts]
        if len({*names, *self.networks, "router", "any"}) != len(names) + len(self.networks) + 2:
            raise ValueError(f"names of hosts and networks must differ (also from router, any): {names}")
        if not re.fullmatch(r"[a-z]{1,8}", self.prefix):
            raise ValueError(f"prefix: one to eight small letters, not {self.prefix!r}")
        if len(self.hosts) > 240:
            raise ValueError("240 hosts at most: they share one management network")
        for host in self.hosts:
            if IPv4Address(host.address) not in IPv4Network(self.networks[host.network]):
                raise ValueError(f"{host.name}: {host.address} is not in {self.networks[host.network]}")
            if host.address == self.gateway(host.network):
                raise ValueError(f"{host.name}: {host.address} is the router's")
            if host.culture and host.manage != "winrm":
                raise ValueError(f"{host.name}: a culture is PowerShell's, so of winrm hosts only")
            product = any(PRODUCT_SERVICE.fullmatch(service.name) for service in host.services)
            if product != host.installed:
                raise ValueError(f"{host.name}: installed={host.installed}, but services say {product}")

    def host(self, name: str) -> LabHost:
        """The host of that name; raises KeyError."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)

    def gateway(self, network: str) -> str:
        """The router's address in a network."""
        return str(IPv4Network(self.networks[network])[1])

    def address_of(self, name_or_address: str) -> IPv4Address:
        """A host's serving address, or the address itself."""
        for host in self.hosts:
            if host.name == name_or_address:
                return IPv4Address(host.address)
        return IPv4Address(name_or_address)

    def at(self, address: IPv4Address) -> LabHost | None:
        """The host that serves on an address, if there is one."""
        return next((host for host in self.hosts if IPv4Address(host.address) == address), None)

    def end(self, end: str | tuple[str, ...]) -> list[IPv4Network] | None:
        """What one end of a rule covers; None is any. Raises ValueError for what is neither a name nor an address."""
        if end == "any":
            return None
        known = {**{host.name: host.address for host in self.hosts}, **self.networks}
        return [IPv4Network(known.get(one, one)) for one in ([end] if isinstance(end, str) else end)]
