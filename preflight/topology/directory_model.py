"""A user directory as the site describes it, validated: whom to ask, as whom, and which attributes matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from preflight.topology.secret_ref import SecretRef

DirectoryProtocol = Literal["ldaps", "starttls", "ldap"]
DIRECTORY_PROTOCOLS: tuple[DirectoryProtocol, ...] = ("ldaps", "starttls", "ldap")
CardFormat = Literal["hex", "decimal", "any"]
CARD_FORMATS: tuple[CardFormat, ...] = ("hex", "decimal", "any")
# What SafeQ takes over of a user, in the order of the vendor page.
USER_ATTRIBUTES = ("login", "first_name", "last_name", "department", "card", "id", "email")
# By the vendor's documentation: what the product does not do without, and what it knows users again by when it
# replicates them anew.
MANDATORY_ATTRIBUTES = frozenset({"login", "first_name", "last_name", "department"})
REPLICATION_ATTRIBUTES = frozenset({"id"})
DEFAULT_PORTS: Mapping[DirectoryProtocol, int] = {"ldaps": 636, "starttls": 389, "ldap": 389}
DEFAULT_CATALOG_PORTS: Mapping[DirectoryProtocol, int] = {"ldaps": 3269, "starttls": 3268, "ldap": 3268}


@dataclass(frozen=True, slots=True)
class AttributeName:
    """An attribute of the directory, and whether the site named it or a preset did."""

    name: str
    named_by: Literal["site", "preset"] = "site"


@dataclass(frozen=True, slots=True)
class CardSettings:
    """How card numbers are meant to be written; empty and `any`: whatever is found."""

    format: CardFormat = "any"
    prefix: str = ""  # text in front of each number that is no part of it
    lengths: tuple[int, ...] = ()  # characters without the prefix


@dataclass(frozen=True, slots=True)
class Replication:
    """The site's wish: how often users are taken over, and how long a full run may take."""

    wanted: bool
    full: str = ""  # as written
    full_every_s: float | None = None
    differential: str = ""
    differential_every_s: float | None = None
    window_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class DirectoryQuery:
    """A question about the directory itself; `{...}` in the base are values of its root DSE, by name."""

    base: str
    filter: str
    attribute: str


@dataclass(frozen=True, slots=True)
class DirectoryPreset:
    """What a kind of directory calls its things: data, so that no code asks which product it talks to."""

    name: str
    filter: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    # A user is disabled when one of these holds: attribute -> bit that is set, or None: the attribute is there.
    disabled: Mapping[str, int | None] = field(default_factory=dict)
    login_forbids: str = ""  # characters that a login may not have
    writable: str = ""  # operational attribute that names what the asking account may write
    creatable: str = ""  # the same for entries that it may create below
    securable: str = ""  # the same, in bits, for what it may change of an entry's owner (1) and permissions (4)
    controllers: DirectoryQuery | None = None  # names of all domain controllers
    domains: DirectoryQuery | None = None  # names of all domains


@dataclass(frozen=True, slots=True)
class Directory:
    """One user directory; paths are resolved, defaults filled in."""

    name: str
    servers: tuple[str, ...]  # machines with role ldap, in the order in which they are tried
    protocol: DirectoryProtocol
    preset: DirectoryPreset
    filter: str
    domains: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    user: str | None = None  # DN, UPN or DOMAIN\user; None: anonymous
    password: SecretRef | None = None
    ca: bool | str = True  # the server's certificate: by the system's CAs, not checked, or by the CAs of that file
    certificate_names: tuple[str, ...] = ()  # names that a certificate may carry besides those that can be derived
    port: int = 636
    global_catalog: bool = False
    global_catalog_port: int = 3269
    attributes: Mapping[str, AttributeName] = field(default_factory=dict)  # keys of USER_ATTRIBUTES, as far as known
    declined: frozenset[str] = frozenset()  # attributes that the site says it does not use
    card: CardSettings = CardSettings()
    replication: Replication | None = None  # None: the site has not said
    line: int = 0

    @property
    def needed(self) -> frozenset[str]:
        """Attributes that users must have, whatever the site declines."""
        replicated = self.replication is not None and self.replication.wanted
        return MANDATORY_ATTRIBUTES | (REPLICATION_ATTRIBUTES if replicated else frozenset())
