"""Network adapters of a Windows host that carry addresses: by hand or by DHCP, real or virtual."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

from preflight.agents.reads import CimRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.standing import lines
from preflight.facts.windows import need_windows
from preflight.facts.windows_services import alike, plain

ADAPTERS_READ = CimRead(
    name="adapters:cim",
    class_name="Win32_NetworkAdapterConfiguration",
    properties=("Description", "ServiceName", "DHCPEnabled", "IPAddress"),
    where="IPEnabled=TRUE",
)
# Drivers of adapters that lead to no network of the site; those of a virtual machine's own card are not among them.
VIRTUAL_DRIVERS = (
    "VMSMP",
    "VMSNPXY*",
    "VMnet*",
    "VBoxNet*",
    "tap0901",
    "tapoas",
    "wintun",
    "NetFT",
    "kmloop",
    "msloop",
)
VIRTUAL_WORDS = ("*virtual ethernet adapter*", "*host-only*", "*loopback*", "tap-*", "*vpn*", "*failover cluster*")


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter; `dhcp` None: not told."""

    description: str
    dhcp: bool | None
    addresses: tuple[str, ...]
    virtual: bool

    def __str__(self) -> str:
        how = {True: "by DHCP", False: "fixed", None: "fixed or not: untold"}[self.dhcp]
        kind = "virtual, " if self.virtual else ""
        return f"{self.description} ({kind}{how}: {', '.join(self.addresses) or 'no address'})"


def parse_adapters(told: Told) -> tuple[Adapter, ...]:
    """Raises UnobservedError; a host that was talked to has an adapter, so none at all is no answer."""
    need_windows(told, "whether its addresses are fixed")
    found = tuple(_adapter(line) for line in lines(told.value(ADAPTERS_READ.name), "adapters"))
    if not found:
        raise UnobservedError(f"{told.host} told no network adapter", "Look at its management interface (WMI).")
    return found


def same_address(text: str) -> str:
    """An address in its shortest form without zone, so that two ways of writing it are one; empty for anything else."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0].strip()))
    except ValueError:
        return ""


def _adapter(line: dict[str, Any]) -> Adapter:
    description, driver, dhcp = plain(line.get("Description")), plain(line.get("ServiceName")), line.get("DHCPEnabled")
    given = line.get("IPAddress")
    texts = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return Adapter(
        description=description or driver or "an adapter without a name",
        dhcp=dhcp if isinstance(dhcp, bool) else None,
        addresses=tuple(a for text in texts[:64] if isinstance(text, str) and (a := same_address(text[:64]))),
        virtual=alike(driver, VIRTUAL_DRIVERS) or alike(description, VIRTUAL_WORDS),
    )


ADAPTERS = FactKind("adapters", parse_adapters, (ADAPTERS_READ,), rests_on=("system",))
