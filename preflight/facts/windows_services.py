"""All services of a Windows host: what is installed and runs there beside the product. Other facts build on it."""

from __future__ import annotations

import ntpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from preflight.agents.reads import CimRead
from preflight.facts.model import FactKind, Told, UnobservedError
from preflight.facts.service_keys import SERVICE_KEYS_READ, need_all_services
from preflight.facts.standing import lines
from preflight.values.matching import glob_matches

SERVICES_READ = CimRead(
    name="windows_services:cim",
    class_name="Win32_Service",
    properties=("Name", "DisplayName", "State", "StartMode", "ProcessId", "PathName"),
)
SERVICE_READS = (SERVICES_READ, SERVICE_KEYS_READ)  # with the standing fact `system`: all that parse_services rests on
OWN_FOLDERS = ("*safeq*", "ysoft*", "y soft*")  # what a folder that is all the product's is called
LONGEST = 300  # characters of a name or a path that are kept: a host may tell anything


@dataclass(frozen=True, slots=True)
class WindowsService:
    """A service as Win32_Service tells it; State and StartMode are never localised."""

    name: str
    display: str
    state: str  # Running, Stopped, ...
    start: str  # Auto, Manual, Disabled, Boot, System
    pid: int | None  # of the process that runs it; several services may share one
    program: str  # the executable of its command line

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.state == "Running"

    def __str__(self) -> str:
        state = self.state.lower() or "state unknown"
        start = {"auto": "automatic"}.get(self.start.lower(), self.start.lower())
        return f"{self.name} ({state}, start {start or 'unknown'}, {self.program or 'path unknown'})"


def parse_services(told: Told) -> tuple[WindowsService, ...]:
    """The services, in the host's order.

    Raises UnobservedError where they were not told, or not all of them; a Windows host without any told nothing.
    """
    found = [_service(line) for line in lines(told.whole(SERVICES_READ.name), "services")]
    named = tuple(service for service in found if service.name)
    if not named:
        raise UnobservedError(f"{told.host} told no service at all", "Look at its management interface (WMI).")
    need_all_services(told, (service.name for service in named))
    return named


def plain(value: Any) -> str:
    """A text out of an answer, one line and no longer than is told to a person; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:LONGEST]).strip()


def program_of(command: str) -> str:
    r"""The executable of a command line: "C:\a b\x.exe" -k -> C:\a b\x.exe."""
    text = command.strip()
    if text.startswith('"'):
        return text[1:].partition('"')[0]
    end = text.lower().find(".exe")
    return text[: end + 4] if end > 0 else text.partition(" ")[0]


def alike(text: str, patterns: Iterable[str]) -> bool:
    """Whether a text is one of some names, in which * and ? stand for anything, without case."""
    return any(glob_matches(pattern, text) for pattern in patterns)


def folders_of(programs: Iterable[str]) -> tuple[str, ...]:
    r"""The folders that the product lies in, each once, in lower case: D:\Apps\SafeQ5, by the name that it bears.

    Where none of a path's folders is called so: C:\Product, or C:\Program Files\Product.
    """
    found: dict[str, None] = {}
    for program in programs:
        drive, path = ntpath.splitdrive(program.casefold().replace("/", "\\"))
        parts = [part for part in path.split("\\") if part]
        named = next((at for at, part in enumerate(parts[:-1]) if alike(part, OWN_FOLDERS)), None)
        depth = 2 if parts and parts[0].startswith(("program files", "programme", "progra~")) else 1
        depth = depth if named is None else named + 1
        if drive and len(parts) > depth and parts[0] != "windows":
            found["\\".join([drive, *parts[:depth]])] = None
    return tuple(found)


def inside(program: str, folders: Sequence[str]) -> bool:
    """Whether a program lies in one of the folders that `folders_of` gave."""
    path = program.casefold().replace("/", "\\")
    return any(path.startswith(folder + "\\") for folder in folders)


def _service(line: dict[str, Any]) -> WindowsService:
    pid = line.get("ProcessId")
    return WindowsService(
        name=plain(line.get("Name")),
        display=plain(line.get("DisplayName")),
        state=plain(line.get("State")),
        start=plain(line.get("StartMode")),
        pid=pid if type(pid) is int and pid > 0 else None,
        program=program_of(plain(line.get("PathName"))),
    )


WINDOWS_SERVICES = FactKind("windows_services", parse_services, reads=SERVICE_READS, rests_on=("system",))
