"""The YAML of worlds and scenarios: what may stand there, and reading it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from preflight.errors import InputError
from preflight.lab.wsman.faults import FaultKind
from preflight.values.shipped_yaml import YAMLError
from preflight.values.shipped_yaml import load as load_yaml

HERE = Path(__file__).parent
WORLDS = HERE / "worlds"
SCENARIOS = HERE / "scenarios"
TOLD = HERE / "told"


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _ports(value: object) -> object:
    """80, "50000-50015" or a list of both -> sorted port numbers."""
    ports: set[int] = set()
    for item in value if isinstance(value, list) else [value]:
        first, _, last = str(item).partition("-")
        ports.update(range(int(first), int(last or first) + 1))
    if not all(0 < port < 65536 for port in ports):
        raise ValueError("a port is a number from 1 to 65535")
    return tuple(sorted(ports))


Who = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Ports = Annotated[tuple[int, ...], BeforeValidator(_ports)]
# How a packet is treated; `reject` is ICMP "administratively prohibited", `reject-rst` looks like a closed port.
Treatment = Literal["drop", "reject", "reject-rst", "translate", "proxy", "allow"]
Speech = Literal["snmp", "ssrp", "ldap", "smtp", "time", "tls"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SystemEntry(_Entry):
    """What the fact `system` says of a machine, its name apart."""

    family: Literal["linux", "windows", "macos", "other"]
    name: str
    version: str
    architecture: str = "x86_64"
    user: str
    elevated: bool = True
    may_read: bool = False  # Windows: that no administrator may ask the management interface (CIM) all the same


class OpensEntry(_Entry):
    """Ports that are held open alike."""

    tcp: Ports = ()
    udp: Ports = ()
    bind: str = "0.0.0.0"  # noqa: S104 - the simulated service's address, nothing is bound here
    speaks: Speech | None = None
    certificate: str | None = None  # PEM: what is shown where it speaks tls, if not the machine's


class ListensEntry(OpensEntry):
    """Ports that one process of a machine holds open."""

    process: str = "service"
    path: str | None = None
    service: str | None = None
    pid: int | None = None  # None: a number is made up


class FirewallEntry(_Entry):
    """A host's own firewall. Where it is on, a port with nobody behind it is silent, as on Windows."""

    on: bool
    inbound: Literal["any"] | Ports = "any"


class InstanceEntry(_Entry):
    """One SQL Server instance that the SQL browser tells of."""

    name: str
    tcp: int | None
    version: str = "15.0.2000.5"


class WinRmEntry(_Entry):
    """How a Windows machine of the lab is reached over WinRM, and what is wrong with it there."""

    https: bool = False
    fault: FaultKind | None = None
    certificate: Literal["good", "untrusted", "expired", "wrong-name"] = "good"


class MachineEntry(_Entry):
    """A layer laid over every machine that `who` matches; later layers win, port by port."""

    who: Who
    system: str | None = None
    reach: Literal["up", "no-management", "down"] | None = None
    firewall: FirewallEntry | None = None
    listens: tuple[ListensEntry, ...] = ()
    beside: tuple[ListensEntry, ...] = ()  # the same on one address (`bind`), where another process has the port on all
    silent: Ports = ()  # takes ports of earlier layers away again
    product: Literal["absent", "installed"] | None = None
    stopped: Who = ()  # services that are installed and do not run
    excluded: Ports = ()  # ports that Windows keeps back: nobody can bind them
    snmp: dict[str, str | int] = {}  # OID -> value; a text that starts with "oid:" is an OBJECT IDENTIFIER
    banner: str | None = None  # SMTP greeting
    naming_context: str | None = None  # LDAP root DSE
    certificate: str | None = None  # PEM: what is shown where a port speaks tls
    instances: tuple[InstanceEntry, ...] | None = None
    clock_skew_s: float | None = None
    language_mode: str | None = None  # of PowerShell there: ConstrainedLanguage stops every agent
    winrm: WinRmEntry | None = None
    told: dict[str, Any] = {}  # what reads find there, by the read's name: a value, or {status: denied, detail: ...}
    told_after: dict[str, Any] = {}  # the same, where the product is installed


class ServiceEntry(_Entry):
    """A service of the product: on which roles it is installed, and the ports that it opens there."""

    service: str
    display: str
    on: Who
    process: str
    path: str
    opens: tuple[OpensEntry, ...] = ()


class RuleEntry(_Entry):
    """What the network, or the destination's own firewall, does to a flow; the first that matches decides."""

    source: Who = Field(alias="from")
    destination: Who = Field(alias="to")
    protocol: Literal["tcp", "udp", "any"] = "any"
    ports: Ports | None = None  # None: all
    do: Treatment
    where: Literal["network", "host"] = "network"
    as_: str | None = Field(default=None, alias="as")  # address that the destination sees (translate)


class ConnectionEntry(_Entry):
    """Connections of real devices that stand in the server's TCP table while the service runs."""

    source: Who = Field(alias="from")
    destination: Who = Field(alias="to")
    port: int


class ScenarioFile(_Entry):
    """A patch on the world; its rules come before the world's own."""

    title: str
    machines: tuple[MachineEntry, ...] = ()
    rules: tuple[RuleEntry, ...] = ()
    connections: tuple[ConnectionEntry, ...] = ()
    site: dict[str, Any] = {}  # what the suite's own machine is told, by key (database:cml1): a value, or {status: ...}
    site_over: dict[str, dict[str, Any]] = {}  # single values laid over that, by path (users/attributes/login/missing)


class ToldFile(_Entry):
    """What the world's machines tell of one fact: layers between the world's own and a scenario's."""

    machines: tuple[MachineEntry, ...] = ()
    site: dict[str, Any] = {}


class WorldFile(ScenarioFile):
    """A whole world."""

    systems: dict[str, SystemEntry]
    product: tuple[ServiceEntry, ...] = ()


Model = TypeVar("Model", bound=_Entry)


def read(path: Path, model: type[Model]) -> Model:
    """One YAML file as its model. Raises InputError that names file and field."""
    try:
        data: Any = load_yaml(path.read_text(encoding="utf-8"))
        return model.model_validate(data)
    except YAMLError as error:
        raise InputError(f"{path}: not readable as YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise InputError("\n".join(lines)) from error


def names(folder: Path) -> list[str]:
    """Names of the YAML files of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))
