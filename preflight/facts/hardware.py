"""Cores, memory and free disk of a Windows host, by CIM. GB are 1024^3 bytes, as Windows counts them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from preflight.agents.reads import CimRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.windows import clipped, need_windows, whole

PROCESSORS = CimRead(
    name="hardware:processors",
    class_name="Win32_Processor",
    properties=("NumberOfCores", "NumberOfLogicalProcessors"),
)
COMPUTER = CimRead(
    name="hardware:computer",
    class_name="Win32_ComputerSystem",
    properties=("TotalPhysicalMemory", "Manufacturer", "Model"),
)
DISKS = CimRead(
    name="hardware:disks",
    class_name="Win32_LogicalDisk",
    properties=("DeviceID", "Size", "FreeSpace"),
    where="DriveType=3",
)
GB = 1024**3
# TotalPhysicalMemory lacks what firmware and devices keep back: a machine sold with 8 GB shows 7.8.
KEPT_BACK = 0.05
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Disk:
    """A local fixed disk; bytes."""

    drive: str  # C:
    free: int
    size: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the host has; None where it could not be told, and `unread` says why."""

    cores: int | None
    logical: int | None
    memory: int | None  # bytes
    disks: tuple[Disk, ...] | None
    model: str
    unread: tuple[str, ...] = ()

    def free(self, drive: str) -> int | None:
        """Free bytes of a drive, None where there is no such disk."""
        return next((disk.free for disk in self.disks or () if disk.drive.upper() == drive.upper()), None)

    def roomiest(self) -> Disk | None:
        """The disk with most room."""
        return max(self.disks or (), key=lambda disk: disk.free, default=None)


def gigabytes(count: int) -> str:
    """7.8 GB"""
    return f"{count / GB:.1f}".removesuffix(".0") + " GB"


def enough_memory(count: int, wanted_gb: float) -> bool:
    """Whether that much memory, shown by Windows, is what was asked for."""
    return count >= wanted_gb * GB * (1 - KEPT_BACK)


def _hardware(told: Told) -> Hardware:
    need_windows(told, "its hardware")
    unread: list[str] = []
    processors = _rows(told, PROCESSORS, unread)
    computers = _rows(told, COMPUTER, unread)
    memory = _tried(lambda: _total(computers, "TotalPhysicalMemory", COMPUTER.class_name), unread)
    cores = _tried(lambda: _total(processors, "NumberOfCores", PROCESSORS.class_name), unread)
    logical = _tried(lambda: _total(processors, "NumberOfLogicalProcessors", PROCESSORS.class_name), [])
    disks = _tried(lambda: _disks(_rows(told, DISKS, unread)), unread)
    model = " ".join(clipped(computers[0].get(key)) for key in ("Manufacturer", "Model")) if computers else ""
    return Hardware(cores, logical, memory, disks, model, tuple(unread))


def _rows(told: Told, read: CimRead, unread: list[str]) -> list[dict[str, Any]] | None:
    """The instances; None, with the reason noted, where they could not be had."""
    try:
        rows = told.value(read.name)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnobservedError(f"what {told.host} told of {read.class_name} has not the shape of instances")
    except UnobservedError as error:
        unread.append(error.reason)
        return None
    return rows


def _tried(take: Callable[[], T | None], unread: list[str]) -> T | None:
    try:
        return take()
    except UnobservedError as error:
        unread.append(error.reason)
        return None


def _total(rows: list[dict[str, Any]] | None, key: str, class_name: str) -> int | None:
    """The sum over sockets; a socket that does not tell makes it unknown."""
    if rows is None:
        return None
    numbers = [whole(row.get(key)) for row in rows]
    if not numbers or any(number is None or number <= 0 for number in numbers):
        raise UnobservedError(f"{class_name} tells no {key}")
    return sum(number or 0 for number in numbers)


def _disks(rows: list[dict[str, Any]] | None) -> tuple[Disk, ...] | None:
    if rows is None:
        return None
    found = []
    for row in rows:
        drive, free, size = row.get("DeviceID"), whole(row.get("FreeSpace")), whole(row.get("Size"))
        if isinstance(drive, str) and free is not None and size:  # a locked or unformatted volume has no size
            found.append(Disk(clipped(drive), free, size))
    if not found:
        raise UnobservedError("Win32_LogicalDisk tells of no fixed disk that can be read")
    return tuple(found)


HARDWARE = FactKind("hardware", _hardware, (PROCESSORS, COMPUTER, DISKS), rests_on=("system",))
