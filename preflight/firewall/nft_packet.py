"""A packet as nftables sees it on its way through a host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from preflight.firewall.addresses import Address, address_of
from preflight.firewall.model import Direction, Flow


@dataclass(frozen=True, slots=True)
class Span:
    """A port that the system picks for the asking end: one of these."""

    first: int
    last: int


OWN_PORTS = Span(32768, 60999)  # Linux, as long as nobody changes ip_local_port_range
FOREIGN_PORTS = Span(1024, 65535)  # another machine's


@dataclass(frozen=True, slots=True)
class Packet:
    """The first packet of a flow, or the answer to it. None: not known."""

    direction: Direction
    version: Literal[4, 6]
    protocol: str
    source: Address | None
    destination: Address | None
    source_port: int | Span
    destination_port: int | Span
    inward: str | None  # interface that it comes in by; "" in the hooks where there is none
    outward: str | None
    state: str = "new"  # for conntrack; "" once a rule may have taken it out of tracking
    flags: frozenset[str] = frozenset({"syn"})

    @classmethod
    def of(cls, flow: Flow, interfaces: Sequence[Mapping[str, Any]]) -> Packet:
        """The flow's first packet."""
        local, remote = address_of(flow.local), address_of(flow.remote)
        name = _interface(local, remote, interfaces)
        known = local or remote
        version: Literal[4, 6] = 6 if known is not None and known.version == 6 else 4
        mine = OWN_PORTS if flow.local_port is None else flow.local_port
        theirs = FOREIGN_PORTS if flow.remote_port is None else flow.remote_port
        if flow.direction == "in":
            return cls("in", version, flow.protocol, remote, local, theirs, mine, name, "")
        return cls("out", version, flow.protocol, local, remote, mine, theirs, "", name)

    def answered(self) -> Packet:
        """The answer to it, the other way round."""
        return replace(
            self,
            direction="out" if self.direction == "in" else "in",
            source=self.destination,
            destination=self.source,
            source_port=self.destination_port,
            destination_port=self.source_port,
            inward=self.outward,
            outward=self.inward,
            state="established",
            flags=frozenset({"syn", "ack"}),
        )


def _interface(local: Address | None, remote: Address | None, interfaces: Sequence[Mapping[str, Any]]) -> str | None:
    if local is not None and (local.is_loopback or local == remote):
        return "lo"
    for line in interfaces:
        if local is not None and local in {address_of(str(a).partition("/")[0]) for a in line.get("addresses") or ()}:
            return str(line.get("interface"))
    return None
