"""The validated site as frozen values: what every later stage reads instead of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from preflight.topology.checklist import Checklist
from preflight.topology.directory_model import Directory
from preflight.topology.secret_ref import SecretRef as SecretRef

ROLES = (
    "cml",
    "mps",
    "ors",
    "crs",
    "ts",
    "ap_connector",
    "payment_system",
    "payment_machine",
    "recharge_station",
    "db",
    "ldap",
    "smtp",
    "workstation",
    "printer",
    "terminal",
    "card_reader",
    "vantage",
    "scan_server",
)
# Embedded terminals by vendor, as the page's conditions tell them apart; `browser` and `sqta` may stand beside one.
EMBEDDED_TERMINALS = (
    "ricoh",
    "konica_minolta",
    "xerox",
    "fuji_xerox",
    "sharp",
    "samsung",
    "hp",
    "toshiba",
    "browser",
    "sqta",
)
HARDWARE_TERMINALS = ("professional", "ultralight")
WinRmAuth = Literal["ntlm", "basic", "certificate", "kerberos", "credssp"]
WINRM_AUTHS: tuple[WinRmAuth, ...] = ("ntlm", "basic", "certificate", "kerberos", "credssp")


@dataclass(frozen=True, slots=True)
class Manage:
    """How a machine is talked to; its address may differ from the one it serves on."""

    by: Literal["ssh", "winrm", "local", "lab"]
    address: str
    port: int | None = None
    user: str | None = None
    password: SecretRef | None = None
    key_file: str | None = None  # absolute, or relative to the inventory (resolved on loading)
    ssh_config: str | None = None  # file for ssh -F, likewise resolved
    jump: str | None = None  # value of ssh -J
    python: str = "python3"  # interpreter on the target
    sudo: bool = False  # run agents by `sudo -n`: ports below 1024 and other users' sockets need it
    options: tuple[str, ...] = ()  # further `ssh -o` options, NAME=VALUE
    https: bool = False  # this and what follows: WinRM only
    auth: WinRmAuth = "ntlm"
    certificate: str | None = None  # PEM file of the client's certificate, resolved as key_file
    certificate_key: str | None = None
    verify: bool | str = True  # the server's certificate: by the usual CAs, not at all, or by the CAs of that file


@dataclass(frozen=True, slots=True)
class Machine:
    """Anything with an address: server, workstation, printer, terminal, reader, vantage host."""

    name: str
    roles: frozenset[str]
    address: str
    site: str
    network: str | None
    manage: Manage | None  # None: no agent can run there
    servers: tuple[str, ...] = ()  # the CML or ORS machines that serve this device or workstation, defaults resolved
    vendor: str | None = None
    terminal: frozenset[str] = frozenset()  # embedded terminal kinds
    hardware: str | None = None  # professional or ultralight, for machines with role terminal
    printer: str | None = None  # the printer that a hardware terminal or card reader belongs to
    delivery: frozenset[str] = frozenset()  # raw, lpr, ipp; defaults resolved (unsaid: raw, lpr, and ipp if encrypted)
    scan: frozenset[str] = frozenset()  # smtp, webdav, smb, ftp; defaults resolved from the site's features
    local_monitor: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """An IP network of the site; `vantage` names the machine that stands in for those without an agent."""

    name: str
    cidr: str
    site: str | None = None
    vantage: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """One way of scanning; `server` is the site's own machine that takes the scans, None: SafeQ's."""

    server: str | None = None
    mode: Literal["active", "passive", "both"] | None = None  # FTP
    passive_ports: tuple[int, int] | None = None  # ftpPassivePorts, first and last
    active_ports: tuple[int, int] | None = None  # the MFD's own range


@dataclass(frozen=True, slots=True)
class RoamingGroup:
    """A near roaming group of ORS servers; `size` counts all of them, listed or not."""

    name: str
    members: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Features:
    """What the site uses; each switches rows of the page on."""

    cluster: bool = False
    ors: bool = False
    central_reporting: bool = False
    analysis_services: str | None = None  # machine with Analysis Services, None: the CRS machines
    workstation_client: bool = False
    client_protocol_level: int = 4  # 1-4
    client_ssl_proxy: bool = False  # useSSLProxy
    local_monitor: bool = False
    scan: Mapping[str, Scan] = field(default_factory=dict)  # keys smtp, webdav, smb, ftp
    encryption: bool = False
    payment: bool = False
    payment_quickchip: bool = False  # O05: not supported by SafeQ 5, asked only where the site says so
    ap_connector: bool = False
    etcd: bool = False
    job_roaming: bool = False
    near_roaming: tuple[RoamingGroup, ...] = ()
    load_balancing: bool = False
    preview: bool = False
    time_sync: bool = False
    firmware_updates: bool = False
    online_tracking: bool = True
    web_status: bool = True
    monitoring: bool = True
    print_server: Literal["used", "unused", "unsaid"] = "unsaid"  # the Print Server role on the CML servers
    ldap: frozenset[str] = frozenset()  # ldaps, ldap, global_catalog
    database: Literal["embedded", "mssql"] = "embedded"
    database_instance: str | None = None  # name of the external MS SQL instance


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole site."""

    file: str
    customer: str
    site_name: str
    timezone: str
    lab: str | None  # name of the lab world when this inventory describes the embedded lab
    features: Features
    sites: tuple[str, ...]
    machines: Mapping[str, Machine]
    networks: Mapping[str, Network]
    ports: Mapping[str, tuple[tuple[int, int], ...]]  # row id -> spans (first, last) that the site says are used
    snmp_community: SecretRef | None
    lines: Mapping[str, int] = field(default_factory=dict)  # dotted path in the inventory -> line
    digest: str = ""  # SHA-256 of what was read
    files: tuple[Path, ...] = ()  # further files that were read (CSV), so that a run can keep copies
    directories: tuple[Directory, ...] = ()  # user directories that are asked (LDAP)
    checklist: Checklist = field(default_factory=Checklist)  # what the site says about checklist items

    def with_role(self, *roles: str) -> list[Machine]:
        """Machines that hold any of the roles, in the inventory's order."""
        wanted = frozenset(roles)
        return [m for m in self.machines.values() if m.roles & wanted]

    def vantage_of(self, machine: Machine) -> Machine | None:
        """The machine that may stand in for this one: its network's vantage, unless that is the machine itself."""
        network = self.networks.get(machine.network or "")
        if network is None or network.vantage in (None, machine.name):
            return None
        return self.machines.get(network.vantage or "")
