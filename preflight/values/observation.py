"""Observations: what the hosts said, kept whole, so that a run can be judged again with no network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

FactStatus = Literal["ok", "denied", "timeout", "absent", "error"]
# accepted: TCP connected. answered: bytes came back. refused: RST or ICMP port unreachable.
# dropped: no reply within the timeout. unreachable: ICMP host/net/admin prohibited. silent: UDP without a reply.
# denied: the asking host's own system forbade it. error: anything else, see detail. not-asked: see detail.
ProbeOutcome = Literal[
    "accepted", "answered", "refused", "dropped", "unreachable", "silent", "sent", "denied", "error", "not-asked"
]
ListenerStatus = Literal["up", "not-heard", "in-use", "denied", "excluded", "error", "not-opened"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One answer of a gather agent, or why there is none."""

    name: str
    status: FactStatus
    value: Any = None
    detail: str = ""
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class SiteFact(Fact):
    """What the machine that runs the suite asked itself: of a database server, a directory. Not a host's own word."""

    via: str = ""  # who asked whom, for reports
    at: float = 0.0  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Socket:
    """One line of a host's TCP or UDP table, with its owner where the agent may see it."""

    protocol: str
    local: str
    local_port: int
    peer: str
    peer_port: int
    state: str  # LISTEN, ESTABLISHED, CLOSE_WAIT, ... as in RFC 9293; UDP: ""
    pid: int | None = None
    process: str | None = None
    path: str | None = None
    service: str | None = None  # the service that the owner or one of its parents belongs to


@dataclass(frozen=True, slots=True)
class HostObservation:
    """One machine: whether it could be talked to, and the facts that it gave."""

    machine: str
    reached: bool
    via: str  # "ssh admin@10.1.1.11:22"
    at: float  # seconds since the epoch, controller's clock
    failure: str = ""  # kind of the TransportError
    cause: str = ""
    remedy: str = ""
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListenerObservation:
    """A temporary listener: whether it stood, and whether the host itself could reach it."""

    machine: str
    protocol: str
    port: int
    address: str
    status: ListenerStatus
    detail: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener heard of one probe: the proof, with the address it saw."""

    address: str
    port: int
    at: float
    local: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a probe."""

    outcome: ProbeOutcome
    at: float
    took_ms: float
    local: str = ""
    local_port: int = 0
    code: str = ""  # the system's name of the error: ECONNREFUSED, 10061
    detail: str = ""
    received: str = ""  # hex of what came back, 4,096 bytes at most
    alone: bool = False  # asked a second time, with no other connection to that port


@dataclass(frozen=True, slots=True)
class ProbeObservation:
    """Everything that is known of one probe; the last attempt counts."""

    probe: str  # Probe.id
    way: Literal["listener", "held", "plain", "broadcast", "not-asked"]  # how the survey asked it
    port: int  # the port that was really asked (fallback and SSRP applied)
    attempts: tuple[Attempt, ...] = ()
    heard: tuple[Heard, ...] = ()
    table: tuple[Socket, ...] = ()  # lines of the destination's TCP table on that port while it was held
    table_read: bool = False  # the destination's tables were read during the hold
    detail: str = ""
    listener: str = ""  # status of the temporary listener that stood for it


@dataclass(frozen=True, slots=True)
class Observations:
    """All of a survey, by key: machine name; machine/protocol/port of a listener; Probe.id."""

    hosts: dict[str, HostObservation] = field(default_factory=dict)
    listeners: dict[str, ListenerObservation] = field(default_factory=dict)
    probes: dict[str, ProbeObservation] = field(default_factory=dict)
    site: dict[str, SiteFact] = field(default_factory=dict)  # by site_key()


def site_key(kind: str, of: str) -> str:
    """Key of a fact in Observations.site: database:cml1, directory:corp."""
    return f"{kind}:{of}"


def listener_key(machine: str, protocol: str, port: int) -> str:
    """Key of a listener in Observations.listeners."""
    return f"{machine}/{protocol}/{port}"
