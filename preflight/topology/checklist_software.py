"""`checklist.software`: what the vendor has agreed to, as written and as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from preflight.topology.nearest import shown
from preflight.topology.problems import Place, Problems
from preflight.topology.raw_base import Raw
from preflight.topology.scalars import Text, matching
from preflight.values.matching import RANGE_PATTERN, VersionRange, glob_matches

OPEN = "?"  # what the ready block of a report has where only the site can tell: it must be filled in
Range = Annotated[str, matching("a range of versions", RANGE_PATTERN, "one like `>=8.0, <10`, `9.*` or `9.0.1`")]


class RawSoftware(Raw):
    """One of `checklist.software`."""

    name: Text
    vendor: Text | None = None
    versions: Range | None = None
    agreed: Text


@dataclass(frozen=True, slots=True)
class AgreedSoftware:
    """Software that may be there, and where that was agreed; name and vendor are globs."""

    name: str
    agreed: str
    vendor: str = "*"
    versions: VersionRange | None = None

    def covers(self, name: str, vendor: str, version: str) -> bool:
        """Whether this program, by name, vendor and version, is what was agreed to."""
        return self.names(name, vendor) and (self.versions is None or self.versions.holds(version))

    def names(self, name: str, vendor: str) -> bool:
        """The same in any version."""
        return glob_matches(self.name, name) and glob_matches(self.vendor, vendor)


def resolve_software(
    written: Sequence[RawSoftware] | None, at: Place, problems: Problems
) -> tuple[AgreedSoftware, ...] | None:
    """The agreed list; None where the site has not said. Notes an entry that is not filled in, or allows everything."""
    if written is None:
        return None
    for index, entry in enumerate(written):
        if entry.agreed.strip() == OPEN:
            problems.add(at.of(index, "agreed"), "not filled in; write who agreed to it and where that stands")
        if not entry.name.strip("*? ") and not (entry.vendor or "").strip("*? "):
            problems.add(at.of(index, "name"), f"{shown(entry.name)} agrees to everything; name the software")
    return tuple(
        AgreedSoftware(e.name, e.agreed, e.vendor or "*", VersionRange(e.versions) if e.versions else None)
        for e in written
    )
