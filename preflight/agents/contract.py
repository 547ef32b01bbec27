"""The agents' contract, version 1: JSON lines in on stdin, JSON lines out on stdout, the same for every language.

An agent starts, reads requests line by line until stdin ends, and answers with events. The first request is `hello`.
It ends by itself when stdin ends, when `heartbeat_s` pass without a line, or when `life_s` are over. With `finish` in
the hello, the end of stdin ends it only once everything asked for is over: gathers and exchanges are done, held
connections and windows have reached their own deadlines. That is the only way over WinRM, where an agent gets all its
requests at its start. Nothing is written on the target. Bytes travel as lower-case hex, times as seconds since the
epoch, durations in s or ms as named.

The nonce: a prober that reaches a listener says  PREFLIGHT/1 <token> <nonce>\\n  (ASCII; token: 16 hex digits of the
run, nonce: [A-Za-z0-9]{1,32}). A TCP listener answers the same line with `heard` put before the nonce; a UDP listener
echoes the datagram, never more bytes than it got. A line with another token is a stranger's and is not reported.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
)

from preflight.agents.reads import Read

CONTRACT_VERSION = 1
MAX_LINE_BYTES = 4 * 1024 * 1024  # a longer line from a host is refused: what comes from a host is hostile
MAX_RECEIVED_BYTES = 4096
FACTS = ("system", "addresses", "listeners", "sockets", "services", "time", "firewall")

Port = Annotated[int, Field(ge=0, le=65535)]
Proto = Literal["tcp", "udp"]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(_Message):
    """First request of every agent."""

    do: Literal["hello"] = "hello"
    contract: int = CONTRACT_VERSION
    heartbeat_s: float | None = None  # None: the transport cannot send beats; life_s alone ends the agent
    life_s: float = 600.0
    finish: bool = False  # the end of stdin means "no more requests": do what was asked, then leave with code 0


class Beat(_Message):
    """Says that the controller still lives."""

    do: Literal["beat"] = "beat"


class Gather(_Message):
    """Asks for facts and reads; each is answered on its own, in any order, within its own deadline, by a `fact`."""

    do: Literal["gather"] = "gather"
    id: str
    facts: tuple[str, ...] = FACTS
    fact_deadline_s: float = 4.0
    services: tuple[str, ...] = ()  # regular expressions, matched whole, without case: the product's services
    reads: tuple[Read, ...] = ()  # their names are those of their facts; a kind that an agent lacks is `absent`

    @model_serializer(mode="wrap")
    def _without_empty_reads(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        if not data["reads"]:
            del data["reads"]
        return data


class ListenerRequest(_Message):
    """One temporary listener."""

    key: str
    protocol: Proto
    port: Port
    bind: str = "0.0.0.0"  # noqa: S104 - the product, too, listens on all addresses
    prove: str = ""  # address at which the host itself must reach it; empty: no proof asked


class Listen(_Message):
    """Opens listeners for window_s at most (30 at most), proves each, says `ready`, then tells what they hear."""

    do: Literal["listen"] = "listen"
    id: str
    token: str
    window_s: Annotated[float, Field(gt=0, le=30)]
    listeners: tuple[ListenerRequest, ...]


class Close(_Message):
    """Ends a listen window before its time."""

    do: Literal["close"] = "close"
    id: str


class ProbeRequest(_Message):
    """One connection attempt (TCP) or datagram (UDP)."""

    key: str
    protocol: Proto
    address: str
    port: Port
    timeout_s: float
    send: str = ""  # hex, sent after connecting; empty: not one byte
    read_s: float = 0.0  # wait for a reply that long; 0: do not read
    until: str = ""  # hex, TCP: read on until the reply ends so, is as long as is kept, or read_s is over
    hold_s: float = 0.0  # keep the connection open until `release`, or that long
    broadcast: bool = False


class Exchange(_Message):
    """Runs probes side by side, `concurrency` at a time, and reports each as it is decided."""

    do: Literal["exchange"] = "exchange"
    id: str
    concurrency: int = 400
    probes: tuple[ProbeRequest, ...]


class Release(_Message):
    """Closes the connections that an exchange still holds."""

    do: Literal["release"] = "release"
    id: str


Request = Hello | Beat | Gather | Listen | Close | Exchange | Release


class HelloEvent(_Message):
    """The agent is there."""

    event: Literal["hello"]
    contract: int
    agent: Literal["gather", "listen", "exchange", "scan"]
    language: str  # "python 3.9.2"
    pid: int
    user: str
    elevated: bool


class FactEvent(_Message):
    """One fact, or why it could not be had."""

    event: Literal["fact"]
    id: str
    name: str
    status: Literal["ok", "denied", "timeout", "absent", "error"]
    value: Any = None
    detail: str = ""
    took_ms: float = 0.0


class ListenerEvent(_Message):
    """What became of one listener; not-heard: it is open, but the host itself could not reach it."""

    event: Literal["listener"]
    id: str
    key: str
    status: Literal["up", "not-heard", "in-use", "denied", "excluded", "error"]
    detail: str = ""


class ReadyEvent(_Message):
    """All listeners of a window have been tried."""

    event: Literal["ready"]
    id: str


class HeardEvent(_Message):
    """A listener heard a nonce of this run."""

    event: Literal["heard"]
    id: str
    key: str
    nonce: str
    address: str
    port: int
    at: float
    local: str = ""


class ClosedEvent(_Message):
    """A window is over: all its sockets are closed."""

    event: Literal["closed"]
    id: str
    reason: Literal["asked", "deadline", "replaced"]


class ResultEvent(_Message):
    """What one probe saw."""

    event: Literal["result"]
    id: str
    key: str
    outcome: Literal["accepted", "answered", "refused", "dropped", "unreachable", "silent", "sent", "denied", "error"]
    at: float
    took_ms: float
    local: str = ""
    local_port: int = 0
    code: str = ""
    detail: str = ""
    received: Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$", max_length=2 * MAX_RECEIVED_BYTES)] = ""


class DoneEvent(_Message):
    """A gather or an exchange has reported everything (an exchange may still hold connections)."""

    event: Literal["done"]
    id: str


class FaultEvent(_Message):
    """The agent could not do what was asked; the text is for a person."""

    event: Literal["fault"]
    id: str = ""
    text: str


Event = Annotated[
    HelloEvent
    | FactEvent
    | ListenerEvent
    | ReadyEvent
    | HeardEvent
    | ClosedEvent
    | ResultEvent
    | DoneEvent
    | FaultEvent,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class SocketLine(_Message):
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


class SystemFact(_Message):
    """Fact `system`."""

    hostname: str
    family: Literal["linux", "windows", "macos", "other"]
    name: str  # "Debian GNU/Linux 12 (bookworm)"
    version: str
    architecture: str
    user: str
    elevated: bool


class AddressLine(_Message):
    """A line of the fact `addresses`."""

    interface: str
    address: str
    prefix: int


class ServiceLine(_Message):
    """A line of the fact `services`: the product's services that are installed or running."""

    name: str
    display: str = ""
    state: Literal["running", "stopped", "unknown"]
    pid: int | None = None
    path: str = ""


class TimeFact(_Message):
    """Fact `time`: the host's clock, for the skew against the controller's."""

    epoch: float
    utc_offset_s: int


class FirewallRuleText(_Message):
    """One value of a firewall rule key as the registry holds it ([MS-GPFAS] 2.2.2.19), and the store it stood in."""

    store: Literal["local", "policy"]
    name: str
    text: str


class FirewallProfileState(_Message):
    """What a Windows firewall profile's keys say; null where the value is absent."""

    store: Literal["local", "policy"]
    profile: Literal["domain", "private", "public"]
    enabled: bool | None = None
    inbound: Literal["allow", "block"] | None = None
    outbound: Literal["allow", "block"] | None = None
    merge: bool | None = None  # AllowLocalPolicyMerge: whether local rules count beside the policy's
    no_exceptions: bool | None = None  # DoNotAllowExceptions: everything inbound is blocked, whatever the rules say


class FirewallInterface(_Message):
    """A connected interface and the profile that Windows put it in."""

    interface: str
    profile: Literal["domain", "private", "public", "unknown"]
    kind: Literal["lan", "wireless", "ras", "unknown"] = "unknown"
    addresses: tuple[str, ...] = ()


class FirewallFact(_Message):
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
