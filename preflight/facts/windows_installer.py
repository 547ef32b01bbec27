"""The version of Windows Installer: that of its library msi.dll, by its numeric parts."""

from __future__ import annotations

from preflight.agents.reads import FileRead
from preflight.facts.model import FactKind, Told, UnobservedError

MSI_READ = FileRead(name="windows_installer:msi", path=r"%SystemRoot%\System32\msi.dll")


def parse_version(told: Told) -> tuple[int, ...]:
    """As (5, 0, 17763, 1). Raises UnobservedError where the file is not there or tells no version."""
    value = told.value(MSI_READ.name)
    if not isinstance(value, dict) or value.get("exists") is not True:
        raise UnobservedError(f"{told.host} has no {MSI_READ.path}", "Look at it by hand: Windows always has one.")
    parts = value.get("version")
    if not isinstance(parts, list) or len(parts) < 2 or not all(type(p) is int and 0 <= p < 65536 for p in parts):
        raise UnobservedError(f"{MSI_READ.path} of {told.host} tells no version", "Look at it by hand, and attest it.")
    return tuple(parts[:4])


WINDOWS_INSTALLER = FactKind("windows_installer", parse_version, reads=(MSI_READ,))
