"""Installed software of a Windows host, as Windows lists it for uninstalling, in both views of the registry.

Never by Win32_Product: that class repairs every package that it lists. Software of one user only is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from preflight.agents.reads import RegistryRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.registry_key import registry_key
from preflight.facts.windows import need_windows, whole
from preflight.facts.windows_services import plain

VALUES = (
    "DisplayName",
    "DisplayVersion",
    "Publisher",
    "InstallLocation",
    "SystemComponent",
    "ParentKeyName",
    "ParentDisplayName",
    "ReleaseType",
)
UNINSTALL_READ = RegistryRead(
    name="software:uninstall",
    path=r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    values=VALUES,
    subkeys=True,
)
UNINSTALL32_READ = RegistryRead(
    name="software:uninstall32",
    path=r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
    values=VALUES,
    subkeys=True,
)
_UPDATES = {"update", "hotfix", "security update", "service pack", "servicepack", "update rollup"}
_PATCH_KEY = re.compile(r"KB[0-9]{6,8}\b|.*\}(?:\.KB[0-9]{6,8}|_\w+\.KB[0-9]{6,8})\Z", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Program:
    """An entry of the list, as it is written there."""

    name: str
    version: str = ""
    vendor: str = ""
    folder: str = ""  # InstallLocation: many leave it out

    def __str__(self) -> str:
        version = "" if not self.version or self.version in self.name else f" {self.version}"
        return f"{self.name}{version}" + (f" ({self.vendor})" if self.vendor else "")


@dataclass(frozen=True, slots=True)
class Software:
    """What is installed for the whole machine, each once, by name; how many entries are no software of their own."""

    programs: tuple[Program, ...]
    hidden: int  # SystemComponent=1: parts of something else
    updates: int
    untold: str = ""  # why it is not all of it; empty: it is


def parse_software(told: Told) -> Software:
    """Raises UnobservedError where either view is not known: half of the list would look like all of it."""
    need_windows(told, "the list of installed software")
    wide = registry_key(told, UNINSTALL_READ.name, part=True)
    narrow = registry_key(told, UNINSTALL32_READ.name, part=True)
    untold = [told.part(read.name).reason for read in (UNINSTALL_READ, UNINSTALL32_READ) if told.remark(read.name)]
    if wide is None and narrow is None:
        raise UnobservedError(
            f"{told.host} has no list of installed software ({UNINSTALL_READ.path})", "Look at it by hand."
        )
    programs: dict[tuple[str, str, str], Program] = {}
    hidden = updates = 0
    for view in (wide, narrow):
        for key, values in (view.subkeys if view else {}).items():
            name = plain(values.get("DisplayName"))
            if not name:
                continue  # a rest of an uninstallation, or a component that shows itself nowhere
            if whole(values.get("SystemComponent")) == 1:
                hidden += 1
            elif _is_update(key, values):
                updates += 1
            else:
                program = Program(
                    name,
                    plain(values.get("DisplayVersion")),
                    plain(values.get("Publisher")),
                    plain(values.get("InstallLocation")).strip('"'),
                )
                # Some installers write themselves into both views.
                programs.setdefault((name.casefold(), program.version, program.vendor.casefold()), program)
    return Software(tuple(sorted(programs.values())), hidden, updates, "; ".join(untold))


def _is_update(key: str, values: Mapping[str, Any]) -> bool:
    belongs = plain(values.get("ParentKeyName")) or plain(values.get("ParentDisplayName"))
    release = plain(values.get("ReleaseType")).casefold()
    return bool(belongs) or release in _UPDATES or _PATCH_KEY.match(key[:200]) is not None


SOFTWARE = FactKind("software", parse_software, (UNINSTALL_READ, UNINSTALL32_READ), rests_on=("system",))
