"""What a server has against what it needs: the arithmetic of item C07."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from preflight.checks.server import Server
from preflight.facts.hardware import Hardware, enough_memory, gigabytes
from preflight.facts.windows import Windows
from preflight.values.hardware_minimum import Measure, Minimum

GB = 1024**3


@dataclass(slots=True)
class Compared:
    """What came of it, in words: short of the site's thresholds, of ours, not told, advice."""

    seen: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    short_of_ours: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


def compare(has: Hardware, windows: Windows, wanted: Minimum, *, installed: bool) -> Compared:
    """Each measure on its own. After installation little free disk is advice: the product's own data lies on it."""
    found = Compared(seen=list(_seen(has, windows, wanted)), untold=list(has.unread))
    for measure, words in _shortfalls(has, windows, wanted):
        if measure == "free_gb" and installed:
            found.advice.append(f"{words}; the product is on it already")
        elif measure in wanted.ours:
            found.short_of_ours.append(words)
        else:
            found.short.append(words)
    if windows.system is None:
        found.untold.append(f"{windows.words} is no system that this version knows")
    if has.disks is not None and has.free(wanted.disk) is None:
        found.untold.append(f"there is no fixed disk {wanted.disk} (there are: {_drives(has)})")
    return found


def block(server: Server) -> str:
    """What to write into the inventory, with what is there as an example."""
    role = next((r for r in ("cml", "ors", "mps", "crs") if r in server.machine.roles), "cml")
    return (
        "Get the figures for a site of this size from the vendor and write them into the inventory, like "
        f"checklist: {{hardware: {{{role}: {{cores: 4, memory_gb: 16, free_gb: 100, systems: [server-2019]}}}}}}"
    )


def _shortfalls(has: Hardware, windows: Windows, wanted: Minimum) -> Iterator[tuple[Measure, str]]:
    if has.cores is not None and has.cores < wanted.cores:
        logical = f" ({has.logical} logical)" if has.logical and has.logical != has.cores else ""
        yield "cores", f"{has.cores} cores{logical}, {wanted.cores} are asked for"
    if has.memory is not None and not enough_memory(has.memory, wanted.memory_gb):
        yield "memory_gb", f"{gigabytes(has.memory)} of memory, {wanted.memory_gb:g} GB are asked for"
    free = has.free(wanted.disk)
    if free is not None and free < wanted.free_gb * GB:
        best = has.roomiest()
        elsewhere = f"; {best.drive} has {gigabytes(best.free)}" if best and best.free >= wanted.free_gb * GB else ""
        where = f" (if the product goes there, write `disk: '{best.drive}'`)" if best and elsewhere else ""
        yield (
            "free_gb",
            f"{gigabytes(free)} free on {wanted.disk}, {wanted.free_gb:g} GB are asked for{elsewhere}{where}",
        )
    if windows.system is not None and windows.system not in wanted.systems:
        yield "systems", f"{windows.system}, and {', '.join(sorted(wanted.systems)) or 'no system at all'} is asked for"


def _seen(has: Hardware, windows: Windows, wanted: Minimum) -> Iterator[str]:
    yield windows.words + (f", a {windows.kind}" if windows.kind == "domain controller" else "")
    if has.cores is not None:
        yield f"{has.cores} cores" + (f" ({has.logical} logical)" if has.logical else "")
    if has.memory is not None:
        yield f"{gigabytes(has.memory)} of memory"
    free = has.free(wanted.disk)
    if free is not None:
        yield f"{gigabytes(free)} free on {wanted.disk}"
    if has.model:
        yield has.model


def _drives(has: Hardware) -> str:
    return ", ".join(disk.drive for disk in (has.disks or ())[:8])
