"""Which Windows a host runs: build, revision and kind, out of the registry. And what other facts of Windows share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preflight.agents.reads import RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import RegistryKey, registry_key
from preflight.values.windows_systems import CLIENTS, SERVERS

NT = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
VERSION_VALUES = ("CurrentBuildNumber", "UBR", "ProductName", "InstallationType")
VERSION = RegistryRead(name="windows:version", path=NT, values=VERSION_VALUES)
KIND = RegistryRead(
    name="windows:kind", path=r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions", values=("ProductType",)
)
Kind = Literal["server", "domain controller", "client", "unknown"]
_KINDS: dict[str, Kind] = {"servernt": "server", "lanmannt": "domain controller", "winnt": "client"}
LONGEST = 200  # characters of a host's text that a report repeats


@dataclass(frozen=True, slots=True)
class Windows:
    """The system: CurrentBuildNumber, UBR (None: the key has none), and what kind of machine it is."""

    build: int
    revision: int | None
    kind: Kind
    product: str  # "Windows Server 2019 Datacenter"; Windows 11 calls itself Windows 10 here
    core: bool

    @property
    def system(self) -> str | None:
        """Its name as an inventory writes it (server-2019), None for a build that nobody here knows."""
        if self.kind == "unknown":
            return None
        return (CLIENTS if self.kind == "client" else SERVERS).get(self.build)

    @property
    def words(self) -> str:
        """For a report."""
        revision = "" if self.revision is None else f".{self.revision}"
        return f"{self.product or 'Windows'}, build {self.build}{revision}" + (", Server Core" if self.core else "")


def need_windows(told: Told, what: str) -> None:
    """Raises UnobservedError on a host that does not run Windows: `what` is not read there."""
    value = told.value("system")
    family = value.get("family") if isinstance(value, dict) else None
    if family != "windows":
        raise UnobservedError(
            f"{told.host} does not run Windows ({clipped(family)}): {what} can be read on Windows only",
            "Look at it by hand, and attest the item.",
        )


def whole(value: object) -> int | None:
    """A whole number that came as a number or as digits, None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 25:
        return int(value)
    return None


def clipped(value: object) -> str:
    """A host's text for a report."""
    return str(value)[:LONGEST] if isinstance(value, str) else "untold"


def _windows(told: Told) -> Windows:
    need_windows(told, "its build")
    values = (registry_key(told, VERSION.name) or RegistryKey()).values
    build = whole(values.get("CurrentBuildNumber"))
    if not build:
        raise UnobservedError(f"{told.host} does not tell its build ({NT}: CurrentBuildNumber)", "Look at it by hand.")
    said = (registry_key(told, KIND.name) or RegistryKey()).values.get("ProductType")
    installed = values.get("InstallationType")
    kind = _KINDS.get(said.lower(), "unknown") if isinstance(said, str) else "unknown"
    if kind == "unknown" and installed in ("Server", "Server Core", "Client"):
        kind = "client" if installed == "Client" else "server"
    product = values.get("ProductName")
    return Windows(
        build,
        whole(values.get("UBR")),
        kind,
        clipped(product) if isinstance(product, str) else "",
        installed == "Server Core",
    )


WINDOWS = FactKind("windows", _windows, (VERSION, KIND), rests_on=("system",))
