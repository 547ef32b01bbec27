"""The least that a server needs: what the site says, and this suite's own figures where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from preflight.values.windows_systems import SERVERS

Measure = Literal["cores", "memory_gb", "free_gb", "systems"]
MEASURES: tuple[Measure, ...] = ("cores", "memory_gb", "free_gb", "systems")
DEFAULT_DISK = "C:"  # where the product goes when nobody says otherwise (C:\SafeQ5)


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least that a server needs; GB are 1024^3 bytes. `ours`: measures that nobody at the site has said."""

    cores: int = 4
    memory_gb: float = 8.0
    free_gb: float = 40.0
    systems: frozenset[str] = frozenset(name for build, name in SERVERS.items() if build >= 9600)
    disk: str = DEFAULT_DISK
    ours: frozenset[Measure] = frozenset(MEASURES)


OURS = Minimum()  # our own figures: the vendor's are in no public text
