"""What the values of the standing facts hold: the part of the agents' contract that facts are checked with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FACTS = ("system", "addresses", "listeners", "sockets", "services", "time", "firewall")

Port = Annotated[int, Field(ge=0, le=65535)]
Proto = Literal["tcp", "udp"]


class Message(BaseModel):
    """Base of all that travels: what the contract does not know is an error, in either direction."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SocketLine(Message):
    """A line of the facts `listeners` and `sockets`: owner fields are null where the account may not see them."""

    protocol: Proto
    local: str
    local_port: Port
    peer: str = ""
    peer_port: Port = 0
    state: str = ""
    pid: int | None = None
    process: str | None = None
    path: str | None = None
    service: str | None = None


class SystemFact(Message):
    """Fact `system`."""

    hostname: str
    family: Literal["linux", "windows", "macos", "other"]
    name: str  # "Debian GNU/Linux 12 (bookworm)"
    version: str
    architecture: str
    user: str
    elevated: bool


class AddressLine(Message):
    """A line of the fact `addresses`."""

    interface: str
    address: str
    prefix: int


class ServiceLine(Message):
    """A line of the fact `services`: the product's services that are installed or running."""

    name: str
    display: str = ""
    state: Literal["running", "stopped", "unknown"]
    pid: int | None = None
    path: str = ""


class TimeFact(Message):
    """Fact `time`: the host's clock, for the skew against the controller's."""

    epoch: float
    utc_offset_s: int


class FirewallRuleText(Message):
    """One value of a firewall rule key as the registry holds it ([MS-GPFAS] 2.2.2.19), and the store it stood in."""

    store: Literal["local", "policy"]
    name: str
    text: str


class FirewallProfileState(Message):
    """What a Windows firewall profile's keys say; null where the value is absent."""

    store: Literal["local", "policy"]
    profile: Literal["domain", "private", "public"]
    enabled: bool | None = None
    inbound: Literal["allow", "block"] | None = None
    outbound: Literal["allow", "block"] | None = None
    merge: bool | None = None  # AllowLocalPolicyMerge: whether local rules count beside the policy's
    no_exceptions: bool | None = None  # DoNotAllowExceptions: everything inbound is blocked, whatever the rules say


class FirewallInterface(Message):
    """A connected interface and the profile that Windows put it in."""

    interface: str
    profile: Literal["domain", "private", "public", "unknown"]
    kind: Literal["lan", "wireless", "ras", "unknown"] = "unknown"
    addresses: tuple[str, ...] = ()


class FirewallFact(Message):
    """Fact `firewall`: the host's own packet filter as it is configured; evaluated on the controller, never there."""

    kind: Literal["windows", "nftables", "none", "other"]
    complete: bool = True  # False: rules or profiles were refused, or were too many to tell
    running: bool | None = None  # the service (MpsSvc) runs; for nftables: the tables could be read
    rules: tuple[FirewallRuleText, ...] = ()
    profiles: tuple[FirewallProfileState, ...] = ()
    interfaces: tuple[FirewallInterface, ...] = ()
    ruleset: Any = None  # nftables: the object that `nft --json list ruleset` prints


FACT_TYPES: dict[str, TypeAdapter[Any]] = {
    "system": TypeAdapter(SystemFact),
    "addresses": TypeAdapter(list[AddressLine]),
    "listeners": TypeAdapter(list[SocketLine]),
    "sockets": TypeAdapter(list[SocketLine]),
    "services": TypeAdapter(list[ServiceLine]),
    "time": TypeAdapter(TimeFact),
    "firewall": TypeAdapter(FirewallFact),
}
