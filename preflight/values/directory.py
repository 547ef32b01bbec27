"""What a user directory said: counts, times and redacted samples. No value of a person ever stands in here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from preflight.values.directory_users import ContainerSeen, UsersSeen
from preflight.values.step import NOT_ASKED, Step


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One certificate of those that the server sent."""

    subject: str
    issuer: str
    not_after: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class TlsSeen:
    """An encrypted connection and the certificate behind it, read even where it was not found good."""

    version: str  # TLSv1.3
    cipher: str
    subject: str
    issuer: str
    names: tuple[str, ...]  # DNS names and addresses that it is made out to
    not_before: float  # seconds since the epoch
    not_after: float
    days_left: float  # negative: so many days ago
    key: str  # "RSA 2048"
    signature: str  # "sha256"
    self_signed: bool
    chain: tuple[ChainLink, ...]  # as sent, the server's own first
    checked_by: str  # "system", "file" or "nobody" (ca: false)
    trusted: bool | None  # chain, dates, purpose; None: not checked
    why_not: str = ""  # expired, not-yet-valid, unknown-issuer, self-signed, other
    why_not_said: str = ""
    expected_names: tuple[str, ...] = ()
    matched_name: str | None = None  # which of the expected names it carries
    sha256: str = ""  # of the certificate, hexadecimal


@dataclass(frozen=True, slots=True)
class NodeTls:
    """What a machine of the site was answered in TLS by a server, from its own place (a probe that speaks tls)."""

    node: str  # machine that asked
    server: str  # machine that was asked
    address: str
    port: int
    at: float  # seconds since the epoch
    version: str  # TLS 1.2; empty where it could not be agreed on
    why_unseen: str = ""  # why the certificate cannot be told; the rest is empty then
    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    not_before: float = 0.0  # seconds since the epoch
    not_after: float = 0.0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RootDse:
    """What a directory says of itself."""

    naming_contexts: tuple[str, ...] = ()
    default_naming_context: str = ""
    vendor: str = ""
    version: str = ""
    dns_name: str = ""
    functional_level: dict[str, int] = field(default_factory=dict)  # domain, forest, controller; 7 is 2016
    controls: tuple[str, ...] = ()
    paging: bool = False
    start_tls: bool | None = None  # None: it lists no such abilities
    sasl: tuple[str, ...] = ()
    catalog_ready: bool | None = None
    clock_offset_s: float | None = None  # its clock minus the controller's


@dataclass(frozen=True, slots=True)
class DomainSeen:
    """A domain that the site names."""

    name: str
    dn: str  # DC=corp,DC=example
    resolved: Step
    addresses: tuple[str, ...] = ()  # what its name resolves to: Active Directory publishes every controller there
    machines: tuple[str, ...] = ()  # hosts of the inventory at these addresses
    strangers: tuple[str, ...] = ()  # addresses that no host of the inventory has
    served: bool | None = None  # a naming context of the servers; None: no server told


@dataclass(frozen=True, slots=True)
class ControllerSeen:
    """A domain controller that the directory names."""

    name: str
    resolved: Step
    addresses: tuple[str, ...] = ()
    machine: str | None = None  # the host of the inventory


@dataclass(frozen=True, slots=True)
class ForestSeen:
    """What the directory says of its domains and controllers, where the preset knows how to ask."""

    controllers_step: Step = NOT_ASKED
    controllers: tuple[ControllerSeen, ...] = ()
    domains_step: Step = NOT_ASKED
    domains: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()  # domains of the directory that the inventory does not name


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """Whether one server has a container."""

    dn: str
    found: Step


@dataclass(frozen=True, slots=True)
class CatalogSeen:
    """The global catalogue of one server: a copy of all domains with a part of the attributes."""

    port: int
    connected: Step = NOT_ASKED
    encrypted: Step = NOT_ASKED
    bound: Step = NOT_ASKED
    users: Step = NOT_ASKED
    sampled: int = 0
    seen: dict[str, int] = field(default_factory=dict)  # attribute's role -> sampled users that have it there
    tls: TlsSeen | None = None


@dataclass(frozen=True, slots=True)
class ServerSeen:
    """One server of the directory, step by step."""

    name: str  # machine of the inventory
    address: str
    port: int
    protocol: str  # ldaps, starttls, ldap
    local_address: str = ""  # the controller's own on that connection
    connected: Step = NOT_ASKED
    encrypted: Step = NOT_ASKED  # not-asked where the inventory wants it in clear
    tls: TlsSeen | None = None
    asked_itself: Step = NOT_ASKED  # the root DSE
    root_dse: RootDse | None = None
    bound: Step = NOT_ASKED
    bound_as: Literal["account", "anonymous", ""] = ""
    password_in_clear: bool = False
    password_expires_s: int | None = None  # where the directory tells
    places: tuple[PlaceSeen, ...] = ()
    catalog: CatalogSeen | None = None


@dataclass(frozen=True, slots=True)
class RightsSeen:
    """What the account may do, as far as the directory shows or tells it. Nothing is ever written."""

    lists: bool | None = None  # entries came
    reads: dict[str, bool | None] = field(default_factory=dict)  # role -> AttributeSeen.readable
    write_step: Step = NOT_ASKED
    writes: bool | None = None  # None: the directory does not tell
    writable: tuple[str, ...] = ()  # roles whose attribute it may write on at least one sampled entry
    writable_others: int = 0  # further attributes, most on one entry
    creates: int = 0  # object classes that it may create below a container
    sampled: int = 0  # users that were looked at, its own entry left out
    secures: int = 0  # those among them whose owner or permissions it may change, and with them all else


@dataclass(frozen=True, slots=True)
class ReplicationSeen:
    """The site's wish, and what reading everything cost here."""

    wanted: bool | None = None  # None: the site has not said
    full: str = ""
    full_every_s: float | None = None
    differential: str = ""
    differential_every_s: float | None = None
    window_s: float | None = None
    users: int = 0
    read_s: float = 0.0
    s_per_1000: float | None = None
    estimated_s: float | None = None  # a full run, reading alone; None: too few users to tell
    fits: bool | None = None  # None: no window is named or no estimate can be made


@dataclass(frozen=True, slots=True)
class DirectoryObservation:
    """Everything that one directory said. Plain values only: it goes to JSON and back unchanged."""

    directory: str  # its name in the inventory
    asked_by: str  # "controller": the machine that runs the suite
    at: float  # seconds since the epoch
    took_s: float
    preset: str
    filter: str
    containers_named: tuple[str, ...]
    domains_named: tuple[str, ...]
    unnamed: tuple[str, ...]  # attributes (roles) that neither the site nor the preset names
    declined: tuple[str, ...]  # attributes (roles) that the site says it does not use
    certificate_checked: bool  # False: `ca: false`
    servers: tuple[ServerSeen, ...] = ()
    domains: tuple[DomainSeen, ...] = ()
    forest: ForestSeen = field(default_factory=ForestSeen)
    containers: tuple[ContainerSeen, ...] = ()
    users: UsersSeen | None = None  # None: no server let us in, or no container is named
    rights: RightsSeen = field(default_factory=RightsSeen)
    replication: ReplicationSeen = field(default_factory=ReplicationSeen)
