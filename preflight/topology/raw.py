"""The keys of inventory.yaml as they are written: the one list of what exists, for checking and for JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from preflight.topology.model import EMBEDDED_TERMINALS, HARDWARE_TERMINALS, ROLES, WINRM_AUTHS
from preflight.topology.raw_base import Raw, ScanKind, Verify, listed_word
from preflight.topology.raw_base import RawSecret as RawSecret
from preflight.topology.raw_checklist import RawChecklist
from preflight.topology.raw_directory import Directories
from preflight.topology.raw_features import RawFeatures
from preflight.topology.scalars import (
    Address,
    Cidr,
    HostWord,
    Jump,
    Login,
    Name,
    Option,
    PathText,
    Ports,
    RowId,
    ShortText,
    Text,
    one_of,
)

LISTED_ROLES = {"printer": "printers", "terminal": "terminals", "card_reader": "card_readers"}
HOST_ROLES = tuple(r for r in ROLES if r not in LISTED_ROLES)


def _unmanaged(value: Any) -> Any:
    return None if value == "none" else value


Role = Annotated[
    str,
    one_of("role", HOST_ROLES, {r: f"is not for hosts; list the machine under `{k}`" for r, k in LISTED_ROLES.items()}),
]
Terminal = Annotated[str, one_of("embedded terminal", EMBEDDED_TERMINALS)]
Hardware = Annotated[str, one_of("hardware terminal", HARDWARE_TERMINALS)]
Delivery = Annotated[str, one_of("delivery", ("raw", "lpr", "ipp"))]
Roles = Annotated[
    list[Role], Field(min_length=1), BeforeValidator(listed_word, json_schema_input_type=Role | list[Role])
]
Names = Annotated[list[Name], BeforeValidator(listed_word, json_schema_input_type=Name | list[Name])]
Terminals = Annotated[list[Terminal], BeforeValidator(listed_word, json_schema_input_type=Terminal | list[Terminal])]
Deliveries = Annotated[list[Delivery], BeforeValidator(listed_word, json_schema_input_type=Delivery | list[Delivery])]
ScanKinds = Annotated[list[ScanKind], BeforeValidator(listed_word, json_schema_input_type=ScanKind | list[ScanKind])]


class RawManageDefaults(Raw):
    """Top-level `manage`: what hosts leave unsaid."""

    by: Annotated[str, one_of("way to manage", ("ssh", "winrm", "local", "lab"))] | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    user: Login | None = None
    password: RawSecret | None = None
    key_file: PathText | None = None
    ssh_config: PathText | None = None
    jump: Jump | None = None
    python: PathText | None = None
    sudo: bool | None = None
    options: Annotated[list[Option], Field(max_length=50)] | None = None
    https: bool | None = None
    auth: Annotated[str, one_of("way to log in", WINRM_AUTHS)] | None = None
    certificate: PathText | None = None
    certificate_key: PathText | None = None
    verify: Verify | None = None


class RawManage(RawManageDefaults):
    """A host's `manage`."""

    address: HostWord | None = None


class RawHost(Raw):
    """One of `hosts`."""

    roles: Roles
    address: Address
    site: Name | None = None
    network: Name | None = None
    manage: Annotated[
        RawManage | None, BeforeValidator(_unmanaged, json_schema_input_type=RawManage | Literal["none"])
    ] = Field(default_factory=RawManage)
    servers: Names | None = None
    local_monitor: bool = False


class RawDevice(Raw):
    """What printers, terminals and readers share."""

    name: Name
    address: Address
    site: Name | None = None
    network: Name | None = None
    servers: Names | None = None


class RawPrinter(RawDevice):
    """One of `printers`, or a row of its CSV."""

    vendor: ShortText | None = None
    terminal: Terminals | None = None
    delivery: Deliveries | None = None
    scan: ScanKinds | None = None


class RawPrinterFile(Raw):
    """An item of `printers` that names a CSV file."""

    csv: PathText


class RawTerminal(RawDevice):
    """One of `terminals`."""

    kind: Hardware
    printer: Name | None = None


class RawReader(RawDevice):
    """One of `card_readers`."""

    printer: Name | None = None


class RawNetwork(Raw):
    """One of `networks`."""

    cidr: Cidr
    site: Name | None = None
    vantage: Name | None = None


class RawSnmp(Raw):
    """`snmp`."""

    community: RawSecret | None = None


class RawInventory(Raw):
    """inventory.yaml as a whole."""

    customer: Text
    site: Text
    timezone: ShortText = "UTC"
    lab: Name | None = None
    manage: RawManageDefaults = Field(default_factory=RawManageDefaults)
    features: RawFeatures = Field(default_factory=RawFeatures)
    ports: dict[RowId, Ports] = Field(default_factory=dict)
    networks: dict[Name, RawNetwork] = Field(default_factory=dict)
    sites: Annotated[list[Name], Field(min_length=1)] = Field(default_factory=lambda: ["main"])
    hosts: Annotated[dict[Name, RawHost], Field(min_length=1)]
    printers: list[RawPrinter | RawPrinterFile] = Field(default_factory=list)
    terminals: list[RawTerminal] = Field(default_factory=list)
    card_readers: list[RawReader] = Field(default_factory=list)
    snmp: RawSnmp = Field(default_factory=RawSnmp)
    directory: Directories = Field(default_factory=list)
    checklist: RawChecklist = Field(default_factory=RawChecklist)
