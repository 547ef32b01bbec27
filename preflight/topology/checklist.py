"""What the site says for the checklist's items: one field a group of items; what is unsaid is left to the item."""

from __future__ import annotations

from dataclasses import dataclass, field

from preflight.topology.checklist_antivirus import AntivirusWish
from preflight.topology.checklist_database import ExternalDatabase
from preflight.topology.checklist_hardware import Hardware
from preflight.topology.checklist_interfering import Interfering
from preflight.topology.checklist_shares import SharedFolder
from preflight.topology.checklist_software import AgreedSoftware
from preflight.values.version_table import VersionTable


@dataclass(frozen=True, slots=True)
class Checklist:
    """`checklist` of the inventory."""

    software: tuple[AgreedSoftware, ...] | None = None  # None: the site has no list yet
    antivirus: AntivirusWish = field(default_factory=AntivirusWish)
    interfering: Interfering = field(default_factory=Interfering)
    shares: tuple[SharedFolder, ...] = ()
    database: ExternalDatabase | None = None  # None: the site has not said
    hardware: Hardware = field(default_factory=Hardware)
    browsers: VersionTable = field(default_factory=VersionTable)
    patches: VersionTable = field(default_factory=VersionTable)
    ask_windows_update: bool = False  # whether Windows Update itself is asked what is outstanding
