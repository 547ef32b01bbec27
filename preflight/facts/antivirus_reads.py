"""What is asked of a host about its antivirus, and our tables of products and of folders to spare."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

from preflight.agents.reads import CimRead, RegistryRead
from preflight.facts.own_tables import FOLDER, Entry
from preflight.facts.software import UNINSTALL32_READ, UNINSTALL_READ
from preflight.facts.windows_services import SERVICE_READS
from preflight.values.shipped_yaml import load as load_yaml

DEFENDER = r"HKLM\SOFTWARE\Microsoft\Windows Defender"
DEFENDER_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows Defender"
STATUS = CimRead(
    name="antivirus:status",
    namespace="root/Microsoft/Windows/Defender",
    class_name="MSFT_MpComputerStatus",
    properties=("AMServiceEnabled", "RealTimeProtectionEnabled"),
)
MODE = CimRead(  # by itself: an older class lacks it, and would refuse the whole question
    name="antivirus:mode",
    namespace="root/Microsoft/Windows/Defender",
    class_name="MSFT_MpComputerStatus",
    properties=("AMRunningMode",),
)
PREFERENCE = CimRead(
    name="antivirus:preference",
    namespace="root/Microsoft/Windows/Defender",
    class_name="MSFT_MpPreference",
    properties=("ExclusionPath", "DisableRealtimeMonitoring"),
)
POLICY = RegistryRead(
    name="antivirus:policy",
    path=DEFENDER_POLICY,
    values=("HideExclusionsFromLocalAdmins", "DisableAntiSpyware", "DisableRealtimeMonitoring", "ExcludedPaths"),
    subkeys=True,  # Real-Time Protection, and Policy Manager for what comes by MDM
)
REALTIME = RegistryRead(
    name="antivirus:realtime", path=rf"{DEFENDER}\Real-Time Protection", values=("DisableRealtimeMonitoring",)
)
EXCLUDED = RegistryRead(name="antivirus:excluded", path=rf"{DEFENDER}\Exclusions\Paths")
EXCLUDED_BY_POLICY = RegistryRead(name="antivirus:excluded_by_policy", path=rf"{DEFENDER_POLICY}\Exclusions\Paths")
READS = (
    STATUS,
    MODE,
    PREFERENCE,
    POLICY,
    REALTIME,
    EXCLUDED,
    EXCLUDED_BY_POLICY,
    *SERVICE_READS,
    UNINSTALL_READ,
    UNINSTALL32_READ,
)


class AntivirusProduct(Entry):
    """A product of another maker than Microsoft."""

    product: str
    services: list[str]
    names: list[str]


class SparedFolders(BaseModel):
    """Folders that an antivirus should spare, by role; ours, not the vendor's."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    roots: list[str]
    folders: dict[str, list[str]]
    database: str


def _read(name: str) -> Any:
    return load_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def antivirus_products() -> tuple[AntivirusProduct, ...]:
    """Raises ValidationError of pydantic, as the other one does, where the file, which is ours, is broken."""
    return tuple(AntivirusProduct.model_validate(entry) for entry in _read("antivirus_products")["products"])


@cache
def spared_folders() -> SparedFolders:
    """Our own list."""
    return SparedFolders.model_validate(_read("antivirus_folders"))
