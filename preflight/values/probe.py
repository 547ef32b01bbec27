"""A probe: one question that one machine asks about one port. Equal questions are equal values, asked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Protocol = Literal["tcp", "udp"]
Serving = Literal["product", "existing", "device", "platform"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: from `source`, does `address`:`port` answer?

    The plan makes probes, the survey asks them. `serving` tells the survey how: a `product` port gets a temporary
    listener where the product is not installed, a held connection where it is; `existing`, `platform` and `device`
    ports are only connected to (and spoken to, when `speak` names a protocol of preflight.wire).
    """

    source: str  # machine whose agent asks
    destination: str  # machine that is meant to answer
    address: str  # what is connected to: the serving address, 127.0.0.1, or a broadcast address
    protocol: Protocol
    port: int  # 0: not known yet, `port_from` tells who answers it
    serving: Serving
    speak: str | None = None  # wire protocol to speak: snmp, ssrp, ldap, smtp, time, tls; None: connect and close
    name: str = ""  # the server's, where the site says which its certificate bears: said to it in TLS
    fallback_port: int | None = None  # asked instead where `port` is taken by another owner (S08: 390 for 389)
    port_from: str | None = None  # name of the SQL instance whose port an SSRP answer gives (O14 -> O15)
    broadcast: bool = False  # a UDP datagram to the subnet; `destination` is the machine that listens for it
    restricted: bool = False  # asked to show that it is NOT reachable
    installed_only: bool = False  # asked only where the product is installed (localhost rows from elsewhere)

    @property
    def id(self) -> str:
        """Stable, plain ASCII name of the question, the key of its observation."""
        target = f"[{self.address}]" if ":" in self.address else self.address
        port = self.port or f"ssrp.{self.port_from}"
        tail = "" if self.serving == "product" else f"/{self.serving}"
        tail += f"/{self.speak}" if self.speak else ""
        tail += "/broadcast" if self.broadcast else ""
        tail += "/restricted" if self.restricted and self.installed_only else ""
        return f"{self.source}>{self.destination}@{target}:{port}/{self.protocol}{tail}"

    @property
    def loopback(self) -> bool:
        """True when the host asks itself."""
        return self.source == self.destination
